/*
 * What a plain librdkafka client does on the engine's job: the floors of the rows kafka/.
 *
 *   kafka_floor load BROKERS TOPIC MESSAGES FILE     produces lines of FILE, again and again
 *   kafka_floor consume BROKERS TOPIC SECONDS        reads the topic, again and again
 *   kafka_floor copy BROKERS TOPIC SECONDS INPUTS OUTPUT SOURCE...
 *       the same, and produces to OUTPUT what stands in the SOURCE topics, in the proportion of
 *       their records to INPUTS: the records that the engine made of INPUTS messages
 *   kafka_floor send BROKERS TOPIC RATE MESSAGES     open loop; a message's id is when it was due
 *   kafka_floor listen BROKERS TOPIC SAMPLES         until SIGTERM; notes what flow_reader notes
 *
 * load and send end when all is delivered; consume and copy print one JSON line: messages, records
 * produced, seconds, and processor seconds of the whole process. Exit 3: Kafka can't be had.
 */
#include "base/clock.h"

#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum {
    POLL_MS = 100,
    ASK_MS = 10 * 1000,
    LINE_BYTES_MAX = 256 * 1024,
    LINES_MAX = 100 * 1000,
    TEMPLATES_MAX = 20 * 1000,
    FLUSH_MS = 120 * 1000,
    LISTENED_MAX = 4 * 1000 * 1000
};

struct property {
    const char *name;
    const char *value;
};

/* As the engine sets them. */
static const struct property consuming[] = {
    {"fetch.wait.max.ms", "100"},     {"socket.nagle.disable", "true"},
    {"enable.auto.commit", "false"},  {"isolation.level", "read_committed"},
    {"enable.partition.eof", "true"}, {"group.id", "redress-bench-floor"}};
static const struct property producing[] = {{"enable.idempotence", "true"},
                                            {"acks", "all"},
                                            {"linger.ms", "25"},
                                            {"queue.buffering.max.messages", "100000"},
                                            {"socket.nagle.disable", "true"}};

static volatile sig_atomic_t told_to_end;

static void end_listening(int number)
{
    (void)number;
    told_to_end = 1;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "kafka_floor: %s: %s\n", what, why);
    exit(3);
}

static rd_kafka_t *open_client(rd_kafka_type_t type, const char *brokers,
                               const struct property *properties, size_t count)
{
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof why) != RD_KAFKA_CONF_OK)
        fail("brokers", why);
    for (size_t i = 0; i < count; i++)
        if (rd_kafka_conf_set(conf, properties[i].name, properties[i].value, why, sizeof why) !=
            RD_KAFKA_CONF_OK)
            fail(properties[i].name, why);
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof why);
    if (!client)
        fail("client", why);
    return client;
}

static rd_kafka_t *open_producer(const char *brokers)
{
    return open_client(RD_KAFKA_PRODUCER, brokers, producing, sizeof producing / sizeof *producing);
}

/* The caller frees the list. */
static rd_kafka_topic_partition_list_t *partitions_at(const char *topic, int count, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int partition = 0; partition < count; partition++)
        rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
    return list;
}

/* Not by assigning anew: librdkafka may still be starting what it would have to stop. */
static void begin_again(rd_kafka_t *consumer, const char *topic, int partitions)
{
    rd_kafka_topic_partition_list_t *list =
        partitions_at(topic, partitions, RD_KAFKA_OFFSET_BEGINNING);
    rd_kafka_error_t *error = rd_kafka_seek_partitions(consumer, list, ASK_MS);
    if (error)
        fail(topic, rd_kafka_error_string(error));
    rd_kafka_topic_partition_list_destroy(list);
}

static void assign_at(rd_kafka_t *consumer, const char *topic, int64_t offset, int *partitions)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(consumer, topic, NULL);
    if (!handle || rd_kafka_metadata(consumer, 0, handle, &metadata, ASK_MS) != 0)
        fail(topic, "cannot be asked for");
    *partitions = metadata->topics[0].partition_cnt;
    rd_kafka_topic_partition_list_t *list = partitions_at(topic, *partitions, offset);
    if (rd_kafka_assign(consumer, list) != 0)
        fail(topic, "cannot be assigned");
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(handle);
}

static rd_kafka_t *open_consumer(const char *brokers, const char *topic, int64_t offset,
                                 int *partitions)
{
    rd_kafka_t *consumer =
        open_client(RD_KAFKA_CONSUMER, brokers, consuming, sizeof consuming / sizeof *consuming);
    rd_kafka_poll_set_consumer(consumer);
    assign_at(consumer, topic, offset, partitions);
    return consumer;
}

static void close_consumer(rd_kafka_t *consumer)
{
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
}

static void produce(rd_kafka_t *producer, rd_kafka_topic_t *topic, const void *value, size_t size,
                    const void *key, size_t key_size, const rd_kafka_headers_t *headers)
{
    rd_kafka_headers_t *copy = headers ? rd_kafka_headers_copy(headers) : NULL;
    rd_kafka_resp_err_t code;
    do {
        code = rd_kafka_producev(producer, RD_KAFKA_V_RKT(topic),
                                 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_VALUE((void *)(uintptr_t)value, size),
                                 RD_KAFKA_V_KEY((void *)(uintptr_t)key, key_size),
                                 RD_KAFKA_V_HEADERS(copy), RD_KAFKA_V_END);
        if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            rd_kafka_poll(producer, 1);
    } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        fail("produce", rd_kafka_err2str(code));
}

static void close_producer(rd_kafka_t *producer, rd_kafka_topic_t *topic)
{
    if (rd_kafka_flush(producer, FLUSH_MS) != 0)
        fail("flush", "not everything was delivered");
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(producer);
}

/* --- load ------------------------------------------------------------------------------------ */

struct lines {
    char *texts[LINES_MAX];
    size_t sizes[LINES_MAX];
    uint32_t count;
};

static void read_lines(const char *path, struct lines *lines)
{
    static char line[LINE_BYTES_MAX];
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path, "cannot be read");
    while (lines->count < LINES_MAX && fgets(line, sizeof line, file)) {
        size_t size = strcspn(line, "\n");
        lines->texts[lines->count] = strndup(line, size);
        lines->sizes[lines->count++] = size;
    }
    (void)fclose(file);
    if (lines->count == 0)
        fail(path, "holds no line");
}

static int load(const char *brokers, const char *topic, uint64_t messages, const char *path)
{
    static struct lines lines;
    read_lines(path, &lines);
    rd_kafka_t *producer = open_producer(brokers);
    rd_kafka_topic_t *handle = rd_kafka_topic_new(producer, topic, NULL);
    for (uint64_t i = 0; i < messages; i++) {
        uint32_t at = (uint32_t)(i % lines.count);
        produce(producer, handle, lines.texts[at], lines.sizes[at], &i, sizeof i, NULL);
        if (i % 256 == 0)
            rd_kafka_poll(producer, 0);
    }
    close_producer(producer, handle);
    for (uint32_t at = 0; at < lines.count; at++)
        free(lines.texts[at]);
    return 0;
}

/* --- consume and copy ------------------------------------------------------------------------ */

struct copying {
    rd_kafka_t *producer;
    rd_kafka_topic_t *topic;
    rd_kafka_message_t *templates[TEMPLATES_MAX];
    uint32_t template_count;
    double records_a_message;
    double owed;
    uint64_t produced;
};

/* What the engine wrote, to be written again. All of it is counted, the first of it is kept. */
static uint64_t read_templates(const char *brokers, const char *topic, struct copying *copying)
{
    int partitions, ends = 0;
    uint64_t count = 0;
    rd_kafka_t *consumer = open_consumer(brokers, topic, RD_KAFKA_OFFSET_BEGINNING, &partitions);
    while (ends < partitions) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, ASK_MS);
        if (!message)
            fail(topic, "cannot be read to its end");
        bool is_record = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
        ends += message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        count += is_record;
        /* Kept for good: they end with the process. */
        if (is_record && copying->template_count < TEMPLATES_MAX && count <= TEMPLATES_MAX / 3)
            copying->templates[copying->template_count++] = message;
        else
            rd_kafka_message_destroy(message);
    }
    return count;
}

static void open_copying(struct copying *copying, int argc, char **argv)
{
    uint64_t records = 0;
    for (int i = 7; i < argc; i++)
        records += read_templates(argv[2], argv[i], copying);
    if (copying->template_count == 0)
        fail("copy", "the sources hold no record");
    copying->records_a_message = (double)records / strtod(argv[5], NULL);
    copying->producer = open_producer(argv[2]);
    copying->topic = rd_kafka_topic_new(copying->producer, argv[6], NULL);
}

static void copy_one(struct copying *copying)
{
    for (copying->owed += copying->records_a_message; copying->owed >= 1; copying->owed -= 1) {
        const rd_kafka_message_t *template =
            copying->templates[copying->produced++ % copying->template_count];
        rd_kafka_headers_t *headers = NULL;
        (void)rd_kafka_message_headers(template, &headers);
        produce(copying->producer, copying->topic, template->payload, template->len, template->key,
                template->key_len, headers);
    }
    if (copying->produced % 64 == 0)
        rd_kafka_poll(copying->producer, 0);
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* The topic again and again; from its first message on for so long. */
static int consume(const char *brokers, const char *topic, double seconds, struct copying *copying)
{
    int partitions, ends = 0;
    uint64_t messages = 0, begin_ns = 0;
    double begin_cpu = 0;
    rd_kafka_t *consumer = open_consumer(brokers, topic, RD_KAFKA_OFFSET_BEGINNING, &partitions);
    uint64_t last_ns = (uint64_t)(seconds * NS_PER_S);
    while (begin_ns == 0 || clock_monotonic_ns() - begin_ns < last_ns) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, POLL_MS);
        if (!message)
            continue;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && ++ends == partitions) {
            begin_again(consumer, topic, partitions);
            ends = 0;
        } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (messages++ == 0) {
                begin_ns = clock_monotonic_ns();
                begin_cpu = cpu_seconds();
            }
            if (copying)
                copy_one(copying);
        }
        rd_kafka_message_destroy(message);
    }
    if (copying)
        close_producer(copying->producer, copying->topic);
    printf("{\"messages\":%llu,\"produced\":%llu,\"seconds\":%.3f,\"cpu_seconds\":%.3f}\n",
           (unsigned long long)messages, copying ? (unsigned long long)copying->produced : 0ULL,
           (double)(clock_monotonic_ns() - begin_ns) / NS_PER_S, cpu_seconds() - begin_cpu);
    close_consumer(consumer);
    return 0;
}

/* --- send and listen ------------------------------------------------------------------------- */

static int send_open_loop(const char *brokers, const char *topic, uint64_t rate, uint64_t messages)
{
    static const struct property at_once[] = {{"linger.ms", "0"}, {"socket.nagle.disable", "true"}};
    static const char text[] =
        "the charger caught fire in the hall and we had to put it out with a blanket; this is what "
        "happened on the evening of the delivery, and since then nobody has called us back "
        "although "
        "we have asked for it twice and have sent the pictures that you wanted to see of the table "
        "and of the wall behind it";
    rd_kafka_t *producer =
        open_client(RD_KAFKA_PRODUCER, brokers, at_once, sizeof at_once / sizeof *at_once);
    rd_kafka_topic_t *handle = rd_kafka_topic_new(producer, topic, NULL);
    (void)prctl(PR_SET_TIMERSLACK, 1UL);
    uint64_t begin_ns = clock_monotonic_ns() + NS_PER_S / 2; /* the topic is known by then */
    for (uint64_t i = 0; i < messages; i++) {
        uint64_t due_ns = begin_ns + i * NS_PER_S / rate;
        struct timespec until = {.tv_sec = (time_t)(due_ns / NS_PER_S),
                                 .tv_nsec = (long)(due_ns % NS_PER_S)};
        char value[1024];
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
            continue;
        int size = snprintf(value, sizeof value, "{\"id\":\"%llu\",\"text\":\"%s\"}",
                            (unsigned long long)due_ns, text);
        produce(producer, handle, value, (size_t)size, NULL, 0, NULL);
        rd_kafka_poll(producer, 0);
    }
    close_producer(producer, handle);
    return 0;
}

static int listen_until_told(const char *brokers, const char *topic, const char *path)
{
    uint64_t(*times)[3] = mmap(NULL, LISTENED_MAX * sizeof *times, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int partitions;
    uint32_t count = 0;
    signal(SIGTERM, end_listening);
    rd_kafka_t *consumer = open_consumer(brokers, topic, RD_KAFKA_OFFSET_END, &partitions);
    while (!told_to_end && times != MAP_FAILED) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, POLL_MS);
        if (!message)
            continue;
        static const char head[] = "{\"id\":\"";
        uint64_t seen_ns = clock_monotonic_ns();
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->len > sizeof head &&
            count < LISTENED_MAX) {
            times[count][0] = strtoull((const char *)message->payload + sizeof head - 1, NULL, 10);
            times[count][1] = times[count][2] = seen_ns;
            count++;
        }
        rd_kafka_message_destroy(message);
    }
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(times, sizeof *times, count, file) == count && fclose(file) == 0;
    close_consumer(consumer);
    return good ? 0 : 3;
}

int main(int argc, char **argv)
{
    static struct copying copying;
    const char *verb = argc > 4 ? argv[1] : "";
    if (strcmp(verb, "load") == 0 && argc == 6)
        return load(argv[2], argv[3], strtoull(argv[4], NULL, 10), argv[5]);
    if (strcmp(verb, "consume") == 0 && argc == 5)
        return consume(argv[2], argv[3], strtod(argv[4], NULL), NULL);
    if (strcmp(verb, "send") == 0 && argc == 6)
        return send_open_loop(argv[2], argv[3], strtoull(argv[4], NULL, 10),
                              strtoull(argv[5], NULL, 10));
    if (strcmp(verb, "listen") == 0 && argc == 5)
        return listen_until_told(argv[2], argv[3], argv[4]);
    if (strcmp(verb, "copy") == 0 && argc >= 8) {
        open_copying(&copying, argc, argv);
        return consume(argv[2], argv[3], strtod(argv[4], NULL), &copying);
    }
    fprintf(stderr, "usage: kafka_floor load|consume|copy|send|listen BROKERS TOPIC ...\n");
    return 2;
}
