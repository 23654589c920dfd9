/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_header.h"

#include "core/bits.h"
#include "core/mem.h"

#define VERSION 1
#define PART_OFFSET 36

/* Reserved codes have no name. */
static const sa_msg_info infos[SA_MSG_TYPE_MAX + 1] = {
    [SA_MSG_KEYS] = { "KEYS", true, SA_USE_ALWAYS },
    [SA_MSG_ROSTER] = { "ROSTER", false, SA_USE_ALWAYS },
    [SA_MSG_SHARES] = { "SHARES", true, SA_USE_ALWAYS },
    [SA_MSG_RELAY] = { "RELAY", false, SA_USE_ALWAYS },
    [SA_MSG_INPUT] = { "INPUT", true, SA_USE_ALWAYS },
    [SA_MSG_SURVIVORS] = { "SURVIVORS", false, SA_USE_ALWAYS },
    [SA_MSG_CONFIRM] = { "CONFIRM", true, SA_USE_ACTIVE },
    [SA_MSG_SIGNATURES] = { "SIGNATURES", false, SA_USE_ACTIVE },
    [SA_MSG_UNMASK] = { "UNMASK", true, SA_USE_ALWAYS },
    [SA_MSG_ABORT_CLIENT] = { "ABORT", true, SA_USE_OPTIONAL },
    [SA_MSG_ABORT_SERVER] = { "ABORT", false, SA_USE_OPTIONAL },
    [SA_MSG_INPUT_PART] = { "INPUT_PART", true, SA_USE_OPTIONAL },
};

const sa_msg_info *sa_msg_info_of(uint32_t code)
{
    return code <= SA_MSG_TYPE_MAX && infos[code].name != NULL ? &infos[code]
                                                               : NULL;
}

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

/* Read all fields before the length. Returns whether each of them, the type
 * excepted, has the one value that is valid. */
static bool read_fields(sa_reader *r, uint8_t *type, const sa_params *params,
    uint32_t index)
{
    const secagg_params *own = &params->own;
    const uint8_t *session;
    bool good = sa_read_u16(r) == VERSION;

    *type = sa_read_u8(r);
    good &= sa_read_u8(r) == 0; /* flags */
    good &= sa_read_u16(r) == own->suite;
    good &= sa_read_u16(r) == 0; /* cell */
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
    const sa_msg_info *info;
    uint64_t body_len;
    uint8_t code;
    bool good;

    *r = sa_reader_on(msg, len);
    good = read_fields(r, &code, params, index);
    body_len = sa_read_u64(r);
    info = sa_msg_info_of(code);
    if (!good || info == NULL || info->from_client != from_client || r->failed
        || body_len != r->left)
        return SECAGG_ERR_MESSAGE;
    *type = (sa_msg_type)code;
    return SECAGG_OK;
}

uint32_t sa_header_part(const uint8_t *msg)
{
    return sa_get_be32(msg + PART_OFFSET);
}

bool sa_list_ascends(const uint8_t *list, uint32_t count, size_t item_bytes,
    uint32_t n)
{
    uint32_t min = 0; /* minimum of the next index */

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t index = sa_get_be32(list + i * item_bytes);
        if (index < min || index >= n)
            return false;
        min = index + 1;
    }
    return true;
}
