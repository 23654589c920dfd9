/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transfer.h"

#include "core/bits.h"
#include "core/mem.h"

void sa_transfer_require(sa_transfer *t, bool holds)
{
    if (t->from != NULL && !holds)
        t->from->failed = true;
}

void *sa_transfer_alloc(sa_transfer *t, size_t count, size_t size,
    uint64_t left)
{
    void *at;

    if (!sa_transfer_reads(t))
        return NULL;
    sa_transfer_require(t, left <= t->from->left);
    if (t->from->failed)
        return NULL;
    at = sa_alloc(count > 0 ? count : 1, size);
    if (at == NULL)
        t->err = SECAGG_ERR_MEMORY;
    return at;
}

void sa_move_secret(sa_transfer *t, void *at, size_t len)
{
    t->size += len;
    if (t->to != NULL)
        sa_write_bytes(t->to, at, len);
    else if (t->from != NULL)
        sa_read_bytes(t->from, at, len);
}

void sa_move_bytes(sa_transfer *t, void *at, size_t len)
{
    sa_move_secret(t, at, len);
    if (t->from != NULL)
        sa_declassify(at, len);
}

void sa_move_u8(sa_transfer *t, uint8_t *x)
{
    sa_move_bytes(t, x, 1);
}

void sa_move_u16(sa_transfer *t, uint16_t *x)
{
    uint8_t bytes[2];

    sa_put_be16(bytes, *x);
    sa_move_bytes(t, bytes, sizeof bytes);
    if (t->from != NULL)
        *x = sa_get_be16(bytes);
}

void sa_move_u32(sa_transfer *t, uint32_t *x)
{
    uint8_t bytes[4];

    sa_put_be32(bytes, *x);
    sa_move_bytes(t, bytes, sizeof bytes);
    if (t->from != NULL)
        *x = sa_get_be32(bytes);
}

void sa_move_u64(sa_transfer *t, uint64_t *x)
{
    uint8_t bytes[8];

    sa_put_be64(bytes, *x);
    sa_move_bytes(t, bytes, sizeof bytes);
    if (t->from != NULL)
        *x = sa_get_be64(bytes);
}

void sa_move_bool(sa_transfer *t, bool *x)
{
    uint8_t byte = *x;

    sa_move_u8(t, &byte);
    sa_transfer_require(t, byte <= 1);
    if (t->from != NULL)
        *x = byte == 1;
}

void sa_move_bitmap(sa_transfer *t, uint8_t *map, uint32_t n)
{
    sa_move_bytes(t, map, sa_bitmap_bytes(n));
    if (t->from != NULL)
        sa_transfer_require(t, sa_bitmap_canonical(map, n));
}
