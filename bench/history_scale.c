/*
 * What the history costs a message by the number of customers it knows.
 *
 *   history_scale CUSTOMERS [ROUNDS]
 *
 * Every customer has complained before; each call is of another one, drawn evenly, so that the
 * table is as cold as its size makes it. Prints one JSON line with the nanoseconds of every round.
 */
#include "common/history_call.h"
#include "common/sampling.h"

#include "base/memory.h"

#include <stdlib.h>

enum { CALLS_A_ROUND = 100 * 1000, ROUNDS_DEFAULT = 7 };

static void measure(struct history *history, struct message *message, uint64_t customers,
                    uint32_t rounds)
{
    static struct samples samples;
    uint64_t call = customers;
    for (uint32_t round = 0; round <= rounds; round++) {
        uint64_t begin_ns = clock_processor_ns();
        for (uint32_t i = 0; i < CALLS_A_ROUND; i++, call++)
            history_call(history, message, mix(call) % customers, call);
        if (round > 0) /* the first warms up */
            samples_add(&samples, (double)(clock_processor_ns() - begin_ns) / CALLS_A_ROUND);
    }
    printf("{\"bench\":\"history_scale\",\"customers\":%llu", (unsigned long long)customers);
    samples_print("ns", &samples);
    printf("}\n");
}

int main(int argc, char **argv)
{
    uint64_t customers = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    uint32_t rounds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : ROUNDS_DEFAULT;
    if (customers == 0 || rounds == 0 || rounds > SAMPLES_MAX) {
        (void)fprintf(stderr, "usage: history_scale CUSTOMERS [ROUNDS]\n");
        return 2;
    }
    const struct history_settings settings = {.customers_max = 2 * customers};
    struct history *history = NULL;
    struct message *message = memory_allocate(sizeof *message);
    if (!message || history_create(&settings, &history) != STATUS_OK) {
        (void)fprintf(stderr, "history_scale: no memory for so many\n");
        memory_free(message);
        return 3;
    }
    message->verdict.complaint = true;
    message->partition_slot = 1;
    for (uint64_t customer = 0; customer < customers; customer++)
        history_call(history, message, customer, customer);
    measure(history, message, customers, rounds);
    history_destroy(history);
    memory_free(message);
    return 0;
}
