/* SPDX-License-Identifier: Apache-2.0 */
/* wire: a bounded writer and reader of bytes, big-endian (PROTOCOL.md 1.3).
 * Both latch their first error, so that a message is written or read as a
 * list of its fields with one check at the end. A failed read yields zeros
 * or NULL. */
#ifndef SA_WIRE_H
#define SA_WIRE_H

#include <secagg/base.h>

typedef struct sa_writer {
    uint8_t *at;
    size_t left;
    bool failed;
} sa_writer;

typedef struct sa_reader {
    const uint8_t *at;
    size_t left;
    bool failed;
} sa_reader;

static inline sa_writer sa_writer_on(uint8_t *out, size_t len)
{
    return (sa_writer){ out, len, false };
}

static inline sa_reader sa_reader_on(const uint8_t *in, size_t len)
{
    return (sa_reader){ in, len, false };
}

void sa_write_u8(sa_writer *w, uint8_t x);
void sa_write_u16(sa_writer *w, uint16_t x);
void sa_write_u32(sa_writer *w, uint32_t x);
void sa_write_u64(sa_writer *w, uint64_t x);
void sa_write_bytes(sa_writer *w, const void *bytes, size_t len);

/* SECAGG_ERR_SIZE unless the room was filled exactly. */
SECAGG_MUST_CHECK secagg_err sa_writer_end(const sa_writer *w);

uint8_t sa_read_u8(sa_reader *r);
uint16_t sa_read_u16(sa_reader *r);
uint32_t sa_read_u32(sa_reader *r);
uint64_t sa_read_u64(sa_reader *r);
void sa_read_bytes(sa_reader *r, void *out, size_t len);

/* A view of the next len bytes, which stay the sender's; NULL on failure. */
const uint8_t *sa_read_view(sa_reader *r, size_t len);

/* A view of `count` items of `size` bytes; fails without overflow. */
const uint8_t *sa_read_list(sa_reader *r, uint32_t count, size_t size);

/* SECAGG_ERR_MESSAGE unless every read was good and nothing is left. */
SECAGG_MUST_CHECK secagg_err sa_reader_end(const sa_reader *r);

#endif
