/* SPDX-License-Identifier: Apache-2.0 */
/* fixture: parameters to begin with, and what a check says of them. */
#ifndef PARAMS_FIXTURE_H
#define PARAMS_FIXTURE_H

#include <check.h>
#include <secagg/params.h>
#include <stdarg.h>
#include <string.h>

/* Parameters of which a test changes one thing. */
typedef struct fixture {
    secagg_params p;
    secagg_segment s[2];
} fixture;

/* 12 clients, 4 corrupt, threshold 9; one segment of reals. */
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

/* n clients on a ring of k neighbours. */
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

static inline void check_valid(fixture *w)
{
    char why[160] = "x";

    w->p.segments = w->s;
    ck_assert_msg(secagg_params_check(&w->p, why, sizeof why) == SECAGG_OK,
        "%s", why);
    ck_assert_str_eq(why, "");
}

/* Refused by a sentence that has these words, up to NULL. */
static inline void check_invalid(fixture *w, ...)
{
    char why[160];
    va_list words;

    w->p.segments = w->s;
    ck_assert_int_eq(secagg_params_check(&w->p, why, sizeof why),
        SECAGG_ERR_ARG);
    ck_assert_uint_lt(strlen(why), sizeof why - 1); /* never cut off */
    va_start(words, w);
    for (const char *word; (word = va_arg(words, const char *)) != NULL;)
        ck_assert_msg(strstr(why, word) != NULL, "no '%s': %s", word, why);
    va_end(words);
}

#endif
