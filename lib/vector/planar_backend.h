/* SPDX-License-Identifier: Apache-2.0 */
/* planar_level: what each level of vector instructions does with the whole
 * blocks of a planar vector (PROTOCOL.md 6.1). A level stands in a file of its
 * own, compiled with its own flags, and gives the same bytes as the portable
 * one; where the compiler had no such flags its functions are NULL. */
#ifndef SA_PLANAR_BACKEND_H
#define SA_PLANAR_BACKEND_H

#include <secagg/base.h>

/* Entries of a block, and bytes of one plane of it. */
#define SA_BLOCK 512
#define SA_PLANE 64

/* acc += in, or acc -= in where flip is all ones instead of zero: a full adder
 * of bits, acc + ~in + 1. */
typedef void sa_planar_adder(uint8_t *acc, const uint8_t *in, size_t blocks,
    uint32_t bits, uint64_t flip);

/* Entries are taken modulo 2^bits. Time depends on lengths alone, and what
 * stood in scratch memory is wiped. */
typedef struct sa_planar_backend {
    void (*put)(uint8_t *planes, const uint64_t *entries, size_t blocks,
        uint32_t bits);
    void (*put_u32)(uint8_t *planes, const uint32_t *entries, size_t blocks,
        uint32_t bits);
    void (*get)(uint64_t *entries, const uint8_t *planes, size_t blocks,
        uint32_t bits);
    void (*get_u32)(uint32_t *entries, const uint8_t *planes, size_t blocks,
        uint32_t bits);
    sa_planar_adder *add;
} sa_planar_backend;

extern const sa_planar_backend sa_planar_portable, sa_planar_neon,
    sa_planar_avx2, sa_planar_avx512;

/* One group of eight entries, in byte g of each plane, stride bytes apart:
 * put where there are zeros, or get. Plain C. */
void sa_planar_put_group(uint8_t *block, size_t stride, size_t g,
    const uint64_t e[8], uint32_t bits);
void sa_planar_get_group(uint64_t e[8], const uint8_t *block, size_t stride,
    size_t g, uint32_t bits);

#endif
