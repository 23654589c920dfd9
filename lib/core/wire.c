/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"

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

void sa_reader_fail(sa_reader *r, const char *format, ...)
{
    va_list values;

    if (r->failed)
        return;
    r->failed = true;
    va_start(values, format);
    sa_reason_set_list(r->reason, format, values);
    va_end(values);
}

const uint8_t *sa_read_view(sa_reader *r, size_t len)
{
    const uint8_t *at = r->at;

    if (len > r->left)
        sa_reader_fail(r, "it ends within a field: of %zu bytes %zu are there",
            len, r->left);
    if (r->failed)
        return NULL;
    r->at += len;
    r->left -= len;
    return at;
}

const uint8_t *sa_read_list(sa_reader *r, uint32_t count, size_t size)
{
    if (size != 0 && count > r->left / size) {
        sa_reader_fail(r, "it ends within a list: %" PRIu32 " items of %zu "
            "bytes are announced, and %zu bytes are left", count, size,
            r->left);
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
    if (r->failed)
        return SECAGG_ERR_MESSAGE;
    SA_REQUIRE(r->left == 0, SECAGG_ERR_MESSAGE, r->reason,
        "%zu bytes follow its last field", r->left);
    return SECAGG_OK;
}
