/* SPDX-License-Identifier: Apache-2.0 */
/* bench_shares: splitting and joining secrets, compared with one X25519; and
 * the library's wrappers of libsodium, whose checks cost time, compared with
 * plain calls. */
#include "bench.h"

#include <secagg/shamir.h>
#include <sodium.h>

#include "crypto/ed25519.h"
#include "crypto/reed_solomon.h"
#include "crypto/share_seal.h"
#include "crypto/x25519.h"

#define CALLS 20         /* in each measurement of a call of microseconds */
#define SHORT_CALLS 200  /* in each measurement of a shorter one */
#define MAX_SHARES 1000

typedef struct job {
    uint32_t n, t, wrong;
    sa_lagrange *lagrange;
} job;

static uint8_t shares[MAX_SHARES * SECAGG_SHARE_BYTES];
static uint32_t ranks[MAX_SHARES];
static const uint8_t secret[32] = { 42 }, seed[32] = { 7 };

/* ---- X25519 ------------------------------------------------------------- */

static void run_dh(void *arg)
{
    uint8_t out[32];
    static const uint8_t scalar[32] = { 9, 8, 7 }, point[32] = { 9 };

    (void)arg;
    for (int i = 0; i < CALLS; i++)
        bench_must(crypto_scalarmult(out, scalar, point) == 0, "X25519");
}

static void run_agree(void *arg)
{
    uint8_t out[32];
    static const uint8_t scalar[32] = { 9, 8, 7 }, point[32] = { 9 };

    (void)arg;
    for (int i = 0; i < CALLS; i++)
        bench_must(sa_x25519(out, scalar, point) == SECAGG_OK, "X25519");
}

/* ---- shares ------------------------------------------------------------- */

static void run_split(void *arg)
{
    const job *j = arg;
    bench_must(secagg_shamir_split(shares, j->n, j->t, secret, seed)
        == SECAGG_OK, "split");
}

static void run_lagrange(void *arg)
{
    const job *j = arg;
    sa_lagrange *l;
    uint8_t out[32];

    bench_must(sa_lagrange_new(&l, ranks, j->t) == SECAGG_OK, "lagrange");
    bench_must(sa_lagrange_join(l, out, shares) == SECAGG_OK, "join");
    sa_lagrange_free(l);
}

static void run_further(void *arg)
{
    const job *j = arg;
    uint8_t out[32];

    for (int i = 0; i < CALLS; i++)
        bench_must(sa_lagrange_join(j->lagrange, out, shares) == SECAGG_OK,
            "join");
}

static void run_decode(void *arg)
{
    const job *j = arg;
    uint8_t out[32], wrong[MAX_SHARES];

    bench_must(sa_rs_decode(out, wrong, ranks, shares, j->n, j->t) == SECAGG_OK,
        "decode");
}

static void over_dh(const char *operation, void (*call)(void *), job *j,
    double times, char **names)
{
    char name[64];
    const bench_row row = { name, "us", "x25519", BENCH_TIME, 1e6,
        { call, j, times, NULL }, { run_dh, NULL, CALLS, NULL } };

    snprintf(name, sizeof name, "%s/n=%u t=%u", operation, j->n, j->t);
    bench_run(&row, names);
}

static void sharing(uint32_t n, uint32_t t, char **names)
{
    job j = { n, t, 0, NULL };

    over_dh("split", run_split, &j, 1, names);
    run_split(&j);
    over_dh("join", run_lagrange, &j, 1, names);
    bench_must(sa_lagrange_new(&j.lagrange, ranks, t) == SECAGG_OK,
        "lagrange");
    over_dh("join further", run_further, &j, CALLS, names);
    sa_lagrange_free(j.lagrange);
    for (uint32_t i = 0; i < (n - t) / 2; i++)
        shares[32 * i] ^= 1;
    over_dh("decode with errors", run_decode, &j, 1, names);
}

/* ---- signatures --------------------------------------------------------- */

typedef struct signers {
    uint8_t key[MAX_SHARES][32], signature[MAX_SHARES][64], msg[100];
    uint32_t count;
} signers;

static void run_verify(void *arg)
{
    const signers *s = arg;

    for (uint32_t i = 0; i < s->count; i++)
        bench_must(sa_ed25519_verify(s->signature[i], s->msg, sizeof s->msg,
            s->key[i]) == SECAGG_OK, "verify");
}

static void run_valid(void *arg)
{
    const signers *s = arg;

    for (uint32_t i = 0; i < s->count; i++)
        bench_must(sa_ed25519_valid(s->key[i]), "valid");
}

static void run_valid_bare(void *arg)
{
    const signers *s = arg;

    for (uint32_t i = 0; i < s->count; i++)
        bench_must(crypto_core_ed25519_is_valid_point(s->key[i]) == 1,
            "valid");
}

static void run_verify_bare(void *arg)
{
    const signers *s = arg;

    for (uint32_t i = 0; i < s->count; i++)
        bench_must(crypto_sign_verify_detached(s->signature[i], s->msg,
            sizeof s->msg, s->key[i]) == 0, "verify");
}

static void signatures(uint32_t count, char **names)
{
    static signers s;
    uint8_t secret_key[64];
    char name[64];
    const bench_row row = { name, "ms", "libsodium", BENCH_TIME, 1e3,
        { run_verify, &s, 1, NULL }, { run_verify_bare, &s, 1, NULL } };
    const bench_row valid = { name, "ms", "libsodium", BENCH_TIME, 1e3,
        { run_valid, &s, 1, NULL }, { run_valid_bare, &s, 1, NULL } };

    s.count = count;
    for (uint32_t i = 0; i < count; i++) {
        bench_must(crypto_sign_keypair(s.key[i], secret_key) == 0, "keys");
        bench_must(crypto_sign_detached(s.signature[i], NULL, s.msg,
            sizeof s.msg, secret_key) == 0, "sign");
    }
    snprintf(name, sizeof name, "ed25519 verify/n=%u", count);
    bench_run(&row, names);
    snprintf(name, sizeof name, "ed25519 valid key/n=%u", count);
    bench_run(&valid, names);
}

/* ---- sealed shares ------------------------------------------------------ */

static uint8_t sealed[SA_SEALED_SHARE_BYTES];
static const sa_share_id id = { seed, 1, SA_KIND_SELF, 2, 3 };

static void run_seal(void *arg)
{
    (void)arg;
    for (int i = 0; i < SHORT_CALLS; i++)
        bench_must(
            sa_share_seal(sealed, seed, &id, secret) == SECAGG_OK, "seal");
}

static void run_unseal(void *arg)
{
    uint8_t out[32];

    (void)arg;
    for (int i = 0; i < SHORT_CALLS; i++)
        bench_must(
            sa_share_open(out, seed, &id, sealed) == SECAGG_OK, "unseal");
}

/* libsodium's AEAD with the same number of bytes and of additional data. */
#define BESIDE 49

static void run_seal_bare(void *arg)
{
    static const uint8_t beside[BESIDE] = { 1 }, nonce[12] = { 0 };
    unsigned long long len;

    (void)arg;
    for (int i = 0; i < SHORT_CALLS; i++)
        bench_must(crypto_aead_chacha20poly1305_ietf_encrypt(sealed, &len,
            secret, 32, beside, BESIDE, NULL, nonce, seed) == 0, "seal");
}

static void run_unseal_bare(void *arg)
{
    static const uint8_t beside[BESIDE] = { 1 }, nonce[12] = { 0 };
    static uint8_t box[SA_SEALED_SHARE_BYTES];
    unsigned long long len;
    uint8_t out[32];

    (void)arg;
    bench_must(crypto_aead_chacha20poly1305_ietf_encrypt(box, &len, secret,
        32, beside, BESIDE, NULL, nonce, seed) == 0, "seal");
    for (int i = 0; i < SHORT_CALLS; i++)
        bench_must(crypto_aead_chacha20poly1305_ietf_decrypt(out, &len, NULL,
            box, sizeof box, beside, BESIDE, nonce, seed) == 0, "unseal");
}

int main(int argc, char **argv)
{
    const bench_row agree = { "x25519, checked", "us", "x25519", BENCH_TIME,
        1e6, { run_agree, NULL, CALLS, NULL },
        { run_dh, NULL, CALLS, NULL } };
    const bench_row seal = { "seal a share", "us", "libsodium", BENCH_TIME,
        1e6, { run_seal, NULL, SHORT_CALLS, NULL },
        { run_seal_bare, NULL, SHORT_CALLS, NULL } };
    const bench_row unseal = { "unseal a share", "us", "libsodium",
        BENCH_TIME, 1e6, { run_unseal, NULL, SHORT_CALLS, NULL },
        { run_unseal_bare, NULL, SHORT_CALLS + 1, NULL } };

    (void)argc;
    bench_must(sodium_init() >= 0, "libsodium");
    for (uint32_t i = 0; i < MAX_SHARES; i++)
        ranks[i] = i;
    bench_run(&agree, argv + 1);
    sharing(100, 67, argv + 1);
    sharing(1000, 667, argv + 1);
    signatures(100, argv + 1);
    signatures(1000, argv + 1);
    bench_run(&seal, argv + 1);
    run_seal(NULL);
    bench_run(&unseal, argv + 1);
    return 0;
}
