/* SPDX-License-Identifier: Apache-2.0 */
/* server_save: the public functions that save and resume a server (PROTOCOL.md
 * 11.5). */
#include <secagg/server_save.h>

#include <string.h>

#include "core/mem.h"
#include "core/process.h"
#include "core/reason.h"
#include "core/residue.h"
#include "crypto/state_seal.h"
#include "server/server_check.h"
#include "server/server_layout.h"

/* ---- saving ------------------------------------------------------------- */

size_t secagg_server_save_size(const secagg_server *server)
{
    return sa_server_state_size(server) + SA_STATE_SEAL_EXTRA;
}

uint64_t secagg_server_generation(const secagg_server *server)
{
    return server->generation;
}

/* Write the state where its ciphertext will be: it may be as large as the sum,
 * and so has no copy. */
static secagg_err seal(const secagg_server *s, uint8_t *sealed, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES])
{
    sa_state_head head = { s->generation + 1, SA_STATE_SERVER, { 0 } };
    uint8_t *state = sealed + SA_STATE_AT;

    memcpy(head.context, s->params->context, sizeof head.context);
    SA_TRY(sa_server_state_write(s, state, len));
    return sa_state_seal(sealed, &head, state, len, key);
}

static secagg_err save(secagg_server *s, uint8_t *state, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES])
{
    const size_t size = sa_server_state_size(s);
    secagg_err err;

    SA_REQUIRE(s->process == sa_process_id(), SECAGG_ERR_STATE,
        s->refusal->draft, "the server was made in another process");
    SA_REQUIRE(len == size + SA_STATE_SEAL_EXTRA, SECAGG_ERR_SIZE,
        s->refusal->draft, "the state has %zu bytes, and the buffer %zu",
        size + SA_STATE_SEAL_EXTRA, len);
    err = seal(s, state, size, key);
    if (err != SECAGG_OK) {
        sa_wipe(state, len);
        return err;
    }
    s->generation++;
    s->unsaved = false;
    return SECAGG_OK;
}

secagg_err secagg_server_save(secagg_server *s, uint8_t *state, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES])
{
    return sa_leave(sa_refusal_keep(s->refusal, SA_NO_CLIENT,
        save(s, state, len, key)));
}

/* ---- resuming ----------------------------------------------------------- */

/* Make the server of a state that was opened, and check it. */
static secagg_err make_server(secagg_server **server,
    const sa_state_head *head, const uint8_t *state, size_t len)
{
    secagg_server *s;
    secagg_err err;

    SA_TRY(sa_server_state_read(&s, state, len));
    err = sa_server_check(s);
    if (!sa_ct_equal(s->params->context, head->context, sizeof head->context))
        err = SECAGG_ERR_MESSAGE;
    if (err != SECAGG_OK) {
        sa_server_free(s);
        return err;
    }
    s->generation = head->generation;
    *server = s;
    return SECAGG_OK;
}

static secagg_err open_state(secagg_server **server, const uint8_t *sealed,
    size_t len, const uint8_t key[SECAGG_SEED_BYTES],
    const sa_state_wanted *wanted)
{
    sa_state_head head;
    uint8_t *opened;
    secagg_err err;

    SA_TRY(sa_state_unseal(&opened, &head, sealed, len, key, wanted));
    err = make_server(server, &head, opened, len - SA_STATE_SEAL_EXTRA);
    sa_free(opened);
    return err;
}

secagg_err secagg_server_resume(secagg_server **server, const uint8_t *state,
    size_t len, const uint8_t key[SECAGG_SEED_BYTES],
    uint64_t least_generation, const secagg_params *params)
{
    sa_state_wanted wanted = { least_generation, SA_STATE_SERVER, NULL };
    sa_params *own = NULL;
    secagg_err err;

    SA_TRY(sa_init());
    if (params != NULL) {
        SA_TRY(sa_params_new(&own, params));
        wanted.context = own->context;
    }
    err = sa_leave(open_state(server, state, len, key, &wanted));
    sa_params_free(own);
    return err;
}
