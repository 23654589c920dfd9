/* SPDX-License-Identifier: Apache-2.0 */
/* parts_driver: sessions of the mixed segments whose input is sent in parts. */
#ifndef PARTS_DRIVER_H
#define PARTS_DRIVER_H

#include "support/mixed_segments.h"
#include "support/session_driver.h"

#define INPUT_PART 15
#define AT_PART 36
#define AT_COMPLAINTS (PARTY_HEADER + 32)
#define AT_FIRST (PARTY_HEADER + 36) /* if there are no complaints */
#define AT_BLOCKS (AT_FIRST + 8)
#define AT_PLANES (AT_BLOCKS + 4)
#define PARTS_MAX 32

/* mixed_init() creates a session of the mixed segments. mixed_input() passes
 * blocks [from, to) of the full vector to client i, and its weight with block
 * 0. */
void mixed_init(driver *r, const secagg_params *params);
void mixed_input(driver *r, uint32_t i, uint64_t from, uint64_t to);

/* Check the sums of the integer segments and of the weights. */
void mixed_check(const driver *r);

/* SHA-256 of all sums of a session that is over, and of the total weight. */
void mixed_digest(const driver *r, uint8_t out[32]);

/* The INPUT_PART messages of client 0, and a session in phase INPUT whose
 * server has not received them. */
typedef struct parts {
    driver r;
    uint8_t *msg[PARTS_MAX];
    size_t len[PARTS_MAX];
    uint32_t count;
} parts;

/* `blocks` is the number of blocks in each part. */
void parts_init(parts *p, uint64_t blocks);

/* Pass one part to the server. */
secagg_err parts_send(parts *p, uint32_t part);

/* Run the session to its end with the input of the other clients; check that
 * the sum is exact and includes client 0 just if `included`. */
void parts_finish(parts *p, bool included);
void parts_free(parts *p);
void parts_end(parts *p, bool included); /* finish and free */

/* Replace client 0 by an equal client that has built one INPUT message for its
 * whole input; returns that message, which the caller frees. */
uint8_t *parts_replace_by_whole(parts *p, size_t *len);

#endif
