/* SPDX-License-Identifier: Apache-2.0 */
/* bench_mask: masks by every kernel, compared with OpenSSL's plain AES-128-CTR;
 * and the setup cost of a seed, compared with one X25519. */
#include "bench.h"

#include <openssl/evp.h>
#include <secagg/mask.h>
#include <secagg/params.h>
#include <secagg/planar.h>
#include <sodium.h>

#define CTR_BYTES 4000000
#define CTR_CALLS 10 /* for each measurement, which would be too short */
#define DH_CALLS 20
#define SETUP_CALLS 5

/* ---- references --------------------------------------------------------- */

typedef struct ctr {
    EVP_CIPHER_CTX *ctx;
    uint8_t *buffer;
} ctr;

static void ctr_new(ctr *c)
{
    static const uint8_t key[16] = { 1 }, iv[16] = { 2 };

    c->ctx = EVP_CIPHER_CTX_new();
    c->buffer = bench_alloc(CTR_BYTES);
    bench_must(c->ctx != NULL && EVP_EncryptInit_ex(c->ctx,
        EVP_aes_128_ctr(), NULL, key, iv) == 1, "AES-128-CTR");
}

static void ctr_free(ctr *c)
{
    EVP_CIPHER_CTX_free(c->ctx);
    free(c->buffer);
}

/* Encrypts the whole buffer in place by one call. */
static void run_ctr(void *arg)
{
    ctr *c = arg;
    int len;

    for (int i = 0; i < CTR_CALLS; i++)
        bench_must(EVP_EncryptUpdate(c->ctx, c->buffer, &len, c->buffer,
            CTR_BYTES) == 1, "AES-128-CTR");
}

static bench_side side_of_ctr(ctr *c)
{
    return (bench_side){ run_ctr, c, (double)CTR_CALLS * CTR_BYTES, NULL };
}

static void run_dh(void *arg)
{
    uint8_t *point = arg, out[32];
    static const uint8_t scalar[32] = { 9, 8, 7 };

    for (int i = 0; i < DH_CALLS; i++)
        bench_must(crypto_scalarmult(out, scalar, point) == 0, "X25519");
}

/* ---- masks -------------------------------------------------------------- */

typedef struct job {
    secagg_masks *masks;
    uint8_t *planes;
    size_t count, seeds;
    uint32_t bits;
    int calls;
} job;

static job job_new(const char *kernel, uint32_t suite, uint32_t bits,
    size_t count, size_t seeds)
{
    job j = { NULL, bench_alloc(secagg_planar_size(count, bits)), count, seeds,
        bits, 1 };
    uint8_t seed[SECAGG_SEED_BYTES] = { 0 };

    bench_must(secagg_masks_new(&j.masks, suite) == SECAGG_OK, "masks");
    bench_must(secagg_masks_use(j.masks, kernel) == SECAGG_OK, kernel);
    for (size_t i = 0; i < seeds; i++) {
        memcpy(seed, &i, sizeof i);
        bench_must(secagg_masks_add(j.masks, seed, i % 2 ? 1 : -1)
            == SECAGG_OK, "seed");
    }
    return j;
}

static void job_free(job *j)
{
    secagg_masks_free(j->masks);
    free(j->planes);
}

static void run_job(void *arg)
{
    job *j = arg;

    for (int i = 0; i < j->calls; i++)
        bench_must(secagg_masks_apply(j->masks, j->bits, 0, j->planes,
            j->count) == SECAGG_OK, "apply");
}

/* Bytes of keystream: entries times bits / 8 times seeds. */
static double stream_bytes(const job *j)
{
    return (double)j->count * (double)j->seeds * j->bits / 8;
}

static void rate_of(const char *kernel, uint32_t suite, uint32_t bits,
    ctr *c, char **names)
{
    char name[64];
    bench_row row = { name, "GB/s", "openssl-ctr", BENCH_RATE, 1e-9,
        { run_job, NULL, 0, NULL }, side_of_ctr(c) };
    job j;

    snprintf(name, sizeof name, "mask%s/%s/b=%u",
        suite == SECAGG_SUITE_CHACHA ? "-chacha" : "", kernel, bits);
    if (!bench_wanted(name, names))
        return;
    j = job_new(kernel, suite, bits, 1000000, 100);
    row.one.arg = &j;
    row.one.amount = stream_bytes(&j);
    bench_run(&row, names);
    job_free(&j);
}

/* ---- rows --------------------------------------------------------------- */

static void rates(ctr *c, char **names)
{
    static const uint32_t moduli[] = { 8, 20, 32, 62 };
    const char *const *k;

    for (k = secagg_kernels(); *k != NULL; k++)
        for (size_t i = 0; i < sizeof moduli / sizeof *moduli; i++)
            rate_of(*k, SECAGG_SUITE_AES, moduli[i], c, names);
    for (k = secagg_kernels(); *k != NULL; k++)
        rate_of(*k, SECAGG_SUITE_CHACHA, 20, c, names);
}

/* The cost of one bit of an entry, by modulus, compared with b = 20. */
static void moduli(char **names)
{
    static const uint32_t others[] = { 8, 9, 11, 13, 15, 16, 17, 23, 24, 25,
        31, 32, 33, 40, 41, 47, 48, 49, 55, 57, 62, 63, 64 };
    const char *kernel = secagg_kernels()[0];
    job base = job_new(kernel, SECAGG_SUITE_AES, 20, 1000000, 100);

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        job j = job_new(kernel, SECAGG_SUITE_AES, others[i], 1000000, 100);
        char name[64];
        const bench_row row = { name, "ps", "a bit at b=20", BENCH_TIME, 1e12,
            { run_job, &j, 8 * stream_bytes(&j), NULL },
            { run_job, &base, 8 * stream_bytes(&base), NULL } };
        snprintf(name, sizeof name, "bit/b=%u", others[i]);
        bench_run(&row, names);
        job_free(&j);
    }
    job_free(&base);
}

/* The cost of an entry by length of the vector; short ones show the setup of a
 * seed. */
static void length(size_t count, size_t seeds, int calls, job *base,
    char **names)
{
    char name[64];
    bench_row row = { name, "ps", "m=1000000", BENCH_TIME, 1e12,
        { run_job, NULL, (double)count * (double)seeds * calls, NULL },
        { run_job, base, (double)base->count * (double)base->seeds,
            NULL } };
    job j;

    snprintf(name, sizeof name, "length/m=%zu", count);
    if (!bench_wanted(name, names))
        return;
    j = job_new(secagg_kernels()[0], SECAGG_SUITE_AES, 20, count, seeds);
    j.calls = calls;
    row.one.arg = &j;
    bench_run(&row, names);
    job_free(&j);
}

static void lengths(char **names)
{
    job base = job_new(secagg_kernels()[0], SECAGG_SUITE_AES, 20, 1000000,
        100);

    length(1000, 100, 50, &base, names);
    length(10000, 100, 10, &base, names);
    length(100000, 100, 5, &base, names);
    length(1000000, 100, 1, &base, names);
    length(10000000, 20, 1, &base, names);
    length(25000000, 20, 1, &base, names);
    length(100000000, 20, 1, &base, names);
    job_free(&base);
}

/* The setup cost of a seed: a segment of one entry. */
static void setup(char **names)
{
    uint8_t point[32] = { 9 };
    job j = job_new(secagg_kernels()[0], SECAGG_SUITE_AES, 20, 1, 100);
    const bench_row row = { "setup/a seed", "us", "x25519", BENCH_TIME, 1e6,
        { run_job, &j, 100 * SETUP_CALLS, NULL },
        { run_dh, point, DH_CALLS, NULL } };

    j.calls = SETUP_CALLS;
    bench_run(&row, names);
    job_free(&j);
}

int main(int argc, char **argv)
{
    ctr a, b;
    bench_row row = { "keystream", "GB/s", "itself", BENCH_RATE, 1e-9,
        { 0 }, { 0 } };

    (void)argc;
    bench_must(sodium_init() >= 0, "libsodium");
    ctr_new(&a);
    ctr_new(&b);
    row.one = side_of_ctr(&a);
    row.other = side_of_ctr(&b);
    bench_run(&row, argv + 1);
    rates(&a, argv + 1);
    lengths(argv + 1);
    setup(argv + 1);
    moduli(argv + 1);
    ctr_free(&a);
    ctr_free(&b);
    return 0;
}
