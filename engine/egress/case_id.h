/**
 * The id of a case: the same for the same record wherever and whenever it is read.
 *
 * XXH3-128 of cluster id, topic, partition, offset, record timestamp and payload hash. The
 * timestamp and the hash are in it because a topic that was deleted and made again starts at offset
 * 0 again. A dead letter that is put back names its first id in a header and keeps it.
 *
 * Threads: any; no state.
 */
#ifndef REDRESS_EGRESS_CASE_ID_H
#define REDRESS_EGRESS_CASE_ID_H

#include <redress/message.h>

#define CASE_ID_HEADER "redress-case-id"

enum { CASE_ID_DIGITS = 32 };

/** From the coordinates and payload_hash of the message; its headers are not looked at. */
struct case_id case_id_of(struct slice cluster_id, const struct message *message);

/** Sets message->case_id: the valid CASE_ID_HEADER with MESSAGE_REPLAYED, or case_id_of(). */
void case_id_assign(struct slice cluster_id, struct message *message);

/** 32 lower-case hex digits, high half first, and a terminator. */
void case_id_format(struct case_id id, char out[CASE_ID_DIGITS + 1]);

/** False where text is anything but 32 lower-case hex digits, or all of them zero. */
NODISCARD bool case_id_parse(struct slice text, struct case_id *out);

#endif
