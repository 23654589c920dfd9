/* SPDX-License-Identifier: Apache-2.0 */
/* liars: what cheating clients cost a server. The state of a server with many
 * clients is made directly, since making it by the messages of so many clients
 * takes far longer than what is measured. liars.sh counts the instructions of
 * one of the functions run_*(); without valgrind the program prints the time.
 *
 * usage: liars keys|disputes|shares CLIENTS NEIGHBOURS LIARS [PATTERN]
 *
 * keys: each liar sends UNMASK with keys that open nothing. disputes: each liar
 * complains of all its peers. shares: each liar dealt wrong shares; the pattern
 * is one (to a random holder), same (to the same holders, as many as can be
 * corrected), random (to as many random ones), or all (to everybody). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"
#include "message/msg_unmask.h"
#include "server/server_state.h"

#define MUST(condition)                                                       \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);   \
            exit(2);                                                          \
        }                                                                     \
    } while (0)

void run_keys(secagg_server *s, uint8_t *const *msgs, size_t len);
void run_advance(secagg_server *s);

static uint64_t prng_state = 1;

static uint32_t prng(uint32_t bound)
{
    prng_state = prng_state * UINT64_C(6364136223846793005) + 1;
    return (uint32_t)((prng_state >> 33) % bound);
}

/* ---- the state ---------------------------------------------------------- */

/* A client whose self secret and all of whose shares are zero. */
static void init_client(secagg_server *s, uint32_t i)
{
    static const uint8_t zero[32];
    sa_client_record *c = &s->clients[i];
    const size_t map = sa_bitmap_bytes(s->peer_count);

    MUST(sa_commitment(c->commitment, &s->binding, i, zero) == SECAGG_OK);
    c->slots = sa_alloc(s->peer_count, SA_SLOT_BYTES);
    c->complaints = sa_alloc(map, 1);
    c->opened = sa_alloc(map, 1);
    MUST(c->slots != NULL && c->complaints != NULL && c->opened != NULL);
}

/* All clients have answered all phases up to `phase`. */
static secagg_server *new_server(uint32_t n, uint32_t neighbours,
    secagg_phase phase)
{
    static const uint8_t seed[32] = { 1 };
    static const secagg_segment segment = { .length = 512, .bits = 16 };
    secagg_params p = SECAGG_PARAMS_INIT;
    secagg_server *s;

    p.clients = n;
    p.neighbours = neighbours;
    p.corrupt = (neighbours != 0 ? neighbours : n) / 8;
    p.threshold = ((neighbours != 0 ? neighbours + 1 : n) + p.corrupt) / 2 + 1;
    p.min_survivors = p.threshold > p.corrupt + 2 ? p.threshold
                                                  : p.corrupt + 2;
    p.segments = &segment;
    p.segment_count = 1;
    MUST(sa_server_new(&s, &p, seed) == SECAGG_OK);
    MUST(sa_graph_init(&s->graph, n, neighbours, seed) == SECAGG_OK);
    MUST(sa_aggregate_init(&s->aggregate, s->params) == SECAGG_OK);
    s->phase = phase;
    for (uint32_t i = 0; i < n; i++) {
        sa_bitmap_add(s->u2, i);
        sa_bitmap_add(s->u3, i);
        init_client(s, i);
    }
    return s;
}

static void answer_all(secagg_server *s)
{
    for (uint32_t i = 0; i < s->params->own.clients; i++)
        sa_bitmap_add(s->answered, i);
}

/* ---- keys --------------------------------------------------------------- */

static uint8_t *make_unmask(secagg_server *s, uint32_t from, size_t *len)
{
    static const uint8_t key[32];
    const uint32_t *peers = sa_server_peers(s, from);
    const sa_unmask_msg msg = { key, s->peer_count, NULL };
    uint8_t *out;
    sa_writer w;

    *len = sa_unmask_size(s->peer_count);
    out = malloc(*len);
    MUST(out != NULL);
    w = sa_writer_on(out, *len);
    sa_unmask_write(&w, s->params, from, &msg);
    for (uint32_t i = 0; i < s->peer_count; i++) {
        const sa_revealed revealed = { SA_KIND_SELF, peers[i], key };
        sa_revealed_put(&w, &revealed);
    }
    MUST(sa_writer_end(&w) == SECAGG_OK);
    return out;
}

void run_keys(secagg_server *s, uint8_t *const *msgs, size_t len)
{
    for (uint32_t i = 0; i < s->params->own.clients; i++)
        if (msgs[i] != NULL)
            MUST(secagg_server_recv(s, i, msgs[i], len) == SECAGG_OK);
}

static void measure_keys(secagg_server *s, uint32_t liars)
{
    uint8_t **msgs = calloc(s->params->own.clients, sizeof *msgs);
    size_t len = 0;

    MUST(msgs != NULL);
    for (uint32_t i = 0; i < liars; i++)
        msgs[i] = make_unmask(s, i, &len);
    run_keys(s, msgs, len);
}

/* ---- disputes and shares ------------------------------------------------ */

void run_advance(secagg_server *s)
{
    const secagg_err err = secagg_server_advance(s);

    MUST(err == SECAGG_OK || err == SECAGG_ERR_THRESHOLD
        || err == SECAGG_ERR_CHEAT);
}

static void measure_disputes(secagg_server *s, uint32_t liars)
{
    for (uint32_t i = 0; i < liars; i++) {
        s->clients[i].complains = true;
        for (uint32_t p = 0; p < s->peer_count; p++)
            sa_bitmap_add(s->clients[i].complaints, p);
    }
    run_advance(s);
}

static void spoil(secagg_server *s, uint32_t dealer, uint32_t position)
{
    uint8_t *share = sa_server_share(s, dealer, position % s->peer_count,
        SA_KIND_SELF);

    for (int i = 0; i < 31; i++)
        share[i] = (uint8_t)prng(256);
}

static void deal_wrong(secagg_server *s, uint32_t dealer, const char *pattern)
{
    const uint32_t most = (s->peer_count + 1 - s->params->own.threshold) / 2;

    if (strcmp(pattern, "one") == 0)
        spoil(s, dealer, prng(s->peer_count));
    for (uint32_t i = 0; i < most && strcmp(pattern, "same") == 0; i++)
        if (4 * i != dealer && sa_graph_adjacent(&s->graph, 4 * i, dealer))
            spoil(s, dealer, sa_server_peer_position(s, dealer, 4 * i));
    for (uint32_t i = 0; i < most && strcmp(pattern, "random") == 0; i++)
        spoil(s, dealer, prng(s->peer_count));
    for (uint32_t i = 0; i < s->peer_count && strcmp(pattern, "all") == 0; i++)
        spoil(s, dealer, i);
}

static void measure_shares(secagg_server *s, uint32_t liars,
    const char *pattern)
{
    const uint32_t n = s->params->own.clients;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t p = 0; p < s->peer_count; p++)
            sa_bitmap_add(s->clients[i].opened, p);
    for (uint32_t i = 0; i < liars; i++)
        deal_wrong(s, (uint32_t)((uint64_t)i * n / liars), pattern);
    run_advance(s);
}

/* The state is not freed: to wipe the shares takes longer than all else. */
int main(int argc, char **argv)
{
    const char *what = argc > 4 ? argv[1] : "";
    const uint32_t n = argc > 4 ? (uint32_t)atoi(argv[2]) : 0;
    const uint32_t neighbours = argc > 4 ? (uint32_t)atoi(argv[3]) : 0;
    const uint32_t liars = argc > 4 ? (uint32_t)atoi(argv[4]) : 0;
    const bool keys = strcmp(what, "keys") == 0;
    const bool disputes = strcmp(what, "disputes") == 0;
    secagg_server *s;
    clock_t start;

    MUST(keys || disputes || strcmp(what, "shares") == 0);
    s = new_server(n, neighbours, disputes ? SECAGG_PHASE_INPUT
                                           : SECAGG_PHASE_UNMASK);
    if (!keys)
        answer_all(s);
    start = clock();
    if (keys)
        measure_keys(s, liars);
    else if (disputes)
        measure_disputes(s, liars);
    else
        measure_shares(s, liars, argc > 5 ? argv[5] : "one");
    printf("%.2f s, %u blamed, %s\n", (double)(clock() - start)
        / CLOCKS_PER_SEC, (unsigned)s->blame_count,
        secagg_strerror(s->error));
    return 0;
}
