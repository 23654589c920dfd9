/* SPDX-License-Identifier: Apache-2.0 */
/* refusal_list: the refusals of one test program, each with another cause. A
 * test provokes them one after another and states what each sentence has; in
 * the end no two of one error may have the same sentence, because the host
 * would act differently. */
#ifndef REFUSAL_LIST_H
#define REFUSAL_LIST_H

#include <check.h>

#include "support/refusals.h"

#define REFUSALS_MAX 200

typedef struct refusal {
    secagg_err error;
    char why[REFUSAL_BYTES];
} refusal;

static refusal refusals[REFUSALS_MAX];
static size_t refusal_count;

/* A function that gives the refusal of a handle. */
typedef secagg_err refusal_fn(const void *handle, char *why, size_t len);

static inline secagg_err refusal_of_client(const void *handle, char *why,
    size_t len)
{
    return secagg_client_refusal(handle, why, len);
}

static inline secagg_err refusal_of_server(const void *handle, char *why,
    size_t len)
{
    return secagg_server_refusal(handle, NULL, why, len);
}

/* Buffers of every size get the beginning of the sentence and a NUL, and no
 * byte after that changes. */
static inline void refusal_check_cuts(refusal_fn *get, const void *handle,
    const char *whole)
{
    char why[REFUSAL_BYTES + 1];

    (void)get(handle, NULL, 0);
    for (size_t len = 0; len < strlen(whole) + 3; len++) {
        const size_t kept = len <= strlen(whole) ? len : strlen(whole) + 1;
        memset(why, '#', sizeof why);
        (void)get(handle, why, len);
        ck_assert_int_eq(why[kept], '#');
        if (kept == 0)
            continue;
        ck_assert_mem_eq(why, whole, kept - 1);
        ck_assert_int_eq(why[kept - 1], '\0');
    }
}

/* Add the refusal that a handle has kept after a call returned `got`. The
 * sentence has these words. */
static inline void refusal_add(refusal_fn *get, const void *handle,
    secagg_err got, secagg_err want, const char *words)
{
    refusal *r = &refusals[refusal_count++];

    ck_assert_uint_le(refusal_count, REFUSALS_MAX);
    r->error = get(handle, r->why, sizeof r->why);
    ck_assert_msg(got == want, "%d in place of %d: %s", (int)got, (int)want,
        words);
    CHECK_REFUSAL(refusal_fault(got, r->error, r->why));
    ck_assert_msg(strstr(r->why, words) != NULL, "no '%s' in: %s", words,
        r->why);
    refusal_check_cuts(get, handle, r->why);
}

static inline void refusal_check_distinct(size_t least)
{
    ck_assert_uint_ge(refusal_count, least);
    for (size_t i = 0; i < refusal_count; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_msg(refusals[i].error != refusals[j].error
                    || strcmp(refusals[i].why, refusals[j].why) != 0,
                "two causes have this sentence: %s", refusals[i].why);
}

#endif
