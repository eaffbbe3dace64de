/**
 * Figures: exactly those that are worked out by hand from six messages; intervals that hold them.
 * Method: the small pack, loaded from files and judged by the engine's own code.
 */
#include "workbench/figures.h"

#include "helpers/small_pack.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct rules_folder folder;
static struct rule_set *rule_set;
static struct error_list errors;
static struct gold gold;
static char gold_path[128];
static char corpus_path[128];

static int set_up(void **state)
{
    (void)state;
    folder = small_pack_make();
    rule_set = small_pack_load(&folder);
    snprintf(gold_path, sizeof gold_path, "%s/gold", folder.path);
    snprintf(corpus_path, sizeof corpus_path, "%s/corpus", folder.path);
    bool ready = gold_load(&gold, gold_path, corpus_path, &errors) == STATUS_OK &&
                 gold_judge(&gold, rule_set, NULL) == STATUS_OK;
    error_list_print(&errors, stderr);
    return ready ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gold_free(&gold);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
    return 0;
}

static void gold_messages_have_their_texts_and_verdicts(void **state)
{
    (void)state;
    static const uint8_t said[] = {2, 1, 0, 1, 4, 0};
    assert_int_equal(gold.count, 6);
    assert_int_equal(gold.split_count, 1);
    assert_string_equal(gold.splits[0], "made");
    assert_string_equal(gold.messages[4].key, "t|5");
    assert_memory_equal(gold.messages[4].text.data, "smell of gas", 12);
    for (uint32_t index = 0; index < gold.count; index++) {
        assert_int_equal(gold.messages[index].language, LANGUAGE_EN);
        assert_int_equal(gold.messages[index].said.severity, said[index]);
        assert_false(gold.messages[index].said.unanswered);
    }
}

static void figures_are_those_worked_out_by_hand(void **state)
{
    (void)state;
    struct tally tally = {0};
    for (uint32_t index = 0; index < gold.count; index++)
        tally_add(&tally, &gold.messages[index].gold, &gold.messages[index].said);
    struct figures figures = figures_of(&tally);
    static const double expected[FIGURE_COUNT] = {
        [FIGURE_COMPLAINT_BALANCED] = (3.0 / 4 + 1.0 / 2) / 2,
        [FIGURE_COMPLAINT_F1] = 6.0 / 8,
        [FIGURE_SEVERITY_KAPPA] = 1 - 6.0 * 6 / 152,
        [FIGURE_SEVERITY_KAPPA_COMPLAINTS] = 1 - 5.0 * 4 / 64,
        [FIGURE_SEVERITY_WITHIN_ONE] = 5.0 / 6,
        [FIGURE_SEVERITY_FAR] = 1.0 / 6,
        [FIGURE_SERIOUS_PRECISION] = 1,
        [FIGURE_SERIOUS_RECALL] = 0.5,
        [FIGURE_URGENT_PRECISION] = 1,
        [FIGURE_URGENT_RECALL] = 1,
        [FIGURE_URGENT_F1] = 1,
        [FIGURE_CATEGORY_HIT] = 2.0 / 4,
        [FIGURE_TRAIT_F1] = 4.0 / 5,
    };
    assert_int_equal(tally.rows, 6);
    for (unsigned figure = 0; figure < FIGURE_COUNT; figure++)
        if (fabs(figures.values[figure] - expected[figure]) > 1e-12)
            fail_msg("%s is %.6f, not %.6f", figure_name((enum figure)figure),
                     figures.values[figure], expected[figure]);
}

static void a_share_of_nothing_is_no_number(void **state)
{
    (void)state;
    struct tally tally = {0};
    tally_add(&tally, &gold.messages[2].gold, &gold.messages[2].said); /* calm, said calm */
    struct figures figures = figures_of(&tally);
    assert_true(isnan(figures.values[FIGURE_URGENT_RECALL]));
    assert_true(isnan(figures.values[FIGURE_CATEGORY_HIT]));
    assert_float_equal(figures.values[FIGURE_SEVERITY_KAPPA], 0, 0);
    assert_float_equal(figures.values[FIGURE_COMPLAINT_BALANCED], 0.5, 0);
}

static void an_undecided_message_counts_as_calm(void **state)
{
    (void)state;
    struct gold_message message = {.gold = gold.messages[4].gold, .text = {" \n", 2}};
    struct gold one = {.messages = &message, .count = 1};
    assert_int_equal(gold_judge(&one, rule_set, NULL), STATUS_OK);
    assert_true(message.said.unanswered);
    assert_false(message.said.complaint || message.said.urgent || message.said.severity);
}

static void intervals_are_repeatable_and_hold_the_figure(void **state)
{
    (void)state;
    const struct gold_message *messages[6];
    struct figure_intervals first;
    struct figure_intervals second;
    for (uint32_t index = 0; index < 6; index++)
        messages[index] = &gold.messages[index];
    assert_int_equal(figures_find_intervals(messages, 6, 1, &first), STATUS_OK);
    assert_int_equal(figures_find_intervals(messages, 6, 1, &second), STATUS_OK);
    assert_memory_equal(&first, &second, sizeof first);
    /* A share of 5 in 6 drawn six times: 95 of 100 draws have 3 to 6 of them. */
    assert_float_equal(first.low[FIGURE_SEVERITY_WITHIN_ONE], 3.0 / 6, 1e-9);
    assert_float_equal(first.high[FIGURE_SEVERITY_WITHIN_ONE], 1, 1e-9);
    assert_true(first.low[FIGURE_SEVERITY_KAPPA] < 1 - 6.0 * 6 / 152);
    assert_true(first.high[FIGURE_SEVERITY_KAPPA] > 1 - 6.0 * 6 / 152);
}

/* Loads with the gold files as they stand, and answers the first error. */
static const char *first_error(enum redress_status expected)
{
    static struct error_list found;
    struct gold loaded;
    found = (struct error_list){0};
    enum redress_status status = gold_load(&loaded, gold_path, corpus_path, &found);
    gold_free(&loaded);
    assert_int_equal(status, expected);
    return found.errors[0].text;
}

static void faulty_gold_is_refused_with_its_place(void **state)
{
    (void)state;
    rules_folder_write(&folder, "gold/other.en.jsonl",
                       "{\"source\":\"s\",\"id\":\"1\",\"complaint\":1,\"severity\":2,"
                       "\"urgent\":0,\"categories\":[\"cheese\"],\"traits\":[]}\n");
    assert_non_null(strstr(first_error(STATUS_INVALID), "vocabulary"));
    rules_folder_write(&folder, "gold/other.en.jsonl", "[1]\n");
    assert_non_null(strstr(first_error(STATUS_INVALID), "a JSON object"));
    rules_folder_write(&folder, "gold/other.en.jsonl",
                       "{\"source\":\"s\",\"id\":\"99\",\"complaint\":0,\"severity\":0,"
                       "\"urgent\":0,\"categories\":[],\"traits\":[]}\n");
    assert_non_null(strstr(first_error(STATUS_INVALID), "s|99"));
    rules_folder_write(&folder, "gold/other.en.jsonl", "");
    rules_folder_write(&folder, "gold/nolanguage.jsonl", "");
    assert_non_null(strstr(first_error(STATUS_INVALID), "NAME.LANG.jsonl"));
    corpus_path[0] = '?';
    gold_path[0] = '?';
    (void)first_error(STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gold_messages_have_their_texts_and_verdicts),
        cmocka_unit_test(figures_are_those_worked_out_by_hand),
        cmocka_unit_test(a_share_of_nothing_is_no_number),
        cmocka_unit_test(an_undecided_message_counts_as_calm),
        cmocka_unit_test(intervals_are_repeatable_and_hold_the_figure),
        cmocka_unit_test(faulty_gold_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
