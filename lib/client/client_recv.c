/* SPDX-License-Identifier: Apache-2.0 */
/* What a client checks before it believes a message (PROTOCOL.md 9.1). Sets
 * and public keys are public, so these functions may branch on them. */
#include "client/client.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/share_key.h"
#include "crypto/share_seal.h"
#include "crypto/x25519.h"
#include "message/msg_relay.h"
#include "message/msg_roster.h"
#include "message/msg_signatures.h"
#include "message/msg_survivors.h"
#include "session/roster.h"

/* ---- ROSTER (8.3) ------------------------------------------------------- */

/* What is taken over when a roster is good. On the ring the roster holds just
 * the entries in their order, for their points to be compared. */
typedef struct arrival {
    sa_peer *peers;
    sa_roster roster;
} arrival;

static secagg_err check_own(const secagg_client *c, const sa_roster_entry *e)
{
    return sa_ct_equal(e->enc, c->enc, 32) && sa_ct_equal(e->mask, c->mask, 32)
            && sa_ct_equal(e->signature, c->signature,
                sa_params_signature_bytes(c->params))
        ? SECAGG_OK : SECAGG_ERR_MESSAGE;
}

/* Another client: one of our neighbours, its points valid. */
static secagg_err check_peer(const secagg_client *c, const arrival *a,
    uint32_t *i, const sa_roster_entry *e)
{
    while (*i < c->peer_count && a->peers[*i].index < e->index)
        ++*i;
    if (*i == c->peer_count || a->peers[*i].index != e->index
        || !sa_x25519_valid(e->enc) || !sa_x25519_valid(e->mask))
        return SECAGG_ERR_MESSAGE;
    a->peers[*i].present = true;
    memcpy(a->peers[*i].enc, e->enc, 32);
    memcpy(a->peers[*i].mask, e->mask, 32);
    return SECAGG_OK;
}

static secagg_err check_entries(const secagg_client *c, arrival *a,
    const sa_roster_msg *msg)
{
    uint32_t peer = 0;

    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_roster_entry e = sa_roster_get_entry(msg, c->params, i);
        SA_TRY(e.index == c->index ? check_own(c, &e)
                                   : check_peer(c, a, &peer, &e));
        sa_roster_add(&a->roster, sa_params_ring(c->params) ? i : e.index,
            e.enc, e.mask, e.signature);
    }
    return SECAGG_OK;
}

/* Whether oneself is among the entries. */
static bool holds_own(const secagg_client *c, const sa_roster_msg *msg)
{
    for (uint32_t i = 0; i < msg->count; i++)
        if (sa_roster_get_entry(msg, c->params, i).index == c->index)
            return true;
    return false;
}

/* All points distinct, root as sent where all of it is known. */
static secagg_err check_roster(const secagg_client *c, const arrival *a,
    const sa_roster_msg *msg)
{
    uint8_t root[SECAGG_DIGEST_BYTES];
    bool distinct;

    SA_TRY(sa_roster_distinct(&a->roster, &distinct));
    if (!distinct || !holds_own(c, msg))
        return SECAGG_ERR_MESSAGE;
    if (!sa_params_ring(c->params)) {
        SA_TRY(sa_roster_root(&a->roster, root));
        if (!sa_ct_equal(root, msg->root, sizeof root))
            return SECAGG_ERR_MESSAGE;
    }
    return SECAGG_OK;
}

/* In active mode each other client signed its keys (3.5). */
static secagg_err check_signatures(const secagg_client *c,
    const sa_roster_msg *msg)
{
    sa_signed what;

    for (uint32_t i = 0; i < msg->count && sa_params_active(c->params); i++) {
        const sa_roster_entry e = sa_roster_get_entry(msg, c->params, i);
        if (e.index == c->index)
            continue;
        sa_signed_keys(&what, c->params->context, e.index, e.enc, e.mask);
        SA_TRY(sa_trust_verify(&c->trust, e.index, e.signature, &what));
    }
    return SECAGG_OK;
}

static secagg_err arrive(secagg_client *c, arrival *a,
    const sa_roster_msg *msg)
{
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(sa_client_load_peers(c, msg->graph_seed, a->peers));
    SA_TRY(check_entries(c, a, msg));
    SA_TRY(check_roster(c, a, msg));
    SA_TRY(check_signatures(c, msg));
    if (msg->present < c->params->min_set
        || msg->count < c->params->own.threshold)
        return SECAGG_ERR_THRESHOLD; /* 9.4 */
    SA_TRY(sa_roster_digest(digest, c->params->context, msg->graph_seed,
        msg->present, msg->root));
    memcpy(c->peers, a->peers, c->peer_count * sizeof *c->peers);
    memcpy(c->graph_seed, msg->graph_seed, sizeof c->graph_seed);
    memcpy(c->binding.roster, digest, sizeof digest);
    c->present = msg->present;
    return SECAGG_OK;
}

secagg_err sa_client_recv_roster(secagg_client *c, sa_reader *r)
{
    static const uint8_t no_graph[SECAGG_SEED_BYTES];
    sa_roster_msg msg;
    arrival a;
    secagg_err err;

    SA_TRY(sa_roster_read(r, &msg, c->params));
    if (sa_params_ring(c->params)
            ? msg.count > c->params->holders
            : msg.count != msg.present
                || !sa_ct_equal(msg.graph_seed, no_graph, sizeof no_graph))
        return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_roster_init(&a.roster, sa_params_ring(c->params)
            ? c->params->holders : c->params->own.clients,
        sa_params_active(c->params)));
    a.peers = sa_alloc(c->peer_count, sizeof *a.peers);
    err = a.peers != NULL ? arrive(c, &a, &msg) : SECAGG_ERR_MEMORY;
    sa_free(a.peers);
    sa_roster_free(&a.roster);
    return err;
}

/* ---- RELAY (8.5) -------------------------------------------------------- */

/* Open one of a dealer's two shares; the share itself is not kept. */
static secagg_err open_share(const secagg_client *c, uint32_t kind,
    uint32_t i, const sa_share_pair *pair)
{
    const sa_share_id id = { c->binding.roster, c->binding.round, kind,
        pair->peer, c->index };
    uint8_t key[SECAGG_SEED_BYTES], share[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_share_key(key, c->secret.pair[i], kind, id.round, pair->peer,
        c->index, c->peers[i].enc, c->enc);
    if (err == SECAGG_OK)
        err = sa_share_open(share, key, &id, pair->sealed[kind]);
    sa_wipe(key, sizeof key);
    sa_wipe(share, sizeof share);
    return err;
}

/* Open all; peers of which either share fails go into bad. */
static secagg_err open_all(const secagg_client *c, const sa_relay_msg *msg,
    uint8_t *bad, uint32_t *count)
{
    *count = 0;
    for (uint32_t j = 0; j < msg->count; j++) {
        const sa_share_pair pair = sa_share_pair_get(msg->pairs, j);
        const uint32_t i = sa_client_peer_position(c, pair.peer);
        for (uint32_t kind = SA_KIND_SELF; kind <= SA_KIND_MASK; kind++) {
            const secagg_err err = open_share(c, kind, i, &pair);
            if (err == SECAGG_ERR_AUTH)
                sa_bitmap_add(bad, i);
            else if (err != SECAGG_OK)
                return err;
        }
        *count += sa_bitmap_has(bad, i);
    }
    return SECAGG_OK;
}

/* No more in U2 than in U1, as far as both are known; oneself in it; and a
 * pair of exactly each peer in it. */
static bool relay_fits(const secagg_client *c, const sa_relay_msg *msg)
{
    const uint32_t all = sa_bitmap_count(msg->map, c->params->own.clients);
    uint32_t j = 0;

    if (!sa_bitmap_has(msg->map, c->index) || all > c->present)
        return false;
    for (uint32_t i = 0; i < c->peer_count; i++) {
        const uint32_t v = c->peers[i].index;
        if (!sa_bitmap_has(msg->map, v))
            continue;
        if (!c->peers[i].present || j >= msg->count
            || sa_share_pair_get(msg->pairs, j).peer != v)
            return false;
        j++;
    }
    return j == msg->count;
}

/* Opens what was relayed, digests the set, and holds the floors (9.4). */
static secagg_err take_relay(secagg_client *c, const sa_relay_msg *msg,
    uint8_t *bad)
{
    const secagg_params *own = &c->params->own;
    uint8_t digest[SECAGG_DIGEST_BYTES];
    uint32_t spoiled;

    SA_TRY(open_all(c, msg, bad, &spoiled));
    SA_TRY(sa_set_digest(digest, &c->binding, own->app_digest, 2,
        own->clients, msg->map));
    if (sa_bitmap_count(msg->map, own->clients) < own->min_survivors
        || 1 + msg->count - spoiled < sa_client_floor(c))
        return SECAGG_ERR_THRESHOLD;
    memcpy(c->u2, msg->map, sa_bitmap_bytes(own->clients));
    memcpy(c->h_u2, digest, sizeof digest);
    for (uint32_t i = 0; i < c->peer_count; i++)
        c->peers[i].bad = sa_bitmap_has(bad, i);
    return SECAGG_OK;
}

secagg_err sa_client_recv_relay(secagg_client *c, sa_reader *r)
{
    const size_t map = sa_bitmap_bytes(c->peer_count);
    sa_relay_msg msg;
    secagg_err err;
    uint8_t *bad;

    SA_TRY(sa_relay_read(r, &msg, c->params));
    if (!relay_fits(c, &msg))
        return SECAGG_ERR_MESSAGE;
    bad = sa_alloc(map, 1);
    if (bad == NULL)
        return SECAGG_ERR_MEMORY;
    err = take_relay(c, &msg, bad);
    sa_free(bad);
    return err;
}

/* ---- SURVIVORS (8.8) ---------------------------------------------------- */

/* Good dealers among the survivors, oneself included. */
static uint32_t good_survivors(const secagg_client *c, const uint8_t *u3)
{
    uint32_t good = 1;

    for (uint32_t i = 0; i < c->peer_count; i++)
        good += sa_bitmap_has(u3, c->peers[i].index) && !c->peers[i].bad;
    return good;
}

/* Whether the ring of the survivors holds together (5.5). */
static secagg_err check_ring(const secagg_client *c, const uint8_t *u3)
{
    sa_graph graph;
    secagg_err err;

    if (!sa_params_ring(c->params))
        return SECAGG_OK;
    err = sa_graph_init(&graph, c->params->own.clients,
        c->params->own.neighbours, c->graph_seed);
    if (err == SECAGG_OK && !sa_graph_connected(&graph, u3))
        err = SECAGG_ERR_THRESHOLD;
    sa_graph_free(&graph);
    return err;
}

secagg_err sa_client_recv_survivors(secagg_client *c, sa_reader *r)
{
    const secagg_params *own = &c->params->own;
    uint8_t digest[SECAGG_DIGEST_BYTES];
    sa_survivors_msg msg;

    SA_TRY(sa_survivors_read(r, &msg, c->params));
    if (!sa_bitmap_has(msg.map, c->index)
        || !sa_bitmap_is_subset(msg.map, c->u2, own->clients))
        return SECAGG_ERR_MESSAGE;
    if (sa_bitmap_count(msg.map, own->clients) < own->min_survivors
        || good_survivors(c, msg.map) < sa_client_floor(c))
        return SECAGG_ERR_THRESHOLD;
    SA_TRY(check_ring(c, msg.map));
    SA_TRY(sa_set_digest(digest, &c->binding, own->app_digest, 3,
        own->clients, msg.map));
    memcpy(c->u3, msg.map, sa_bitmap_bytes(own->clients));
    memcpy(c->h_u3, digest, sizeof digest);
    sa_client_wipe_input(c);
    return SECAGG_OK;
}

/* ---- SIGNATURES (8.10) -------------------------------------------------- */

/* Signatures of others on one's own view of the survivors. False ones are
 * passed over: the server could not be blamed for them. */
static uint32_t count_valid(const secagg_client *c,
    const sa_signatures_msg *msg)
{
    uint32_t valid = 0;
    sa_signed what;

    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_signed_by by = sa_signed_by_get(msg, i);
        if (by.index == c->index)
            continue;
        sa_signed_confirm(&what, c->params->context, c->binding.roster,
            c->binding.round, by.index, c->h_u2, c->h_u3);
        valid += sa_trust_verify(&c->trust, by.index, by.signature, &what)
            == SECAGG_OK;
    }
    return valid;
}

/* At least `threshold` survivors saw the same survivors, oneself counted: no
 * other set can have as many (Bonawitz et al. 2017, Figure 4, round 3). */
secagg_err sa_client_recv_signatures(secagg_client *c, sa_reader *r)
{
    sa_signatures_msg msg;

    if (!sa_trust_ready(&c->trust))
        return SECAGG_ERR_STATE; /* resumed, and not told whom to believe */
    SA_TRY(sa_signatures_read(r, &msg, c->params));
    for (uint32_t i = 0; i < msg.count; i++)
        if (!sa_bitmap_has(c->u3, sa_signed_by_get(&msg, i).index))
            return SECAGG_ERR_MESSAGE;
    return 1 + count_valid(c, &msg) >= c->params->own.threshold
        ? SECAGG_OK : SECAGG_ERR_THRESHOLD;
}
