/* SPDX-License-Identifier: Apache-2.0 */
/* reason: sentences that say why parameters are refused. */
#ifndef SA_REASON_H
#define SA_REASON_H

#include <secagg/base.h>
#include <stdio.h>
#include <string.h>

#include "session/params_check.h"

/* Return `error` from the function unless the condition holds. `reason`, of
 * SA_REASON_BYTES, gets a sentence; the arguments after it are those of
 * printf(). */
#define SA_REQUIRE(condition, error, reason, ...)                              \
    do {                                                                       \
        if (!(condition)) {                                                    \
            (void)snprintf(reason, SA_REASON_BYTES, __VA_ARGS__);              \
            return error;                                                      \
        }                                                                      \
    } while (0)

/* Copy a reason to the host's buffer `why` of why_len bytes, cut to fit and
 * ended by a NUL. `why` may be NULL. */
static inline void sa_reason_copy(char *why, size_t why_len,
    const char *reason)
{
    const size_t len = strlen(reason);
    const size_t copied = len < why_len ? len : why_len - 1;

    if (why == NULL || why_len == 0)
        return;
    memcpy(why, reason, copied);
    why[copied] = '\0';
}

#endif
