/*
 * Goal:   what is asked of a whole text in blocks is answered as its bytes say, wherever they
 * stand, and no byte behind the padding is read. Method: what is looked for is put at every place
 * of texts that have nothing of it, in rooms that end with their padding; the script told by bytes
 * against the tally that reads the words, over random texts (printed seed).
 */
#include "classify/language/drawn.h"
#include "classify/language/tally.h"
#include "classify/language/unmix.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_MAX = 400, PLACES = 150 };

typedef bool ask(struct slice text);

/* What is asked of `before` bytes of the filler, the piece and the filler again. */
static bool ask_of(ask *question, const char *filler, size_t before, const char *piece, size_t size)
{
    char *text = test_malloc(size + MESSAGE_PADDING_BYTES);
    for (size_t at = 0; at < size; at++)
        text[at] = filler[at % strlen(filler)];
    memcpy(text + before, piece, strlen(piece));
    memset(text + size, 0, MESSAGE_PADDING_BYTES);
    bool answer = question((struct slice){text, (uint32_t)size});
    test_free(text);
    return answer;
}

static void expect_everywhere(ask *question, const char *filler, const char *piece, bool wanted)
{
    for (size_t before = 0; before < PLACES; before++)
        for (size_t after = 0; after < 70; after += 7)
            assert_int_equal(
                ask_of(question, filler, before, piece, before + strlen(piece) + after), wanted);
}

static void drawn_out_letters_are_seen_wherever_they_stand(void **state)
{
    (void)state;
    static const char *const yes[] = {"ooo", "OoO", "ооо", "ωωω", "ööö", "нnnnн"};
    static const char *const no[] = {
        "oo",    "xxx", "...",
        "   ",   "111", "оо",
        "оxоxо", "oöo", "\xF0\x9F\x98\xA1\xF0\x9F\x98\xA1\xF0\x9F\x98\xA1"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        expect_everywhere(drawn_is_needed, "ab, ", yes[i], true);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        expect_everywhere(drawn_is_needed, "ab, ", no[i], false);
}

static void letters_of_two_scripts_are_seen_wherever_they_stand(void **state)
{
    (void)state;
    static const char *const yes[] = {"cа",       "аc",    "xω",    "ωx",   "am а cat",
                                      "не c ней", "be ω ", " Ι am", "o, я "};
    static const char *const no[] = {"éa",    "aé",      "а1",       "…a",   "no то",
                                     "то no", "am а то", "не c him", "—а am"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        expect_everywhere(unmix_is_needed, "1, ", yes[i], true);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        expect_everywhere(unmix_is_needed, "1, ", no[i], false);
}

static void a_first_word_in_another_script_is_seen(void **state)
{
    (void)state;
    assert_true(ask_of(unmix_is_needed, ".", 0, "Ι am", strlen("Ι am")));
    assert_true(ask_of(unmix_is_needed, ".", 0, "c ней", strlen("c ней")));
    assert_false(ask_of(unmix_is_needed, ".", 0, "с ней", strlen("с ней")));
    assert_false(ask_of(unmix_is_needed, ".", 0, "Ι", strlen("Ι")));
}

static const char *const pieces[] = {
    "а", "я", "Ж", "ё", "нет", "ουκ", "ω", "Α", "ή", " ", " ",        ",",
    ".", "!", "5", "…", "—",   "«",   "a", "é", "#", "@", "\xD1\xA1", "\xF0\x9F\x98\xA1",
};

static size_t write_pieces(uint64_t *seed, char *text)
{
    size_t size = 0;
    uint32_t kinds = 1 + random_below(seed, sizeof pieces / sizeof *pieces);
    for (uint32_t left = random_below(seed, 40); left > 0; left--) {
        const char *piece = pieces[random_below(seed, kinds)];
        memcpy(text + size, piece, strlen(piece));
        size += strlen(piece);
    }
    return size;
}

static void a_sole_script_is_what_the_tally_counts(void **state)
{
    (void)state;
    struct arena arena = {0};
    const struct language_table *table = language_table_create(NULL, &arena);
    uint64_t seed = 99;
    uint32_t seen = 0;
    print_message("seed %llu\n", (unsigned long long)seed);
    assert_non_null(table);
    for (int round = 0; round < 20000; round++) {
        char text[TEXT_MAX] = {0};
        size_t size = write_pieces(&seed, text);
        struct slice slice = {text, (uint32_t)size};
        struct tally tally = {0};
        tally_text(table, slice, &tally);
        if (tally_is_sole(slice, SCRIPT_CYRILLIC))
            assert_true(tally.cyrillic > 0 && tally.greek == 0 && tally.latin == 0);
        if (tally_is_sole(slice, SCRIPT_GREEK))
            assert_true(tally.greek > 0 && tally.cyrillic == 0 && tally.latin == 0);
        seen += tally_is_sole(slice, SCRIPT_CYRILLIC) || tally_is_sole(slice, SCRIPT_GREEK);
    }
    assert_true(seen > 1000);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_out_letters_are_seen_wherever_they_stand),
        cmocka_unit_test(letters_of_two_scripts_are_seen_wherever_they_stand),
        cmocka_unit_test(a_first_word_in_another_script_is_seen),
        cmocka_unit_test(a_sole_script_is_what_the_tally_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
