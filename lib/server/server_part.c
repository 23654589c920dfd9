/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_part.h"

#include <string.h>

#include "core/mem.h"
#include "message/msg_part.h"
#include "server/server_recv.h"

/* The number of a part is that of the next one. Or the part is the last one
 * again (9.3); then *repeats is set. */
static secagg_err check_number(const sa_client_record *c, uint32_t part,
    const uint8_t *msg, size_t len, bool *repeats)
{
    const uint32_t next = c->staging != NULL ? c->staging->count : 0;

    *repeats = false;
    if (next > 0 && part == next - 1)
        SA_TRY(sa_accepted_compare(&c->accepted, msg, len, repeats));
    return part == next || *repeats ? SECAGG_OK : SECAGG_ERR_STATE;
}

/* Allocate the staging of a client. */
static secagg_err stage(sa_client_record *c)
{
    c->staging = sa_alloc(1, sizeof *c->staging);
    if (c->staging == NULL)
        return SECAGG_ERR_MEMORY;
    c->staging->end = &c->staging->parts;
    return SECAGG_OK;
}

/* Check the complaints, which must be those of the first part. Allocates the
 * staging when the first part is valid, and keeps its complaints: they count
 * even if the client never sends the last part. */
static secagg_err check_part(secagg_server *s, uint32_t from,
    const sa_part_msg *msg)
{
    const size_t map = sa_bitmap_bytes(s->peer_count);
    sa_client_record *c = &s->clients[from];
    secagg_err err = SECAGG_ERR_MESSAGE;
    uint8_t *complaints;

    SA_TRY(sa_server_read_complaints(s, from, msg->h_u2, msg->complaints,
        msg->complaint_count, &complaints));
    if (c->staging == NULL) {
        err = stage(c);
        if (err == SECAGG_OK) {
            sa_server_set_complaints(s, from, complaints);
            return SECAGG_OK;
        }
    } else if (sa_ct_equal(complaints, c->complaints, map)) {
        err = SECAGG_OK;
    }
    sa_free(complaints);
    return err;
}

/* Copy the planes of a part to the end of the list. */
static void append(sa_staging *staging, sa_staged_part *part,
    const sa_part_msg *msg, size_t size)
{
    memcpy(part + 1, msg->planes, size);
    part->blocks = msg->blocks;
    *staging->end = part;
    staging->end = &part->next;
    staging->blocks += msg->blocks;
    staging->count++;
}

/* Add the complete input to the sum. */
static secagg_err finish(secagg_server *s, uint32_t from)
{
    sa_staging *staging = s->clients[from].staging;
    uint64_t first = 0;

    for (const sa_staged_part *p = staging->parts; p != NULL; p = p->next) {
        SA_TRY(sa_aggregate_add(&s->aggregate, first, p->blocks,
            (const uint8_t *)(p + 1)));
        first += p->blocks;
    }
    sa_server_drop_staging(s, from);
    return SECAGG_OK;
}

/* Check a part and stage it. */
static secagg_err accept(secagg_server *s, uint32_t from,
    const sa_part_msg *msg)
{
    const size_t size = (size_t)sa_part_planes_size(s->params, msg->first,
        msg->blocks);
    sa_staged_part *part;
    secagg_err err;

    if (size > SIZE_MAX - sizeof *part)
        return SECAGG_ERR_MEMORY;
    part = sa_alloc(sizeof *part + size, 1);
    if (part == NULL)
        return SECAGG_ERR_MEMORY;
    err = check_part(s, from, msg);
    if (err == SECAGG_OK)
        append(s->clients[from].staging, part, msg, size);
    else
        sa_free(part);
    return err;
}

secagg_err sa_server_recv_part(secagg_server *s, uint32_t from, sa_reader *r,
    const uint8_t *msg, size_t len, bool *last)
{
    sa_client_record *c = &s->clients[from];
    sa_accepted accepted;
    sa_part_msg part;
    bool repeats;

    *last = false;
    SA_TRY(check_number(c, sa_header_part(msg), msg, len, &repeats));
    if (repeats)
        return SECAGG_OK;
    SA_TRY(sa_part_read(r, &part, s->params,
        c->staging != NULL ? c->staging->blocks : 0));
    SA_TRY(sa_accepted_set(&accepted, msg, len,
        (size_t)sa_part_planes_size(s->params, part.first, part.blocks)));
    SA_TRY(accept(s, from, &part));
    c->accepted = accepted;
    *last = c->staging->blocks == s->params->lanes.blocks;
    return *last ? finish(s, from) : SECAGG_OK;
}
