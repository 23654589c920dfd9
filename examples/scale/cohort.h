/* SPDX-License-Identifier: Apache-2.0 */
/* All clients of one session, in this process, for examples about how a server
 * reads the sum. The values are synthetic, so that the sum and the mean are
 * known exactly. */
#ifndef COHORT_H
#define COHORT_H

#include <secagg.h>

#define COHORT_MIN 4
#define COHORT_MAX 16

/* The bits of a value, and of the modulus, in which the sum of COHORT_MAX
 * values does not overflow. */
#define COHORT_VALUE_BITS 16
#define COHORT_BITS 20

/* Called for each INPUT that the server has accepted, with the planes of the
 * vector: the only segment, and the end of the message. */
typedef secagg_err cohort_accepted(void *user, const uint8_t *planes);

typedef struct cohort {
    secagg_segment segment;
    secagg_params params;
    secagg_server *server;
    secagg_client *clients[COHORT_MAX];
    cohort_accepted *accepted; /* may be NULL */
    void *user;
} cohort;

/* Run a session up to its sum. The last client drops out before it sends its
 * input, so that the server has masks of both kinds to remove. False: the
 * error is printed to stderr. */
bool cohort_run(cohort *c, uint32_t clients, uint64_t length,
    cohort_accepted *accepted, void *user);
void cohort_free(cohort *c);

/* Count the wrong entries of a range of the sum, or of the mean. */
uint64_t cohort_wrong_sum(const cohort *c, uint64_t offset,
    const uint64_t *sum, size_t count);
uint64_t cohort_wrong_mean(const cohort *c, uint64_t offset,
    const float *mean, size_t count);

#endif
