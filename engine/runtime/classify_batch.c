#include "runtime/classify_batch.h"

#include "base/json_writer.h"
#include "base/memory.h"
#include "classify/verdict_json.h"

#include <string.h>

enum {
    ANSWER_BYTES_MAX = VERDICT_JSON_BYTES_MAX + 8 * MESSAGE_FIELD_BYTES_MAX,
    EXPLANATION_BYTES_MAX = (MESSAGE_HITS_MAX + 256) * 1024
};

bool classify_batch_reserve(char **block, size_t *capacity, size_t size)
{
    if (size <= *capacity)
        return true;
    size_t grown = *capacity ? *capacity : BATCH_BYTES;
    while (grown < size)
        grown *= 2;
    char *larger = memory_resize(*block, grown);
    if (!larger)
        return false;
    *block = larger;
    *capacity = grown;
    return true;
}

void classify_batch_destroy(struct classify_batch *batch)
{
    memory_free(batch->input);
    memory_free(batch->output);
}

enum redress_status classify_worker_init(struct classify_worker *worker,
                                         const struct rule_set *rule_set, bool explain)
{
    *worker = (struct classify_worker){.rule_set = rule_set, .explain = explain};
    const struct envelope_settings settings = {.kind = ENVELOPE_JSON,
                                               .payload_bytes_max = LINE_BYTES_MAX};
    struct error_list *errors = memory_allocate(sizeof *errors);
    if (!errors)
        return STATUS_MEMORY;
    enum redress_status status =
        envelope_mapping_compile(&settings, NULL, errors, &worker->mapping);
    memory_free(errors);
    if (status == STATUS_OK)
        status = decode_scratch_create(LINE_BYTES_MAX, &worker->decode);
    if (status == STATUS_OK)
        status = redress_scratch_create(rule_set, &worker->scratch);
    worker->room_size = (uint32_t)envelope_room_bytes(LINE_BYTES_MAX);
    worker->room = memory_allocate(worker->room_size);
    worker->message = memory_allocate(sizeof *worker->message);
    if (status == STATUS_OK && (!worker->room || !worker->message))
        status = STATUS_MEMORY;
    if (status != STATUS_OK)
        classify_worker_destroy(worker);
    return status;
}

void classify_worker_destroy(struct classify_worker *worker)
{
    decode_scratch_free(worker->decode);
    redress_scratch_free(worker->scratch);
    memory_free(worker->message);
    memory_free(worker->payload);
    memory_free(worker->room);
    *worker = (struct classify_worker){0};
}

static bool decode_line(struct classify_worker *worker, const char *line, size_t size)
{
    struct message *message = worker->message;
    memcpy(worker->payload, line, size);
    memset(worker->payload + size, 0, MESSAGE_PADDING_BYTES);
    message->payload = (struct slice){worker->payload, (uint32_t)size};
    message->payload_size_original = (uint32_t)size;
    message->room = worker->room;
    message->room_size = worker->room_size;
    message->flags = 0;
    message->dead_reason = DEAD_NONE;
    message->dead_detail[0] = 0;
    message->text = message->id = message->customer = message->time = (struct slice){0};
    message->language_hint = message->attributes = (struct slice){0};
    return envelope_decode(&worker->mapping, worker->decode, message) == STATUS_OK;
}

static void write_id(struct json_writer *json, const struct message *message)
{
    if (message->id.size == 0)
        return;
    json_key(json, "id");
    json_string_sized(json, message->id.data, message->id.size);
}

static void write_error(struct json_writer *json, const struct message *message, uint64_t line,
                        const char *reason, const char *detail)
{
    write_id(json, message);
    json_key(json, "line");
    json_unsigned(json, line);
    json_key(json, "error");
    json_string(json, reason);
    if (detail[0]) {
        json_key(json, "detail");
        json_string(json, detail);
    }
}

static void write_verdict(struct classify_worker *worker, struct json_writer *json)
{
    const struct message *message = worker->message;
    const struct classify_input input = {.text = message->text,
                                         .language_hint = message->language_hint,
                                         .truncated = message->flags & MESSAGE_TRUNCATED};
    struct verdict verdict;
    /* Undecided stands in the verdict itself. */
    enum redress_status status =
        redress_classify(worker->rule_set, worker->scratch, &input, &verdict);
    verdict.undecided |= status != STATUS_OK;
    write_id(json, message);
    verdict_write_json(json, worker->rule_set, &verdict);
    if (worker->explain)
        verdict_write_explanation(json, worker->rule_set, worker->scratch, &verdict);
}

static bool answer_line(struct classify_worker *worker, struct classify_batch *batch,
                        const char *line, size_t size)
{
    uint64_t number = batch->first_line + batch->lines++;
    size_t room = ANSWER_BYTES_MAX + (worker->explain ? EXPLANATION_BYTES_MAX : 0);
    if (!classify_batch_reserve(&batch->output, &batch->output_capacity,
                                batch->output_size + room) ||
        !classify_batch_reserve(&worker->payload, &worker->payload_capacity,
                                size + MESSAGE_PADDING_BYTES))
        return false;
    struct json_writer json;
    json_start(&json, batch->output + batch->output_size, room);
    json_object_open(&json);
    if (decode_line(worker, line, size)) {
        write_verdict(worker, &json);
    } else {
        batch->errors++;
        write_error(&json, worker->message, number,
                    redress_dead_reason_name(worker->message->dead_reason),
                    worker->message->dead_detail);
    }
    json_object_close(&json);
    json_newline(&json);
    batch->output_size += json.size;
    return !json.overflow;
}

static bool answer_too_long(struct classify_worker *worker, struct classify_batch *batch)
{
    struct json_writer json;
    if (!classify_batch_reserve(&batch->output, &batch->output_capacity, ANSWER_BYTES_MAX))
        return false;
    *worker->message = (struct message){0};
    json_start(&json, batch->output, ANSWER_BYTES_MAX);
    json_object_open(&json);
    write_error(&json, worker->message, batch->first_line, redress_dead_reason_name(DEAD_TOO_LARGE),
                "the line has more than 16 MiB");
    json_object_close(&json);
    json_newline(&json);
    batch->output_size = json.size;
    batch->lines = batch->errors = 1;
    return true;
}

void classify_worker_run(struct classify_worker *worker, struct classify_batch *batch)
{
    batch->output_size = 0;
    batch->lines = batch->errors = 0;
    bool room = true;
    if (batch->too_long)
        room = answer_too_long(worker, batch);
    const char *at = batch->input;
    const char *end = batch->input + batch->input_size;
    while (room && !batch->too_long && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((stop ? stop : end) - at);
        room = answer_line(worker, batch, at, size);
        at += size + 1;
    }
    batch->status = room ? STATUS_OK : STATUS_MEMORY;
}
