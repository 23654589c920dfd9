/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_advance.h"

#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "server/server_disputes.h"
#include "server/server_reason.h"
#include "server/server_unmask.h"

/* Require the minimum of U1, U2 or U3 (9.4). `message` is the type that the
 * clients of the set sent. */
static secagg_err require_min_set(secagg_server *s, const char *message)
{
    const uint32_t n = s->params->own.clients;
    const uint32_t have = sa_bitmap_count(s->answered, n);

    if (have >= s->params->min_set)
        return SECAGG_OK;
    sa_server_set_cause(s, "%" PRIu32 " of %" PRIu32 " clients sent %s; %"
        PRIu32 " are needed", have, n, message, s->params->min_set);
    return sa_server_give_up(s, SECAGG_ERR_THRESHOLD);
}

/* ---- KEYS --------------------------------------------------------------- */

/* Draw the graph when all keys are known, so that no client can choose its
 * keys by its neighbours (5.2). A complete graph has the seed zero. */
static secagg_err draw_graph(secagg_server *s, const uint8_t root[32],
    uint8_t seed[SECAGG_SEED_BYTES], sa_graph *graph)
{
    memset(seed, 0, SECAGG_SEED_BYTES);
    if (sa_params_ring(s->params))
        SA_TRY(sa_derive_graph_seed(seed, s->seed, s->params->context, root));
    return sa_graph_init(graph, s->params->own.clients,
        s->params->own.neighbours, seed);
}

secagg_err sa_server_bind_roster(secagg_server *s,
    const uint8_t root[SECAGG_DIGEST_BYTES])
{
    uint8_t digest[SECAGG_DIGEST_BYTES], seed[SECAGG_SEED_BYTES];
    sa_graph graph = { 0 };
    secagg_err err;

    err = draw_graph(s, root, seed, &graph);
    if (err == SECAGG_OK)
        err = sa_roster_digest(digest, s->params->context, seed,
            s->roster.present, root);
    if (err != SECAGG_OK) {
        sa_graph_free(&graph);
        return err;
    }
    s->graph = graph;
    memcpy(s->graph_seed, seed, sizeof seed);
    memcpy(s->roster_root, root, SECAGG_DIGEST_BYTES);
    memcpy(s->binding.roster, digest, sizeof digest);
    return SECAGG_OK;
}

/* U1 also has the clients that sent ABORT after KEYS: their keys are known. */
secagg_err sa_server_close_keys(secagg_server *s)
{
    uint8_t root[SECAGG_DIGEST_BYTES];

    SA_TRY(require_min_set(s, "KEYS"));
    SA_TRY(sa_roster_root(&s->roster, root));
    SA_TRY(sa_server_bind_roster(s, root));
    sa_trust_free(&s->trust);
    return SECAGG_OK;
}

/* ---- SHARES ------------------------------------------------------------- */

secagg_err sa_server_close_shares(secagg_server *s)
{
    const secagg_params *own = &s->params->own;
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(require_min_set(s, "SHARES"));
    SA_TRY(sa_set_digest(digest, &s->binding, own->app_digest, 2,
        own->clients, s->answered));
    SA_TRY(sa_aggregate_init(&s->aggregate, s->params));
    sa_server_drop_signatures(s);
    memcpy(s->u2, s->answered, sa_bitmap_bytes(own->clients));
    memcpy(s->h_u2, digest, sizeof digest);
    return SECAGG_OK;
}

/* ---- INPUT -------------------------------------------------------------- */

/* The survivors of a ring must be connected: each connected component of them
 * would reveal a sum of its own (5.5). */
static secagg_err require_connected(secagg_server *s)
{
    if (sa_graph_connected(&s->graph, s->answered))
        return SECAGG_OK;
    sa_server_set_cause(s, "the ring of the %" PRIu32 " survivors falls "
        "apart", sa_bitmap_count(s->answered, s->params->own.clients));
    return sa_server_give_up(s, SECAGG_ERR_THRESHOLD);
}

/* Returns whether survivor v can be counted on to open shares (9.5): it has
 * answered and sent no ABORT, and enough dealers survive whose shares it could
 * open, so that it does not end the session when it receives U3. */
static bool can_be_counted_on(const secagg_server *s, const uint8_t *u3,
    uint32_t v)
{
    const uint32_t *peers;
    uint32_t dealers = 1;

    if (!sa_bitmap_has(s->answered, v) || sa_bitmap_has(s->aborted, v))
        return false;
    peers = sa_server_peers(s, v);
    for (uint32_t i = 0; i < s->peer_count; i++)
        dealers += sa_bitmap_has(u3, peers[i])
            && !sa_bitmap_has(s->clients[v].complaints, i);
    return dealers >= sa_params_min_dealers(s->params);
}

/* If a secret of the dealer is needed, at least `threshold` of its holders
 * must be in `reliable` and not complain. The dealer is one of its holders. */
static secagg_err require_holders_of(secagg_server *s, const uint8_t *u3,
    const uint8_t *reliable, uint32_t dealer)
{
    const uint32_t *peers = sa_server_peers(s, dealer);
    const uint32_t threshold = s->params->own.threshold;
    uint32_t holders = sa_bitmap_has(reliable, dealer);

    if (!sa_server_is_needed(s, u3, dealer, peers))
        return SECAGG_OK;
    for (uint32_t i = 0; i < s->peer_count; i++)
        holders += sa_bitmap_has(reliable, peers[i])
            && !sa_server_complains(s, peers[i], dealer);
    if (holders >= threshold)
        return SECAGG_OK;
    sa_server_set_cause(s, "%" PRIu32 " holders of a secret of client %" PRIu32
        " can be counted on; %" PRIu32 " are needed", holders, dealer,
        threshold);
    return sa_server_give_up(s, SECAGG_ERR_THRESHOLD);
}

/* Require enough holders of every secret that U3 makes necessary. Otherwise
 * the session ends here, before anything is revealed (9.5). */
static secagg_err require_holders(secagg_server *s, const uint8_t *u3)
{
    const uint32_t n = s->params->own.clients;
    uint8_t *reliable = sa_alloc(sa_bitmap_bytes(n), 1);
    secagg_err err = SECAGG_OK;

    if (reliable == NULL)
        return SECAGG_ERR_MEMORY;
    for (uint32_t v = 0; v < n; v++)
        if (can_be_counted_on(s, u3, v))
            sa_bitmap_add(reliable, v);
    for (uint32_t u = 0; u < n && err == SECAGG_OK; u++)
        if (sa_bitmap_has(s->u2, u))
            err = require_holders_of(s, u3, reliable, u);
    sa_free(reliable);
    return err;
}

/* Allocate the bitmaps of the shares that UNMASK messages will open. */
static secagg_err allocate_opened(secagg_server *s)
{
    for (uint32_t u = 0; u < s->params->own.clients; u++) {
        sa_client_record *c = &s->clients[u];
        if (!sa_bitmap_has(s->u2, u) || c->opened != NULL)
            continue;
        c->opened = sa_alloc(sa_bitmap_bytes(s->peer_count), 1);
        if (c->opened == NULL)
            return SECAGG_ERR_MEMORY;
    }
    return SECAGG_OK;
}

/* Wipe the sealed shares of the kind that U3 does not require: without them no
 * later mistake can open both secrets of one client. Free the inputs of which
 * parts are missing. */
static void drop_unneeded(secagg_server *s)
{
    for (uint32_t u = 0; u < s->params->own.clients; u++) {
        sa_server_drop_staging(s, u);
        for (uint32_t i = 0; i < s->peer_count && sa_bitmap_has(s->u2, u); i++)
            sa_wipe(sa_server_share(s, u, i, !sa_server_kind(s, u)),
                SA_SEALED_SHARE_BYTES);
    }
}

/* The disputes come before all minimum numbers, so that a host knows them
 * whatever the end (9.5). */
secagg_err sa_server_close_input(secagg_server *s)
{
    const secagg_params *own = &s->params->own;
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(sa_server_judge_disputes(s));
    SA_TRY(require_min_set(s, "INPUT"));
    SA_TRY(require_connected(s));
    SA_TRY(allocate_opened(s));
    SA_TRY(sa_set_digest(digest, &s->binding, own->app_digest, 3,
        own->clients, s->answered));
    SA_TRY(require_holders(s, s->answered));
    memcpy(s->u3, s->answered, sa_bitmap_bytes(own->clients));
    memcpy(s->h_u3, digest, sizeof digest);
    drop_unneeded(s);
    return SECAGG_OK;
}

/* ---- CONFIRM ------------------------------------------------------------ */

/* At least `threshold` clients must have signed. They must include enough
 * holders of each needed secret, because no other client may open shares
 * (9.5). */
secagg_err sa_server_close_confirm(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;
    const uint32_t have = sa_bitmap_count(s->answered, n);

    if (have < s->params->own.threshold) {
        sa_server_set_cause(s, "%" PRIu32 " of %" PRIu32 " survivors sent "
            "CONFIRM; %" PRIu32 " are needed", have,
            sa_bitmap_count(s->u3, n), s->params->own.threshold);
        return sa_server_give_up(s, SECAGG_ERR_THRESHOLD);
    }
    return require_holders(s, s->u3);
}

/* ---- UNMASK ------------------------------------------------------------- */

secagg_err sa_server_close_unmask(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;
    secagg_masks *masks;
    secagg_err err;

    SA_TRY(secagg_masks_new(&masks, s->params->own.suite));
    err = sa_server_recover_masks(s, masks);
    if (err == SECAGG_OK)
        err = sa_aggregate_finish(&s->aggregate, masks,
            sa_bitmap_count(s->u3, n));
    if (err != SECAGG_OK)
        secagg_masks_free(masks);
    return err;
}
