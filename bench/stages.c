/*
 * What each stage costs a message: every stage over a whole corpus, by turns, round for round.
 *
 *   stages [--rounds N] [--counting] RULES RECORDS...    RULES: a folder; RECORDS: JSON Lines as
 * they stand in Kafka
 *
 * Prints one JSON line: for each row the nanoseconds a message of every round and the allocations
 * that its last round made. With --counting each row runs once under callgrind, which then has one
 * profile a row. Exit 2 for usage, 3 where something can't be read or made.
 */
#include "common/stage_bench.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const struct stage_row rows[] = {
    {"ring", run_ring},
    {"decode", run_decode},
    {"language", run_language},
    {"view", run_view},
    {"sentences", run_sentences},
    {"match", run_match},
    {"score", run_score},
    {"classify", run_classify},
    {"whole", run_whole},
    {"history", run_history},
    {"route", run_route},
    {"encode", run_encode},
    {"frontline_record", run_frontline_record},
    {"frontline_push", run_frontline_push},
    {"frontline_pop", run_frontline_pop},
};

enum { ROW_COUNT = sizeof rows / sizeof *rows, ROUNDS_DEFAULT = 21 };

static struct samples samples[ROW_COUNT];
static struct samples yardstick;
static uint64_t allocations[ROW_COUNT];

static void measure(struct stage_bench *bench, uint32_t rounds)
{
    /* The first round warms up. */
    for (uint32_t round = 0; round <= rounds; round++) {
        double ns_per_cycle = yardstick_ns_per_cycle();
        if (round > 0)
            samples_add(&yardstick, ns_per_cycle);
        for (uint32_t row = 0; row < ROW_COUNT; row++) {
            uint64_t before = allocations_count();
            uint64_t took_ns = rows[row].run(bench);
            allocations[row] = allocations_count() - before;
            if (round > 0)
                samples_add(&samples[row], (double)took_ns / bench->records.count);
        }
    }
}

static void count(struct stage_bench *bench)
{
    for (uint32_t row = 0; row < ROW_COUNT; row++) {
        bench->counting = false;
        rows[row].run(bench);
        bench->counting = true;
        CALLGRIND_ZERO_STATS;
        rows[row].run(bench);
        CALLGRIND_DUMP_STATS_AT(rows[row].name);
    }
}

static int compare(const void *left, const void *right)
{
    uint64_t one = *(const uint64_t *)left;
    uint64_t other = *(const uint64_t *)right;
    return (one > other) - (one < other);
}

static void print_whole(struct stage_bench *bench)
{
    uint32_t count = bench->records.count;
    qsort(bench->whole_ns, count, sizeof *bench->whole_ns, compare);
    printf(",\"whole_ns\":{\"p50\":%llu,\"p90\":%llu,\"p99\":%llu,\"max\":%llu}",
           (unsigned long long)bench->whole_ns[count / 2],
           (unsigned long long)bench->whole_ns[(size_t)count * 90 / 100],
           (unsigned long long)bench->whole_ns[(size_t)count * 99 / 100],
           (unsigned long long)bench->whole_ns[count - 1]);
}

static uint32_t count_ending(const struct stage_bench *bench, enum ending ending)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < bench->records.count; i++)
        count += bench->records.messages[i]->ending == ending;
    return count;
}

static void print(struct stage_bench *bench)
{
    const struct records *records = &bench->records;
    uint64_t hits = 0;
    for (uint32_t i = 0; i < records->count; i++)
        hits += bench->outcomes[i].hit_count;
    printf("{\"bench\":\"stages\",\"messages\":%u,\"text_bytes\":%.1f,\"payload_bytes\":%.1f,"
           "\"rules\":%u,\"rule_set\":\"%016llx\",\"hits\":%.2f,\"cases\":%u,"
           "\"undecided\":%u",
           records->count, (double)records->text_bytes / records->count,
           (double)records->payload_bytes / records->count, redress_rule_set_count(bench->rules),
           (unsigned long long)redress_rule_set_hash(bench->rules), (double)hits / records->count,
           count_ending(bench, ENDING_CASE), bench->undecided);
    samples_print("ns_per_cycle", &yardstick);
    if (!bench->counting)
        print_whole(bench);
    printf(",\"rows\":[");
    for (uint32_t row = 0; row < ROW_COUNT; row++) {
        printf("%s{\"name\":\"%s\",\"allocations\":%llu", row ? "," : "", rows[row].name,
               (unsigned long long)allocations[row]);
        samples_print("ns", &samples[row]);
        printf("}");
    }
    printf("]}\n");
}

static int run(struct stage_bench *bench, const char *rules, uint32_t rounds, bool counting)
{
    bench->counting = counting;
    int result = 3;
    if (counting)
        clock_freeze();
    if (worker_stages_open(bench, rules) && ending_stages_open(bench)) {
        if (counting)
            count(bench);
        else
            measure(bench, rounds);
        print(bench);
        result = 0;
    } else {
        (void)fprintf(stderr, "stages: a stage could not be made\n");
    }
    ending_stages_close(bench);
    worker_stages_close(bench);
    return result;
}

int main(int argc, char **argv)
{
    static struct stage_bench bench;
    uint32_t rounds = ROUNDS_DEFAULT;
    bool counting = false;
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--counting") == 0)
            counting = true;
        else if (strcmp(argv[at], "--rounds") == 0 && at + 1 < argc)
            rounds = (uint32_t)strtoul(argv[++at], NULL, 10);
    }
    if (at + 2 > argc || rounds == 0 || rounds > SAMPLES_MAX) {
        (void)fprintf(stderr, "usage: stages [--rounds N] [--counting] RULES RECORDS...\n");
        return 2;
    }
    const char *rules = argv[at++];
    bool good = true;
    for (; good && at < argc; at++)
        good = records_read(&bench.records, argv[at]);
    int result = 3;
    if (good && bench.records.count > 0)
        result = run(&bench, rules, rounds, counting);
    else
        (void)fprintf(stderr, "stages: no records could be read\n");
    records_free(&bench.records);
    return result;
}
