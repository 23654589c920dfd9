/* SPDX-License-Identifier: Apache-2.0 */
/* ring_model: an independent model of the sparse graph and of how its sessions
 * end, written from PROTOCOL.md 5 and 9. It uses libsodium's ChaCha20, and
 * tests connectivity by a search for paths (the library counts runs). */
#ifndef RING_MODEL_H
#define RING_MODEL_H

#include <check.h>
#include <secagg.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "support/party.h"
#include "support/session_driver.h"

#define RING_MAX 1000

typedef struct ring_model {
    uint32_t n, k, t, min_survivors;
    uint32_t at[RING_MAX], position[RING_MAX];
    bool u1[RING_MAX], u2[RING_MAX], u3[RING_MAX];
    bool reliable[RING_MAX], u5[RING_MAX];
} ring_model;

static inline void model_init(ring_model *m, const secagg_params *p)
{
    memset(m, 0, sizeof *m);
    m->n = p->clients;
    m->k = p->neighbours;
    m->t = p->threshold;
    m->min_survivors = p->min_survivors;
}

/* Compute the permutation of a seed (5.3) from one long keystream. */
static inline void model_permute(ring_model *m, const uint8_t seed[32])
{
    static const uint8_t nonce[12];
    static uint8_t words[4 * (2 * RING_MAX + 64)];
    size_t next = 0;

    crypto_stream_chacha20_ietf(words, sizeof words, nonce, seed);
    for (uint32_t i = 0; i < m->n; i++)
        m->at[i] = i;
    for (uint32_t i = m->n - 1; i > 0; i--) {
        const uint64_t range = (uint64_t)1 << 32, size = i + 1;
        uint64_t w;
        uint32_t j, client;
        do {
            const uint8_t *b = words + 4 * next++;
            ck_assert_uint_le(4 * next, sizeof words);
            w = b[0] + 256u * b[1] + 65536u * b[2] + ((uint64_t)b[3] << 24);
        } while (w >= range - range % size);
        j = (uint32_t)(w % size);
        client = m->at[i];
        m->at[i] = m->at[j];
        m->at[j] = client;
    }
    for (uint32_t i = 0; i < m->n; i++)
        m->position[m->at[i]] = i;
}

/* Whether v is in N(u) (5.4). */
static inline bool model_adjacent(const ring_model *m, uint32_t u, uint32_t v)
{
    for (uint32_t d = 1; d <= m->k / 2; d++)
        if (m->at[(m->position[u] + d) % m->n] == v
            || m->at[(m->position[v] + d) % m->n] == u)
            return true;
    return false;
}

/* |(N(u) + {u}) cap set|. */
static inline uint32_t model_count_around(const ring_model *m, uint32_t u,
    const bool *set)
{
    uint32_t count = set[u];

    for (uint32_t d = 1; d <= m->k / 2; d++)
        count += set[m->at[(m->position[u] + d) % m->n]]
            + set[m->at[(m->position[u] + m->n - d) % m->n]];
    return count;
}

static inline uint32_t model_count(const ring_model *m, const bool *set)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < m->n; i++)
        count += set[i];
    return count;
}

static inline void model_visit(const ring_model *m, uint32_t u, const bool *set,
    bool *seen)
{
    static uint32_t stack[RING_MAX];
    uint32_t depth = 0;

    seen[u] = true;
    stack[depth++] = u;
    while (depth > 0) {
        const uint32_t from = stack[--depth];
        for (uint32_t d = 1; d <= m->k; d++) {
            const uint32_t step = d <= m->k / 2 ? d : m->n - (d - m->k / 2);
            const uint32_t v = m->at[(m->position[from] + step) % m->n];
            if (!set[v] || seen[v])
                continue;
            seen[v] = true;
            stack[depth++] = v;
        }
    }
}

/* Whether the graph on the members of a set is connected. */
static inline bool model_connected(const ring_model *m, const bool *set)
{
    bool seen[RING_MAX] = { false };
    uint32_t first = 0;

    while (first < m->n && !set[first])
        first++;
    if (first == m->n)
        return true;
    model_visit(m, first, set, seen);
    return memcmp(seen, set, m->n) == 0;
}

/* Whether each needed secret (9.5) has at least t holders in a set. */
static inline bool model_recovers(const ring_model *m, const bool *holders)
{
    for (uint32_t u = 0; u < m->n; u++)
        if (m->u2[u] && model_count_around(m, u, m->u3) > 0
            && model_count_around(m, u, holders) < m->t)
            return false;
    return true;
}

/* Returns the phase at whose end a session fails if clients drop out like this;
 * DONE if it succeeds. */
static inline secagg_phase model_predict(ring_model *m, const uint8_t *leaves)
{
    for (uint32_t i = 0; i < m->n; i++)
        m->u1[i] = leaves[i] > SECAGG_PHASE_KEYS;
    if (model_count(m, m->u1) < m->min_survivors)
        return SECAGG_PHASE_KEYS;
    for (uint32_t i = 0; i < m->n; i++)
        m->u2[i] = m->u1[i] && leaves[i] > SECAGG_PHASE_SHARES
            && model_count_around(m, i, m->u1) >= m->t;
    if (model_count(m, m->u2) < m->min_survivors)
        return SECAGG_PHASE_SHARES;
    for (uint32_t i = 0; i < m->n; i++)
        m->u3[i] = m->u2[i] && leaves[i] > SECAGG_PHASE_INPUT
            && model_count_around(m, i, m->u2) >= m->t;
    if (model_count(m, m->u3) < m->min_survivors || !model_connected(m, m->u3))
        return SECAGG_PHASE_INPUT;
    for (uint32_t i = 0; i < m->n; i++)
        m->reliable[i] = m->u3[i] && model_count_around(m, i, m->u3) >= m->t;
    if (!model_recovers(m, m->reliable))
        return SECAGG_PHASE_INPUT;
    for (uint32_t i = 0; i < m->n; i++)
        m->u5[i] = m->reliable[i] && leaves[i] > SECAGG_PHASE_UNMASK;
    return model_recovers(m, m->u5) ? SECAGG_PHASE_DONE : SECAGG_PHASE_UNMASK;
}

/* ---- messages of a session ---------------------------------------------- */

#define PAIR 100
#define ROSTER 2
#define RELAY 4

static inline secagg_params ring_params(uint32_t n, uint32_t k, uint32_t t,
    uint32_t min_survivors)
{
    secagg_params p = small_params(n, t, 0);

    p.neighbours = k;
    p.min_survivors = min_survivors;
    return p;
}

static inline uint32_t get(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16
        | (uint32_t)at[2] << 8 | at[3];
}

static inline void put(uint8_t *at, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(x >> (24 - 8 * i) & 255);
}

/* Check that a list of indices, `step` bytes apart, is N(u) cap set. */
static inline void check_list(const ring_model *m, uint32_t u,
    const uint8_t *list, uint32_t count, size_t step, const bool *set)
{
    uint32_t j = 0;

    for (uint32_t v = 0; v < m->n; v++) {
        if (!set[v] || !model_adjacent(m, u, v))
            continue;
        ck_assert_uint_lt(j, count);
        ck_assert_uint_eq(get(list + step * j) & 0xffffff, v);
        j++;
    }
    ck_assert_uint_eq(j, count);
}

/* For driver.on_server_msg, with the model as driver.user: compute the model's
 * permutation from a ROSTER, and check the dealers of a RELAY against it. */
static inline void check_server_msg(driver *r, uint32_t i, const uint8_t *msg,
    size_t len)
{
    ring_model *m = r->user;
    const uint8_t *body = msg + PARTY_HEADER;
    const size_t map = (m->n + 7) / 8;

    (void)len;
    if (msg[PARTY_AT_TYPE] == ROSTER) {
        model_permute(m, body);
        (void)model_predict(m, r->leaves);
    }
    if (msg[PARTY_AT_TYPE] == RELAY)
        check_list(m, i, body + map + 4, get(body + map), PAIR, m->u2);
}

#endif
