/** A set of bytes: what a class of the folded pattern matches. */
#ifndef REDRESS_CLASSIFY_PATTERN_BYTE_SET_H
#define REDRESS_CLASSIFY_PATTERN_BYTE_SET_H

#include <stdbool.h>
#include <stdint.h>

struct byte_set {
    uint64_t bits[4];
};

static inline void byte_set_add(struct byte_set *set, uint8_t byte)
{
    set->bits[byte / 64] |= (uint64_t)1 << byte % 64;
}

static inline bool byte_set_has(const struct byte_set *set, uint8_t byte)
{
    return set->bits[byte / 64] >> byte % 64 & 1;
}

static inline void byte_set_add_all(struct byte_set *set, const struct byte_set *more)
{
    for (int i = 0; i < 4; i++)
        set->bits[i] |= more->bits[i];
}

static inline void byte_set_invert(struct byte_set *set)
{
    for (int i = 0; i < 4; i++)
        set->bits[i] = ~set->bits[i];
}

static inline bool byte_set_is_empty(const struct byte_set *set)
{
    return !(set->bits[0] | set->bits[1] | set->bits[2] | set->bits[3]);
}

static inline bool byte_set_meets(const struct byte_set *left, const struct byte_set *right)
{
    for (int i = 0; i < 4; i++)
        if (left->bits[i] & right->bits[i])
            return true;
    return false;
}

static inline bool byte_set_equals(const struct byte_set *left, const struct byte_set *right)
{
    for (int i = 0; i < 4; i++)
        if (left->bits[i] != right->bits[i])
            return false;
    return true;
}

#endif
