/* SPDX-License-Identifier: Apache-2.0 */
/* cohort: all clients of one session in this process, for examples that are
 * about what the server does with the sum. The values are made up, and so is
 * known what the sum must be, to the last bit. */
#ifndef COHORT_H
#define COHORT_H

#include <secagg.h>

#define COHORT_LEAST 4
#define COHORT_MOST 16

/* Steps of a value, and the modulus in which COHORT_MOST of them do not
 * overflow. */
#define COHORT_VALUE_BITS 16
#define COHORT_BITS 20

/* Told of each INPUT that the server has accepted: the planes of the vector,
 * which is the only segment and thus the end of the message. */
typedef secagg_err cohort_accepted(void *user, const uint8_t *planes);

typedef struct cohort {
    secagg_segment segment;
    secagg_params params;
    secagg_server *server;
    secagg_client *clients[COHORT_MOST];
    cohort_accepted *accepted; /* NULL: nobody is told */
    void *user;
} cohort;

/* Run a session of so many clients up to its sum. The last client is lost
 * before it sends its input, so that the server has masks of both kinds to
 * take away. False: stderr has it. */
bool cohort_run(cohort *c, uint32_t clients, uint64_t length,
    cohort_accepted *accepted, void *user);
void cohort_free(cohort *c);

/* What a range of the sum and of the mean must be: entries that are not. */
uint64_t cohort_wrong_sum(const cohort *c, uint64_t offset,
    const uint64_t *sum, size_t count);
uint64_t cohort_wrong_mean(const cohort *c, uint64_t offset,
    const float *mean, size_t count);

#endif
