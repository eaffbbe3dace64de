/**
 * The schema of rule files describes every key of the loader, takes the shipped packs and refuses
 * what the loader refuses.
 * Method: python3-jsonschema judges; without it the test is skipped.
 */
#include "workbench/rule_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char buffer[RULE_SCHEMA_BYTES_MAX];

static void the_schema_takes_the_shipped_packs_and_refuses_faults(void **state)
{
    (void)state;
    char path[] = "/tmp/redress-schema-XXXXXX";
    char command[1024];
    struct json_writer json;
    json_start(&json, buffer, sizeof buffer);
    assert_int_equal(rule_schema_write(&json), STATUS_OK); /* each of the loader's keys is known */
    assert_false(json.overflow);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, buffer, json.size), json.size);
    close(fd);
    snprintf(command, sizeof command,
             "/usr/bin/python3 " REDRESS_SOURCE_DIR "/tests/unit/workbench/check_rule_schema.py "
             "%s " REDRESS_SOURCE_DIR "/rules",
             path);
    int status = system(command);
    unlink(path);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_takes_the_shipped_packs_and_refuses_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
