/** Parts of JSON that cases and dead letters have in common. Only for record*.c. */
#ifndef REDRESS_EGRESS_RECORD_PARTS_H
#define REDRESS_EGRESS_RECORD_PARTS_H

#include "egress/record.h"

struct json_writer;

/** Schema, case id, channel, source coordinates, flags. */
void record_write_head(struct json_writer *json, const char *schema, const struct message *message,
                       const struct record_names *names);

/** The verdict; with `words` each rule also shows what it matched and why it is there. */
void record_write_verdict(struct json_writer *json, const struct message *message,
                          const struct record_names *names, bool words);

/** A string, or null where the slice is empty. */
void record_write_slice(struct json_writer *json, const char *name, struct slice text);

#endif
