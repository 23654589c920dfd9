/* SPDX-License-Identifier: Apache-2.0 */
/* wire: bounded reading and writing of big-endian integers and bytes
 * (PROTOCOL.md 1.3). Reader and writer latch a failure: after the first access
 * beyond the end they do nothing, so that code lists the fields of a message
 * and checks once, at the end. A failed read returns zeros or NULL, and the
 * first one writes a sentence, if the reader has a buffer for it. */
#ifndef SA_WIRE_H
#define SA_WIRE_H

#include <secagg/base.h>

#include "core/reason.h"

typedef struct sa_writer {
    uint8_t *at; /* next byte */
    size_t left; /* bytes from there to the end */
    bool failed; /* a write would have passed the end */
} sa_writer;

typedef struct sa_reader {
    const uint8_t *at; /* next byte */
    size_t left;       /* bytes from there to the end */
    bool failed;       /* a read would have passed the end */
    char *reason;      /* of SA_REASON_BYTES, or NULL */
} sa_reader;

static inline sa_writer sa_writer_on(uint8_t *out, size_t len)
{
    return (sa_writer){ out, len, false };
}

static inline sa_reader sa_reader_on(const uint8_t *in, size_t len)
{
    return (sa_reader){ in, len, false, NULL };
}

void sa_write_u8(sa_writer *w, uint8_t x);
void sa_write_u16(sa_writer *w, uint16_t x);
void sa_write_u32(sa_writer *w, uint32_t x);
void sa_write_u64(sa_writer *w, uint64_t x);
void sa_write_bytes(sa_writer *w, const void *bytes, size_t len);

/* Returns SECAGG_ERR_SIZE if a write failed or the buffer is not full. */
SECAGG_MUST_CHECK secagg_err sa_writer_end(const sa_writer *w);

uint8_t sa_read_u8(sa_reader *r);
uint16_t sa_read_u16(sa_reader *r);
uint32_t sa_read_u32(sa_reader *r);
uint64_t sa_read_u64(sa_reader *r);
void sa_read_bytes(sa_reader *r, void *out, size_t len);

/* Returns a pointer to the next `len` bytes, inside the reader's buffer, and
 * skips them. Returns NULL if fewer are left. */
const uint8_t *sa_read_view(sa_reader *r, size_t len);

/* As sa_read_view, of `count` items of `size` bytes each. Returns NULL also if
 * the product overflows. */
const uint8_t *sa_read_list(sa_reader *r, uint32_t count, size_t size);

/* Make the reader fail, because what it read is not valid, unless it has failed
 * before. */
void sa_reader_fail(sa_reader *r, const char *format, ...) SA_PRINTF(2, 3);

/* Returns SECAGG_ERR_MESSAGE if a read failed or bytes are left. */
SECAGG_MUST_CHECK secagg_err sa_reader_end(const sa_reader *r);

#endif
