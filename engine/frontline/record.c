#include "frontline/record.h"

#include "base/assert.h"
#include "base/hash.h"

#include <stddef.h>
#include <string.h>

enum { RECORD_BYTES_MIN = offsetof(struct frontline_record, text) };

static_assert(sizeof(struct frontline_record) % sizeof(uint64_t) == 0, "copied in whole words");

/** The largest size <= limit that does not cut a UTF-8 character in two. */
static size_t whole_characters(const char *text, size_t size, size_t limit)
{
    if (size <= limit)
        return size;
    size_t cut = limit;
    while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
        cut--;
    return cut;
}

/** Copies into a field of `capacity` bytes with its terminator; true where all of it fitted. */
static bool copy_cut(char *field, size_t capacity, const char *text, size_t size)
{
    size_t kept = whole_characters(text, size, capacity - 1);
    if (kept > 0)
        memcpy(field, text, kept);
    field[kept] = '\0';
    return kept == size;
}

static void copy_string(char *field, size_t capacity, const char *text)
{
    (void)copy_cut(field, capacity, text ? text : "", text ? strlen(text) : 0);
}

static void fill_rules(const struct message *message, const struct frontline_names *names,
                       struct frontline_record *record)
{
    const struct verdict *verdict = &message->verdict;
    uint32_t count = verdict->hits ? verdict->hits_stored : 0;
    record->rules_fired = verdict->hit_count;
    if (count > FRONTLINE_RULES_MAX)
        count = FRONTLINE_RULES_MAX;
    if (count < verdict->hit_count)
        record->flags |= FRONTLINE_RULES_CUT;
    for (uint32_t i = 0; i < count; i++) {
        const struct verdict_hit *hit = &verdict->hits[i];
        struct frontline_rule *rule = &record->rules[i];
        ASSERT(hit->start <= hit->end && hit->end <= message->text.size);
        copy_string(rule->id, sizeof rule->id, names->rule_id(names->rules, hit->rule_index));
        (void)copy_cut(rule->words, sizeof rule->words, message->text.data + hit->start,
                       hit->end - hit->start);
        rule->start = hit->start;
        rule->end = hit->end;
    }
    record->rules_stored = (uint8_t)count;
}

static void fill_verdict(const struct verdict *verdict, struct frontline_record *record)
{
    record->traits = verdict->traits;
    record->score = verdict->score;
    record->severity = (uint8_t)verdict->severity;
    record->language = (uint8_t)verdict->language;
    record->rule_set_hash = verdict->rule_set_hash;
    record->category_count = verdict->category_count;
    memcpy(record->categories, verdict->categories, sizeof record->categories);
    record->flags |= verdict->urgent ? FRONTLINE_URGENT : 0u;
    record->flags |= verdict->undecided ? FRONTLINE_UNDECIDED : 0u;
    record->flags |= verdict->complaint ? FRONTLINE_COMPLAINT : 0u;
}

static void fill_recurrence(const struct message *message, struct frontline_record *record)
{
    record->last_complaint_ms = -1;
    if (message->revision == 0)
        return;
    const struct recurrence *recurrence = &message->recurrence;
    record->history_scope = (uint8_t)recurrence->scope;
    record->flags |= recurrence->repeat ? FRONTLINE_REPEAT : 0u;
    record->complaints_1h = recurrence->complaints_1h;
    record->complaints_1d = recurrence->complaints_1d;
    record->complaints_7d = recurrence->complaints_7d;
    record->complaints_30d = recurrence->complaints_30d;
    record->last_complaint_ms = recurrence->last_complaint_ms;
}

static void fill_text(const struct message *message, struct frontline_record *record)
{
    size_t kept =
        whole_characters(message->text.data, message->text.size, FRONTLINE_TEXT_BYTES_MAX);
    if (kept > 0)
        memcpy(record->text, message->text.data, kept);
    record->text_size = (uint32_t)kept;
    record->text_size_whole = message->text.size;
    if (kept < message->text.size || (message->flags & MESSAGE_TRUNCATED))
        record->flags |= FRONTLINE_TEXT_CUT;
    if (message->flags & MESSAGE_REPAIRED)
        record->flags |= FRONTLINE_TEXT_REPAIRED;
    record->bytes = (uint32_t)(RECORD_BYTES_MIN + kept);
}

void frontline_record_from_message(const struct message *message,
                                   const struct frontline_names *names, int64_t now_ms,
                                   struct frontline_record *record)
{
    ASSERT(message->kind == MESSAGE_RECORD);
    /* The text is the bulk of the record; only what is used of it is ever read. */
    memset(record, 0, RECORD_BYTES_MIN);
    record->magic = FRONTLINE_RECORD_MAGIC;
    record->version = FRONTLINE_RECORD_VERSION;
    record->case_id = message->case_id;
    record->revision = message->revision;
    record->partition = message->partition;
    record->offset = message->offset;
    record->timestamp_ms = message->timestamp_ms;
    record->decided_ms = now_ms;
    record->received_ns = message->received_ns;
    record->queued_ns = message->queued_ns;
    if (message->queued_ns > message->received_ns)
        record->latency_ns = message->queued_ns - message->received_ns;
    copy_string(record->channel, sizeof record->channel, names->channel);
    copy_string(record->queue, sizeof record->queue, names->queue);
    copy_string(record->topic, sizeof record->topic, message->topic);
    (void)copy_cut(record->message_id, sizeof record->message_id, message->id.data,
                   message->id.size);
    if (!copy_cut(record->customer, sizeof record->customer, message->customer.data,
                  message->customer.size))
        record->flags |= FRONTLINE_CUSTOMER_CUT;
    fill_verdict(&message->verdict, record);
    fill_recurrence(message, record);
    fill_rules(message, names, record);
    fill_text(message, record);
}

void frontline_record_seal(struct frontline_record *record)
{
    ASSERT(record->bytes >= RECORD_BYTES_MIN && record->bytes <= sizeof *record);
    record->checksum = 0;
    record->checksum = hash_bytes(record, record->bytes);
}

static bool ends_inside(const char *field, size_t capacity)
{
    return memchr(field, '\0', capacity) != NULL;
}

static bool strings_are_sound(const struct frontline_record *record)
{
    if (!ends_inside(record->channel, sizeof record->channel) ||
        !ends_inside(record->queue, sizeof record->queue) ||
        !ends_inside(record->topic, sizeof record->topic) ||
        !ends_inside(record->customer, sizeof record->customer) ||
        !ends_inside(record->message_id, sizeof record->message_id))
        return false;
    for (uint32_t i = 0; i < record->rules_stored; i++) {
        const struct frontline_rule *rule = &record->rules[i];
        if (!ends_inside(rule->id, sizeof rule->id) ||
            !ends_inside(rule->words, sizeof rule->words) || rule->start > rule->end ||
            rule->end > record->text_size_whole)
            return false;
    }
    return true;
}

static bool numbers_are_sound(const struct frontline_record *record)
{
    if (record->severity >= SEVERITY_COUNT || record->language >= LANGUAGE_COUNT ||
        record->history_scope > HISTORY_WHOLE || record->revision > 1 ||
        record->category_count > VERDICT_CATEGORIES_MAX ||
        record->rules_stored > FRONTLINE_RULES_MAX || record->rules_stored > record->rules_fired ||
        record->text_size > record->text_size_whole || (record->traits >> TRAIT_COUNT) != 0)
        return false;
    for (uint32_t i = 0; i < record->category_count; i++)
        if (record->categories[i] >= CATEGORY_COUNT)
            return false;
    return true;
}

enum redress_status frontline_record_read(const void *bytes, size_t size,
                                          struct frontline_record *record)
{
    if (size < RECORD_BYTES_MIN || size > RECORD_BYTES_MIN + FRONTLINE_TEXT_BYTES_MAX)
        return STATUS_INVALID;
    memset(record, 0, sizeof *record);
    memcpy(record, bytes, size);
    if (record->magic != FRONTLINE_RECORD_MAGIC || record->version != FRONTLINE_RECORD_VERSION ||
        record->bytes != size || record->text_size != size - RECORD_BYTES_MIN)
        return STATUS_INVALID;
    uint64_t checksum = record->checksum;
    record->checksum = 0;
    if (hash_bytes(record, size) != checksum)
        return STATUS_INVALID;
    record->checksum = checksum;
    /* The checksum is no secret: whoever can write to the topic can make it fit. */
    return numbers_are_sound(record) && strings_are_sound(record) ? STATUS_OK : STATUS_INVALID;
}
