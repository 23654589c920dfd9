/* SPDX-License-Identifier: Apache-2.0 */
/* bits: integers as bytes, and sets of clients as bitmaps (PROTOCOL.md 1.3,
 * 1.4). Client i is in a set if bit i mod 8 of byte i / 8 is 1; bit 0 is the
 * least significant one. */
#ifndef SA_BITS_H
#define SA_BITS_H

#include <secagg/base.h>

static inline void sa_put_be16(uint8_t *p, uint16_t x)
{
    p[0] = (uint8_t)(x >> 8);
    p[1] = (uint8_t)(x & 255);
}

static inline void sa_put_be32(uint8_t *p, uint32_t x)
{
    sa_put_be16(p, (uint16_t)(x >> 16));
    sa_put_be16(p + 2, (uint16_t)(x & 65535));
}

static inline void sa_put_be64(uint8_t *p, uint64_t x)
{
    sa_put_be32(p, (uint32_t)(x >> 32));
    sa_put_be32(p + 4, (uint32_t)(x & 0xffffffff));
}

static inline uint16_t sa_get_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t sa_get_be32(const uint8_t *p)
{
    return (uint32_t)sa_get_be16(p) << 16 | sa_get_be16(p + 2);
}

static inline uint64_t sa_get_be64(const uint8_t *p)
{
    return (uint64_t)sa_get_be32(p) << 32 | sa_get_be32(p + 4);
}

static inline uint32_t sa_get_le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
        | (uint32_t)p[3] << 24;
}

static inline uint64_t sa_get_le64(const uint8_t *p)
{
    return sa_get_le32(p) | (uint64_t)sa_get_le32(p + 4) << 32;
}

static inline void sa_put_le32(uint8_t *p, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(x >> 8 * i & 255);
}

static inline void sa_put_le64(uint8_t *p, uint64_t x)
{
    sa_put_le32(p, (uint32_t)(x & 0xffffffff));
    sa_put_le32(p + 4, (uint32_t)(x >> 32));
}

/* Bytes of a bitmap of n clients. */
static inline size_t sa_bitmap_bytes(uint32_t n)
{
    return n / 8 + (n % 8 != 0);
}

static inline bool sa_bitmap_has(const uint8_t *map, uint32_t i)
{
    return map[i / 8] >> i % 8 & 1;
}

static inline void sa_bitmap_add(uint8_t *map, uint32_t i)
{
    map[i / 8] = (uint8_t)(map[i / 8] | 1U << i % 8);
}

static inline void sa_bitmap_remove(uint8_t *map, uint32_t i)
{
    map[i / 8] = (uint8_t)(map[i / 8] & ~(1U << i % 8));
}

/* Returns the number of clients in a bitmap of n clients. */
uint32_t sa_bitmap_count(const uint8_t *map, uint32_t n);

/* Returns whether every client in `a` is in `b`; both are bitmaps of n
 * clients. */
bool sa_bitmap_is_subset(const uint8_t *a, const uint8_t *b, uint32_t n);

/* Returns whether the unused bits of the last byte are zero. */
bool sa_bitmap_canonical(const uint8_t *map, uint32_t n);

#endif
