/**
 * The pipeline's own state. Only pipeline.c and pipeline_build.c include this.
 */
#ifndef REDRESS_RUNTIME_PIPELINE_STATE_H
#define REDRESS_RUNTIME_PIPELINE_STATE_H

#include "runtime/pipeline.h"
#include "runtime/worker.h"

struct pipeline {
    struct pipeline_settings settings;
    struct worker *workers[WORKERS_MAX];
    struct ring inboxes[WORKERS_MAX];
    struct ring *crossings; /* [from * worker_count + owner] */
    struct ring outboxes[WORKERS_MAX];
    struct ring returns;
    struct doorbell worker_bells[WORKERS_MAX];
    struct egress *egress;
    struct conservation *conservation;
    uint64_t inboxes_touched; /* bit w: worker w's bell is to be rung */
    /* Markers: one set of copies, since only one epoch is under way at a time. */
    uint64_t inbox_markers_unsent; /* bit w: inbox w had no room for its copy yet */
    struct message inbox_markers[WORKERS_MAX];
    struct message *crossing_markers; /* as crossings */
    struct message outbox_markers[WORKERS_MAX];
    unsigned owner_markers_met[WORKERS_MAX];
    unsigned egress_markers_met;
    bool returned_any;
};

static inline struct ring *pipeline_crossing(struct pipeline *pipeline, unsigned from,
                                             unsigned owner)
{
    return &pipeline->crossings[from * pipeline->settings.worker_count + owner];
}

/** For egress: the message has ended. */
void pipeline_hand_back(void *pipeline, struct message *message);

#endif
