/* SPDX-License-Identifier: Apache-2.0 */
/* planar_backend: the functions that each backend provides for whole blocks of
 * a planar vector (PROTOCOL.md 6.1). A backend is code for one set of vector
 * instructions, in a file of its own that is compiled with its own flags. All
 * backends compute the same bytes as the portable one. If the compiler does
 * not support the instructions, the function pointers of the backend are
 * NULL. */
#ifndef SA_PLANAR_BACKEND_H
#define SA_PLANAR_BACKEND_H

#include <secagg/base.h>

/* Entries of a whole block, and bytes of one of its planes. */
#define SA_BLOCK 512
#define SA_PLANE 64

/* Add the blocks `in` to `acc`, entry by entry modulo 2^bits, if flip is 0, or
 * subtract them if flip is all ones: acc - in = acc + ~in + 1. Bits are added
 * plane by plane: each bit position of a plane is a full adder, whose carry
 * goes to the same position of the next plane. */
typedef void sa_planar_adder(uint8_t *acc, const uint8_t *in, size_t blocks,
    uint32_t bits, uint64_t flip);

/* Pack entries, taken modulo 2^bits, into planes; unpack planes into entries;
 * and add planes. `bits` is 1 to 64, or 1 to 32 in the u32 functions. Packing
 * overwrites the planes. Time depends only on `blocks` and `bits`, and scratch
 * memory is wiped. */
typedef struct sa_planar_backend {
    void (*pack_u64)(uint8_t *planes, const uint64_t *entries, size_t blocks,
        uint32_t bits);
    void (*pack_u32)(uint8_t *planes, const uint32_t *entries, size_t blocks,
        uint32_t bits);
    void (*unpack_u64)(uint64_t *entries, const uint8_t *planes,
        size_t blocks, uint32_t bits);
    void (*unpack_u32)(uint32_t *entries, const uint8_t *planes,
        size_t blocks, uint32_t bits);
    sa_planar_adder *add;
} sa_planar_backend;

extern const sa_planar_backend sa_planar_portable, sa_planar_neon,
    sa_planar_avx2, sa_planar_avx512;

/* Entries of a column: byte `column` of every plane of a block has the bits of
 * entries 8 column to 8 column + 7. */
#define SA_COLUMN 8

/* Write the entries of one column into a block whose planes are plane_len
 * bytes each and hold zeros for these entries; or read them. Portable C, for
 * the ends of a vector, which no backend processes. */
void sa_planar_write_column(uint8_t *block, size_t plane_len, size_t column,
    const uint64_t entries[SA_COLUMN], uint32_t bits);
void sa_planar_read_column(uint64_t entries[SA_COLUMN], const uint8_t *block,
    size_t plane_len, size_t column, uint32_t bits);

#endif
