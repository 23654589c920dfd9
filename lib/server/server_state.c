/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_state.h"

#include <string.h>

#include "core/mem.h"

/* ---- allocation --------------------------------------------------------- */

static secagg_err init(secagg_server *s, const secagg_params *params)
{
    size_t map, n;

    SA_TRY(sa_init());
    SA_TRY(sa_params_new(&s->params, params));
    n = s->params->own.clients;
    map = sa_bitmap_bytes((uint32_t)n);
    s->peer_count = s->params->holders - 1;
    s->trust.n = (uint32_t)n;
    s->trust.own = (uint32_t)n; /* no client */
    s->trust.reason = s->refusal->draft;
    s->binding.round = s->params->own.round;
    SA_TRY(sa_roster_init(&s->roster, (uint32_t)n,
        sa_params_active(s->params)));
    SA_TRY(sa_roster_index(&s->roster, s->seed));
    s->peers = sa_alloc(s->peer_count, sizeof *s->peers);
    s->in = sa_alloc(map, 1);
    s->answered = sa_alloc(map, 1);
    s->aborted = sa_alloc(map, 1);
    s->u2 = sa_alloc(map, 1);
    s->u3 = sa_alloc(map, 1);
    s->losses = sa_alloc(n, sizeof *s->losses);
    s->clients = sa_alloc(n, sizeof *s->clients);
    s->blames = sa_alloc(n, sizeof *s->blames);
    if (s->peers == NULL || s->in == NULL || s->answered == NULL
        || s->aborted == NULL || s->u2 == NULL || s->u3 == NULL
        || s->losses == NULL || s->clients == NULL || s->blames == NULL)
        return SECAGG_ERR_MEMORY;
    for (uint32_t i = 0; i < n; i++)
        sa_bitmap_add(s->in, i);
    return SECAGG_OK;
}

secagg_err sa_server_new(secagg_server **server, const secagg_params *params,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    secagg_server *s = sa_alloc(1, sizeof *s);
    secagg_err err;

    if (s == NULL)
        return SECAGG_ERR_MEMORY;
    s->refusal = sa_alloc(1, sizeof *s->refusal);
    if (s->refusal == NULL) {
        sa_free(s);
        return SECAGG_ERR_MEMORY;
    }
    sa_refusal_init(s->refusal);
    memcpy(s->seed, seed, sizeof s->seed);
    err = init(s, params);
    if (err == SECAGG_OK)
        *server = s;
    else
        sa_server_free(s);
    return err;
}

void sa_server_drop_signatures(secagg_server *s)
{
    sa_roster_drop_signatures(&s->roster);
    for (uint32_t i = 0; i < s->params->own.clients; i++) {
        sa_free(s->clients[i].credential);
        s->clients[i].credential = NULL;
    }
}

sa_staging *sa_staging_new(void)
{
    sa_staging *staging = sa_alloc(1, sizeof *staging);

    if (staging != NULL)
        staging->end = &staging->parts;
    return staging;
}

void sa_staging_append(sa_staging *staging, sa_staged_part *part,
    uint32_t blocks)
{
    part->blocks = blocks;
    *staging->end = part;
    staging->end = &part->next;
    staging->blocks += blocks;
    staging->count++;
}

void sa_server_drop_staging(secagg_server *s, uint32_t index)
{
    sa_client_record *c = &s->clients[index];
    sa_staged_part *part;

    if (c->staging == NULL)
        return;
    while ((part = c->staging->parts) != NULL) {
        c->staging->parts = part->next;
        sa_free(part);
    }
    sa_free(c->staging);
    c->staging = NULL;
}

static void free_clients(secagg_server *s)
{
    const uint32_t n = s->clients != NULL ? s->params->own.clients : 0;

    for (uint32_t i = 0; i < n; i++) {
        sa_client_record *c = &s->clients[i];
        sa_free(c->slots);
        sa_free(c->complaints);
        sa_free(c->opened);
        sa_free(c->confirm);
        sa_free(c->credential);
        sa_server_drop_staging(s, i);
    }
    sa_free(s->clients);
    s->clients = NULL;
}

void sa_server_free(secagg_server *s)
{
    if (s == NULL)
        return;
    free_clients(s);
    sa_free(s->blames);
    sa_free(s->disputes);
    sa_free(s->in);
    sa_free(s->answered);
    sa_free(s->aborted);
    sa_free(s->u2);
    sa_free(s->u3);
    sa_free(s->losses);
    sa_free(s->peers);
    sa_graph_free(&s->graph);
    sa_trust_free(&s->trust);
    sa_roster_free(&s->roster);
    sa_aggregate_free(&s->aggregate);
    sa_free(s->out);
    sa_free(s->refusal);
    sa_params_free(s->params);
    sa_free(s);
}

/* ---- failure and blame -------------------------------------------------- */

secagg_err sa_server_fail(secagg_server *s, secagg_err error)
{
    free_clients(s);
    sa_aggregate_free(&s->aggregate);
    sa_wipe(s->seed, sizeof s->seed);
    s->phase = SECAGG_PHASE_FAILED;
    s->error = error;
    return error;
}

void sa_server_lose(secagg_server *s, uint32_t index, secagg_phase phase,
    uint32_t code)
{
    s->losses[index] = (sa_loss){ (uint8_t)(1 + phase), (uint16_t)code };
}

void sa_server_count_abort(secagg_server *s, uint32_t code)
{
    s->abort_code = s->abort_count == 0 || s->abort_code == code ? code : 0;
    s->abort_count++;
}

void sa_server_blame(secagg_server *s, uint32_t index, secagg_err error)
{
    for (uint32_t i = 0; i < s->blame_count; i++)
        if (s->blames[i].index == index)
            return;
    s->blames[s->blame_count++] = (sa_blame){ index, error };
}

/* ---- shares and complaints ---------------------------------------------- */

bool sa_server_is_needed(const secagg_server *s, const uint8_t *u3,
    uint32_t dealer, const uint32_t *peers)
{
    bool needed = sa_bitmap_has(u3, dealer);

    for (uint32_t i = 0; i < s->peer_count; i++)
        needed |= sa_bitmap_has(u3, peers[i]);
    return needed;
}

uint8_t *sa_server_share(const secagg_server *s, uint32_t dealer,
    uint32_t position, uint32_t kind)
{
    return s->clients[dealer].slots + (size_t)position * SA_SLOT_BYTES
        + (size_t)kind * SA_SEALED_SHARE_BYTES;
}

/* Prefetch the records first, because the slots are found through them. */
void sa_server_prefetch(const secagg_server *s, const uint32_t *peers,
    uint32_t holder)
{
    for (uint32_t i = 0; i < s->peer_count; i++)
        sa_prefetch(&s->clients[peers[i]].slots);
    for (uint32_t i = 0; i < s->peer_count; i++) {
        const sa_client_record *c = &s->clients[peers[i]];
        const size_t at = sa_server_peer_position(s, peers[i], holder);
        if (c->slots != NULL) {
            sa_prefetch(c->slots + at * SA_SLOT_BYTES);
            sa_prefetch(c->slots + (at + 1) * SA_SLOT_BYTES - 1);
        }
        if (c->opened != NULL)
            sa_prefetch(c->opened + at / 8);
    }
}

void sa_server_set_complaints(secagg_server *s, uint32_t from,
    uint8_t *complaints)
{
    sa_client_record *c = &s->clients[from];

    c->complaints = complaints;
    c->complains = sa_bitmap_count(complaints, s->peer_count) > 0;
}

bool sa_server_complains(const secagg_server *s, uint32_t holder,
    uint32_t dealer)
{
    return holder != dealer && s->clients[holder].complains
        && sa_bitmap_has(s->clients[holder].complaints,
            sa_server_peer_position(s, holder, dealer));
}
