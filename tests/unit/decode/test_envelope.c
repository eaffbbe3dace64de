/**
 * Envelopes: what each kind of record decodes to, by examples; the generated cases stand in
 * test_hostile.c.
 */
#include "decode/envelope.h"

#include "support/made_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct decode_scratch *scratch;
static struct made_message *made;

static int open_scratch(void **state)
{
    (void)state;
    made = NULL;
    return decode_scratch_create(64 * 1024, &scratch) == STATUS_OK ? 0 : 1;
}

static int close_scratch(void **state)
{
    (void)state;
    made_message_free(made);
    decode_scratch_free(scratch);
    return 0;
}

static struct envelope_mapping compile(const struct envelope_settings *settings)
{
    static struct error_list errors;
    errors.count = 0;
    struct envelope_mapping mapping;
    assert_int_equal(envelope_mapping_compile(settings, "test", &errors, &mapping), STATUS_OK);
    assert_int_equal(errors.count, 0);
    return mapping;
}

static struct message *decode_with(const struct envelope_settings *settings, const char *payload,
                                   size_t size, const struct message_header *headers,
                                   uint16_t header_count)
{
    struct envelope_mapping mapping = compile(settings);
    made_message_free(made);
    made = made_message_create_with_headers(payload, size, headers, header_count);
    enum redress_status status = envelope_decode(&mapping, scratch, &made->message);
    bool is_dead = made->message.dead_reason != DEAD_NONE;
    assert_int_equal(status, is_dead ? STATUS_INVALID : STATUS_OK);
    assert_int_equal(made->message.dead_detail[0] != '\0', is_dead);
    return &made->message;
}

static struct message *decode(enum envelope_kind kind, const char *payload)
{
    struct envelope_settings settings = {.kind = kind, .payload_bytes_max = 64 * 1024};
    return decode_with(&settings, payload, strlen(payload), NULL, 0);
}

static struct message *decode_json(const char *payload)
{
    return decode(ENVELOPE_JSON, payload);
}

static void assert_slice(struct slice slice, const char *expected)
{
    if (slice.size != strlen(expected) || memcmp(slice.data, expected, slice.size) != 0)
        fail_msg("\"%.*s\" should be \"%s\"", (int)slice.size, slice.data, expected);
}

static void assert_dead(const struct message *message, enum dead_reason reason)
{
    assert_string_equal(redress_dead_reason_name(message->dead_reason),
                        redress_dead_reason_name(reason));
}

static void plain_json_fills_all_fields(void **state)
{
    (void)state;
    struct message *message = decode_json(
        "{\"id\":\"m-1\",\"customer\":42,\"text\":\"Zażółć\\n\\u0000\",\"time\":\"2024-01-02\","
        "\"language\":\"pl\",\"shop\":{\"no\":7,\"open\":true},\"tags\":[\"a\",null,1.5]}");
    assert_dead(message, DEAD_NONE);
    assert_slice(message->id, "m-1");
    assert_slice(message->customer, "42");
    assert_int_equal(message->text.size, strlen("Zażółć\n") + 1);
    assert_memory_equal(message->text.data, "Zażółć\n\0", message->text.size);
    assert_slice(message->time, "2024-01-02");
    assert_slice(message->language_hint, "pl");
    assert_slice(message->attributes,
                 "{\"shop\":{\"no\":7,\"open\":true},\"tags\":[\"a\",null,1.5]}");
    assert_int_equal(message->flags, 0);
    static const char zeros[MESSAGE_PADDING_BYTES];
    assert_memory_equal(message->text.data + message->text.size, zeros, sizeof zeros);
}

static void only_the_text_is_required(void **state)
{
    (void)state;
    struct message *message = decode_json("{\"text\":\"x\",\"id\":null,\"customer\":\"\"}");
    assert_dead(message, DEAD_NONE);
    assert_int_equal(message->id.size, 0);
    assert_int_equal(message->customer.size, 0);
    assert_int_equal(message->attributes.size, 0);
    assert_dead(decode_json("{\"id\":1}"), DEAD_TEXT_MISSING);
    assert_dead(decode_json("{\"text\":null}"), DEAD_TEXT_MISSING);
    assert_dead(decode_json("[\"text\"]"), DEAD_TEXT_MISSING);
    assert_dead(decode_json("\"text\""), DEAD_TEXT_MISSING);
    assert_dead(decode_json("{\"text\":\" \\n\\u00a0\\u200b\"}"), DEAD_EMPTY);
    assert_dead(decode_json(""), DEAD_EMPTY);
}

static void integers_are_printed_exactly(void **state)
{
    (void)state;
    assert_slice(decode_json("{\"text\":\"x\",\"id\":18446744073709551615}")->id,
                 "18446744073709551615");
    assert_slice(decode_json("{\"text\":\"x\",\"id\":-9223372036854775808}")->id,
                 "-9223372036854775808");
    struct message *message =
        decode_json("{\"text\":\"\\u0000x\",\"id\":123456789012345678901234567890,\"n\":-1e999,"
                    "\"m\":\"\\u0000\"}");
    assert_dead(message, DEAD_NONE);
    assert_slice(message->id, "123456789012345678901234567890");
    assert_slice(message->attributes, "{\"n\":\"-1e999\",\"m\":\"\\u0000\"}");
    assert_int_equal(message->text.size, 2);
    assert_memory_equal(message->text.data, "\0x", 2);
    assert_dead(decode_json("{\"text\":\"x\",\"id\":1.0}"), DEAD_WRONG_TYPE);
    assert_dead(decode_json("{\"text\":\"x\",\"id\":1e999}"), DEAD_WRONG_TYPE);
    assert_dead(decode_json("{\"text\":99999999999999999999}"), DEAD_WRONG_TYPE);
    assert_dead(decode_json("{\"text\":\"x\",\"language\":99999999999999999999}"), DEAD_WRONG_TYPE);
    assert_dead(decode_json("{\"text\":\"x\",\"n\":1e999,}"), DEAD_NOT_JSON);
}

static void a_key_that_is_mapped_may_stand_once(void **state)
{
    (void)state;
    assert_dead(decode_json("{\"text\":\"a\",\"text\":\"b\"}"), DEAD_DUPLICATE_KEY);
    assert_dead(decode_json("{\"text\":\"a\",\"\\u0074ext\":\"b\"}"), DEAD_DUPLICATE_KEY);
    assert_dead(decode_json("{\"text\":\"a\",\"id\":1,\"id\":1}"), DEAD_DUPLICATE_KEY);
    struct message *message =
        decode_json("{\"text\":\"a\",\"k\":1,\"o\":{\"k\":2,\"k\":3},\"k\":4}");
    assert_dead(message, DEAD_NONE);
    assert_slice(message->attributes, "{\"k\":1,\"o\":{\"k\":2}}");
    struct envelope_settings settings = {.pointers = {[ENVELOPE_FIELD_TEXT] = "/a/b/text"}};
    static const char twice[] = "{\"a\":{\"b\":1,\"b\":{\"text\":\"x\"}}}";
    settings.payload_bytes_max = 1024;
    assert_dead(decode_with(&settings, twice, sizeof twice - 1, NULL, 0), DEAD_DUPLICATE_KEY);
}

static void pointers_lead_through_objects_and_arrays(void **state)
{
    (void)state;
    struct envelope_settings settings = {.pointers = {[ENVELOPE_FIELD_TEXT] = "/parts/1/a~1b~0c",
                                                      [ENVELOPE_FIELD_ID] = "/meta/id",
                                                      [ENVELOPE_FIELD_CUSTOMER] = "/meta/who/no"},
                                         .payload_bytes_max = 1024};
    static const char payload[] = "{\"meta\":{\"id\":1,\"who\":{\"no\":\"c\"},\"x\":2},"
                                  "\"parts\":[0,{\"a/b~c\":\"hello\",\"y\":3},4]}";
    struct message *message = decode_with(&settings, payload, sizeof payload - 1, NULL, 0);
    assert_dead(message, DEAD_NONE);
    assert_slice(message->text, "hello");
    assert_slice(message->id, "1");
    assert_slice(message->customer, "c");
    assert_slice(message->attributes, "{\"meta\":{\"x\":2},\"parts\":[0,{\"y\":3},4]}");
}

static void a_document_may_be_nothing_but_its_text(void **state)
{
    (void)state;
    struct envelope_settings settings = {.pointers = {[ENVELOPE_FIELD_TEXT] = ""},
                                         .payload_bytes_max = 1024};
    struct message *message = decode_with(&settings, "\"hello\"", 7, NULL, 0);
    assert_dead(message, DEAD_NONE);
    assert_slice(message->text, "hello");
}

static void bytes_are_repaired_before_they_are_parsed(void **state)
{
    (void)state;
    struct message *message = decode_json("\xEF\xBB\xBF{\"text\":\"a\"}");
    assert_dead(message, DEAD_NONE);
    assert_int_equal(message->flags, MESSAGE_REPAIRED);
    message = decode_json("{\"text\":\"a\xFFz\",\"\xC3\":1}");
    assert_dead(message, DEAD_NONE);
    assert_int_equal(message->flags, MESSAGE_REPAIRED);
    assert_slice(message->text, "a\xEF\xBF\xBDz");
    assert_slice(message->attributes, "{\"\xEF\xBF\xBD\":1}");
    message = decode_json("{\"text\":\"a\\ud800\xE2\x82z\"}");
    assert_int_equal(message->flags, MESSAGE_REPAIRED);
    assert_slice(message->text, "a\xEF\xBF\xBD\xEF\xBF\xBDz");
    assert_dead(decode_json("\xEF\xBB\xBF\xEF\xBB\xBF{\"text\":\"a\"}"), DEAD_NOT_JSON);
    assert_dead(decode_json("\xFF{\"text\":\"a\"}"), DEAD_NOT_JSON);
}

static void a_long_text_is_cut_at_a_character(void **state)
{
    (void)state;
    struct envelope_settings settings = {.text_bytes_max = 64, .payload_bytes_max = 1024};
    char payload[256];
    int size = snprintf(payload, sizeof payload, "{\"text\":\"%063dżółw\",\"id\":\"i\"}", 0);
    struct message *message = decode_with(&settings, payload, (size_t)size, NULL, 0);
    assert_dead(message, DEAD_NONE);
    assert_int_equal(message->flags, MESSAGE_TRUNCATED);
    assert_int_equal(message->text.size, 63);
    assert_slice(message->id, "i");
    settings.text_policy = TEXT_POLICY_DEAD_LETTER;
    message = decode_with(&settings, payload, (size_t)size, NULL, 0);
    assert_dead(message, DEAD_TEXT_TOO_LONG);
    assert_slice(message->id, "i");
}

static void limits_hold_exactly(void **state)
{
    (void)state;
    struct envelope_settings settings = {.depth_max = 3, .keys_max = 2, .payload_bytes_max = 40};
    static const struct {
        const char *payload;
        enum dead_reason reason;
    } cases[] = {
        {"{\"text\":\"x\",\"a\":[[]]}", DEAD_NONE},
        {"{\"text\":\"x\",\"a\":[[[]]]}", DEAD_TOO_DEEP},
        {"{\"text\":\"x\",\"a\":[[1]]}", DEAD_NONE},
        {"{\"text\":\"x\",\"a\":[[{\"b\":1}]]}", DEAD_TOO_DEEP},
        {"{\"text\":\"x\",\"a\":1}", DEAD_NONE},
        {"{\"text\":\"x\",\"a\":{\"b\":1}}", DEAD_TOO_MANY_KEYS},
        {"{\"text\":\"012345678901234567890123456\"}  ", DEAD_NONE},
        {"{\"text\":\"012345678901234567890123456\"}   ", DEAD_TOO_LARGE},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++)
        assert_dead(
            decode_with(&settings, cases[index].payload, strlen(cases[index].payload), NULL, 0),
            cases[index].reason);
    char payload[600];
    for (int size = 256; size <= 257; size++) {
        snprintf(payload, sizeof payload, "{\"text\":\"x\",\"customer\":\"%0*d\"}", size, 0);
        assert_dead(decode_json(payload), size == 256 ? DEAD_NONE : DEAD_FIELD_TOO_LONG);
    }
}

/* Members far behind are told apart from fields as the first ones are. */
static void fields_stand_anywhere_among_many_members(void **state)
{
    (void)state;
    enum { MEMBERS = 100 };
    for (int place = 0; place < MEMBERS; place++) {
        char payload[MEMBERS * 16] = "{";
        char others[sizeof payload] = "{";
        size_t size = 1;
        size_t others_size = 1;
        for (int i = 0; i < MEMBERS; i++) {
            char member[24];
            const char *after = i + 1 < MEMBERS ? "," : "}";
            size_t member_size = (size_t)snprintf(member, sizeof member, "\"k%d\":%d", i, i);
            if (i == place)
                size += (size_t)snprintf(payload + size, sizeof payload - size, "\"text\":\"x\"%s",
                                         after);
            else
                size +=
                    (size_t)snprintf(payload + size, sizeof payload - size, "%s%s", member, after);
            if (i != place)
                others_size +=
                    (size_t)snprintf(others + others_size, sizeof others - others_size, "%s%.*s",
                                     others_size > 1 ? "," : "", (int)member_size, member);
        }
        (void)snprintf(others + others_size, sizeof others - others_size, "}");
        struct message *message = decode_json(payload);
        assert_slice(message->text, "x");
        assert_slice(message->attributes, others);
    }
}

static void long_attributes_are_cut_at_a_whole_member(void **state)
{
    (void)state;
    char payload[2 * MESSAGE_ATTRIBUTES_BYTES_MAX];
    int size = snprintf(payload, sizeof payload, "{\"first\":1,\"text\":\"x\",\"big\":\"%0*d\"}",
                        MESSAGE_ATTRIBUTES_BYTES_MAX, 0);
    struct message *message = decode_json(payload);
    assert_dead(message, DEAD_NONE);
    assert_slice(message->attributes, "{\"first\":1,\"" ATTRIBUTES_CUT_KEY "\":true}");
    assert_true(size > MESSAGE_ATTRIBUTES_BYTES_MAX);
    struct decode_counts counts = {0};
    decode_counts_add(scratch, &counts);
    assert_int_equal(counts.attributes_cut, 1);
}

static void little_room_breaks_nothing(void **state)
{
    (void)state;
    struct envelope_mapping mapping =
        compile(&(struct envelope_settings){.payload_bytes_max = 1024});
    static const char payload[] =
        "{\"id\":\"i\",\"text\":\"hello hello hello\",\"other\":\"attribute\"}";
    for (uint32_t room_size = 0; room_size < 200; room_size++) {
        struct made_message *small = made_message_create(payload, sizeof payload - 1);
        char *room = test_malloc(room_size + 1);
        small->message.room = room;
        small->message.room_size = room_size;
        enum redress_status status = envelope_decode(&mapping, scratch, &small->message);
        if (status == STATUS_OK && small->message.text.size < 17)
            assert_int_equal(small->message.flags, MESSAGE_TRUNCATED);
        test_free(room);
        made_message_free(small);
    }
}

static void a_record_without_a_value_is_a_tombstone(void **state)
{
    (void)state;
    struct envelope_settings settings = {.payload_bytes_max = 1024};
    assert_dead(decode_with(&settings, NULL, 0, NULL, 0), DEAD_TOMBSTONE);
}

static void a_kept_head_is_too_large(void **state)
{
    (void)state;
    struct envelope_mapping mapping =
        compile(&(struct envelope_settings){.payload_bytes_max = 1024});
    made = made_message_create("{\"text\":\"x\"}", 12);
    made->message.payload_size_original = 1025;
    assert_int_equal(envelope_decode(&mapping, scratch, &made->message), STATUS_INVALID);
    assert_dead(&made->message, DEAD_TOO_LARGE);
}

static void the_key_may_name_the_customer(void **state)
{
    (void)state;
    struct envelope_mapping mapping =
        compile(&(struct envelope_settings){.payload_bytes_max = 1024, .customer_is_key = true});
    made = made_message_create("{\"text\":\"x\"}", 12);
    made->message.key = slice_from("key\xFF", 4);
    assert_int_equal(envelope_decode(&mapping, scratch, &made->message), STATUS_OK);
    assert_slice(made->message.customer, "key\xEF\xBF\xBD");
}

static struct message_header header(const char *name, const char *value)
{
    return (struct message_header){slice_from(name, strlen(name)),
                                   slice_from(value, strlen(value))};
}

static void raw_text_takes_its_fields_from_headers(void **state)
{
    (void)state;
    struct envelope_settings settings = {.kind = ENVELOPE_TEXT, .payload_bytes_max = 1024};
    struct message_header headers[] = {header("customer", "c-7"), header("x", "1"),
                                       header("x", "2"), header("language", "sv")};
    struct message *message = decode_with(&settings, "\xEF\xBB\xBF{\xFF", 5, headers, 4);
    assert_dead(message, DEAD_NONE);
    assert_slice(message->text, "{\xEF\xBF\xBD");
    assert_slice(message->customer, "c-7");
    assert_slice(message->language_hint, "sv");
    assert_slice(message->attributes, "{\"x\":\"1\"}");
    assert_int_equal(message->flags, MESSAGE_REPAIRED);
    headers[1] = header("customer", "c-8");
    assert_dead(decode_with(&settings, "x", 1, headers, 4), DEAD_DUPLICATE_KEY);
    assert_dead(decode_with(&settings, " \n", 2, NULL, 0), DEAD_EMPTY);
}

#define EVENT "\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/web\",\"type\":\"t\""

static void structured_events_are_read(void **state)
{
    (void)state;
    struct message *message = decode(
        ENVELOPE_CLOUDEVENTS,
        "{" EVENT ",\"data\":{\"text\":\"hello\",\"customer\":3,\"more\":1},\"time\":\"T\"}");
    assert_dead(message, DEAD_NONE);
    assert_slice(message->text, "hello");
    assert_slice(message->customer, "3");
    assert_slice(message->id, "e1");
    assert_slice(message->time, "T");
    assert_slice(
        message->attributes,
        "{\"specversion\":\"1.0\",\"source\":\"/web\",\"type\":\"t\",\"data\":{\"more\":1}}");
    message =
        decode(ENVELOPE_CLOUDEVENTS,
               "{" EVENT ",\"datacontenttype\":\"text/plain; charset=utf-8\",\"data\":\"hi\"}");
    assert_dead(message, DEAD_NONE);
    assert_slice(message->text, "hi");
    static const char *const broken[] = {
        "[]",
        "{}",
        "{\"specversion\":\"0.3\",\"id\":\"e\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"text\":"
        "\"x\"}}",
        "{\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"text\":\"x\"}}",
        "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"\",\"type\":\"t\",\"data\":{\"text\":"
        "\"x\"}}",
        "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"s\",\"type\":5,\"data\":{\"text\":"
        "\"x\"}}",
        "{" EVENT ",\"data_base64\":\"eA==\"}",
    };
    for (size_t index = 0; index < sizeof broken / sizeof broken[0]; index++)
        assert_dead(decode(ENVELOPE_CLOUDEVENTS, broken[index]), DEAD_ENVELOPE);
    assert_dead(decode(ENVELOPE_CLOUDEVENTS, "{" EVENT "}"), DEAD_TEXT_MISSING);
}

static void binary_events_are_read(void **state)
{
    (void)state;
    struct envelope_settings settings = {.kind = ENVELOPE_CLOUDEVENTS, .payload_bytes_max = 1024};
    struct message_header headers[] = {
        header("ce_specversion", "1.0"), header("ce_id", "e1"),
        header("ce_source", "/web"),     header("ce_type", "t"),
        header("ce_time", "T"),          header("content-type", "application/json"),
        header("ce_x", "\xFF"),
    };
    static const char payload[] = "{\"text\":\"hello\",\"customer\":\"c\",\"more\":1}";
    struct message *message = decode_with(&settings, payload, sizeof payload - 1, headers, 7);
    assert_dead(message, DEAD_NONE);
    assert_slice(message->text, "hello");
    assert_slice(message->id, "e1");
    assert_slice(message->time, "T");
    assert_slice(message->customer, "c");
    assert_slice(message->attributes, "{\"specversion\":\"1.0\",\"source\":\"/web\",\"type\":\"t\","
                                      "\"x\":\"\xEF\xBF\xBD\",\"data\":{\"more\":1}}");
    headers[5] = header("Content-Type", "text/plain");
    message = decode_with(&settings, "just text", 9, headers, 7);
    assert_dead(message, DEAD_NONE);
    assert_slice(message->text, "just text");
    headers[5] = header("content-type", "application/avro");
    assert_dead(decode_with(&settings, "x", 1, headers, 7), DEAD_ENVELOPE);
    headers[5] = header("content-type", "application/cloudevents-batch+json");
    assert_dead(decode_with(&settings, "[]", 2, headers, 7), DEAD_ENVELOPE);
    headers[5] = header("content-type", "application/json");
    headers[2] = header("ce_sauce", "/web");
    assert_dead(decode_with(&settings, payload, sizeof payload - 1, headers, 7), DEAD_ENVELOPE);
}

static uint64_t hash(const char *customer)
{
    return envelope_hash_customer(slice_from(customer, strlen(customer)));
}

static void customers_are_hashed_as_history_knows_them(void **state)
{
    (void)state;
    assert_true(hash("Anna@Example.org") == hash(" \tanna@example.ORG\n"));
    assert_true(hash("anna") != hash("anne"));
    assert_true(hash("Ä") != hash("ä")); /* ASCII only, as the header says */
    assert_int_equal(hash(""), 0);
    assert_int_equal(hash(" \r\n"), 0);
    assert_true(decode_json("{\"text\":\"x\",\"customer\":\" A\"}")->customer_hash == hash("a"));
    assert_int_equal(decode_json("{\"text\":\"x\"}")->customer_hash, 0);
}

static void counts_add_up(void **state)
{
    (void)state;
    decode_json("{\"text\":\"x\"}");
    decode_json("{\"text\":\"x\xFF\"}");
    decode_json("{\"text\":\"x\",\"n\":1e999}");
    decode_json("{");
    struct decode_counts counts = {0};
    decode_counts_add(scratch, &counts);
    decode_counts_add(scratch, &counts);
    assert_int_equal(counts.decoded, 8);
    assert_int_equal(counts.repaired, 2);
    assert_int_equal(counts.numbers_rewritten, 2);
    assert_int_equal(counts.dead[DEAD_NOT_JSON], 2);
    assert_int_equal(counts.dead[DEAD_NONE], 0);
}

static void reasons_have_names_that_read_back(void **state)
{
    (void)state;
    for (unsigned reason = 0; reason < DEAD_REASON_COUNT; reason++) {
        const char *name = redress_dead_reason_name((enum dead_reason)reason);
        enum dead_reason back = DEAD_REASON_COUNT;
        assert_true(redress_dead_reason_parse(name, strlen(name), &back));
        assert_int_equal(back, reason);
        assert_false(redress_dead_reason_parse(name, strlen(name) - 1, &back));
    }
    assert_string_equal(redress_dead_reason_name((enum dead_reason)DEAD_REASON_COUNT), "unknown");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scratch, close_scratch)

/* Keys are known by their hashes: those of a message's other objects are others. */
static void a_key_hides_none_of_another_object(void **state)
{
    (void)state;
    static const char head[] = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\","
                               "\"type\":\"t\",\"data\":{\"text\":\"x\"},\"all\":[{}";
    static char payload[8 * 1024];
    size_t size = (size_t)snprintf(payload, sizeof payload, "%s", head);
    for (unsigned object = 0; object < 400; object++)
        size += (size_t)snprintf(payload + size, sizeof payload - size, ",{\"a1%u\":0}",
                                 object * 7 % 10);
    (void)snprintf(payload + size, sizeof payload - size, "]}");
    const struct message *message = decode(ENVELOPE_CLOUDEVENTS, payload);
    assert_dead(message, DEAD_NONE);
    unsigned count = 0;
    for (uint32_t at = 0; at < message->attributes.size; at++)
        count += message->attributes.data[at] == 'a' && message->attributes.data[at + 1] == '1';
    assert_int_equal(count, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_json_fills_all_fields),
        TEST(only_the_text_is_required),
        TEST(integers_are_printed_exactly),
        TEST(a_key_that_is_mapped_may_stand_once),
        TEST(pointers_lead_through_objects_and_arrays),
        TEST(a_document_may_be_nothing_but_its_text),
        TEST(bytes_are_repaired_before_they_are_parsed),
        TEST(a_long_text_is_cut_at_a_character),
        TEST(limits_hold_exactly),
        TEST(fields_stand_anywhere_among_many_members),
        TEST(a_key_hides_none_of_another_object),
        TEST(long_attributes_are_cut_at_a_whole_member),
        TEST(little_room_breaks_nothing),
        TEST(a_record_without_a_value_is_a_tombstone),
        TEST(a_kept_head_is_too_large),
        TEST(the_key_may_name_the_customer),
        TEST(raw_text_takes_its_fields_from_headers),
        TEST(structured_events_are_read),
        TEST(binary_events_are_read),
        TEST(customers_are_hashed_as_history_knows_them),
        TEST(counts_add_up),
        TEST(reasons_have_names_that_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
