/* SPDX-License-Identifier: Apache-2.0 */
/* msg_traffic: the bytes of a whole session, summed from the sizes of its
 * messages (PROTOCOL.md 10). */
#include "core/mem.h"
#include "message/msg_confirm.h"
#include "message/msg_input.h"
#include "message/msg_keys.h"
#include "message/msg_relay.h"
#include "message/msg_roster.h"
#include "message/msg_shares.h"
#include "message/msg_signatures.h"
#include "message/msg_survivors.h"
#include "message/msg_unmask.h"

/* Returns the size of the message of a type in a session in which all clients
 * stay to the end and no client complains. */
static uint64_t size_of(sa_msg_type type, const sa_params *params)
{
    const uint32_t peers = params->holders - 1;

    switch (type) {
    case SA_MSG_KEYS: return sa_keys_size(params, 0);
    case SA_MSG_ROSTER: return sa_roster_size(params, params->holders,
        0);
    case SA_MSG_SHARES: return sa_shares_size(peers);
    case SA_MSG_RELAY: return sa_relay_size(params, peers);
    case SA_MSG_INPUT: return sa_input_size(params, 0);
    case SA_MSG_SURVIVORS: return sa_survivors_size(params);
    case SA_MSG_CONFIRM: return sa_confirm_size();
    case SA_MSG_SIGNATURES: return sa_signatures_size(params->own.clients);
    case SA_MSG_UNMASK: return sa_unmask_size(peers);
    case SA_MSG_RESULT:
    case SA_MSG_ABORT_CLIENT:
    case SA_MSG_ABORT_SERVER:
    case SA_MSG_INPUT_PART:
        break;
    }
    return 0; /* such a session has no message of this type */
}

secagg_err secagg_params_traffic(const secagg_params *params, uint64_t *up,
    uint64_t *down)
{
    sa_params *p;

    SA_TRY(sa_params_new(&p, params));
    *up = *down = 0;
    for (uint32_t code = 0; code <= SA_MSG_TYPE_MAX; code++) {
        const sa_msg_info *info = sa_msg_info_of(code);
        if (info == NULL || info->use == SA_USE_OPTIONAL
            || (info->use == SA_USE_ACTIVE && !sa_params_active(p)))
            continue;
        *(info->from_client ? up : down) += size_of((sa_msg_type)code, p);
    }
    sa_params_free(p);
    return SECAGG_OK;
}
