/* SPDX-License-Identifier: Apache-2.0 */
#include "common/next_session.h"

#include "common/transport.h"

/* In a message (vectors/PROTOCOL.md 8.1, 8.12): its type, and in an ABORT the
 * number of complaints. */
enum { TYPE_AT = 2, TYPE_ABORT = 11, COMPLAINTS_AT = 48 + 6,
    ABORT_BYTES = 48 + 10 };

/* Of secagg_params_choose(), on the ring. */
enum { SECURITY_BITS = 40, FAILURE_BITS = 20 };

void attendance_message(attendance *a, uint32_t from, const uint8_t *msg,
    size_t len)
{
    if (len < ABORT_BYTES || msg[TYPE_AT] != TYPE_ABORT)
        return;
    a->aborted[from] = true;
    a->bare[from] = read_be32(msg + COMPLAINTS_AT) == 0;
}

/* From CONFIRM on secagg_server_includes() tells whose input is in the sum,
 * which a client that has left may be. */
void attendance_phase_ends(attendance *a, const secagg_server *server,
    uint32_t clients)
{
    for (uint32_t i = 0; i < clients; i++)
        if (secagg_server_includes(server, i)
            && !secagg_server_answered(server, i) && !a->aborted[i])
            a->silent[i] = true;
}

/* ---- whom to leave out --------------------------------------------------- */

static uint32_t leave_out_blamed(bool *out, const secagg_server *server)
{
    uint32_t index;
    secagg_err what;
    size_t i = 0;
    for (; secagg_server_blamed(server, i, &index, &what) == SECAGG_OK; i++)
        out[index] = true;
    return (uint32_t)i;
}

/* Returns the next pair of disputing clients after (*low, *high), in ascending
 * order of the lower index, then of the higher. The list of the server ascends
 * by dealer, and a pair may be in it twice. */
static bool next_pair(const secagg_server *server, uint32_t *low,
    uint32_t *high)
{
    uint32_t u, v, best_low = UINT32_MAX, best_high = UINT32_MAX;
    for (size_t i = 0; secagg_server_disputed(server, i, &u, &v) == SECAGG_OK;
         i++) {
        uint32_t a = u < v ? u : v, b = u < v ? v : u;
        bool after = a > *low || (a == *low && b > *high);
        if (after && (a < best_low || (a == best_low && b < best_high))) {
            best_low = a;
            best_high = b;
        }
    }
    *low = best_low;
    *high = best_high;
    return best_low != UINT32_MAX;
}

/* One of a pair cheats, and nobody knows which: both are left out, unless one
 * of them is already. */
static uint32_t leave_out_disputes(bool *out, const secagg_server *server)
{
    uint32_t low = 0, high = 0, steps = 0;
    while (next_pair(server, &low, &high))
        if (!out[low] && !out[high]) {
            out[low] = out[high] = true;
            steps++;
        }
    return steps;
}

static uint32_t leave_out_set(bool *out, const bool *set, uint32_t clients)
{
    uint32_t any = 0;
    for (uint32_t i = 0; i < clients; i++)
        if (set[i]) {
            out[i] = true;
            any = 1;
        }
    return any;
}

uint32_t next_session_leave_out(bool *out, const secagg_server *server,
    const attendance *a, uint32_t clients)
{
    for (uint32_t i = 0; i < clients; i++)
        out[i] = false;
    uint32_t steps = leave_out_blamed(out, server);
    steps += leave_out_disputes(out, server);
    if (steps > 0 || secagg_server_phase(server) == SECAGG_PHASE_DONE)
        return steps;
    steps = leave_out_set(out, a->silent, clients);
    return steps > 0 ? steps : leave_out_set(out, a->bare, clients);
}

/* ---- the parameters ------------------------------------------------------ */

bool next_session_params(secagg_params *params, uint32_t clients,
    uint32_t corrupt, double dropout, const secagg_policy *policy)
{
    params->clients = clients;
    return clients > 0
        && !secagg_params_choose(params, (double)corrupt / clients, dropout,
            SECURITY_BITS, FAILURE_BITS, policy, NULL, 0);
}
