#include "frontline/acks.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ACK_VALUE_BYTES_MAX = 256, ACK_KEY_BYTES = 32, ERROR_BYTES = 256 };

struct frontline_acks {
    struct frontline *frontline;
    const char *const *queue_names;
    char *topic;
    rd_kafka_t *producer;
};

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    const struct frontline_acks *acks = opaque;
    uint64_t reference = (uint64_t)(uintptr_t)message->_private;
    (void)producer;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        frontline_acknowledgement_durable(acks->frontline, reference);
        return;
    }
    LOG_WARN("an acknowledgement was not written and will be tried again",
             log_text("reason", rd_kafka_err2str(message->err)));
    frontline_acknowledgement_failed(acks->frontline, reference);
}

static bool set(rd_kafka_conf_t *conf, const char *name, const char *value, char *error)
{
    return rd_kafka_conf_set(conf, name, value, error, ERROR_BYTES) == RD_KAFKA_CONF_OK;
}

static bool configure(struct frontline_acks *acks, rd_kafka_conf_t *conf, char *error)
{
    rd_kafka_conf_set_opaque(conf, acks);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    /* An outage is waited out: a case stays acknowledged here, and comes back only if we die. */
    return set(conf, "enable.idempotence", "true", error) &&
           set(conf, "message.timeout.ms", "0", error) && set(conf, "linger.ms", "0", error);
}

enum redress_status frontline_acks_open(struct frontline *frontline,
                                        const struct frontline_acks_settings *settings,
                                        struct frontline_acks **out, char error[256])
{
    static_assert(sizeof(uintptr_t) == sizeof(uint64_t), "a reference travels as a pointer");
    struct frontline_acks *acks = memory_allocate(sizeof *acks);
    *out = NULL;
    error[0] = '\0';
    if (acks)
        acks->topic = memory_copy_string(settings->topic);
    if (!acks || !acks->topic) {
        rd_kafka_conf_destroy(settings->conf);
        memory_free(acks);
        return STATUS_MEMORY;
    }
    acks->frontline = frontline;
    acks->queue_names = settings->queue_names;
    if (configure(acks, settings->conf, error))
        acks->producer = rd_kafka_new(RD_KAFKA_PRODUCER, settings->conf, error, ERROR_BYTES);
    if (!acks->producer) {
        rd_kafka_conf_destroy(settings->conf); /* rd_kafka_new takes it only when it succeeds */
        memory_free(acks->topic);
        memory_free(acks);
        return STATUS_INVALID;
    }
    *out = acks;
    return STATUS_OK;
}

static size_t write_value(const struct frontline_acks *acks,
                          const struct frontline_acknowledgement *acknowledgement, char *value)
{
    struct json_writer json;
    json_start(&json, value, ACK_VALUE_BYTES_MAX);
    json_object_open(&json);
    json_key(&json, "revision");
    json_unsigned(&json, acknowledgement->revision);
    json_key(&json, "queue");
    json_string(&json, acks->queue_names[acknowledgement->queue_index]);
    json_key(&json, "acknowledged_ms");
    json_integer(&json, clock_unix_ms());
    json_object_close(&json);
    return json.size;
}

enum redress_status frontline_acks_write(void *context,
                                         const struct frontline_acknowledgement *acknowledgement)
{
    const struct frontline_acks *acks = context;
    char key[ACK_KEY_BYTES + 1];
    char value[ACK_VALUE_BYTES_MAX];
    (void)snprintf(key, sizeof key, "%016" PRIx64 "%016" PRIx64, acknowledgement->case_id.high,
                   acknowledgement->case_id.low);
    size_t size = write_value(acks, acknowledgement, value);
    rd_kafka_resp_err_t error = rd_kafka_producev(
        acks->producer, RD_KAFKA_V_TOPIC(acks->topic), RD_KAFKA_V_KEY(key, ACK_KEY_BYTES),
        RD_KAFKA_V_VALUE(value, size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_OPAQUE((void *)(uintptr_t)acknowledgement->reference), RD_KAFKA_V_END);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ? STATUS_OK : STATUS_FULL;
}

enum redress_status frontline_acks_step(struct frontline_acks *acks)
{
    char reason[ERROR_BYTES];
    (void)rd_kafka_poll(acks->producer, 0);
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(acks->producer, reason, sizeof reason);
    return fatal == RD_KAFKA_RESP_ERR_NO_ERROR ? STATUS_OK : STATUS_FATAL;
}

bool frontline_acks_close(struct frontline_acks *acks, int timeout_ms)
{
    if (!acks)
        return true;
    bool empty = rd_kafka_flush(acks->producer, timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!empty)
        (void)rd_kafka_purge(acks->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy(acks->producer);
    memory_free(acks->topic);
    memory_free(acks);
    return empty;
}
