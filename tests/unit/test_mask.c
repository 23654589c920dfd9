/* SPDX-License-Identifier: Apache-2.0 */
/* mask: masks of signed seeds against HKDF on libsodium's HMAC, AES one block
 * at a time, libsodium's ChaCha20, and planes read bit by bit. */
#include <secagg/mask.h>
#include <secagg/params.h>
#include <secagg/planar.h>

#include "support/main.h"
#include "support/oracle.h"
#include "support/util.h"

#define SEEDS 3
#define BOTH(suite) uint32_t suite = FIRST_SUITE; suite <= 2; suite++

typedef struct signed_seed {
    uint8_t seed[32];
    int sign;
} signed_seed;

/* A range of a lane. */
typedef struct range {
    uint32_t suite, bits;
    uint64_t offset;
    size_t count;
} range;

static const signed_seed *some_seeds(uint64_t state)
{
    static signed_seed seeds[SEEDS];

    for (int i = 0; i < SEEDS; i++) {
        prng_bytes(&state, seeds[i].seed, 32);
        seeds[i].sign = i % 2 ? -1 : 1;
    }
    return seeds;
}

static secagg_masks *set_of(uint32_t suite, const signed_seed *seeds,
    size_t count)
{
    secagg_masks *masks;

    ck_assert_int_eq(secagg_masks_new(&masks, suite), SECAGG_OK);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(secagg_masks_add(masks, seeds[i].seed,
            seeds[i].sign), SECAGG_OK);
    return masks;
}

/* Add the mask of one seed to the entries of a range, and to the padding
 * entries of its last byte: block q of 512 entries uses bytes
 * [64 b q, 64 b (q + 1)) of the keystream. */
static void naive_mask(uint64_t *entries, const range *r,
    const signed_seed *seed)
{
    const size_t blocks = (r->count + 511) / 512;
    uint8_t *stream = malloc(64 * (size_t)r->bits * blocks), key[44];

    naive_key(key, r->suite, seed->seed, "LSA1 stream", r->bits);
    naive_stream(stream, r->bits * blocks, r->offset / 512 * r->bits,
        r->suite, key);
    for (size_t i = 0; i < padded(r->count); i++) {
        const uint64_t mask = naive_get(stream, 512 * blocks, r->bits, i);
        entries[i] += seed->sign > 0 ? mask : 0 - mask;
    }
    free(stream);
}

static void check_apply(const range *r, const char *kernel)
{
    const size_t len = secagg_planar_size(r->count, r->bits);
    const size_t entries = padded(r->count);
    const signed_seed *seeds = some_seeds(r->bits + r->offset);
    secagg_masks *masks = set_of(r->suite, seeds, SEEDS);
    uint64_t state = r->count, *want = malloc(entries * sizeof *want);
    uint8_t *acc = guarded_alloc(len);

    prng_bytes(&state, acc, len);
    for (size_t i = 0; i < entries; i++)
        want[i] = naive_get(acc, r->count, r->bits, i);
    for (int i = 0; i < SEEDS; i++)
        naive_mask(want, r, &seeds[i]);
    ck_assert_int_eq(secagg_masks_use(masks, kernel), SECAGG_OK);
    ck_assert_int_eq(secagg_masks_apply(masks, r->bits, r->offset, acc,
        r->count), SECAGG_OK);
    for (size_t i = 0; i < entries; i++)
        if (naive_get(acc, r->count, r->bits, i) != modulo(want[i], r->bits))
            ck_abort_msg("suite %u, %u bits, entry %zu of %zu", r->suite,
                r->bits, i, r->count);
    secagg_masks_free(masks);
    guarded_free(acc, len);
    free(want);
}

static void check_all(const range *r)
{
    for (const char *const *k = secagg_kernels(); *k != NULL; k++)
        check_apply(r, *k);
}

/* ---- masks -------------------------------------------------------------- */

START_TEST(masks_match_the_protocol_for_every_modulus)
{
    for (BOTH(suite))
        for (uint32_t bits = 1; bits <= 64; bits++)
            check_all(&(range){ suite, bits, 512 * 9, 512 + 389 });
}
END_TEST

START_TEST(masks_match_the_protocol_up_to_the_last_byte)
{
    static const size_t counts[] = { 1, 7, 8, 9, 13, 64, 65, 504, 505, 511,
        512, 513, 1023, 1024, 1025, 1544 };
    static const uint32_t moduli[] = { 1, 8, 20, 33, 64 };

    for (BOTH(suite))
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
            for (int b = 0; b < 5; b++)
                check_all(&(range){ suite, moduli[b], 0, counts[i] });
}
END_TEST

/* Longer than the tiles of the kernels. */
START_TEST(masks_match_the_protocol_on_long_ranges)
{
    for (BOTH(suite)) {
        check_all(&(range){ suite, 1, 512, 262144 + 77 });
        check_all(&(range){ suite, 23, 1024, 30000 });
        check_all(&(range){ suite, 64, 0, 512 * 13 + 1 });
    }
}
END_TEST

/* Up to byte 2^36 of the keystream. */
START_TEST(masks_match_the_protocol_at_the_end_of_the_keystream)
{
    for (BOTH(suite)) {
        check_all(&(range){ suite, 64, ((uint64_t)1 << 33) - 1024, 1024 });
        check_all(&(range){ suite, 1, ((uint64_t)1 << 39) - 1024, 1020 });
        check_all(&(range){ suite, 3,
            ((uint64_t)1 << 30) / 3 * 512 - 512, 512 });
    }
}
END_TEST

START_TEST(masking_the_parts_of_a_range_masks_the_range)
{
    static const uint32_t moduli[] = { 1, 9, 40, 64 };
    const size_t count = 512 * 11 + 300;

    for (BOTH(suite))
        for (int b = 0; b < 4; b++) {
            const uint32_t bits = moduli[b];
            const size_t len = secagg_planar_size(count, bits);
            secagg_masks *masks = set_of(suite, some_seeds(8), SEEDS);
            uint8_t *whole = calloc(len, 1), *parts = malloc(len);
            ck_assert_int_eq(secagg_masks_apply(masks, bits, 1536, whole,
                count), SECAGG_OK);
            for (size_t split = 0; split < 12 * 12; split++) {
                const size_t i = split % 12, j = split / 12;
                const size_t cuts[] = { 0, 512 * i, 512 * (i > j ? i : j),
                    count };
                memset(parts, 0, len);
                for (int k = 0; k < 3; k++)
                    ck_assert_int_eq(secagg_masks_apply(masks, bits,
                        1536 + cuts[k], parts + cuts[k] / 8 * bits,
                        cuts[k + 1] - cuts[k]), SECAGG_OK);
                ck_assert_mem_eq(parts, whole, len);
            }
            secagg_masks_free(masks);
            free(whole);
            free(parts);
        }
}
END_TEST

START_TEST(a_seed_with_both_signs_cancels)
{
    uint8_t acc[1250], before[1250];
    signed_seed seeds[4] = { { { 1 }, 1 }, { { 2 }, -1 }, { { 2 }, 1 },
        { { 1 }, -1 } };
    uint64_t state = 1;

    prng_bytes(&state, before, sizeof before);
    for (BOTH(suite)) {
        secagg_masks *masks = set_of(suite, seeds, 4);
        memcpy(acc, before, sizeof acc);
        ck_assert_int_eq(secagg_masks_apply(masks, 10, 0, acc, 1000),
            SECAGG_OK);
        ck_assert_mem_eq(acc, before, sizeof acc);
        secagg_masks_free(masks);
        masks = set_of(suite, seeds, 3);
        ck_assert_int_eq(secagg_masks_apply(masks, 10, 0, acc, 1000),
            SECAGG_OK);
        ck_assert_mem_ne(acc, before, sizeof acc);
        secagg_masks_free(masks);
        masks = set_of(suite, seeds + 3, 1);
        ck_assert_int_eq(secagg_masks_apply(masks, 10, 0, acc, 1000),
            SECAGG_OK);
        ck_assert_mem_eq(acc, before, sizeof acc);
        secagg_masks_free(masks);
    }
}
END_TEST

/* The first plane of a block is 64 bytes of the keystream. */
START_TEST(masks_depend_on_lane_and_suite)
{
    static const uint32_t places[][2] = { { 1, 8 }, { 1, 9 }, { 1, 7 },
        { 2, 8 }, { 2, 9 }, { 2, 7 } };
    const int first = FIRST_SUITE == 1 ? 0 : 3;
    uint8_t acc[6][9 * 64] = { { 0 } };

    for (int i = first; i < 6; i++) {
        const uint32_t *p = places[i];
        secagg_masks *masks = set_of(p[0], some_seeds(1), 1);
        ck_assert_int_eq(secagg_masks_apply(masks, p[1], 0, acc[i], 512),
            SECAGG_OK);
        secagg_masks_free(masks);
        for (int j = first; j < i; j++)
            ck_assert_mem_ne(acc[i], acc[j], 64);
    }
}
END_TEST

START_TEST(an_empty_set_changes_nothing)
{
    uint8_t acc[64], before[64];
    secagg_masks *masks = set_of(FIRST_SUITE, NULL, 0);

    memset(acc, 0x3c, sizeof acc);
    memcpy(before, acc, sizeof acc);
    ck_assert_int_eq(secagg_masks_apply(masks, 1, 0, acc, 512), SECAGG_OK);
    ck_assert_mem_eq(acc, before, sizeof acc);
    ck_assert_int_eq(secagg_masks_apply(masks, 65, 0, acc, 512),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_masks_apply(masks, 1, 1, acc, 512),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_masks_apply(masks, 1, (uint64_t)1 << 39, acc,
        1), SECAGG_ERR_SIZE);
    secagg_masks_free(masks);
    secagg_masks_free(NULL);
}
END_TEST

/* ---- limits (PROTOCOL.md 6.5) ------------------------------------------- */

/* The buffer is NULL: apply rejects the range before it accesses the buffer. */
START_TEST(apply_rejects_a_range_beyond_2_to_the_36_bytes)
{
    for (BOTH(suite)) {
        secagg_masks *masks = set_of(suite, some_seeds(1), SEEDS);
        for (uint32_t bits = 1; bits <= 64; bits++) {
            const uint64_t max = ((uint64_t)1 << 30) / bits * 512;
            const uint64_t offsets[] = { max - 512, max, max + 512,
                UINT64_MAX - 511 };
            const size_t counts[] = { 513, 1, 1, 512 };
            for (int i = 0; i < 4; i++)
                ck_assert_int_eq(secagg_masks_apply(masks, bits,
                    offsets[i], NULL, counts[i]), SECAGG_ERR_SIZE);
            ck_assert_int_eq(secagg_masks_apply(masks, bits, max - 512,
                NULL, SIZE_MAX), SECAGG_ERR_SIZE);
            ck_assert_int_eq(secagg_masks_apply(masks, bits, max, NULL,
                0), SECAGG_OK);
        }
        secagg_masks_free(masks);
    }
}
END_TEST

START_TEST(apply_rejects_invalid_moduli_and_offsets_inside_a_block)
{
    static const uint32_t wrong[] = { 0, 65, 256, 257, UINT32_MAX };
    static const uint64_t offsets[] = { 1, 8, 256, 511, 513, 1000 };
    secagg_masks *masks = set_of(FIRST_SUITE, some_seeds(1), SEEDS);

    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(secagg_masks_apply(masks, wrong[i], 0, NULL, 8),
            SECAGG_ERR_ARG);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(secagg_masks_apply(masks, 8, offsets[i], NULL, 8),
            SECAGG_ERR_ARG);
    secagg_masks_free(masks);
}
END_TEST

START_TEST(a_set_rejects_signs_and_suites_out_of_range)
{
    static const uint32_t suites[] = { 0, 3, 257, UINT32_MAX };
    static const int signs[] = { 0, 2, -2, 255, INT32_MIN };
    secagg_masks *masks = NULL;

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(secagg_masks_new(&masks, suites[i]), SECAGG_ERR_ARG);
    ck_assert_ptr_null(masks);
    masks = set_of(FIRST_SUITE, some_seeds(1), 1);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(secagg_masks_add(masks, (const uint8_t[32]){ 0 },
            signs[i]), SECAGG_ERR_ARG);
    ck_assert_uint_eq(secagg_masks_encoded_size(masks), 12 + 33);
    secagg_masks_free(masks);
}
END_TEST

/* ---- kernels ------------------------------------------------------------ */

START_TEST(a_set_accepts_the_kernels_of_this_machine)
{
    const char *const *names = secagg_kernels();
    secagg_masks *masks = set_of(FIRST_SUITE, NULL, 0);
    bool portable = false;

    ck_assert_ptr_nonnull(names[0]);
    for (size_t i = 0; names[i] != NULL; i++) {
        ck_assert_int_eq(secagg_masks_use(masks, names[i]), SECAGG_OK);
        portable |= strcmp(names[i], "portable") == 0;
    }
    ck_assert(portable);
    ck_assert_int_eq(secagg_masks_use(masks, "abacus"), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_masks_use(masks, ""), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_masks_use(masks, "portabl"), SECAGG_ERR_ARG);
    secagg_masks_free(masks);
}
END_TEST

/* ---- encoding (PROTOCOL.md 6.6) ----------------------------------------- */

/* Write the encoding of a set of `count` seeds byte by byte. */
static size_t write_set(uint8_t *bytes, uint8_t suite, const signed_seed *seeds,
    uint8_t count)
{
    static const uint8_t head[] = { 'L', 'S', 'A', 'M', 0, 1, 0 };

    memcpy(bytes, head, 7);
    bytes[7] = suite;
    memset(bytes + 8, 0, 3);
    bytes[11] = count;
    for (size_t i = 0; i < count; i++) {
        bytes[12 + 33 * i] = seeds[i].sign < 0;
        memcpy(bytes + 13 + 33 * i, seeds[i].seed, 32);
    }
    return 12 + 33 * (size_t)count;
}

START_TEST(a_set_has_the_specified_encoding_and_decodes_again)
{
    uint8_t want[12 + 33 * SEEDS], out[sizeof want], a[640] = { 0 },
        b[640] = { 0 };

    for (BOTH(suite))
        for (uint8_t n = 0; n <= SEEDS; n++) {
            const size_t len = write_set(want, (uint8_t)suite, some_seeds(3),
                n);
            secagg_masks *masks = set_of(suite, some_seeds(3), n), *again;
            ck_assert_uint_eq(secagg_masks_encoded_size(masks), len);
            ck_assert_int_eq(secagg_masks_encode(masks, out, len), SECAGG_OK);
            ck_assert_mem_eq(out, want, len);
            ck_assert_int_eq(secagg_masks_decode(&again, want, len),
                SECAGG_OK);
            memset(out, 0, sizeof out);
            ck_assert_int_eq(secagg_masks_encode(again, out, len), SECAGG_OK);
            ck_assert_mem_eq(out, want, len);
            ck_assert_int_eq(secagg_masks_apply(masks, 10, 0, a, 512),
                SECAGG_OK);
            ck_assert_int_eq(secagg_masks_apply(again, 10, 0, b, 512),
                SECAGG_OK);
            ck_assert_mem_eq(a, b, sizeof a);
            secagg_masks_free(masks);
            secagg_masks_free(again);
        }
}
END_TEST

/* More seeds than the first allocation of a set has capacity for. */
START_TEST(a_set_grows_to_many_seeds)
{
    enum { MANY = 200, LEN = 12 + 33 * MANY };
    uint8_t want[LEN] = "LSAM", out[LEN];
    uint64_t state = 4;
    secagg_masks *masks;

    want[5] = 1, want[7] = FIRST_SUITE, want[11] = MANY;
    ck_assert_int_eq(secagg_masks_new(&masks, FIRST_SUITE), SECAGG_OK);
    for (int i = 0; i < MANY; i++) {
        uint8_t *at = want + 12 + 33 * i;
        at[0] = i % 3 == 0;
        prng_bytes(&state, at + 1, 32);
        ck_assert_int_eq(secagg_masks_add(masks, at + 1, at[0] ? -1 : 1),
            SECAGG_OK);
    }
    ck_assert_int_eq(secagg_masks_encode(masks, out, LEN), SECAGG_OK);
    ck_assert_mem_eq(out, want, LEN);
    secagg_masks_free(masks);
}
END_TEST

START_TEST(encode_requires_the_exact_size)
{
    uint8_t out[200], clean[200];
    secagg_masks *masks = set_of(FIRST_SUITE, some_seeds(1), SEEDS);

    memset(out, 0x11, sizeof out);
    memset(clean, 0x11, sizeof clean);
    for (size_t len = 0; len < sizeof out; len++)
        if (len != 12 + 33 * SEEDS)
            ck_assert_int_eq(secagg_masks_encode(masks, out, len),
                SECAGG_ERR_SIZE);
    ck_assert_mem_eq(out, clean, sizeof out);
    secagg_masks_free(masks);
}
END_TEST

static void check_decode_rejected(const uint8_t *bytes, size_t len)
{
    uint8_t *in = exact_copy(bytes, len);
    secagg_masks *masks = NULL;

    ck_assert_int_eq(secagg_masks_decode(&masks, in, len),
        SECAGG_ERR_MESSAGE);
    ck_assert_ptr_null(masks);
    free(in);
}

START_TEST(decode_rejects_every_other_length)
{
    uint8_t bytes[12 + 33 * SEEDS + 34] = { 0 };
    const size_t len = write_set(bytes, FIRST_SUITE, some_seeds(5), SEEDS);

    for (size_t have = 0; have <= sizeof bytes; have++)
        if (have != len)
            check_decode_rejected(bytes, have);
}
END_TEST

START_TEST(decode_rejects_invalid_headers_and_signs)
{
    uint8_t bytes[12 + 33 * SEEDS];
    const size_t len = write_set(bytes, 2, some_seeds(6), SEEDS);

    for (size_t bit = 0; bit < 96; bit++) { /* suite 2 becomes 3, 0, ... */
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        check_decode_rejected(bytes, len);
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    for (unsigned sign = 2; sign < 256; sign++) {
        bytes[12 + 33 * (SEEDS - 1)] = (uint8_t)sign;
        check_decode_rejected(bytes, len);
    }
}
END_TEST

/* The buffer has only a header, so that decode must not read any seed. */
START_TEST(decode_rejects_a_false_count_before_it_reads_seeds)
{
    uint8_t bytes[12] = { 'L', 'S', 'A', 'M', 0, 1, 0, 1, 1, 0, 0, 1 };
    const size_t over = 12 + 33 * (((size_t)1 << 24) + 1);
    secagg_masks *masks = NULL;

    ck_assert_int_eq(secagg_masks_decode(&masks, bytes, over),
        SECAGG_ERR_MESSAGE);
    memset(bytes + 8, 0xff, 4);
    ck_assert_int_eq(secagg_masks_decode(&masks, bytes, 12),
        SECAGG_ERR_MESSAGE);
    ck_assert_ptr_null(masks);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { masks_match_the_protocol_for_every_modulus,
        masks_match_the_protocol_up_to_the_last_byte,
        masks_match_the_protocol_on_long_ranges,
        masks_match_the_protocol_at_the_end_of_the_keystream,
        masking_the_parts_of_a_range_masks_the_range,
        a_seed_with_both_signs_cancels, masks_depend_on_lane_and_suite,
        an_empty_set_changes_nothing,
        apply_rejects_a_range_beyond_2_to_the_36_bytes,
        apply_rejects_invalid_moduli_and_offsets_inside_a_block,
        a_set_rejects_signs_and_suites_out_of_range,
        a_set_accepts_the_kernels_of_this_machine,
        a_set_has_the_specified_encoding_and_decodes_again,
        a_set_grows_to_many_seeds, encode_requires_the_exact_size,
        decode_rejects_every_other_length,
        decode_rejects_invalid_headers_and_signs,
        decode_rejects_a_false_count_before_it_reads_seeds };
    return sodium_init() < 0 || RUN(tests);
}
