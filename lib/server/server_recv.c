/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_recv.h"

#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "core/reason.h"
#include "crypto/ed25519.h"
#include "crypto/scalar.h"
#include "crypto/x25519.h"
#include "message/msg_abort.h"
#include "message/msg_confirm.h"
#include "message/msg_input.h"
#include "message/msg_keys.h"
#include "message/msg_shares.h"
#include "message/msg_unmask.h"

#define DEMAND(condition, ...)                                                 \
    SA_REQUIRE(condition, SECAGG_ERR_MESSAGE, reason, __VA_ARGS__)

/* ---- KEYS (8.2) --------------------------------------------------------- */

/* Both points are valid, and no other client has one of them, neither as enc
 * nor as mask. */
static secagg_err verify_points(const secagg_server *s, uint32_t from,
    const sa_keys_msg *msg, char *reason)
{
    DEMAND(sa_x25519_valid(msg->enc) && sa_x25519_valid(msg->mask), "%s is not "
        "a valid point", sa_x25519_valid(msg->enc) ? "mask" : "enc");
    DEMAND(!sa_ct_equal(msg->enc, msg->mask, 32), "enc and mask are one point");
    DEMAND(!sa_roster_holds(&s->roster, from, msg->enc)
            && !sa_roster_holds(&s->roster, from, msg->mask),
        "another client has %s",
        sa_roster_holds(&s->roster, from, msg->enc) ? "enc" : "mask");
    return SECAGG_OK;
}

/* Active mode: the identity is valid, no other client has it, it is trusted,
 * and it has signed the keys (3.5). The host's callback comes last, so that it
 * sees only a credential whose signature is valid. */
static secagg_err verify_identity(const secagg_server *s, uint32_t from,
    const sa_keys_msg *msg)
{
    const sa_identity *identity = &msg->identity;
    char *reason = s->trust.reason;
    secagg_err err;

    SA_REQUIRE(sa_trust_is_valid(&s->trust, from, identity->id),
        SECAGG_ERR_AUTH, reason, "the identity is not a valid public key");
    SA_REQUIRE(!sa_roster_has_id(&s->roster, from, identity->id), SECAGG_ERR_AUTH,
        reason, "another client has the identity");
    SA_TRY(sa_trust_look_up(&s->trust, from, identity->id));
    err = sa_identity_verify(msg->context, from, msg->enc, msg->mask,
        identity);
    SA_REQUIRE(err == SECAGG_OK, err, reason, "the signature is not valid "
        "under the identity");
    return sa_trust_ask(&s->trust, from, identity);
}

/* Verify the identity and copy its credential, which the message has then. */
static secagg_err accept_identity(secagg_server *s, uint32_t from,
    sa_keys_msg *msg)
{
    sa_bytes *credential = &msg->identity.credential;
    uint8_t *copy = sa_alloc(1 + credential->len, 1);
    secagg_err err;

    if (copy == NULL)
        return SECAGG_ERR_MEMORY;
    err = verify_identity(s, from, msg);
    if (err != SECAGG_OK) {
        sa_free(copy);
        return err;
    }
    memcpy(copy, credential->ptr, credential->len);
    credential->ptr = copy;
    sa_free(s->clients[from].credential);
    s->clients[from].credential = copy;
    return SECAGG_OK;
}

/* The keys replace those that the client sent before, if it did. */
secagg_err sa_server_recv_keys(secagg_server *s, uint32_t from, sa_reader *r)
{
    sa_keys_msg msg;

    SA_TRY(sa_keys_read(r, &msg, s->params));
    SA_TRY(sa_digest_check("parameters", msg.context, s->params->context,
        r->reason));
    SA_TRY(verify_points(s, from, &msg, r->reason));
    if (sa_params_active(s->params))
        SA_TRY(accept_identity(s, from, &msg));
    if (sa_bitmap_has(s->roster.map, from))
        sa_roster_remove(&s->roster, from);
    sa_roster_add(&s->roster, from, msg.enc, msg.mask, &msg.identity);
    return SECAGG_OK;
}

/* ---- SHARES (8.4) ------------------------------------------------------- */

/* There is one pair for each peer in U1, and no other. */
static secagg_err verify_holders(const secagg_server *s,
    const uint32_t *peers, const sa_shares_msg *msg, char *reason)
{
    uint32_t j = 0;

    for (uint32_t i = 0; i < s->peer_count; i++) {
        if (!sa_bitmap_has(s->roster.map, peers[i]))
            continue;
        DEMAND(j < msg->count
                && sa_share_pair_get(msg->pairs, j).peer == peers[i],
            "item %" PRIu32 " of its %" PRIu32 " pairs is not for client %"
            PRIu32 ", which is a neighbour with keys", j, msg->count,
            peers[i]);
        j++;
    }
    DEMAND(j == msg->count, "it has %" PRIu32 " pairs for %" PRIu32
        " neighbours with keys", msg->count, j);
    return SECAGG_OK;
}

/* Copy the pairs to the slots of their holders. */
static void fill_slots(const secagg_server *s, const uint32_t *peers,
    const sa_shares_msg *msg, uint8_t *slots)
{
    uint32_t j = 0;

    for (uint32_t i = 0; i < s->peer_count; i++) {
        uint8_t *slot = slots + (size_t)i * SA_SLOT_BYTES;
        sa_share_pair pair;
        if (!sa_bitmap_has(s->roster.map, peers[i]))
            continue;
        pair = sa_share_pair_get(msg->pairs, j++);
        memcpy(slot, pair.sealed[SA_KIND_SELF], SA_SEALED_SHARE_BYTES);
        memcpy(slot + SA_SEALED_SHARE_BYTES, pair.sealed[SA_KIND_MASK],
            SA_SEALED_SHARE_BYTES);
    }
}

secagg_err sa_server_recv_shares(secagg_server *s, uint32_t from,
    sa_reader *r)
{
    const uint32_t *peers = sa_server_peers(s, from);
    sa_client_record *c = &s->clients[from];
    sa_shares_msg msg;

    SA_TRY(sa_shares_read(r, &msg, s->params));
    SA_TRY(sa_digest_check("roster", msg.roster, s->binding.roster,
        r->reason));
    SA_TRY(verify_holders(s, peers, &msg, r->reason));
    c->slots = sa_alloc(s->peer_count, SA_SLOT_BYTES);
    if (c->slots == NULL)
        return SECAGG_ERR_MEMORY;
    fill_slots(s, peers, &msg, c->slots);
    memcpy(c->commitment, msg.commitment, sizeof c->commitment);
    return SECAGG_OK;
}

/* ---- INPUT (8.6) -------------------------------------------------------- */

/* Mark the dealers of an ascending list in a bitmap over the peers. */
static secagg_err mark_dealers(const secagg_server *s, const uint32_t *peers,
    const uint8_t *list, uint32_t count, uint8_t *map, char *reason)
{
    uint32_t i = 0;

    for (uint32_t j = 0; j < count; j++) {
        const uint32_t dealer = sa_complaint_get(list, j);
        while (i < s->peer_count && peers[i] < dealer)
            i++;
        DEMAND(i < s->peer_count && peers[i] == dealer
                && sa_bitmap_has(s->u2, dealer),
            "it complains of client %" PRIu32 ", which is not a neighbour that "
            "sent SHARES", dealer);
        sa_bitmap_add(map, i);
    }
    return SECAGG_OK;
}

/* Make a bitmap over the peers of an ascending list of dealers. */
static secagg_err map_dealers(const secagg_server *s, const uint32_t *peers,
    const uint8_t *list, uint32_t count, uint8_t **complaints, char *reason)
{
    uint8_t *map = sa_alloc(sa_bitmap_bytes(s->peer_count), 1);
    secagg_err err;

    if (map == NULL)
        return SECAGG_ERR_MEMORY;
    err = mark_dealers(s, peers, list, count, map, reason);
    if (err == SECAGG_OK)
        *complaints = map;
    else
        sa_free(map);
    return err;
}

secagg_err sa_server_read_complaints(secagg_server *s, uint32_t from,
    const uint8_t *h_u2, const uint8_t *list, uint32_t count,
    uint8_t **complaints, char *reason)
{
    const uint32_t *peers = sa_server_peers(s, from);
    uint32_t dealers = 1;

    for (uint32_t i = 0; i < s->peer_count; i++)
        dealers += sa_bitmap_has(s->u2, peers[i]);
    SA_TRY(sa_digest_check("set U2", h_u2, s->h_u2, reason));
    DEMAND(count < dealers && dealers - count >= s->params->own.threshold,
        "it complains of %" PRIu32 " of %" PRIu32 " dealers: %" PRIu32
        " must be left", count, dealers, s->params->own.threshold);
    return map_dealers(s, peers, list, count, complaints, reason);
}

secagg_err sa_server_recv_input(secagg_server *s, uint32_t from, sa_reader *r)
{
    sa_input_msg msg;
    uint8_t *complaints;
    secagg_err err;

    SA_REQUIRE(s->clients[from].staging == NULL, SECAGG_ERR_STATE, r->reason,
        "the client has sent %" PRIu32 " parts of its input",
        s->clients[from].staging->count);
    SA_TRY(sa_input_read(r, &msg, s->params));
    SA_TRY(sa_server_read_complaints(s, from, msg.h_u2, msg.complaints,
        msg.complaint_count, &complaints, r->reason));
    err = sa_aggregate_add(&s->aggregate, 0, s->params->lanes.blocks,
        msg.planes);
    if (err == SECAGG_OK)
        sa_server_set_complaints(s, from, complaints);
    else
        sa_free(complaints);
    return err;
}

/* ---- CONFIRM (8.9) ------------------------------------------------------ */

secagg_err sa_server_recv_confirm(secagg_server *s, uint32_t from,
    sa_reader *r)
{
    sa_client_record *c = &s->clients[from];
    sa_confirm_msg msg;
    sa_signed text;
    secagg_err err;

    SA_TRY(sa_confirm_read(r, &msg));
    sa_signed_confirm(&text, s->params->context, s->binding.roster,
        s->binding.round, from, s->h_u2, s->h_u3);
    err = sa_ed25519_verify(msg.signature, text.text, text.len,
        s->roster.id[from]);
    SA_REQUIRE(err == SECAGG_OK, err, r->reason, "the signature of U2 and U3 "
        "is not valid under the identity");
    c->confirm = sa_alloc(SECAGG_SIGNATURE_BYTES, 1);
    if (c->confirm == NULL)
        return SECAGG_ERR_MEMORY;
    memcpy(c->confirm, msg.signature, SECAGG_SIGNATURE_BYTES);
    return SECAGG_OK;
}

/* ---- UNMASK (8.11) ------------------------------------------------------ */

/* There is one key for each peer in U2 of which the sender did not complain,
 * and no other; each is of the kind that U3 requires. The own share is a
 * scalar. */
static secagg_err verify_keys(const secagg_server *s, uint32_t from,
    const uint32_t *peers, const sa_unmask_msg *msg, char *reason)
{
    const uint8_t *complaints = s->clients[from].complaints;
    uint32_t j = 0;
    sa_sc own;

    for (uint32_t i = 0; i < s->peer_count; i++) {
        sa_revealed revealed;
        if (!sa_bitmap_has(s->u2, peers[i]) || sa_bitmap_has(complaints, i))
            continue;
        DEMAND(j < msg->count, "it has %" PRIu32 " keys, and none of client %"
            PRIu32, msg->count, peers[i]);
        revealed = sa_revealed_get(msg, j);
        DEMAND(revealed.dealer == peers[i]
                && revealed.kind == sa_server_kind(s, peers[i]),
            "key %" PRIu32 " is of client %" PRIu32 " and kind %" PRIu32
            ", not of client %" PRIu32 " and kind %" PRIu32, j,
            revealed.dealer, revealed.kind, peers[i],
            sa_server_kind(s, peers[i]));
        j++;
    }
    DEMAND(j == msg->count, "it has %" PRIu32 " keys, not %" PRIu32,
        msg->count, j);
    DEMAND(sa_sc_decode(&own, msg->own), "its own share is not a scalar");
    return SECAGG_OK;
}

/* Open a share in its slot. If the key does not open it, blame the sender of
 * the key, which vouched for the share when it did not complain (9.5). */
static secagg_err open_share(secagg_server *s, uint32_t from,
    const sa_revealed *revealed)
{
    const sa_share_id id = { s->binding.roster, s->binding.round,
        revealed->kind, revealed->dealer, from };
    const uint32_t position = sa_server_peer_position(s, revealed->dealer,
        from);
    uint8_t *slot = sa_server_share(s, revealed->dealer, position,
        revealed->kind);
    uint8_t *opened = s->clients[revealed->dealer].opened;
    uint8_t share[SECAGG_SEED_BYTES];
    secagg_err err;

    if (sa_bitmap_has(opened, position)) /* in a call that failed later */
        return SECAGG_OK;
    err = sa_share_open(share, revealed->key, &id, slot);
    if (err == SECAGG_ERR_AUTH) {
        sa_server_blame(s, from, SECAGG_ERR_CHEAT);
        return SECAGG_OK;
    }
    SA_TRY(err);
    memcpy(slot, share, sizeof share);
    sa_wipe(share, sizeof share);
    sa_bitmap_add(opened, position);
    return SECAGG_OK;
}

secagg_err sa_server_recv_unmask(secagg_server *s, uint32_t from,
    sa_reader *r)
{
    const uint32_t *peers = sa_server_peers(s, from);
    sa_unmask_msg msg;

    SA_TRY(sa_unmask_read(r, &msg, s->params));
    SA_TRY(verify_keys(s, from, peers, &msg, r->reason));
    sa_server_prefetch(s, peers, from);
    for (uint32_t i = 0; i < msg.count; i++) {
        const sa_revealed revealed = sa_revealed_get(&msg, i);
        SA_TRY(open_share(s, from, &revealed));
    }
    memcpy(s->clients[from].own_share, msg.own, SECAGG_SEED_BYTES);
    return SECAGG_OK;
}

/* ---- ABORT (8.12) ------------------------------------------------------- */

/* In INPUT the list is the complaints of the client, unless its INPUT or first
 * part brought them. No minimum applies: a client that could open too few
 * shares must abort, and its complaints count. */
static secagg_err keep_complaints(secagg_server *s, uint32_t from,
    const sa_abort_msg *msg, char *reason)
{
    uint8_t *complaints;

    if (s->phase != SECAGG_PHASE_INPUT || s->clients[from].complaints != NULL
        || msg->complaint_count == 0)
        return SECAGG_OK;
    SA_TRY(map_dealers(s, sa_server_peers(s, from), msg->complaints,
        msg->complaint_count, &complaints, reason));
    sa_server_set_complaints(s, from, complaints);
    return SECAGG_OK;
}

/* The client is out: at once, or from the next phase on if its message of this
 * phase was accepted before. */
secagg_err sa_server_recv_abort(secagg_server *s, uint32_t from, sa_reader *r)
{
    sa_abort_msg msg;

    SA_TRY(sa_abort_read(r, &msg, s->params));
    SA_TRY(keep_complaints(s, from, &msg, r->reason));
    if (!sa_bitmap_has(s->answered, from))
        sa_bitmap_remove(s->in, from);
    sa_bitmap_add(s->aborted, from);
    sa_server_lose(s, from, s->phase, msg.code);
    sa_server_count_abort(s, msg.code);
    sa_server_drop_staging(s, from);
    return SECAGG_OK;
}
