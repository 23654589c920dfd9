/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_reason.h"

#include <inttypes.h>
#include <stdarg.h>

/* Clients that a sentence names; it only counts the others. */
#define NAMED 8

#define add(s, ...) sa_reason_add((s)->reason, __VA_ARGS__)

void sa_server_set_cause(secagg_server *s, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    sa_reason_set_list(s->reason, format, values);
    va_end(values);
}

/* ---- who is missing ----------------------------------------------------- */

static bool is_silent(const secagg_server *s, uint32_t i)
{
    return sa_bitmap_has(s->in, i) && !sa_bitmap_has(s->answered, i);
}

static void add_silent(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;
    uint32_t count = 0, named = 0;

    for (uint32_t i = 0; i < n; i++)
        count += is_silent(s, i);
    if (count == 0)
        return;
    add(s, count == 1 ? "; client" : "; clients");
    for (uint32_t i = 0; i < n && named < NAMED; i++)
        if (is_silent(s, i))
            add(s, named++ == 0 ? " %" PRIu32 : ", %" PRIu32, i);
    if (count > NAMED)
        add(s, " and %" PRIu32 " more", count - NAMED);
    add(s, " did not answer in %s", sa_phase_name(s->phase));
}

/* Returns the name of an error that a client's ABORT has; the number is the
 * client's to choose. */
static const char *code_name(uint32_t code)
{
    switch (code) {
    case -SECAGG_ERR_STATE: return " (STATE)";
    case -SECAGG_ERR_MESSAGE: return " (MESSAGE)";
    case -SECAGG_ERR_AUTH: return " (AUTH)";
    case -SECAGG_ERR_THRESHOLD: return " (THRESHOLD)";
    case -SECAGG_ERR_CHEAT: return " (CHEAT)";
    default: return "";
    }
}

static void add_aborts(secagg_server *s)
{
    if (s->abort_count > 0)
        add(s, "; %" PRIu32 " client%s gave up%s", s->abort_count,
            s->abort_count == 1 ? "" : "s", code_name(s->abort_code));
}

/* ---- disputes ----------------------------------------------------------- */

static void add_disputes(secagg_server *s)
{
    if (s->dispute_count == 1) {
        const sa_dispute *d = &s->disputes[0];
        add(s, "; clients %" PRIu32 " and %" PRIu32 " disagree about the "
            "shares that %" PRIu32 " dealt to %" PRIu32 "; at least one of "
            "them is at fault", d->dealer, d->holder, d->dealer, d->holder);
    } else if (s->dispute_count > 1) {
        add(s, "; see the disputes");
    }
}

/* ---- what was opened ---------------------------------------------------- */

static void add_opened(secagg_server *s)
{
    if (s->phase == SECAGG_PHASE_UNMASK)
        add(s, ". The sum may be known to whoever holds the messages of this "
            "session; its vectors are spent.");
    else if (s->phase == SECAGG_PHASE_CONFIRM)
        add(s, ". No secret was opened; in active mode the vectors are "
            "spent.");
    else
        add(s, ". Nothing was opened.");
}

secagg_err sa_server_give_up(secagg_server *s, secagg_err error)
{
    add_silent(s);
    add_aborts(s);
    add_disputes(s);
    add_opened(s);
    sa_reason_set(s->refusal->draft, "%s", s->reason);
    return sa_server_fail(s, error);
}
