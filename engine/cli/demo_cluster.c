#include "cli/demo_cluster.h"

#include "base/clock.h"
#include "base/memory.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { SAMPLES_MAX = 4096, SAMPLE_BYTES_MAX = 8192, TOPIC_PARTITIONS = 2, FLUSH_MS_MAX = 5000 };
enum { ANSWER_MS_MAX = 10000, TOPICS_MAX = 32 };

struct sample {
    char topic[64];
    char customer[64];
    char *value;
    size_t customer_start; /* where its name stands in value; both 0: nowhere */
    size_t customer_end;
};

struct demo_cluster {
    struct demo_cluster_settings settings;
    rd_kafka_t *producer;
    rd_kafka_mock_cluster_t *mock;
    struct sample *samples;
    unsigned sample_count;
    pthread_t thread;
    bool feeding;
    atomic_bool stop;
    _Atomic uint64_t sent;
    uint64_t found;
};

/* The samples are ours and flat: "name":"value" with nothing escaped in these two fields. */
static size_t copy_field(const char *line, const char *name, char *out, size_t out_max)
{
    char pattern[32];
    snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
    const char *start = strstr(line, pattern);
    out[0] = '\0';
    if (!start)
        return 0;
    start += strlen(pattern);
    snprintf(out, out_max, "%.*s", (int)strcspn(start, "\""), start);
    return (size_t)(start - line);
}

static bool add_sample(struct demo_cluster *cluster, const char *line)
{
    struct sample *sample = &cluster->samples[cluster->sample_count];
    char channel[32];
    copy_field(line, "channel", channel, sizeof channel);
    sample->customer_start =
        copy_field(line, "customer", sample->customer, sizeof sample->customer);
    sample->customer_end = sample->customer_start + strlen(sample->customer);
    if (!channel[0])
        return false;
    snprintf(sample->topic, sizeof sample->topic, "demo.%s", channel);
    sample->value = memory_copy_string(line);
    if (!sample->value)
        return false;
    cluster->sample_count++;
    return true;
}

static enum redress_status load_samples(struct demo_cluster *cluster)
{
    FILE *file = fopen(cluster->settings.samples_path, "re");
    char line[SAMPLE_BYTES_MAX];
    if (!file) {
        fprintf(stderr, "redress: the samples %s can't be read\n", cluster->settings.samples_path);
        return STATUS_NOT_FOUND;
    }
    cluster->samples = memory_allocate_array(SAMPLES_MAX, sizeof *cluster->samples);
    bool fine = cluster->samples != NULL;
    while (fine && cluster->sample_count < SAMPLES_MAX && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        fine = add_sample(cluster, line);
    }
    fclose(file);
    if (fine && cluster->sample_count > 0)
        return STATUS_OK;
    fprintf(stderr, "redress: %s:%u: no sample with a channel\n", cluster->settings.samples_path,
            cluster->sample_count + 1);
    return STATUS_INVALID;
}

static void count_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    struct demo_cluster *cluster = opaque;
    (void)producer;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        atomic_fetch_add_explicit(&cluster->sent, 1, memory_order_relaxed); /* shown to people */
}

static enum redress_status open_producer(struct demo_cluster *cluster, const char *brokers)
{
    char why[256] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, cluster);
    rd_kafka_conf_set_dr_msg_cb(conf, count_delivery);
    rd_kafka_conf_set(conf, "linger.ms", "0", NULL, 0);
    rd_kafka_conf_set_log_cb(conf, NULL); /* what matters is said in our words */
    if (brokers)
        rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
    cluster->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (cluster->producer)
        return STATUS_OK;
    fprintf(stderr, "redress: the demo's producer can't be made: %s\n", why);
    rd_kafka_conf_destroy(conf);
    return STATUS_FATAL;
}

static enum redress_status open_mock(struct demo_cluster *cluster)
{
    char why[256] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, NULL); /* it talks to nobody, and would say so */
    rd_kafka_t *keeper = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!keeper)
        return STATUS_FATAL;
    cluster->mock = rd_kafka_mock_cluster_new(keeper, 1);
    if (!cluster->mock) {
        rd_kafka_destroy(keeper);
        return STATUS_FATAL;
    }
    for (unsigned index = 0; index < cluster->settings.topic_count; index++)
        rd_kafka_mock_topic_create(cluster->mock, cluster->settings.topics[index], TOPIC_PARTITIONS,
                                   1);
    return STATUS_OK;
}

/* A real broker keeps what earlier runs wrote, and a new group reads from the start. */
static void count_found(struct demo_cluster *cluster, const struct rd_kafka_metadata_topic *topic)
{
    for (int partition = 0; partition < topic->partition_cnt; partition++) {
        int64_t low = 0;
        int64_t high = 0;
        if (rd_kafka_query_watermark_offsets(cluster->producer, topic->topic, partition, &low,
                                             &high, ANSWER_MS_MAX) == RD_KAFKA_RESP_ERR_NO_ERROR)
            cluster->found += (uint64_t)(high - low);
    }
}

static rd_kafka_NewTopic_t *describe_topic(const char *name)
{
    char why[256];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, TOPIC_PARTITIONS, -1, why, sizeof why);
    size_t size = strlen(name);
    if (topic && size > 5 && strcmp(name + size - 5, ".acks") == 0)
        rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "compact");
    return topic;
}

/* Says what could not be made; a topic that is there already is fine. */
static enum redress_status judge_made_topics(rd_kafka_event_t *event)
{
    enum redress_status status = STATUS_OK;
    size_t count = 0;
    const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
    const rd_kafka_topic_result_t **topics =
        result ? rd_kafka_CreateTopics_result_topics(result, &count) : NULL;
    for (size_t index = 0; index < count; index++) {
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(topics[index]);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            continue;
        fprintf(stderr, "redress: topic %s can't be made: %s; make it by hand, then start again\n",
                rd_kafka_topic_result_name(topics[index]),
                rd_kafka_topic_result_error_string(topics[index]));
        status = STATUS_DENIED;
    }
    return status;
}

static enum redress_status make_topics(struct demo_cluster *cluster)
{
    rd_kafka_NewTopic_t *topics[TOPICS_MAX];
    unsigned count = 0;
    while (count < cluster->settings.topic_count && count < TOPICS_MAX) {
        topics[count] = describe_topic(cluster->settings.topics[count]);
        count++;
    }
    rd_kafka_queue_t *queue = rd_kafka_queue_new(cluster->producer);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(cluster->producer, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS_MAX, NULL, 0);
    rd_kafka_CreateTopics(cluster->producer, topics, count, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * ANSWER_MS_MAX);
    enum redress_status status = STATUS_NOT_FOUND;
    if (event && !rd_kafka_event_error(event))
        status = judge_made_topics(event);
    else
        fprintf(stderr, "redress: no answer from %s: %s; is a Kafka listening there?\n",
                cluster->settings.brokers,
                event ? rd_kafka_event_error_string(event) : "timed out");
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy_array(topics, count);
    return status;
}

static enum redress_status look_for_earlier(struct demo_cluster *cluster)
{
    for (unsigned index = 0; index < cluster->settings.input_count; index++) {
        const struct rd_kafka_metadata *metadata;
        rd_kafka_topic_t *topic =
            rd_kafka_topic_new(cluster->producer, cluster->settings.topics[index], NULL);
        rd_kafka_resp_err_t error =
            rd_kafka_metadata(cluster->producer, 0, topic, &metadata, ANSWER_MS_MAX);
        rd_kafka_topic_destroy(topic);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
            fprintf(stderr, "redress: %s doesn't describe topic %s: %s\n",
                    cluster->settings.brokers, cluster->settings.topics[index],
                    rd_kafka_err2str(error));
            return STATUS_NOT_FOUND;
        }
        if (metadata->topic_cnt == 1)
            count_found(cluster, &metadata->topics[0]);
        rd_kafka_metadata_destroy(metadata);
    }
    return STATUS_OK;
}

enum redress_status demo_cluster_open(const struct demo_cluster_settings *settings,
                                      struct demo_cluster **out)
{
    struct demo_cluster *cluster = memory_allocate(sizeof *cluster);
    if (!cluster)
        return STATUS_MEMORY;
    cluster->settings = *settings;
    enum redress_status status = load_samples(cluster);
    if (status == STATUS_OK && !settings->brokers)
        status = open_mock(cluster);
    if (status == STATUS_OK)
        status = open_producer(cluster, demo_cluster_brokers(cluster));
    if (status == STATUS_OK && settings->brokers)
        status = make_topics(cluster);
    if (status == STATUS_OK && settings->brokers)
        status = look_for_earlier(cluster);
    if (status != STATUS_OK) {
        demo_cluster_close(cluster);
        return status;
    }
    *out = cluster;
    return STATUS_OK;
}

const char *demo_cluster_brokers(const struct demo_cluster *cluster)
{
    return cluster->mock ? rd_kafka_mock_cluster_bootstraps(cluster->mock)
                         : cluster->settings.brokers;
}

/* Each time round it is other people who write: the samples' own second complaints shall be the
   only ones, so the customer's name gets the number of the round. */
static void send_sample(struct demo_cluster *cluster, const struct sample *sample, unsigned round)
{
    static _Thread_local char value[SAMPLE_BYTES_MAX + 32];
    char customer[96];
    snprintf(customer, sizeof customer, round ? "%s-%u" : "%s", sample->customer, round);
    int size = snprintf(value, sizeof value, "%.*s%s%s", (int)sample->customer_start, sample->value,
                        sample->customer_end ? customer : "", sample->value + sample->customer_end);
    rd_kafka_producev(cluster->producer, RD_KAFKA_V_TOPIC(sample->topic),
                      RD_KAFKA_V_KEY(customer, strlen(customer)),
                      RD_KAFKA_V_VALUE(value, (size_t)size),
                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
}

static void *feed(void *argument)
{
    struct demo_cluster *cluster = argument;
    uint64_t interval_ns = (uint64_t)NS_PER_S / cluster->settings.messages_per_second;
    uint64_t due_ns = clock_monotonic_ns();
    for (unsigned sent = 0; !atomic_load_explicit(&cluster->stop, memory_order_relaxed);) {
        uint64_t now_ns = clock_monotonic_ns();
        if (now_ns >= due_ns) {
            send_sample(cluster, &cluster->samples[sent % cluster->sample_count],
                        sent / cluster->sample_count);
            sent++;
            due_ns += interval_ns;
        }
        int wait_ms = due_ns > now_ns ? (int)((due_ns - now_ns) / NS_PER_MS) : 0;
        rd_kafka_poll(cluster->producer, wait_ms < 100 ? wait_ms : 100);
    }
    rd_kafka_flush(cluster->producer, FLUSH_MS_MAX);
    return NULL;
}

enum redress_status demo_cluster_feed(struct demo_cluster *cluster)
{
    cluster->feeding = pthread_create(&cluster->thread, NULL, feed, cluster) == 0;
    return cluster->feeding ? STATUS_OK : STATUS_MEMORY;
}

void demo_cluster_stop_feed(struct demo_cluster *cluster)
{
    if (!cluster->feeding)
        return;
    atomic_store_explicit(&cluster->stop, true, memory_order_relaxed);
    pthread_join(cluster->thread, NULL);
    cluster->feeding = false;
}

uint64_t demo_cluster_found(const struct demo_cluster *cluster)
{
    return cluster->found;
}

uint64_t demo_cluster_sent(const struct demo_cluster *cluster)
{
    return atomic_load_explicit(&cluster->sent, memory_order_relaxed);
}

void demo_cluster_close(struct demo_cluster *cluster)
{
    demo_cluster_stop_feed(cluster);
    if (cluster->producer)
        rd_kafka_destroy(cluster->producer);
    if (cluster->mock) {
        rd_kafka_t *keeper = rd_kafka_mock_cluster_handle(cluster->mock);
        rd_kafka_mock_cluster_destroy(cluster->mock);
        rd_kafka_destroy(keeper);
    }
    for (unsigned index = 0; index < cluster->sample_count; index++)
        memory_free(cluster->samples[index].value);
    memory_free(cluster->samples);
    memory_free(cluster);
}
