/**
 * Case ids: equal for the same record, different for any other, kept by replays.
 *
 * The expected id is worked out here with the one-shot hash over bytes laid out by hand, not with
 * the code under test; a changed layout would give every stored case a new id.
 */
#include "egress/case_id.h"

#include "base/hash.h"
#include "unit/egress/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct slice cluster(void)
{
    return test_slice("cluster-1");
}

static bool equal(struct case_id left, struct case_id right)
{
    return left.high == right.high && left.low == right.low;
}

static void id_is_the_hash_of_its_parts(void **state)
{
    (void)state;
    static const unsigned char bytes[] = "\x09\0\0\0\0\0\0\0cluster-1"
                                         "\x06\0\0\0\0\0\0\0in.web"
                                         "\x02\0\0\0\0\0\0\0"
                                         "\x67\x12\0\0\0\0\0\0"
                                         "\x00\x68\xe5\xcf\x8b\x01\0\0"
                                         "\xef\xcd\xab\x89\x67\x45\x23\x01";
    struct message message = test_message();
    XXH128_hash_t expected = XXH3_128bits(bytes, sizeof bytes - 1);
    struct case_id id = case_id_of(cluster(), &message);
    assert_true(id.high == expected.high64);
    assert_true(id.low == expected.low64);
}

static void id_changes_with_each_part(void **state)
{
    (void)state;
    struct message base = test_message();
    struct case_id first = case_id_of(cluster(), &base);
    assert_true(equal(first, case_id_of(cluster(), &base)));
    struct message other[5] = {base, base, base, base, base};
    other[0].topic = "in.chat";
    other[1].partition = 3;
    other[2].offset++;
    other[3].timestamp_ms = -1;
    other[4].payload_hash++;
    for (int index = 0; index < 5; index++)
        assert_false(equal(first, case_id_of(cluster(), &other[index])));
    assert_false(equal(first, case_id_of(test_slice("cluster-2"), &base)));
    assert_false(equal(first, case_id_of((struct slice){0}, &base)));
}

static void text_form_goes_there_and_back(void **state)
{
    (void)state;
    struct case_id id = {.high = 0x00ff, .low = 0xdeadbeef00000001};
    char text[CASE_ID_DIGITS + 1];
    case_id_format(id, text);
    assert_string_equal(text, "00000000000000ffdeadbeef00000001");
    struct case_id back;
    assert_true(case_id_parse(test_slice(text), &back));
    assert_true(equal(id, back));
}

static void anything_but_32_digits_is_no_id(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "00000000000000ffdeadbeef0000000",
                                        "00000000000000ffdeadbeef000000011",
                                        "00000000000000FFdeadbeef00000001",
                                        "g0000000000000ffdeadbeef00000001",
                                        "00000000000000ffdeadbeef0000000/",
                                        "00000000000000ffdeadbeef0000000:",
                                        "00000000000000ffdeadbeef0000000`",
                                        "00000000000000000000000000000000"};
    struct case_id id = {.high = 7, .low = 7};
    for (size_t index = 0; index < sizeof wrong / sizeof wrong[0]; index++)
        assert_false(case_id_parse(test_slice(wrong[index]), &id));
    assert_true(id.high == 7 && id.low == 7);
    assert_true(case_id_parse(test_slice("00000000000000000000000000000001"), &id));
    assert_true(case_id_parse(test_slice("00000000000000010000000000000000"), &id));
}

static void replayed_message_keeps_its_first_id(void **state)
{
    (void)state;
    struct message_header headers[] = {
        {test_slice("redress-case-ie"), test_slice("11111111111111111111111111111111")},
        {test_slice("redress"), test_slice("11111111111111111111111111111111")},
        {test_slice(CASE_ID_HEADER), test_slice("not an id")},
        {test_slice(CASE_ID_HEADER), test_slice("000000000000000a000000000000000b")},
    };
    struct message message = test_message();
    message.headers = headers;
    message.header_count = 4;
    case_id_assign(cluster(), &message);
    assert_true(message.flags & MESSAGE_REPLAYED);
    assert_true(message.case_id.high == 10 && message.case_id.low == 11);
}

static void message_without_a_valid_header_gets_its_own_id(void **state)
{
    (void)state;
    struct message_header headers[] = {{test_slice(CASE_ID_HEADER), {0}}};
    struct message message = test_message();
    message.headers = headers;
    message.header_count = 1;
    case_id_assign(cluster(), &message);
    assert_false(message.flags & MESSAGE_REPLAYED);
    assert_true(equal(message.case_id, case_id_of(cluster(), &message)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id_is_the_hash_of_its_parts),
        cmocka_unit_test(id_changes_with_each_part),
        cmocka_unit_test(text_form_goes_there_and_back),
        cmocka_unit_test(anything_but_32_digits_is_no_id),
        cmocka_unit_test(replayed_message_keeps_its_first_id),
        cmocka_unit_test(message_without_a_valid_header_gets_its_own_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
