/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_layout_client.h"

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/shamir.h"
#include "session/lanes.h"

/* ---- shares ------------------------------------------------------------- */

/* Returns the set of clients whose shares are kept. */
static const uint8_t *dealers(const secagg_server *s)
{
    return s->phase == SECAGG_PHASE_SHARES ? s->answered : s->u2;
}

/* Returns the set of clients that can still be sent a share, or open one. */
static const uint8_t *holders(const secagg_server *s)
{
    if (s->phase == SECAGG_PHASE_SHARES)
        return s->roster.map;
    return s->phase == SECAGG_PHASE_INPUT ? s->u2 : s->u3;
}

/* Returns the bytes of the shares of a dealer: both for each holder, and once
 * U3 is fixed the one that is needed, sealed or open. */
static uint64_t shares_size(const secagg_server *s, uint32_t dealer)
{
    const uint8_t *opened = s->clients[dealer].opened;
    const uint64_t count = sa_graph_count(&s->graph, holders(s), dealer);

    if (s->phase <= SECAGG_PHASE_INPUT)
        return count * SA_SLOT_BYTES;
    return count * SA_SEALED_SHARE_BYTES
        - (opened == NULL ? 0 : (uint64_t)sa_bitmap_count(opened,
              s->peer_count) * (SA_SEALED_SHARE_BYTES - SECAGG_SHARE_BYTES));
}

/* The share or shares for the holder at a position. */
static void move_slot(sa_transfer *t, secagg_server *s, uint32_t dealer,
    uint32_t position)
{
    const uint8_t *opened = s->clients[dealer].opened;
    uint32_t kind = SA_KIND_SELF;
    size_t size = SA_SLOT_BYTES;

    if (s->phase > SECAGG_PHASE_INPUT) {
        kind = sa_server_kind(s, dealer);
        size = opened != NULL && sa_bitmap_has(opened, position)
            ? SECAGG_SHARE_BYTES : SA_SEALED_SHARE_BYTES;
    }
    sa_move_secret(t, sa_server_share(s, dealer, position, kind), size);
}

/* The peers for which the needed share is open: of U3 only. */
static void move_opened(sa_transfer *t, secagg_server *s, uint32_t dealer)
{
    const size_t map = sa_bitmap_bytes(s->peer_count);
    uint8_t **opened = &s->clients[dealer].opened;
    const uint32_t *peers;

    if (t->from != NULL)
        *opened = sa_transfer_alloc(t, map, 1, 0);
    if (*opened == NULL || s->phase != SECAGG_PHASE_UNMASK)
        return;
    sa_move_bitmap(t, *opened, s->peer_count);
    if (t->from == NULL)
        return;
    peers = sa_server_peers(s, dealer);
    for (uint32_t i = 0; i < s->peer_count; i++)
        sa_transfer_require(t, !sa_bitmap_has(*opened, i)
            || sa_bitmap_has(s->u3, peers[i]));
}

static void move_shares(sa_transfer *t, secagg_server *s, uint32_t dealer)
{
    sa_client_record *c = &s->clients[dealer];
    const uint8_t *map = holders(s);
    const uint32_t *peers;

    if (s->phase > SECAGG_PHASE_INPUT)
        move_opened(t, s, dealer);
    if (sa_transfer_measures(t)) {
        t->size += (size_t)shares_size(s, dealer);
        return;
    }
    if (sa_transfer_reads(t))
        c->slots = sa_transfer_alloc(t, s->peer_count, SA_SLOT_BYTES,
            shares_size(s, dealer));
    if (c->slots == NULL)
        return;
    peers = sa_server_peers(s, dealer);
    for (uint32_t i = 0; i < s->peer_count; i++)
        if (sa_bitmap_has(map, peers[i]))
            move_slot(t, s, dealer, i);
}

/* ---- complaints and parts ----------------------------------------------- */

/* After INPUT only those of survivors are needed, and each has a list. */
static void move_complaints(sa_transfer *t, secagg_server *s, uint32_t i)
{
    const size_t map = sa_bitmap_bytes(s->peer_count);
    uint8_t *complaints = s->clients[i].complaints;
    bool given = complaints != NULL;

    if (s->phase == SECAGG_PHASE_INPUT)
        sa_move_bool(t, &given);
    else
        given = sa_bitmap_has(s->u3, i);
    if (!given)
        return;
    if (t->from != NULL)
        complaints = sa_transfer_alloc(t, map, 1, map);
    if (complaints == NULL)
        return;
    sa_move_bitmap(t, complaints, s->peer_count);
    if (t->from != NULL)
        sa_server_set_complaints(s, i, complaints);
}

/* Append a part of so many blocks that is about to be read. Parts are added to
 * the sum with the last one, so all blocks are never there. */
static sa_staged_part *new_part(sa_transfer *t, const sa_lanes *lanes,
    sa_staging *staging, uint32_t blocks)
{
    sa_staged_part *part = NULL;
    uint64_t size;

    sa_transfer_require(t, blocks > 0
        && blocks < lanes->blocks - staging->blocks
        && staging->count < SA_PARTS_MAX);
    if (!sa_transfer_reads(t))
        return NULL;
    size = sa_lanes_bytes(lanes, staging->blocks, blocks);
    if (size <= SIZE_MAX - sizeof *part)
        part = sa_transfer_alloc(t, sizeof *part + (size_t)size, 1, size);
    if (part != NULL)
        sa_staging_append(staging, part, blocks);
    return part;
}

/* The parts of an input whose last part has not arrived. */
static void move_parts(sa_transfer *t, const sa_lanes *lanes,
    sa_staging *staging)
{
    sa_staged_part *part = staging->parts;
    uint32_t count = staging->count;
    uint64_t first = 0;

    sa_move_u32(t, &count);
    sa_transfer_require(t, count > 0);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t blocks = part != NULL ? part->blocks : 0;
        sa_move_u32(t, &blocks);
        if (t->from != NULL)
            part = new_part(t, lanes, staging, blocks);
        if (part == NULL)
            return;
        sa_move_bytes(t, part + 1,
            (size_t)sa_lanes_bytes(lanes, first, blocks));
        first += blocks;
        part = part->next;
    }
}

static void move_staging(sa_transfer *t, secagg_server *s, uint32_t i)
{
    sa_client_record *c = &s->clients[i];
    bool staged = c->staging != NULL;

    sa_move_bool(t, &staged);
    if (staged && t->from != NULL)
        c->staging = sa_staging_new();
    if (staged && c->staging == NULL)
        t->err = SECAGG_ERR_MEMORY;
    else if (staged)
        move_parts(t, &s->params->lanes, c->staging);
}

/* ---- clients ------------------------------------------------------------ */

/* What a repeat of the last message is compared with (9.3): all of it, and in
 * INPUT all but the planes. */
static void move_accepted(sa_transfer *t, const secagg_server *s,
    sa_accepted *accepted)
{
    uint64_t len = accepted->len, compared = accepted->compared;

    sa_move_u64(t, &len);
    sa_move_u64(t, &compared);
    sa_move_bytes(t, accepted->digest, sizeof accepted->digest);
    sa_transfer_require(t, len <= SIZE_MAX && compared <= len
        && (compared == len || s->phase == SECAGG_PHASE_INPUT));
    if (t->from != NULL) {
        accepted->len = (size_t)len;
        accepted->compared = (size_t)compared;
    }
}

/* The signature of a survivor in CONFIRM: the members of U4 have one. */
static void move_confirm(sa_transfer *t, secagg_server *s, uint32_t i)
{
    sa_client_record *c = &s->clients[i];
    bool given = c->confirm != NULL;

    if (!sa_params_active(s->params) || !sa_bitmap_has(s->u3, i))
        return;
    if (s->phase == SECAGG_PHASE_CONFIRM)
        given = sa_bitmap_has(s->answered, i);
    else
        sa_move_bool(t, &given);
    if (given && t->from != NULL)
        c->confirm = sa_transfer_alloc(t, SECAGG_SIGNATURE_BYTES, 1,
            SECAGG_SIGNATURE_BYTES);
    if (given && c->confirm != NULL)
        sa_move_bytes(t, c->confirm, SECAGG_SIGNATURE_BYTES);
}

void sa_server_move_client(sa_transfer *t, secagg_server *s, uint32_t i)
{
    sa_client_record *c = &s->clients[i];
    const bool answered = sa_bitmap_has(s->answered, i);
    const bool fixed = s->phase > SECAGG_PHASE_INPUT; /* U3 is */

    if (s->phase > SECAGG_PHASE_KEYS && sa_bitmap_has(dealers(s), i)) {
        if (!fixed || sa_bitmap_has(s->u3, i))
            sa_move_bytes(t, c->commitment, sizeof c->commitment);
        move_shares(t, s, i);
    }
    if (s->phase >= SECAGG_PHASE_INPUT && sa_bitmap_has(s->u2, i))
        move_complaints(t, s, i);
    if (s->phase == SECAGG_PHASE_INPUT && sa_bitmap_has(s->u2, i))
        move_staging(t, s, i);
    if (fixed)
        move_confirm(t, s, i);
    if (s->phase == SECAGG_PHASE_UNMASK && answered)
        sa_move_secret(t, c->own_share, sizeof c->own_share);
    if (answered || c->staging != NULL)
        move_accepted(t, s, &c->accepted);
}
