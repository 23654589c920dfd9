/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_disputes.h"

#include "core/mem.h"

/* Counts for the rule of 9.5 (1), by client. */
typedef struct tally {
    uint32_t *first;   /* its first dispute as a dealer; one more at the end */
    uint32_t *others;  /* clients that it has counted disputes with */
    sa_dispute *list;  /* all disputes, by dealer, then holder */
    uint32_t count;    /* of them: at most clients times peers, which is below
                          2^20 * 4095 < 2^32 */
} tally;

static secagg_err tally_init(tally *t, const secagg_server *s)
{
    const size_t n = s->params->own.clients;

    *t = (tally){ 0 };
    for (size_t v = 0; v < n; v++)
        if (s->clients[v].complains)
            t->count += sa_bitmap_count(s->clients[v].complaints,
                s->peer_count);
    if (t->count == 0)
        return SECAGG_OK;
    t->first = sa_alloc(n + 1, sizeof *t->first);
    t->others = sa_alloc(n, sizeof *t->others);
    t->list = sa_alloc(t->count, sizeof *t->list);
    return t->first != NULL && t->others != NULL && t->list != NULL
        ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

/* ---- the list ----------------------------------------------------------- */

/* Count the disputes of each dealer, in first[dealer + 1]. */
static void count_by_dealer(tally *t, const secagg_server *s)
{
    for (uint32_t v = 0; v < s->params->own.clients; v++) {
        const sa_client_record *c = &s->clients[v];
        const uint32_t *peers;
        if (!c->complains)
            continue;
        peers = sa_server_peers(s, v);
        for (uint32_t i = 0; i < s->peer_count; i++)
            if (sa_bitmap_has(c->complaints, i))
                t->first[peers[i] + 1]++;
    }
    for (uint32_t u = 0; u < s->params->own.clients; u++)
        t->first[u + 1] += t->first[u];
}

/* Put the disputes in their places. Holders come in ascending order, so they
 * ascend for each dealer. `others` counts how many of each dealer are there. */
static void list_by_dealer(tally *t, const secagg_server *s)
{
    for (uint32_t v = 0; v < s->params->own.clients; v++) {
        const sa_client_record *c = &s->clients[v];
        const uint32_t *peers;
        if (!c->complains)
            continue;
        peers = sa_server_peers(s, v);
        for (uint32_t i = 0; i < s->peer_count; i++) {
            const uint32_t u = peers[i];
            if (sa_bitmap_has(c->complaints, i))
                t->list[t->first[u] + t->others[u]++] = (sa_dispute){ u, v };
        }
    }
}

/* ---- blame -------------------------------------------------------------- */

/* Returns whether a dispute has another one in front of it with the same two
 * clients, the dealer and the holder of which are the other way about. */
static bool is_second(const secagg_server *s, const sa_dispute *d)
{
    return d->dealer > d->holder
        && sa_server_complains(s, d->dealer, d->holder);
}

static void count_others(tally *t, const secagg_server *s)
{
    for (uint32_t u = 0; u < s->params->own.clients; u++)
        t->others[u] = 0;
    for (uint32_t i = 0; i < t->count; i++)
        if (!is_second(s, &t->list[i])) {
            t->others[t->list[i].dealer]++;
            t->others[t->list[i].holder]++;
        }
}

/* A client that was blamed has no count any more. */
static void uncount(tally *t, uint32_t u)
{
    if (t->others[u] > 0)
        t->others[u]--;
}

/* Take the disputes of client u out of the count: those in which it is the
 * dealer, and those in which it is the holder only. */
static void strike_out(tally *t, const secagg_server *s, uint32_t u)
{
    const sa_client_record *c = &s->clients[u];
    const uint32_t *peers = sa_server_peers(s, u);

    t->others[u] = 0;
    for (uint32_t i = t->first[u]; i < t->first[u + 1]; i++)
        uncount(t, t->list[i].holder);
    for (uint32_t i = 0; c->complains && i < s->peer_count; i++)
        if (sa_bitmap_has(c->complaints, i)
            && !sa_server_complains(s, peers[i], u))
            uncount(t, peers[i]);
}

/* Blame the clients that have disputes with exactly `most` others, the least
 * index first. No client has more. Counts only fall, so a client that is
 * behind has fewer already. Returns the most that a client can have now. */
static uint32_t blame_those_with(tally *t, secagg_server *s, uint32_t most)
{
    uint32_t next = 0;

    for (uint32_t u = 0; u < s->params->own.clients; u++) {
        if (t->others[u] == most) {
            sa_server_blame(s, u, SECAGG_ERR_AUTH);
            strike_out(t, s, u);
        } else if (t->others[u] > next) {
            next = t->others[u];
        }
    }
    return next;
}

/* Honest clients never dispute with each other, so a client with disputes with
 * more others than may lie lies itself. With `corrupt` 0 nobody should lie; a
 * single dispute still does not tell which of the two does. */
static void blame(tally *t, secagg_server *s)
{
    const uint32_t corrupt = s->params->own.corrupt;
    const uint32_t limit = corrupt > 1 ? corrupt : 1;
    uint32_t most = 2 * s->peer_count; /* as dealer and as holder */

    sa_server_clear_blame(s); /* nobody is blamed before INPUT is closed */
    while (t->count > 0 && most > limit)
        most = blame_those_with(t, s, most);
}

secagg_err sa_server_judge_disputes(secagg_server *s)
{
    tally t;
    const secagg_err err = tally_init(&t, s);

    if (err == SECAGG_OK && t.count > 0) {
        count_by_dealer(&t, s);
        list_by_dealer(&t, s);
        count_others(&t, s);
    }
    if (err == SECAGG_OK) {
        blame(&t, s);
        sa_free(s->disputes);
        s->disputes = t.list;
        s->dispute_count = t.count;
    } else {
        sa_free(t.list);
    }
    sa_free(t.first);
    sa_free(t.others);
    return err;
}
