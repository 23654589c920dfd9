/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "core/random.h"
#include "message/msg_abort.h"

/* The phases of a server (PROTOCOL.md 9.2): the message that it collects and
 * the one that opened the phase, then how it ends. In active mode SURVIVORS
 * opens CONFIRM, and SIGNATURES opens UNMASK. */
static const struct step {
    sa_msg_type expects;
    secagg_err (*recv)(secagg_server *, uint32_t, sa_reader *);
    secagg_err (*send)(const secagg_server *, uint32_t, uint8_t **, size_t *);
    secagg_err (*send_active)(const secagg_server *, uint32_t, uint8_t **,
        size_t *);
    secagg_err (*freeze)(secagg_server *);
    secagg_phase next, next_active;
} steps[] = {
    [SECAGG_PHASE_KEYS] = { SA_MSG_KEYS, sa_server_recv_keys, NULL, NULL,
        sa_server_close_keys, SECAGG_PHASE_SHARES, SECAGG_PHASE_SHARES },
    [SECAGG_PHASE_SHARES] = { SA_MSG_SHARES, sa_server_recv_shares,
        sa_server_send_roster, sa_server_send_roster,
        sa_server_close_shares, SECAGG_PHASE_INPUT, SECAGG_PHASE_INPUT },
    [SECAGG_PHASE_INPUT] = { SA_MSG_INPUT, sa_server_recv_input,
        sa_server_send_relay, sa_server_send_relay, sa_server_close_input,
        SECAGG_PHASE_UNMASK, SECAGG_PHASE_CONFIRM },
    [SECAGG_PHASE_CONFIRM] = { SA_MSG_CONFIRM, sa_server_recv_confirm, NULL,
        sa_server_send_survivors, sa_server_close_confirm,
        SECAGG_PHASE_UNMASK, SECAGG_PHASE_UNMASK },
    [SECAGG_PHASE_UNMASK] = { SA_MSG_UNMASK, sa_server_recv_unmask,
        sa_server_send_survivors, sa_server_send_signatures,
        sa_server_close_unmask, SECAGG_PHASE_DONE, SECAGG_PHASE_DONE },
    [SECAGG_PHASE_DONE] = { SA_MSG_KEYS, NULL, NULL, NULL, NULL,
        SECAGG_PHASE_DONE, SECAGG_PHASE_DONE },
    [SECAGG_PHASE_FAILED] = { SA_MSG_KEYS, NULL, sa_server_send_abort,
        sa_server_send_abort, NULL, SECAGG_PHASE_FAILED,
        SECAGG_PHASE_FAILED },
};

/* ---- making and ending -------------------------------------------------- */

static secagg_err fill(secagg_server *s, const secagg_params *params)
{
    size_t map, n;

    SA_TRY(sa_init());
    SA_TRY(sa_params_new(&s->params, params));
    n = s->params->own.clients;
    map = sa_bitmap_bytes((uint32_t)n);
    s->peer_count = s->params->holders - 1;
    s->trust.n = (uint32_t)n;
    SA_TRY(sa_roster_init(&s->roster, (uint32_t)n,
        sa_params_active(s->params)));
    SA_TRY(sa_roster_index(&s->roster, s->seed));
    s->peers = sa_alloc(s->peer_count, sizeof *s->peers);
    s->in = sa_alloc(map, 1);
    s->answered = sa_alloc(map, 1);
    s->left = sa_alloc(map, 1);
    s->u2 = sa_alloc(map, 1);
    s->u3 = sa_alloc(map, 1);
    s->members = sa_alloc(n, sizeof *s->members);
    s->blames = sa_alloc(n, sizeof *s->blames);
    if (s->peers == NULL || s->in == NULL || s->answered == NULL
        || s->left == NULL || s->u2 == NULL || s->u3 == NULL
        || s->members == NULL || s->blames == NULL)
        return SECAGG_ERR_MEMORY;
    for (uint32_t i = 0; i < n; i++)
        sa_bitmap_add(s->in, i);
    s->binding.round = s->params->own.round;
    return SECAGG_OK;
}

secagg_err secagg_server_new_seeded(secagg_server **server,
    const secagg_params *params, const uint8_t seed[SECAGG_SEED_BYTES])
{
    secagg_server *s = sa_alloc(1, sizeof *s);
    secagg_err err;

    if (s == NULL)
        return SECAGG_ERR_MEMORY;
    memcpy(s->seed, seed, sizeof s->seed);
    err = fill(s, params);
    if (err == SECAGG_OK)
        *server = s;
    else
        secagg_server_free(s);
    return err;
}

secagg_err secagg_server_new(secagg_server **server,
    const secagg_params *params)
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    SA_TRY(sa_random(seed, sizeof seed));
    err = secagg_server_new_seeded(server, params, seed);
    sa_wipe(seed, sizeof seed);
    return err;
}

static void free_members(secagg_server *s)
{
    const uint32_t n = s->members != NULL ? s->params->own.clients : 0;

    for (uint32_t i = 0; i < n; i++) {
        sa_client_record *m = &s->members[i];
        sa_free(m->slots);
        sa_free(m->bad);
        sa_free(m->opened);
        sa_free(m->confirm);
        sa_server_drop_staging(s, i);
    }
    sa_free(s->members);
    s->members = NULL;
}

void secagg_server_free(secagg_server *s)
{
    if (s == NULL)
        return;
    free_members(s);
    sa_free(s->blames);
    sa_free(s->in);
    sa_free(s->answered);
    sa_free(s->left);
    sa_free(s->u2);
    sa_free(s->u3);
    sa_free(s->peers);
    sa_graph_free(&s->graph);
    sa_trust_free(&s->trust);
    sa_roster_free(&s->roster);
    sa_aggregate_free(&s->result);
    sa_free(s->out);
    sa_params_free(s->params);
    sa_free(s);
}

secagg_err sa_server_fail(secagg_server *s, secagg_err why)
{
    free_members(s);
    sa_aggregate_free(&s->result);
    sa_wipe(s->seed, sizeof s->seed);
    s->phase = SECAGG_PHASE_FAILED;
    s->why = why;
    return why;
}

void sa_server_blame(secagg_server *s, uint32_t index, secagg_err what)
{
    for (uint32_t i = 0; i < s->blame_count; i++)
        if (s->blames[i].index == index)
            return;
    s->blames[s->blame_count++] = (sa_blame){ index, what };
}

secagg_err secagg_server_trust(secagg_server *s, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    if (!sa_params_active(s->params))
        return SECAGG_ERR_STATE;
    return sa_trust_add(&s->trust, index, public_key);
}

secagg_err secagg_server_trust_with(secagg_server *s,
    secagg_verify_fn *verify, void *user)
{
    if (!sa_params_active(s->params))
        return SECAGG_ERR_STATE;
    return sa_trust_with(&s->trust, verify, user);
}

/* ---- messages ----------------------------------------------------------- */

/* A client's ABORT makes it silent: at once, or from the next phase on where
 * its message of this one was taken already (PROTOCOL.md 8.12). */
static secagg_err recv_abort(secagg_server *s, uint32_t from, sa_reader *r)
{
    sa_abort_msg msg;

    SA_TRY(sa_abort_read(r, &msg));
    if (sa_bitmap_has(s->answered, from))
        sa_bitmap_add(s->left, from);
    else
        sa_bitmap_remove(s->in, from);
    if (s->members != NULL)
        sa_server_drop_staging(s, from);
    return SECAGG_OK;
}

/* The body of a message that may be of this phase. */
static secagg_err take(secagg_server *s, uint32_t from, sa_msg_type type,
    sa_reader *r, const uint8_t *msg, size_t len)
{
    bool last = true;

    if (sa_bitmap_has(s->answered, from))
        return SECAGG_ERR_STATE;
    if (s->phase == SECAGG_PHASE_INPUT && type == SA_MSG_INPUT_PART)
        SA_TRY(sa_server_recv_part(s, from, r, msg, len, &last));
    else if (type == steps[s->phase].expects)
        SA_TRY(steps[s->phase].recv(s, from, r));
    else
        return SECAGG_ERR_STATE;
    if (last)
        sa_bitmap_add(s->answered, from);
    return SECAGG_OK;
}

secagg_err secagg_server_recv(secagg_server *s, uint32_t from,
    const uint8_t *msg, size_t len)
{
    sa_reader r;
    sa_msg_type type;

    if (from >= s->params->own.clients)
        return SECAGG_ERR_ARG;
    if (s->phase >= SECAGG_PHASE_DONE)
        return SECAGG_ERR_STATE;
    SA_TRY(sa_header_read(&r, &type, s->params, from, true, msg, len));
    if (!sa_bitmap_has(s->in, from) || sa_bitmap_has(s->left, from))
        return SECAGG_ERR_STATE;
    if (type == SA_MSG_ABORT_CLIENT)
        return recv_abort(s, from, &r);
    return take(s, from, type, &r, msg, len);
}

uint32_t secagg_server_pending(const secagg_server *s)
{
    if (s->phase >= SECAGG_PHASE_DONE)
        return 0;
    return sa_bitmap_count(s->in, s->params->own.clients)
        - sa_bitmap_count(s->answered, s->params->own.clients);
}

secagg_err secagg_server_advance(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;

    if (s->phase >= SECAGG_PHASE_DONE)
        return SECAGG_ERR_STATE;
    SA_TRY(steps[s->phase].freeze(s));
    for (uint32_t i = 0; i < n; i++)
        if (!sa_bitmap_has(s->answered, i) || sa_bitmap_has(s->left, i))
            sa_bitmap_remove(s->in, i);
    memset(s->answered, 0, sa_bitmap_bytes(n));
    s->phase = sa_params_active(s->params) ? steps[s->phase].next_active
                                           : steps[s->phase].next;
    return SECAGG_OK;
}

secagg_err secagg_server_send(secagg_server *s, uint32_t to,
    const uint8_t **msg, size_t *len)
{
    secagg_err (*send)(const secagg_server *, uint32_t, uint8_t **, size_t *);
    uint8_t *out;
    size_t out_len;

    if (to >= s->params->own.clients)
        return SECAGG_ERR_ARG;
    send = sa_params_active(s->params) ? steps[s->phase].send_active
                                       : steps[s->phase].send;
    if (send == NULL || !sa_bitmap_has(s->in, to)) {
        *msg = NULL;
        *len = 0;
        return SECAGG_OK;
    }
    SA_TRY(send(s, to, &out, &out_len));
    sa_free(s->out);
    s->out = out;
    s->out_len = out_len;
    *msg = out;
    *len = out_len;
    return SECAGG_OK;
}

/* ---- answers ------------------------------------------------------------ */

bool secagg_server_includes(const secagg_server *s, uint32_t index)
{
    if (index >= s->params->own.clients)
        return false;
    if (s->phase >= SECAGG_PHASE_CONFIRM && s->phase <= SECAGG_PHASE_DONE)
        return sa_bitmap_has(s->u3, index);
    return sa_bitmap_has(s->in, index);
}

bool secagg_server_answered(const secagg_server *s, uint32_t index)
{
    return index < s->params->own.clients && sa_bitmap_has(s->answered, index);
}

secagg_err secagg_server_error(const secagg_server *s, char *why, size_t len)
{
    if (why != NULL && len > 0) {
        const size_t have = s->why != SECAGG_OK ? strlen(s->reason) : 0;
        const size_t take = have < len ? have : len - 1;
        memcpy(why, s->reason, take);
        why[take] = '\0';
    }
    return s->why;
}

secagg_phase secagg_server_phase(const secagg_server *s)
{
    return s->phase;
}

secagg_err secagg_server_blamed(const secagg_server *s, size_t i,
    uint32_t *index, secagg_err *what)
{
    if (i >= s->blame_count)
        return SECAGG_ERR_STATE;
    *index = s->blames[i].index;
    *what = s->blames[i].what;
    return SECAGG_OK;
}

uint32_t secagg_server_survivors(const secagg_server *s)
{
    return s->result.survivors;
}

uint64_t secagg_server_weight(const secagg_server *s)
{
    return s->result.weight;
}

secagg_err secagg_server_sum_u64(const secagg_server *s, size_t segment,
    uint64_t offset, uint64_t *out, size_t count)
{
    return sa_aggregate_read(&s->result, SA_SUM_U64, segment, offset, out,
        count);
}

secagg_err secagg_server_sum_i64(const secagg_server *s, size_t segment,
    uint64_t offset, int64_t *out, size_t count)
{
    return sa_aggregate_read(&s->result, SA_SUM_I64, segment, offset, out,
        count);
}

secagg_err secagg_server_sum_f32(const secagg_server *s, size_t segment,
    uint64_t offset, float *out, size_t count)
{
    return sa_aggregate_read(&s->result, SA_SUM_F32, segment, offset, out,
        count);
}

secagg_err secagg_server_sum_f64(const secagg_server *s, size_t segment,
    uint64_t offset, double *out, size_t count)
{
    return sa_aggregate_read(&s->result, SA_SUM_F64, segment, offset, out,
        count);
}

secagg_err secagg_server_mean_f32(const secagg_server *s, size_t segment,
    uint64_t offset, float *out, size_t count)
{
    return sa_aggregate_read(&s->result, SA_MEAN_F32, segment, offset, out,
        count);
}

secagg_err secagg_server_mean_f64(const secagg_server *s, size_t segment,
    uint64_t offset, double *out, size_t count)
{
    return sa_aggregate_read(&s->result, SA_MEAN_F64, segment, offset, out,
        count);
}

size_t secagg_server_masks_size(const secagg_server *s)
{
    return s->result.masks != NULL ? secagg_masks_encoded_size(s->result.masks)
                                   : 0;
}

secagg_err secagg_server_masks(const secagg_server *s, uint8_t *bytes,
    size_t len)
{
    if (s->result.masks == NULL)
        return SECAGG_ERR_STATE;
    return secagg_masks_encode(s->result.masks, bytes, len);
}
