/**
 * The sink of `redress run --replay`: one file of JSON Lines a topic, TOPIC.jsonl in a folder.
 *
 * Values only, one a line, in the order they were produced; keys and headers are left out. A record
 * is delivered once its line was handed to the kernel. Files are appended to, never truncated.
 *
 * Threads: as sink.h says.
 */
#ifndef REDRESS_EGRESS_FILE_SINK_H
#define REDRESS_EGRESS_FILE_SINK_H

#include "egress/sink.h"

/**
 * folder must exist; pending_max bounds what produce takes between two polls.
 *
 * Returns: STATUS_OK, STATUS_MEMORY, STATUS_IO where the folder cannot be opened.
 */
NODISCARD enum redress_status file_sink_create(const char *folder, uint32_t pending_max,
                                               struct sink **out);

#endif
