/* SPDX-License-Identifier: Apache-2.0 */
/* random: the only source of randomness, drawn once a handle. */
#ifndef SA_RANDOM_H
#define SA_RANDOM_H

#include <secagg/base.h>

/* Fill out with len <= 256 random bytes of the system's, or
 * SECAGG_ERR_RANDOM. */
SECAGG_MUST_CHECK secagg_err sa_random(uint8_t *out, size_t len);

#endif
