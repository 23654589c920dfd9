/* SPDX-License-Identifier: Apache-2.0 */
/* params_fixture: valid parameters, which a test changes in one member, and
 * checks of what secagg_params_check() returns for them. */
#ifndef PARAMS_FIXTURE_H
#define PARAMS_FIXTURE_H

#include <check.h>
#include <secagg/params.h>
#include <stdarg.h>
#include <string.h>

typedef struct fixture {
    secagg_params p;
    secagg_segment s[2];
} fixture;

/* 12 clients, 4 of them corrupt, threshold 9; one segment of reals. */
static inline fixture valid_params(void)
{
    fixture w = { SECAGG_PARAMS_INIT, { { 0 } } };

    w.s[0] = (secagg_segment){ .length = 4000, .kind = SECAGG_REAL,
        .value_bits = 16, .clip = 1 };
    w.s[1] = (secagg_segment){ .length = 3, .bits = 20 };
    w.p.clients = 12;
    w.p.corrupt = 4;
    w.p.threshold = 9;
    w.p.segment_count = 1;
    return w;
}

/* n clients on a ring with k neighbours each. */
static inline fixture ring_params(uint32_t n, uint32_t k)
{
    fixture w = valid_params();

    w.p.clients = n;
    w.p.neighbours = k;
    w.p.corrupt = 0;
    w.p.threshold = k / 2 + 1;
    w.p.min_survivors = n;
    return w;
}

/* Check that parameters are accepted. */
static inline void check_valid(fixture *w)
{
    char reason[160] = "x";

    w->p.segments = w->s;
    ck_assert_msg(secagg_params_check(&w->p, reason, sizeof reason)
        == SECAGG_OK, "%s", reason);
    ck_assert_str_eq(reason, "");
}

/* Check that parameters are refused with a sentence that contains each of these
 * strings; the list ends with NULL. */
static inline void check_invalid(fixture *w, ...)
{
    char reason[160];
    va_list words;

    w->p.segments = w->s;
    ck_assert_int_eq(secagg_params_check(&w->p, reason, sizeof reason),
        SECAGG_ERR_ARG);
    ck_assert_uint_lt(strlen(reason), sizeof reason - 1); /* not truncated */
    va_start(words, w);
    for (const char *word; (word = va_arg(words, const char *)) != NULL;)
        ck_assert_msg(strstr(reason, word) != NULL, "no '%s' in: %s", word,
            reason);
    va_end(words);
}

#endif
