/** Languages: texts of the test's own in ours and in others, hints, and hints that the script
 * refutes. */
#include "classify/language.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct slice slice_of(const char *text)
{
    return (struct slice){text, (uint32_t)strlen(text)};
}

static void texts_tell_their_language(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum language language;
    } cases[] = {
        {"Where is the parcel that you promised me?", LANGUAGE_EN},
        {"I can't reach anyone", LANGUAGE_EN},
        {"Gdzie jest moja paczka? Czekam już tydzień", LANGUAGE_PL},
        {"Nie moge sie dodzwonic", LANGUAGE_PL},
        {"Jag har inte fått mitt paket än", LANGUAGE_SV},
        {"Ik heb het eten nooit gekregen", LANGUAGE_NL},
        {"Где моя посылка?", LANGUAGE_RU},
        {"Πού είναι το δέμα μου;", LANGUAGE_EL},
        {"Je ne suis pas contente du tout de votre service", LANGUAGE_UNKNOWN},
        {"Ich habe mein Paket nicht bekommen und warte noch", LANGUAGE_UNKNOWN},
        {"No he recibido el paquete y nadie me contesta", LANGUAGE_UNKNOWN},
        {"Jeg har ikke fået min pakke, hvorfor svarer I ikke?", LANGUAGE_UNKNOWN},
        {"Я ще не отримала посилку, чому ніхто не відповідає?", LANGUAGE_UNKNOWN},
        {"12345 !!! :)", LANGUAGE_UNKNOWN},
        {"", LANGUAGE_UNKNOWN},
    };
    struct arena arena = {0};
    const struct language_table *table = language_table_create(&arena);
    assert_non_null(table);
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        enum language language = language_detect(table, slice_of(cases[index].text));
        if (language != cases[index].language)
            print_message("%s: %s\n", cases[index].text, redress_language_name(language));
        assert_int_equal(language, cases[index].language);
    }
    arena_free(&arena);
}

static void a_hint_stands_unless_the_script_refutes_it(void **state)
{
    (void)state;
    struct arena arena = {0};
    const struct language_table *table = language_table_create(&arena);
    struct slice russian = slice_of("Где мой заказ?");
    struct slice english = slice_of("Where is the order that you promised me?");
    assert_int_equal(language_choose(table, russian, slice_of("en")), LANGUAGE_RU);
    assert_int_equal(language_choose(table, english, slice_of("ru")), LANGUAGE_EN);
    assert_int_equal(language_choose(table, english, slice_of("sv-SE")), LANGUAGE_SV);
    assert_int_equal(language_choose(table, english, slice_of("fr")), LANGUAGE_EN);
    assert_int_equal(language_choose(table, slice_of("gde moy zakaz"), slice_of("ru")),
                     LANGUAGE_RU);
    assert_int_equal(language_choose(table, slice_of("!!!"), slice_of("el")), LANGUAGE_EL);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_tell_their_language),
        cmocka_unit_test(a_hint_stands_unless_the_script_refutes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
