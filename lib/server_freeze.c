/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a phase: the set of those who answered is frozen, the floors are
 * held (PROTOCOL.md 9.4), and the session ends here, with nothing revealed,
 * where it cannot end well (9.5). */
#include "server.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bits.h"
#include "mem.h"
#include "seal.h"

/* Enough answered? The sentence names the numbers. */
static secagg_err hold_floor(secagg_server *s, const char *what)
{
    const uint32_t n = s->params->own.clients;
    const uint32_t have = sa_map_count(s->answered, n);

    if (have >= s->params->floor)
        return SECAGG_OK;
    (void)snprintf(s->reason, sizeof s->reason,
        "%" PRIu32 " of %" PRIu32 " clients sent %s; %" PRIu32
        " are needed", have, n, what, s->params->floor);
    return sa_server_fail(s, SECAGG_ERR_THRESHOLD);
}

/* ---- KEYS --------------------------------------------------------------- */

/* Drop those who left after KEYS? They stay: their keys are in the roster.
 * U1 is who answered. */
secagg_err sa_server_freeze_keys(secagg_server *s)
{
    uint8_t root[SECAGG_DIGEST_BYTES], digest[SECAGG_DIGEST_BYTES];
    uint32_t place = 0;

    SA_TRY(hold_floor(s, "KEYS"));
    SA_TRY(sa_roster_root(&s->roster, root));
    SA_TRY(sa_roster_digest(digest, s->params->context, s->graph_seed,
        s->roster.present, root));
    memcpy(s->root, root, sizeof root);
    memcpy(s->binding.roster, digest, sizeof digest);
    for (uint32_t i = 0; i < s->roster.n; i++) {
        s->members[i].place = place;
        place += sa_map_has(s->roster.map, i);
    }
    return SECAGG_OK;
}

/* ---- SHARES ------------------------------------------------------------- */

secagg_err sa_server_freeze_shares(secagg_server *s)
{
    const secagg_params *own = &s->params->own;
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(hold_floor(s, "SHARES"));
    SA_TRY(sa_schedule_set(digest, &s->binding, own->app_digest, 2,
        own->clients, s->answered));
    SA_TRY(sa_result_init(&s->result, s->params));
    memcpy(s->u2, s->answered, sa_map_bytes(own->clients));
    memcpy(s->h_u2, digest, sizeof digest);
    return SECAGG_OK;
}

/* ---- INPUT -------------------------------------------------------------- */

/* Whether a survivor can be counted on to open shares: it has not left, and
 * the survivors whose shares it holds reach its own floor. */
static bool will_answer(const secagg_server *s, uint32_t v)
{
    const uint32_t n = s->params->own.clients;
    uint32_t good = 0;

    if (!sa_map_has(s->answered, v) || sa_map_has(s->left, v))
        return false;
    for (uint32_t u = 0; u < n; u++)
        good += sa_map_has(s->answered, u)
            && !sa_map_has(s->members[v].bad, u);
    return good >= s->params->own.threshold;
}

/* Who can be counted on, as a bitmap. */
static void count_on(const secagg_server *s, uint8_t *holders)
{
    for (uint32_t v = 0; v < s->params->own.clients; v++)
        if (will_answer(s, v))
            sa_map_add(holders, v);
}

/* Holders of a dealer's needed secret among those, itself included. */
static uint32_t holders_of(const secagg_server *s, const uint8_t *holders,
    uint32_t dealer)
{
    uint32_t count = 0;

    for (uint32_t v = 0; v < s->params->own.clients; v++)
        count += sa_map_has(holders, v)
            && !sa_map_has(s->members[v].bad, dealer);
    return count;
}

/* Survivors that could not open what a dealer sealed for them. */
static uint32_t complaints_of(const secagg_server *s, uint32_t dealer)
{
    uint32_t count = 0;

    for (uint32_t v = 0; v < s->params->own.clients; v++)
        count += sa_map_has(s->answered, v)
            && sa_map_has(s->members[v].bad, dealer);
    return count;
}

/* Blame dealers of whom more complain than could all be lying (9.5). */
static void blame_dealers(secagg_server *s)
{
    for (uint32_t u = 0; u < s->params->own.clients; u++)
        if (sa_map_has(s->u2, u)
            && complaints_of(s, u) > s->params->own.corrupt)
            sa_server_blame(s, u, SECAGG_ERR_AUTH);
}

/* Every secret that will be needed has enough holders, or none is opened. */
static secagg_err hold_holders(secagg_server *s, const uint8_t *holders)
{
    const uint32_t threshold = s->params->own.threshold;

    for (uint32_t u = 0; u < s->params->own.clients; u++) {
        uint32_t have;
        if (!sa_map_has(s->u2, u))
            continue;
        have = holders_of(s, holders, u);
        if (have >= threshold)
            continue;
        (void)snprintf(s->reason, sizeof s->reason,
            "%" PRIu32 " survivors hold good shares of client %" PRIu32
            "; %" PRIu32 " are needed", have, u, threshold);
        return sa_server_fail(s, SECAGG_ERR_THRESHOLD);
    }
    return SECAGG_OK;
}

/* Room to remember whose shares are opened. */
static secagg_err ready_to_open(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;

    for (uint32_t u = 0; u < n; u++) {
        sa_member *m = &s->members[u];
        if (!sa_map_has(s->u2, u) || m->opened != NULL)
            continue;
        m->opened = sa_alloc(sa_map_bytes(n), 1);
        if (m->opened == NULL)
            return SECAGG_ERR_MEMORY;
    }
    return SECAGG_OK;
}

/* Forget the sealed shares of the kind that U3 does not ask for: with those
 * gone no later mistake can open both secrets of one client. */
static void drop_other_kind(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;

    for (uint32_t u = 0; u < n; u++)
        for (uint32_t v = 0; v < n && sa_map_has(s->u2, u); v++)
            if (v != u && sa_map_has(s->roster.map, v))
                sa_wipe(sa_server_slot(s, u, v, !sa_server_kind(s, u)),
                    SA_SEALED_BYTES);
}

secagg_err sa_server_freeze_input(secagg_server *s)
{
    const size_t map = sa_map_bytes(s->params->own.clients);
    uint8_t *holders;
    secagg_err err;

    SA_TRY(hold_floor(s, "INPUT"));
    SA_TRY(ready_to_open(s));
    holders = sa_alloc(map, 1);
    if (holders == NULL)
        return SECAGG_ERR_MEMORY;
    blame_dealers(s);
    count_on(s, holders);
    err = hold_holders(s, holders);
    sa_free(holders, map);
    SA_TRY(err);
    memcpy(s->u3, s->answered, map);
    drop_other_kind(s);
    return SECAGG_OK;
}

/* ---- UNMASK ------------------------------------------------------------- */

secagg_err sa_server_freeze_unmask(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;
    secagg_masks *masks;
    secagg_err err;

    SA_TRY(secagg_masks_new(&masks, s->params->own.suite));
    err = sa_recover_masks(s, masks);
    if (err == SECAGG_OK)
        err = sa_result_settle(&s->result, masks, sa_map_count(s->u3, n));
    if (err != SECAGG_OK)
        secagg_masks_free(masks);
    return err;
}
