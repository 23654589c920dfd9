/* SPDX-License-Identifier: Apache-2.0 */
/* partside: the mixed segments in parts. */
#ifndef PARTS_DRIVER_H
#define PARTS_DRIVER_H

#include "support/mixed_segments.h"
#include "support/session_driver.h"

#define INPUT_PART 15
#define AT_PART 36
#define AT_COMPLAINTS (PARTY_HEADER + 32)
#define AT_LAST (PARTY_HEADER + 36) /* where no dealer is bad */
#define AT_PIECES (AT_LAST + 5)
#define PIECE 20
#define PARTS_MAX 32

/* A session of the mixed segments; mixed_input() gives their blocks [from, to),
 * and the weight with the first. */
void mixed_init(driver *r, const secagg_params *params);
void mixed_input(driver *r, uint32_t i, uint64_t from, uint64_t to);

/* The integers and the weights that were summed are what was given. */
void mixed_check(const driver *r);

/* All sums of a session that is over, and the weight. */
void mixed_digest(const driver *r, uint8_t out[32]);

/* The parts of client 0, and a server that waits for them. */
typedef struct parts {
    driver r;
    uint8_t *msg[PARTS_MAX];
    size_t len[PARTS_MAX];
    uint32_t count;
} parts;

void parts_init(parts *p, uint64_t blocks);
secagg_err parts_send(parts *p, uint32_t part);

/* The others speak, and the sum is exact; client 0 is in it, or not. */
void parts_finish(parts *p, bool in);
void parts_free(parts *p);
void parts_end(parts *p, bool in); /* both */

/* The same client takes its place, having said its input whole: returned. */
uint8_t *parts_replace_by_whole(parts *p, size_t *len);

#endif
