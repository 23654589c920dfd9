/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_part.h"

#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "core/reason.h"
#include "message/msg_part.h"
#include "server/server_recv.h"

/* The number of a part is that of the next one. Or the part is the last one
 * again (9.3); then *repeats is set. */
static secagg_err check_number(const sa_client_record *c, uint32_t part,
    const uint8_t *msg, size_t len, bool *repeats, char *reason)
{
    const uint32_t next = c->staging != NULL ? c->staging->count : 0;
    const bool last = next > 0 && part == next - 1;

    *repeats = false;
    if (last)
        SA_TRY(sa_accepted_compare(&c->accepted, msg, len, repeats));
    SA_REQUIRE(!last || *repeats, SECAGG_ERR_STATE, reason, "it differs from "
        "the part %" PRIu32 " that was accepted", part);
    SA_REQUIRE(part == next || *repeats, SECAGG_ERR_STATE, reason, "it is part "
        "%" PRIu32 ", and the next one is part %" PRIu32, part, next);
    return SECAGG_OK;
}

/* Check the complaints, which must be those of the first part. Allocates the
 * staging when the first part is valid, and keeps its complaints: they count
 * even if the client never sends the last part. */
static secagg_err check_part(secagg_server *s, uint32_t from,
    const sa_part_msg *msg, char *reason)
{
    const size_t map = sa_bitmap_bytes(s->peer_count);
    sa_client_record *c = &s->clients[from];
    secagg_err err = SECAGG_ERR_MESSAGE;
    uint8_t *complaints;

    SA_TRY(sa_server_read_complaints(s, from, msg->h_u2, msg->complaints,
        msg->complaint_count, &complaints, reason));
    if (c->staging == NULL) {
        c->staging = sa_staging_new();
        if (c->staging == NULL) {
            err = SECAGG_ERR_MEMORY;
        } else {
            sa_server_set_complaints(s, from, complaints);
            return SECAGG_OK;
        }
    } else if (sa_ct_equal(complaints, c->complaints, map)) {
        err = SECAGG_OK;
    }
    sa_free(complaints);
    SA_REQUIRE(err != SECAGG_ERR_MESSAGE, err, reason, "its complaints are not "
        "those of part 0");
    return err;
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
    const sa_part_msg *msg, char *reason)
{
    const size_t size = (size_t)sa_lanes_bytes(&s->params->lanes, msg->first,
        msg->blocks);
    sa_staged_part *part;
    secagg_err err;

    if (size > SIZE_MAX - sizeof *part)
        return SECAGG_ERR_MEMORY;
    part = sa_alloc(sizeof *part + size, 1);
    if (part == NULL)
        return SECAGG_ERR_MEMORY;
    err = check_part(s, from, msg, reason);
    if (err != SECAGG_OK) {
        sa_free(part);
        return err;
    }
    memcpy(part + 1, msg->planes, size);
    sa_staging_append(s->clients[from].staging, part, msg->blocks);
    return SECAGG_OK;
}

secagg_err sa_server_recv_part(secagg_server *s, uint32_t from, sa_reader *r,
    const uint8_t *msg, size_t len, bool *last)
{
    sa_client_record *c = &s->clients[from];
    sa_accepted accepted;
    sa_part_msg part;
    bool repeats;

    *last = false;
    SA_TRY(check_number(c, sa_header_part(msg), msg, len, &repeats,
        r->reason));
    if (repeats)
        return SECAGG_OK;
    SA_TRY(sa_part_read(r, &part, s->params,
        c->staging != NULL ? c->staging->blocks : 0));
    SA_TRY(sa_accepted_set(&accepted, msg, len,
        (size_t)sa_lanes_bytes(&s->params->lanes, part.first, part.blocks)));
    SA_TRY(accept(s, from, &part, r->reason));
    c->accepted = accepted;
    *last = c->staging->blocks == s->params->lanes.blocks;
    return *last ? finish(s, from) : SECAGG_OK;
}
