/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_recv.h"

#include <inttypes.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "core/reason.h"
#include "crypto/ed25519.h"
#include "crypto/share_key.h"
#include "crypto/share_seal.h"
#include "crypto/x25519.h"
#include "message/msg_relay.h"
#include "message/msg_roster.h"
#include "message/msg_shares.h"
#include "message/msg_signatures.h"
#include "message/msg_survivors.h"
#include "session/graph.h"
#include "session/roster.h"

#define DEMAND(condition, ...)                                                 \
    SA_REQUIRE(condition, SECAGG_ERR_MESSAGE, reason, __VA_ARGS__)

/* A minimum number of PROTOCOL.md 9.4. */
#define ENOUGH(condition, ...)                                                 \
    SA_REQUIRE(condition, SECAGG_ERR_THRESHOLD, reason, __VA_ARGS__)

/* ---- ROSTER (8.3) ------------------------------------------------------- */

/* The contents of a ROSTER, until all of it is verified. On the ring a client
 * knows only some entries; then `roster` has them by their position in the
 * message, and is used to compare their points only. */
typedef struct candidate {
    sa_peer *peers;
    sa_roster roster;
    bool has_own; /* the entry of this client */
    sa_binding binding;
    uint8_t self_secret[32], poly_seed[2][32];
} candidate;

static bool is_own_identity(const secagg_client *c,
    const sa_identity *identity)
{
    return sa_ct_equal(identity->id, c->id, sizeof c->id)
        && sa_ct_equal(identity->signature, c->signature, sizeof c->signature)
        && identity->credential.len == c->credential_len
        && (c->credential_len == 0 || sa_ct_equal(identity->credential.ptr,
            c->credential, c->credential_len));
}

/* The own entry must be what this client sent in KEYS. */
static secagg_err verify_own(const secagg_client *c, candidate *a,
    const sa_roster_entry *e, char *reason)
{
    a->has_own = true;
    DEMAND(sa_ct_equal(e->enc, c->enc, 32) && sa_ct_equal(e->mask, c->mask, 32)
            && (!sa_params_active(c->params)
                || is_own_identity(c, &e->identity)),
        "its entry of client %" PRIu32 ", this client, is not what KEYS sent",
        c->index);
    return SECAGG_OK;
}

/* Any other entry must be that of a peer, with valid points. Entries ascend:
 * *i is the peer at which the search goes on. */
static secagg_err verify_peer(const secagg_client *c, candidate *a,
    uint32_t *i, const sa_roster_entry *e, char *reason)
{
    while (*i < c->peer_count && a->peers[*i].index < e->index)
        ++*i;
    DEMAND(*i < c->peer_count && a->peers[*i].index == e->index,
        "it has an entry of client %" PRIu32 ", which is not a neighbour",
        e->index);
    DEMAND(sa_x25519_valid(e->enc) && sa_x25519_valid(e->mask), "%s of client %"
        PRIu32 " is not a valid point",
        sa_x25519_valid(e->enc) ? "mask" : "enc", e->index);
    a->peers[*i].present = true;
    memcpy(a->peers[*i].enc, e->enc, 32);
    memcpy(a->peers[*i].mask, e->mask, 32);
    return SECAGG_OK;
}

static secagg_err verify_entries(const secagg_client *c, candidate *a,
    const sa_roster_msg *msg, char *reason)
{
    sa_reader entries = sa_roster_entries(msg);
    uint32_t peer = 0;

    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_roster_entry e = sa_roster_next_entry(&entries, c->params);
        SA_TRY(e.index == c->index ? verify_own(c, a, &e, reason)
                                   : verify_peer(c, a, &peer, &e, reason));
        sa_roster_add(&a->roster, sa_params_ring(c->params) ? i : e.index,
            e.enc, e.mask, &e.identity);
    }
    return SECAGG_OK;
}

/* All points must be distinct, and the own entry present. On a complete graph
 * the client knows all entries and verifies their Merkle root. */
static secagg_err verify_roster(const secagg_client *c, const candidate *a,
    const sa_roster_msg *msg, char *reason)
{
    uint8_t root[SECAGG_DIGEST_BYTES];
    bool distinct;

    SA_TRY(sa_roster_distinct(&a->roster, &distinct));
    DEMAND(distinct, "two of its %" PRIu32 " points are equal", 2 * msg->count);
    DEMAND(a->has_own, "it has no entry of client %" PRIu32 ", this client",
        c->index);
    if (sa_params_ring(c->params))
        return SECAGG_OK;
    SA_TRY(sa_roster_root(&a->roster, root));
    DEMAND(sa_ct_equal(root, msg->root, sizeof root), "its root is %08" PRIx32
        "..., and that of its entries %08" PRIx32 "...",
        sa_get_be32(msg->root), sa_get_be32(root));
    return SECAGG_OK;
}

/* A check of the identity in an entry of active mode. */
typedef secagg_err check_fn(const secagg_client *c, const sa_roster_entry *e);

static secagg_err check_key(const secagg_client *c, const sa_roster_entry *e)
{
    SA_REQUIRE(sa_trust_is_valid(&c->trust, e->index, e->identity.id),
        SECAGG_ERR_AUTH, c->trust.reason, "the identity of client %" PRIu32
        " is not a valid public key", e->index);
    return SECAGG_OK;
}

static secagg_err check_list(const secagg_client *c, const sa_roster_entry *e)
{
    return sa_trust_look_up(&c->trust, e->index, e->identity.id);
}

static secagg_err check_signature(const secagg_client *c,
    const sa_roster_entry *e)
{
    const secagg_err err = sa_identity_verify(c->params->context, e->index,
        e->enc, e->mask, &e->identity);

    SA_REQUIRE(err == SECAGG_OK, err, c->trust.reason, "the signature of "
        "client %" PRIu32 " is not valid under its identity", e->index);
    return SECAGG_OK;
}

static secagg_err check_callback(const secagg_client *c,
    const sa_roster_entry *e)
{
    return sa_trust_ask(&c->trust, e->index, &e->identity);
}

/* Check the entries of all other clients, in ascending order of index. */
static secagg_err check_others(const secagg_client *c,
    const sa_roster_msg *msg, check_fn *check)
{
    sa_reader entries = sa_roster_entries(msg);

    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_roster_entry e = sa_roster_next_entry(&entries, c->params);
        if (e.index != c->index)
            SA_TRY(check(c, &e));
    }
    return SECAGG_OK;
}

/* Active mode: each other client has a valid identity of its own, which is
 * trusted, and has signed its keys with it (3.5). The host's callback comes
 * last, so that it sees only credentials whose signature is valid. */
static secagg_err verify_identities(const secagg_client *c,
    const candidate *a, const sa_roster_msg *msg)
{
    bool distinct;

    SA_TRY(check_others(c, msg, check_key));
    SA_TRY(sa_roster_ids_distinct(&a->roster, &distinct));
    SA_REQUIRE(distinct, SECAGG_ERR_AUTH, c->trust.reason, "two of its %" PRIu32
        " entries have one identity", msg->count);
    SA_TRY(check_others(c, msg, check_list));
    SA_TRY(check_others(c, msg, check_signature));
    return check_others(c, msg, check_callback);
}

/* Derive H_ros, and the secrets that depend on it (3.6, 3.7). */
static secagg_err bind_secrets(const secagg_client *c, candidate *a,
    const sa_roster_msg *msg)
{
    a->binding.round = c->binding.round;
    SA_TRY(sa_roster_digest(a->binding.roster, c->params->context,
        msg->graph_seed, msg->present, msg->root));
    SA_TRY(sa_derive_self_secret(a->self_secret, c->secret.prk, &a->binding));
    for (uint32_t kind = 0; kind < 2; kind++)
        SA_TRY(sa_derive_poly_seed(a->poly_seed[kind], c->secret.prk, kind,
            &a->binding));
    return SECAGG_OK;
}

/* Store these secrets; nothing else needs PRK_u from here on (9.1). */
static void store_secrets(secagg_client *c, const candidate *a)
{
    c->binding = a->binding;
    memcpy(c->secret.self_secret, a->self_secret, sizeof a->self_secret);
    memcpy(c->secret.poly_seed, a->poly_seed, sizeof a->poly_seed);
    sa_wipe(c->secret.prk, sizeof c->secret.prk);
}

/* Keep the identities for SIGNATURES, in place of what only ROSTER needs. */
static void store_identities(secagg_client *c, candidate *a)
{
    sa_trust_free(&c->trust);
    sa_free(c->credential);
    c->credential = NULL;
    c->credential_len = 0;
    c->ids = a->roster.id;
    a->roster.id = NULL;
}

/* Verify a roster, then store it. */
static secagg_err accept_roster(secagg_client *c, candidate *a,
    const sa_roster_msg *msg, char *reason)
{
    SA_TRY(sa_client_load_peers(c, msg->graph_seed, a->peers));
    SA_TRY(verify_entries(c, a, msg, reason));
    SA_TRY(verify_roster(c, a, msg, reason));
    if (sa_params_active(c->params))
        SA_TRY(verify_identities(c, a, msg));
    ENOUGH(msg->present >= c->params->min_set, "%" PRIu32 " clients sent "
        "KEYS; %" PRIu32 " are needed", msg->present, c->params->min_set);
    ENOUGH(msg->count >= c->params->own.threshold, "%" PRIu32 " holders of the "
        "shares of this client sent KEYS; %" PRIu32 " are needed", msg->count,
        c->params->own.threshold);
    SA_TRY(bind_secrets(c, a, msg));
    memcpy(c->peers, a->peers, c->peer_count * sizeof *c->peers);
    memcpy(c->graph_seed, msg->graph_seed, sizeof c->graph_seed);
    memcpy(c->roster_root, msg->root, sizeof c->roster_root);
    c->present = msg->present;
    store_secrets(c, a);
    store_identities(c, a);
    return SECAGG_OK;
}

secagg_err sa_client_recv_roster(secagg_client *c, sa_reader *r)
{
    static const uint8_t no_graph[SECAGG_SEED_BYTES];
    const bool ring = sa_params_ring(c->params);
    candidate a = { 0 };
    char *reason = r->reason;
    sa_roster_msg msg;
    secagg_err err;

    SA_TRY(sa_roster_read(r, &msg, c->params));
    DEMAND(ring ? msg.count <= c->params->holders : msg.count == msg.present,
        "it has %" PRIu32 " entries of %" PRIu32 " clients with keys",
        msg.count, msg.present);
    DEMAND(ring || sa_ct_equal(msg.graph_seed, no_graph, sizeof no_graph),
        "it has a graph seed, and the graph is complete");
    SA_TRY(sa_roster_init(&a.roster,
        ring ? c->params->holders : c->params->own.clients,
        sa_params_active(c->params)));
    a.peers = sa_alloc(c->peer_count, sizeof *a.peers);
    err = a.peers != NULL ? accept_roster(c, &a, &msg, reason)
                           : SECAGG_ERR_MEMORY;
    sa_free(a.peers);
    sa_roster_free(&a.roster);
    sa_wipe(&a, sizeof a);
    return err;
}

/* ---- RELAY (8.5) -------------------------------------------------------- */

/* Open one share of a dealer to see that it opens; its key is all that UNMASK
 * reveals, so that the share itself is not kept. */
static secagg_err open_share(const secagg_client *c, uint32_t kind,
    uint32_t i, const sa_share_pair *pair)
{
    const sa_share_id id = { c->binding.roster, c->binding.round, kind,
        pair->peer, c->index };
    uint8_t key[SECAGG_SEED_BYTES], share[SECAGG_SEED_BYTES];
    secagg_err err;

    err = sa_share_key(key, c->secret.pair_prk[i], kind, id.round, pair->peer,
        c->index, c->peers[i].enc, c->enc);
    if (err == SECAGG_OK)
        err = sa_share_open(share, key, &id, pair->sealed[kind]);
    sa_wipe(key, sizeof key);
    sa_wipe(share, sizeof share);
    return err;
}

/* Open all shares. Dealers of which either share does not open are marked in
 * `complaints`, a bitmap over the peers, and counted. */
static secagg_err open_shares(const secagg_client *c, const sa_relay_msg *msg,
    uint8_t *complaints, uint32_t *count)
{
    *count = 0;
    for (uint32_t j = 0; j < msg->count; j++) {
        const sa_share_pair pair = sa_share_pair_get(msg->pairs, j);
        const uint32_t i = sa_client_peer_position(c, pair.peer);
        for (uint32_t kind = SA_KIND_SELF; kind <= SA_KIND_MASK; kind++) {
            const secagg_err err = open_share(c, kind, i, &pair);
            if (err == SECAGG_ERR_AUTH)
                sa_bitmap_add(complaints, i);
            else if (err != SECAGG_OK)
                return err;
        }
        *count += sa_bitmap_has(complaints, i);
    }
    return SECAGG_OK;
}

/* U2 is a subset of U1, as far as this client knows U1, and has this client;
 * there is one pair for each peer in U2, and no other. */
static secagg_err verify_dealers(const secagg_client *c,
    const sa_relay_msg *msg, char *reason)
{
    const uint32_t all = sa_bitmap_count(msg->map, c->params->own.clients);
    uint32_t j = 0;

    DEMAND(sa_bitmap_has(msg->map, c->index), "its set U2 does not have "
        "client %" PRIu32 ", this client", c->index);
    DEMAND(all <= c->present, "its set U2 has %" PRIu32 " clients, and %" PRIu32
        " sent KEYS", all, c->present);
    for (uint32_t i = 0; i < c->peer_count; i++) {
        const uint32_t v = c->peers[i].index;
        if (!sa_bitmap_has(msg->map, v))
            continue;
        DEMAND(c->peers[i].present, "its set U2 has client %" PRIu32
            ", which sent no KEYS", v);
        DEMAND(j < msg->count && sa_share_pair_get(msg->pairs, j).peer == v,
            "item %" PRIu32 " of its %" PRIu32 " pairs is not of client %"
            PRIu32 ", a neighbour in U2", j, msg->count, v);
        j++;
    }
    DEMAND(j == msg->count, "it has %" PRIu32 " pairs of %" PRIu32
        " neighbours in U2", msg->count, j);
    return SECAGG_OK;
}

/* Open the shares, require the minimum numbers, then store U2. Complaints are
 * stored first: a client below a minimum sends them in its ABORT (8.12). */
static secagg_err accept_relay(secagg_client *c, const sa_relay_msg *msg,
    uint8_t *complaints, char *reason)
{
    const uint32_t min_dealers = sa_params_min_dealers(c->params);
    const secagg_params *own = &c->params->own;
    uint8_t digest[SECAGG_DIGEST_BYTES];
    uint32_t count;

    SA_TRY(open_shares(c, msg, complaints, &count));
    SA_TRY(sa_set_digest(digest, &c->binding, own->app_digest, 2,
        own->clients, msg->map));
    for (uint32_t i = 0; i < c->peer_count; i++)
        c->peers[i].complaint = sa_bitmap_has(complaints, i);
    ENOUGH(sa_bitmap_count(msg->map, own->clients) >= own->min_survivors,
        "%" PRIu32 " clients sent SHARES; %" PRIu32 " are needed",
        sa_bitmap_count(msg->map, own->clients), own->min_survivors);
    ENOUGH(1 + msg->count - count >= min_dealers, "the shares of %" PRIu32
        " of %" PRIu32 " dealers do not open; %" PRIu32 " dealers are needed",
        count, 1 + msg->count, min_dealers);
    memcpy(c->u2, msg->map, sa_bitmap_bytes(own->clients));
    memcpy(c->h_u2, digest, sizeof digest);
    return SECAGG_OK;
}

secagg_err sa_client_recv_relay(secagg_client *c, sa_reader *r)
{
    uint8_t *complaints;
    sa_relay_msg msg;
    secagg_err err;

    SA_TRY(sa_relay_read(r, &msg, c->params));
    SA_TRY(verify_dealers(c, &msg, r->reason));
    complaints = sa_alloc(sa_bitmap_bytes(c->peer_count), 1);
    if (complaints == NULL)
        return SECAGG_ERR_MEMORY;
    err = accept_relay(c, &msg, complaints, r->reason);
    sa_free(complaints);
    return err;
}

/* ---- SURVIVORS (8.8) ---------------------------------------------------- */

uint32_t sa_client_count_dealers(const secagg_client *c, const uint8_t *map)
{
    uint32_t dealers = 1;

    for (uint32_t i = 0; i < c->peer_count; i++)
        dealers += sa_bitmap_has(map, c->peers[i].index)
            && !c->peers[i].complaint;
    return dealers;
}

secagg_err sa_client_require_connected(const secagg_client *c,
    const uint8_t *u3)
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
    char *reason = r->reason;
    sa_survivors_msg msg;
    uint32_t all, dealers;
    secagg_err err;

    SA_TRY(sa_survivors_read(r, &msg, c->params));
    all = sa_bitmap_count(msg.map, own->clients);
    dealers = sa_client_count_dealers(c, msg.map);
    DEMAND(sa_bitmap_has(msg.map, c->index), "its set U3 does not have client %"
        PRIu32 ", this client", c->index);
    DEMAND(sa_bitmap_is_subset(msg.map, c->u2, own->clients), "its set U3 of %"
        PRIu32 " clients is not within U2", all);
    ENOUGH(all >= own->min_survivors, "%" PRIu32 " clients sent INPUT; %" PRIu32
        " are needed", all, own->min_survivors);
    ENOUGH(dealers >= sa_params_min_dealers(c->params), "%" PRIu32 " dealers "
        "survive whose shares open; %" PRIu32 " are needed", dealers,
        sa_params_min_dealers(c->params));
    err = sa_client_require_connected(c, msg.map);
    SA_REQUIRE(err == SECAGG_OK, err, reason, "the ring of the %" PRIu32
        " survivors falls apart", all);
    SA_TRY(sa_set_digest(digest, &c->binding, own->app_digest, 3,
        own->clients, msg.map));
    memcpy(c->u3, msg.map, sa_bitmap_bytes(own->clients));
    memcpy(c->h_u3, digest, sizeof digest);
    sa_client_wipe_input(c);
    return SECAGG_OK;
}

/* ---- SIGNATURES (8.10) -------------------------------------------------- */

/* Returns how many other clients signed the U2 and U3 that this client knows.
 * Signatures that are not valid are skipped: they may come from a client, and
 * the server could not be blamed for them. */
static uint32_t count_valid(const secagg_client *c,
    const sa_signatures_msg *msg)
{
    uint32_t valid = 0;
    sa_signed text;

    for (uint32_t i = 0; i < msg->count; i++) {
        const sa_signed_by by = sa_signed_by_get(msg, i);
        if (by.index == c->index)
            continue;
        sa_signed_confirm(&text, c->params->context, c->binding.roster,
            c->binding.round, by.index, c->h_u2, c->h_u3);
        valid += sa_ed25519_verify(by.signature, text.text, text.len,
            c->ids[by.index]) == SECAGG_OK;
    }
    return valid;
}

/* At least `threshold` survivors, this client included, must know the same
 * survivors: then no other set can have as many (Bonawitz et al. 2017, Figure
 * 4, round 3). */
secagg_err sa_client_verify_signatures(const secagg_client *c, sa_reader *r)
{
    const uint32_t threshold = c->params->own.threshold;
    char *reason = r->reason;
    sa_signatures_msg msg;
    uint32_t valid;

    SA_TRY(sa_signatures_read(r, &msg, c->params));
    for (uint32_t i = 0; i < msg.count; i++) {
        const uint32_t signer = sa_signed_by_get(&msg, i).index;
        DEMAND(sa_bitmap_has(c->u3, signer), "it has a signature of client %"
            PRIu32 ", which is not a survivor", signer);
    }
    valid = 1 + count_valid(c, &msg);
    ENOUGH(valid >= threshold, "%" PRIu32 " survivors, this client included, "
        "have signed its U2 and U3; %" PRIu32 " are needed", valid, threshold);
    return SECAGG_OK;
}

secagg_err sa_client_recv_signatures(secagg_client *c, sa_reader *r)
{
    const sa_reader body = *r;
    uint8_t *copy;

    SA_TRY(sa_client_verify_signatures(c, r));
    copy = sa_alloc(body.left, 1);
    if (copy == NULL)
        return SECAGG_ERR_MEMORY;
    memcpy(copy, body.at, body.left);
    c->signatures = copy;
    c->signatures_len = body.left;
    return SECAGG_OK;
}
