/**
 * Draws the demo: rates by channel and language, the frontline queue with its reasons, totals that
 * balance. On a terminal it redraws itself in 80 columns and as many rows as there are; elsewhere
 * it prints figures twice a second and each case once.
 *
 * Threads: one.
 */
#ifndef REDRESS_CLI_DEMO_SCREEN_H
#define REDRESS_CLI_DEMO_SCREEN_H

#include <redress/frontline.h>

enum { DEMO_SCREEN_CASES = 24 };

struct demo_figures {
    double seconds;
    uint64_t sent;
    uint64_t found;    /* stood in the topics before the first was sent */
    uint64_t received; /* by ingest; the four below are counted apart from it */
    uint64_t cases;
    uint64_t calm;
    uint64_t dead_letters;
    uint64_t in_flight;
    uint64_t urgent;
    uint64_t undecided;
    uint64_t raised;   /* by history */
    uint64_t standing; /* in the frontline queue */
    uint64_t handled;  /* claimed and acknowledged by the demo's own people */
    uint64_t latency_p50_ns;
    uint64_t latency_p99_ns;
    uint64_t checks; /* of the conservation law */
    unsigned channel_count;
    const char *channel_names[CHANNELS_MAX];
    uint64_t by_channel[CHANNELS_MAX];
    uint64_t by_language[LANGUAGE_COUNT];
};

struct demo_screen {
    bool is_terminal;
    unsigned case_count;                              /* ever shown */
    struct frontline_record cases[DEMO_SCREEN_CASES]; /* newest at case_count - 1, in turn */
    struct demo_figures before;                       /* for rates */
};

void demo_screen_open(struct demo_screen *screen);
/** A case that has just come into the frontline queue. */
void demo_screen_add_case(struct demo_screen *screen, const struct frontline_record *record);
void demo_screen_draw(struct demo_screen *screen, const struct demo_figures *figures);
/** False where the totals do not balance. */
bool demo_screen_summary(struct demo_screen *screen, const struct demo_figures *figures);

#endif
