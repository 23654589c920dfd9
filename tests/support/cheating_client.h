/* SPDX-License-Identifier: Apache-2.0 */
/* liar: a client that knows its secrets and says something else. It works
 * them out from its seed and the key schedule, on the complete graph, and
 * deals what a test tells it to. What its library client says in its place is
 * thrown away. Beside it, what tests of liars have in common. */
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
    /* What it deals, by kind and holder: the truth, until a test says
     * otherwise; and whose sealed share of a kind is spoiled. */
    uint8_t shares[2][CHEATER_MAX][32];
    bool corrupted[2][CHEATER_MAX];
} cheater;

/* A client of a party that waits for SHARES becomes a cheater; and the end. */
void cheater_init(cheater *l, party *p, uint32_t index);
void cheater_free(cheater *l);

/* It deals shares of another polynomial of this many coefficients. */
void cheater_split(cheater *l, uint32_t kind, const uint8_t root[32],
    uint32_t threshold, uint64_t seed);

/* Its share for a holder is off by some number. */
void cheater_shift_share(cheater *l, uint32_t kind, uint32_t holder,
    uint64_t by);

/* Its SHARES; the caller frees them. And the same, sent. */
uint8_t *cheater_shares(const cheater *l, size_t *len);
void cheater_send_shares(const cheater *l, party *p);

/* Client `from` says in INPUT that those dealers' shares did not open; and
 * opens, in UNMASK, all but theirs. */
void send_complaints(party *p, uint32_t from, const uint32_t *dealers,
    uint32_t count);
void send_unmask_without(party *p, uint32_t from, const uint32_t *dealers,
    uint32_t count);

/* What the client's next message is, sent with these bytes in it instead. */
secagg_err send_edited(party *p, uint32_t from, size_t at,
    const uint8_t *bytes, size_t count);

/* Make the root of a ROSTER that was changed fit its entries again. */
void update_roster_root(const party *p, uint8_t *msg, size_t len);

/* Add L to the second half of a signature: the same number, not canonical. */
void add_group_order(uint8_t signature[64]);

/* The blame list is exactly this one client, or nobody. */
void check_only_blamed(const party *p, uint32_t index, secagg_err what);
void check_none_blamed(const party *p);

#endif
