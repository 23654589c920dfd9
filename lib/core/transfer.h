/* SPDX-License-Identifier: Apache-2.0 */
/* transfer: the fields of a saved state, listed once, in functions that
 * measure, write or read them: so a state is read as it was written. An error
 * latches, as in wire.h. A field is changed by reading only. */
#ifndef SA_TRANSFER_H
#define SA_TRANSFER_H

#include "core/wire.h"

/* Writes to `to`, reads from `from`, or counts bytes if both are NULL. */
typedef struct sa_transfer {
    sa_writer *to;
    sa_reader *from;
    size_t size;    /* bytes so far */
    secagg_err err; /* MEMORY or CRYPTO; a reader has its own failure */
} sa_transfer;

/* Returns whether a state is read, and can be read on. */
static inline bool sa_transfer_reads(const sa_transfer *t)
{
    return t->from != NULL && !t->from->failed && t->err == SECAGG_OK;
}

/* Returns whether a state is only measured. */
static inline bool sa_transfer_measures(const sa_transfer *t)
{
    return t->from == NULL && t->to == NULL;
}

/* What was read is no state, unless `holds`. */
void sa_transfer_require(sa_transfer *t, bool holds);

/* Allocate zeroed memory for bytes that are read, at least one byte, if at
 * least `left` bytes of the state are left. Returns NULL otherwise. */
void *sa_transfer_alloc(sa_transfer *t, size_t count, size_t size,
    uint64_t left);

/* Secret bytes. */
void sa_move_secret(sa_transfer *t, void *at, size_t len);

/* Public bytes, as all fields below. Before they are read, they are a part of
 * what the key of the host hides. */
void sa_move_bytes(sa_transfer *t, void *at, size_t len);
void sa_move_u8(sa_transfer *t, uint8_t *x);
void sa_move_u16(sa_transfer *t, uint16_t *x);
void sa_move_u32(sa_transfer *t, uint32_t *x);
void sa_move_u64(sa_transfer *t, uint64_t *x);

/* One byte, which must be 0 or 1. */
void sa_move_bool(sa_transfer *t, bool *x);

/* A bitmap of n bits, whose unused bits must be 0. */
void sa_move_bitmap(sa_transfer *t, uint8_t *map, uint32_t n);

#endif
