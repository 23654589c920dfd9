/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire.h"

#include <string.h>

#include "core/bits.h"

/* ---- writing ------------------------------------------------------------ */

/* Returns where to write the next `len` bytes, or NULL if they do not fit. */
static uint8_t *advance(sa_writer *w, size_t len)
{
    uint8_t *at = w->at;

    if (w->failed || len > w->left) {
        w->failed = true;
        return NULL;
    }
    w->at += len;
    w->left -= len;
    return at;
}

void sa_write_u8(sa_writer *w, uint8_t x)
{
    uint8_t *at = advance(w, 1);
    if (at != NULL)
        *at = x;
}

void sa_write_u16(sa_writer *w, uint16_t x)
{
    uint8_t *at = advance(w, 2);
    if (at != NULL)
        sa_put_be16(at, x);
}

void sa_write_u32(sa_writer *w, uint32_t x)
{
    uint8_t *at = advance(w, 4);
    if (at != NULL)
        sa_put_be32(at, x);
}

void sa_write_u64(sa_writer *w, uint64_t x)
{
    uint8_t *at = advance(w, 8);
    if (at != NULL)
        sa_put_be64(at, x);
}

void sa_write_bytes(sa_writer *w, const void *bytes, size_t len)
{
    uint8_t *at = advance(w, len);
    if (at != NULL && len > 0)
        memcpy(at, bytes, len);
}

secagg_err sa_writer_end(const sa_writer *w)
{
    return w->failed || w->left != 0 ? SECAGG_ERR_SIZE : SECAGG_OK;
}

/* ---- reading ------------------------------------------------------------ */

const uint8_t *sa_read_view(sa_reader *r, size_t len)
{
    const uint8_t *at = r->at;

    if (r->failed || len > r->left) {
        r->failed = true;
        return NULL;
    }
    r->at += len;
    r->left -= len;
    return at;
}

const uint8_t *sa_read_list(sa_reader *r, uint32_t count, size_t size)
{
    if (size != 0 && count > r->left / size) {
        r->failed = true;
        return NULL;
    }
    return sa_read_view(r, count * size);
}

uint8_t sa_read_u8(sa_reader *r)
{
    const uint8_t *at = sa_read_view(r, 1);
    return at != NULL ? *at : 0;
}

uint16_t sa_read_u16(sa_reader *r)
{
    const uint8_t *at = sa_read_view(r, 2);
    return at != NULL ? sa_get_be16(at) : 0;
}

uint32_t sa_read_u32(sa_reader *r)
{
    const uint8_t *at = sa_read_view(r, 4);
    return at != NULL ? sa_get_be32(at) : 0;
}

uint64_t sa_read_u64(sa_reader *r)
{
    const uint8_t *at = sa_read_view(r, 8);
    return at != NULL ? sa_get_be64(at) : 0;
}

void sa_read_bytes(sa_reader *r, void *out, size_t len)
{
    const uint8_t *at = sa_read_view(r, len);

    if (at != NULL && len > 0)
        memcpy(out, at, len);
    else
        memset(out, 0, len);
}

secagg_err sa_reader_end(const sa_reader *r)
{
    return r->failed || r->left != 0 ? SECAGG_ERR_MESSAGE : SECAGG_OK;
}
