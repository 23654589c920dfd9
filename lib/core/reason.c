/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reason.h"

#include <stdio.h>
#include <string.h>

void sa_reason_set_list(char *reason, const char *format, va_list values)
{
    if (reason != NULL)
        (void)vsnprintf(reason, SA_REASON_BYTES, format, values);
}

void sa_reason_set(char *reason, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    sa_reason_set_list(reason, format, values);
    va_end(values);
}

void sa_reason_add(char *reason, const char *format, ...)
{
    va_list values;
    size_t at;

    if (reason == NULL)
        return;
    at = strlen(reason);
    va_start(values, format);
    (void)vsnprintf(reason + at, SA_REASON_BYTES - at, format, values);
    va_end(values);
}

const char *sa_phase_name(secagg_phase phase)
{
    static const char *const names[] = { "KEYS", "SHARES", "INPUT", "CONFIRM",
        "UNMASK", "DONE", "FAILED" };
    return names[phase];
}

void sa_reason_copy(char *why, size_t why_len, const char *reason)
{
    const size_t len = strlen(reason);
    const size_t copied = len < why_len ? len : why_len - 1;

    if (why == NULL || why_len == 0)
        return;
    memcpy(why, reason, copied);
    why[copied] = '\0';
}

/* ---- refusals ----------------------------------------------------------- */

void sa_refusal_about(sa_refusal *refusal, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    (void)vsnprintf(refusal->about, sizeof refusal->about, format, values);
    va_end(values);
}

void sa_refusal_init(sa_refusal *refusal)
{
    atomic_flag_clear(&refusal->busy);
    refusal->index = SA_NO_CLIENT;
}

/* The other threads copy one sentence, and no more. */
static void lock(sa_refusal *r)
{
    while (atomic_flag_test_and_set_explicit(&r->busy, memory_order_acquire))
        ;
}

static void unlock(sa_refusal *r)
{
    atomic_flag_clear_explicit(&r->busy, memory_order_release);
}

/* If the system is at fault, a draft is of a check that had no result. */
static void keep(sa_refusal *r, uint32_t index, secagg_err error,
    const char *draft)
{
    const bool drafted = error > SECAGG_ERR_MEMORY && draft[0] != '\0';

    r->error = error;
    r->index = index;
    sa_reason_set(r->reason, "%s%s%s", r->about,
        r->about[0] != '\0' ? ": " : "",
        drafted ? draft : secagg_strerror(error));
    if (r->clause != NULL
        && (error == SECAGG_ERR_MESSAGE || error == SECAGG_ERR_AUTH))
        sa_reason_add(r->reason, " (PROTOCOL.md %s)", r->clause);
}

secagg_err sa_refusal_keep_shared(sa_refusal *refusal, uint32_t index,
    secagg_err error, const char *draft)
{
    if (error == SECAGG_OK)
        return error;
    lock(refusal);
    keep(refusal, index, error, draft);
    unlock(refusal);
    return error;
}

secagg_err sa_refusal_keep(sa_refusal *refusal, uint32_t index,
    secagg_err error)
{
    if (error != SECAGG_OK)
        keep(refusal, index, error, refusal->draft);
    refusal->draft[0] = refusal->about[0] = '\0';
    refusal->clause = NULL;
    return error;
}

secagg_err sa_refusal_get(sa_refusal *refusal, uint32_t *index, char *why,
    size_t why_len)
{
    secagg_err error;

    lock(refusal);
    error = refusal->error;
    if (index != NULL)
        *index = refusal->index;
    sa_reason_copy(why, why_len, refusal->reason);
    unlock(refusal);
    return error;
}
