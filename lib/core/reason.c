/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sa_reason_set(char *reason, const char *format, ...)
{
    va_list values;

    if (reason == NULL)
        return;
    va_start(values, format);
    (void)vsnprintf(reason, SA_REASON_BYTES, format, values);
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

void sa_reason_copy(char *why, size_t why_len, const char *reason)
{
    const size_t len = strlen(reason);
    const size_t copied = len < why_len ? len : why_len - 1;

    if (why == NULL || why_len == 0)
        return;
    memcpy(why, reason, copied);
    why[copied] = '\0';
}

secagg_err sa_refusal_keep(sa_refusal *refusal, uint32_t index,
    secagg_err error)
{
    if (error != SECAGG_OK) {
        const bool drafted = refusal->draft[0] != '\0';
        refusal->error = error;
        refusal->index = index;
        sa_reason_set(refusal->reason, "%s",
            drafted ? refusal->draft : secagg_strerror(error));
    }
    refusal->draft[0] = '\0';
    return error;
}
