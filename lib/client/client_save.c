/* SPDX-License-Identifier: Apache-2.0 */
/* client_save: the public functions that save and resume a client (PROTOCOL.md
 * 11). */
#include <string.h>

#include "client/client_check.h"
#include "client/client_input.h"
#include "client/client_layout.h"
#include "core/mem.h"
#include "core/process.h"
#include "core/reason.h"
#include "crypto/state_seal.h"

/* ---- saving ------------------------------------------------------------- */

size_t secagg_client_save_size(const secagg_client *client)
{
    return sa_client_state_size(client) + SA_STATE_SEAL_EXTRA;
}

uint64_t secagg_client_generation(const secagg_client *client)
{
    return client->generation;
}

/* Write the state and seal it as the next generation. */
static secagg_err seal(const secagg_client *c, uint8_t *sealed, uint8_t *state,
    size_t len, const uint8_t key[SECAGG_SEED_BYTES])
{
    sa_state_head head = { c->generation + 1, c->index, { 0 } };

    memcpy(head.context, c->params->context, sizeof head.context);
    SA_TRY(sa_client_state_write(c, state, len));
    return sa_state_seal(sealed, &head, state, len, key);
}

static secagg_err save(secagg_client *c, uint8_t *state, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES])
{
    const size_t size = sa_client_state_size(c);
    secagg_err err = SECAGG_OK;
    uint8_t *plain;

    SA_CLIENT_REQUIRE(c->process == sa_process_id(), SECAGG_ERR_STATE, c,
        "the client was made in another process");
    SA_CLIENT_REQUIRE(len == size + SA_STATE_SEAL_EXTRA, SECAGG_ERR_SIZE, c,
        "the state has %zu bytes, and the buffer %zu",
        size + SA_STATE_SEAL_EXTRA, len);
    plain = sa_alloc(size, 1);
    if (plain == NULL)
        return SECAGG_ERR_MEMORY;
    if (c->phase == SECAGG_PHASE_INPUT && c->input.finished)
        err = sa_client_input_digest(c, c->input_digest);
    if (err == SECAGG_OK)
        err = seal(c, state, plain, size, key);
    sa_free(plain);
    SA_TRY(err);
    c->generation++;
    c->unsaved = false;
    return SECAGG_OK;
}

secagg_err secagg_client_save(secagg_client *c, uint8_t *state, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES])
{
    return sa_client_end(c, save(c, state, len, key));
}

/* ---- resuming ----------------------------------------------------------- */

/* Make the message that was built last due again: it may not have been sent.
 * INPUT must be built again first, from the same input, because the input is
 * not in the state. */
static secagg_err restore(secagg_client *c)
{
    const uint64_t part_blocks = c->input.part_blocks;

    c->due = c->built;
    if (c->phase == SECAGG_PHASE_FAILED)
        return SECAGG_OK;
    c->out = c->message;
    c->out_len = c->message_len;
    c->input.part_blocks = 0;
    if (part_blocks > 0)
        SA_TRY(sa_input_buffer_set_part_size(&c->input, part_blocks));
    if (c->phase != SECAGG_PHASE_INPUT)
        return SECAGG_OK;
    c->due = false;
    c->out = NULL;
    c->rebuild = c->parts > 0;
    return c->parts > 1 ? sa_input_buffer_seek(&c->input, c->parts - 1)
                        : SECAGG_OK;
}

/* Make the client of a state that was opened, and check it (check 5 of
 * 11.2). */
static secagg_err make_client(secagg_client **client,
    const sa_state_head *head, const uint8_t *state, size_t len)
{
    secagg_client *c;
    secagg_err err;

    SA_TRY(sa_client_state_read(&c, head->index, state, len));
    err = sa_client_check(c);
    if (!sa_ct_equal(c->params->context, head->context,
            sizeof head->context))
        err = SECAGG_ERR_MESSAGE;
    if (err == SECAGG_OK)
        err = restore(c);
    if (err != SECAGG_OK) {
        sa_client_free(c);
        return err;
    }
    c->generation = head->generation;
    c->resumed = true;
    *client = c;
    return SECAGG_OK;
}

static secagg_err open_state(secagg_client **client, const uint8_t *sealed,
    size_t len, const uint8_t key[SECAGG_SEED_BYTES],
    const sa_state_wanted *wanted)
{
    sa_state_head head;
    uint8_t *opened;
    secagg_err err;

    SA_TRY(sa_state_unseal(&opened, &head, sealed, len, key, wanted));
    err = make_client(client, &head, opened, len - SA_STATE_SEAL_EXTRA);
    sa_free(opened);
    return err;
}

secagg_err secagg_client_resume(secagg_client **client, const uint8_t *state,
    size_t len, const uint8_t key[SECAGG_SEED_BYTES],
    uint64_t least_generation, const secagg_params *params, int64_t index)
{
    sa_state_wanted wanted = { least_generation, index, NULL };
    sa_params *own = NULL;
    secagg_err err;

    SA_TRY(sa_init());
    if (params != NULL) {
        SA_TRY(sa_params_new(&own, params));
        wanted.context = own->context;
    }
    err = sa_leave(open_state(client, state, len, key, &wanted));
    sa_params_free(own);
    return err;
}
