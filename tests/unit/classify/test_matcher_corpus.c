/*
 * Goal:   on real texts the matcher finds exactly what the plain loop over the view finds.
 * Method: the patterns of bench/patterns.txt over texts written here, and over every *.jsonl file
 * of the folder that REDRESS_CORPUS names; without it that part says aloud that it skips.
 */
#include "support/json_texts.h"
#include "support/matching.h"

#include <dirent.h>
#include <setjmp.h>

#include <cmocka.h>

enum { PATTERNS_MAX = 1024 };

static struct error_list errors;
static struct padded_text text;
static struct matcher_pattern patterns[PATTERNS_MAX];
static uint32_t pattern_count;
static struct matcher *matcher;
static struct matcher_scratch *scratch;
static struct reference *reference;

static bool add_pattern(void *context, const struct line *line)
{
    (void)context;
    if (line->text[0] == '\0' || line->text[0] == '#')
        return true;
    assert_true(pattern_count < PATTERNS_MAX);
    patterns[pattern_count] = pattern_of(memory_copy_string(line->text), pattern_count);
    pattern_count++;
    return true;
}

static int set_up(void **state)
{
    (void)state;
    assert_true(lines_read(REDRESS_SOURCE_DIR "/bench/patterns.txt", add_pattern, NULL));
    enum redress_status status =
        matcher_create(patterns, pattern_count, pattern_count, &errors, &matcher);
    error_list_print(&errors, stderr);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(matcher_scratch_create(matcher, &scratch), STATUS_OK);
    return (int)reference_create(patterns, pattern_count, pattern_count, REFERENCE_VIEW, &errors,
                                 &reference);
}

static int tear_down(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < pattern_count; i++)
        memory_free((char *)patterns[i].text);
    reference_free(reference);
    matcher_scratch_free(scratch);
    matcher_free(matcher);
    return 0;
}

/* How many rules matched; fails where the two differ. */
static uint32_t compare(struct slice slice)
{
    struct match_outcome found;
    struct match_outcome wanted;
    uint32_t rule = 0;
    assert_int_equal(matcher_match(matcher, scratch, slice, 0, &found), STATUS_OK);
    assert_int_equal(reference_match(reference, slice, 0, &wanted), STATUS_OK);
    if (!outcomes_agree(&found, &wanted, &rule))
        print_message("rule %s differs\n", patterns[rule].text);
    assert_true(outcomes_agree(&found, &wanted, &rule));
    assert_int_equal(found.hit_count, wanted.hit_count);
    return found.hit_count;
}

static const char *const samples[] = {
    "I was CHARGED TWICE and nobody answers, I want my money back!!!",
    "My parcel never arrived. This is the third time I call. You doesn’t work?",
    "Ｒｅｆｕｎｄ 🔥🔥 now, smoke came out of it, ﬁre",
    "to­day: stil​l waiting, re­fund",
    "Proszę o ZWROT PIENIEDZY, paczka nie dotarła, reklamacja trzeci raz",
    "prosze o zwrot pieniędzy, jest dym i poparzenie",
    "Jag har fortfarande inte fått mitt paket, FÖRSENAD leverans, rok från proppen",
    "ÅTERBETALNING tack! Det fungerar inte, trasig igen, andra gången",
    "Ik wil mijn GELD TERUG, nog steeds geen antwoord ontvangen, het werkt niet",
    "Abonnement opzeggen: contract; oplichting! dubbel afgeschreven",
    "ВЕРНИТЕ ДЕНЬГИ! До сих пор не получил, Ещё раз вам обращаюсь, ЕЩЕ РАЗ обращаюсь",
    "Не работает, мошенники, списали дважды, нет отопления, задержали рейс",
    "Η ΑΠΑΤΗ ΣΑΣ: επιστροφη χρηματων, ΔΕΝ ΛΕΙΤΟΥΡΓΕΙ, δεύτερη φορά",
    "απάτη, διπλή χρέωση, καθυστέρηση στην παράδοση, ΤΑ ΛΕΦΤΑ ΜΟΥ",
    "e\xCC\x81te\xCC\x81 cafe\xCC\x81 naïve Straße ŁÓDŹ ĳ ½ € £ 50€",
    "",
    "漢字 и кириллица and latin και ελληνικά 😀",
};

static void own_texts_match_alike(void **state)
{
    (void)state;
    uint32_t hits = 0;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        hits += compare(padded(&text, samples[i], strlen(samples[i])));
    print_message("%zu texts, %u hits\n", sizeof samples / sizeof samples[0], hits);
    assert_true(hits >= 40);
}

static void corpus_texts_match_alike(void **state)
{
    (void)state;
    const char *folder = getenv("REDRESS_CORPUS");
    DIR *files = folder ? opendir(folder) : NULL;
    if (!files) {
        print_message("SKIPPED: REDRESS_CORPUS names no folder of *.jsonl files\n");
        skip();
    }
    struct json_texts texts = {0};
    for (struct dirent *entry = readdir(files); entry; entry = readdir(files)) {
        char path[1024];
        const char *ending = strrchr(entry->d_name, '.');
        if (!ending || strcmp(ending, ".jsonl") != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        assert_true(json_texts_read(&texts, path));
    }
    (void)closedir(files);
    uint64_t hits = 0;
    for (size_t i = 0; i < texts.count; i++)
        hits += compare(texts.slices[i]);
    print_message("%zu texts, %llu hits\n", texts.count, (unsigned long long)hits);
    assert_true(texts.count > 0);
    json_texts_free(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_texts_match_alike),
        cmocka_unit_test(corpus_texts_match_alike),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
