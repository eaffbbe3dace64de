/** The vocabulary: every word is read back as itself, and nothing else is read as a word. */
#include <redress/verdict.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void every_name_is_read_back_as_itself(void **state)
{
    (void)state;
    for (unsigned index = 0; index < SEVERITY_COUNT; index++) {
        const char *name = redress_severity_name((enum severity)index);
        enum severity severity = SEVERITY_COUNT;
        assert_true(redress_severity_parse(name, strlen(name), &severity));
        assert_int_equal(severity, index);
    }
    for (unsigned index = 0; index < CATEGORY_COUNT; index++) {
        const char *name = redress_category_name((enum category)index);
        enum category category = CATEGORY_COUNT;
        assert_true(redress_category_parse(name, strlen(name), &category));
        assert_int_equal(category, index);
    }
    for (unsigned index = 0; index < TRAIT_COUNT; index++) {
        const char *name = redress_trait_name((enum trait)index);
        enum trait trait = TRAIT_COUNT;
        assert_true(redress_trait_parse(name, strlen(name), &trait));
        assert_int_equal(trait, index);
    }
}

static void other_words_are_refused(void **state)
{
    (void)state;
    enum severity severity = SEVERITY_MINOR;
    enum category category = CATEGORY_OTHER;
    enum trait trait = TRAIT_DEMAND;
    assert_false(redress_severity_parse("criticall", 9, &severity));
    assert_false(redress_severity_parse("", 0, &severity));
    assert_false(redress_category_parse("Billing", 7, &category));
    assert_false(redress_trait_parse("self harm", 9, &trait));
    assert_int_equal(severity, SEVERITY_MINOR);
    assert_int_equal(category, CATEGORY_OTHER);
    assert_int_equal(trait, TRAIT_DEMAND);
    assert_string_equal(redress_trait_name(TRAIT_COUNT), "invalid");
}

static void language_is_read_from_tags_of_any_case(void **state)
{
    (void)state;
    static const struct {
        const char *tag;
        enum language language;
    } cases[] = {
        {"en", LANGUAGE_EN},      {"EN", LANGUAGE_EN},     {"en-GB", LANGUAGE_EN},
        {"pl_PL", LANGUAGE_PL},   {"sv-FI", LANGUAGE_SV},  {"Nl", LANGUAGE_NL},
        {"ru", LANGUAGE_RU},      {"el-GR", LANGUAGE_EL},  {"fr", LANGUAGE_UNKNOWN},
        {"", LANGUAGE_UNKNOWN},   {"e", LANGUAGE_UNKNOWN}, {"english", LANGUAGE_UNKNOWN},
        {"un", LANGUAGE_UNKNOWN},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        enum language language = LANGUAGE_EN;
        bool known = redress_language_parse(cases[index].tag, strlen(cases[index].tag), &language);
        assert_int_equal(language, cases[index].language);
        assert_int_equal(known, cases[index].language != LANGUAGE_UNKNOWN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_read_back_as_itself),
        cmocka_unit_test(other_words_are_refused),
        cmocka_unit_test(language_is_read_from_tags_of_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
