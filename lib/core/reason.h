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

#include <secagg/params.h>
#include <stdarg.h>
#include <stdatomic.h>

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

void sa_reason_set_list(char *reason, const char *format, va_list values)
    SA_PRINTF(2, 0);

/* Return `error` from the function unless the condition holds. `reason` gets
 * a sentence; the arguments after it are those of printf(). */
#define SA_REQUIRE(condition, error, reason, ...)                              \
    do {                                                                       \
        if (!(condition)) {                                                    \
            sa_reason_set(reason, __VA_ARGS__);                                \
            return error;                                                      \
        }                                                                      \
    } while (0)

/* Returns the name of a phase. */
const char *sa_phase_name(secagg_phase phase);

/* Copy a reason to the host's buffer `why` of why_len bytes, cut to fit and
 * ended by a NUL. `why` may be NULL. */
void sa_reason_copy(char *why, size_t why_len, const char *reason);

/* No client: what `index` of a refusal is if it is about none. */
#define SA_NO_CLIENT UINT32_MAX

/* The last refusal of a handle, and the sentence of the call that runs. Calls
 * that take a const handle may run at the same time: they write their sentence
 * to their stack, and the kept one is guarded. */
typedef struct sa_refusal {
    atomic_flag busy;             /* guards error, index and reason */
    secagg_err error;             /* SECAGG_OK: none */
    uint32_t index;               /* of the client that it is about */
    char reason[SA_REASON_BYTES];
    char draft[SA_REASON_BYTES];  /* by a check of the call that runs */
    char about[64];               /* what the call is about, if not empty */
    const char *clause;           /* of PROTOCOL.md, or NULL */
} sa_refusal;

/* Make a struct of zeros one without a refusal. */
void sa_refusal_init(sa_refusal *refusal);

/* Note what the call that runs is about, for the beginning of its sentence. */
void sa_refusal_about(sa_refusal *refusal, const char *format, ...)
    SA_PRINTF(2, 3);

/* End a call on a handle. If it failed, keep its error and its sentence:
 * `about`, the draft, and the clause if a message broke it. Without a draft, or
 * if the system is at fault, the sentence is that of secagg_strerror(). Returns
 * `error`. */
secagg_err sa_refusal_keep(sa_refusal *refusal, uint32_t index,
    secagg_err error);

/* The same for a call that takes a const handle, with its own draft. */
secagg_err sa_refusal_keep_shared(sa_refusal *refusal, uint32_t index,
    secagg_err error, const char *draft);

/* Give the host what was kept; see secagg_server_refusal(). `index` may be
 * NULL. */
secagg_err sa_refusal_get(sa_refusal *refusal, uint32_t *index, char *why,
    size_t why_len);

#endif
