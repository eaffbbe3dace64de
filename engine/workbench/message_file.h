/**
 * A file of messages as the bench takes it: JSON Lines of {"text", "language" or "lang",
 * "channel"}.
 *
 *   while ((status = message_file_next(&file, &message)) == STATUS_OK) ...   STATUS_EMPTY at the
 * end
 *
 * Lines without a text, or with one that is too large for a message, are passed over.
 *
 * Owns:    message_file_close(). What a message points to dies with the next one.
 * Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_MESSAGE_FILE_H
#define REDRESS_WORKBENCH_MESSAGE_FILE_H

#include "workbench/json_lines.h"

#include <redress/classify.h>

struct message_file {
    struct json_lines lines;
    char *text; /* padded */
};

struct file_message {
    struct classify_input input; /* text padded, as redress_classify() takes it */
    struct json_value object;    /* for members of the caller's own */
};

/** As json_lines_open(). */
NODISCARD enum redress_status message_file_open(struct message_file *file, const char *path,
                                                struct error_list *errors);
NODISCARD enum redress_status message_file_next(struct message_file *file,
                                                struct file_message *message);
void message_file_close(struct message_file *file);

#endif
