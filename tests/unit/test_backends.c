/* SPDX-License-Identifier: Apache-2.0 */
/* backends: each mask kernel writes the same bytes as the portable kernel, and
 * each backend of planar code the same as the portable one; none writes outside
 * its vector. test_mask and test_planar compare the portable code with the
 * definitions. */
#include <secagg/mask.h>
#include <secagg/params.h>
#include <secagg/planar.h>

#include "core/cpu.h"
#include "support/main.h"
#include "support/util.h"
#include "vector/mask_backend.h"
#include "vector/planar.h"

#define GUARD 96 /* bytes on either side of a vector */
#define FILL 0xa5

static const char *const all_kernels[] = { "vaes512", "vaes256", "aesni-avx2",
    "aesni", "neon", "portable" };
static const uint32_t suites[] = { FIRST_SUITE, SECAGG_SUITE_CHACHA };

/* One call of secagg_masks_apply(), and the masks that it applies. */
typedef struct mask_case {
    uint32_t suite, bits;
    size_t seeds;
    int sign; /* of all seeds; 0: a random sign each */
    uint64_t offset;
    size_t count, shift; /* bytes by which the vector is misaligned */
} mask_case;

static secagg_masks *masks_of(const mask_case *u, const char *kernel)
{
    uint64_t state = 7 * u->bits + u->seeds;
    secagg_masks *masks;
    uint8_t seed[SECAGG_SEED_BYTES];

    ck_assert_int_eq(secagg_masks_new(&masks, u->suite), SECAGG_OK);
    ck_assert_int_eq(secagg_masks_use(masks, kernel), SECAGG_OK);
    for (size_t i = 0; i < u->seeds; i++) {
        prng_bytes(&state, seed, sizeof seed);
        ck_assert_int_eq(secagg_masks_add(masks, seed,
            u->sign != 0 ? u->sign : (prng_next(&state) & 1) == 0 ? 1 : -1),
            SECAGG_OK);
    }
    return masks;
}

/* Returns a buffer of random bytes between two guards. */
static uint8_t *guarded_random(size_t len, size_t shift, uint64_t state)
{
    uint8_t *buffer = malloc(len + shift + 2 * GUARD);

    ck_assert_ptr_nonnull(buffer);
    memset(buffer, FILL, len + shift + 2 * GUARD);
    prng_bytes(&state, buffer + GUARD + shift, len);
    return buffer;
}

/* Apply the masks of a case with one kernel; returns vector and guards. */
static uint8_t *apply_masks(const mask_case *u, const char *kernel)
{
    const size_t len = secagg_planar_size(u->count, u->bits);
    uint8_t *buffer = guarded_random(len, u->shift, u->count);
    secagg_masks *masks = masks_of(u, kernel);

    ck_assert_int_eq(secagg_masks_apply(masks, u->bits, u->offset,
        buffer + GUARD + u->shift, u->count), SECAGG_OK);
    secagg_masks_free(masks);
    return buffer;
}

static void check_guards(const uint8_t *buffer, size_t len, size_t shift)
{
    size_t touched = 0;

    for (size_t i = 0; i < GUARD; i++) {
        touched += buffer[i] != FILL;
        touched += buffer[GUARD + shift + len + i] != FILL;
    }
    ck_assert_uint_eq(touched, 0);
}

/* Check that all kernels of this machine write the same bytes. */
static void check_kernels(const mask_case *u)
{
    const size_t len = secagg_planar_size(u->count, u->bits);
    uint8_t *wanted = apply_masks(u, "portable");

    check_guards(wanted, len, u->shift);
    for (const char *const *k = secagg_kernels(); *k != NULL; k++) {
        uint8_t *got = apply_masks(u, *k);
        check_guards(got, len, u->shift);
        ck_assert_msg(memcmp(got, wanted, len + u->shift + 2 * GUARD) == 0,
            "%s: suite %u, %u bits, %zu seeds, %zu entries from %llu", *k,
            u->suite, u->bits, u->seeds, u->count,
            (unsigned long long)u->offset);
        free(got);
    }
    free(wanted);
}

/* ---- kernels ------------------------------------------------------------ */

START_TEST(kernels_are_listed_fastest_first_and_end_with_portable)
{
    const char *const *k = secagg_kernels();
    size_t absent = 0;

    for (size_t i = 0; i < sizeof all_kernels / sizeof *all_kernels; i++)
        if (*k != NULL && strcmp(*k, all_kernels[i]) == 0) {
            k++;
        } else {
            printf("kernel not present here: %s\n", all_kernels[i]);
            absent++;
        }
    ck_assert_ptr_null(*k);
    ck_assert_str_eq(k[-1], "portable");
    printf("kernels present: %zu, not present: %zu\n",
        sizeof all_kernels / sizeof *all_kernels - absent, absent);
}
END_TEST

START_TEST(masks_reject_a_kernel_that_is_not_listed)
{
    secagg_masks *masks;
    secagg_err err;

    ck_assert_int_eq(secagg_masks_new(&masks, FIRST_SUITE), SECAGG_OK);
    for (size_t i = 0; i < sizeof all_kernels / sizeof *all_kernels; i++) {
        const char *const *k = secagg_kernels();
        while (*k != NULL && strcmp(*k, all_kernels[i]) != 0)
            k++;
        err = secagg_masks_use(masks, all_kernels[i]);
        ck_assert_int_eq(err, *k != NULL ? SECAGG_OK : SECAGG_ERR_ARG);
    }
    ck_assert_int_eq(secagg_masks_use(masks, ""), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_masks_use(masks, "vaes"), SECAGG_ERR_ARG);
    secagg_masks_free(masks);
}
END_TEST

START_TEST(kernels_agree_for_every_modulus_sign_and_suite)
{
    for (size_t s = 0; s < 2; s++)
        for (uint32_t bits = 1; bits <= 64; bits++)
            for (int sign = -1; sign <= 1; sign++) {
                const mask_case u = { suites[s], bits, 3, sign, 512 * bits,
                    3 * SA_BLOCK + 77, 0 };
                check_kernels(&u);
            }
}
END_TEST

START_TEST(kernels_agree_for_partial_groups_and_blocks)
{
    static const uint32_t moduli[] = { 1, 7, 20, 33, 62, 64 };

    for (size_t i = 0; i < sizeof moduli / sizeof *moduli; i++)
        for (size_t count = 1; count <= 520; count++) {
            const mask_case u = { FIRST_SUITE, moduli[i], 2, 0, 0, count,
                0 };
            if (count <= 17 || count >= 504)
                check_kernels(&u);
        }
}
END_TEST

/* One tile and two tiles of entries, and up to 1022 entries less or more. */
START_TEST(kernels_agree_for_lengths_around_a_tile)
{
    static const uint32_t moduli[] = { 1, 3, 8, 20, 31, 64 };

    for (size_t i = 0; i < sizeof moduli / sizeof *moduli; i++) {
        const size_t tile = SA_TILE / (SA_PLANE * moduli[i]) * SA_BLOCK;
        for (size_t times = 1; times <= 2; times++)
            for (int off = -2; off <= 2; off++) {
                const mask_case u = { FIRST_SUITE, moduli[i], 2, 0, 0,
                    times * tile + (size_t)(off * 511), 0 };
                check_kernels(&u);
            }
    }
}
END_TEST

/* The block counter passes multiples of 2^8, 2^16 and 2^24, and reaches 2^32 at
 * the end of the keystream. */
START_TEST(kernels_agree_up_to_the_end_of_the_keystream)
{
    static const uint32_t moduli[] = { 1, 5, 20, 32, 63, 64 };

    for (size_t i = 0; i < sizeof moduli / sizeof *moduli; i++) {
        const uint64_t each = 4 * moduli[i];
        const uint64_t ends[] = { 256 / each, 65536 / each,
            ((uint64_t)1 << 24) / each, ((uint64_t)1 << 31) / each,
            ((uint64_t)1 << 32) / each };
        for (size_t j = 0; j < sizeof ends / sizeof *ends; j++)
            for (uint64_t back = 0; back <= 9 && back <= ends[j]; back++) {
                const mask_case u = { suites[back % 2], moduli[i], 2, 0,
                    (ends[j] - back) * SA_BLOCK,
                    back == 0 ? 0 : (size_t)(back * SA_BLOCK - back), 0 };
                check_kernels(&u);
            }
    }
}
END_TEST

START_TEST(kernels_agree_for_any_number_of_masks)
{
    static const size_t sizes[] = { 0, 1, 2, 3, 127, 128, 129, 255, 256, 257,
        300 };

    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            const mask_case u = { suites[s], 20, sizes[i], 0, 1024, 1500, 0 };
            check_kernels(&u);
        }
}
END_TEST

START_TEST(kernels_agree_for_every_alignment)
{
    for (size_t shift = 0; shift <= 64; shift++) {
        const mask_case u = { FIRST_SUITE, 13, 2, 0, 0, 1111, shift };
        check_kernels(&u);
    }
}
END_TEST

/* ---- backends of planar code -------------------------------------------- */

typedef struct backend {
    const sa_planar_backend *code;
    sa_cpu_vectors minimum;
} backend;

static const backend backends[] = {
    { &sa_planar_neon, SA_CPU_NEON },
    { &sa_planar_avx2, SA_CPU_AVX2 },
    { &sa_planar_avx512, SA_CPU_AVX512 },
};

static bool present(const backend *l)
{
    return l->code->add != NULL && sa_cpu_best() >= l->minimum;
}

/* Check guards, compare a backend's bytes with the portable ones, and free. */
static void check_same(uint8_t *got, uint8_t *wanted, size_t len,
    size_t shift)
{
    check_guards(got, len, shift);
    ck_assert_mem_eq(got, wanted, len + shift + 2 * GUARD);
    free(got);
    free(wanted);
}

static void check_pack(const sa_planar_backend *l, size_t blocks, uint32_t bits)
{
    const size_t count = blocks * SA_BLOCK, len = count / 8 * bits;
    uint8_t *in = guarded_random(8 * count, 0, bits);
    uint64_t *entries = (void *)(in + GUARD);
    uint8_t *got = guarded_random(len, bits % 3, 0),
        *want = guarded_random(len, bits % 3, 0);

    l->pack_u64(got + GUARD + bits % 3, entries, blocks, bits);
    sa_planar_portable.pack_u64(want + GUARD + bits % 3, entries, blocks, bits);
    check_same(got, want, len, bits % 3);
    if (bits <= 32) {
        got = guarded_random(len, 1, 0);
        want = guarded_random(len, 1, 0);
        l->pack_u32(got + GUARD + 1, (void *)(in + GUARD), blocks, bits);
        sa_planar_portable.pack_u32(want + GUARD + 1, (void *)(in + GUARD),
            blocks, bits);
        check_same(got, want, len, 1);
    }
    free(in);
}

static void check_unpack(const sa_planar_backend *l, size_t blocks,
    uint32_t bits)
{
    const size_t count = blocks * SA_BLOCK, len = count / 8 * bits;
    uint8_t *in = guarded_random(len, bits % 3, bits);
    uint8_t *got = guarded_random(8 * count, 0, 0),
        *want = guarded_random(8 * count, 0, 0);

    l->unpack_u64((void *)(got + GUARD), in + GUARD + bits % 3, blocks, bits);
    sa_planar_portable.unpack_u64((void *)(want + GUARD), in + GUARD + bits % 3,
        blocks, bits);
    check_same(got, want, 8 * count, 0);
    if (bits <= 32) {
        got = guarded_random(4 * count, 0, 0);
        want = guarded_random(4 * count, 0, 0);
        l->unpack_u32((void *)(got + GUARD), in + GUARD + bits % 3, blocks,
            bits);
        sa_planar_portable.unpack_u32((void *)(want + GUARD),
            in + GUARD + bits % 3, blocks, bits);
        check_same(got, want, 4 * count, 0);
    }
    free(in);
}

static void check_add(const sa_planar_backend *l, size_t blocks, uint32_t bits)
{
    const size_t len = blocks * SA_PLANE * bits;
    uint8_t *in = guarded_random(len, 1, 1);

    for (int minus = 0; minus < 2; minus++) {
        const uint64_t flip = minus ? UINT64_MAX : 0;
        uint8_t *got = guarded_random(len, 2, 2),
            *want = guarded_random(len, 2, 2);
        l->add(got + GUARD + 2, in + GUARD + 1, blocks, bits, flip);
        sa_planar_portable.add(want + GUARD + 2, in + GUARD + 1, blocks, bits,
            flip);
        check_same(got, want, len, 2);
    }
    free(in);
}

static void check_each_backend(void (*check)(const sa_planar_backend *, size_t,
    uint32_t))
{
    size_t absent = 0;

    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
        absent += !present(&backends[i]);
        for (uint32_t bits = 1; bits <= 64 && present(&backends[i]); bits++)
            for (size_t blocks = 0; blocks <= 3; blocks++)
                check(backends[i].code, blocks, bits);
    }
    printf("planar backends not present here: %zu\n", absent);
}

START_TEST(planar_backends_pack_equally)
{
    check_each_backend(check_pack);
}
END_TEST

START_TEST(planar_backends_unpack_equally)
{
    check_each_backend(check_unpack);
}
END_TEST

START_TEST(planar_backends_add_and_subtract_equally)
{
    check_each_backend(check_add);
}
END_TEST

/* Bit j of entry e of a vector, by the definition in PROTOCOL.md 6.1. */
static uint64_t bit_of(const uint8_t *planes, size_t length, uint32_t bits,
    size_t e, uint32_t j)
{
    const size_t start = e / SA_BLOCK * SA_BLOCK, left = length - start;
    const size_t stride = left < SA_BLOCK ? (left + 7) / 8 : SA_PLANE;
    const size_t at = start / 8 * bits + j * stride + (e - start) / 8;

    return planes[at] >> e % 8 & 1;
}

static size_t wrong_bits(const uint8_t *planes, size_t length, uint32_t bits,
    const uint64_t *entries)
{
    size_t count = 0;

    for (size_t e = 0; e < length; e++)
        for (uint32_t j = 0; j < bits; j++)
            count += bit_of(planes, length, bits, e, j)
                != (entries[e] >> j & 1);
    return count;
}

/* Whole blocks within the pieces go to the fastest backend. */
START_TEST(pieces_are_written_to_their_positions)
{
    static const size_t lengths[] = { 1, 511, 512, 513, 1024, 1543, 2500 };
    uint64_t state = 5, entries[2500];

    for (size_t i = 0; i < 2500; i++)
        entries[i] = prng_next(&state);
    for (uint32_t bits = 1; bits <= 64; bits++)
        for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
            const size_t length = lengths[l];
            uint8_t *planes = calloc(secagg_planar_size(length, bits), 1);
            ck_assert_ptr_nonnull(planes);
            for (size_t at = 0, n; at < length; at += n) {
                n = at % 3 == 0 ? SA_BLOCK : (size_t)(prng_next(&state) % 1200)
                    + 1;
                n = n < length - at ? n : length - at;
                sa_planar_write_u64(planes, length, bits, at, entries + at, n);
            }
            ck_assert_uint_eq(wrong_bits(planes, length, bits, entries), 0);
            free(planes);
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        kernels_are_listed_fastest_first_and_end_with_portable,
        masks_reject_a_kernel_that_is_not_listed,
        kernels_agree_for_every_modulus_sign_and_suite,
        kernels_agree_for_partial_groups_and_blocks,
        kernels_agree_for_lengths_around_a_tile,
        kernels_agree_up_to_the_end_of_the_keystream,
        kernels_agree_for_any_number_of_masks,
        kernels_agree_for_every_alignment, planar_backends_pack_equally,
        planar_backends_unpack_equally,
        planar_backends_add_and_subtract_equally,
        pieces_are_written_to_their_positions };
    return RUN(tests);
}
