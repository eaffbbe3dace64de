/**
 * The last stage: gives every message its one primary ending and hands it back when delivered.
 *
 *   accept ──► encode, produce ──► pending in the sink ──► delivered ──► done(message)
 *                │  FULL                     │ RETRY, TOO_LARGE
 *                ▼                           ▼
 *             backlog (FIFO) ◄──────── waits retry_wait_us
 *
 * Primary ending: a case, a calm message or a dead letter, produced to its topic. An urgent case
 * also goes to the topic of its frontline queue; the message is done when both were delivered. What
 * the broker refuses as too large becomes a dead letter by reference, in smaller and smaller forms;
 * frontline copies are cut likewise. Nothing is ever dropped: a full sink fills the backlog, which
 * holds the whole message budget, and ingest reads no further.
 *
 * Threads: all calls from the egress thread, but egress_count() and egress_state(): any.
 */
#ifndef REDRESS_EGRESS_EGRESS_H
#define REDRESS_EGRESS_EGRESS_H

#include "egress/case_id.h"
#include "egress/record.h"
#include "egress/sink.h"

/* Headers of frontline copies; dead letters carry the first one too. */
#define EGRESS_HEADER_CASE_ID  CASE_ID_HEADER
#define EGRESS_HEADER_REVISION "redress-revision" /* decimal digits */
#define EGRESS_HEADER_RECORD   "redress-record"   /* frontline_record's bytes */

enum { EGRESS_FRONTLINE_RECORD_BYTES_MAX = 16 * 1024 };

struct egress_topics {
    const char *cases;
    const char *calm; /* NULL: calm messages are counted and done at once */
    const char *dead_letters;
    const char *frontline_prefix; /* "redress.frontline.": the queue's name follows */
};

struct egress_settings {
    struct egress_topics topics;
    struct record_names names; /* queues also name the frontline topics */
    uint32_t messages_max;     /* all that can ever be accepted and not done: the message budget */
    uint32_t output_bytes_max; /* largest value of an output record; what is over it is cut */
    uint32_t retry_wait_us;    /* before a record that failed is produced again */
    void (*done)(void *context, struct message *message); /* inside accept or step */
    void *done_context;
    /* Writes the binary record of a frontline copy and answers its size; 0 or NULL: no header. */
    size_t (*frontline_record)(void *context, const struct message *message, char *out,
                               size_t out_max);
    void *frontline_context;
};

enum egress_state {
    EGRESS_RUNNING,
    EGRESS_FATAL /* nothing more is delivered or handed back: store nothing and exit 3 */
};

enum egress_counter {
    EGRESS_COUNT_CASES, /* messages that ended so */
    EGRESS_COUNT_CALM,
    EGRESS_COUNT_DEAD_LETTERS,
    EGRESS_COUNT_FRONTLINE, /* copies delivered */
    EGRESS_COUNT_RETRIES,   /* records produced again after a failure */
    EGRESS_COUNT_TOO_LARGE, /* records that had to take a smaller form */
    EGRESS_COUNT_FULL,      /* times that the sink had no room */
    EGRESS_COUNT_BACKLOG,   /* a gauge: records that wait for room or for their next try */
    EGRESS_COUNT_HELD,      /* a gauge: messages accepted and not done */
    EGRESS_COUNTER_COUNT
};

struct egress;

/** STATUS_MEMORY, or what sink_topic() answers. The sink stays the caller's and outlives egress. */
NODISCARD enum redress_status egress_create(const struct egress_settings *settings,
                                            struct sink *sink, struct egress **out);
/** Forgets what it holds (the slab is its owner's) and never calls done again. */
void egress_destroy(struct egress *egress);

/** Bytes that egress_create allocates. */
uint64_t egress_memory_bytes(const struct egress_settings *settings);

/** Takes a record whose ending is set (ENDING_DEAD_LETTER with a dead_reason); never a marker. */
void egress_accept(struct egress *egress, struct message *message);

/** Runs deliveries, then produces what waits. True where it moved anything. now_ns is monotonic. */
bool egress_step(struct egress *egress, uint64_t now_ns);

/** Microseconds until step has something to do by itself: 0 now, -1 only after a delivery. */
int64_t egress_wait_us(const struct egress *egress, uint64_t now_ns);

enum egress_state egress_state(const struct egress *egress);
uint64_t egress_count(const struct egress *egress, enum egress_counter counter);
uint64_t egress_dead_letters(const struct egress *egress, enum dead_reason reason);

/**
 * The conservation law at this end, of one partition slot and one parity of epochs.
 *
 * Ingest stamps messages with epoch E, sends the marker of E down every path, and stamps E + 1
 * until that marker has come back on all of them; only then E + 2 may begin. So when the last copy
 * of marker E is popped from egress's last ring, every message of E's parity that was ever received
 * has been accepted here, none of that parity is still on its way, and
 *
 *     received[slot][E & 1] == egress_law_answered(&laws[slot])
 *
 * must hold, with nothing else to subtract. pending is not a running counter: the snapshot counts
 * the messages that egress really holds, so a message that fell out shows as a residue.
 */
struct egress_law {
    uint64_t accepted;
    uint64_t ended[ENDING_COUNT];
    uint64_t pending;
};

/** Fills laws[0 .. slot_count) for the parity of `epoch`. */
void egress_law_snapshot(const struct egress *egress, uint32_t epoch, struct egress_law *laws,
                         uint32_t slot_count);

static inline uint64_t egress_law_answered(const struct egress_law *law)
{
    return law->ended[ENDING_CASE] + law->ended[ENDING_CALM] + law->ended[ENDING_DEAD_LETTER] +
           law->pending;
}

#endif
