/**
 * Goal: what a reader reads in a message, rules read, however it is typed: in Latin letters, in
 * letters of two scripts, drawn out, in two languages; and a hit's place is one of the message.
 * Method: a pack of a few words, messages whose reading is known, and random ones that must break
 * nothing.
 */
#include "helpers/load_rules.h"
#include "support/random.h"
#include "text/utf8.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define EXAMPLES "    complaint: 2\n    examples: {match: [a, b], calm: [c, d]}\n"

static const char greek[] = "language: el\nrules:\n"
                            "  - id: el.t.money\n    why: m\n    words: [χρήματα, επιστρέφ*, θέλω, "
                            "ξένος, άγγελος]\n" EXAMPLES;
static const char russian[] =
    "language: ru\nrules:\n"
    "  - id: ru.t.money\n    why: m\n    words: [деньг*, возвращ*, съезд, ещё, жизнь]\n" EXAMPLES;
static const char english[] =
    "language: en\nrules:\n"
    "  - id: en.t.gas\n    why: g\n    words: [gas, good, god]\n" EXAMPLES;
static const char dutch[] =
    "language: nl\nrules:\n"
    "  - id: nl.t.never\n    why: n\n    words: [niet meer, gas]\n" EXAMPLES;

static struct rule_set *rules;
static struct scratch *scratch;
static char padded[MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES];

static int make_rules(void **state)
{
    (void)state;
    struct rules_folder folder = rules_folder_make();
    rules_folder_write(&folder, "el/a.yaml", greek);
    rules_folder_write(&folder, "ru/a.yaml", russian);
    rules_folder_write(&folder, "en/a.yaml", english);
    rules_folder_write(&folder, "nl/a.yaml", dutch);
    rules_folder_write(&folder, "tiers.yaml", "tiers: {minor: 1, moderate: 2}\n");
    rules = load_rules(folder.path);
    rules_folder_remove(&folder);
    return redress_scratch_create(rules, &scratch) != STATUS_OK;
}

static int free_rules(void **state)
{
    (void)state;
    redress_scratch_free(scratch);
    redress_rule_set_free(rules);
    return 0;
}

static struct slice text_of(const char *text)
{
    uint32_t size = (uint32_t)strlen(text);
    memset(padded, 0, sizeof padded);
    memcpy(padded, text, size);
    return (struct slice){padded, size};
}

static void assert_read(enum language language, const char *text, const char *expected)
{
    bool whole = false;
    struct slice read = classify_unmix(scratch, text_of(text));
    read = classify_respell(rules, scratch, language, read, &whole);
    if (read.size != strlen(expected) || memcmp(read.data, expected, read.size) != 0)
        print_message("%s: read as %.*s, not %s\n", text, (int)read.size, read.data, expected);
    assert_true(whole);
    assert_int_equal(read.size, strlen(expected));
    assert_memory_equal(read.data, expected, read.size);
}

static struct verdict verdict_of(const char *text, const char *language)
{
    struct verdict verdict;
    const struct classify_input input = {.text = text_of(text),
                                         .language_hint = {language, (uint32_t)strlen(language)}};
    assert_int_equal(redress_classify(rules, scratch, &input, &verdict), STATUS_OK);
    return verdict;
}

static void greek_in_latin_letters_is_spelt_in_its_own(void **state)
{
    (void)state;
    assert_read(LANGUAGE_EL, "xrhmata", "χρηματα");
    assert_read(LANGUAGE_EL, "chrīmata", "χρηματα");
    assert_read(LANGUAGE_EL, "8elw, thelo", "θελω, θελω");
    assert_read(LANGUAGE_EL, "3enos ksenos xenos", "ξενος ξενος ξενος");
    assert_read(LANGUAGE_EL, "Angelos epistrefoun", "Αγγελος επιστρεφουν");
}

static void russian_in_latin_letters_is_spelt_in_its_own(void **state)
{
    (void)state;
    assert_read(LANGUAGE_RU, "den`gi dengi den'gi", "деньги деньги деньги");
    assert_read(LANGUAGE_RU, "vozvrashhayut vozvrashayut", "возвращают возвращают");
    assert_read(LANGUAGE_RU, "s``ezd eshhyo esche zhizn", "съезд еще еще жизнь");
}

static void what_is_no_typed_word_stays(void **state)
{
    (void)state;
    assert_read(LANGUAGE_EL, "www.xrhmata.gr a@xrhmata.gr 24 mp3",
                "www.xrhmata.gr a@xrhmata.gr 24 mp3");
    assert_read(LANGUAGE_EL, "θέλω τα χρήματα gas", "θέλω τα χρήματα gas");
    assert_read(LANGUAGE_EN, "xrhmata", "xrhmata");
}

static void a_word_of_two_scripts_is_written_in_one(void **state)
{
    (void)state;
    assert_read(LANGUAGE_EN, "a smell of gаs", "a smell of gas");
    assert_read(LANGUAGE_EN, "gοod ΙN here", "good IN here");
    assert_read(LANGUAGE_RU, "мои дeньги c карты", "мои деньги с карты");
    assert_read(LANGUAGE_EL, "θέλω τα χρήμaτα", "θέλω τα χρήματα");
}

static void a_word_whose_letters_have_no_double_stays(void **state)
{
    (void)state;
    assert_read(LANGUAGE_RU, "SMSки и iPhoneами", "SMSки и iPhoneами");
}

static void a_drawn_out_word_is_written_as_it_is_known(void **state)
{
    (void)state;
    assert_read(LANGUAGE_NL, "nieeeet meeeeer", "niet meer");
    assert_read(LANGUAGE_EL, "θέλωωωω", "θέλω");
    assert_read(LANGUAGE_EN, "gaaaas", "gas");
}

static void a_drawn_out_word_that_may_be_two_or_is_not_known_stays(void **state)
{
    (void)state;
    assert_read(LANGUAGE_EN, "goooood teeeea", "goooood teeeea");
    assert_read(LANGUAGE_EN, "1000 XXXX ...", "1000 XXXX ...");
}

static void append(char *text, size_t size_max, const char *word)
{
    size_t size = strlen(text);
    assert_true(size + strlen(word) + 1 < size_max);
    snprintf(text + size, size_max - size, "%s ", word);
}

/* Pieces of which each is read by itself, then all in one text, with a place for each word. */
static void a_drawn_out_word_is_written_alike_whatever_stands_beside_it(void **state)
{
    (void)state;
    static const struct {
        const char *drawn;
        const char *meant;
    } pieces[] = {{"gaaaas", "gas"},
                  {"Gaaas", "Gas"},
                  {"goooood", "goooood"},
                  {"teeea", "teeea"},
                  {"1000", "1000"},
                  {"d", "d"},
                  {"ννννδ", "ννννδ"},
                  {"ß\u200b", "ß\u200b"},
                  {", ", ", "},
                  {" ", " "},
                  {"(", "("},
                  {"xd-", "xd-"}};
    uint64_t seed = 20261130;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (unsigned round = 0; round < 2000; round++) {
        char text[2048] = "";
        char expected[2048] = "";
        for (unsigned piece = 0; piece < 1 + round % 80; piece++) {
            unsigned chosen = random_below(&seed, sizeof pieces / sizeof pieces[0]);
            append(text, sizeof text, pieces[chosen].drawn);
            append(expected, sizeof expected, pieces[chosen].meant);
        }
        assert_read(LANGUAGE_EN, text, expected);
    }
}

static void a_hit_is_placed_in_the_message(void **state)
{
    (void)state;
    struct verdict verdict = verdict_of("den exw ta xrhmata edw", "el");
    assert_int_equal(verdict.hits_stored, 1);
    assert_int_equal(verdict.hits[0].start, 11);
    assert_int_equal(verdict.hits[0].end, 18);
    verdict = verdict_of("there is gаs", "en");
    assert_int_equal(verdict.hits_stored, 1);
    assert_int_equal(verdict.hits[0].start, 9);
    assert_int_equal(verdict.hits[0].end, 13);
    verdict = verdict_of("Hij wil nieeeet meeeer.", "nl");
    assert_int_equal(verdict.hits_stored, 1);
    assert_int_equal(verdict.hits[0].start, 8);
    assert_int_equal(verdict.hits[0].end, 22);
}

#define DUTCH   "Ik heb een vraag over mijn bestelling en wat het kost om deze te wijzigen. "
#define ENGLISH "This is for the people who do not read that: there is a smell of gas here. "

static void a_rule_fires_in_a_sentence_of_its_own_language(void **state)
{
    (void)state;
    struct verdict verdict = verdict_of(DUTCH ENGLISH, "nl");
    assert_int_equal(verdict.language, LANGUAGE_NL);
    assert_int_equal(verdict.hits_stored, 1);
    assert_string_equal(redress_rule_id(rules, verdict.hits[0].rule_index), "en.t.gas");
}

static void a_message_in_one_language_meets_its_rules_alone(void **state)
{
    (void)state;
    struct verdict verdict = verdict_of(DUTCH "Het ruikt hier naar gas.", "nl");
    assert_int_equal(verdict.hits_stored, 1);
    assert_string_equal(redress_rule_id(rules, verdict.hits[0].rule_index), "nl.t.never");
    verdict = verdict_of("I have a question. Niet meer.", "en");
    assert_int_equal(verdict.hits_stored, 0);
}

/* A text made of pieces that the readings care for. */
static uint32_t random_text(uint64_t *seed, char *out, uint32_t size_max)
{
    static const char *const pieces[] = {"a",    "e",  "h", "x",  "8", "'", "`", "ks",  "th",
                                         " ",    "\n", "о", "ρ",  "ж", "ß", "ł", "é",   "\u200b",
                                         "ı",    "😡",  "@", "//", "E", "Х", "Θ", "aaa", "οοο",
                                         "зззз", "-",  "ﬁ", "ī",  "#", "."};
    uint32_t size = 0;
    for (;;) {
        const char *piece = pieces[random_below(seed, sizeof pieces / sizeof pieces[0])];
        if (size + strlen(piece) > size_max)
            return size;
        memcpy(out + size, piece, strlen(piece));
        size += (uint32_t)strlen(piece);
    }
}

static void no_text_breaks_a_reading(void **state)
{
    (void)state;
    static const enum language languages[] = {LANGUAGE_EN, LANGUAGE_NL, LANGUAGE_RU, LANGUAGE_EL};
    uint64_t seed = 20240607;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (unsigned round = 0; round < 4000; round++) {
        memset(padded, 0, sizeof padded);
        uint32_t size = random_text(&seed, padded, round % 40 == 0 ? 20000 : 20 + round % 200);
        bool whole = false;
        struct slice read = classify_unmix(scratch, (struct slice){padded, size});
        read = classify_respell(rules, scratch, languages[round % 4], read, &whole);
        assert_true(utf8_is_valid(read.data, read.size));
        uint32_t last = 0;
        for (uint32_t at = 0; at < read.size; at++) {
            uint32_t start = at;
            uint32_t end = at + 1;
            classify_place(scratch, &start, &end);
            assert_true(start < end && end <= size && start >= last);
            last = start;
        }
    }
}

static void a_text_that_would_grow_too_long_is_read_as_far_as_there_is_room(void **state)
{
    (void)state;
    static const char word[] = "xrhmata ";
    struct verdict verdict;
    memset(padded, 0, sizeof padded);
    for (uint32_t at = 0; at + sizeof word <= MESSAGE_TEXT_BYTES_MAX; at += sizeof word - 1)
        memcpy(padded + at, word, sizeof word - 1);
    const struct classify_input input = {.text = {padded, MESSAGE_TEXT_BYTES_MAX - 8},
                                         .language_hint = {"el", 2}};
    assert_int_equal(redress_classify(rules, scratch, &input, &verdict), STATUS_UNDECIDED);
    assert_true(verdict.undecided);
    assert_true(verdict.complaint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greek_in_latin_letters_is_spelt_in_its_own),
        cmocka_unit_test(russian_in_latin_letters_is_spelt_in_its_own),
        cmocka_unit_test(what_is_no_typed_word_stays),
        cmocka_unit_test(a_word_of_two_scripts_is_written_in_one),
        cmocka_unit_test(a_word_whose_letters_have_no_double_stays),
        cmocka_unit_test(a_drawn_out_word_is_written_as_it_is_known),
        cmocka_unit_test(a_drawn_out_word_that_may_be_two_or_is_not_known_stays),
        cmocka_unit_test(a_drawn_out_word_is_written_alike_whatever_stands_beside_it),
        cmocka_unit_test(a_hit_is_placed_in_the_message),
        cmocka_unit_test(a_rule_fires_in_a_sentence_of_its_own_language),
        cmocka_unit_test(a_message_in_one_language_meets_its_rules_alone),
        cmocka_unit_test(no_text_breaks_a_reading),
        cmocka_unit_test(a_text_that_would_grow_too_long_is_read_as_far_as_there_is_room),
    };
    return cmocka_run_group_tests(tests, make_rules, free_rules);
}
