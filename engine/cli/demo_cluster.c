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

struct sample {
    char topic[64];
    char customer[64];
    char *value;
    size_t size;
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
};

/* The samples are ours and flat: "name":"value" with nothing escaped in these two fields. */
static void copy_field(const char *line, const char *name, char *out, size_t out_max)
{
    char pattern[32];
    snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
    const char *start = strstr(line, pattern);
    out[0] = '\0';
    if (!start)
        return;
    start += strlen(pattern);
    snprintf(out, out_max, "%.*s", (int)strcspn(start, "\""), start);
}

static bool add_sample(struct demo_cluster *cluster, const char *line, size_t size)
{
    struct sample *sample = &cluster->samples[cluster->sample_count];
    char channel[32];
    copy_field(line, "channel", channel, sizeof channel);
    copy_field(line, "customer", sample->customer, sizeof sample->customer);
    if (!channel[0])
        return false;
    snprintf(sample->topic, sizeof sample->topic, "demo.%s", channel);
    sample->value = memory_copy_string(line);
    sample->size = size;
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
        size_t size = strcspn(line, "\n");
        line[size] = '\0';
        fine = add_sample(cluster, line, size);
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

static void send_sample(struct demo_cluster *cluster, const struct sample *sample)
{
    rd_kafka_producev(cluster->producer, RD_KAFKA_V_TOPIC(sample->topic),
                      RD_KAFKA_V_KEY(sample->customer, strlen(sample->customer)),
                      RD_KAFKA_V_VALUE(sample->value, sample->size),
                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
}

static void *feed(void *argument)
{
    struct demo_cluster *cluster = argument;
    uint64_t interval_ns = (uint64_t)NS_PER_S / cluster->settings.messages_per_second;
    uint64_t due_ns = clock_monotonic_ns();
    for (unsigned index = 0; !atomic_load_explicit(&cluster->stop, memory_order_relaxed);) {
        uint64_t now_ns = clock_monotonic_ns();
        if (now_ns >= due_ns) {
            send_sample(cluster, &cluster->samples[index]);
            index = (index + 1) % cluster->sample_count;
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
