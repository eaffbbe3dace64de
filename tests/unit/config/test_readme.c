/** The README's configuration is one that the engine takes: its very block is cut out and loaded.
 */
#include "config/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char text[64 * 1024];

static void read_readme(void)
{
    FILE *file = fopen(REDRESS_SOURCE_DIR "/README.md", "re");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
}

static void the_configuration_in_the_readme_loads(void **state)
{
    (void)state;
    struct error_list errors = {0};
    read_readme();
    char *start = strstr(text, "```yaml\n");
    assert_non_null(start);
    start += strlen("```yaml\n");
    char *end = strstr(start, "```");
    assert_non_null(end);
    struct settings *settings = settings_load_bytes("README.md", REDRESS_SOURCE_DIR, start,
                                                    (size_t)(end - start), NULL, &errors);
    error_list_print(&errors, stderr);
    assert_non_null(settings);
    assert_int_equal(settings->channel_count, 2);
    assert_int_equal(settings->queue_count, 2);
    settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_configuration_in_the_readme_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
