/**
 * Decoding of generated hostile records: the generator knows the ending of each, so that it is the
 * oracle. HOSTILE_SEED and HOSTILE_CASES repeat or widen a run.
 */
#include "decode/envelope.h"

#include "support/hostile.h"
#include "support/made_message.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { CASES = 12000 };

static unsigned long read_setting(const char *name, unsigned long standard)
{
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : standard;
}

static void compile_all(const struct hostile_limits *of,
                        struct envelope_mapping mappings[ENVELOPE_KIND_COUNT])
{
    static struct error_list errors;
    for (unsigned kind = 0; kind < ENVELOPE_KIND_COUNT; kind++) {
        const struct envelope_settings settings = hostile_envelope(of, (enum envelope_kind)kind);
        assert_int_equal(envelope_mapping_compile(&settings, NULL, &errors, &mappings[kind]),
                         STATUS_OK);
    }
}

static void check_case(const struct hostile_case *expected, const struct message *message)
{
    static const char zeros[MESSAGE_PADDING_BYTES];
    if (message->dead_reason != expected->reason)
        fail_msg("%s: %s (%s) instead of %s", expected->kind,
                 redress_dead_reason_name(message->dead_reason), message->dead_detail,
                 redress_dead_reason_name(expected->reason));
    if (expected->reason != DEAD_NONE)
        return;
    if (((message->flags & MESSAGE_REPAIRED) != 0) != expected->repaired ||
        ((message->flags & MESSAGE_TRUNCATED) != 0) != expected->truncated)
        fail_msg("%s: flags %u", expected->kind, message->flags);
    if (message->text.size != expected->text_size ||
        memcmp(message->text.data, expected->text, expected->text_size) != 0)
        fail_msg("%s: %u bytes of text, not the %zu expected", expected->kind, message->text.size,
                 expected->text_size);
    assert_true(utf8_is_valid(message->attributes.data, message->attributes.size));
    assert_true(message->attributes.size <= MESSAGE_ATTRIBUTES_BYTES_MAX);
    assert_memory_equal(message->text.data + message->text.size, zeros, sizeof zeros);
}

static void run(const struct hostile_limits *of, uint64_t seed, unsigned long cases,
                struct decode_counts *counts, uint64_t expected_dead[DEAD_REASON_COUNT])
{
    struct envelope_mapping mappings[ENVELOPE_KIND_COUNT];
    compile_all(of, mappings);
    struct decode_scratch *scratch;
    assert_int_equal(decode_scratch_create(of->payload_bytes_max, &scratch), STATUS_OK);
    struct hostile *hostile = hostile_create(seed, of);
    assert_non_null(hostile);
    for (unsigned long index = 0; index < cases; index++) {
        const struct hostile_case *expected = hostile_next(hostile);
        struct made_message *made = made_message_create_with_headers(
            expected->payload, expected->payload_size, expected->headers, expected->header_count);
        enum redress_status status =
            envelope_decode(&mappings[expected->envelope], scratch, &made->message);
        assert_int_equal(status == STATUS_OK, made->message.dead_reason == DEAD_NONE);
        check_case(expected, &made->message);
        expected_dead[expected->reason]++;
        made_message_free(made);
    }
    decode_counts_add(scratch, counts);
    hostile_destroy(hostile);
    decode_scratch_free(scratch);
}

static void every_record_ends_as_its_generator_says(void **state)
{
    (void)state;
    uint64_t seed = read_setting("HOSTILE_SEED", 1);
    unsigned long cases = read_setting("HOSTILE_CASES", CASES);
    print_message("seed %llu, %lu cases of %zu kinds\n", (unsigned long long)seed, cases,
                  hostile_kind_count());
    struct decode_counts counts = {0};
    uint64_t dead[DEAD_REASON_COUNT] = {0};
    run(&hostile_limits_usual, seed, cases, &counts, dead);
    assert_int_equal(counts.decoded, cases);
    for (unsigned reason = DEAD_NONE + 1; reason < DEAD_REASON_COUNT; reason++) {
        assert_int_equal(counts.dead[reason], dead[reason]);
        /* Every reason that decoding has is reached, but for the other policy's. */
        bool is_reached = reason != DEAD_TEXT_TOO_LONG && reason != DEAD_OUTPUT_TOO_LARGE;
        assert_int_equal(dead[reason] > 0, is_reached);
    }
    assert_true(counts.truncated > 0 && counts.repaired > 0);
}

static void long_texts_are_dead_letters_under_the_other_policy(void **state)
{
    (void)state;
    struct hostile_limits strict = hostile_limits_usual;
    strict.text_policy = TEXT_POLICY_DEAD_LETTER;
    strict.record_bytes_max = 0;
    struct decode_counts counts = {0};
    uint64_t dead[DEAD_REASON_COUNT] = {0};
    run(&strict, 7, 1000, &counts, dead);
    assert_int_equal(counts.truncated, 0);
    assert_true(counts.dead[DEAD_TEXT_TOO_LONG] > 0);
}

static void equal_seeds_make_equal_records(void **state)
{
    (void)state;
    struct hostile_limits small = hostile_limits_usual;
    small.record_bytes_max = 0;
    struct hostile *left = hostile_create(5, &small);
    struct hostile *right = hostile_create(5, &small);
    for (int index = 0; index < 200; index++) {
        const struct hostile_case *first = hostile_next(left);
        const struct hostile_case *second = hostile_next(right);
        assert_int_equal(first->payload_size, second->payload_size);
        if (first->payload)
            assert_memory_equal(first->payload, second->payload, first->payload_size);
    }
    hostile_destroy(left);
    hostile_destroy(right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_ends_as_its_generator_says),
        cmocka_unit_test(long_texts_are_dead_letters_under_the_other_policy),
        cmocka_unit_test(equal_seeds_make_equal_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
