/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of mask and planar (PROTOCOL.md 6). */
#include <secagg/mask.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "crypto/suite.h"
#include "vector/planar.h"
#include "vectors/vectors_keystream.h"

/* ---- mask --------------------------------------------------------------- */

secagg_err vec_keystream(vec *v, sa_cipher cipher, const uint8_t *key,
    uint64_t offset, uint8_t *out, size_t len)
{
    const size_t skip = offset % 64;
    uint8_t *bytes = vec_alloc(v, skip + len, 1);
    sa_keystream *ks;
    secagg_err err;

    SA_TRY(sa_keystream_new(&ks, cipher));
    sa_keystream_rekey(ks, key);
    err = sa_keystream_read(ks, offset - skip, bytes, skip + len);
    sa_keystream_free(ks);
    memcpy(out, bytes + skip, len);
    return err;
}

static void run_cipher(vec *v)
{
    const bool aes = strcmp(vec_text(v, "cipher"), "AES-128-CTR") == 0;
    const vec_bytes in = vec_hex(v, "input");
    const size_t key_len = aes ? 16 : 32;
    const uint8_t *counter = vec_fixed(v, "counter", 16);
    uint8_t key[SA_KEYSTREAM_KEY_MAX], *out = vec_alloc(v, in.len, 1);

    if (!aes && strcmp(vec_text(v, "cipher"), "ChaCha20") != 0)
        vec_fail(v, "cipher: unknown");
    memcpy(key, vec_fixed(v, "key", key_len), key_len);
    memcpy(key + key_len, counter + (aes ? 0 : 4), 12);
    if (!vec_check(v, vec_keystream(v, aes ? SA_AES_128_CTR : SA_CHACHA20,
        key, aes ? (uint64_t)sa_get_be32(counter + 12) * 16
        : (uint64_t)sa_get_le32(counter) * 64, out, in.len)))
        return;
    for (size_t i = 0; i < in.len; i++)
        out[i] ^= in.ptr[i];
    vec_expect_bytes(v, "output", out, in.len);
}

/* Reads a keystream as the mask that the library adds to zeros: the mask of
 * whole blocks is the keystream itself (6.3). */
static secagg_err read_mask(vec *v, uint32_t suite, const uint8_t seed[32],
    uint32_t bits, uint8_t *out, size_t len)
{
    const size_t block = (size_t)64 * bits;
    const size_t blocks = (len + block - 1) / block;
    uint8_t *planes = vec_alloc(v, blocks * block, 1);
    secagg_masks *masks;
    secagg_err err;

    SA_TRY(secagg_masks_new(&masks, suite));
    err = secagg_masks_add(masks, seed, 1);
    if (err == SECAGG_OK)
        err = secagg_masks_apply(masks, bits, 0, planes,
            blocks * SA_BLOCK);
    secagg_masks_free(masks);
    memcpy(out, planes, len);
    return err;
}

static void run_stream(vec *v)
{
    const uint32_t suite = vec_u32(v, "suite"), bits = vec_u32(v, "bits");
    const uint8_t *seed = vec_fixed(v, "seed", 32);
    const vec_bytes secret = vec_hex(v, "secret");
    const size_t len = vec_hex(v, "stream").len;
    const uint8_t context = (uint8_t)bits;
    uint8_t key[SA_KEYSTREAM_KEY_MAX], *out = vec_alloc(v, len, 1);
    sa_cipher cipher;

    if (sa_suite_cipher(&cipher, suite) != SECAGG_OK
        || secret.len != sa_keystream_key_bytes(cipher) || bits < 1
        || bits > 64) {
        vec_fail(v, "suite, bits: out of range");
        return;
    }
    if (vec_check(v, sa_expand(key, secret.len, seed, "stream", &context, 1)))
        vec_expect_bytes(v, "secret", key, secret.len);
    if (vec_check(v, vec_keystream(v, cipher, secret.ptr, 0, out, len)))
        vec_expect_bytes(v, "stream", out, len);
    if (vec_check(v, read_mask(v, suite, seed, bits, out, len)))
        vec_expect_bytes(v, "stream", out, len);
}

/* Applies the mask set with each kernel of this machine. */
static void run_range(vec *v)
{
    const vec_bytes set = vec_hex(v, "set"), before = vec_hex(v, "before");
    const uint32_t bits = vec_u32(v, "bits");
    const uint64_t offset = vec_u64(v, "offset");
    const size_t count = (size_t)vec_int(v, "count");
    uint8_t *planes = vec_alloc(v, before.len, 1);
    secagg_masks *masks;

    if (bits >= 1 && bits <= 64 && before.len != sa_planar_bytes(count, bits))
        vec_fail(v, "before: not %u bits of %zu entries", bits, count);
    if (v->failure[0] != '\0'
        || !vec_ok(v, secagg_masks_decode(&masks, set.ptr, set.len)))
        return;
    for (const char *const *k = secagg_kernels(); *k != NULL; k++) {
        memcpy(planes, before.ptr, before.len);
        if (vec_ok(v, secagg_masks_use(masks, *k))
            && vec_check(v, secagg_masks_apply(masks, bits, offset, planes,
                count)))
            vec_expect_bytes(v, "after", planes, before.len);
    }
    secagg_masks_free(masks);
}

static void run_set(vec *v)
{
    const vec_bytes set = vec_hex(v, "set");
    const size_t count = set.len > 12 ? (set.len - 12) / 33 : 0;
    uint8_t *out = vec_alloc(v, set.len, 1);
    uint8_t *signs = vec_alloc(v, count, 1), *seeds = vec_alloc(v, count, 32);
    secagg_masks *masks = NULL;

    if (vec_check(v, secagg_masks_decode(&masks, set.ptr, set.len))
        && vec_ok(v, secagg_masks_encode(masks, out, set.len))) {
        vec_expect_bytes(v, "set", out, set.len);
        for (size_t i = 0; i < count; i++) {
            signs[i] = out[12 + 33 * i];
            memcpy(seeds + 32 * i, out + 13 + 33 * i, 32);
        }
        vec_expect_int(v, "suite", sa_get_be16(out + 6));
        vec_expect_bytes(v, "signs", signs, count);
        vec_expect_bytes(v, "seeds", seeds, 32 * count);
    }
    secagg_masks_free(masks);
}

/* ---- planar ------------------------------------------------------------- */

/* Reads the entries of planes with both widths of integers. */
static void check_entries(vec *v, const uint8_t *planes, size_t count,
    uint32_t bits)
{
    uint64_t *wide = vec_alloc(v, count, sizeof *wide);
    uint32_t *narrow = vec_alloc(v, count, sizeof *narrow);

    if (vec_check(v, secagg_planar_unpack_u64(wide, planes, count, bits)))
        vec_expect_u64s(v, "entries", wide, count);
    if (bits > 32 || !vec_check(v, secagg_planar_unpack_u32(narrow, planes,
        count, bits)))
        return;
    for (size_t i = 0; i < count; i++)
        wide[i] = narrow[i];
    vec_expect_u64s(v, "entries", wide, count);
}

static void run_planes(vec *v)
{
    const uint32_t bits = vec_u32(v, "bits");
    const size_t size = vec_hex(v, "planes").len;
    size_t count;
    const uint64_t *entries = vec_u64s(v, "entries", &count);
    uint32_t *narrow = vec_alloc(v, count, sizeof *narrow);
    uint8_t *planes = vec_alloc(v, size, 1);

    vec_expect_int(v, "count", count);
    if (bits < 1 || bits > 64 || size != secagg_planar_size(count, bits)) {
        vec_fail(v, "planes: not %u bits of %zu entries", bits, count);
        return;
    }
    if (vec_check(v, secagg_planar_pack_u64(planes, entries, count, bits)))
        vec_expect_bytes(v, "planes", planes, size);
    for (size_t i = 0; i < count; i++)
        narrow[i] = (uint32_t)(entries[i] & UINT32_MAX);
    if (bits <= 32 && vec_check(v, secagg_planar_pack_u32(planes, narrow,
        count, bits)))
        vec_expect_bytes(v, "planes", planes, size);
    check_entries(v, planes, count, bits);
}

static void run_ragged(vec *v)
{
    const uint32_t bits = vec_u32(v, "bits");
    const size_t count = vec_u32(v, "count");

    const uint8_t *planes;

    if (bits < 1 || bits > 64)
        vec_fail(v, "bits: out of range");
    if (v->failure[0] != '\0')
        return;
    planes = vec_sized(v, "planes", secagg_planar_size(count, bits));
    if (planes != NULL)
        check_entries(v, planes, count, bits);
}

/* Computes left - right block by block, as the library subtracts masks. */
static void subtract(uint8_t *left, const uint8_t *right, size_t count,
    uint32_t bits)
{
    uint8_t a[64 * SA_PLANE], b[64 * SA_PLANE];

    for (size_t done = 0; done < count; done += SA_BLOCK) {
        const size_t at = (size_t)sa_planar_at(done, bits);
        const size_t have = count - done < SA_BLOCK ? count - done : SA_BLOCK;
        const size_t stride = (have + 7) / 8;
        sa_planar_pad_block(a, left + at, stride, bits);
        sa_planar_pad_block(b, right + at, stride, bits);
        sa_planar_best()->add(a, b, 1, bits, UINT64_MAX);
        sa_planar_trim_block(left + at, stride, a, bits);
    }
}

static void run_sum(vec *v)
{
    const uint32_t bits = vec_u32(v, "bits");
    const size_t count = vec_u32(v, "count");
    const size_t size = bits >= 1 && bits <= 64
        ? secagg_planar_size(count, bits) : 0;
    const uint8_t *left = vec_sized(v, "left", size);
    const uint8_t *right = vec_sized(v, "right", size);
    uint8_t *out;

    if (left == NULL || right == NULL)
        return;
    out = vec_alloc(v, size, 1);
    memcpy(out, left, size);
    if (vec_check(v, secagg_planar_add(out, right, count, bits)))
        vec_expect_bytes(v, "sum", out, size);
    memcpy(out, left, size);
    subtract(out, right, count, bits);
    vec_expect_bytes(v, "difference", out, size);
}

const vec_type vec_values[] = {
    { "Cipher", "", "cipher key counter input output", run_cipher },
    { "Stream", "", "suite seed bits secret stream", run_stream },
    { "Range", "", "set bits offset count before after", run_range },
    { "Set", "", "set suite signs seeds", run_set },
    { "Planes", "", "bits count entries planes", run_planes },
    { "Ragged", "", "bits count planes entries", run_ragged },
    { "Sum", "", "bits count left right sum difference", run_sum },
    { NULL, NULL, NULL, NULL },
};
