/** Cases and calm messages. Dead letters stand in record_dead_letter.c, shared parts in both. */
#include "egress/record.h"

#include "base/assert.h"
#include "base/json_writer.h"
#include "egress/record_parts.h"
#include "verdict/members.h"

#include <string.h>

void record_write_slice(struct json_writer *json, const char *name, struct slice text)
{
    json_key(json, name);
    if (text.size)
        json_string_sized(json, text.data, text.size);
    else
        json_null(json);
}

static const char *name_at(const char *const *names, uint32_t count, uint32_t index)
{
    return index < count ? names[index] : "";
}

static void write_flags(struct json_writer *json, uint32_t flags)
{
    static const struct {
        enum message_flag flag;
        const char *name;
    } known[] = {{MESSAGE_REPAIRED, "repaired"},
                 {MESSAGE_TRUNCATED, "truncated"},
                 {MESSAGE_REPLAYED, "replayed"},
                 {MESSAGE_TOMBSTONE, "tombstone"}};
    json_key(json, "flags");
    json_array_open(json);
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++)
        if (flags & known[index].flag)
            json_string(json, known[index].name);
    json_array_close(json);
}

void record_write_head(struct json_writer *json, const char *schema, const struct message *message,
                       const struct record_names *names)
{
    json_key(json, "schema");
    json_string(json, schema);
    json_key(json, "case_id");
    json_hex_128(json, message->case_id.high, message->case_id.low);
    json_key(json, "channel");
    json_string(json, name_at(names->channels, names->channel_count, message->channel_index));
    json_key(json, "source");
    json_object_open(json);
    json_key(json, "topic");
    json_string(json, message->topic);
    json_key(json, "partition");
    json_integer(json, message->partition);
    json_key(json, "offset");
    json_integer(json, message->offset);
    json_key(json, "timestamp_ms");
    if (message->timestamp_ms >= 0)
        json_integer(json, message->timestamp_ms);
    else
        json_null(json);
    json_object_close(json);
    write_flags(json, message->flags);
}

/* Steps back from the middle of a character to its first byte. */
static uint32_t character_start(const char *text, uint32_t index)
{
    while (index > 0 && ((unsigned char)text[index] & 0xC0) == 0x80)
        index--;
    return index;
}

static void write_matched(struct json_writer *json, struct slice text,
                          const struct verdict_hit *hit)
{
    json_key(json, "matched");
    /* A hit comes from another stage: out of the text it is shown without words, never read. */
    if (hit->start > hit->end || hit->end > text.size) {
        json_string(json, "");
        return;
    }
    uint32_t start = hit->start;
    uint32_t end = hit->end;
    if (end - start > RECORD_MATCHED_BYTES_MAX)
        end = character_start(text.data, start + RECORD_MATCHED_BYTES_MAX);
    json_string_sized(json, end > start ? text.data + start : "", end - start);
}

/* What the hits of one message are told with. */
struct hit_words {
    const struct message *message;
    const struct rule_texts *texts;
};

static const char *rule_id(const void *context, uint32_t rule_index)
{
    const struct hit_words *words = context;
    return words->texts->id(words->texts->context, words->message->verdict.rule_set_version,
                            rule_index);
}

static void write_words(const void *context, struct json_writer *json,
                        const struct verdict_hit *hit)
{
    const struct hit_words *words = context;
    write_matched(json, words->message->text, hit);
    verdict_write_text(json, "why",
                       words->texts->why(words->texts->context,
                                         words->message->verdict.rule_set_version,
                                         hit->rule_index));
}

void record_write_verdict(struct json_writer *json, const struct message *message,
                          const struct record_names *names, bool words)
{
    const struct hit_words hit_words = {.message = message, .texts = &names->rules};
    const struct verdict_rules rules = {
        .context = &hit_words,
        /* The message's own copy: verdict->hits may still point into a worker's scratch. */
        .hits = message->hits,
        .id = rule_id,
        .more = words ? write_words : NULL,
    };
    ASSERT(message->verdict.hits_stored <= MESSAGE_HITS_MAX);
    json_key(json, "verdict");
    json_object_open(json);
    verdict_write_members(json, &message->verdict, &rules);
    json_object_close(json);
}

static void write_recurrence(struct json_writer *json, const struct recurrence *recurrence)
{
    static const char *const scopes[] = {
        [HISTORY_UNKNOWN] = "unknown", [HISTORY_PARTIAL] = "partial", [HISTORY_WHOLE] = "whole"};
    json_key(json, "recurrence");
    json_object_open(json);
    json_key(json, "history");
    json_string(json, scopes[recurrence->scope]);
    json_key(json, "repeat");
    json_bool(json, recurrence->repeat);
    json_key(json, "redelivered");
    json_bool(json, recurrence->redelivered);
    json_key(json, "complaints_1h");
    json_unsigned(json, recurrence->complaints_1h);
    json_key(json, "complaints_1d");
    json_unsigned(json, recurrence->complaints_1d);
    json_key(json, "complaints_7d");
    json_unsigned(json, recurrence->complaints_7d);
    json_key(json, "complaints_30d");
    json_unsigned(json, recurrence->complaints_30d);
    json_key(json, "last_complaint_ms");
    if (recurrence->last_complaint_ms >= 0)
        json_integer(json, recurrence->last_complaint_ms);
    else
        json_null(json);
    json_object_close(json);
}

/* From taking the record to the frontline queue, or to the decision where it is not urgent. */
static void write_latency(struct json_writer *json, const struct message *message)
{
    uint64_t until_ns = message->queued_ns ? message->queued_ns : message->decided_ns;
    json_key(json, "latency_us");
    if (until_ns >= message->received_ns)
        json_unsigned(json, (until_ns - message->received_ns) / 1000);
    else
        json_null(json);
}

static void write_text(struct json_writer *json, struct slice text, enum record_form form)
{
    uint32_t size = text.size;
    if (form == RECORD_BARE)
        size = 0;
    else if (form == RECORD_HEAD && size > RECORD_TEXT_HEAD_BYTES_MAX)
        size = character_start(text.data, RECORD_TEXT_HEAD_BYTES_MAX);
    json_key(json, "text");
    json_string_sized(json, size ? text.data : "", size);
    json_key(json, "text_bytes");
    json_unsigned(json, text.size);
}

static void write_case_body(struct json_writer *json, const struct message *message,
                            enum record_form form)
{
    record_write_slice(json, "id", message->id);
    record_write_slice(json, "customer", message->customer);
    record_write_slice(json, "time", message->time);
    write_text(json, message->text, form);
    json_key(json, "attributes");
    if (message->attributes.size && form == RECORD_WHOLE)
        json_raw(json, message->attributes.data, message->attributes.size);
    else
        json_null(json);
}

static enum redress_status finish(struct json_writer *json, size_t *size)
{
    json_object_close(json);
    *size = json->size;
    return json->overflow ? STATUS_TOO_LARGE : STATUS_OK;
}

enum redress_status record_encode_case(const struct message *message,
                                       const struct record_names *names, enum record_form form,
                                       char *out, size_t out_max, size_t *size)
{
    struct json_writer json;
    json_start(&json, out, out_max);
    json_object_open(&json);
    record_write_head(&json, RECORD_SCHEMA_CASE, message, names);
    json_key(&json, "revision");
    json_unsigned(&json, message->revision);
    json_key(&json, "queue");
    json_string(&json, name_at(names->queues, names->queue_count, message->queue_index));
    write_case_body(&json, message, form);
    record_write_verdict(&json, message, names, form != RECORD_BARE);
    write_recurrence(&json, &message->recurrence);
    write_latency(&json, message);
    return finish(&json, size);
}

enum redress_status record_encode_calm(const struct message *message,
                                       const struct record_names *names, char *out, size_t out_max,
                                       size_t *size)
{
    struct json_writer json;
    json_start(&json, out, out_max);
    json_object_open(&json);
    record_write_head(&json, RECORD_SCHEMA_CALM, message, names);
    record_write_slice(&json, "id", message->id);
    record_write_verdict(&json, message, names, false);
    write_latency(&json, message);
    return finish(&json, size);
}
