/**
 * A copy of a text in which some words are spelt otherwise, and where each of them stood.
 *
 * Rules match the copy; respelling_span() tells which bytes of the text a hit in it came from: of a
 * word that was spelt otherwise all of them.
 *
 * Owns:    its room, for texts of up to MESSAGE_TEXT_BYTES_MAX.
 * Threads: one at a time.
 */
#ifndef REDRESS_CLASSIFY_LANGUAGE_RESPELLING_H
#define REDRESS_CLASSIFY_LANGUAGE_RESPELLING_H

#include <redress/message.h>

/** A word that is spelt otherwise, in the copy and in the text. */
struct respelling_mark {
    uint32_t copy;
    uint32_t copy_end;
    uint32_t text;
    uint32_t text_end;
};

struct respelling {
    struct slice copy; /* with MESSAGE_PADDING_BYTES zeroed bytes behind it once it is finished */
    struct slice text; /* the caller's */
    char *bytes;
    struct respelling_mark *marks; /* rising; what stands between two words is the same in both */
    uint32_t mark_count;
};

NODISCARD enum redress_status respelling_init(struct respelling *respelling);
void respelling_destroy(struct respelling *respelling);

/** An empty copy of `text`. */
void respelling_begin(struct respelling *respelling, struct slice text);

/** Appends bytes [from, to) of the text as they stand. */
void respelling_keep(struct respelling *respelling, uint32_t from, uint32_t to);

/** Appends `size` bytes in place of [from, to) of the text. False where there is no room for them
 * and what follows. */
bool respelling_replace(struct respelling *respelling, uint32_t from, uint32_t to,
                        const char *bytes, uint32_t size);

void respelling_finish(struct respelling *respelling);

/** Turns bytes [*start, *end) of the copy into those of the text. */
void respelling_span(const struct respelling *respelling, uint32_t *start, uint32_t *end);

#endif
