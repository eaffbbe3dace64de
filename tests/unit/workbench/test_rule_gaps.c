/**
 * Phrases of complaints that no rule covers.
 * Method: the small pack's rules over made messages whose counts are known.
 */
#include "workbench/rule_gaps.h"

#include "helpers/small_pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static struct rule_gaps gaps_of(const char *messages)
{
    static struct error_list errors;
    char path[128];
    struct rule_gaps gaps;
    struct rules_folder folder = small_pack_make();
    errors = (struct error_list){0};
    rules_folder_write(&folder, "messages.jsonl", messages);
    struct rule_set *rule_set = small_pack_load(&folder);
    snprintf(path, sizeof path, "%s/messages.jsonl", folder.path);
    assert_int_equal(rule_gaps_run(&gaps, rule_set, path, &errors), STATUS_OK);
    redress_rule_set_free(rule_set);
    rules_folder_remove(&folder);
    return gaps;
}

static const struct gap_phrase *find(const struct rule_gaps *gaps, const char *text)
{
    for (uint32_t index = 0; index < gaps->phrase_count; index++)
        if (strcmp(gaps->table[index].text, text) == 0)
            return &gaps->table[index];
    return NULL;
}

/* Ten complaints of one text and thirty calm messages of another. */
static const char *messages_of(const char *complaint, const char *calm)
{
    static char messages[40 * 160];
    size_t used = 0;
    for (int index = 0; index < 40; index++)
        used += (size_t)snprintf(messages + used, sizeof messages - used,
                                 "{\"lang\": \"en\", \"text\": \"%s\", \"complaint\": %s}\n",
                                 index < 10 ? complaint : calm, index < 10 ? "true" : "false");
    return messages;
}

static void a_phrase_that_only_complaints_have_is_told_with_its_counts(void **state)
{
    (void)state;
    struct rule_gaps gaps =
        gaps_of(messages_of("The seat Wobbles again. The seat wobbles.", "the seat stays put"));
    const struct gap_phrase *phrase = find(&gaps, "seat Wobbles");
    assert_non_null(phrase);
    assert_int_equal(phrase->complaints, 10); /* once a message */
    assert_int_equal(phrase->calm, 0);
    assert_true(phrase->z >= GAPS_Z_MIN);
    assert_null(find(&gaps, "The seat")); /* calm ones say that, too */
    assert_null(find(&gaps, "stays put"));
    assert_null(find(&gaps, "again. The")); /* no phrase runs over a sentence's end */
    rule_gaps_free(&gaps);
}

static void words_that_a_hit_touches_are_no_gap(void **state)
{
    (void)state;
    struct rule_gaps gaps =
        gaps_of(messages_of("my lamp is broken beyond repair", "The tea was fine"));
    assert_null(find(&gaps, "broken"));
    assert_null(find(&gaps, "is broken"));
    assert_null(find(&gaps, "broken beyond"));
    assert_non_null(find(&gaps, "beyond repair"));
    assert_non_null(find(&gaps, "my lamp"));
    rule_gaps_free(&gaps);
}

static void stars_and_severities_are_labels_and_three_stars_are_none(void **state)
{
    (void)state;
    struct rule_gaps gaps =
        gaps_of("{\"lang\": \"en\", \"text\": \"one\", \"stars\": 1}\n"
                "{\"lang\": \"en\", \"text\": \"two\", \"stars\": 3}\n"
                "{\"lang\": \"en\", \"text\": \"three\", \"stars\": 5}\n"
                "{\"lang\": \"en\", \"text\": \"four\", \"severity\": 2, \"stars\": 5}\n"
                "{\"lang\": \"en\", \"text\": \"five\"}\n");
    assert_int_equal(gaps.complaints[LANGUAGE_EN][0], 2);
    assert_int_equal(gaps.calm[LANGUAGE_EN][0], 1);
    assert_int_equal(gaps.phrase_count, 0);
    rule_gaps_free(&gaps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phrase_that_only_complaints_have_is_told_with_its_counts),
        cmocka_unit_test(words_that_a_hit_touches_are_no_gap),
        cmocka_unit_test(stars_and_severities_are_labels_and_three_stars_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
