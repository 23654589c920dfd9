/* SPDX-License-Identifier: Apache-2.0 */
/* leaks: search the memory of a client or a server for secrets that its library
 * should have wiped. This program runs a session of its own from seeds, so that
 * it knows every secret of client 0 and of the server, and the messages. For
 * each scenario it starts leaks_party, which runs the same party, and searches
 * all writable memory (heap, stack with the registers that were saved there,
 * data) for any eight successive bytes of a secret whose life is over. A copy
 * that leaks_party keeps on purpose must be found.
 *
 * usage: leaks PARTY */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/client_state.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "crypto/keystream.h"
#include "crypto/share_key.h"
#include "crypto/shamir.h"
#include "crypto/x25519.h"
#include "leaks.h"
#include "server/server_state.h"
#include "support/laxest_policy.h"

#define OK(call) MUST((call) == SECAGG_OK)

/* ---- secrets ------------------------------------------------------------ */

typedef struct secret {
    const char *name;
    moment gone; /* from here on it must not be found */
    size_t len;
    uint8_t *bytes;
} secret;

#define SECRETS_MAX 200

typedef struct secrets {
    size_t count;
    secret list[SECRETS_MAX];
} secrets;

static secrets of_client, of_server;

static void add(secrets *s, const char *name, moment gone, const void *bytes,
    size_t len)
{
    secret *n = &s->list[s->count++];

    MUST(s->count <= SECRETS_MAX);
    *n = (secret){ name, gone, len, malloc(len) };
    MUST(n->bytes != NULL);
    memcpy(n->bytes, bytes, len);
}

static void add32(secrets *s, const char *name, moment gone,
    const uint8_t *bytes)
{
    add(s, name, gone, bytes, 32);
}

/* ---- the session -------------------------------------------------------- */

#define FROM 0 /* the client whose secrets are searched */
#define LOST 4 /* a client that drops out after SHARES */
#define RECORDED 64

typedef struct recorded {
    message_head head;
    uint8_t *bytes;
} recorded;

typedef struct session {
    secagg_params params;
    secagg_server *server;
    secagg_client *clients[CLIENTS];
    start start; /* of client FROM */
    uint8_t server_seed[SECAGG_SEED_BYTES];
    recorded down[RECORDED], up[RECORDED]; /* for FROM, for the server */
    size_t down_count, up_count;
} session;

static session now;
static uint64_t prng_state = 7;

static uint64_t prng(void)
{
    uint64_t z = prng_state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void random_bytes(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)prng();
}

static void make_input(input *in)
{
    in->weight = 0x80000000 | (prng() >> 34);
    for (int i = 0; i < LENGTH; i++) {
        in->integers[i] = prng();
        in->doubles[i] = (double)(prng() >> 11) / 4503599627370496.0 - 1.0;
        in->floats[i] = (float)(prng() >> 40) / 8388608.0f - 1.0f;
    }
}

static void make_client(uint32_t i, uint8_t secret_key[64])
{
    const secagg_policy policy = laxest_policy();
    uint8_t seed[SECAGG_SEED_BYTES];

    random_bytes(seed, sizeof seed);
    if (i == FROM) {
        memcpy(now.start.seed, seed, sizeof seed);
        memcpy(now.start.secret_key, secret_key, 64);
    }
    OK(secagg_client_new_seeded(&now.clients[i], &now.params, i, &policy,
        seed));
    if (now.params.mode == SECAGG_ACTIVE)
        OK(secagg_client_identify(now.clients[i], secret_key));
}

static void make_session(uint32_t mode, uint32_t suite)
{
    uint8_t secret_key[64];

    memset(&now, 0, sizeof now);
    of_client.count = of_server.count = 0;
    now.params = leaks_params(mode, suite);
    now.start.mode = mode;
    now.start.suite = suite;
    random_bytes(now.server_seed, sizeof now.server_seed);
    OK(secagg_server_new_seeded(&now.server, &now.params, now.server_seed));
    for (uint32_t i = 0; i < CLIENTS; i++) {
        OK(secagg_keypair(now.start.public_keys[i], secret_key));
        make_client(i, secret_key);
    }
    for (uint32_t i = 0; i < CLIENTS && mode == SECAGG_ACTIVE; i++) {
        OK(secagg_server_trust(now.server, i, now.start.public_keys[i]));
        for (uint32_t j = 0; j < CLIENTS; j++)
            OK(secagg_client_trust(now.clients[i], j,
                now.start.public_keys[j]));
    }
    make_input(&now.start.input);
    for (uint32_t i = 0; i < CLIENTS; i++)
        OK(leaks_give(now.clients[i], &now.start.input));
}

static void record(recorded *list, size_t *count, uint32_t from,
    const uint8_t *msg, size_t len)
{
    recorded *r = &list[(*count)++];

    MUST(*count <= RECORDED && len <= MESSAGE_MAX);
    *r = (recorded){ { (uint32_t)len, from }, malloc(len + 1) };
    MUST(r->bytes != NULL);
    memcpy(r->bytes, msg, len);
}

/* ---- the secrets of client FROM ----------------------------------------- */

static void add_start(void)
{
    const secagg_client *c = now.clients[FROM];
    secrets *s = &of_client;
    uint8_t seed[32];

    add32(s, "master seed", SHARES_SENT, now.start.seed);
    if (now.params.mode == SECAGG_ACTIVE)
        add32(s, "signing key", UNMASK_SENT, now.start.secret_key);
    add32(s, "PRK", SHARES_SENT, c->secret.prk);
    add32(s, "enc key", SHARES_SENT, c->secret.enc_key);
    add32(s, "mask secret", SHARES_SENT, c->secret.mask_secret);
    add32(s, "mask key", SURVIVORS_RECEIVED, c->secret.mask_key);
    OK(sa_derive_rounding_seed(seed, c->secret.prk, now.params.round));
    add32(s, "rounding seed", SURVIVORS_RECEIVED, seed);
    add(s, "weight", INPUT_SENT, &now.start.input.weight, 8);
    add(s, "integers", INPUT_SENT, now.start.input.integers, 8 * LENGTH);
    add(s, "doubles", INPUT_SENT, now.start.input.doubles, 8 * LENGTH);
    add(s, "floats", INPUT_SENT, now.start.input.floats, 4 * LENGTH);
    add32(&of_server, "seed", OVER, now.server_seed);
}

static void add_coefs(const uint8_t seed[32])
{
    uint8_t key[SA_KEYSTREAM_KEY_MAX] = { 0 }, stream[64 * (THRESHOLD - 1)];
    sa_keystream *ks;

    memcpy(key, seed, 32);
    OK(sa_keystream_new(&ks, SA_CHACHA20));
    sa_keystream_rekey(ks, key);
    OK(sa_keystream_read(ks, 0, stream, sizeof stream));
    sa_keystream_free(ks);
    add(&of_client, "stream of coefficients", SHARES_SENT, stream,
        sizeof stream);
    for (int i = 0; i < THRESHOLD - 1; i++) {
        uint8_t coef[32];
        sa_sc scalar;
        sa_sc_reduce(&scalar, stream + 64 * i);
        sa_sc_encode(coef, &scalar);
        add32(&of_client, "coefficient", SHARES_SENT, coef);
    }
}

/* After ROSTER, before SHARES is built. */
static void add_polynomials(void)
{
    const secagg_client *c = now.clients[FROM];
    uint8_t shares[CLIENTS][32];

    add32(&of_client, "self secret", SURVIVORS_RECEIVED,
        c->secret.self_secret);
    for (uint32_t kind = 0; kind < 2; kind++) {
        const uint8_t *seed = c->secret.poly_seed[kind];
        add32(&of_client, "seed of a polynomial", SHARES_SENT, seed);
        add_coefs(seed);
        OK(secagg_shamir_split(shares[0], CLIENTS, THRESHOLD, kind == 0
            ? c->secret.self_secret : c->secret.mask_secret, seed));
        for (int v = 1; v < CLIENTS; v++)
            add32(&of_client, "share of another", SHARES_SENT, shares[v]);
        add32(&of_client, kind == 0 ? "own share" : "own share, unused",
            kind == 0 ? OVER : SHARES_SENT, shares[0]);
    }
}

static void add_streams(const char *name, const uint8_t seed[32])
{
    sa_cipher cipher;
    uint8_t key[SA_KEYSTREAM_KEY_MAX];

    OK(sa_suite_cipher(&cipher,
        (uint16_t)now.clients[FROM]->params->own.suite));
    for (size_t i = 0; i < now.clients[FROM]->params->lanes.count; i++) {
        const uint8_t bits =
            (uint8_t)now.clients[FROM]->params->lanes.lane[i].bits;
        OK(sa_expand(key, sa_keystream_key_bytes(cipher), seed, "stream",
            &bits, 1));
        add(&of_client, name, INPUT_SENT, key,
            cipher == SA_CHACHA20 ? 32 : 16);
    }
}

static void add_keys_of_shares(const sa_peer *peer, const uint8_t prk[32])
{
    const secagg_client *c = now.clients[FROM];
    uint8_t key[32];

    for (uint32_t kind = 0; kind < 2; kind++) {
        OK(sa_share_key(key, prk, kind, now.params.round, FROM, peer->index,
            c->enc, peer->enc));
        add32(&of_client, "key of a share dealt", SHARES_SENT, key);
        OK(sa_share_key(key, prk, kind, now.params.round, peer->index, FROM,
            peer->enc, c->enc));
        add32(&of_client, "key of a share held", OVER, key);
    }
}

/* After RELAY, before INPUT is built. */
static void add_masks(void)
{
    const secagg_client *c = now.clients[FROM];
    uint8_t shared[32], seed[32];

    OK(sa_derive_self_seed(seed, &c->binding, c->secret.self_secret, FROM,
        c->h_u2));
    add32(&of_client, "seed of the self mask", INPUT_SENT, seed);
    add_streams("key of the self mask", seed);
    for (uint32_t i = 0; i < c->peer_count; i++) {
        const sa_peer *p = &c->peers[i];
        OK(sa_x25519(shared, c->secret.mask_key, p->mask));
        add32(&of_client, "X25519 of mask keys", INPUT_SENT, shared);
        OK(sa_derive_pair_seed(seed, &c->binding, shared, FROM, p->index,
            c->mask, p->mask, c->h_u2));
        add32(&of_client, "seed of a pair mask", INPUT_SENT, seed);
        add_streams("key of a pair mask", seed);
        add32(&of_client, "PRK of a pair", UNMASK_SENT,
            c->secret.pair_prk[i]);
        add_keys_of_shares(p, c->secret.pair_prk[i]);
    }
}

/* What the server recovers: the self secrets of survivors. */
static void add_recovered(void)
{
    uint8_t seed[32];

    OK(sa_derive_test_seed(seed, now.server_seed, &now.server->binding));
    add32(&of_server, "seed of the test of shares", UNMASK_SENT, seed);
    for (uint32_t i = 0; i < CLIENTS; i++) {
        const secagg_client *c = now.clients[i];
        if (i == LOST) {
            add32(&of_server, "mask key of a dropout", UNMASK_SENT,
                c->secret.mask_key);
            continue;
        }
        add32(&of_server, "self secret", UNMASK_SENT, c->secret.self_secret);
        add32(&of_server, "own share", OVER, c->secret.own_share);
        OK(sa_derive_self_seed(seed, &c->binding, c->secret.self_secret, i,
            c->h_u2));
        add32(&of_server, "seed of a self mask", OVER, seed);
    }
}

/* ---- running it --------------------------------------------------------- */

static void collect(void)
{
    const secagg_phase phase = secagg_server_phase(now.server);

    if (phase == SECAGG_PHASE_KEYS)
        add_start();
    else if (phase == SECAGG_PHASE_SHARES)
        add_polynomials();
    else if (phase == SECAGG_PHASE_INPUT) {
        add_masks();
        add_recovered();
    }
    if (phase == SECAGG_PHASE_SHARES)
        add32(&of_server, "mask secret of a dropout", UNMASK_SENT,
            now.clients[LOST]->secret.mask_secret);
    for (uint32_t i = 0; i < CLIENTS; i++) {
        const uint8_t *msg;
        size_t len;
        if (i == LOST && phase >= SECAGG_PHASE_INPUT)
            continue;
        OK(secagg_client_send(now.clients[i], &msg, &len));
        record(now.up, &now.up_count, i, msg, len);
        OK(secagg_server_recv(now.server, i, msg, len));
    }
    record(now.up, &now.up_count, 0, NULL, 0);
    OK(secagg_server_advance(now.server));
}

static void run_session(uint32_t mode, uint32_t suite)
{
    make_session(mode, suite);
    while (secagg_server_phase(now.server) < SECAGG_PHASE_DONE) {
        collect();
        for (uint32_t i = 0; i < CLIENTS; i++) {
            const uint8_t *msg;
            size_t len;
            OK(secagg_server_send(now.server, i, &msg, &len));
            if (len == 0 || (i == LOST
                    && secagg_server_phase(now.server) > SECAGG_PHASE_INPUT))
                continue;
            if (i == FROM)
                record(now.down, &now.down_count, 0, msg, len);
            OK(secagg_client_recv(now.clients[i], msg, len));
        }
    }
}

/* ---- searching ---------------------------------------------------------- */

#define WINDOW 8
#define SLOTS (1 << 16)

/* A window of a secret, in a hash table by its bytes. */
typedef struct fragment {
    uint64_t bytes;
    const secret *of;
    struct fragment *next;
} fragment;

static fragment *table[SLOTS];

static size_t slot(uint64_t bytes)
{
    return (size_t)(bytes * UINT64_C(0x9e3779b97f4a7c15) >> 48);
}

/* Whether the window is unlikely in other memory. The weight has four bytes of
 * zeros. */
static bool is_telling(uint64_t bytes)
{
    int others = 0;

    for (int i = 0; i < WINDOW; i++)
        others += (bytes >> 8 * i & 255) != 0 && (bytes >> 8 * i & 255) != 255;
    return others >= 4;
}

static void fill_table(const secrets *s, moment at)
{
    for (size_t i = 0; i < SLOTS; i++)
        while (table[i] != NULL) {
            fragment *f = table[i];
            table[i] = f->next;
            free(f);
        }
    for (size_t i = 0; i < s->count; i++)
        for (size_t o = 0; o + WINDOW <= s->list[i].len; o++) {
            fragment *f;
            uint64_t bytes;
            memcpy(&bytes, s->list[i].bytes + o, WINDOW);
            if (s->list[i].gone > at || !is_telling(bytes))
                continue;
            f = malloc(sizeof *f);
            MUST(f != NULL);
            *f = (fragment){ bytes, &s->list[i], table[slot(bytes)] };
            table[slot(bytes)] = f;
        }
}

/* Search a region; prints each secret once and returns how many were found. */
static size_t search(const uint8_t *mem, size_t len, const char *where,
    const secret **last)
{
    size_t found = 0;

    for (size_t i = 0; i + WINDOW <= len; i++) {
        uint64_t bytes;
        memcpy(&bytes, mem + i, WINDOW);
        if (bytes == 0)
            continue;
        for (const fragment *f = table[slot(bytes)]; f != NULL; f = f->next)
            if (f->bytes == bytes && f->of != *last) {
                printf("  %s at %#zx of %s\n", f->of->name, i, where);
                *last = f->of;
                found++;
            }
    }
    return found;
}

static size_t search_process(pid_t party)
{
    char path[64], line[512];
    const secret *last = NULL;
    size_t found = 0;
    FILE *maps;
    int fd;

    snprintf(path, sizeof path, "/proc/%ld/maps", (long)party);
    maps = fopen(path, "r");
    snprintf(path, sizeof path, "/proc/%ld/mem", (long)party);
    fd = open(path, O_RDONLY);
    MUST(maps != NULL && fd >= 0);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long from, to;
        char mode[8], name[256] = "memory without a name";
        uint8_t *mem;
        ssize_t have;
        MUST(sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &from, &to, mode,
            name) >= 3);
        if (mode[1] != 'w')
            continue;
        mem = malloc(to - from);
        MUST(mem != NULL);
        have = pread(fd, mem, to - from, (off_t)from);
        if (have > 0)
            found += search(mem, (size_t)have, name, &last);
        free(mem);
    }
    fclose(maps);
    close(fd);
    return found;
}

/* ---- scenarios ---------------------------------------------------------- */

static bool feed(int fd, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;

    while (len > 0) {
        const ssize_t done = write(fd, at, len);
        if (done <= 0)
            return false; /* the party has ended and reads no more */
        at += done;
        len -= (size_t)done;
    }
    return true;
}

/* A process of its own feeds the party, which may stop while it writes. */
static pid_t start_feeder(int fd, scenario what)
{
    const recorded *list = what == SERVER ? now.up : now.down;
    const size_t count = what == SERVER ? now.up_count : now.down_count;
    const pid_t child = fork();
    bool open = true;

    if (child != 0)
        return child;
    signal(SIGPIPE, SIG_IGN);
    if (what == SERVER)
        memcpy(now.start.seed, now.server_seed, sizeof now.server_seed);
    open = feed(fd, &now.start, sizeof now.start);
    for (size_t i = 0; i < count && open; i++)
        open = feed(fd, &list[i].head, sizeof list[i].head)
            && feed(fd, list[i].bytes, list[i].head.len);
    _exit(0);
}

static pid_t start_party(const char *program, scenario what, const int in[2],
    const int out[2])
{
    char number[16];
    const pid_t child = fork();

    snprintf(number, sizeof number, "%d", (int)what);
    if (child != 0)
        return child;
    MUST(dup2(in[0], STDIN_FILENO) >= 0 && dup2(out[1], STDOUT_FILENO) >= 0);
    for (int i = 0; i < 2; i++) {
        close(in[i]);
        close(out[i]);
    }
    execl(program, program, number, (char *)NULL);
    _exit(127);
}

/* Returns how many secrets were found at all stops. */
static size_t run_scenario(const char *program, scenario what)
{
    static const char *const names[] = { "whole session", "freed after SHARES",
        "freed after INPUT", "false RELAY", "false SURVIVORS", "saved",
        "seed left on purpose", "server" };
    size_t found = 0, stops = 0;
    int in[2], out[2], status;
    pid_t party, feeder;
    char at;

    fflush(stdout);
    MUST(pipe(in) == 0 && pipe(out) == 0);
    party = start_party(program, what, in, out);
    feeder = start_feeder(in[1], what);
    MUST(party > 0 && feeder > 0);
    close(in[0]);
    close(in[1]);
    close(out[1]);
    while (waitpid(party, &status, WUNTRACED) == party && WIFSTOPPED(status)) {
        size_t here;
        MUST(read(out[0], &at, 1) == 1);
        fill_table(what == SERVER ? &of_server : &of_client, (moment)at);
        here = search_process(party);
        if (here > 0)
            printf("%zu secrets after %s, stop %d\n", here, names[what], at);
        found += here;
        stops++;
        MUST(kill(party, SIGCONT) == 0);
    }
    MUST(WIFEXITED(status) && stops > 0);
    MUST(WEXITSTATUS(status) == (what == LEFT ? 3 : 0));
    close(out[0]);
    MUST(waitpid(feeder, &status, 0) == feeder);
    return found;
}

int main(int argc, char **argv)
{
    size_t bad = 0;

    MUST(argc == 2);
    for (uint32_t mode = SECAGG_SEMI_HONEST; mode <= SECAGG_ACTIVE; mode++)
        for (uint32_t suite = FIRST_SUITE; suite <= 2; suite++) {
            run_session(mode, suite);
            printf("mode %u, suite %u: %zu secrets of a client, %zu of a "
                "server\n", mode, suite, of_client.count, of_server.count);
            for (int what = 0; what < SCENARIOS; what++) {
                const size_t found = run_scenario(argv[1], (scenario)what);
                if (what == LEFT && found == 0)
                    printf("FAIL: the control was not found\n");
                bad += what == LEFT ? found == 0 : found;
            }
        }
    printf("%s\n", bad == 0 ? "no secret was left" : "FAIL");
    return bad != 0;
}
