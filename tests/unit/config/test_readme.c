/**
 * What the README shows works: its configuration is cut out and loaded by the engine's own loader,
 * its C program is the file in docs/examples word for word, which is compiled here.
 */
#define main example_main
#include "../docs/examples/frontline_reader.c"
#undef main

#include "config/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char readme[64 * 1024];
static char example[64 * 1024];

static void read_file(const char *path, char *text, size_t text_max)
{
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t size = fread(text, 1, text_max - 1, file);
    text[size] = '\0';
    fclose(file);
}

/* The first block of that language, without its fences. */
static char *cut_block(const char *fence, size_t *size)
{
    read_file(REDRESS_SOURCE_DIR "/README.md", readme, sizeof readme);
    char *start = strstr(readme, fence);
    assert_non_null(start);
    start += strlen(fence);
    char *end = strstr(start, "```");
    assert_non_null(end);
    *size = (size_t)(end - start);
    return start;
}

static void the_configuration_in_the_readme_loads(void **state)
{
    (void)state;
    struct error_list errors = {0};
    size_t size;
    char *block = cut_block("```yaml\n", &size);
    struct settings *settings =
        settings_load_bytes("README.md", REDRESS_SOURCE_DIR, block, size, NULL, &errors);
    error_list_print(&errors, stderr);
    assert_non_null(settings);
    assert_int_equal(settings->channel_count, 2);
    assert_int_equal(settings->queue_count, 2);
    settings_free(settings);
}

static void the_program_in_the_readme_is_the_one_that_is_compiled(void **state)
{
    (void)state;
    size_t size;
    char *block = cut_block("```c\n", &size);
    block[size] = '\0';
    read_file(REDRESS_SOURCE_DIR "/docs/examples/frontline_reader.c", example, sizeof example);
    assert_string_equal(block, example);
}

static void the_program_says_when_no_engine_listens(void **state)
{
    (void)state;
    char *arguments[] = {"example", "/nowhere/frontline.sock", NULL};
    assert_int_equal(example_main(2, arguments), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_configuration_in_the_readme_loads),
        cmocka_unit_test(the_program_in_the_readme_is_the_one_that_is_compiled),
        cmocka_unit_test(the_program_says_when_no_engine_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
