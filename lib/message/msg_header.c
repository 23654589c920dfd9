/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_header.h"

#include "core/bits.h"
#include "core/mem.h"

#define VERSION 1

void sa_header_write(sa_writer *w, const sa_params *params, sa_msg_type type,
    uint32_t index, uint64_t size)
{
    sa_header_write_part(w, params, type, index, 0, size);
}

void sa_header_write_part(sa_writer *w, const sa_params *params,
    sa_msg_type type, uint32_t index, uint32_t part, uint64_t size)
{
    sa_write_u16(w, VERSION);
    sa_write_u8(w, (uint8_t)type);
    sa_write_u8(w, 0); /* flags */
    sa_write_u16(w, (uint16_t)params->own.suite);
    sa_write_u16(w, 0); /* cell */
    sa_write_bytes(w, params->own.session, SECAGG_SESSION_BYTES);
    sa_write_u64(w, params->own.round);
    sa_write_u32(w, index);
    sa_write_u32(w, part);
    sa_write_u64(w, size - SA_HEADER_BYTES);
}

/* Whether a type is known and goes in this direction (PROTOCOL.md 8.1). */
static bool fits_direction(uint8_t type, bool from_client)
{
    switch (type) {
    case SA_MSG_KEYS:
    case SA_MSG_SHARES:
    case SA_MSG_INPUT:
    case SA_MSG_CONFIRM:
    case SA_MSG_UNMASK: case SA_MSG_ABORT_CLIENT: case SA_MSG_INPUT_PART:
        return from_client;
    case SA_MSG_ROSTER:
    case SA_MSG_RELAY:
    case SA_MSG_SURVIVORS:
    case SA_MSG_SIGNATURES:
    case SA_MSG_ABORT_SERVER:
        return !from_client;
    default:
        return false;
    }
}

/* Fields of which one value is right whatever the type: false elsewhere. */
static bool read_fixed(sa_reader *r, uint8_t *type, const sa_params *params,
    uint32_t index)
{
    const secagg_params *own = &params->own;
    const uint8_t *session;
    bool good = sa_read_u16(r) == VERSION;

    *type = sa_read_u8(r);
    good &= sa_read_u8(r) == 0;
    good &= sa_read_u16(r) == own->suite;
    good &= sa_read_u16(r) == 0;
    session = sa_read_view(r, SECAGG_SESSION_BYTES);
    good &= session != NULL
        && sa_ct_equal(session, own->session, SECAGG_SESSION_BYTES);
    good &= sa_read_u64(r) == own->round;
    good &= sa_read_u32(r) == index;
    good &= sa_read_u32(r) == 0 || *type == SA_MSG_INPUT_PART;
    return good;
}

secagg_err sa_header_read(sa_reader *r, sa_msg_type *type,
    const sa_params *params, uint32_t index, bool from_client,
    const uint8_t *msg, size_t len)
{
    uint64_t body;
    uint8_t code;
    bool good;

    *r = sa_reader_on(msg, len);
    good = read_fixed(r, &code, params, index);
    body = sa_read_u64(r);
    if (!good || !fits_direction(code, from_client) || r->failed
        || body != r->left)
        return SECAGG_ERR_MESSAGE;
    *type = (sa_msg_type)code;
    return SECAGG_OK;
}

uint32_t sa_header_part(const uint8_t *msg)
{
    return sa_get_be32(msg + 36);
}

bool sa_list_ascends(const uint8_t *list, uint32_t count, size_t size,
    uint32_t n)
{
    uint32_t least = 0;

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t index = sa_get_be32(list + i * size);
        if (index < least || index >= n)
            return false;
        least = index + 1;
    }
    return true;
}
