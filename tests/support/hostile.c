#include "support/hostile_parts.h"

#include "base/assert.h"
#include "base/memory.h"
#include "support/random.h"

#include <stdio.h>
#include <string.h>

const struct hostile_limits hostile_limits_usual = {.payload_bytes_max = 64 * 1024,
                                                    .text_bytes_max = 4096,
                                                    .depth_max = 32,
                                                    .keys_max = 500,
                                                    .text_policy = TEXT_POLICY_TRUNCATE,
                                                    .record_bytes_max = 10 * 1024 * 1024};

struct envelope_settings hostile_envelope(const struct hostile_limits *limits,
                                          enum envelope_kind kind)
{
    return (struct envelope_settings){.kind = kind,
                                      .payload_bytes_max = limits->payload_bytes_max,
                                      .text_bytes_max = limits->text_bytes_max,
                                      .depth_max = limits->depth_max,
                                      .keys_max = limits->keys_max,
                                      .text_policy = limits->text_policy};
}

struct hostile *hostile_create(uint64_t seed, const struct hostile_limits *limits)
{
    struct hostile *hostile = memory_allocate(sizeof *hostile);
    if (!hostile)
        return NULL;
    hostile->random = seed;
    hostile->limits = *limits;
    return hostile;
}

void hostile_destroy(struct hostile *hostile)
{
    if (!hostile)
        return;
    memory_free(hostile->payload.data);
    memory_free(hostile->text.data);
    memory_free(hostile->extra.data);
    memory_free(hostile);
}

uint32_t hostile_pick(struct hostile *hostile, uint32_t bound)
{
    ASSERT(bound > 0);
    return random_below(&hostile->random, bound);
}

static void grow(struct growing *growing, size_t more)
{
    if (growing->size + more <= growing->capacity)
        return;
    growing->capacity = 2 * (growing->size + more) + 64;
    growing->data = memory_resize(growing->data, growing->capacity);
    ASSERT(growing->data);
}

void growing_add(struct growing *growing, const void *bytes, size_t size)
{
    grow(growing, size);
    if (size > 0)
        memcpy(growing->data + growing->size, bytes, size);
    growing->size += size;
}

void growing_add_text(struct growing *growing, const char *text)
{
    growing_add(growing, text, strlen(text));
}

void growing_fill(struct growing *growing, char byte, size_t count)
{
    grow(growing, count);
    memset(growing->data + growing->size, byte, count);
    growing->size += count;
}

/* Its own encoder: the one under test must not be its own judge. */
static size_t encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t size = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const uint32_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t index = size - 1; index > 0; index--, code_point >>= 6)
        out[index] = (char)(0x80 | (code_point & 0x3F));
    out[0] = (char)(lead[size] | code_point);
    return size;
}

static uint32_t pick_code_point(struct hostile *hostile)
{
    static const uint32_t odd[] = {0,      '"',    '\\',    '/',     '\n',    '\t',
                                   0x7F,   0x85,   0xA0,    0xAD,    0x301,   0x3C2,
                                   0x451,  0x200B, 0x2028,  0xD7FF,  0xE000,  0xFEFF,
                                   0xFFFD, 0xFFFF, 0x1F600, 0x10000, 0x10FFFF};
    switch (hostile_pick(hostile, 8)) {
    case 0:
        return odd[hostile_pick(hostile, COUNT_OF(odd))];
    case 1:
        return 0x104 + hostile_pick(hostile, 0x7B); /* accented Latin */
    case 2:
        return 0x410 + hostile_pick(hostile, 0x40); /* Cyrillic */
    case 3:
        return 0x3B1 + hostile_pick(hostile, 25); /* Greek */
    case 4:
        return ' ';
    default:
        return 'a' + hostile_pick(hostile, 26);
    }
}

static void add_escape(struct hostile *hostile, uint32_t unit)
{
    char escape[8];
    snprintf(escape, sizeof escape, hostile_pick(hostile, 2) ? "\\u%04x" : "\\u%04X",
             (unsigned)(unit & 0xFFFF));
    growing_add_text(&hostile->payload, escape);
}

static void add_character(struct hostile *hostile, uint32_t code_point, bool raw)
{
    char bytes[4];
    size_t size = encode(code_point, bytes);
    growing_add(&hostile->text, bytes, size);
    bool must_escape = code_point < 0x20 || code_point == '"' || code_point == '\\';
    if (raw || (!must_escape && hostile_pick(hostile, 8) > 0)) {
        growing_add(&hostile->payload, bytes, size);
    } else if (code_point >= 0x10000) {
        add_escape(hostile, 0xD800 + ((code_point - 0x10000) >> 10));
        add_escape(hostile, 0xDC00 + ((code_point - 0x10000) & 0x3FF));
    } else if (code_point == '\n' && hostile_pick(hostile, 2)) {
        growing_add_text(&hostile->payload, "\\n");
    } else {
        add_escape(hostile, code_point);
    }
}

static void expect_replacements(struct hostile *hostile, uint32_t count)
{
    while (count-- > 0)
        growing_add_text(&hostile->text, "\xEF\xBF\xBD");
    hostile->out.repaired = true;
}

/* Each with the number of maximal subparts by Unicode 15, section 3.9. A letter follows. */
static void add_bad_sequence(struct hostile *hostile)
{
    static const struct {
        const char *bytes;
        uint32_t replacements;
    } bad[] = {
        {"\x80", 1},
        {"\xBF\xBF", 2},
        {"\xC0\xAF", 2},
        {"\xC1\xBF", 2},
        {"\xC3", 1},
        {"\xE2\x82", 1},
        {"\xE2", 1},
        {"\xE0\x80\x80", 3},
        {"\xED\xA0\x80", 3},
        {"\xED\xBF\xBF", 3},
        {"\xF0\x9F\x98", 1},
        {"\xF0\x9F", 1},
        {"\xF0\x80\x80", 3},
        {"\xF4\x90\x80\x80", 4},
        {"\xF5\x80\x80\x80", 4},
        {"\xFF\xFE", 2},
        {"\xE2\xE2\x82", 2},
    };
    uint32_t index = hostile_pick(hostile, COUNT_OF(bad));
    growing_add_text(&hostile->payload, bad[index].bytes);
    expect_replacements(hostile, bad[index].replacements);
    add_character(hostile, 'x', true);
}

static void add_lone_surrogate(struct hostile *hostile)
{
    switch (hostile_pick(hostile, 3)) {
    case 0:
        add_escape(hostile, 0xD800 + hostile_pick(hostile, 0x400));
        break;
    case 1:
        add_escape(hostile, 0xDC00 + hostile_pick(hostile, 0x400));
        break;
    default: /* the wrong way round */
        add_escape(hostile, 0xDC00 + hostile_pick(hostile, 0x400));
        add_escape(hostile, 0xD800 + hostile_pick(hostile, 0x400));
        expect_replacements(hostile, 1);
        break;
    }
    expect_replacements(hostile, 1);
    add_character(hostile, 'y', true);
}

void hostile_add_characters(struct hostile *hostile, const struct hostile_plan *plan)
{
    uint32_t bad = plan->bad_sequences;
    uint32_t lone = plan->lone_surrogates;
    add_character(hostile, 'T', true); /* so that no text is blank by chance */
    for (size_t left = plan->characters; left > 0; left--) {
        if (bad > 0 && hostile_pick(hostile, (uint32_t)left) < bad) {
            add_bad_sequence(hostile);
            bad--;
        }
        if (lone > 0 && hostile_pick(hostile, (uint32_t)left) < lone) {
            add_lone_surrogate(hostile);
            lone--;
        }
        add_character(hostile, pick_code_point(hostile), plan->raw);
    }
}

static void add_space(struct hostile *hostile)
{
    for (uint32_t count = hostile_pick(hostile, 8) / 5; count > 0; count--)
        growing_fill(&hostile->payload, " \t\r\n"[hostile_pick(hostile, 4)], 1);
}

static void add_member(struct hostile *hostile, const char *member)
{
    add_space(hostile);
    growing_add_text(&hostile->payload, member);
    add_space(hostile);
    growing_add_text(&hostile->payload, ",");
}

static void add_text_member(struct hostile *hostile, const struct hostile_plan *plan)
{
    if (plan->text_value && plan->text_value[0] == '\0')
        return;
    add_space(hostile);
    growing_add_text(&hostile->payload, hostile_pick(hostile, 4) ? "\"text\"" : "\"te\\u0078t\"");
    add_space(hostile);
    growing_add_text(&hostile->payload, ":");
    add_space(hostile);
    if (plan->text_value) {
        growing_add_text(&hostile->payload, plan->text_value);
    } else {
        growing_add_text(&hostile->payload, "\"");
        hostile_add_characters(hostile, plan);
        growing_add_text(&hostile->payload, "\"");
    }
    growing_add_text(&hostile->payload, ",");
}

void hostile_add_document(struct hostile *hostile, const struct hostile_plan *plan)
{
    static const char *const ordinary[] = {"\"shop\":{\"no\":12,\"open\":true}",
                                           "\"tags\":[1,2,\"x\"]", "\"score\":-0.5e-3",
                                           "\"nothing\":null"};
    uint32_t place = hostile_pick(hostile, 2);
    growing_add_text(&hostile->payload, "{");
    if (hostile_pick(hostile, 2))
        add_member(hostile, ordinary[hostile_pick(hostile, COUNT_OF(ordinary))]);
    if (plan->member && place == 0)
        add_member(hostile, plan->member);
    add_text_member(hostile, plan);
    if (plan->member && place == 1)
        add_member(hostile, plan->member);
    growing_add_text(&hostile->payload, "\"end\":0}");
    if (plan->suffix)
        growing_add_text(&hostile->payload, plan->suffix);
}

struct hostile_plan hostile_plan_short(struct hostile *hostile)
{
    return (struct hostile_plan){.characters = 1 + hostile_pick(hostile, 80)};
}

/* A text over its limit is cut where a character begins, or makes a dead letter. */
static void apply_text_limit(struct hostile *hostile)
{
    size_t size = hostile->text.size;
    size_t limit = hostile->limits.text_bytes_max;
    if (hostile->out.reason != DEAD_NONE || size <= limit)
        return;
    if (hostile->limits.text_policy == TEXT_POLICY_DEAD_LETTER) {
        hostile->out.reason = DEAD_TEXT_TOO_LONG;
        return;
    }
    hostile->out.truncated = true;
    for (size = limit; ((unsigned char)hostile->text.data[size] & 0xC0) == 0x80;)
        size--;
    hostile->text.size = size;
}

size_t hostile_kind_count(void)
{
    return hostile_json_kind_count + hostile_other_kind_count;
}

const struct hostile_case *hostile_next(struct hostile *hostile)
{
    size_t index = hostile->made++ % hostile_kind_count();
    const struct hostile_kind_row *row =
        index < hostile_json_kind_count ? &hostile_json_kinds[index]
                                        : &hostile_other_kinds[index - hostile_json_kind_count];
    hostile->payload.size = 0;
    hostile->text.size = 0;
    hostile->out = (struct hostile_case){.kind = row->name, .payload = ""};
    row->make(hostile);
    if (hostile->payload.size > hostile->limits.payload_bytes_max)
        hostile_expect(hostile, DEAD_TOO_LARGE);
    apply_text_limit(hostile);
    struct hostile_case *out = &hostile->out;
    if (out->payload) {
        growing_add(&hostile->payload, "", 1); /* so that there is a block even for no bytes */
        hostile->payload.size--;
        out->payload = hostile->payload.data;
        out->payload_size = hostile->payload.size;
    }
    out->text = hostile->text.data;
    out->text_size = hostile->text.size;
    return out;
}
