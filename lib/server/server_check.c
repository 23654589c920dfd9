/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_check.h"

#include "core/mem.h"
#include "crypto/ed25519.h"
#include "crypto/scalar.h"
#include "session/lanes.h"

/* Returns the error of a rule that holds or does not. */
static secagg_err rule(bool holds)
{
    return holds ? SECAGG_OK : SECAGG_ERR_MESSAGE;
}

/* ---- phases ------------------------------------------------------------- */

/* Returns the phase after or before one in which the session goes on. */
static secagg_phase next_phase(const secagg_server *s, secagg_phase phase)
{
    const bool skips = phase == SECAGG_PHASE_INPUT
        && !sa_params_active(s->params);

    return skips ? SECAGG_PHASE_UNMASK : (secagg_phase)(phase + 1);
}

static bool is_next(const secagg_server *s, secagg_phase phase,
    secagg_phase next)
{
    return phase < SECAGG_PHASE_UNMASK && next_phase(s, phase) == next;
}

static secagg_err check_phase(const secagg_server *s)
{
    if (s->phase == SECAGG_PHASE_FAILED)
        return rule((s->error == SECAGG_ERR_THRESHOLD
                || s->error == SECAGG_ERR_CHEAT) && s->reason[0] != '\0');
    return rule(s->phase != SECAGG_PHASE_CONFIRM
        || sa_params_active(s->params));
}

/* ---- sets --------------------------------------------------------------- */

/* The sets are nested and as large as they had to be when they were fixed
 * (9.4). */
static secagg_err check_sets(const secagg_server *s)
{
    const secagg_params *own = &s->params->own;
    uint32_t confirmed = 0;

    if (s->phase > SECAGG_PHASE_KEYS && s->roster.present < s->params->min_set)
        return SECAGG_ERR_MESSAGE;
    if (s->phase >= SECAGG_PHASE_INPUT
        && (!sa_bitmap_is_subset(s->u2, s->roster.map, own->clients)
            || sa_bitmap_count(s->u2, own->clients) < s->params->min_set))
        return SECAGG_ERR_MESSAGE;
    if (s->phase <= SECAGG_PHASE_INPUT)
        return SECAGG_OK;
    if (!sa_bitmap_is_subset(s->u3, s->u2, own->clients)
        || sa_bitmap_count(s->u3, own->clients) < s->params->min_set
        || !sa_graph_connected(&s->graph, s->u3))
        return SECAGG_ERR_MESSAGE;
    for (uint32_t i = 0; i < own->clients; i++)
        confirmed += s->clients[i].confirm != NULL;
    return rule(!sa_params_active(s->params) || s->phase == SECAGG_PHASE_CONFIRM
        || confirmed >= own->threshold);
}

/* ---- how clients fell out ----------------------------------------------- */

/* Returns whether a client is in the set that a closed phase fixed. */
static bool is_member(const secagg_server *s, secagg_phase phase, uint32_t i)
{
    if (phase == SECAGG_PHASE_CONFIRM)
        return s->clients[i].confirm != NULL;
    if (phase == SECAGG_PHASE_INPUT)
        return sa_bitmap_has(s->u3, i);
    return sa_bitmap_has(phase == SECAGG_PHASE_SHARES ? s->u2 : s->roster.map,
        i);
}

/* A client fell out in the phase that it missed or, with an ABORT after its
 * answer, in the one before. Who is in has not fallen out, unless it has
 * answered this phase and then sent ABORT. */
static bool fits_session(const secagg_server *s, uint32_t i)
{
    const bool in = sa_bitmap_has(s->in, i);
    const bool aborted = sa_bitmap_has(s->aborted, i);
    secagg_phase missed = SECAGG_PHASE_KEYS, lost;

    while (missed < s->phase && is_member(s, missed, i))
        missed = next_phase(s, missed);
    if (!sa_server_is_lost(s, i))
        return in && !aborted && missed == s->phase;
    lost = (secagg_phase)(s->losses[i].after_phase - 1);
    if (in)
        return aborted && lost == s->phase && missed == s->phase
            && sa_bitmap_has(s->answered, i);
    if (is_next(s, lost, missed))
        return aborted;
    return lost == missed && (missed < s->phase || aborted);
}

/* The client is in if it has answered all; the others fell out, and before U3
 * was fixed exactly if they are not in it. */
static bool fits_sum(const secagg_server *s, uint32_t i)
{
    const bool included = sa_bitmap_has(s->u3, i);
    const uint32_t after = s->losses[i].after_phase;
    const bool aborted = sa_bitmap_has(s->aborted, i);

    if (after == 0)
        return sa_bitmap_has(s->in, i) && included && !aborted;
    return !sa_bitmap_has(s->in, i) && after <= 1 + SECAGG_PHASE_UNMASK
        && (after == 1 + SECAGG_PHASE_INPUT ? !included || aborted
                : included == (after > 1 + SECAGG_PHASE_INPUT));
}

/* Those that were in may have fallen out in the last phase. */
static bool fits_failure(const secagg_server *s, uint32_t i)
{
    const bool aborted = sa_bitmap_has(s->aborted, i);
    const bool lost = sa_server_is_lost(s, i);

    if (s->losses[i].after_phase > 1 + SECAGG_PHASE_UNMASK)
        return false;
    if (!sa_bitmap_has(s->in, i))
        return lost;
    return sa_bitmap_has(s->answered, i) ? lost == aborted : lost && !aborted;
}

static secagg_err check_losses(const secagg_server *s)
{
    const uint32_t n = s->params->own.clients;
    const bool done = s->phase == SECAGG_PHASE_DONE;

    if (!sa_bitmap_is_subset(s->answered, s->in, n)
        || (done && (sa_bitmap_count(s->answered, n) > 0
                || sa_bitmap_count(s->u3, n) < s->params->min_set)))
        return SECAGG_ERR_MESSAGE;
    for (uint32_t i = 0; i < n; i++) {
        if (s->losses[i].after_phase == 1 + SECAGG_PHASE_CONFIRM
            && !sa_params_active(s->params))
            return SECAGG_ERR_MESSAGE;
        if (!(done ? fits_sum(s, i) : s->phase == SECAGG_PHASE_FAILED
                    ? fits_failure(s, i) : fits_session(s, i)))
            return SECAGG_ERR_MESSAGE;
    }
    return SECAGG_OK;
}

/* ---- roster and trust --------------------------------------------------- */

static bool is_entry(const sa_roster *r, uint32_t i)
{
    return sa_x25519_valid(r->enc[i]) && sa_x25519_valid(r->mask[i])
        && (r->id == NULL || sa_ed25519_valid(r->id[i]))
        && (r->credential == NULL
            || r->credential[i].len <= SECAGG_CREDENTIAL_MAX);
}

/* All points and all identities are valid and distinct. */
static secagg_err check_roster(const secagg_server *s)
{
    const sa_roster *r = &s->roster;
    bool distinct, ids = true;

    for (uint32_t i = 0; i < r->n; i++)
        if (sa_bitmap_has(r->map, i) && !is_entry(r, i))
            return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_roster_distinct(r, &distinct));
    if (r->id != NULL)
        SA_TRY(sa_roster_ids_distinct(r, &ids));
    return rule(distinct && ids);
}

/* Trusted keys are valid, and no two indices have one. */
static secagg_err check_trust(const secagg_server *s)
{
    const sa_trust *trust = &s->trust;
    sa_trust again = { .n = trust->n, .own = trust->own };
    secagg_err err = SECAGG_OK;

    for (uint32_t i = 0; i < trust->n && err == SECAGG_OK; i++)
        if (sa_trust_key(trust, i) != NULL)
            err = sa_trust_add(&again, i, trust->keys[i]);
    sa_trust_free(&again);
    return err == SECAGG_ERR_ARG ? SECAGG_ERR_MESSAGE : err;
}

/* ---- complaints and parts ----------------------------------------------- */

/* A client complains of peers in U2. If its INPUT or a part of it was accepted,
 * enough other dealers are left (8.6). */
static bool are_complaints(const secagg_server *s, uint32_t i, bool sent_input)
{
    const uint8_t *complaints = s->clients[i].complaints;
    const uint32_t *peers = sa_server_peers(s, i);
    uint32_t dealers = 1;

    for (uint32_t k = 0; k < s->peer_count; k++) {
        const bool dealt = sa_bitmap_has(s->u2, peers[k]);
        if (sa_bitmap_has(complaints, k) && !dealt)
            return false;
        dealers += dealt && !sa_bitmap_has(complaints, k);
    }
    return !sent_input || dealers >= s->params->own.threshold;
}

/* No part is too short; the last one would have ended the staging (8.7). */
static bool are_parts(const secagg_server *s, uint32_t i)
{
    const sa_client_record *c = &s->clients[i];
    const uint64_t least = sa_lanes_min_part(&s->params->lanes);

    for (const sa_staged_part *p = c->staging->parts; p != NULL; p = p->next)
        if (p->blocks < least)
            return false;
    return sa_bitmap_has(s->in, i) && !sa_bitmap_has(s->answered, i);
}

static bool is_input(const secagg_server *s, uint32_t i)
{
    const sa_client_record *c = &s->clients[i];
    const bool sent = c->staging != NULL
        || (s->phase == SECAGG_PHASE_INPUT ? sa_bitmap_has(s->answered, i)
                                           : sa_bitmap_has(s->u3, i));

    if (c->staging != NULL && !are_parts(s, i))
        return false;
    if (c->complaints == NULL)
        return !sent;
    return are_complaints(s, i, sent)
        && (sent || (sa_bitmap_has(s->aborted, i)
                && s->losses[i].after_phase == 1 + SECAGG_PHASE_INPUT));
}

/* ---- opened shares ------------------------------------------------------ */

static bool is_scalar(const uint8_t bytes[SA_SC_BYTES])
{
    sa_sc scalar;
    const bool canonical = sa_sc_decode(&scalar, bytes);

    sa_wipe(&scalar, sizeof scalar);
    return canonical;
}

/* Shares are scalars, and no holder opens one that it complained of. */
static bool are_opened(const secagg_server *s, uint32_t dealer)
{
    const sa_client_record *c = &s->clients[dealer];
    const uint32_t *peers = sa_server_peers(s, dealer);
    const uint32_t kind = sa_server_kind(s, dealer);

    for (uint32_t k = 0; k < s->peer_count; k++)
        if (sa_bitmap_has(c->opened, k)
            && (sa_server_complains(s, peers[k], dealer)
                || !is_scalar(sa_server_share(s, dealer, k, kind))))
            return false;
    return true;
}

static secagg_err check_clients(const secagg_server *s)
{
    for (uint32_t i = 0; i < s->params->own.clients; i++) {
        if (s->phase >= SECAGG_PHASE_INPUT && !is_input(s, i))
            return SECAGG_ERR_MESSAGE;
        if (s->phase == SECAGG_PHASE_UNMASK
            && !is_scalar(s->clients[i].own_share))
            return SECAGG_ERR_MESSAGE;
    }
    for (uint32_t i = 0; i < s->params->own.clients; i++)
        if (s->phase == SECAGG_PHASE_UNMASK && sa_bitmap_has(s->u2, i)
            && !are_opened(s, i))
            return SECAGG_ERR_MESSAGE;
    return SECAGG_OK;
}

/* ---- blame and disputes ------------------------------------------------- */

/* A client is blamed once: with AUTH for disputes, and from UNMASK on with
 * CHEAT. */
static secagg_err check_blames(const secagg_server *s)
{
    const uint32_t n = s->params->own.clients;
    uint8_t *seen = sa_alloc(sa_bitmap_bytes(n), 1);
    bool holds = true;

    if (seen == NULL)
        return SECAGG_ERR_MEMORY;
    for (uint32_t k = 0; k < s->blame_count && holds; k++) {
        const sa_blame *b = &s->blames[k];
        holds = b->index < n && !sa_bitmap_has(seen, b->index)
            && (b->error == SECAGG_ERR_AUTH || (b->error == SECAGG_ERR_CHEAT
                && s->phase != SECAGG_PHASE_CONFIRM));
        if (holds)
            sa_bitmap_add(seen, b->index);
    }
    sa_free(seen);
    return rule(holds);
}

static bool is_dispute(const secagg_server *s, const sa_dispute *d)
{
    const uint32_t n = s->params->own.clients;

    if (d->dealer >= n || d->holder >= n || d->dealer == d->holder)
        return false;
    return s->phase >= SECAGG_PHASE_DONE
        || (sa_graph_adjacent(&s->graph, d->dealer, d->holder)
            && sa_bitmap_has(s->u2, d->dealer)
            && sa_bitmap_has(s->u2, d->holder));
}

static secagg_err check_disputes(const secagg_server *s)
{
    for (uint32_t k = 0; k < s->dispute_count; k++) {
        const sa_dispute *d = &s->disputes[k];
        if (!is_dispute(s, d))
            return SECAGG_ERR_MESSAGE;
        if (k > 0 && (d->dealer < d[-1].dealer || (d->dealer == d[-1].dealer
                && d->holder <= d[-1].holder)))
            return SECAGG_ERR_MESSAGE;
    }
    return SECAGG_OK;
}

/* ---- all ---------------------------------------------------------------- */

secagg_err sa_server_check(const secagg_server *s)
{
    SA_TRY(check_phase(s));
    if (s->phase < SECAGG_PHASE_DONE) {
        SA_TRY(check_sets(s));
        SA_TRY(check_roster(s));
        SA_TRY(check_trust(s));
        SA_TRY(check_clients(s));
    }
    SA_TRY(check_losses(s));
    SA_TRY(check_blames(s));
    return check_disputes(s);
}
