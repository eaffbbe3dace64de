/** Messages for the tests of egress: one plain, and as many different ones as a seed gives. */
#ifndef TESTS_UNIT_EGRESS_MESSAGES_H
#define TESTS_UNIT_EGRESS_MESSAGES_H

#include "egress/record.h"
#include "support/random.h"

#include <stdio.h>
#include <string.h>

enum { TEST_CHANNELS = 3, TEST_QUEUES = 3, TEST_ROOM_BYTES = 400 * 1024 };

static const char *const test_channels[TEST_CHANNELS] = {"chat", "web", "letter"};
static const char *const test_queues[TEST_QUEUES] = {"human", "safety", "fraud"};

static const char *test_rule_id(const void *context, uint32_t version, uint32_t index)
{
    (void)context;
    static const char *const ids[] = {"en.safety.hurt", "pl.billing.twice", "ru.threat"};
    return version == 0 ? NULL : ids[index % 3];
}

static const char *test_rule_why(const void *context, uint32_t version, uint32_t index)
{
    (void)context;
    (void)index;
    return version == 0 ? NULL : "somebody is \"hurt\"";
}

static inline struct record_names test_names(void)
{
    return (struct record_names){
        .channels = test_channels,
        .channel_count = TEST_CHANNELS,
        .queues = test_queues,
        .queue_count = TEST_QUEUES,
        .rules = {.id = test_rule_id, .why = test_rule_why},
    };
}

static inline struct slice test_slice(const char *text)
{
    return (struct slice){.data = text, .size = (uint32_t)strlen(text)};
}

/** A complaint with one rule, not urgent, whose ending is a case. */
static inline struct message test_message(void)
{
    struct message message = {
        .epoch = 1,
        .channel_index = 1,
        .topic = "in.web",
        .partition = 2,
        .offset = 4711,
        .timestamp_ms = 1700000000000,
        .received_ns = 1000000,
        .decided_ns = 1045000,
        .payload = test_slice("{\"text\":\"I was hurt\"}"),
        .payload_hash = 0x0123456789abcdef,
        .payload_size_original = 21,
        .case_id = {.high = 1, .low = 2},
        .text = test_slice("I was hurt"),
        .id = test_slice("m-1"),
        .customer = test_slice("c-1"),
        .verdict = {.severity = SEVERITY_MODERATE,
                    .language = LANGUAGE_EN,
                    .complaint = true,
                    .category_count = 1,
                    .categories = {CATEGORY_STAFF},
                    .traits = 1u << TRAIT_SAFETY,
                    .score = 2.5F,
                    .hit_count = 1,
                    .hits_stored = 1,
                    .rule_set_hash = 0xfeed,
                    .rule_set_version = 1},
        .hits = {{.rule_index = 0, .start = 6, .end = 10}},
        .recurrence = {.scope = HISTORY_WHOLE, .last_complaint_ms = -1},
        .ending = ENDING_CASE,
        .queue_index = 1,
    };
    return message;
}

struct test_random {
    uint64_t state;
};

static inline uint64_t test_next(struct test_random *random, uint64_t below)
{
    return random_next(&random->state) % below;
}

/* Characters of one to four bytes, and those that JSON and JavaScript trip over. */
static inline struct slice test_random_text(struct test_random *random, char **room,
                                            size_t size_max)
{
    static const char *const characters[] = {"a",
                                             "B",
                                             " ",
                                             "\"",
                                             "\\",
                                             "\n",
                                             "\x01",
                                             "\x1f",
                                             "\x7f",
                                             "/",
                                             "ż",
                                             "Ж",
                                             "ά",
                                             "€",
                                             "\xE2\x80\xA8",
                                             "\xE2\x80\xA9",
                                             "\xEF\xBF\xBD",
                                             "😀",
                                             "</script>",
                                             "\xC2\x85"};
    struct slice text = {.data = *room, .size = 0};
    size_t wanted = test_next(random, size_max + 1);
    for (;;) {
        size_t pick = test_next(random, sizeof characters / sizeof characters[0] + 1);
        const char *bytes = pick < sizeof characters / sizeof characters[0] ? characters[pick] : "";
        size_t size = *bytes ? strlen(bytes) : 1; /* the last pick is a NUL byte */
        if (text.size + size > wanted)
            break;
        memcpy(*room, bytes, size);
        *room += size;
        text.size += (uint32_t)size;
    }
    return text;
}

static inline struct slice test_random_bytes(struct test_random *random, char **room,
                                             size_t size_max)
{
    if (test_next(random, 4) == 0)
        return (struct slice){0};
    struct slice bytes = {.data = *room, .size = (uint32_t)test_next(random, size_max + 1)};
    for (uint32_t index = 0; index < bytes.size; index++)
        *(*room)++ = (char)test_next(random, 256);
    return bytes;
}

static inline void test_random_verdict(struct test_random *random, struct message *message)
{
    struct verdict *verdict = &message->verdict;
    *verdict = (struct verdict){
        .severity = (enum severity)test_next(random, SEVERITY_COUNT),
        .language = (enum language)test_next(random, LANGUAGE_COUNT),
        .urgent = test_next(random, 2),
        .undecided = test_next(random, 2),
        .category_count = (uint8_t)test_next(random, 3),
        .traits = (trait_set)test_next(random, 1u << TRAIT_COUNT),
        .traits_by_words = (trait_set)test_next(random, 1u << TRAIT_COUNT),
        .score = (float)test_next(random, 2000000) / 1000.0F - 1000.0F,
        .hits_stored = (uint32_t)test_next(random, MESSAGE_HITS_MAX + 1),
        .rule_set_hash = test_next(random, UINT64_MAX),
        .rule_set_version = (uint32_t)test_next(random, 3),
    };
    verdict->complaint = verdict->severity > SEVERITY_NONE;
    verdict->categories[0] = (uint8_t)test_next(random, CATEGORY_COUNT);
    verdict->categories[1] = (uint8_t)((verdict->categories[0] + 1) % CATEGORY_COUNT);
    verdict->hit_count = verdict->hits_stored + (uint32_t)test_next(random, 3);
    for (uint32_t index = 0; index < verdict->hits_stored; index++) {
        /* At the starts of characters, as the matcher gives them. */
        uint32_t ends[2];
        for (unsigned side = 0; side < 2; side++) {
            ends[side] = (uint32_t)test_next(random, message->text.size + 1ULL);
            while (ends[side] < message->text.size &&
                   ((unsigned char)message->text.data[ends[side]] & 0xC0) == 0x80)
                ends[side]++;
        }
        message->hits[index] = (struct verdict_hit){
            .rule_index = (uint32_t)test_next(random, 1000),
            .start = ends[0] < ends[1] ? ends[0] : ends[1],
            .end = ends[0] < ends[1] ? ends[1] : ends[0],
        };
    }
}

/** Fills *message in every way that the stages before can; room is TEST_ROOM_BYTES large. */
static inline void test_random_message(struct test_random *random, struct message *message,
                                       struct message_header headers[MESSAGE_HEADERS_MAX],
                                       char *room)
{
    *message = test_message();
    message->channel_index = (uint16_t)test_next(random, TEST_CHANNELS + 1);
    message->queue_index = (uint16_t)test_next(random, TEST_QUEUES);
    message->partition = (int32_t)test_next(random, 100);
    message->offset = (int64_t)test_next(random, INT64_MAX);
    message->timestamp_ms = (int64_t)test_next(random, INT64_MAX) - (test_next(random, 2) ? 0 : 1);
    if (test_next(random, 4) == 0)
        message->timestamp_ms = -1;
    message->case_id.high = test_next(random, UINT64_MAX);
    message->case_id.low = test_next(random, UINT64_MAX);
    message->flags = (uint32_t)test_next(random, 16);
    message->revision = (uint8_t)test_next(random, 2);
    message->decided_ns = test_next(random, 3) ? test_next(random, 1u << 30) : 0;
    message->queued_ns = test_next(random, 2) ? test_next(random, 1u << 30) : 0;
    message->text = test_random_text(random, &room, test_next(random, 8) ? 200 : 60000);
    message->id = test_random_text(random, &room, MESSAGE_FIELD_BYTES_MAX);
    message->customer = test_random_text(random, &room, MESSAGE_FIELD_BYTES_MAX);
    message->time = test_random_text(random, &room, 30);
    message->attributes =
        test_slice(test_next(random, 2) ? "{\"a\":[1,{\"b\":null}],\"ż\":\"\\u0000\"}" : "");
    test_random_verdict(random, message);
    message->recurrence = (struct recurrence){
        .scope = (enum history_scope)test_next(random, 3),
        .repeat = test_next(random, 2),
        .redelivered = test_next(random, 2),
        .complaints_1h = (uint32_t)test_next(random, UINT32_MAX),
        .last_complaint_ms = (int64_t)test_next(random, 5000) - 1,
    };
    message->dead_reason = (enum dead_reason)(1 + test_next(random, DEAD_REASON_COUNT - 1));
    char *detail = message->dead_detail;
    (void)test_random_text(random, &detail, sizeof message->dead_detail);
    message->payload = test_random_bytes(random, &room, test_next(random, 8) ? 300 : 150000);
    message->payload_size_original =
        message->payload.size + (test_next(random, 4) ? 0 : (uint32_t)test_next(random, 1000));
    message->key = test_random_bytes(random, &room, 100);
    message->headers = headers;
    message->header_count = (uint16_t)test_next(random, MESSAGE_HEADERS_MAX + 1);
    for (unsigned index = 0; index < message->header_count; index++) {
        headers[index].name = test_random_bytes(random, &room, 20);
        if (!headers[index].name.data)
            headers[index].name = test_slice("name");
        headers[index].value = test_random_bytes(random, &room, 50);
    }
}

#endif
