/* SPDX-License-Identifier: Apache-2.0 */
/* liar: a client that knows its secrets and says something else. It works
 * them out from its seed and the key schedule, on the complete graph, and
 * deals what a test tells it to. What its library client says in its place is
 * thrown away. Beside it, what tests of liars have in common. */
#ifndef LIAR_H
#define LIAR_H

#include "session/key_schedule.h"
#include "session/params.h"
#include "support/party.h"

#define LIAR_MAX 16

typedef struct liar {
    sa_params *params;
    uint32_t index;
    sa_binding binding;
    uint8_t prk[32], enc_key[32], mask_root[32], self_root[32];
    uint8_t commitment[32];
    uint8_t enc[LIAR_MAX][32];
    bool present[LIAR_MAX];
    /* What it deals, by kind and holder: the truth, until a test says
     * otherwise; and whose sealed share of a kind is spoiled. */
    uint8_t shares[2][LIAR_MAX][32];
    bool spoiled[2][LIAR_MAX];
} liar;

/* A client of a party that waits for SHARES becomes a liar; and the end. */
void liar_be(liar *l, party *p, uint32_t index);
void liar_free(liar *l);

/* It deals shares of another polynomial of this many coefficients. */
void liar_split(liar *l, uint32_t kind, const uint8_t root[32],
    uint32_t threshold, uint64_t seed);

/* Its share for a holder is off by some number. */
void liar_shift(liar *l, uint32_t kind, uint32_t holder, uint64_t by);

/* Its SHARES; the caller frees them. And the same, sent. */
uint8_t *liar_shares(const liar *l, size_t *len);
void liar_deal(const liar *l, party *p);

/* Client `from` says in INPUT that those dealers' shares did not open; and
 * opens, in UNMASK, all but theirs. */
void liar_accuse(party *p, uint32_t from, const uint32_t *dealers,
    uint32_t count);
void liar_unmask(party *p, uint32_t from, const uint32_t *dealers,
    uint32_t count);

/* What the client's next message is, sent with these bytes in it instead. */
secagg_err liar_send(party *p, uint32_t from, size_t at,
    const uint8_t *bytes, size_t count);

/* Make the root of a ROSTER that was changed fit its entries again. */
void liar_reroot(const party *p, uint8_t *msg, size_t len);

/* Add L to the second half of a signature: the same number, not canonical. */
void liar_add_order(uint8_t signature[64]);

/* The blame list is exactly this one client, or nobody. */
void liar_check_blamed(const party *p, uint32_t index, secagg_err what);
void liar_check_nobody(const party *p);

#endif
