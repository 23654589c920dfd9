/* SPDX-License-Identifier: Apache-2.0 */
/* What the server checks before it takes a message (PROTOCOL.md 9.2). A
 * message that is refused costs its sender alone. */
#include "server/server.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/scalar.h"
#include "crypto/share_seal.h"
#include "crypto/x25519.h"
#include "message/msg_confirm.h"
#include "message/msg_input.h"
#include "message/msg_keys.h"
#include "message/msg_shares.h"
#include "message/msg_unmask.h"

/* ---- KEYS (8.2) --------------------------------------------------------- */

/* Valid points that nobody has, neither as enc nor as mask; who comes first
 * keeps a point that comes twice. */
static bool points_fit(const secagg_server *s, const sa_keys_msg *msg)
{
    return sa_x25519_valid(msg->enc) && sa_x25519_valid(msg->mask)
        && !sa_ct_equal(msg->enc, msg->mask, 32)
        && !sa_roster_holds(&s->roster, msg->enc)
        && !sa_roster_holds(&s->roster, msg->mask);
}

/* In active mode a false signature costs its sender here (3.5). */
static secagg_err check_signature(const secagg_server *s, uint32_t from,
    const sa_keys_msg *msg)
{
    sa_signed what;

    if (!sa_params_active(s->params))
        return SECAGG_OK;
    sa_signed_keys(&what, s->params->context, from, msg->enc, msg->mask);
    return sa_trust_verify(&s->trust, from, msg->signature, &what);
}

secagg_err sa_server_recv_keys(secagg_server *s, uint32_t from, sa_reader *r)
{
    sa_keys_msg msg;

    if (sa_params_active(s->params) && !sa_trust_ready(&s->trust))
        return SECAGG_ERR_STATE;
    SA_TRY(sa_keys_read(r, &msg, s->params));
    if (!sa_ct_equal(msg.context, s->params->context, SECAGG_DIGEST_BYTES)
        || !points_fit(s, &msg))
        return SECAGG_ERR_MESSAGE;
    SA_TRY(check_signature(s, from, &msg));
    sa_roster_add(&s->roster, from, msg.enc, msg.mask, msg.signature);
    return SECAGG_OK;
}

/* ---- SHARES (8.4) ------------------------------------------------------- */

/* A pair for exactly each peer in U1. */
static bool holders_fit(const secagg_server *s, const uint32_t *peers,
    const sa_shares_msg *msg)
{
    uint32_t j = 0;

    for (uint32_t i = 0; i < s->peer_count; i++) {
        if (!sa_bitmap_has(s->roster.map, peers[i]))
            continue;
        if (j >= msg->count
            || sa_share_pair_get(msg->pairs, j).peer != peers[i])
            return false;
        j++;
    }
    return j == msg->count;
}

/* The pairs in their slots, in the order of the peers. */
static void fill_slots(const secagg_server *s, const uint32_t *peers,
    const sa_shares_msg *msg, uint8_t *slots)
{
    uint32_t j = 0;

    for (uint32_t i = 0; i < s->peer_count; i++) {
        uint8_t *to = slots + (size_t)i * SA_SLOT_BYTES;
        sa_share_pair pair;
        if (!sa_bitmap_has(s->roster.map, peers[i]))
            continue;
        pair = sa_share_pair_get(msg->pairs, j++);
        memcpy(to, pair.sealed[SA_KIND_SELF], SA_SEALED_SHARE_BYTES);
        memcpy(to + SA_SEALED_SHARE_BYTES, pair.sealed[SA_KIND_MASK],
            SA_SEALED_SHARE_BYTES);
    }
}

secagg_err sa_server_recv_shares(secagg_server *s, uint32_t from,
    sa_reader *r)
{
    const uint32_t *peers = sa_server_peers(s, from);
    sa_client_record *m = &s->members[from];
    sa_shares_msg msg;

    SA_TRY(sa_shares_read(r, &msg, s->params));
    if (!sa_ct_equal(msg.roster, s->binding.roster, SECAGG_DIGEST_BYTES)
        || !holders_fit(s, peers, &msg))
        return SECAGG_ERR_MESSAGE;
    m->slots = sa_alloc(s->peer_count, SA_SLOT_BYTES);
    if (m->slots == NULL)
        return SECAGG_ERR_MEMORY;
    fill_slots(s, peers, &msg, m->slots);
    memcpy(m->commitment, msg.commitment, sizeof m->commitment);
    return SECAGG_OK;
}

uint8_t *sa_server_slot(const secagg_server *s, uint32_t dealer,
    uint32_t place, uint32_t kind)
{
    return s->members[dealer].slots + (size_t)place * SA_SLOT_BYTES
        + (size_t)kind * SA_SEALED_SHARE_BYTES;
}

/* First the members, then what they point to. */
void sa_server_prefetch(const secagg_server *s, const uint32_t *dealers,
    uint32_t holder)
{
    for (uint32_t i = 0; i < s->peer_count; i++)
        sa_prefetch(&s->members[dealers[i]].slots);
    for (uint32_t i = 0; i < s->peer_count; i++) {
        const sa_client_record *m = &s->members[dealers[i]];
        const uint32_t place = sa_server_peer_position(s, dealers[i], holder);
        if (m->slots != NULL) {
            sa_prefetch(m->slots + (size_t)place * SA_SLOT_BYTES);
            sa_prefetch(m->slots + (size_t)(place + 1) * SA_SLOT_BYTES - 1);
        }
        if (m->opened != NULL)
            sa_prefetch(m->opened + place / 8);
    }
}

/* ---- INPUT (8.6) -------------------------------------------------------- */

/* The dealers that it reports go into a bitmap over its peers. */
static secagg_err mark_bad(const secagg_server *s, const uint32_t *peers,
    const uint8_t *list, uint32_t count, uint8_t *bad)
{
    uint32_t i = 0;

    for (uint32_t j = 0; j < count; j++) {
        const uint32_t dealer = sa_complaint_get(list, j);
        while (i < s->peer_count && peers[i] < dealer)
            i++;
        if (i == s->peer_count || peers[i] != dealer
            || !sa_bitmap_has(s->u2, dealer))
            return SECAGG_ERR_MESSAGE;
        sa_bitmap_add(bad, i);
    }
    return SECAGG_OK;
}

secagg_err sa_server_read_bad(secagg_server *s, uint32_t from,
    const uint8_t *u2, const uint8_t *list, uint32_t count, uint8_t **bad)
{
    const uint32_t *peers = sa_server_peers(s, from);
    uint8_t *map;
    uint32_t dealers = 1;
    secagg_err err;

    for (uint32_t i = 0; i < s->peer_count; i++)
        dealers += sa_bitmap_has(s->u2, peers[i]);
    if (!sa_ct_equal(u2, s->h_u2, SECAGG_DIGEST_BYTES) || count >= dealers
        || dealers - count < s->params->own.threshold)
        return SECAGG_ERR_MESSAGE;
    map = sa_alloc(sa_bitmap_bytes(s->peer_count), 1);
    if (map == NULL)
        return SECAGG_ERR_MEMORY;
    err = mark_bad(s, peers, list, count, map);
    if (err == SECAGG_OK)
        *bad = map;
    else
        sa_free(map);
    return err;
}

void sa_server_report(secagg_server *s, uint32_t from, uint8_t *bad)
{
    s->members[from].bad = bad;
    s->members[from].complains = sa_bitmap_count(bad, s->peer_count) > 0;
}

bool sa_server_complains(const secagg_server *s, uint32_t holder,
    uint32_t dealer)
{
    return holder != dealer && s->members[holder].complains
        && sa_bitmap_has(s->members[holder].bad,
            sa_server_peer_position(s, holder, dealer));
}

secagg_err sa_server_recv_input(secagg_server *s, uint32_t from, sa_reader *r)
{
    sa_input_msg msg;
    secagg_err err;
    uint8_t *bad;

    if (s->members[from].staging != NULL)
        return SECAGG_ERR_STATE;
    SA_TRY(sa_input_read(r, &msg, s->params));
    SA_TRY(sa_server_read_bad(s, from, msg.h_u2, msg.complaints,
        msg.complaint_count, &bad));
    err = sa_aggregate_add(&s->result, msg.planes);
    if (err == SECAGG_OK)
        sa_server_report(s, from, bad);
    else
        sa_free(bad);
    return err;
}

/* ---- CONFIRM (8.9) ------------------------------------------------------ */

secagg_err sa_server_recv_confirm(secagg_server *s, uint32_t from,
    sa_reader *r)
{
    sa_client_record *m = &s->members[from];
    sa_confirm_msg msg;
    sa_signed what;

    SA_TRY(sa_confirm_read(r, &msg));
    sa_signed_confirm(&what, s->params->context, s->binding.roster,
        s->binding.round, from, s->h_u2, s->h_u3);
    SA_TRY(sa_trust_verify(&s->trust, from, msg.signature, &what));
    m->confirm = sa_alloc(SECAGG_SIGNATURE_BYTES, 1);
    if (m->confirm == NULL)
        return SECAGG_ERR_MEMORY;
    memcpy(m->confirm, msg.signature, SECAGG_SIGNATURE_BYTES);
    return SECAGG_OK;
}

/* ---- UNMASK (8.11) ------------------------------------------------------ */

/* A key for exactly each peer in U2 that it did not complain of, of the kind
 * that U3 asks for; and an own share in the field. */
static bool unmask_fits(const secagg_server *s, uint32_t from,
    const uint32_t *peers, const sa_unmask_msg *msg)
{
    const uint8_t *bad = s->members[from].bad;
    uint32_t j = 0;
    sa_sc own;

    for (uint32_t i = 0; i < s->peer_count; i++) {
        sa_revealed revealed;
        if (!sa_bitmap_has(s->u2, peers[i]) || sa_bitmap_has(bad, i))
            continue;
        if (j >= msg->count)
            return false;
        revealed = sa_revealed_get(msg, j++);
        if (revealed.dealer != peers[i]
            || revealed.kind != sa_server_kind(s, peers[i]))
            return false;
    }
    return j == msg->count && sa_sc_decode(&own, msg->own);
}

/* Open the share that was relayed, in its place. A key that does not open it
 * blames the responder, which vouched for it: the share is void. */
static secagg_err open_share(secagg_server *s, uint32_t from,
    const sa_revealed *revealed)
{
    const sa_share_id id = { s->binding.roster, s->binding.round,
        revealed->kind, revealed->dealer, from };
    const uint32_t place = sa_server_peer_position(s, revealed->dealer, from);
    uint8_t *slot = sa_server_slot(s, revealed->dealer, place,
        revealed->kind);
    uint8_t share[SECAGG_SEED_BYTES];
    secagg_err err;

    if (sa_bitmap_has(s->members[revealed->dealer].opened, place))
        return SECAGG_OK;
    err = sa_share_open(share, revealed->key, &id, slot);
    if (err == SECAGG_ERR_AUTH) {
        sa_server_blame(s, from, SECAGG_ERR_CHEAT);
        return SECAGG_OK;
    }
    SA_TRY(err);
    memcpy(slot, share, sizeof share);
    sa_wipe(share, sizeof share);
    sa_bitmap_add(s->members[revealed->dealer].opened, place);
    return SECAGG_OK;
}

secagg_err sa_server_recv_unmask(secagg_server *s, uint32_t from,
    sa_reader *r)
{
    const uint32_t *peers = sa_server_peers(s, from);
    sa_unmask_msg msg;

    SA_TRY(sa_unmask_read(r, &msg, s->params));
    if (!unmask_fits(s, from, peers, &msg))
        return SECAGG_ERR_MESSAGE;
    sa_server_prefetch(s, peers, from);
    for (uint32_t i = 0; i < msg.count; i++) {
        const sa_revealed revealed = sa_revealed_get(&msg, i);
        SA_TRY(open_share(s, from, &revealed));
    }
    memcpy(s->members[from].own_share, msg.own, SECAGG_SEED_BYTES);
    return SECAGG_OK;
}
