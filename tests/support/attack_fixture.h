/* SPDX-License-Identifier: Apache-2.0 */
/* attack_fixture: sessions of four clients in which one client attacks the
 * server. */
#ifndef ATTACK_FIXTURE_H
#define ATTACK_FIXTURE_H

#include "support/party.h"

#define N 4 /* clients */
#define T 3 /* threshold; at most one client is corrupt */

/* Length of the server's blame list. */
uint32_t count_blamed(const secagg_server *s);

/* Check that the server rejects a message with STATE, MESSAGE or ARG, and that
 * no public getter of the server changes. The message is copied to an exact
 * allocation first. Returns the error. */
secagg_err check_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t len);

/* The same after the index and the length in the header are set to `from` and
 * `len`. `have` is the length of msg. */
void check_forged_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t have, size_t len);

/* Check that the server rejects each shorter message and many longer ones, with
 * the header unchanged and with its length field corrected. */
void check_shorter_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t len);
void check_longer_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t len);

/* Attacks the server just before, or just after, client `from` sends its valid
 * message msg. */
typedef void attack(party *p, uint32_t from, const uint8_t *msg, size_t len);

/* Run a whole session under these attacks (either may be NULL); check that it
 * ends with the exact sum of all clients and an empty blame list. */
void run_under_attack(attack *before, attack *after);

#endif
