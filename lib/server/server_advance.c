/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a phase: the set of those who answered is frozen, the floors are
 * held (PROTOCOL.md 9.4), and the session ends here, with nothing revealed,
 * where it cannot end well (9.5). */
#include "server/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/share_seal.h"

/* Enough answered? The sentence names the numbers. */
static secagg_err hold_floor(secagg_server *s, const char *what)
{
    const uint32_t n = s->params->own.clients;
    const uint32_t have = sa_bitmap_count(s->answered, n);

    if (have >= s->params->min_set)
        return SECAGG_OK;
    (void)snprintf(s->reason, sizeof s->reason,
        "%" PRIu32 " of %" PRIu32 " clients sent %s; %" PRIu32
        " are needed", have, n, what, s->params->min_set);
    return sa_server_fail(s, SECAGG_ERR_THRESHOLD);
}

/* ---- KEYS --------------------------------------------------------------- */

/* Drawn once the keys stand, so that nobody chose its keys by its neighbours
 * (5.2); there is nothing to draw for a complete graph. */
static secagg_err draw_graph(secagg_server *s, const uint8_t root[32],
    uint8_t seed[SECAGG_SEED_BYTES], sa_graph *graph)
{
    memset(seed, 0, SECAGG_SEED_BYTES);
    if (sa_params_ring(s->params))
        SA_TRY(sa_derive_graph_seed(seed, s->seed, s->params->context, root));
    return sa_graph_init(graph, s->params->own.clients,
        s->params->own.neighbours, seed);
}

/* U1 is who answered: also who has left since, for its keys are known. */
secagg_err sa_server_close_keys(secagg_server *s)
{
    uint8_t root[SECAGG_DIGEST_BYTES], digest[SECAGG_DIGEST_BYTES];
    uint8_t seed[SECAGG_SEED_BYTES];
    sa_graph graph = { 0 };
    secagg_err err;

    SA_TRY(hold_floor(s, "KEYS"));
    SA_TRY(sa_roster_root(&s->roster, root));
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
    memcpy(s->root, root, sizeof root);
    memcpy(s->binding.roster, digest, sizeof digest);
    return SECAGG_OK;
}

/* ---- SHARES ------------------------------------------------------------- */

secagg_err sa_server_close_shares(secagg_server *s)
{
    const secagg_params *own = &s->params->own;
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(hold_floor(s, "SHARES"));
    SA_TRY(sa_set_digest(digest, &s->binding, own->app_digest, 2,
        own->clients, s->answered));
    SA_TRY(sa_aggregate_init(&s->result, s->params));
    memcpy(s->u2, s->answered, sa_bitmap_bytes(own->clients));
    memcpy(s->h_u2, digest, sizeof digest);
    return SECAGG_OK;
}

/* ---- INPUT -------------------------------------------------------------- */

/* Survivors whose shares a survivor will find good enough to go on (9.4). */
static uint32_t own_floor(const secagg_server *s)
{
    const secagg_params *own = &s->params->own;
    return sa_params_active(s->params) && own->min_survivors > own->threshold
        ? own->min_survivors : own->threshold;
}

/* Whether a survivor can be counted on to open shares: it has answered and
 * not left, and the survivors whose shares it holds reach its own floor. */
static bool will_answer(const secagg_server *s, const uint8_t *u3, uint32_t v)
{
    const uint32_t *peers;
    uint32_t good = 1;

    if (!sa_bitmap_has(s->answered, v) || sa_bitmap_has(s->left, v))
        return false;
    peers = sa_server_peers(s, v);
    for (uint32_t i = 0; i < s->peer_count; i++)
        good += sa_bitmap_has(u3, peers[i])
            && !sa_bitmap_has(s->members[v].bad, i);
    return good >= own_floor(s);
}

/* Holders that can be counted on for a dealer's needed secret; the dealer is
 * one of them. Zero where the secret is not needed: of a client that dropped
 * out and has no survivor among its peers. */
static uint32_t holders_of(const secagg_server *s, const uint8_t *u3,
    const uint8_t *holders, uint32_t dealer, bool *needed)
{
    const uint32_t *peers = sa_server_peers(s, dealer);
    uint32_t count = sa_bitmap_has(holders, dealer);

    *needed = sa_bitmap_has(u3, dealer);
    for (uint32_t i = 0; i < s->peer_count; i++) {
        *needed |= sa_bitmap_has(u3, peers[i]);
        count += sa_bitmap_has(holders, peers[i])
            && !sa_server_complains(s, peers[i], dealer);
    }
    return count;
}

/* Every secret that will be needed has enough holders, or none is opened. */
static secagg_err hold_dealers(secagg_server *s, const uint8_t *u3,
    const uint8_t *holders)
{
    const uint32_t threshold = s->params->own.threshold;

    for (uint32_t u = 0; u < s->params->own.clients; u++) {
        uint32_t have;
        bool needed;
        if (!sa_bitmap_has(s->u2, u))
            continue;
        have = holders_of(s, u3, holders, u, &needed);
        if (!needed || have >= threshold)
            continue;
        (void)snprintf(s->reason, sizeof s->reason,
            "%" PRIu32 " survivors hold good shares of client %" PRIu32
            "; %" PRIu32 " are needed", have, u, threshold);
        return sa_server_fail(s, SECAGG_ERR_THRESHOLD);
    }
    return SECAGG_OK;
}

/* Fail now, with nothing revealed, where the secrets of U3 could not all be
 * had from those who answered (9.5). */
static secagg_err hold_holders(secagg_server *s, const uint8_t *u3)
{
    const uint32_t n = s->params->own.clients;
    uint8_t *holders = sa_alloc(sa_bitmap_bytes(n), 1);
    secagg_err err;

    if (holders == NULL)
        return SECAGG_ERR_MEMORY;
    for (uint32_t v = 0; v < n; v++)
        if (will_answer(s, u3, v))
            sa_bitmap_add(holders, v);
    err = hold_dealers(s, u3, holders);
    sa_free(holders);
    return err;
}

/* Survivors that could not open what a dealer sealed for them. */
static uint32_t complaints_of(const secagg_server *s, uint32_t dealer)
{
    const uint32_t *peers = sa_server_peers(s, dealer);
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->peer_count; i++)
        count += sa_bitmap_has(s->answered, peers[i])
            && sa_server_complains(s, peers[i], dealer);
    return count;
}

/* Blame dealers of whom more complain than could all be lying (9.5). */
static void blame_dealers(secagg_server *s)
{
    for (uint32_t u = 0; u < s->params->own.clients; u++)
        if (sa_bitmap_has(s->u2, u)
            && complaints_of(s, u) > s->params->own.corrupt)
            sa_server_blame(s, u, SECAGG_ERR_AUTH);
}

/* A ring that falls apart would give a sum for each of its parts (5.5). */
static secagg_err hold_ring(secagg_server *s)
{
    if (sa_graph_connected(&s->graph, s->answered))
        return SECAGG_OK;
    (void)snprintf(s->reason, sizeof s->reason,
        "the ring of the %" PRIu32 " survivors falls apart",
        sa_bitmap_count(s->answered, s->params->own.clients));
    return sa_server_fail(s, SECAGG_ERR_THRESHOLD);
}

/* Room to remember whose shares are opened. */
static secagg_err ready_to_open(secagg_server *s)
{
    for (uint32_t u = 0; u < s->params->own.clients; u++) {
        sa_client_record *m = &s->members[u];
        if (!sa_bitmap_has(s->u2, u) || m->opened != NULL)
            continue;
        m->opened = sa_alloc(sa_bitmap_bytes(s->peer_count), 1);
        if (m->opened == NULL)
            return SECAGG_ERR_MEMORY;
    }
    return SECAGG_OK;
}

/* Forget the sealed shares of the kind that U3 does not ask for: with those
 * gone no later mistake can open both secrets of one client. And forget the
 * inputs that did not come whole. */
static void drop_unneeded(secagg_server *s)
{
    for (uint32_t u = 0; u < s->params->own.clients; u++) {
        sa_server_drop_staging(s, u);
        for (uint32_t i = 0; i < s->peer_count && sa_bitmap_has(s->u2, u); i++)
            sa_wipe(sa_server_slot(s, u, i, !sa_server_kind(s, u)),
                SA_SEALED_SHARE_BYTES);
    }
}

secagg_err sa_server_close_input(secagg_server *s)
{
    const secagg_params *own = &s->params->own;
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(hold_floor(s, "INPUT"));
    SA_TRY(hold_ring(s));
    SA_TRY(ready_to_open(s));
    SA_TRY(sa_set_digest(digest, &s->binding, own->app_digest, 3,
        own->clients, s->answered));
    blame_dealers(s);
    SA_TRY(hold_holders(s, s->answered));
    memcpy(s->u3, s->answered, sa_bitmap_bytes(own->clients));
    memcpy(s->h_u3, digest, sizeof digest);
    drop_unneeded(s);
    return SECAGG_OK;
}

/* ---- CONFIRM ------------------------------------------------------------ */

/* U4 is who answered: enough signed, and enough of them hold what is needed,
 * for nobody else will be asked (9.5). */
secagg_err sa_server_close_confirm(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;
    const uint32_t have = sa_bitmap_count(s->answered, n);

    if (have < s->params->own.threshold) {
        (void)snprintf(s->reason, sizeof s->reason, "%" PRIu32 " of %" PRIu32
            " survivors sent CONFIRM; %" PRIu32 " are needed", have,
            sa_bitmap_count(s->u3, n), s->params->own.threshold);
        return sa_server_fail(s, SECAGG_ERR_THRESHOLD);
    }
    return hold_holders(s, s->u3);
}

/* ---- UNMASK ------------------------------------------------------------- */

secagg_err sa_server_close_unmask(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;
    secagg_masks *masks;
    secagg_err err;

    SA_TRY(secagg_masks_new(&masks, s->params->own.suite));
    err = sa_recover_masks(s, masks);
    if (err == SECAGG_OK)
        err = sa_aggregate_finish(&s->result, masks, sa_bitmap_count(s->u3, n));
    if (err != SECAGG_OK)
        secagg_masks_free(masks);
    return err;
}
