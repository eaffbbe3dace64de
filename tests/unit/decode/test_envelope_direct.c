/**
 * Two ways to read a plain JSON document, one walk and the parser: of every document both must say
 * the same.
 *
 * Method: random documents of pieces that people write and of those that they should not, whole and
 * with bytes changed, and the hostile records of test_hostile.c. Each is decoded twice, the second
 * time with a mapping that leaves the walk out; seeds are printed. How many documents the walk read
 * is counted too, or else it might have read none.
 */
#include "decode/decoding.h"

#include "support/hostile.h"
#include "support/made_message.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { PAYLOAD_MAX = 64 * 1024, DOCUMENTS = 40000, RECORDS = 6000 };

static struct decode_scratch *scratch;
static uint32_t direct_count;

static int open_scratch(void **state)
{
    (void)state;
    return decode_scratch_create(PAYLOAD_MAX, &scratch) == STATUS_OK ? 0 : 1;
}

static int close_scratch(void **state)
{
    (void)state;
    decode_scratch_free(scratch);
    return 0;
}

static bool is_one_in(uint64_t *random, uint32_t count)
{
    return random_next(random) % count == 0;
}

/* A document while it is written. */
struct draft {
    char bytes[16 * 1024];
    size_t size;
    uint64_t random;
};

static void add_sized(struct draft *draft, const char *bytes, size_t size)
{
    if (size > sizeof draft->bytes - draft->size)
        return;
    memcpy(draft->bytes + draft->size, bytes, size);
    draft->size += size;
}

static void add(struct draft *draft, const char *text)
{
    add_sized(draft, text, strlen(text));
}

#define ADD_ONE_OF(draft, list)                                                                    \
    add(draft, (list)[random_next(&(draft)->random) % (sizeof(list) / sizeof *(list))])

static void add_space(struct draft *draft)
{
    static const char *const spaces[] = {" ", " ", "  ", "\n", "\t", "\r\n  "};
    if (is_one_in(&draft->random, 2))
        ADD_ONE_OF(draft, spaces);
}

static void add_characters(struct draft *draft)
{
    static const char *const usual[] = {
        "a",     "The card is lost. ", "é", "Деньги ", "–", "“quoted”", "客服", "한", "ไทย", "😀",
        "हिन्दी", "0123456789abcdef",   "ß", " "};
    static const char *const escapes[] = {"\\n",
                                          "\\\"",
                                          "\\\\",
                                          "\\t",
                                          "\\r",
                                          "\\/",
                                          "\\b",
                                          "\\f",
                                          "\\u00e9",
                                          "\\u0000",
                                          "\\u2028",
                                          "\\u007f",
                                          "\\ud83d\\ude00",
                                          "\\u0041"};
    static const char *const odd[] = {
        "\x7F", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xE0\xA0\x80"};
    static const char *const wrong[] = {
        "\xC3",    "\x80",     "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xF8",    "\n",       "\x01",     "\\x",          "\\ud83d",      "\\u12",
        "\\ude00", "\xE2\x80", "\\",       "\xD0\xD0\xB0"};
    for (uint64_t count = random_next(&draft->random) % 12; count > 0; count--) {
        if (is_one_in(&draft->random, 20))
            ADD_ONE_OF(draft, escapes);
        else if (is_one_in(&draft->random, 60))
            ADD_ONE_OF(draft, odd);
        else if (is_one_in(&draft->random, 600))
            ADD_ONE_OF(draft, wrong);
        else
            ADD_ONE_OF(draft, usual);
    }
}

static void add_string(struct draft *draft)
{
    add(draft, "\"");
    add_characters(draft);
    add(draft, "\"");
}

static void add_number(struct draft *draft)
{
    static const char *const odd[] = {
        "-0", "0.0", "-0.0",  "1e5",     "1E+2",   "100000.0", "01",     "1.",
        ".5", "-",   "1e999", "99999.0", "0.0001", "0.001",    "0.0012", "123456789012345678901"};
    if (is_one_in(&draft->random, 16)) {
        ADD_ONE_OF(draft, odd);
        return;
    }
    char number[64];
    uint64_t whole = random_next(&draft->random) % (is_one_in(&draft->random, 2) ? 10 : 10000000);
    int places = (int)(random_next(&draft->random) % 7);
    uint64_t fraction = random_next(&draft->random) % (is_one_in(&draft->random, 2) ? 10 : 1000000);
    int size = is_one_in(&draft->random, 2)
                   ? snprintf(number, sizeof number, "%lu", (unsigned long)whole)
                   : snprintf(number, sizeof number, "%s%lu.%0*lu",
                              is_one_in(&draft->random, 4) ? "-" : "", (unsigned long)whole, places,
                              (unsigned long)fraction);
    add_sized(draft, number, (size_t)size);
}

static void add_value(struct draft *draft, uint32_t depth);

static void add_key(struct draft *draft)
{
    static const char *const keys[] = {
        "id",       "text",      "time",           "customer",
        "language", "stars",     "negativereason", "a",
        "channel",  "source",    "labels",         "negativereason_conf",
        "ключ",     "address_1", "address_2",      "idx",
        "texts"};
    if (is_one_in(&draft->random, 30)) {
        add_string(draft);
    } else {
        add(draft, "\"");
        ADD_ONE_OF(draft, keys);
        if (!is_one_in(&draft->random, 8)) {
            char number[16];
            int size =
                snprintf(number, sizeof number, "%u", (unsigned)(random_next(&draft->random) % 40));
            add_sized(draft, number, (size_t)size);
        }
        add(draft, "\"");
    }
    add_space(draft);
    add(draft, ":");
}

static void add_container(struct draft *draft, uint32_t depth, bool is_object)
{
    add(draft, is_object ? "{" : "[");
    add_space(draft);
    for (uint64_t count = random_next(&draft->random) % 5; count > 0; count--) {
        if (is_object)
            add_key(draft);
        add_space(draft);
        add_value(draft, depth);
        add_space(draft);
        if (count > 1)
            add(draft, ",");
        add_space(draft);
    }
    add(draft, is_object ? "}" : "]");
}

static void add_value(struct draft *draft, uint32_t depth)
{
    static const char *const words[] = {"true", "false", "null", "null", "nul", "True"};
    uint64_t kind = random_next(&draft->random) % 16;
    if (kind < 8)
        add_string(draft);
    else if (kind < 12)
        add_number(draft);
    else if (kind < 14)
        add(draft, words[random_next(&draft->random) % (is_one_in(&draft->random, 40) ? 6 : 4)]);
    else if (depth < 12)
        add_container(draft, depth + 1, kind == 14);
    else
        add(draft, "[]");
}

static void add_field(struct draft *draft, const char *key)
{
    add(draft, key);
    add_space(draft);
    if (is_one_in(&draft->random, 20))
        add_value(draft, 1);
    else
        add_string(draft);
    add_space(draft);
    add(draft, ",");
    add_space(draft);
}

/* Mostly a document with a text, and other members around it. */
static void write_document(struct draft *draft)
{
    draft->size = 0;
    add_space(draft);
    add(draft, "{");
    add_space(draft);
    if (is_one_in(&draft->random, 2))
        add_field(draft, "\"id\":");
    if (is_one_in(&draft->random, 3))
        add_field(draft, "\"language\":");
    if (is_one_in(&draft->random, 3))
        add(draft, "\"customer\":12345, ");
    for (uint64_t count = random_next(&draft->random) % 7; count > 0; count--) {
        add_key(draft);
        add_space(draft);
        add_value(draft, 1);
        add(draft, ",");
        add_space(draft);
    }
    add_field(draft, is_one_in(&draft->random, 200) ? "\"texts\":" : "\"text\":");
    add(draft, "\"end\":0}");
    add_space(draft);
}

static void change_bytes(struct draft *draft)
{
    static const char likely[] = "\"\\{}[]:, \n\x00\x7F\x80\xC3\xE2\xED\xFF-0.eut";
    for (uint64_t count = 1 + random_next(&draft->random) % 3; count > 0; count--) {
        size_t at = random_next(&draft->random) % draft->size;
        draft->bytes[at] = likely[random_next(&draft->random) % (sizeof likely - 1)];
    }
    if (is_one_in(&draft->random, 8))
        draft->size = 1 + random_next(&draft->random) % draft->size;
}

static void assert_same(const char *name, struct slice direct, struct slice parsed,
                        const struct slice *payload)
{
    uint32_t at = 0;
    while (at < direct.size && at < parsed.size && direct.data[at] == parsed.data[at])
        at++;
    if (at == direct.size && at == parsed.size)
        return;
    uint32_t shown = at > 30 ? at - 30 : 0;
    fail_msg("%s, byte %u of %u and %u: \"%.60s\" in one walk, \"%.60s\" by the parser, of %.300s",
             name, at, direct.size, parsed.size, direct.size ? direct.data + shown : "",
             parsed.size ? parsed.data + shown : "", payload->data);
}

static void assert_padded(const struct message *message)
{
    static const char zeros[MESSAGE_PADDING_BYTES];
    if (message->text.size > 0)
        assert_memory_equal(message->text.data + message->text.size, zeros, sizeof zeros);
}

static void compare(const struct message *direct, const struct message *parsed)
{
    const struct slice none = {"", 0};
    const struct slice *payload = &parsed->payload;
    struct {
        const char *name;
        struct slice direct;
        struct slice parsed;
    } parts[] = {{"text", direct->text, parsed->text},
                 {"id", direct->id, parsed->id},
                 {"customer", direct->customer, parsed->customer},
                 {"time", direct->time, parsed->time},
                 {"language", direct->language_hint, parsed->language_hint},
                 {"attributes", direct->attributes, parsed->attributes}};
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++)
        assert_same(parts[part].name, parts[part].direct.size ? parts[part].direct : none,
                    parts[part].parsed.size ? parts[part].parsed : none, payload);
    if (direct->dead_reason != parsed->dead_reason || direct->flags != parsed->flags)
        fail_msg("%s by the parser, %s in one walk, of %.*s",
                 redress_dead_reason_name(parsed->dead_reason),
                 redress_dead_reason_name(direct->dead_reason), (int)payload->size, payload->data);
    assert_int_equal(direct->customer_hash, parsed->customer_hash);
    assert_padded(direct);
}

/* Decodes both ways; the room of both is `room_cut` bytes short. */
static void decode_twice(struct envelope_mapping mapping, const char *bytes, size_t size,
                         struct slice key, uint32_t room_cut)
{
    struct made_message *direct = made_message_create(bytes, size);
    struct made_message *parsed = made_message_create(bytes, size);
    direct->message.key = parsed->message.key = key;
    direct->message.room_size -= room_cut;
    parsed->message.room_size -= room_cut;
    (void)!envelope_decode(&mapping, scratch, &direct->message);
    mapping.is_direct = false;
    (void)!envelope_decode(&mapping, scratch, &parsed->message);
    compare(&direct->message, &parsed->message);
    mapping.is_direct = true;
    direct_count += decoding_read_direct(&mapping, scratch, &direct->message);
    made_message_free(direct);
    made_message_free(parsed);
}

static struct envelope_mapping compile(const struct envelope_settings *settings)
{
    static struct error_list errors;
    struct envelope_mapping mapping;
    assert_int_equal(envelope_mapping_compile(settings, NULL, &errors, &mapping), STATUS_OK);
    return mapping;
}

static void random_documents_decode_alike(void **state)
{
    (void)state;
    static struct draft draft;
    draft.random = 20240611;
    print_message("seed %llu\n", (unsigned long long)draft.random);
    const struct envelope_settings usual = {.payload_bytes_max = PAYLOAD_MAX};
    const struct envelope_settings narrow = {.payload_bytes_max = PAYLOAD_MAX,
                                             .text_bytes_max = 64,
                                             .depth_max = 3,
                                             .keys_max = 12,
                                             .customer_is_key = true,
                                             .pointers = {[ENVELOPE_FIELD_TIME] = "/address_1"}};
    struct envelope_mapping mappings[] = {compile(&usual), compile(&narrow)};
    struct slice keys[] = {{0}, {"c-1", 3}, {"c\xFF", 2}};
    assert_true(mappings[0].is_direct && mappings[1].is_direct);
    direct_count = 0;
    for (uint32_t index = 0; index < DOCUMENTS; index++) {
        write_document(&draft);
        if (is_one_in(&draft.random, 4))
            change_bytes(&draft);
        uint32_t cut = is_one_in(&draft.random, 8) ? (uint32_t)random_next(&draft.random) % 256 : 0;
        decode_twice(mappings[is_one_in(&draft.random, 4)], draft.bytes, draft.size,
                     keys[random_next(&draft.random) % 3], cut);
    }
    print_message("%u of %d in one walk\n", direct_count, DOCUMENTS);
    assert_in_range(direct_count, DOCUMENTS / 4, DOCUMENTS - 1);
}

static void hostile_records_decode_alike(void **state)
{
    (void)state;
    struct hostile_limits limits = hostile_limits_usual;
    limits.payload_bytes_max = limits.record_bytes_max = PAYLOAD_MAX;
    const struct envelope_settings settings = hostile_envelope(&limits, ENVELOPE_JSON);
    struct envelope_mapping mapping = compile(&settings);
    struct hostile *hostile = hostile_create(3, &limits);
    direct_count = 0;
    for (uint32_t index = 0; index < RECORDS; index++) {
        const struct hostile_case *next = hostile_next(hostile);
        if (next->payload)
            decode_twice(mapping, next->payload, next->payload_size, (struct slice){0}, 0);
    }
    assert_true(direct_count > 0);
    hostile_destroy(hostile);
}

static void other_mappings_are_left_to_the_parser(void **state)
{
    (void)state;
    const struct envelope_settings deep = {.pointers = {[ENVELOPE_FIELD_ID] = "/meta/id"}};
    const struct envelope_settings nameless = {.pointers = {[ENVELOPE_FIELD_ID] = "/"}};
    const struct envelope_settings event = {.kind = ENVELOPE_CLOUDEVENTS};
    const struct envelope_settings raw = {.kind = ENVELOPE_TEXT};
    assert_false(compile(&deep).is_direct);
    assert_false(compile(&nameless).is_direct);
    assert_false(compile(&event).is_direct);
    assert_false(compile(&raw).is_direct);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_documents_decode_alike),
        cmocka_unit_test(hostile_records_decode_alike),
        cmocka_unit_test(other_mappings_are_left_to_the_parser),
    };
    return cmocka_run_group_tests(tests, open_scratch, close_scratch);
}
