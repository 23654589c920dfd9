/* SPDX-License-Identifier: Apache-2.0 */
/* server_status: the public functions that tell the host how a session stands:
 * who is in, who owes a message, who fell out, whom the server blames. */
#include <inttypes.h>
#include <string.h>

#include "server/server_state.h"

/* ---- the phase ---------------------------------------------------------- */

uint32_t secagg_server_pending(const secagg_server *s)
{
    if (s->phase >= SECAGG_PHASE_DONE)
        return 0;
    return sa_bitmap_count(s->in, s->params->own.clients)
        - sa_bitmap_count(s->answered, s->params->own.clients);
}

/* secagg_server_owing() with a sentence. */
static secagg_err list_owing(const secagg_server *s, uint8_t *bitmap,
    size_t len, char *reason)
{
    const size_t map = sa_bitmap_bytes(s->params->own.clients);

    SA_REQUIRE(len >= map, SECAGG_ERR_SIZE, reason, "the bitmap has %zu bytes, "
        "and %" PRIu32 " clients need %zu", len, s->params->own.clients, map);
    memset(bitmap, 0, len);
    for (size_t i = 0; i < map && s->phase < SECAGG_PHASE_DONE; i++)
        bitmap[i] = (uint8_t)(s->in[i] & ~s->answered[i]);
    return SECAGG_OK;
}

secagg_err secagg_server_owing(const secagg_server *s, uint8_t *bitmap,
    size_t len)
{
    char draft[SA_REASON_BYTES] = "";

    return sa_refusal_keep_shared(s->refusal, SA_NO_CLIENT,
        list_owing(s, bitmap, len, draft), draft);
}

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
    sa_reason_copy(why, len, s->error != SECAGG_OK ? s->reason : "");
    return s->error;
}

secagg_phase secagg_server_phase(const secagg_server *s)
{
    return s->phase;
}

secagg_err secagg_server_blamed(const secagg_server *s, size_t i,
    uint32_t *index, secagg_err *what)
{
    if (i >= s->blame_count)
        return SECAGG_ERR_STATE; /* the end of a list is no refusal */
    *index = s->blames[i].index;
    *what = s->blames[i].error;
    return SECAGG_OK;
}

secagg_err secagg_server_disputed(const secagg_server *s, size_t i,
    uint32_t *dealer, uint32_t *holder)
{
    if (s->phase <= SECAGG_PHASE_INPUT || i >= s->dispute_count)
        return SECAGG_ERR_STATE;
    *dealer = s->disputes[i].dealer;
    *holder = s->disputes[i].holder;
    return SECAGG_OK;
}

/* ---- clients that fell out ---------------------------------------------- */

/* Returns the error of a client's ABORT. The number is the client's to choose:
 * one that no error has becomes MESSAGE. */
static secagg_err error_of(uint32_t code)
{
    const bool known = (code >= (uint32_t)-SECAGG_ERR_ARG
            && code <= (uint32_t)-SECAGG_ERR_REPEAT)
        || (code >= (uint32_t)-SECAGG_ERR_MESSAGE
            && code <= (uint32_t)-SECAGG_ERR_CHEAT)
        || (code >= (uint32_t)-SECAGG_ERR_MEMORY
            && code <= (uint32_t)-SECAGG_ERR_CRYPTO);

    return known ? (secagg_err)-(int)code : SECAGG_ERR_MESSAGE;
}

secagg_err secagg_server_lost(const secagg_server *s, uint32_t index,
    secagg_phase *phase, secagg_err *why)
{
    if (index >= s->params->own.clients)
        return SECAGG_ERR_ARG;
    if (!sa_server_is_lost(s, index))
        return SECAGG_ERR_STATE;
    *phase = (secagg_phase)(s->losses[index].after_phase - 1);
    *why = sa_bitmap_has(s->aborted, index) ? error_of(s->losses[index].code)
                                            : SECAGG_OK;
    return SECAGG_OK;
}
