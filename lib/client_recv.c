/* SPDX-License-Identifier: Apache-2.0 */
/* What a client checks before it believes a message (PROTOCOL.md 9.1). Sets
 * and public keys are public, so these functions may branch on them. */
#include "client.h"

#include <string.h>

#include "agree.h"
#include "bits.h"
#include "box.h"
#include "mem.h"
#include "msg_relay.h"
#include "msg_roster.h"
#include "msg_survivors.h"
#include "seal.h"

/* ---- ROSTER (8.3) ------------------------------------------------------- */

/* Fill a roster from a list; SECAGG_ERR_MESSAGE for a bad point. */
static secagg_err fill(sa_roster *roster, const sa_roster_msg *msg)
{
    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_roster_entry e = sa_roster_get_entry(msg, i);
        if (!sa_agree_valid(e.enc) || !sa_agree_valid(e.mask))
            return SECAGG_ERR_MESSAGE;
        sa_roster_add(roster, e.index, e.enc, e.mask);
    }
    return SECAGG_OK;
}

/* Own entry as advertised, all points distinct, root as sent. */
static secagg_err check_roster(const secagg_client *c,
    const sa_roster *roster, const sa_roster_msg *msg)
{
    uint8_t root[SECAGG_DIGEST_BYTES];
    bool distinct;

    if (!sa_map_has(roster->map, c->index)
        || !sa_equal(roster->enc[c->index], c->enc, 32)
        || !sa_equal(roster->mask[c->index], c->mask, 32))
        return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_roster_distinct(roster, &distinct));
    SA_TRY(sa_roster_root(roster, root));
    if (!distinct || !sa_equal(root, msg->root, sizeof root))
        return SECAGG_ERR_MESSAGE;
    if (roster->present < c->params->floor)
        return SECAGG_ERR_THRESHOLD;
    return SECAGG_OK;
}

secagg_err sa_client_recv_roster(secagg_client *c, sa_reader *r)
{
    static const uint8_t no_graph[SECAGG_SEED_BYTES];
    uint8_t digest[SECAGG_DIGEST_BYTES];
    sa_roster_msg msg;
    sa_roster roster;
    secagg_err err;

    SA_TRY(sa_roster_read(r, &msg, c->params));
    if (msg.count != msg.present
        || !sa_equal(msg.graph_seed, no_graph, sizeof no_graph))
        return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_roster_init(&roster, c->params->own.clients));
    err = fill(&roster, &msg);
    if (err == SECAGG_OK)
        err = check_roster(c, &roster, &msg);
    if (err == SECAGG_OK)
        err = sa_roster_digest(digest, c->params->context, msg.graph_seed,
            msg.present, msg.root);
    if (err != SECAGG_OK) {
        sa_roster_free(&roster);
        return err;
    }
    sa_roster_free(&c->roster);
    c->roster = roster;
    memcpy(c->binding.roster, digest, sizeof digest);
    return SECAGG_OK;
}

/* ---- RELAY (8.5) -------------------------------------------------------- */

/* Open one of a dealer's two shares; the share itself is not kept. */
static secagg_err open_share(const secagg_client *c, uint32_t kind,
    const sa_share_pair *pair)
{
    const sa_share_id id = { c->binding.roster, c->binding.round, kind,
        pair->peer, c->index };
    uint8_t key[SECAGG_SEED_BYTES], share[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_box_key(key, c->secret.pair[pair->peer], kind, id.round,
        pair->peer, c->index, c->roster.enc[pair->peer], c->enc);
    if (err == SECAGG_OK)
        err = sa_unseal(share, key, &id, pair->sealed[kind]);
    sa_wipe(key, sizeof key);
    sa_wipe(share, sizeof share);
    return err;
}

/* Open all; dealers of which either share fails go into bad. */
static secagg_err open_all(const secagg_client *c, const sa_relay_msg *msg,
    uint8_t *bad)
{
    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_share_pair pair = sa_share_pair_get(msg->pairs, i);
        for (uint32_t kind = SA_KIND_SELF; kind <= SA_KIND_MASK; kind++) {
            const secagg_err err = open_share(c, kind, &pair);
            if (err == SECAGG_ERR_AUTH)
                sa_map_add(bad, pair.peer);
            else if (err != SECAGG_OK)
                return err;
        }
    }
    return SECAGG_OK;
}

/* U2 within U1 with oneself in it, and a pair of exactly each peer in it. */
static bool relay_fits(const secagg_client *c, const sa_relay_msg *msg)
{
    const uint32_t n = c->params->own.clients;
    uint32_t i = 0;

    if (!sa_map_within(msg->map, c->roster.map, n)
        || !sa_map_has(msg->map, c->index))
        return false;
    for (uint32_t v = 0; v < n; v++) {
        if (!sa_map_has(msg->map, v) || !sa_client_peer(c, v))
            continue;
        if (i >= msg->count || sa_share_pair_get(msg->pairs, i).peer != v)
            return false;
        i++;
    }
    return i == msg->count;
}

/* Opens what was relayed, digests the set, and holds the floors (9.4). */
static secagg_err take_relay(secagg_client *c, const sa_relay_msg *msg,
    uint8_t *bad)
{
    const secagg_params *own = &c->params->own;
    uint8_t digest[SECAGG_DIGEST_BYTES];
    uint32_t good;

    SA_TRY(open_all(c, msg, bad));
    SA_TRY(sa_schedule_set(digest, &c->binding, own->app_digest, 2,
        own->clients, msg->map));
    good = 1 + msg->count - sa_map_count(bad, own->clients);
    if (sa_map_count(msg->map, own->clients) < own->min_survivors
        || good < own->threshold)
        return SECAGG_ERR_THRESHOLD;
    memcpy(c->u2, msg->map, sa_map_bytes(own->clients));
    memcpy(c->bad, bad, sa_map_bytes(own->clients));
    memcpy(c->h_u2, digest, sizeof digest);
    return SECAGG_OK;
}

secagg_err sa_client_recv_relay(secagg_client *c, sa_reader *r)
{
    const size_t map = sa_map_bytes(c->params->own.clients);
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
    sa_free(bad, map);
    return err;
}

/* ---- SURVIVORS (8.8) ---------------------------------------------------- */

/* Dealers in both sets whose shares opened, oneself included. */
static uint32_t good_survivors(const secagg_client *c, const uint8_t *u3)
{
    uint32_t good = 0;

    for (uint32_t v = 0; v < c->params->own.clients; v++)
        good += sa_map_has(u3, v) && !sa_map_has(c->bad, v)
            && (v == c->index || sa_client_peer(c, v));
    return good;
}

secagg_err sa_client_recv_survivors(secagg_client *c, sa_reader *r)
{
    const secagg_params *own = &c->params->own;
    sa_survivors_msg msg;

    SA_TRY(sa_survivors_read(r, &msg, c->params));
    if (!sa_map_has(msg.map, c->index)
        || !sa_map_within(msg.map, c->u2, own->clients))
        return SECAGG_ERR_MESSAGE;
    if (sa_map_count(msg.map, own->clients) < own->min_survivors
        || good_survivors(c, msg.map) < own->threshold)
        return SECAGG_ERR_THRESHOLD;
    memcpy(c->u3, msg.map, sa_map_bytes(own->clients));
    return SECAGG_OK;
}
