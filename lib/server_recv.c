/* SPDX-License-Identifier: Apache-2.0 */
/* What the server checks before it takes a message (PROTOCOL.md 9.2). A
 * message that is refused costs its sender alone. */
#include "server.h"

#include <string.h>

#include "agree.h"
#include "bits.h"
#include "field.h"
#include "mem.h"
#include "msg_input.h"
#include "msg_keys.h"
#include "msg_shares.h"
#include "msg_unmask.h"
#include "seal.h"

/* ---- KEYS (8.2) --------------------------------------------------------- */

/* Valid points that nobody has, neither as enc nor as mask; who comes first
 * keeps a point that comes twice. */
static bool points_fit(const secagg_server *s, const sa_keys_msg *msg)
{
    return sa_agree_valid(msg->enc) && sa_agree_valid(msg->mask)
        && !sa_equal(msg->enc, msg->mask, 32)
        && !sa_roster_holds(&s->roster, msg->enc)
        && !sa_roster_holds(&s->roster, msg->mask);
}

secagg_err sa_server_recv_keys(secagg_server *s, uint32_t from, sa_reader *r)
{
    sa_keys_msg msg;

    SA_TRY(sa_keys_read(r, &msg));
    if (!sa_equal(msg.context, s->params->context, SECAGG_DIGEST_BYTES)
        || !points_fit(s, &msg))
        return SECAGG_ERR_MESSAGE;
    sa_roster_add(&s->roster, from, msg.enc, msg.mask);
    return SECAGG_OK;
}

/* ---- SHARES (8.4) ------------------------------------------------------- */

/* A pair for exactly each other member of U1. */
static bool holders_fit(const secagg_server *s, uint32_t from,
    const sa_shares_msg *msg)
{
    uint32_t i = 0;

    for (uint32_t v = 0; v < s->params->own.clients; v++) {
        if (v == from || !sa_map_has(s->roster.map, v))
            continue;
        if (i >= msg->count || sa_share_pair_get(msg->pairs, i).peer != v)
            return false;
        i++;
    }
    return i == msg->count;
}

secagg_err sa_server_recv_shares(secagg_server *s, uint32_t from,
    sa_reader *r)
{
    sa_member *m = &s->members[from];
    sa_shares_msg msg;
    size_t len;

    SA_TRY(sa_shares_read(r, &msg, s->params));
    if (!sa_equal(msg.roster, s->binding.roster, SECAGG_DIGEST_BYTES)
        || !holders_fit(s, from, &msg))
        return SECAGG_ERR_MESSAGE;
    len = (size_t)msg.count * SA_SHARE_PAIR_BYTES;
    m->pairs = sa_alloc(len, 1);
    if (m->pairs == NULL)
        return SECAGG_ERR_MEMORY;
    memcpy(m->pairs, msg.pairs, len);
    memcpy(m->commitment, msg.commitment, sizeof m->commitment);
    return SECAGG_OK;
}

uint8_t *sa_server_slot(const secagg_server *s, uint32_t dealer,
    uint32_t holder, uint32_t kind)
{
    const size_t i = s->members[holder].place - (size_t)(holder > dealer);
    return s->members[dealer].pairs + i * SA_SHARE_PAIR_BYTES + 4
        + (size_t)kind * SA_SEALED_BYTES;
}

/* ---- INPUT (8.6) -------------------------------------------------------- */

/* The dealers that it reports, as a bitmap: other members of U2. */
static secagg_err read_bad(const secagg_server *s, uint32_t from,
    const sa_input_msg *msg, uint8_t *bad)
{
    for (uint32_t i = 0; i < msg->bad; i++) {
        const uint32_t dealer = sa_input_get_bad(msg, i);
        if (dealer == from || !sa_map_has(s->u2, dealer))
            return SECAGG_ERR_MESSAGE;
        sa_map_add(bad, dealer);
    }
    return SECAGG_OK;
}

secagg_err sa_server_recv_input(secagg_server *s, uint32_t from, sa_reader *r)
{
    const uint32_t n = s->params->own.clients;
    sa_input_msg msg;
    secagg_err err;
    uint8_t *bad;

    SA_TRY(sa_input_read(r, &msg, s->params));
    if (!sa_equal(msg.u2, s->h_u2, SECAGG_DIGEST_BYTES)
        || msg.bad > sa_map_count(s->u2, n) - s->params->own.threshold)
        return SECAGG_ERR_MESSAGE;
    bad = sa_alloc(sa_map_bytes(n), 1);
    if (bad == NULL)
        return SECAGG_ERR_MEMORY;
    err = read_bad(s, from, &msg, bad);
    if (err == SECAGG_OK)
        err = sa_result_add(&s->result, msg.planes);
    if (err == SECAGG_OK)
        s->members[from].bad = bad;
    else
        sa_free(bad, sa_map_bytes(n));
    return err;
}

/* ---- UNMASK (8.11) ------------------------------------------------------ */

/* A key for exactly each other member of U2 that it did not complain of, of
 * the kind that U3 asks for; and an own share in the field. */
static bool unmask_fits(const secagg_server *s, uint32_t from,
    const sa_unmask_msg *msg)
{
    const uint8_t *bad = s->members[from].bad;
    uint32_t i = 0;
    sa_fe own;

    for (uint32_t u = 0; u < s->params->own.clients; u++) {
        sa_revealed revealed;
        if (u == from || !sa_map_has(s->u2, u) || sa_map_has(bad, u))
            continue;
        if (i >= msg->count)
            return false;
        revealed = sa_revealed_get(msg, i++);
        if (revealed.dealer != u
            || revealed.kind != sa_server_kind(s, u))
            return false;
    }
    return i == msg->count && sa_fe_decode(&own, msg->own);
}

/* Open the share that was relayed, in its place. A key that does not open it
 * blames the responder, which vouched for it: the share is void. */
static secagg_err open_share(secagg_server *s, uint32_t from,
    const sa_revealed *revealed)
{
    const sa_share_id id = { s->binding.roster, s->binding.round,
        revealed->kind, revealed->dealer, from };
    uint8_t *slot = sa_server_slot(s, revealed->dealer, from, revealed->kind);
    uint8_t share[SECAGG_SEED_BYTES];
    secagg_err err;

    if (sa_map_has(s->members[revealed->dealer].opened, from))
        return SECAGG_OK;
    err = sa_unseal(share, revealed->key, &id, slot);
    if (err == SECAGG_ERR_AUTH) {
        sa_server_blame(s, from, SECAGG_ERR_CHEAT);
        return SECAGG_OK;
    }
    SA_TRY(err);
    memcpy(slot, share, sizeof share);
    sa_wipe(share, sizeof share);
    sa_map_add(s->members[revealed->dealer].opened, from);
    return SECAGG_OK;
}

secagg_err sa_server_recv_unmask(secagg_server *s, uint32_t from,
    sa_reader *r)
{
    sa_unmask_msg msg;

    SA_TRY(sa_unmask_read(r, &msg, s->params));
    if (!unmask_fits(s, from, &msg))
        return SECAGG_ERR_MESSAGE;
    for (uint32_t i = 0; i < msg.count; i++) {
        const sa_revealed revealed = sa_revealed_get(&msg, i);
        SA_TRY(open_share(s, from, &revealed));
    }
    memcpy(s->members[from].own_share, msg.own, SECAGG_SEED_BYTES);
    return SECAGG_OK;
}
