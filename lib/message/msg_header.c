/* SPDX-License-Identifier: Apache-2.0 */
#include "message/msg_header.h"

#include <inttypes.h>

#include "core/bits.h"
#include "core/mem.h"

#define VERSION 1
#define PART_OFFSET 36

#define DEMAND(condition, ...)                                                 \
    SA_REQUIRE(condition, SECAGG_ERR_MESSAGE, r->reason, __VA_ARGS__)

/* Reserved codes have no name. */
static const sa_msg_info infos[SA_MSG_TYPE_MAX + 1] = {
    [SA_MSG_KEYS] = { "KEYS", "8.2", true, SA_USE_ALWAYS },
    [SA_MSG_ROSTER] = { "ROSTER", "8.3", false, SA_USE_ALWAYS },
    [SA_MSG_SHARES] = { "SHARES", "8.4", true, SA_USE_ALWAYS },
    [SA_MSG_RELAY] = { "RELAY", "8.5", false, SA_USE_ALWAYS },
    [SA_MSG_INPUT] = { "INPUT", "8.6", true, SA_USE_ALWAYS },
    [SA_MSG_SURVIVORS] = { "SURVIVORS", "8.8", false, SA_USE_ALWAYS },
    [SA_MSG_CONFIRM] = { "CONFIRM", "8.9", true, SA_USE_ACTIVE },
    [SA_MSG_SIGNATURES] = { "SIGNATURES", "8.10", false, SA_USE_ACTIVE },
    [SA_MSG_UNMASK] = { "UNMASK", "8.11", true, SA_USE_ALWAYS },
    [SA_MSG_ABORT_CLIENT] = { "ABORT", "8.12", true, SA_USE_OPTIONAL },
    [SA_MSG_ABORT_SERVER] = { "ABORT", "8.12", false, SA_USE_OPTIONAL },
    [SA_MSG_INPUT_PART] = { "INPUT_PART", "8.7", true, SA_USE_OPTIONAL },
};

const sa_msg_info *sa_msg_info_of(uint32_t code)
{
    return code <= SA_MSG_TYPE_MAX && infos[code].name != NULL ? &infos[code]
                                                               : NULL;
}

const char *sa_msg_name(uint32_t code)
{
    const sa_msg_info *info = sa_msg_info_of(code);
    return info != NULL ? info->name : "a message";
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

secagg_err sa_header_parse(sa_reader *r, sa_msg_header *h)
{
    uint64_t body_len;

    DEMAND(r->left >= SA_HEADER_BYTES, "the message has %zu bytes, and a "
        "header has %d", r->left, SA_HEADER_BYTES);
    h->version = sa_read_u16(r);
    h->type = sa_read_u8(r);
    h->flags = sa_read_u8(r);
    h->suite = sa_read_u16(r);
    h->cell = sa_read_u16(r);
    h->session = sa_read_view(r, SECAGG_SESSION_BYTES);
    h->round = sa_read_u64(r);
    h->index = sa_read_u32(r);
    h->part = sa_read_u32(r);
    body_len = sa_read_u64(r);
    DEMAND(h->version == VERSION, "the header has version %" PRIu32 ", not %d",
        h->version, VERSION);
    DEMAND(sa_msg_info_of(h->type) != NULL, "the header has the reserved type %"
        PRIu32, h->type);
    DEMAND(h->flags == 0 && h->cell == 0, "the header has flags %" PRIu32
        " and cell %" PRIu32 ", not 0", h->flags, h->cell);
    DEMAND(h->part == 0 || h->type == SA_MSG_INPUT_PART, "the header has part %"
        PRIu32 ", but %s has no parts", h->part, sa_msg_name(h->type));
    DEMAND(body_len == r->left, "the header announces %" PRIu64
        " bytes, and %zu follow", body_len, r->left);
    return SECAGG_OK;
}

/* Check what is the same in all messages of one session for one client. */
static secagg_err check_header(const sa_reader *r, const sa_msg_header *h,
    const sa_params *params, uint32_t index)
{
    const secagg_params *own = &params->own;

    DEMAND(h->suite == own->suite, "the header has suite %" PRIu32 ", not %"
        PRIu32, h->suite, own->suite);
    DEMAND(sa_ct_equal(h->session, own->session, SECAGG_SESSION_BYTES),
        "the message is of the session %08" PRIx32 "..., not of %08" PRIx32
        "...",
        sa_get_be32(h->session), sa_get_be32(own->session));
    DEMAND(h->round == own->round, "the message is of round %" PRIu64 ", not %"
        PRIu64,
        h->round, own->round);
    DEMAND(h->index == index, "the header names client %" PRIu32 ", not %"
        PRIu32, h->index, index);
    return SECAGG_OK;
}

secagg_err sa_header_read(sa_reader *r, sa_msg_type *type,
    const sa_params *params, uint32_t index, bool from_client,
    const uint8_t *msg, size_t len, char *reason)
{
    sa_msg_header h;

    *r = sa_reader_on(msg, len);
    r->reason = reason;
    SA_TRY(sa_header_parse(r, &h));
    SA_TRY(check_header(r, &h, params, index));
    DEMAND(sa_msg_info_of(h.type)->from_client == from_client, "%s goes %s",
        sa_msg_name(h.type), from_client ? "from the server to a client"
                                         : "from a client to the server");
    *type = (sa_msg_type)h.type;
    return SECAGG_OK;
}

uint32_t sa_header_part(const uint8_t *msg)
{
    return sa_get_be32(msg + PART_OFFSET);
}

secagg_err sa_digest_check(const char *what,
    const uint8_t digest[SECAGG_DIGEST_BYTES],
    const uint8_t own[SECAGG_DIGEST_BYTES], char *reason)
{
    SA_REQUIRE(sa_ct_equal(digest, own, SECAGG_DIGEST_BYTES),
        SECAGG_ERR_MESSAGE, reason, "its digest of the %s is %08" PRIx32
        "..., not %08" PRIx32 "...", what, sa_get_be32(digest),
        sa_get_be32(own));
    return SECAGG_OK;
}

secagg_err sa_map_check(const uint8_t *map, uint32_t n, char *reason)
{
    SA_REQUIRE(sa_bitmap_canonical(map, n), SECAGG_ERR_MESSAGE, reason,
        "its bitmap has a bit beyond the %" PRIu32 " clients", n);
    return SECAGG_OK;
}

secagg_err sa_list_check_item(uint32_t item, uint32_t index, uint64_t min,
    uint32_t n, char *reason)
{
    SA_REQUIRE(index < n, SECAGG_ERR_MESSAGE, reason, "item %" PRIu32 " of its "
        "list names client %" PRIu32 " of %" PRIu32 " clients", item, index, n);
    SA_REQUIRE(index >= min, SECAGG_ERR_MESSAGE, reason, "item %" PRIu32
        " of its list names client %" PRIu32 " after client %" PRIu64, item,
        index, min - 1);
    return SECAGG_OK;
}

secagg_err sa_list_check(const uint8_t *list, uint32_t count,
    size_t item_bytes, uint32_t n, char *reason)
{
    uint32_t min = 0; /* minimum of the next index */

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t index = sa_get_be32(list + i * item_bytes);
        SA_TRY(sa_list_check_item(i, index, min, n, reason));
        min = index + 1;
    }
    return SECAGG_OK;
}
