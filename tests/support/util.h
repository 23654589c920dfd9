/* SPDX-License-Identifier: Apache-2.0 */
/* util: hex strings, and reproducible pseudorandom bytes. */
#ifndef UTIL_H
#define UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Decode a hex string, ignoring blanks; returns the number of bytes. */
static inline size_t unhex(uint8_t *out, const char *hex)
{
    size_t n = 0;
    for (; *hex; hex++) {
        char pair[3] = { 0 };
        if (*hex == ' ' || *hex == '\n')
            continue;
        pair[0] = *hex++;
        pair[1] = *hex;
        out[n++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return n;
}

/* Returns the next number of splitmix64. Not for secrets. */
static inline uint64_t prng_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline void prng_bytes(uint64_t *state, void *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)(prng_next(state) & 255);
}

#endif
