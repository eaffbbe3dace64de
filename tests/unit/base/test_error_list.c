/** Errors keep their places, are counted beyond what is kept, and cannot speak to a terminal. */
#include "base/error_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct error_list errors;

static const char *text_of(const char *text)
{
    errors.count = 0;
    error_list_add(&errors, STATUS_INVALID, NULL, 0, 0, "%s", text);
    return errors.errors[0].text;
}

static void texts_are_made_printable(void **state)
{
    (void)state;
    assert_string_equal(text_of("żółć ok €  𝄞"), "żółć ok €  𝄞");
    assert_string_equal(text_of("a\x1b[31m\nb\x7f"), "a?[31m?b?");
    assert_string_equal(text_of("\xff\xc0\x80 \xe2\x82"), "??? ??");
    assert_string_equal(text_of("\xed\xa0\x80 \xc2\x9b \xf4\x90\x80\x80"), "??? ?? ????");
    assert_string_equal(text_of("\xe0\x80\x80 \xf0\x80\x80\x80"), "??? ????");
}

static void a_character_cut_by_the_room_is_replaced(void **state)
{
    (void)state;
    char text[600];
    memset(text, 'x', sizeof text);
    for (size_t start = 240; start < 256; start++) {
        memset(text, 'x', sizeof text);
        memcpy(text + start, "𝄞", 4);
        text[300] = 0;
        const char *kept = text_of(text);
        assert_true(kept[254] == 'x' || kept[254] == '?' || start + 3 == 254);
    }
}

static void more_than_fit_are_counted(void **state)
{
    (void)state;
    errors.count = 0;
    for (int index = 0; index < ERROR_LIST_MAX + 7; index++)
        error_list_add(&errors, STATUS_INVALID, "f", 1, 2, "e%d", index);
    assert_int_equal(errors.count, ERROR_LIST_MAX + 7);
    assert_int_equal(error_list_kept(&errors), ERROR_LIST_MAX);
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    error_list_print(&errors, stream);
    fclose(stream);
    assert_int_equal(strncmp(text, "f:1:2: e0\nf:1:2: e1\n", 20), 0);
    assert_non_null(strstr(text, "e99\nand 7 more errors\n"));
    free(text);
}

static void sorting_follows_places_within_a_file(void **state)
{
    (void)state;
    const uint32_t places[][2] = {{3, 1}, {1, 9}, {1, 2}, {2, 5}, {0, 0}};
    errors.count = 0;
    error_list_add(&errors, STATUS_INVALID, "a", 9, 9, "first file");
    for (size_t index = 0; index < 5; index++)
        error_list_add(&errors, STATUS_INVALID, "b", places[index][0], places[index][1], "x");
    error_list_sort(&errors);
    assert_string_equal(errors.errors[0].file, "a");
    for (uint32_t index = 2; index < errors.count; index++)
        assert_true(errors.errors[index - 1].line * 100 + errors.errors[index - 1].column <
                    errors.errors[index].line * 100 + errors.errors[index].column);
}

static void lists_join_in_order_and_count_what_has_no_room(void **state)
{
    (void)state;
    static struct error_list more;
    errors.count = more.count = 0;
    for (int index = 0; index < ERROR_LIST_MAX - 1; index++)
        error_list_add(&errors, STATUS_INVALID, "f", 1, 2, "a%d", index);
    for (int index = 0; index < ERROR_LIST_MAX + 5; index++)
        error_list_add(&more, STATUS_INVALID, "g", 3, 4, "b%d", index);
    error_list_append(&errors, &more);
    assert_int_equal(errors.count, 2 * ERROR_LIST_MAX + 4);
    assert_string_equal(errors.errors[ERROR_LIST_MAX - 2].text, "a98");
    assert_string_equal(errors.errors[ERROR_LIST_MAX - 1].text, "b0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_made_printable),
        cmocka_unit_test(a_character_cut_by_the_room_is_replaced),
        cmocka_unit_test(sorting_follows_places_within_a_file),
        cmocka_unit_test(more_than_fit_are_counted),
        cmocka_unit_test(lists_join_in_order_and_count_what_has_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
