/** The parts that hostile records are built from. Only for the files of the generator. */
#ifndef REDRESS_TESTS_SUPPORT_HOSTILE_PARTS_H
#define REDRESS_TESTS_SUPPORT_HOSTILE_PARTS_H

#include "support/hostile.h"

struct growing {
    char *data;
    size_t size;
    size_t capacity;
};

struct hostile {
    uint64_t random;
    uint64_t made;
    struct hostile_limits limits;
    struct growing payload;
    struct growing text; /* what the text must be, before any limit */
    struct growing extra;
    struct hostile_case out;
};

typedef void hostile_kind(struct hostile *hostile);

struct hostile_kind_row {
    const char *name;
    hostile_kind *make;
};

extern const struct hostile_kind_row hostile_json_kinds[];
extern const size_t hostile_json_kind_count;
extern const struct hostile_kind_row hostile_other_kinds[];
extern const size_t hostile_other_kind_count;

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

uint32_t hostile_pick(struct hostile *hostile, uint32_t bound);

void growing_add(struct growing *growing, const void *bytes, size_t size);
void growing_add_text(struct growing *growing, const char *text);
void growing_fill(struct growing *growing, char byte, size_t count);

/** A document with a text of that many characters. What is not set is left out. */
struct hostile_plan {
    size_t characters;
    uint32_t bad_sequences;   /* bytes that are no UTF-8, among the characters */
    uint32_t lone_surrogates; /* escapes without their other half */
    bool raw;                 /* no JSON around it and no escapes */
    const char *text_value;   /* JSON in the place of the text, "" for no member at all */
    const char *member;       /* one more member, anywhere */
    const char *suffix;       /* behind the document */
};

/** Adds the document to the payload, and its text to hostile->text. */
void hostile_add_document(struct hostile *hostile, const struct hostile_plan *plan);
/** Adds the characters of a text alone. */
void hostile_add_characters(struct hostile *hostile, const struct hostile_plan *plan);

/** A plan for an ordinary short text. */
struct hostile_plan hostile_plan_short(struct hostile *hostile);

static inline void hostile_expect(struct hostile *hostile, enum dead_reason reason)
{
    hostile->out.reason = reason;
}

#endif
