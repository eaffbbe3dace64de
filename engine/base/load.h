/** Reads and writes whole words at bytes that need not be aligned, in the order of memory. */
#ifndef REDRESS_BASE_LOAD_H
#define REDRESS_BASE_LOAD_H

#include <stdint.h>
#include <string.h>

static inline uint32_t load_32(const void *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint64_t load_64(const void *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/** The first byte is the highest. */
static inline uint64_t load_64_big(const void *at)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(load_64(at));
#else
    return load_64(at);
#endif
}

static inline void store_64_big(void *at, uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    memcpy(at, &value, sizeof value);
}

#endif
