/** Languages: texts of the test's own in ours and in others, hints, and hints that the script
 * refutes. */
#include "classify/language/language.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct slice slice_of(const char *text)
{
    return (struct slice){text, (uint32_t)strlen(text)};
}

/* The text with its padding; the last two stay. */
static struct slice text_of(const char *text)
{
    static char rooms[2][2048 + MESSAGE_PADDING_BYTES];
    static unsigned next;
    char *room = rooms[next++ % 2];
    size_t size = strlen(text);
    assert_true(size + MESSAGE_PADDING_BYTES <= sizeof rooms[0]);
    memcpy(room, text, size);
    memset(room + size, 0, MESSAGE_PADDING_BYTES);
    return (struct slice){room, (uint32_t)size};
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
    const struct language_table *table = language_table_create(NULL, &arena);
    assert_non_null(table);
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        enum language language = language_detect(table, text_of(cases[index].text));
        if (language != cases[index].language)
            print_message("%s: %s\n", cases[index].text, redress_language_name(language));
        assert_int_equal(language, cases[index].language);
    }
    arena_free(&arena);
}

static void a_long_text_is_of_the_language_that_it_clearly_begins_in(void **state)
{
    (void)state;
    static const struct {
        const char *begin;
        enum language language;
    } cases[] = {
        {"I have been waiting for the man who was going to repair our heating, and they told me "
         "that "
         "he will not be here before next week. ",
         LANGUAGE_EN},
        {"Это уже третий раз, когда мы ждём мастера, и никто не может объяснить, почему вы так "
         "относитесь к тем, кто вам платит. ",
         LANGUAGE_RU},
        {"Περιμένω εδώ και τρεις εβδομάδες τον τεχνικό σας και κανείς δεν μου λέει πότε θα έρθει, "
         "αν θα έρθει ποτέ. ",
         LANGUAGE_EL},
        {"Tel. 12345, 12345, 12345, 12345, 12345, 12345, 12345, 12345, 12345, 12345, 12345, "
         "12345. ",
         LANGUAGE_NL}, /* not clear: the rest decides */
    };
    struct arena arena = {0};
    const struct language_table *table = language_table_create(NULL, &arena);
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        char text[2048];
        size_t size = strlen(cases[index].begin);
        memcpy(text, cases[index].begin, size + 1);
        while (size < 1500) {
            static const char dutch[] =
                "Ik heb het eten nooit gekregen en niemand belt mij terug. ";
            memcpy(text + size, dutch, sizeof dutch);
            size += sizeof dutch - 1;
        }
        assert_int_equal(language_detect(table, text_of(text)), cases[index].language);
    }
    arena_free(&arena);
}

static enum language choose(const struct language_table *table, struct slice text, const char *hint)
{
    struct language_heard heard;
    return language_choose(table, text, slice_of(hint), &heard);
}

static void a_hint_stands_unless_the_script_refutes_it(void **state)
{
    (void)state;
    struct arena arena = {0};
    const struct language_table *table = language_table_create(NULL, &arena);
    struct slice russian = text_of("Где мой заказ?");
    struct slice english = text_of("Where is the order that you promised me?");
    assert_int_equal(choose(table, russian, "en"), LANGUAGE_RU);
    assert_int_equal(choose(table, english, "ru"), LANGUAGE_EN);
    assert_int_equal(choose(table, english, "sv-SE"), LANGUAGE_SV);
    assert_int_equal(choose(table, english, "fr"), LANGUAGE_EN);
    assert_int_equal(choose(table, text_of("gde moy zakaz"), "ru"), LANGUAGE_RU);
    assert_int_equal(choose(table, text_of("!!!"), "el"), LANGUAGE_EL);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_tell_their_language),
        cmocka_unit_test(a_long_text_is_of_the_language_that_it_clearly_begins_in),
        cmocka_unit_test(a_hint_stands_unless_the_script_refutes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
