/* SPDX-License-Identifier: Apache-2.0 */
/* cheating_client: a client that departs from the protocol. It derives its
 * secrets from its seed and the key schedule, as its library client does, and
 * sends the shares that a test chooses in place of the library client's SHARES.
 * Works on the complete graph only. The file also has the helpers that tests of
 * cheating clients share. */
#ifndef CHEATING_CLIENT_H
#define CHEATING_CLIENT_H

#include "session/key_schedule.h"
#include "session/params.h"
#include "support/party.h"

#define CHEATER_MAX 16

typedef struct cheater {
    sa_params *params;
    uint32_t index;
    sa_binding binding;
    uint8_t prk[32], enc_key[32], mask_secret[32], self_secret[32];
    uint8_t commitment[32];
    uint8_t enc[CHEATER_MAX][32];
    bool present[CHEATER_MAX];
    /* By kind and holder: the shares that it deals (correct ones until a test
     * changes them), and whether it corrupts the sealed share. */
    uint8_t shares[2][CHEATER_MAX][32];
    bool corrupted[2][CHEATER_MAX];
} cheater;

/* Replace client `index` of a party in phase SHARES by a cheater. */
void cheater_init(cheater *l, party *p, uint32_t index);
void cheater_free(cheater *l);

/* Deal shares of `root` on a random polynomial of `threshold` coefficients. */
void cheater_split(cheater *l, uint32_t kind, const uint8_t root[32],
    uint32_t threshold, uint64_t seed);

/* Add `by` to the share that it deals to a holder. */
void cheater_shift_share(cheater *l, uint32_t kind, uint32_t holder,
    uint64_t by);

/* cheater_shares() returns its SHARES, which the caller frees;
 * cheater_send_shares() sends it to the server. */
uint8_t *cheater_shares(const cheater *l, size_t *len);
void cheater_send_shares(const cheater *l, party *p);

/* Send the INPUT of client `from` with complaints about these dealers; and its
 * UNMASK without the keys of their shares. */
void send_complaints(party *p, uint32_t from, const uint32_t *dealers,
    uint32_t count);
void send_unmask_without(party *p, uint32_t from, const uint32_t *dealers,
    uint32_t count);

/* Send the next message of a client with `count` bytes at `at` replaced. */
secagg_err send_edited(party *p, uint32_t from, size_t at,
    const uint8_t *bytes, size_t count);

/* Compute the roster root of a ROSTER with changed entries again. */
void update_roster_root(const party *p, uint8_t *msg, size_t len);

/* Add ell to the scalar of a signature: the same scalar, not canonical. */
void add_group_order(uint8_t signature[64]);

/* Check that the blame list has exactly this client, or no client. */
void check_only_blamed(const party *p, uint32_t index, secagg_err want);
void check_none_blamed(const party *p);

#endif
