/* SPDX-License-Identifier: Apache-2.0 */
#include "session/graph.h"

#include <secagg/params.h>
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/keystream.h"

/* ---- the permutation (PROTOCOL.md 5.3) ---------------------------------- */

/* The buffer holds whole 64-byte blocks of the keystream. */
#define BUFFER_WORDS 1024

/* The keystream of a seed, read as little-endian 32-bit words. */
typedef struct word_stream {
    sa_keystream *prg;
    uint64_t offset; /* in the keystream, of the bytes after the buffer */
    size_t next;     /* word in the buffer; BUFFER_WORDS: it is used up */
    uint8_t buffer[4 * BUFFER_WORDS];
} word_stream;

static secagg_err open_stream(word_stream *s,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    uint8_t key[SA_KEYSTREAM_KEY_MAX] = { 0 };

    SA_TRY(sa_keystream_new(&s->prg, SA_CHACHA20));
    memcpy(key, seed, SECAGG_SEED_BYTES); /* the nonce stays zero */
    sa_keystream_rekey(s->prg, key);
    sa_wipe(key, sizeof key);
    s->offset = 0;
    s->next = BUFFER_WORDS;
    return SECAGG_OK;
}

static secagg_err next_word(word_stream *s, uint32_t *word)
{
    if (s->next == BUFFER_WORDS) {
        SA_TRY(sa_keystream_read(s->prg, s->offset, s->buffer,
            sizeof s->buffer));
        s->offset += sizeof s->buffer;
        s->next = 0;
    }
    *word = sa_get_le32(s->buffer + 4 * s->next);
    s->next++;
    return SECAGG_OK;
}

/* Draw a number below m; all are equally likely. The highest 2^32 mod m words
 * would favour small numbers, so they are drawn again. */
static secagg_err uniform(word_stream *s, uint32_t m, uint32_t *number)
{
    const uint32_t excess = (0 - m) % m; /* 2^32 mod m */
    uint32_t word;

    do {
        SA_TRY(next_word(s, &word));
    } while (word > UINT32_MAX - excess);
    *number = word % m;
    return SECAGG_OK;
}

/* The shuffle of Fisher and Yates, from the last position down (Knuth 1997,
 * algorithm 3.4.2P). */
static secagg_err shuffle(sa_graph *g, word_stream *s)
{
    uint32_t j;

    for (uint32_t i = 0; i < g->n; i++)
        g->at[i] = i;
    for (uint32_t i = g->n - 1; i > 0; i--) {
        const uint32_t client = g->at[i];
        SA_TRY(uniform(s, i + 1, &j));
        g->at[i] = g->at[j];
        g->at[j] = client;
    }
    for (uint32_t i = 0; i < g->n; i++)
        g->position[g->at[i]] = i;
    return SECAGG_OK;
}

secagg_err sa_graph_init(sa_graph *g, uint32_t n, uint32_t k,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    word_stream s = { .prg = NULL };
    secagg_err err;

    *g = (sa_graph){ n, k, NULL, NULL };
    if (k == 0)
        return SECAGG_OK;
    if (n < 4 || n > SECAGG_RING_MAX || k % 2 != 0 || k > n - 2)
        return SECAGG_ERR_ARG;
    g->at = sa_alloc(n, sizeof *g->at);
    g->position = sa_alloc(n, sizeof *g->position);
    if (g->at == NULL || g->position == NULL)
        return SECAGG_ERR_MEMORY;
    err = open_stream(&s, seed);
    if (err == SECAGG_OK)
        err = shuffle(g, &s);
    sa_keystream_free(s.prg);
    return err;
}

void sa_graph_free(sa_graph *g)
{
    sa_free(g->at);
    sa_free(g->position);
    g->at = g->position = NULL;
}

/* ---- neighbours (PROTOCOL.md 5.1, 5.4) ---------------------------------- */

uint32_t sa_graph_degree(const sa_graph *g)
{
    return g->k != 0 ? g->k : g->n - 1;
}

bool sa_graph_adjacent(const sa_graph *g, uint32_t u, uint32_t v)
{
    uint32_t apart;

    if (g->k == 0 || u == v)
        return u != v;
    apart = g->position[u] > g->position[v]
        ? g->position[u] - g->position[v] : g->position[v] - g->position[u];
    return apart <= g->k / 2 || g->n - apart <= g->k / 2;
}

/* Returns neighbour number i of u, 0 <= i < k, in the order of the ring: the
 * k/2 clients before u, then the k/2 after it. */
static uint32_t ring_neighbour(const sa_graph *g, uint32_t u, uint32_t i)
{
    const uint32_t half = g->k / 2;
    const uint32_t first = g->position[u] + g->n - half;

    return g->at[(first + i + (i >= half)) % g->n];
}

static int compare_indices(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

void sa_graph_list(const sa_graph *g, uint32_t *out, uint32_t u)
{
    if (g->k == 0) {
        for (uint32_t i = 0; i + 1 < g->n; i++)
            out[i] = i + (i >= u);
        return;
    }
    for (uint32_t i = 0; i < g->k; i++)
        out[i] = ring_neighbour(g, u, i);
    qsort(out, g->k, sizeof *out, compare_indices);
}

uint32_t sa_graph_count(const sa_graph *g, const uint8_t *map, uint32_t u)
{
    uint32_t count = 0;

    if (g->k == 0)
        return sa_bitmap_count(map, g->n) - sa_bitmap_has(map, u);
    for (uint32_t i = 0; i < g->k; i++)
        count += sa_bitmap_has(map, ring_neighbour(g, u, i));
    return count;
}

/* Returns how many of the clients have an index below `index`. */
static uint32_t count_below(const uint32_t *clients, uint32_t count,
    uint32_t index)
{
    uint32_t below = 0;

    for (uint32_t i = 0; i < count; i++)
        below += clients[i] < index;
    return below;
}

/* The holders are at a run of k + 1 positions around the dealer. Positions
 * behind the last one go on at 0, so the run has one or two stretches. */
uint32_t sa_graph_rank(const sa_graph *g, uint32_t dealer, uint32_t holder)
{
    const uint32_t holders = g->k + 1;
    uint32_t first, stretch, rank;

    if (g->k == 0)
        return holder;
    first = (g->position[dealer] + g->n - g->k / 2) % g->n;
    stretch = holders < g->n - first ? holders : g->n - first;
    rank = count_below(g->at + first, stretch, holder);
    return rank + count_below(g->at, holders - stretch, holder);
}

/* ---- connectivity (PROTOCOL.md 5.5) ------------------------------------- */

/* Returns the first position whose client is in the set; n if it is empty. */
static uint32_t first_member(const sa_graph *g, const uint8_t *map)
{
    uint32_t p = 0;

    while (p < g->n && !sa_bitmap_has(map, g->at[p]))
        p++;
    return p;
}

/* On the ring, a gap is a maximal run of positions that are not in the set. The
 * members on both sides of a gap of r positions are r + 1 apart, so they are
 * neighbours if r < k/2. With at most one wider gap, the members in the order
 * of the ring form a chain of neighbours, and the set is connected. Two wider
 * gaps divide the members into two arcs, and no edge spans either gap. */
bool sa_graph_connected(const sa_graph *g, const uint8_t *map)
{
    uint32_t start, gap = 0, cuts = 0;

    if (g->k == 0)
        return true;
    start = first_member(g, map);
    if (start == g->n)
        return true;
    /* once around, from a member to itself: no gap is counted in two pieces */
    for (uint32_t i = 1; i <= g->n; i++) {
        if (sa_bitmap_has(map, g->at[(start + i) % g->n])) {
            cuts += gap >= g->k / 2;
            gap = 0;
        } else {
            gap++;
        }
    }
    return cuts <= 1;
}

/* ---- for hosts ---------------------------------------------------------- */

secagg_err secagg_graph_neighbours(uint32_t *out, uint32_t clients,
    uint32_t neighbours, const uint8_t seed[SECAGG_SEED_BYTES], uint32_t index)
{
    sa_graph g;
    secagg_err err;

    if (neighbours == 0 || index >= clients)
        return SECAGG_ERR_ARG;
    err = sa_graph_init(&g, clients, neighbours, seed);
    if (err == SECAGG_OK)
        sa_graph_list(&g, out, index);
    sa_graph_free(&g);
    return err;
}
