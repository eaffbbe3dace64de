/** Hashing: XXH3 everywhere, so that a hash printed in one place can be found in another. */
#ifndef REDRESS_BASE_HASH_H
#define REDRESS_BASE_HASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stddef.h>
#include <stdint.h>

static inline uint64_t hash_bytes(const void *data, size_t size)
{
    return XXH3_64bits(data, size);
}

static inline uint64_t hash_bytes_seeded(const void *data, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, size, seed);
}

#endif
