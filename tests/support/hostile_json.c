/** Records of a plain JSON channel. */
#include "support/hostile_parts.h"

#include <stdio.h>
#include <string.h>

static void make_good(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    hostile_add_document(hostile, &plan);
}

static void make_bad_utf8(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.bad_sequences = 1 + hostile_pick(hostile, 3);
    hostile_add_document(hostile, &plan);
}

static void make_lone_surrogates(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.lone_surrogates = 1 + hostile_pick(hostile, 3);
    plan.bad_sequences = hostile_pick(hostile, 2);
    hostile_add_document(hostile, &plan);
}

static void make_bad_bytes_elsewhere(struct hostile *hostile)
{
    static const char *const members[] = {"\"k\\ud800\":1", "\"k\xFF\":1", "\"k\":\"\\udfff\"",
                                          "\"k\":[\"\xC3\"]", "\"id\":\"\xF0\x9F\""};
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.member = members[hostile_pick(hostile, COUNT_OF(members))];
    hostile->out.repaired = true;
    hostile_add_document(hostile, &plan);
}

static void make_bom(struct hostile *hostile)
{
    growing_add_text(&hostile->payload, "\xEF\xBB\xBF");
    if (hostile_pick(hostile, 3) == 0) {
        growing_add_text(&hostile->payload, "\xEF\xBB\xBF");
        hostile_expect(hostile, DEAD_NOT_JSON);
    }
    hostile->out.repaired = true;
    make_good(hostile);
}

static void make_nul_bytes(struct hostile *hostile)
{
    static const char *const members[] = {"\"k\":\"\\u0000\"",
                                          "\"\\u0000\":[\"\\u0000\\u0000\",1e999]",
                                          "\"k\":\"\\u0000-1\",\"n\":12345678901234567890123"};
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.member = members[hostile_pick(hostile, COUNT_OF(members))];
    hostile_add_document(hostile, &plan);
    if (hostile_pick(hostile, 2) == 0)
        return;
    /* A NUL byte as such belongs into no JSON, wherever it stands. */
    size_t at = hostile_pick(hostile, (uint32_t)hostile->payload.size + 1);
    growing_fill(&hostile->payload, '\0', 1);
    memmove(hostile->payload.data + at + 1, hostile->payload.data + at,
            hostile->payload.size - 1 - at);
    hostile->payload.data[at] = '\0';
    hostile_expect(hostile, DEAD_NOT_JSON);
}

static void make_big_numbers(struct hostile *hostile)
{
    static const char *const members[] = {
        "\"n\":123456789012345678901234567890",
        "\"n\":-18446744073709551616",
        "\"n\":18446744073709551615",
        "\"n\":[1e999,{\"m\":-1E+400}]",
        "\"n\":1e-999",
        "\"n\":1e00000000000000000001",
        "\"n\":0.0000000000000000000000000000000000001",
        "\"id\":123456789012345678901234567890,\"customer\":-9223372036854775809",
    };
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.member = members[hostile_pick(hostile, COUNT_OF(members))];
    hostile_add_document(hostile, &plan);
}

static void make_duplicates(struct hostile *hostile)
{
    static const char *const mapped[] = {
        "\"text\":\"again\"",          "\"\\u0074ext\":null",
        "\"id\":1,\"id\":1",           "\"customer\":1,\"customer\":\"1\"",
        "\"time\":1,\"ti\\u006de\":2", "\"language\":\"en\",\"language\":\"en\""};
    static const char *const unmapped[] = {"\"k\":1,\"k\":2", "\"o\":{\"text\":1,\"text\":2}",
                                           "\"end\":1", "\"Text\":1,\"text \":2"};
    struct hostile_plan plan = hostile_plan_short(hostile);
    if (hostile_pick(hostile, 3) == 0) {
        plan.member = unmapped[hostile_pick(hostile, COUNT_OF(unmapped))];
    } else {
        plan.member = mapped[hostile_pick(hostile, COUNT_OF(mapped))];
        hostile_expect(hostile, DEAD_DUPLICATE_KEY);
    }
    hostile_add_document(hostile, &plan);
}

static void make_wrong_types(struct hostile *hostile)
{
    static const char *const members[] = {"\"id\":{}",
                                          "\"id\":[]",
                                          "\"id\":true",
                                          "\"id\":1.5",
                                          "\"id\":1e999",
                                          "\"customer\":false",
                                          "\"time\":[1]",
                                          "\"time\":1.0",
                                          "\"language\":5",
                                          "\"language\":{}",
                                          "\"language\":99999999999999999999"};
    static const char *const texts[] = {"5", "{}", "[]", "true", "1e999", "-99999999999999999999"};
    struct hostile_plan plan = hostile_plan_short(hostile);
    if (hostile_pick(hostile, 2))
        plan.member = members[hostile_pick(hostile, COUNT_OF(members))];
    else
        plan.text_value = texts[hostile_pick(hostile, COUNT_OF(texts))];
    hostile_expect(hostile, DEAD_WRONG_TYPE);
    hostile_add_document(hostile, &plan);
}

static void make_text_missing(struct hostile *hostile)
{
    static const char *const roots[] = {"5",  "\"text\"", "[]", "null", "[{\"text\":\"x\"}]",
                                        "{}", "1e999"};
    struct hostile_plan plan = {.text_value = hostile_pick(hostile, 2) ? "" : "null"};
    hostile_expect(hostile, DEAD_TEXT_MISSING);
    if (hostile_pick(hostile, 2))
        hostile_add_document(hostile, &plan);
    else
        growing_add_text(&hostile->payload, roots[hostile_pick(hostile, COUNT_OF(roots))]);
}

static void make_blank(struct hostile *hostile)
{
    static const char *const texts[] = {"\"\"", "\" \\n\\t\"", "\"\\u00a0\\u3000\"", "\"\\u0000\"",
                                        "\"\\u200b\\ufeff\""};
    struct hostile_plan plan = {.text_value = texts[hostile_pick(hostile, COUNT_OF(texts))]};
    hostile_expect(hostile, DEAD_EMPTY);
    if (hostile_pick(hostile, 3))
        hostile_add_document(hostile, &plan);
}

static void make_tombstone(struct hostile *hostile)
{
    hostile->out.payload = NULL;
    hostile_expect(hostile, DEAD_TOMBSTONE);
}

static void make_trailing_garbage(struct hostile *hostile)
{
    static const char *const suffixes[] = {"x",  "{}",    "]",  "}",    ",",
                                           "//", " null", "\"", "\xFF", "\xEF\xBB\xBF"};
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.suffix = suffixes[hostile_pick(hostile, COUNT_OF(suffixes))];
    hostile_expect(hostile, DEAD_NOT_JSON);
    hostile_add_document(hostile, &plan);
}

static void make_cut_short(struct hostile *hostile)
{
    make_good(hostile); /* its last byte closes the document */
    hostile->payload.size = 1 + hostile_pick(hostile, (uint32_t)hostile->payload.size - 1);
    hostile_expect(hostile, DEAD_NOT_JSON);
}

static void make_bad_syntax(struct hostile *hostile)
{
    static const char *const members[] = {"\"a\":01",          "\"a\":+1",
                                          "\"a\":.5",          "\"a\":1.",
                                          "\"a\":1e",          "\"a\":NaN",
                                          "\"a\":'x'",         "\"a\":\"\\x41\"",
                                          "\"a\":\"\\u12G4\"", "\"a\":\"\t\"",
                                          "\"a\":tru",         "a:1",
                                          "\"a\" 1",           "\"a\":1,,\"b\":2",
                                          "\"a\":[1,]",        "\"a\":\"\\u00\"",
                                          "\"a\":\"\x01\"",    "\"a\":[1}",
                                          "\"a\":nullx",       "\"a\":1 2",
                                          "\"a\":0x10",        "\"a\":1e999x",
                                          "\"a\":-",           "\"a\":00000000000000000000001",
                                          "\"a\":/**/1",       "1:1",
                                          "\"a\":Infinity",    "\"a\":99999999999999999999999."};
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.member = members[hostile_pick(hostile, COUNT_OF(members))];
    hostile_expect(hostile, DEAD_NOT_JSON);
    hostile_add_document(hostile, &plan);
}

static void make_no_json(struct hostile *hostile)
{
    hostile_expect(hostile, DEAD_NOT_JSON);
    if (hostile_pick(hostile, 4) == 0) {
        growing_add(&hostile->payload, "{\0\"\0t\0\"\0:\0001\0}\0", 14); /* UTF-16 */
        return;
    }
    growing_add_text(&hostile->payload, "%");
    for (uint32_t count = hostile_pick(hostile, 300); count > 0; count--)
        growing_fill(&hostile->payload, (char)hostile_pick(hostile, 256), 1);
}

static void add_member_from_extra(struct hostile *hostile)
{
    growing_fill(&hostile->extra, '\0', 1);
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.member = hostile->extra.data;
    hostile_add_document(hostile, &plan);
}

static uint32_t pick_levels(struct hostile *hostile)
{
    switch (hostile_pick(hostile, 5)) {
    case 0:
        return hostile->limits.depth_max - 1; /* the document is a level itself */
    case 1:
        return hostile->limits.depth_max;
    case 2:
        return ENVELOPE_DEPTH_MAX + hostile_pick(hostile, 4);
    case 3:
        return 20000;
    default:
        return 1 + hostile_pick(hostile, hostile->limits.depth_max - 1);
    }
}

static void make_deep(struct hostile *hostile)
{
    uint32_t levels = pick_levels(hostile);
    bool objects = hostile_pick(hostile, 2);
    hostile->extra.size = 0;
    growing_add_text(&hostile->extra, "\"deep\":");
    for (uint32_t level = 0; level < levels; level++)
        growing_add_text(&hostile->extra, objects ? "{\"\":" : "[");
    growing_add_text(&hostile->extra, objects || hostile_pick(hostile, 2) ? "1" : "");
    growing_fill(&hostile->extra, objects ? '}' : ']', levels);
    if (levels + 1 > hostile->limits.depth_max)
        hostile_expect(hostile, DEAD_TOO_DEEP);
    add_member_from_extra(hostile);
}

static void make_many_keys(struct hostile *hostile)
{
    /* The document itself has between two and five keys. */
    bool too_many = hostile_pick(hostile, 2);
    uint32_t keys = hostile->limits.keys_max - (too_many ? 2 : 6);
    hostile->extra.size = 0;
    growing_add_text(&hostile->extra, "\"keys\":{");
    for (uint32_t index = 0; index < keys; index++) {
        char member[24];
        snprintf(member, sizeof member, "%s\"%x\":0", index ? "," : "", index);
        growing_add_text(&hostile->extra, member);
    }
    growing_add_text(&hostile->extra, "}");
    if (too_many)
        hostile_expect(hostile, DEAD_TOO_MANY_KEYS);
    add_member_from_extra(hostile);
}

static void make_long_field(struct hostile *hostile)
{
    static const char *const names[] = {"\"id\":\"", "\"customer\":\"", "\"time\":\"",
                                        "\"language\":\""};
    bool too_long = hostile_pick(hostile, 2);
    size_t size = MESSAGE_FIELD_BYTES_MAX + (too_long ? 1 + hostile_pick(hostile, 2000) : 0);
    hostile->extra.size = 0;
    growing_add_text(&hostile->extra, names[hostile_pick(hostile, COUNT_OF(names))]);
    growing_fill(&hostile->extra, 'f', size);
    growing_add_text(&hostile->extra, "\"");
    if (too_long)
        hostile_expect(hostile, DEAD_FIELD_TOO_LONG);
    add_member_from_extra(hostile);
}

static void make_long_attributes(struct hostile *hostile)
{
    hostile->extra.size = 0;
    growing_add_text(&hostile->extra, "\"long\":\"");
    growing_fill(&hostile->extra, 'a', hostile_pick(hostile, 3 * MESSAGE_ATTRIBUTES_BYTES_MAX));
    growing_add_text(&hostile->extra, "\"");
    add_member_from_extra(hostile);
}

static void make_long_text(struct hostile *hostile)
{
    /* Between one and four bytes a character: from just under the limit to far over it. */
    uint32_t characters =
        hostile->limits.text_bytes_max / 2 + hostile_pick(hostile, hostile->limits.text_bytes_max);
    struct hostile_plan plan = {.characters = characters,
                                .bad_sequences = hostile_pick(hostile, 2)};
    hostile_add_document(hostile, &plan);
}

static void make_huge(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    hostile_add_document(hostile, &plan);
    uint32_t most = hostile->limits.record_bytes_max;
    uint32_t least = hostile->limits.payload_bytes_max + 1;
    uint32_t size = hostile_pick(hostile, 4) || most <= least ? least : most;
    growing_fill(&hostile->payload, ' ', size - hostile->payload.size);
    hostile_expect(hostile, DEAD_TOO_LARGE);
}

static void make_barely_small_enough(struct hostile *hostile)
{
    make_good(hostile);
    growing_fill(&hostile->payload, ' ', hostile->limits.payload_bytes_max - hostile->payload.size);
}

const struct hostile_kind_row hostile_json_kinds[] = {
    {"good", make_good},
    {"bad UTF-8", make_bad_utf8},
    {"lone surrogates", make_lone_surrogates},
    {"bad bytes outside the text", make_bad_bytes_elsewhere},
    {"byte order mark", make_bom},
    {"NUL bytes", make_nul_bytes},
    {"big numbers", make_big_numbers},
    {"duplicate keys", make_duplicates},
    {"wrong types", make_wrong_types},
    {"text missing", make_text_missing},
    {"blank text", make_blank},
    {"tombstone", make_tombstone},
    {"trailing garbage", make_trailing_garbage},
    {"cut short", make_cut_short},
    {"bad syntax", make_bad_syntax},
    {"no JSON", make_no_json},
    {"deep", make_deep},
    {"many keys", make_many_keys},
    {"long field", make_long_field},
    {"long attributes", make_long_attributes},
    {"long text", make_long_text},
    {"huge", make_huge},
    {"barely small enough", make_barely_small_enough},
};
const size_t hostile_json_kind_count = COUNT_OF(hostile_json_kinds);
