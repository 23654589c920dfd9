/* SPDX-License-Identifier: Apache-2.0 */
#include "vector/mask.h"

#include <secagg/params.h>
#include <string.h>

#include "core/bits.h"
#include "core/cpu.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "crypto/suite.h"
#include "vector/mask_backend.h"
#include "vector/planar.h"

#define MAGIC "LSAM"
#define HEADER_BYTES 12
#define RECORD_BYTES (1 + SECAGG_SEED_BYTES)
#define SEEDS_MAX ((size_t)1 << 24)
#define STREAM_MAX ((uint64_t)1 << 36)

typedef struct signed_seed {
    uint8_t seed[SECAGG_SEED_BYTES];
    bool minus;
} signed_seed;

/* Code for AES-128-CTR (NULL: the provider's keystream serves it, too), the
 * adder of the provider's keystream, and the instructions that the kernel
 * needs. */
typedef struct kernel {
    const sa_aes_backend *aes;
    const sa_planar_backend *planar;
    sa_cpu_vectors vectors;
    bool wide_aes; /* also needs AES instructions as wide as the vectors */
} kernel;

struct secagg_masks {
    uint32_t suite;
    sa_cipher cipher; /* of the suite */
    const kernel *kernel;
    signed_seed *seeds;
    size_t count, capacity;
};

/* ---- kernels ------------------------------------------------------------ */

/* The fastest first. A machine that can run a kernel can run all kernels after
 * it, so that the names of its kernels are the end of `names`. */
#if defined(__aarch64__)
static const char *const names[] = { "neon", "portable", NULL };
static const kernel kernels[] = {
    { &sa_aes_neon, &sa_planar_neon, SA_CPU_NEON, false },
#else
static const char *const names[] = { "vaes512", "vaes256", "aesni-avx2",
    "aesni", "portable", NULL };
static const kernel kernels[] = {
    { &sa_aes_vaes512, &sa_planar_avx512, SA_CPU_AVX512, true },
    { &sa_aes_vaes256, &sa_planar_avx2, SA_CPU_AVX2, true },
    { &sa_aes_avx2, &sa_planar_avx2, SA_CPU_AVX2, false },
    { &sa_aes_sse2, &sa_planar_portable, SA_CPU_BASE, false },
#endif
    { NULL, &sa_planar_portable, SA_CPU_BASE, false },
};

/* Returns whether the compiler and the machine support the kernel. */
static bool is_usable(const kernel *k)
{
    return k->aes == NULL
        || (k->aes->add_tile != NULL && k->planar->add != NULL
            && sa_cpu_best() >= k->vectors && sa_cpu_aes()
            && (!k->wide_aes || sa_cpu_wide_aes()));
}

/* Returns the index of the fastest usable kernel. */
static size_t best_kernel(void)
{
    size_t i = 0;

    while (!is_usable(&kernels[i]))
        i++;
    return i;
}

/* Returns NULL if the provider must compute the cipher: the AES backends
 * compute AES-128-CTR only. */
static const sa_aes_backend *aes_backend(const kernel *k, sa_cipher cipher)
{
    switch (cipher) {
    case SA_AES_128_CTR: return k->aes;
    case SA_CHACHA20: return NULL;
    }
    return NULL; /* no cipher: sa_keystream_new returns an error */
}

const sa_aes_backend *sa_aes_best(sa_cipher cipher)
{
    return aes_backend(&kernels[best_kernel()], cipher);
}

const char *const *secagg_kernels(void)
{
    return names + best_kernel();
}

secagg_err secagg_masks_use(secagg_masks *masks, const char *name)
{
    for (size_t i = best_kernel(); names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0) {
            masks->kernel = &kernels[i];
            return SECAGG_OK;
        }
    return SECAGG_ERR_ARG;
}

/* ---- the set of seeds --------------------------------------------------- */

secagg_err secagg_masks_new(secagg_masks **masks, uint32_t suite)
{
    char reason[SA_PROVIDER_REASON]; /* no caller reads it */
    secagg_masks *m;
    sa_cipher cipher;

    SA_TRY(sa_suite_cipher(&cipher, suite));
    SA_TRY(sa_suite_check(suite, reason));
    m = sa_alloc(1, sizeof *m);
    if (m == NULL)
        return SECAGG_ERR_MEMORY;
    m->suite = suite;
    m->cipher = cipher;
    m->kernel = &kernels[best_kernel()];
    *masks = m;
    return SECAGG_OK;
}

void secagg_masks_free(secagg_masks *masks)
{
    if (masks == NULL)
        return;
    sa_free(masks->seeds);
    sa_free(masks);
}

/* Make sure that there is capacity for one more seed. */
static secagg_err reserve(secagg_masks *masks)
{
    const size_t capacity = masks->capacity == 0 ? 16 : 2 * masks->capacity;
    signed_seed *seeds;

    if (masks->count < masks->capacity)
        return SECAGG_OK;
    seeds = sa_realloc_wipe(masks->seeds, capacity, sizeof *seeds);
    if (seeds == NULL)
        return SECAGG_ERR_MEMORY;
    masks->seeds = seeds;
    masks->capacity = capacity;
    return SECAGG_OK;
}

secagg_err secagg_masks_add(secagg_masks *masks,
    const uint8_t seed[SECAGG_SEED_BYTES], int sign)
{
    if (sign != 1 && sign != -1)
        return SECAGG_ERR_ARG;
    if (masks->count == SEEDS_MAX)
        return SECAGG_ERR_SIZE;
    SA_TRY(reserve(masks));
    memcpy(masks->seeds[masks->count].seed, seed, SECAGG_SEED_BYTES);
    masks->seeds[masks->count].minus = sign < 0;
    masks->count++;
    return SECAGG_OK;
}

/* ---- encoding of a set (PROTOCOL.md 6.6) -------------------------------- */

size_t secagg_masks_encoded_size(const secagg_masks *masks)
{
    return HEADER_BYTES + RECORD_BYTES * masks->count;
}

secagg_err secagg_masks_encode(const secagg_masks *masks, uint8_t *bytes,
    size_t len)
{
    if (len != secagg_masks_encoded_size(masks))
        return SECAGG_ERR_SIZE;
    memcpy(bytes, MAGIC, 4);
    sa_put_be16(bytes + 4, 1);
    sa_put_be16(bytes + 6, (uint16_t)masks->suite);
    sa_put_be32(bytes + 8, (uint32_t)masks->count);
    for (size_t i = 0; i < masks->count; i++) {
        uint8_t *record = bytes + HEADER_BYTES + RECORD_BYTES * i;
        record[0] = masks->seeds[i].minus;
        memcpy(record + 1, masks->seeds[i].seed, SECAGG_SEED_BYTES);
    }
    return SECAGG_OK;
}

static secagg_err add_records(secagg_masks *masks, const uint8_t *record,
    size_t count)
{
    for (size_t i = 0; i < count; i++, record += RECORD_BYTES) {
        if (record[0] > 1)
            return SECAGG_ERR_MESSAGE;
        SA_TRY(secagg_masks_add(masks, record + 1, record[0] == 0 ? 1 : -1));
    }
    return SECAGG_OK;
}

secagg_err secagg_masks_decode(secagg_masks **masks, const uint8_t *bytes,
    size_t len)
{
    secagg_masks *m;
    sa_cipher cipher;
    secagg_err err;

    if (len < HEADER_BYTES || memcmp(bytes, MAGIC, 4) != 0 /* public */
        || sa_get_be16(bytes + 4) != 1
        || sa_suite_cipher(&cipher, sa_get_be16(bytes + 6)) != SECAGG_OK
        || (len - HEADER_BYTES) % RECORD_BYTES != 0
        || (len - HEADER_BYTES) / RECORD_BYTES > SEEDS_MAX
        || sa_get_be32(bytes + 8) != (len - HEADER_BYTES) / RECORD_BYTES)
        return SECAGG_ERR_MESSAGE;
    SA_TRY(secagg_masks_new(&m, sa_get_be16(bytes + 6)));
    err = add_records(m, bytes + HEADER_BYTES,
        (len - HEADER_BYTES) / RECORD_BYTES);
    if (err == SECAGG_OK)
        *masks = m;
    else
        secagg_masks_free(m);
    return err;
}

/* ---- masking ------------------------------------------------------------ */

struct sa_masking {
    const secagg_masks *masks;
    const sa_aes_backend *aes; /* NULL: use `keystream` */
    sa_expander *expander;
    sa_keystream *keystream;
    sa_mask_key *keys;
    uint8_t *scratch;
};

static secagg_err init(sa_masking *m)
{
    m->aes = aes_backend(m->masks->kernel, m->masks->cipher);
    m->keys = sa_alloc(m->masks->count, sizeof *m->keys);
    m->scratch = sa_alloc(m->aes != NULL ? sa_mask_aes_scratch(m->masks->count)
                                         : SA_MASK_PORTABLE_SCRATCH, 1);
    if (m->keys == NULL || m->scratch == NULL)
        return SECAGG_ERR_MEMORY;
    SA_TRY(sa_expander_new(&m->expander));
    return m->aes != NULL
        ? SECAGG_OK : sa_keystream_new(&m->keystream, m->masks->cipher);
}

secagg_err sa_masking_new(sa_masking **masking, const secagg_masks *masks)
{
    sa_masking *m = sa_alloc(1, sizeof *m);
    secagg_err err;

    if (m == NULL)
        return SECAGG_ERR_MEMORY;
    m->masks = masks;
    err = init(m);
    if (err == SECAGG_OK)
        *masking = m;
    else
        sa_masking_free(m);
    return err;
}

void sa_masking_free(sa_masking *masking)
{
    if (masking == NULL)
        return;
    sa_keystream_free(masking->keystream);
    sa_expander_free(masking->expander);
    sa_free(masking->keys);
    sa_free(masking->scratch);
    sa_free(masking);
}

/* Derive key || nonce = Derive(seed, "stream", u8 bits) of each seed, for the
 * lane of these bits (PROTOCOL.md 6.2). */
static secagg_err derive_keys(sa_masking *m, uint32_t bits)
{
    const size_t len = sa_keystream_key_bytes(m->masks->cipher);
    const uint8_t context = (uint8_t)bits;

    for (size_t i = 0; i < m->masks->count; i++) {
        SA_TRY(sa_expander_run(m->expander, m->keys[i].bytes, len,
            m->masks->seeds[i].seed, "stream", &context, sizeof context));
        m->keys[i].flip = m->masks->seeds[i].minus ? UINT64_MAX : 0;
    }
    return SECAGG_OK;
}

/* Check a range of entries against the limits of PROTOCOL.md 6.5. */
static secagg_err check_range(uint32_t bits, uint64_t offset, size_t count)
{
    uint64_t max_entries;

    if (bits == 0 || bits > 64 || offset % SA_BLOCK != 0)
        return SECAGG_ERR_ARG;
    max_entries = STREAM_MAX / ((uint64_t)SA_PLANE * bits) * SA_BLOCK;
    if (offset > max_entries || count > max_entries - offset
        || (count > 0 && secagg_planar_size(count, bits) == 0))
        return SECAGG_ERR_SIZE;
    return SECAGG_OK;
}

/* Add or subtract the mask of each seed (PROTOCOL.md 6.3, 6.4). */
secagg_err sa_masking_apply(sa_masking *m, uint32_t bits, uint64_t offset,
    uint8_t *acc, size_t count)
{
    const sa_mask_stream stream = { bits, m->keys, m->masks->count };

    SA_TRY(check_range(bits, offset, count));
    SA_TRY(derive_keys(m, bits));
    if (m->aes == NULL)
        return sa_mask_portable(m->masks->kernel->planar->add, m->keystream,
            &stream, offset / SA_BLOCK, acc, count, m->scratch);
    sa_mask_aes(m->aes, &stream, offset / SA_BLOCK, acc, count, m->scratch);
    return SECAGG_OK;
}

secagg_err secagg_masks_apply(const secagg_masks *masks, uint32_t bits,
    uint64_t offset, uint8_t *acc, size_t count)
{
    sa_masking *masking;
    secagg_err err;

    SA_TRY(check_range(bits, offset, count));
    if (count == 0 || masks->count == 0)
        return SECAGG_OK;
    SA_TRY(sa_masking_new(&masking, masks));
    err = sa_masking_apply(masking, bits, offset, acc, count);
    sa_masking_free(masking);
    return err;
}
