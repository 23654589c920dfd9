/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_state.h"

#include "core/bits.h"
#include "core/mem.h"
#include "core/process.h"
#include "crypto/suite.h"
#include "message/msg_part.h"
#include "session/graph.h"

static secagg_err init(secagg_client *c, const secagg_params *params)
{
    char reason[SA_PROVIDER_REASON]; /* no caller reads it */
    size_t map;

    SA_TRY(sa_params_new(&c->params, params));
    SA_TRY(sa_suite_check(c->params->own.suite, reason));
    if (c->index >= c->params->own.clients)
        return SECAGG_ERR_ARG;
    c->peer_count = c->params->holders - 1;
    c->trust.n = c->params->own.clients;
    c->trust.own = c->index;
    c->trust.reason = c->refusal->draft;
    c->binding.round = c->params->own.round;
    SA_TRY(sa_input_buffer_init(&c->input, c->params,
        sa_part_head_size(c->peer_count)));
    c->input.reason = c->refusal->draft;
    map = sa_bitmap_bytes(c->params->own.clients);
    c->u2 = sa_alloc(map, 1);
    c->u3 = sa_alloc(map, 1);
    c->peers = sa_alloc(c->peer_count, sizeof *c->peers);
    c->abort = sa_alloc(sa_abort_size(c->peer_count), 1);
    return c->u2 != NULL && c->u3 != NULL && c->peers != NULL
            && c->abort != NULL
        ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

secagg_err sa_client_new(secagg_client **client, const secagg_params *params,
    uint32_t index)
{
    secagg_client *c = sa_alloc(1, sizeof *c);
    secagg_err err;

    if (c == NULL)
        return SECAGG_ERR_MEMORY;
    c->refusal = sa_alloc(1, sizeof *c->refusal);
    if (c->refusal == NULL) {
        sa_free(c);
        return SECAGG_ERR_MEMORY;
    }
    sa_refusal_init(c->refusal);
    c->index = index;
    c->process = sa_process_id();
    err = init(c, params);
    if (err == SECAGG_OK)
        *client = c;
    else
        sa_client_free(c);
    return err;
}

void sa_client_free(secagg_client *c)
{
    if (c == NULL)
        return;
    sa_client_wipe(c);
    sa_input_buffer_free(&c->input);
    sa_trust_free(&c->trust);
    sa_free(c->credential);
    sa_free(c->ids);
    sa_free(c->signatures);
    sa_free(c->peers);
    sa_free(c->message);
    sa_free(c->abort);
    sa_free(c->u2);
    sa_free(c->u3);
    sa_params_free(c->params);
    sa_free(c->refusal);
    sa_free(c);
}

void sa_client_fail(secagg_client *c, secagg_err error)
{
    const size_t head = sa_abort_head_size();
    const sa_abort_msg msg = { (uint32_t)-error, SA_ABORT_NOBODY,
        sa_client_list_complaints(c, c->abort + head), NULL };

    sa_client_wipe(c);
    c->phase = SECAGG_PHASE_FAILED;
    c->error = error;
    c->built = true;
    c->held = c->unsaved = false;
    c->due = sa_abort_write_head(c->abort, head, c->params,
                 SA_MSG_ABORT_CLIENT, c->index, &msg) == SECAGG_OK;
    c->out = c->abort;
    c->out_len = sa_abort_size(msg.complaint_count);
}

void sa_client_wipe(secagg_client *c)
{
    sa_free(c->secret.pair_prk);
    sa_wipe(&c->secret, sizeof c->secret);
    sa_input_buffer_wipe(&c->input);
}

void sa_client_wipe_input(secagg_client *c)
{
    sa_wipe(c->secret.rounding, sizeof c->secret.rounding);
    sa_wipe(c->secret.mask_key, sizeof c->secret.mask_key);
    sa_wipe(c->secret.self_secret, sizeof c->secret.self_secret);
    sa_input_buffer_wipe(&c->input);
}

secagg_err sa_client_load_peers(const secagg_client *c,
    const uint8_t graph_seed[SECAGG_SEED_BYTES], sa_peer *peers)
{
    uint32_t *list = sa_alloc(c->peer_count, sizeof *list);
    sa_graph graph = { 0 };
    secagg_err err = SECAGG_ERR_MEMORY;

    if (list != NULL)
        err = sa_graph_init(&graph, c->params->own.clients,
            c->params->own.neighbours, graph_seed);
    if (err == SECAGG_OK) {
        sa_graph_list(&graph, list, c->index);
        for (uint32_t i = 0; i < c->peer_count; i++)
            peers[i] = (sa_peer){ .index = list[i] };
    }
    sa_graph_free(&graph);
    sa_free(list);
    return err;
}

uint32_t sa_client_list_complaints(const secagg_client *c, uint8_t *list)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->peer_count; i++)
        if (c->peers[i].complaint)
            sa_complaint_put(list, count++, c->peers[i].index);
    return count;
}

uint32_t sa_client_peer_position(const secagg_client *c, uint32_t index)
{
    uint32_t low = 0, high = c->peer_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (c->peers[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

secagg_err sa_client_require_running(secagg_client *c)
{
    SA_CLIENT_REQUIRE(c->phase != SECAGG_PHASE_FAILED, SECAGG_ERR_STATE, c,
        "the session has failed: %s", secagg_strerror(c->error));
    return SECAGG_OK;
}
