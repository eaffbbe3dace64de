/** Records of CloudEvents and raw text channels. */
#include "support/hostile_parts.h"

#include <string.h>

static void add_header(struct hostile *hostile, const char *name, const char *value)
{
    hostile->out.headers[hostile->out.header_count++] = (struct message_header){
        .name = {name, (uint32_t)strlen(name)}, .value = {value, (uint32_t)strlen(value)}};
}

static const char *const required[][2] = {
    {"specversion", "1.0"}, {"id", "event-1"}, {"source", "/web"}, {"type", "org.example.said"}};
static const char *const required_headers[COUNT_OF(required)] = {"ce_specversion", "ce_id",
                                                                 "ce_source", "ce_type"};

/* A member of the event, but for the one of index `without`. */
static void add_required(struct hostile *hostile, size_t without)
{
    for (size_t index = 0; index < COUNT_OF(required); index++) {
        if (index == without)
            continue;
        growing_add_text(&hostile->payload, "\"");
        growing_add_text(&hostile->payload, required[index][0]);
        growing_add_text(&hostile->payload, "\":\"");
        growing_add_text(&hostile->payload, required[index][1]);
        growing_add_text(&hostile->payload, "\",");
    }
}

static void add_structured(struct hostile *hostile, size_t without, const struct hostile_plan *plan)
{
    hostile->out.envelope = ENVELOPE_CLOUDEVENTS;
    if (hostile_pick(hostile, 2))
        add_header(hostile, "content-type", "application/cloudevents+json; charset=utf-8");
    growing_add_text(&hostile->payload, "{");
    add_required(hostile, without);
    growing_add_text(&hostile->payload, "\"data\":");
    hostile_add_document(hostile, plan);
    growing_add_text(&hostile->payload, "}");
}

static void make_structured(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.bad_sequences = hostile_pick(hostile, 2);
    add_structured(hostile, COUNT_OF(required), &plan);
}

static void make_structured_broken(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    hostile_expect(hostile, DEAD_ENVELOPE);
    switch (hostile_pick(hostile, 3)) {
    case 0:
        add_structured(hostile, hostile_pick(hostile, COUNT_OF(required)), &plan);
        break;
    case 1:
        growing_add_text(&hostile->payload, "{\"data_base64\":\"eA==\",");
        add_required(hostile, COUNT_OF(required));
        growing_add_text(&hostile->payload, "\"time\":null}");
        hostile->out.envelope = ENVELOPE_CLOUDEVENTS;
        break;
    default:
        hostile->out.envelope = ENVELOPE_CLOUDEVENTS;
        add_header(hostile, "content-type", "application/cloudevents-batch+json");
        growing_add_text(&hostile->payload, "[]");
        break;
    }
}

static void make_structured_text_missing(struct hostile *hostile)
{
    struct hostile_plan plan = {.text_value = ""};
    add_structured(hostile, COUNT_OF(required), &plan);
    hostile_expect(hostile, DEAD_TEXT_MISSING);
}

static void make_structured_twice(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    add_structured(hostile, COUNT_OF(required), &plan);
    hostile->payload.size--;
    growing_add_text(&hostile->payload, hostile_pick(hostile, 2) ? ",\"data\":1}" : ",\"id\":1}");
    hostile_expect(hostile, DEAD_DUPLICATE_KEY);
}

static void make_structured_plain_text(struct hostile *hostile)
{
    hostile->out.envelope = ENVELOPE_CLOUDEVENTS;
    growing_add_text(&hostile->payload, "{");
    add_required(hostile, COUNT_OF(required));
    growing_add_text(&hostile->payload, "\"datacontenttype\":\"text/plain\",\"data\":\"");
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.lone_surrogates = hostile_pick(hostile, 2);
    hostile_add_characters(hostile, &plan);
    growing_add_text(&hostile->payload, "\"}");
}

static void add_binary_headers(struct hostile *hostile, size_t without)
{
    hostile->out.envelope = ENVELOPE_CLOUDEVENTS;
    for (size_t index = 0; index < COUNT_OF(required); index++)
        if (index != without)
            add_header(hostile, required_headers[index], required[index][1]);
}

static void make_binary(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    add_binary_headers(hostile, COUNT_OF(required));
    if (hostile_pick(hostile, 2))
        add_header(hostile, "Content-Type", "application/json; charset=utf-8");
    if (hostile_pick(hostile, 2)) {
        add_header(hostile, "ce_x", "\xC3(");
        /* Attributes alone are affected, and they are repaired as well. */
        hostile->out.repaired = true;
    }
    hostile_add_document(hostile, &plan);
}

static void make_binary_plain_text(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    plan.raw = true;
    plan.bad_sequences = hostile_pick(hostile, 2);
    add_binary_headers(hostile, COUNT_OF(required));
    add_header(hostile, "content-type", "text/plain");
    hostile_add_characters(hostile, &plan);
}

static void make_binary_broken(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    hostile_expect(hostile, DEAD_ENVELOPE);
    if (hostile_pick(hostile, 2)) {
        add_binary_headers(hostile, 1 + hostile_pick(hostile, COUNT_OF(required) - 1));
    } else {
        add_binary_headers(hostile, COUNT_OF(required));
        add_header(hostile, "content-type", "application/avro");
    }
    hostile_add_document(hostile, &plan);
}

static void make_raw_text(struct hostile *hostile)
{
    struct hostile_plan plan = hostile_plan_short(hostile);
    hostile->out.envelope = ENVELOPE_TEXT;
    plan.raw = true;
    plan.bad_sequences = hostile_pick(hostile, 3);
    if (hostile_pick(hostile, 3) == 0) {
        growing_add_text(&hostile->payload, "\xEF\xBB\xBF");
        hostile->out.repaired = true;
    }
    if (hostile_pick(hostile, 2))
        add_header(hostile, "customer", "c-1");
    hostile_add_characters(hostile, &plan);
}

static void make_raw_text_long(struct hostile *hostile)
{
    struct hostile_plan plan = {.raw = true,
                                .characters =
                                    hostile->limits.text_bytes_max / 2 +
                                    hostile_pick(hostile, hostile->limits.text_bytes_max)};
    hostile->out.envelope = ENVELOPE_TEXT;
    hostile_add_characters(hostile, &plan);
}

static void make_raw_text_blank(struct hostile *hostile)
{
    hostile->out.envelope = ENVELOPE_TEXT;
    for (uint32_t count = hostile_pick(hostile, 40); count > 0; count--)
        growing_fill(&hostile->payload, " \t\r\n\0"[hostile_pick(hostile, 5)], 1);
    hostile_expect(hostile, DEAD_EMPTY);
}

const struct hostile_kind_row hostile_other_kinds[] = {
    {"structured event", make_structured},
    {"broken structured event", make_structured_broken},
    {"structured event without a text", make_structured_text_missing},
    {"structured event with a key twice", make_structured_twice},
    {"structured event of text", make_structured_plain_text},
    {"binary event", make_binary},
    {"binary event of text", make_binary_plain_text},
    {"broken binary event", make_binary_broken},
    {"raw text", make_raw_text},
    {"long raw text", make_raw_text_long},
    {"blank raw text", make_raw_text_blank},
};
const size_t hostile_other_kind_count = COUNT_OF(hostile_other_kinds);
