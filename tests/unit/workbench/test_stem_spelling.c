/**
 * Stems as people read them: what is printed folds to the stem again, so that a file which
 * script/fit-lexicon writes means what was read.
 */
#include "workbench/stem_spelling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct stem_spelling spelling;

static int make(void **state)
{
    (void)state;
    stem_spelling_init(&spelling);
    return 0;
}

static void every_letter_that_is_printed_folds_to_itself(void **state)
{
    (void)state;
    unsigned printed = 0;
    for (uint64_t byte = 1; byte < 256; byte++) {
        char text[STEM_SPELLING_BYTES_MAX];
        stem_spell(&spelling, byte, text);
        if (!text[0])
            continue;
        printed++;
        assert_int_equal(lexicon_stem_of(text), byte);
    }
    assert_in_range(printed, 26 + 24 + 31, 255);
}

static void stems_of_the_six_languages_stay_what_they_are(void **state)
{
    (void)state;
    static const char *const stems[] = {"never", "zlosci", "skrap", "klacht", "жалоба", "παραπο"};
    for (size_t index = 0; index < sizeof stems / sizeof stems[0]; index++) {
        char text[STEM_SPELLING_BYTES_MAX];
        stem_spell(&spelling, lexicon_stem_of(stems[index]), text);
        assert_string_equal(text, stems[index]);
    }
}

static void a_stem_with_what_is_no_letter_is_not_printed(void **state)
{
    (void)state;
    char text[STEM_SPELLING_BYTES_MAX];
    stem_spell(&spelling, (uint64_t)'a' | (uint64_t)'1' << 8 | (uint64_t)'b' << 16, text);
    assert_string_equal(text, "");
    stem_spell(&spelling, (uint64_t)'a' | (uint64_t)VIEW_BYTE_OTHER_LETTER << 8, text);
    assert_string_equal(text, "");
    stem_spell(&spelling, 0, text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_letter_that_is_printed_folds_to_itself),
        cmocka_unit_test(stems_of_the_six_languages_stay_what_they_are),
        cmocka_unit_test(a_stem_with_what_is_no_letter_is_not_printed),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
