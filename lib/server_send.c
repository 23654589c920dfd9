/* SPDX-License-Identifier: Apache-2.0 */
/* What the server says to one client: a function of the frozen sets, so that
 * the same call yields the same bytes. */
#include "server.h"

#include "bits.h"
#include "mem.h"
#include "msg_abort.h"
#include "msg_relay.h"
#include "msg_roster.h"
#include "msg_survivors.h"
#include "seal.h"

/* Hand out a buffer that was filled, or release it. */
static secagg_err give(secagg_err err, uint8_t *buffer, size_t size,
    uint8_t **out, size_t *len)
{
    if (err != SECAGG_OK) {
        sa_free(buffer, size);
        return err;
    }
    *out = buffer;
    *len = size;
    return SECAGG_OK;
}

secagg_err sa_server_send_roster(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const sa_roster_msg msg = { s->graph_seed, s->root, s->roster.present,
        s->roster.present, NULL };
    const size_t size = sa_roster_size(msg.count);
    uint8_t *buffer = sa_alloc(size, 1);
    sa_writer w = sa_writer_on(buffer, size);

    if (buffer == NULL)
        return SECAGG_ERR_MEMORY;
    sa_roster_write(&w, s->params, to, &msg);
    for (uint32_t i = 0; i < s->roster.n; i++) {
        const sa_roster_entry entry = { i, s->roster.enc[i],
            s->roster.mask[i] };
        if (sa_map_has(s->roster.map, i))
            sa_roster_put_entry(&w, &entry);
    }
    return give(sa_writer_end(&w), buffer, size, out, len);
}

secagg_err sa_server_send_relay(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const uint32_t n = s->params->own.clients;
    const sa_relay_msg msg = { s->u2, sa_map_count(s->u2, n) - 1, NULL };
    const size_t size = sa_relay_size(s->params, msg.count);
    uint8_t *buffer = sa_alloc(size, 1);
    sa_writer w = sa_writer_on(buffer, size);

    if (buffer == NULL)
        return SECAGG_ERR_MEMORY;
    sa_relay_write(&w, s->params, to, &msg);
    for (uint32_t u = 0; u < n; u++) {
        sa_share_pair pair = { u, { NULL, NULL } };
        if (u == to || !sa_map_has(s->u2, u))
            continue;
        pair.sealed[SA_KIND_SELF] = sa_server_slot(s, u, to, SA_KIND_SELF);
        pair.sealed[SA_KIND_MASK] = sa_server_slot(s, u, to, SA_KIND_MASK);
        sa_share_pair_put(&w, &pair);
    }
    return give(sa_writer_end(&w), buffer, size, out, len);
}

secagg_err sa_server_send_survivors(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const sa_survivors_msg msg = { s->u3 };
    const size_t size = sa_survivors_size(s->params);
    uint8_t *buffer = sa_alloc(size, 1);

    if (buffer == NULL)
        return SECAGG_ERR_MEMORY;
    return give(sa_survivors_write(buffer, size, s->params, to, &msg),
        buffer, size, out, len);
}

secagg_err sa_server_send_abort(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const sa_abort_msg msg = { (uint32_t)-s->why,
        s->blame_count > 0 ? s->blames[0].index : SA_ABORT_NOBODY };
    const size_t size = sa_abort_size();
    uint8_t *buffer = sa_alloc(size, 1);

    if (buffer == NULL)
        return SECAGG_ERR_MEMORY;
    return give(sa_abort_write(buffer, size, s->params, SA_ABORT_SERVER, to,
        &msg), buffer, size, out, len);
}
