/* SPDX-License-Identifier: Apache-2.0 */
/* mask, planar, encoding (PROTOCOL.md 6, 7). */
#include <secagg/mask.h>
#include <string.h>

#include "client/input_buffer.h"
#include "core/bits.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "crypto/keystream.h"
#include "server/server_aggregate.h"
#include "vector/fixed.h"
#include "vector/planar.h"
#include "vector/rounding.h"
#include "vectors/vectors.h"

/* ---- mask --------------------------------------------------------------- */

/* Bytes of a keystream from any of them on. */
static secagg_err stream_at(vec *v, uint32_t suite, const uint8_t *key,
    uint64_t offset, uint8_t *out, size_t len)
{
    const size_t skip = offset % 64;
    uint8_t *bytes = vec_room(v, skip + len, 1);
    sa_keystream *prg;
    secagg_err err;

    SA_TRY(sa_keystream_new(&prg, suite));
    err = sa_keystream_rekey(prg, key);
    if (err == SECAGG_OK)
        err = sa_keystream_read(prg, offset - skip, bytes, skip + len);
    sa_keystream_free(prg);
    memcpy(out, bytes + skip, len);
    return err;
}

static void run_cipher(vec *v)
{
    const bool aes = strcmp(vec_text(v, "cipher"), "AES-128-CTR") == 0;
    const vec_bytes in = vec_hex(v, "input");
    const size_t key_len = aes ? 16 : 32;
    const uint8_t *counter = vec_fixed(v, "counter", 16);
    uint8_t key[SA_KEYSTREAM_KEY_MAX], *out = vec_room(v, in.len, 1);

    if (!aes && strcmp(vec_text(v, "cipher"), "ChaCha20") != 0)
        vec_differs(v, "cipher: unknown");
    memcpy(key, vec_fixed(v, "key", key_len), key_len);
    memcpy(key + key_len, counter + (aes ? 0 : 4), 12);
    if (!vec_ends(v, stream_at(v, aes ? 1 : 2, key, aes
        ? (uint64_t)sa_get_be32(counter + 12) * 16
        : (uint64_t)sa_get_le32(counter) * 64, out, in.len)))
        return;
    for (size_t i = 0; i < in.len; i++)
        out[i] ^= in.ptr[i];
    vec_want_bytes(v, "output", out, in.len);
}

/* The mask of whole blocks is the keystream itself (6.3): what the library
 * puts on zeros under its own label. */
static secagg_err stream_of(vec *v, uint32_t suite, const uint8_t seed[32],
    uint32_t segment, uint32_t bits, uint8_t *out, size_t len)
{
    const size_t block = (size_t)64 * bits;
    const size_t blocks = (len + block - 1) / block;
    uint8_t *planes = vec_room(v, blocks * block, 1);
    secagg_masks *masks;
    secagg_err err;

    SA_TRY(secagg_masks_new(&masks, suite));
    err = secagg_masks_add(masks, seed, 1);
    if (err == SECAGG_OK)
        err = secagg_masks_apply(masks, segment, bits, 0, planes,
            blocks * SA_BLOCK);
    secagg_masks_free(masks);
    memcpy(out, planes, len);
    return err;
}

static void run_stream(vec *v)
{
    const uint32_t suite = vec_u32(v, "suite"), bits = vec_u32(v, "bits");
    const uint32_t segment = vec_u32(v, "segment");
    const uint8_t *seed = vec_fixed(v, "seed", 32);
    const vec_bytes secret = vec_hex(v, "secret");
    const size_t len = vec_hex(v, "stream").len;
    uint8_t context[5], key[SA_KEYSTREAM_KEY_MAX], *out = vec_room(v, len, 1);

    if (secret.len != sa_keystream_key_bytes(suite) || bits < 1 || bits > 64) {
        vec_differs(v, "suite, bits: out of range");
        return;
    }
    sa_put_be32(context, segment);
    context[4] = (uint8_t)bits;
    if (vec_ends(v, sa_expand(key, secret.len, seed, "stream", context, 5)))
        vec_want_bytes(v, "secret", key, secret.len);
    if (vec_ends(v, stream_at(v, suite, secret.ptr, 0, out, len)))
        vec_want_bytes(v, "stream", out, len);
    if (vec_ends(v, stream_of(v, suite, seed, segment, bits, out, len)))
        vec_want_bytes(v, "stream", out, len);
}

/* Every kernel of this machine. */
static void run_range(vec *v)
{
    const vec_bytes set = vec_hex(v, "set"), before = vec_hex(v, "before");
    const uint32_t segment = vec_u32(v, "segment");
    const uint32_t bits = vec_u32(v, "bits");
    const uint64_t offset = vec_u64(v, "offset");
    const size_t count = (size_t)vec_int(v, "count");
    uint8_t *planes = vec_room(v, before.len, 1);
    secagg_masks *masks;

    if (bits >= 1 && bits <= 64 && before.len != sa_planar_bytes(count, bits))
        vec_differs(v, "before: not %u bits of %zu entries", bits, count);
    if (v->differs[0] != '\0'
        || !vec_good(v, secagg_masks_decode(&masks, set.ptr, set.len)))
        return;
    for (const char *const *k = secagg_kernels(); *k != NULL; k++) {
        memcpy(planes, before.ptr, before.len);
        if (vec_good(v, secagg_masks_use(masks, *k))
            && vec_ends(v, secagg_masks_apply(masks, segment, bits, offset,
                planes, count)))
            vec_want_bytes(v, "after", planes, before.len);
    }
    secagg_masks_free(masks);
}

static void run_set(vec *v)
{
    const vec_bytes set = vec_hex(v, "set");
    const size_t count = set.len > 12 ? (set.len - 12) / 33 : 0;
    uint8_t *out = vec_room(v, set.len, 1);
    uint8_t *signs = vec_room(v, count, 1), *seeds = vec_room(v, count, 32);
    secagg_masks *masks = NULL;

    if (vec_ends(v, secagg_masks_decode(&masks, set.ptr, set.len))
        && vec_good(v, secagg_masks_encode(masks, out, set.len))) {
        vec_want_bytes(v, "set", out, set.len);
        for (size_t i = 0; i < count; i++) {
            signs[i] = out[12 + 33 * i];
            memcpy(seeds + 32 * i, out + 13 + 33 * i, 32);
        }
        vec_want_int(v, "suite", sa_get_be16(out + 6));
        vec_want_bytes(v, "signs", signs, count);
        vec_want_bytes(v, "seeds", seeds, 32 * count);
    }
    secagg_masks_free(masks);
}

/* ---- planar ------------------------------------------------------------- */

/* What planes hold, read in both widths. */
static void check_entries(vec *v, const uint8_t *planes, size_t count,
    uint32_t bits)
{
    uint64_t *wide = vec_room(v, count, sizeof *wide);
    uint32_t *narrow = vec_room(v, count, sizeof *narrow);

    if (vec_ends(v, secagg_planar_unpack_u64(wide, planes, count, bits)))
        vec_want_u64s(v, "entries", wide, count);
    if (bits > 32 || !vec_ends(v, secagg_planar_unpack_u32(narrow, planes,
        count, bits)))
        return;
    for (size_t i = 0; i < count; i++)
        wide[i] = narrow[i];
    vec_want_u64s(v, "entries", wide, count);
}

static void run_planes(vec *v)
{
    const uint32_t bits = vec_u32(v, "bits");
    const size_t size = vec_hex(v, "planes").len;
    size_t count;
    const uint64_t *entries = vec_u64s(v, "entries", &count);
    uint32_t *narrow = vec_room(v, count, sizeof *narrow);
    uint8_t *planes = vec_room(v, size, 1);

    vec_want_int(v, "count", count);
    if (bits < 1 || bits > 64 || size != secagg_planar_size(count, bits)) {
        vec_differs(v, "planes: not %u bits of %zu entries", bits, count);
        return;
    }
    if (vec_ends(v, secagg_planar_pack_u64(planes, entries, count, bits)))
        vec_want_bytes(v, "planes", planes, size);
    for (size_t i = 0; i < count; i++)
        narrow[i] = (uint32_t)(entries[i] & UINT32_MAX);
    if (bits <= 32 && vec_ends(v, secagg_planar_pack_u32(planes, narrow,
        count, bits)))
        vec_want_bytes(v, "planes", planes, size);
    check_entries(v, planes, count, bits);
}

static void run_ragged(vec *v)
{
    const uint32_t bits = vec_u32(v, "bits");
    const size_t count = vec_u32(v, "count");

    if (bits < 1 || bits > 64)
        vec_differs(v, "bits: out of range");
    else
        check_entries(v, vec_fixed(v, "planes",
            secagg_planar_size(count, bits)), count, bits);
}

/* left - right, block by block, as a mask of minus sign is put on. */
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
    const uint8_t *left = vec_fixed(v, "left", size);
    const uint8_t *right = vec_fixed(v, "right", size);
    uint8_t *out = vec_room(v, size, 1);

    if (v->differs[0] != '\0')
        return;
    memcpy(out, left, size);
    if (vec_ends(v, secagg_planar_add(out, right, count, bits)))
        vec_want_bytes(v, "sum", out, size);
    memcpy(out, left, size);
    subtract(out, right, count, bits);
    vec_want_bytes(v, "difference", out, size);
}

/* ---- encoding ----------------------------------------------------------- */

/* Words of the rounding stream, four bytes each. */
static secagg_err words_of(vec *v, uint64_t offset, uint8_t *out,
    size_t count)
{
    uint8_t key[SA_KEYSTREAM_KEY_MAX];
    const uint32_t suite = vec_u32(v, "suite");

    SA_TRY(sa_rounding_derive_key(key, suite, vec_u32(v, "segment"),
        vec_fixed(v, "roundingSeed", 32)));
    return stream_at(v, suite, key, 4 * offset, out, 4 * count);
}

static void want_words(vec *v, const uint8_t *bytes, size_t count)
{
    uint32_t *words = vec_room(v, count, sizeof *words);

    for (size_t i = 0; i < count; i++)
        words[i] = sa_get_le32(bytes + 4 * i);
    vec_want_u32s(v, "words", words, count);
}

static void run_words(vec *v)
{
    const size_t count = vec_hex(v, "words").len / 4;
    uint8_t *words = vec_room(v, count, 4);

    if (vec_ends(v, words_of(v, vec_int(v, "offset"), words, count)))
        want_words(v, words, count);
}

/* The segment that a group of values speaks of. */
static secagg_segment segment_of(vec *v, uint32_t kind, uint32_t rounding)
{
    secagg_segment s = { .length = 1, .kind = kind, .bits = 64,
        .rounding = rounding };

    s.value_bits = vec_u32(v, "valueBits");
    s.clip = vec_double(v, "clip");
    if (!sa_fixed_sound(&s))
        vec_differs(v, "clip, valueBits, rounding: not sound");
    return s;
}

/* What the function for hosts says, where it can do the same. */
static void check_host(vec *v, const secagg_segment *s, const double *values,
    size_t count)
{
    uint64_t *out = vec_room(v, count, sizeof *out), clipped;

    if (s->kind != SECAGG_REAL || vec_int(v, "offset") != 0
        || !vec_ends(v, secagg_fixed_encode_f64(out, values, count, s,
            vec_u32(v, "suite"), vec_u32(v, "segment"),
            vec_fixed(v, "roundingSeed", 32), &clipped)))
        return;
    vec_want_u64s(v, "entries", out, count);
    vec_want_int(v, "clipped", clipped);
}

static void run_quantise(vec *v)
{
    const secagg_segment s = segment_of(v, vec_u32(v, "kind"),
        vec_u32(v, "rounding"));
    const bool nearest = s.rounding == SECAGG_NEAREST;
    const uint64_t weight = vec_u64(v, "weight");
    size_t count;
    uint64_t *bits = vec_u64s(v, "values", &count), clipped = 0;
    uint64_t *out = vec_room(v, count, sizeof *out);
    double *values = vec_room(v, count, sizeof *values);
    uint8_t *words = vec_room(v, count, 4);

    memcpy(values, bits, count * sizeof *values);
    check_host(v, &s, values, count);
    if (v->differs[0] != '\0' || !vec_ends(v,
        sa_fixed_finite_f64(values, count) ? SECAGG_OK : SECAGG_ERR_VALUE)
        || !vec_good(v, words_of(v, vec_int(v, "offset"), words, count)))
        return;
    want_words(v, words, nearest ? 0 : count);
    sa_fixed_encode(out, values, count, &s, nearest ? NULL : words,
        s.kind == SECAGG_WEIGHTED ? weight : 1, &clipped);
    vec_want_u64s(v, "entries", out, count);
    vec_want_int(v, "clipped", clipped);
}

/* A segment as all there is, for what works on whole inputs and results. */
typedef struct lone {
    secagg_segment segment;
    uint64_t place;
    sa_params params;
} lone;

static void lone_make(lone *l)
{
    l->params = (sa_params){ .segments = &l->segment, .places = &l->place,
        .count = 1, .vector = sa_planar_bytes(l->segment.length,
            l->segment.bits) };
    l->params.own.segments = &l->segment;
    l->params.own.segment_count = 1;
}

static void run_integers(vec *v)
{
    size_t count;
    const uint64_t *values = vec_u64s(v, "values", &count);
    lone l = { .segment = { .length = count, .bits = vec_u32(v, "bits") } };
    sa_input_buffer input;

    lone_make(&l);
    if (count == 0 || l.segment.bits < 1 || l.segment.bits > 64)
        vec_differs(v, "bits, values: out of range");
    if (v->differs[0] != '\0'
        || !vec_good(v, sa_input_buffer_init(&input, &l.params, 0)))
        return;
    if (vec_ends(v, sa_input_buffer_u64(&input, 0, 0, values, count)))
        vec_want_bytes(v, "planes", sa_input_buffer_planes(&input),
            (size_t)l.params.vector);
    sa_input_buffer_free(&input);
}

/* One total, unmasked, as the server holds it: read it in some form. */
static secagg_err read_total(vec *v, lone *l, uint64_t addends,
    uint64_t total, sa_sum_format form, void *out)
{
    sa_aggregate result = { &l->params, NULL, NULL, 0, addends };
    secagg_err err;

    lone_make(l);
    result.planes = vec_room(v, (size_t)l->params.vector, 1);
    SA_TRY(secagg_planar_pack_u64(result.planes, &total, 1,
        l->segment.bits));
    SA_TRY(secagg_masks_new(&result.masks, 1));
    err = sa_aggregate_read(&result, form, 0, 0, out, 1);
    secagg_masks_free(result.masks);
    return err;
}

/* A single, as its bits. */
static void want_single(vec *v, const char *name, float got)
{
    uint32_t bits;

    memcpy(&bits, &got, sizeof bits);
    vec_want_u32s(v, name, &bits, 1);
}

/* The error is that of the mean; the sum is there all the same. */
static void run_decoding(vec *v)
{
    lone l = { .segment = segment_of(v, SECAGG_WEIGHTED, SECAGG_NEAREST) };
    const uint64_t addends = vec_u64(v, "addends");
    const uint64_t total = vec_u64(v, "total");
    double sum = 0, mean = 0;
    float sum_single = 0, mean_single = 0;

    if (!vec_good(v, read_total(v, &l, addends, total, SA_SUM_F64, &sum))
        || !vec_good(v, read_total(v, &l, addends, total, SA_SUM_F32,
            &sum_single)))
        return;
    vec_want_double(v, "sum", sum);
    want_single(v, "sumSingle", sum_single);
    if (!vec_ends(v, read_total(v, &l, addends, total, SA_MEAN_F64, &mean))
        || !vec_ends(v, read_total(v, &l, addends, total, SA_MEAN_F32,
            &mean_single)))
        return;
    vec_want_double(v, "mean", mean);
    want_single(v, "meanSingle", mean_single);
}

static void run_signed(vec *v)
{
    lone l = { .segment = { .length = 1, .bits = vec_u32(v, "bits") } };
    int64_t out = 0;
    uint64_t bits;

    if (l.segment.bits < 1 || l.segment.bits > 64)
        vec_differs(v, "bits: out of range");
    else if (vec_ends(v, read_total(v, &l, 1, vec_u64(v, "total"), SA_SUM_I64,
        &out))) {
        memcpy(&bits, &out, sizeof bits);
        vec_want_u64(v, "value", bits);
    }
}

/* Decode of encoding.json has the name of that of decode.json; its group has
 * members of its own. */
const vec_type vec_vectors[] = {
    { "Cipher", "", "cipher key counter input output", run_cipher },
    { "Stream", "", "suite seed segment bits secret stream", run_stream },
    { "Range", "", "set segment bits offset count before after", run_range },
    { "Set", "", "set suite signs seeds", run_set },
    { "Planes", "", "bits count entries planes", run_planes },
    { "Ragged", "", "bits count planes entries", run_ragged },
    { "Sum", "", "bits count left right sum difference", run_sum },
    { "Words", "", "suite roundingSeed segment offset words", run_words },
    { "Quantise", "kind valueBits rounding clip",
        "suite roundingSeed segment offset weight words values entries "
        "clipped", run_quantise },
    { "Integers", "", "bits values planes", run_integers },
    { "Decode", "valueBits clip",
        "addends total sum sumSingle mean meanSingle", run_decoding },
    { "Signed", "", "bits total value", run_signed },
    { NULL, NULL, NULL, NULL },
};
