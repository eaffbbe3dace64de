/**
 * The verdict as JSON: exactly the members that readers rely on, and room for the largest verdict.
 */
#include "classify/verdict_json.h"

#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* An id as long as ids may be. */
#define NAME_30 "abcdefghijklmnopqrstuvwxyz_abc"
#define LONG_ID "en." NAME_30 "." NAME_30 "." NAME_30 "a"

static const char rules[] =
    "language: en\nrules:\n"
    "  - {id: " LONG_ID ", why: x, pattern: '\\bword\\b', complaint: 1, sets: [loss, demand],\n"
    "     category: {product: 2, staff: 1}, examples: {match: [word, word], calm: [a, b]}}\n";

/* `text` has VERDICT_JSON_BYTES_MAX bytes. */
static void write_verdict(const struct rule_set *rule_set, const struct verdict *verdict,
                          char *text)
{
    struct json_writer json;
    json_start(&json, text, VERDICT_JSON_BYTES_MAX);
    json_object_open(&json);
    verdict_write_json(&json, rule_set, verdict);
    json_object_close(&json);
    text[json.size] = 0;
}

static void a_verdict_has_exactly_the_members_of_the_contract(void **state)
{
    (void)state;
    char text[VERDICT_JSON_BYTES_MAX];
    char expected[VERDICT_JSON_BYTES_MAX];
    struct rule_set *rule_set = load_english_rules(rules);
    const struct verdict_hit hit = {.rule_index = 0, .start = 3, .end = 7};
    const struct verdict verdict = {.severity = SEVERITY_SERIOUS,
                                    .language = LANGUAGE_EN,
                                    .complaint = true,
                                    .urgent = true,
                                    .category_count = 2,
                                    .categories = {CATEGORY_PRODUCT, CATEGORY_STAFF},
                                    .traits = 1u << TRAIT_LOSS | 1u << TRAIT_DEMAND,
                                    .score = 1.5f,
                                    .hit_count = 1,
                                    .hits_stored = 1,
                                    .hits = &hit,
                                    .rule_set_hash = 0xabc};
    write_verdict(rule_set, &verdict, text);
    snprintf(expected, sizeof expected,
             "{\"language\":\"en\",\"complaint\":true,\"severity\":3,\"severity_name\":\"serious\","
             "\"urgent\":true,\"categories\":[\"product\",\"staff\"],\"traits\":[\"loss\","
             "\"demand\"],\"score\":1.5,\"undecided\":false,\"rules\":[{\"id\":\"%s\",\"start\":3,"
             "\"end\":7}],\"rules_fired\":1,\"rule_set\":\"0000000000000abc\"}",
             LONG_ID);
    assert_string_equal(text, expected);
    redress_rule_set_free(rule_set);
}

static void what_words_alone_say_is_written_where_there_is_any(void **state)
{
    (void)state;
    char text[VERDICT_JSON_BYTES_MAX];
    struct rule_set *rule_set = load_english_rules(rules);
    const struct verdict verdict = {.traits = 1u << TRAIT_REPEAT | 1u << TRAIT_LOSS,
                                    .traits_by_words = 1u << TRAIT_REPEAT};
    write_verdict(rule_set, &verdict, text);
    assert_non_null(strstr(text, "\"traits\":[\"repeat\",\"loss\"],"
                                 "\"traits_by_words\":[\"repeat\"],\"score\""));
    redress_rule_set_free(rule_set);
}

static void what_was_cut_or_not_decided_is_said(void **state)
{
    (void)state;
    char text[VERDICT_JSON_BYTES_MAX];
    struct rule_set *rule_set = load_english_rules(rules);
    const struct verdict verdict = {
        .truncated = true, .undecided = true, .hits_cut = true, .hit_count = 99};
    write_verdict(rule_set, &verdict, text);
    assert_non_null(strstr(text, "\"language\":\"unknown\""));
    assert_non_null(strstr(text, "\"complaint\":false,\"severity\":0,\"severity_name\":\"none\""));
    assert_non_null(strstr(text, "\"categories\":[],\"traits\":[]"));
    assert_non_null(strstr(text, "\"undecided\":true,\"rules\":[],"));
    assert_non_null(strstr(text, "\"rules_fired\":99"));
    assert_non_null(strstr(text, ",\"truncated\":true}"));
    redress_rule_set_free(rule_set);
}

static void the_largest_verdict_fits_into_the_stated_room(void **state)
{
    (void)state;
    char text[VERDICT_JSON_BYTES_MAX];
    struct json_writer json;
    struct rule_set *rule_set = load_english_rules(rules);
    struct verdict_hit hits[MESSAGE_HITS_MAX];
    for (unsigned index = 0; index < MESSAGE_HITS_MAX; index++)
        hits[index] = (struct verdict_hit){0, UINT32_MAX, UINT32_MAX};
    const struct verdict verdict = {.severity = SEVERITY_CRITICAL,
                                    .language = LANGUAGE_UNKNOWN,
                                    .truncated = true,
                                    .hits_cut = true,
                                    .category_count = 2,
                                    .categories = {CATEGORY_INFORMATION, CATEGORY_DELIVERY},
                                    .traits = (1u << TRAIT_COUNT) - 1,
                                    .traits_by_words = (1u << TRAIT_COUNT) - 1,
                                    .score = -123.456789f,
                                    .hit_count = UINT32_MAX,
                                    .hits_stored = MESSAGE_HITS_MAX,
                                    .hits = hits,
                                    .rule_set_hash = UINT64_MAX};
    json_start(&json, text, sizeof text);
    json_object_open(&json);
    verdict_write_json(&json, rule_set, &verdict);
    json_object_close(&json);
    assert_false(json.overflow);
    assert_int_equal(strlen(redress_rule_id(rule_set, 0)), RULE_ID_BYTES_MAX);
    print_message("%zu of %d bytes\n", json.size, VERDICT_JSON_BYTES_MAX);
    redress_rule_set_free(rule_set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_has_exactly_the_members_of_the_contract),
        cmocka_unit_test(what_words_alone_say_is_written_where_there_is_any),
        cmocka_unit_test(what_was_cut_or_not_decided_is_said),
        cmocka_unit_test(the_largest_verdict_fits_into_the_stated_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
