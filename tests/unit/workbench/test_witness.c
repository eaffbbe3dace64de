/**
 * Witnesses of a small pack: what is found for each kind of entry, why none is found, how a file
 * that no longer fits the rules is told, and that a mutant which is said to be killed is one when
 * the rules are really compiled without it.
 */
#include "workbench/lint.h"
#include "workbench/mutation.h"
#include "workbench/witness.h"

#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define RULES(words)                                                                               \
    "language: en\nrules:\n"                                                                       \
    "  - id: en.a.broken\n    why: x\n    words: [" words "]\n"                                    \
    "    not: [as a joke]\n    complaint: 1\n"                                                     \
    "    examples: {match: [it is broken, broken again], calm: [tea, rain]}\n"                     \
    "  - id: en.a.near\n    why: x\n"                                                              \
    "    near: {a: [lamp, chair], b: [burnt], words: 3, order: ab}\n    complaint: 1\n"            \
    "    examples: {match: [lamp burnt, chair burnt], calm: [tea, rain]}\n"

#define WORDS      "broken, torn (shirt|coat), never works, broken leg"
#define WITNESSES  "witnesses/en.txt"
#define TEXT_BYTES 4000

/* Everything that a test of witnesses needs of one state of the rules. */
struct bench {
    struct rule_set *rule_set;
    struct error_list errors;
    struct entry_probe probe;
    struct witness_judge judge;
    struct witness_book book;
    struct witness_counts counts;
};

static struct bench bench;

static void open_bench(const struct rules_folder *folder)
{
    bench = (struct bench){0};
    bench.rule_set = load_rules(folder->path);
    assert_int_equal(entry_probe_init(&bench.probe, bench.rule_set), STATUS_OK);
    assert_int_equal(witness_judge_init(&bench.judge, &bench.probe), STATUS_OK);
    assert_int_equal(witness_book_init(&bench.book, &bench.probe, folder->path), STATUS_OK);
    assert_int_equal(witness_book_read(&bench.book, &bench.errors), STATUS_OK);
}

static void close_bench(void)
{
    witness_book_free(&bench.book);
    witness_judge_free(&bench.judge);
    entry_probe_free(&bench.probe);
    redress_rule_set_free(bench.rule_set);
}

static void record(const struct rules_folder *folder)
{
    struct witness_book made = {0};
    open_bench(folder);
    assert_int_equal(witness_book_init(&made, &bench.probe, folder->path), STATUS_OK);
    assert_int_equal(witness_record(&bench.book, &bench.judge, &made, &bench.counts), STATUS_OK);
    assert_int_equal(witness_book_write(&made, &bench.errors), STATUS_OK);
    witness_book_free(&made);
    close_bench();
}

static void check(const struct rules_folder *folder)
{
    open_bench(folder);
    witness_check(&bench.book, &bench.judge, NULL, &bench.errors, &bench.counts);
    close_bench();
}

static const char *read_file(const struct rules_folder *folder)
{
    static char text[TEXT_BYTES];
    char path[160];
    snprintf(path, sizeof path, "%s/" WITNESSES, folder->path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static void assert_error(const char *file_end, uint32_t line, const char *part)
{
    for (uint32_t index = 0; index < error_list_kept(&bench.errors); index++) {
        const struct redress_error *error = &bench.errors.errors[index];
        if (strstr(error->file, file_end) && error->line == line && strstr(error->text, part))
            return;
    }
    error_list_print(&bench.errors, stderr);
    fail_msg("no error of %s, line %u, says \"%s\"", file_end, line, part);
}

static void every_entry_gets_a_text_that_it_alone_makes_its_rule_hear(void **state)
{
    (void)state;
    struct rules_folder folder = rules_folder_make_english(RULES(WORDS));
    record(&folder);
    const char *text = read_file(&folder);
    assert_non_null(strstr(text, "en.a.broken\n  words broken\n    broken\n"));
    assert_non_null(strstr(text, "  words torn (shirt|coat)\n    torn shirt\n    torn coat\n"));
    assert_non_null(strstr(text, "  not as a joke\n    as a joke broken\n"));
    assert_non_null(strstr(text, "  near a lamp\n    lamp burnt\n"));
    assert_non_null(strstr(text, "  near a chair\n    chair burnt\n"));
    assert_non_null(strstr(text, "  near b burnt\n    lamp burnt\n"));
    check(&folder);
    assert_int_equal(bench.counts.failures, 0);
    assert_int_equal(bench.counts.dead, 1);
    rules_folder_remove(&folder);
}

static void an_entry_that_another_covers_is_dead_and_named_by_check(void **state)
{
    (void)state;
    static struct error_list warnings;
    struct rules_folder folder = rules_folder_make_english(RULES(WORDS));
    record(&folder);
    assert_non_null(
        strstr(read_file(&folder), "  words broken leg\n    ! covered by \"broken\" on line 5\n"));
    open_bench(&folder);
    witness_check_entries(&bench.book, &bench.errors, &warnings);
    close_bench();
    assert_int_equal(bench.errors.count, 0);
    assert_int_equal(warnings.count, 1);
    assert_non_null(strstr(warnings.errors[0].text, "\"broken leg\" has no witness: covered by"));
    rules_folder_remove(&folder);
}

static void an_entry_that_its_own_rule_takes_back_is_dead(void **state)
{
    (void)state;
    struct rules_folder folder = rules_folder_make_english(RULES("broken, torn as a joke"));
    record(&folder);
    assert_non_null(strstr(read_file(&folder), "  words torn as a joke\n    ! always excepted\n"));
    rules_folder_remove(&folder);
}

static void an_entry_dropped_without_its_witness_fails(void **state)
{
    (void)state;
    struct rules_folder folder = rules_folder_make_english(RULES(WORDS));
    record(&folder);
    rules_folder_write(&folder, "en/a.yaml", RULES("broken, never works, broken leg"));
    check(&folder);
    assert_error(WITNESSES, 7, "has no entry \"words torn (shirt|coat)\" any more");
    rules_folder_remove(&folder);
}

static void an_alternative_dropped_fails_where_its_witness_stands(void **state)
{
    (void)state;
    struct rules_folder folder = rules_folder_make_english(RULES(WORDS));
    record(&folder);
    rules_folder_write(&folder, WITNESSES,
                       "en.a.broken\n  words broken\n    broken\n    brocken\n");
    check(&folder);
    assert_error(WITNESSES, 4, "the entry does not match it");
    assert_error("a.yaml", 5, "\"never works\" has no witness");
    assert_int_equal(bench.counts.texts, 2);
    rules_folder_remove(&folder);
}

static void a_text_that_still_holds_is_kept(void **state)
{
    (void)state;
    struct rules_folder folder = rules_folder_make_english(RULES(WORDS));
    rules_folder_write(&folder, WITNESSES, "en.a.broken\n  words broken\n    mine came broken\n");
    record(&folder);
    assert_non_null(strstr(read_file(&folder), "  words broken\n    mine came broken\n  words"));
    rules_folder_remove(&folder);
}

static void without_a_file_nothing_is_promised(void **state)
{
    (void)state;
    struct rules_folder folder = rules_folder_make_english(RULES(WORDS));
    check(&folder);
    assert_int_equal(bench.errors.count, 0);
    assert_int_equal(bench.counts.texts, 0);
    rules_folder_remove(&folder);
}

/* Compiles the pack with these words and classifies: nothing of it may be found. */
static void assert_unheard(const struct rules_folder *folder, const char *words, const char *text)
{
    char rules[2000];
    char padded[64 + MESSAGE_PADDING_BYTES] = {0};
    struct scratch *scratch = NULL;
    struct verdict verdict;
    snprintf(rules, sizeof rules, RULES("%s"), words);
    rules_folder_write(folder, "en/a.yaml", rules);
    open_bench(folder);
    assert_int_equal(redress_scratch_create(bench.rule_set, &scratch), STATUS_OK);
    memcpy(padded, text, strlen(text));
    const struct classify_input input = {.text = {padded, (uint32_t)strlen(text)},
                                         .language_hint = {"en", 2}};
    assert_int_equal(redress_classify(bench.rule_set, scratch, &input, &verdict), STATUS_OK);
    assert_int_equal(verdict.hit_count, 0);
    redress_scratch_free(scratch);
    close_bench();
}

/* Each mutant of words is written as a pack of its own, loaded, and the witnesses run on it. */
static void a_killed_mutant_fails_its_witness_when_it_is_compiled(void **state)
{
    (void)state;
    static const struct {
        const char *witness;
        const char *left;
    } mutants[] = {{"broken", "torn (shirt|coat), gone"},
                   {"torn coat", "broken, gone"},
                   {"gone", "broken, torn (shirt|coat)"}};
    struct rules_folder folder =
        rules_folder_make_english(RULES("broken, torn (shirt|coat), gone"));
    record(&folder);
    open_bench(&folder);
    struct mutation mutation;
    struct witness_counts counts = {0};
    assert_int_equal(mutation_run(&mutation, bench.rule_set, folder.path, true), STATUS_OK);
    assert_int_equal(mutation_run_witnesses(&mutation, folder.path, true, &bench.errors, &counts),
                     STATUS_OK);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_ENTRY].killed, 6);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_ALTERNATIVE].killed, 2);
    assert_int_equal(mutation.counts[MUTANT_DROPPED_NOT].killed, 1);
    mutation_free(&mutation);
    close_bench();
    for (size_t index = 0; index < sizeof mutants / sizeof mutants[0]; index++)
        assert_unheard(&folder, mutants[index].left, mutants[index].witness);
    rules_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_gets_a_text_that_it_alone_makes_its_rule_hear),
        cmocka_unit_test(an_entry_that_another_covers_is_dead_and_named_by_check),
        cmocka_unit_test(an_entry_that_its_own_rule_takes_back_is_dead),
        cmocka_unit_test(an_entry_dropped_without_its_witness_fails),
        cmocka_unit_test(an_alternative_dropped_fails_where_its_witness_stands),
        cmocka_unit_test(a_text_that_still_holds_is_kept),
        cmocka_unit_test(without_a_file_nothing_is_promised),
        cmocka_unit_test(a_killed_mutant_fails_its_witness_when_it_is_compiled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
