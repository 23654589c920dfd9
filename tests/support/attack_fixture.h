/* SPDX-License-Identifier: Apache-2.0 */
/* attack: sessions of four under attack by a client. */
#ifndef ATTACK_FIXTURE_H
#define ATTACK_FIXTURE_H

#include "support/party.h"

#define N 4 /* clients */
#define T 3 /* threshold; one may be corrupt */

/* How many are on the blame list. */
uint32_t count_blamed(const secagg_server *s);

/* A message, copied to the end of an allocation, is refused for a reason that
 * is the sender's, and the server is as it was. Returns the reason. */
secagg_err check_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t len);

/* The same with index and length in the header made to fit. */
void check_forged_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t have, size_t len);

/* Every shorter message, and many longer ones, with the header as it is and
 * with the length in it made to fit. */
void check_shorter_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t len);
void check_longer_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t len);

/* Something that is done to the server before client `from` sends its good
 * message, or after. */
typedef void attack(party *p, uint32_t from, const uint8_t *msg, size_t len);

/* A whole session under attack (either may be NULL) ends in the exact sum of
 * all, with nobody blamed. */
void run_under_attack(attack *before, attack *after);

#endif
