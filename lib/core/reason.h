/* SPDX-License-Identifier: Apache-2.0 */
/* reason: the sentences that say why something is refused. Every refusal of the
 * library is written here, into one kind of buffer.
 *
 * A sentence has public facts only: numbers of the parameters, indices of
 * clients, counts, positions, sizes, and identifiers and sets of messages,
 * which their sender knows. It has no byte and no value of a key, a seed, a
 * share, a signature, a weight or an entry, not even of a rejected one: the
 * host has it, and its log should not. The position of a rejected entry is
 * public, because the call was refused for it; it is found by tests of which
 * only the verdict is declassified. */
#ifndef SA_REASON_H
#define SA_REASON_H

#include <secagg/base.h>

/* Every sentence fits a buffer of this size. */
#define SA_REASON_BYTES 512

#if defined(__GNUC__)
#define SA_PRINTF(text, values) __attribute__((format(printf, text, values)))
#else
#define SA_PRINTF(text, values)
#endif

/* Write a sentence, or append to it, as by printf(). `reason` has
 * SA_REASON_BYTES; NULL does nothing. A text that is too long is cut. */
void sa_reason_set(char *reason, const char *format, ...) SA_PRINTF(2, 3);
void sa_reason_add(char *reason, const char *format, ...) SA_PRINTF(2, 3);

/* Return `error` from the function unless the condition holds. `reason` gets
 * a sentence; the arguments after it are those of printf(). */
#define SA_REQUIRE(condition, error, reason, ...)                              \
    do {                                                                       \
        if (!(condition)) {                                                    \
            sa_reason_set(reason, __VA_ARGS__);                                \
            return error;                                                      \
        }                                                                      \
    } while (0)

/* Copy a reason to the host's buffer `why` of why_len bytes, cut to fit and
 * ended by a NUL. `why` may be NULL. */
void sa_reason_copy(char *why, size_t why_len, const char *reason);

/* The last refusal of a handle. All zero: none. */
typedef struct sa_refusal {
    secagg_err error;             /* SECAGG_OK: none */
    uint32_t index;               /* of the client that it is about */
    char draft[SA_REASON_BYTES];  /* the sentence of the call that runs */
    char reason[SA_REASON_BYTES]; /* the sentence of the last refusal */
} sa_refusal;

/* End a call on a handle: if it failed, keep its error and its draft, or the
 * name of the error if there is no draft. Returns `error`. */
secagg_err sa_refusal_keep(sa_refusal *refusal, uint32_t index,
    secagg_err error);

#endif
