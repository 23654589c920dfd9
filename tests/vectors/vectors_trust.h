/* SPDX-License-Identifier: Apache-2.0 */
/* vectors_trust: a host's verifier that is asked exactly what operations
 * announced. */
#ifndef VECTORS_TRUST_H
#define VECTORS_TRUST_H

#include "vectors/vectors.h"

/* A call of the verifier and its answer. */
typedef struct verdict {
    uint32_t index;
    const uint8_t *public_key;
    vec_bytes credential;
    const char *answer; /* name of an error, or empty */
} verdict;

/* The calls that were announced and did not come yet. */
typedef struct verifier {
    vec *v;
    verdict *calls;
    size_t next, count;
} verifier;

/* A secagg_verify_fn; `user` is a verifier. A call that was not announced fails
 * the test. */
secagg_verify_fn verifier_ask;

void verifier_announce(verifier *x, const verdict *call);

/* Fails the test if an announced call did not come. */
void verifier_check(verifier *x, const char *where);

#endif
