/*
 * Goal:   PCRE2 sees the view's letters as letters, in every class it has.
 * Method: the start-up check itself, on good tables and on tables with one bit turned.
 */
#include "classify/pattern/character_tables.h"

#include "text/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void every_class_agrees_with_the_view_on_all_bytes(void **state)
{
    (void)state;
    struct character_tables tables;
    character_tables_fill(&tables);
    const char *failed = "";
    assert_int_equal(character_tables_check(&tables, &failed), STATUS_OK);
    assert_string_equal(failed, "");
}

static void one_turned_bit_is_noticed(void **state)
{
    (void)state;
    struct character_tables tables;
    for (size_t at = 512; at < CHARACTER_TABLES_BYTES; at += 7) {
        character_tables_fill(&tables);
        /* Of the type bytes only bits that some class reads; of the class bits any. */
        tables.bytes[at] ^= at < 832 ? 0x40 : 0x10;
        const char *failed = NULL;
        assert_int_equal(character_tables_check(&tables, &failed), STATUS_FATAL);
        assert_non_null(failed);
    }
}

static void bytes_that_pcre2_knows_otherwise_are_never_letters(void **state)
{
    (void)state;
    assert_false(view_is_word(0x85));
    assert_false(view_is_word(0xA0));
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        uint32_t count = view_fold_character(code_point, folded);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_not_equal(folded[i], 0x85);
            assert_int_not_equal(folded[i], 0xA0);
            assert_false(folded[i] >= 'A' && folded[i] <= 'Z');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_agrees_with_the_view_on_all_bytes),
        cmocka_unit_test(one_turned_bit_is_noticed),
        cmocka_unit_test(bytes_that_pcre2_knows_otherwise_are_never_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
