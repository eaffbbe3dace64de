/**
 * The frontline queue under attack, with real processes.
 *
 * Goal: never two owners at a time, no crash of the engine, no case lost. Method: this process is
 * the engine (two producers and the server); children are readers. Some claim, work, acknowledge,
 * give back or let their lease end; they are SIGSTOPped and SIGKILLed at random moments; one writes
 * random words and flipped bits into the shared claim memory. A witness in memory that only the
 * tests share has one word a case: a reader that holds a valid claim (before its expiry) enters the
 * case by compare-and-swap and leaves it before the claim ends; finding somebody else there whose
 * claim is valid too is two owners. Some cases are raised right after they were pushed, as the
 * engine does once it knows the customer's history: both revisions are one case to the witness. At
 * the end every pushed case must have been acknowledged.
 *
 * REDRESS_CAMPAIGN_SEED and REDRESS_CAMPAIGN_CASES set seed and length.
 */
#include "../../unit/frontline/frontline_fixture.h"

#include "base/memory.h"
#include "support/random.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum {
    READERS = 5,
    SLOTS = 64,
    LEASE_MS = 150,
    CASES_DEFAULT = 1500,
    CASES_MAX = 100000,
    READER_NUMBERS = 1 << 16,
    END_SECONDS_MAX = 120
};

struct witness {
    _Atomic uint64_t inside; /* expiry in microseconds << 16 | reader number + 1; 0: nobody */
    _Atomic uint32_t acknowledged;
    _Atomic uint32_t pushed;
};

struct shared {
    _Atomic uint32_t two_owners;
    _Atomic uint32_t wrong_record;
    _Atomic uint32_t refused_ends;
    _Atomic uint64_t claims;
    _Atomic bool killed[READER_NUMBERS]; /* set before the SIGKILL: its claims end with it */
    struct witness cases[CASES_MAX];
};

static struct shared *shared;

static uint64_t setting(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : fallback;
}

/** Enters a case; false where another valid owner is inside. */
static bool enter(struct witness *witness, uint64_t me, uint64_t expires_ns)
{
    uint64_t mine = expires_ns / 1000 << 16 | me;
    uint64_t seen = atomic_load(&witness->inside);
    while (true) {
        bool somebody = (seen & 0xFFFF) != 0 && !atomic_load(&shared->killed[seen & 0xFFFF]);
        if (somebody && (seen >> 16) * 1000 > clock_monotonic_ns())
            return false;
        if (atomic_compare_exchange_strong(&witness->inside, &seen, mine))
            return true;
    }
}

static void leave(struct witness *witness, uint64_t me, uint64_t expires_ns)
{
    uint64_t mine = expires_ns / 1000 << 16 | me;
    (void)atomic_compare_exchange_strong(&witness->inside, &mine, 0);
}

static void work_on(struct frontline_reader *reader, const struct frontline_record *record,
                    const struct frontline_token *token, uint64_t me, uint64_t *random)
{
    uint64_t number = record->case_id.low;
    if (number == 0 || number >= CASES_MAX || record->offset != (int64_t)number ||
        !atomic_load(&shared->cases[number].pushed)) {
        atomic_fetch_add(&shared->wrong_record, 1);
        return;
    }
    struct witness *witness = &shared->cases[number];
    atomic_fetch_add(&shared->claims, 1);
    if (!enter(witness, me, token->expires_ns)) {
        /* Only a fault if our own claim is still valid: we may have been stopped on the way here.
         */
        if (clock_monotonic_ns() < token->expires_ns)
            atomic_fetch_add(&shared->two_owners, 1);
        return;
    }
    usleep((useconds_t)(random_next(random) % 300));
    uint64_t choice = random_next(random) % 100;
    leave(witness, me, token->expires_ns);
    if (choice < 3)
        return; /* forgets it: the lease must bring it back */
    if (choice < 20) {
        if (redress_frontline_give_back(reader, token) != STATUS_OK)
            atomic_fetch_add(&shared->refused_ends, 1);
        return;
    }
    enum redress_status status = redress_frontline_acknowledge(reader, token);
    if (status == STATUS_OK)
        atomic_fetch_add(&witness->acknowledged, 1);
    else
        atomic_fetch_add(&shared->refused_ends, 1);
}

static void read_for_ever(const char *path, uint64_t me, uint64_t seed)
{
    uint64_t random = seed;
    while (true) {
        struct frontline_reader *reader = NULL;
        struct frontline_record record;
        struct frontline_token token;
        if (redress_frontline_attach(path, &reader) != STATUS_OK)
            _exit(0);
        while (random_next(&random) % 200 != 0) {
            uint32_t flags = random_next(&random) % 4 == 0 ? FRONTLINE_CLAIM_KEEP : 0;
            if (redress_frontline_wait(reader, REDRESS_FRONTLINE_ALL, FRONTLINE_WAIT_BLOCK, 50) ==
                STATUS_STOPPED)
                _exit(0);
            if (redress_frontline_claim(reader, REDRESS_FRONTLINE_ALL, flags, &record, &token) ==
                STATUS_OK)
                work_on(reader, &record, &token, me, &random);
        }
        redress_frontline_detach(reader);
    }
}

/** Random words everywhere, and single bits flipped in what stands. */
static void scribble_for_ever(struct frontline *frontline, uint64_t seed)
{
    uint64_t random = seed;
    _Atomic uint64_t *words = frontline->claims->words;
    while (true) {
        uint64_t slot = random_next(&random) % frontline->geometry.slot_count;
        uint64_t kind = random_next(&random) % 4;
        if (kind == 0)
            atomic_store(&words[slot], random_next(&random));
        else if (kind == 1)
            atomic_fetch_xor(&words[slot], UINT64_C(1) << random_next(&random) % 64);
        else if (kind == 2)
            atomic_store(
                &words[slot],
                atomic_load(&words[random_next(&random) % frontline->geometry.slot_count]));
        else
            atomic_store(&frontline->claims->waiters[random_next(&random) % (QUEUES_MAX + 1)].count,
                         (uint32_t)random_next(&random));
        usleep(2000);
    }
}

static pid_t spawn_reader(const struct fixture *fixture, uint64_t me, uint64_t seed)
{
    pid_t child = fork();
    if (child == 0) {
        read_for_ever(fixture->path, me, seed);
        _exit(0);
    }
    return child;
}

struct campaign {
    struct fixture fixture;
    pid_t readers[READERS];
    uint64_t numbers[READERS]; /* each process has its own, from 1 */
    bool stopped[READERS];
    pid_t scribbler;
    uint64_t random;
    uint64_t cases;
    uint64_t pushed;
    uint64_t raised;
    uint64_t incarnations;
    unsigned kills;
    unsigned stops;
};

static void torment(struct campaign *campaign)
{
    uint64_t index = random_next(&campaign->random) % READERS;
    switch (random_next(&campaign->random) % 8) {
    case 0:
        atomic_store(&shared->killed[campaign->numbers[index]], true);
        kill(campaign->readers[index], SIGKILL);
        waitpid(campaign->readers[index], NULL, 0);
        campaign->stopped[index] = false;
        assert_true(campaign->incarnations < READER_NUMBERS);
        campaign->numbers[index] = campaign->incarnations++;
        campaign->readers[index] = spawn_reader(&campaign->fixture, campaign->numbers[index],
                                                random_next(&campaign->random));
        campaign->kills++;
        break;
    case 1:
    case 2:
        kill(campaign->readers[index], SIGSTOP);
        campaign->stopped[index] = true;
        campaign->stops++;
        break;
    default:
        kill(campaign->readers[index], SIGCONT);
        campaign->stopped[index] = false;
        break;
    }
}

/** The second decision, from another worker and perhaps for another queue. */
static void raise_case(struct campaign *campaign, uint32_t producer, uint64_t number)
{
    struct frontline_record record;
    uint32_t queue = (uint32_t)(random_next(&campaign->random) % 3);
    fixture_record(&record, number, 1, 4);
    if (frontline_push(campaign->fixture.frontline, producer, queue, &record) == STATUS_OK)
        campaign->raised++;
}

/** One case from a random producer; a full ring keeps it for later, as the topic would. */
static void push_some(struct campaign *campaign)
{
    for (int i = 0; i < 4 && campaign->pushed < campaign->cases; i++) {
        uint64_t number = campaign->pushed + 1;
        uint32_t producer = (uint32_t)(random_next(&campaign->random) % 2);
        atomic_store(&shared->cases[number].pushed, 1);
        if (fixture_push(&campaign->fixture, producer, (uint32_t)(number % 3), number,
                         (uint8_t)(number % 5)) != STATUS_OK)
            return;
        campaign->pushed++;
        if (random_next(&campaign->random) % 4 == 0)
            raise_case(campaign, 1 - producer, number);
        if (random_next(&campaign->random) % 16 == 0)
            assert_int_equal(fixture_push(&campaign->fixture, producer, (uint32_t)(number % 3),
                                          number, (uint8_t)(number % 5)),
                             STATUS_CONFLICT);
    }
}

static uint64_t count_acknowledged(const struct campaign *campaign)
{
    uint64_t count = 0;
    for (uint64_t number = 1; number <= campaign->pushed; number++)
        count += atomic_load(&shared->cases[number].acknowledged) != 0;
    return count;
}

static bool is_over(const struct campaign *campaign)
{
    struct frontline_stats stats;
    frontline_read_stats(campaign->fixture.frontline, &stats);
    return campaign->pushed == campaign->cases && stats.standing == 0 && stats.waiting_durable == 0;
}

static void run(struct campaign *campaign, uint64_t seed, bool scribbles)
{
    memset(shared, 0, sizeof *shared);
    campaign->random = seed;
    campaign->incarnations = 1;
    fixture_start(&campaign->fixture, SLOTS, LEASE_MS, NULL);
    for (uint64_t i = 0; i < READERS; i++) {
        campaign->numbers[i] = campaign->incarnations++;
        campaign->readers[i] =
            spawn_reader(&campaign->fixture, campaign->numbers[i], random_next(&campaign->random));
    }
    if (scribbles && (campaign->scribbler = fork()) == 0)
        scribble_for_ever(campaign->fixture.frontline, seed ^ 0x5555);
    uint64_t end_ns = clock_monotonic_ns() + (uint64_t)END_SECONDS_MAX * NS_PER_S;
    while (!is_over(campaign) && clock_monotonic_ns() < end_ns) {
        push_some(campaign);
        torment(campaign);
        usleep(3000);
    }
    for (int i = 0; i < READERS; i++) {
        kill(campaign->readers[i], SIGKILL);
        waitpid(campaign->readers[i], NULL, 0);
    }
    if (scribbles) {
        kill(campaign->scribbler, SIGKILL);
        waitpid(campaign->scribbler, NULL, 0);
    }
}

static void check(struct campaign *campaign, const char *name, uint64_t seed)
{
    struct frontline_stats stats;
    bool over = is_over(campaign);
    frontline_read_stats(campaign->fixture.frontline, &stats);
    uint64_t acknowledged = count_acknowledged(campaign);
    print_message("{\"campaign\":\"%s\",\"seed\":%llu,\"cases\":%llu,\"claims\":%llu,"
                  "\"raised\":%llu,\"superseded\":%llu,\"acknowledged\":%llu,"
                  "\"engine_acknowledged\":%llu,\"expired\":%llu,"
                  "\"hung_up\":%llu,\"given_back\":%llu,\"repaired\":%llu,\"kills\":%u,"
                  "\"stops\":%u,\"two_owners\":%u}\n",
                  name, (unsigned long long)seed, (unsigned long long)campaign->cases,
                  (unsigned long long)atomic_load(&shared->claims),
                  (unsigned long long)campaign->raised, (unsigned long long)stats.superseded_total,
                  (unsigned long long)acknowledged, (unsigned long long)stats.acknowledged_total,
                  (unsigned long long)stats.expired_total, (unsigned long long)stats.hung_up_total,
                  (unsigned long long)stats.given_back_total,
                  (unsigned long long)stats.repaired_total, campaign->kills, campaign->stops,
                  atomic_load(&shared->two_owners));
    fixture_end(&campaign->fixture);
    assert_true(over); /* nothing stands that cannot be finished: nothing was lost */
    assert_int_equal(atomic_load(&shared->two_owners), 0);
    assert_int_equal(atomic_load(&shared->wrong_record), 0);
    /* Each case ends once in the engine's books, and once more if it was raised afterwards. A
     * reader killed between its swap and its own note has acknowledged without the witness knowing;
     * nobody may know of more than the engine. */
    assert_in_range(stats.acknowledged_total, campaign->cases, campaign->cases + campaign->raised);
    assert_true(stats.superseded_total > 0);
    assert_true(acknowledged <= campaign->cases);
    assert_true(acknowledged + campaign->kills + 1 >= campaign->cases);
    /* A word that is overwritten after a reader's swap and before the engine saw it is repaired to
     * ready, and the case is worked on again: once too often, never once too few. */
    uint64_t again = 0;
    for (uint64_t number = 1; number <= campaign->cases; number++)
        if (atomic_load(&shared->cases[number].acknowledged) > 1)
            again += atomic_load(&shared->cases[number].acknowledged) - 1;
    assert_true(again <= campaign->raised + (campaign->scribbler ? stats.repaired_total : 0));
}

static void readers_stopped_and_killed_lose_nothing(void **state)
{
    (void)state;
    static struct campaign campaign;
    uint64_t seed = setting("REDRESS_CAMPAIGN_SEED", 20240611);
    campaign.cases = setting("REDRESS_CAMPAIGN_CASES", CASES_DEFAULT);
    assert_true(campaign.cases < CASES_MAX);
    run(&campaign, seed, false);
    check(&campaign, "stopped and killed", seed);
}

static void random_words_in_shared_memory_lose_nothing(void **state)
{
    (void)state;
    static struct campaign campaign;
    uint64_t seed = setting("REDRESS_CAMPAIGN_SEED", 20240612);
    campaign.cases = setting("REDRESS_CAMPAIGN_CASES", CASES_DEFAULT);
    assert_true(campaign.cases < CASES_MAX);
    run(&campaign, seed, true);
    check(&campaign, "random words", seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_stopped_and_killed_lose_nothing),
        cmocka_unit_test(random_words_in_shared_memory_lose_nothing),
    };
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
