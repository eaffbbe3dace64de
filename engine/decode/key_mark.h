/** A word to compare the keys of members by: equal for equal keys, and hardly ever for others. */
#ifndef REDRESS_DECODE_KEY_MARK_H
#define REDRESS_DECODE_KEY_MARK_H

#include "base/load.h"

enum { KEY_MARK_BYTES = sizeof(uint64_t) };

/** Shape: 0 < size; KEY_MARK_BYTES readable bytes from the start of the key at least. */
static inline uint64_t key_mark(const char *key, uint32_t size)
{
    uint32_t most = size < KEY_MARK_BYTES ? size : KEY_MARK_BYTES;
    uint32_t behind = 8 * (KEY_MARK_BYTES - most); /* bits of what follows a short key */
    uint64_t head = load_64_big(key) >> behind;
    uint64_t tail = load_64_big(key + size - most) >> behind;
    return head + 2 * tail;
}

#endif
