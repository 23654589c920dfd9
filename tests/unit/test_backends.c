/* SPDX-License-Identifier: Apache-2.0 */
/* kernels: whatever instructions it is made of, a kernel gives the bytes of
 * the portable one, and a level of planar code those of the portable level;
 * neither writes a byte beside its vector. What portable code gives is held to
 * definitions in test_mask and test_planar. */
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

static const char *const every[] = { "vaes512", "vaes256", "aesni-avx2",
    "aesni", "neon", "portable" };
static const uint32_t suites[] = { SECAGG_SUITE_AES, SECAGG_SUITE_CHACHA };

/* One use of a set of masks. */
typedef struct use {
    uint32_t suite, bits;
    size_t seeds;
    int sign; /* of all seeds; 0: in turn */
    uint64_t offset;
    size_t count, shift; /* bytes by which the vector is misaligned */
} use;

static secagg_masks *masks_of(const use *u, const char *kernel)
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

/* A vector of noise between two guards, in a room of its own. */
static uint8_t *guarded(size_t len, size_t shift, uint64_t state)
{
    uint8_t *room = malloc(len + shift + 2 * GUARD);

    ck_assert_ptr_nonnull(room);
    memset(room, FILL, len + shift + 2 * GUARD);
    prng_bytes(&state, room + GUARD + shift, len);
    return room;
}

/* The vector of a use under one kernel, guards included. */
static uint8_t *masked(const use *u, const char *kernel)
{
    const size_t len = secagg_planar_size(u->count, u->bits);
    uint8_t *room = guarded(len, u->shift, u->count);
    secagg_masks *masks = masks_of(u, kernel);

    ck_assert_int_eq(secagg_masks_apply(masks, u->bits, u->offset,
        room + GUARD + u->shift, u->count), SECAGG_OK);
    secagg_masks_free(masks);
    return room;
}

static void check_guards(const uint8_t *room, size_t len, size_t shift)
{
    size_t touched = 0;

    for (size_t i = 0; i < GUARD; i++) {
        touched += room[i] != FILL;
        touched += room[GUARD + shift + len + i] != FILL;
    }
    ck_assert_uint_eq(touched, 0);
}

/* All kernels of this machine agree on a use. */
static void agree(const use *u)
{
    const size_t len = secagg_planar_size(u->count, u->bits);
    uint8_t *wanted = masked(u, "portable");

    check_guards(wanted, len, u->shift);
    for (const char *const *k = secagg_kernels(); *k != NULL; k++) {
        uint8_t *got = masked(u, *k);
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

START_TEST(the_list_is_part_of_every_kernel_best_first_and_ends_portable)
{
    const char *const *k = secagg_kernels();
    size_t absent = 0;

    for (size_t i = 0; i < sizeof every / sizeof *every; i++)
        if (*k != NULL && strcmp(*k, every[i]) == 0) {
            k++;
        } else {
            printf("kernel not present here: %s\n", every[i]);
            absent++;
        }
    ck_assert_ptr_null(*k);
    ck_assert_str_eq(k[-1], "portable");
    printf("kernels present: %zu, not present: %zu\n",
        sizeof every / sizeof *every - absent, absent);
}
END_TEST

START_TEST(a_kernel_that_is_not_listed_is_refused)
{
    secagg_masks *masks;
    secagg_err err;

    ck_assert_int_eq(secagg_masks_new(&masks, SECAGG_SUITE_AES), SECAGG_OK);
    for (size_t i = 0; i < sizeof every / sizeof *every; i++) {
        const char *const *k = secagg_kernels();
        while (*k != NULL && strcmp(*k, every[i]) != 0)
            k++;
        err = secagg_masks_use(masks, every[i]);
        ck_assert_int_eq(err, *k != NULL ? SECAGG_OK : SECAGG_ERR_ARG);
    }
    ck_assert_int_eq(secagg_masks_use(masks, ""), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_masks_use(masks, "vaes"), SECAGG_ERR_ARG);
    secagg_masks_free(masks);
}
END_TEST

START_TEST(every_modulus_and_sign_and_suite_agrees)
{
    for (size_t s = 0; s < 2; s++)
        for (uint32_t bits = 1; bits <= 64; bits++)
            for (int sign = -1; sign <= 1; sign++) {
                const use u = { suites[s], bits, 3, sign, 512 * bits,
                    3 * SA_BLOCK + 77, 0 };
                agree(&u);
            }
}
END_TEST

START_TEST(ragged_ends_agree)
{
    static const uint32_t moduli[] = { 1, 7, 20, 33, 62, 64 };

    for (size_t i = 0; i < sizeof moduli / sizeof *moduli; i++)
        for (size_t count = 1; count <= 520; count++) {
            const use u = { SECAGG_SUITE_AES, moduli[i], 2, 0, 0, count,
                0 };
            if (count <= 17 || count >= 504)
                agree(&u);
        }
}
END_TEST

/* Entries of one tile, and of two, give or take a block and an entry. */
START_TEST(ends_near_a_tile_agree)
{
    static const uint32_t moduli[] = { 1, 3, 8, 20, 31, 64 };

    for (size_t i = 0; i < sizeof moduli / sizeof *moduli; i++) {
        const size_t tile = SA_TILE / (SA_PLANE * moduli[i]) * SA_BLOCK;
        for (size_t times = 1; times <= 2; times++)
            for (int off = -2; off <= 2; off++) {
                const use u = { SECAGG_SUITE_AES, moduli[i], 2, 0, 0,
                    times * tile + (size_t)(off * 511), 0 };
                agree(&u);
            }
    }
}
END_TEST

/* The counter passes multiples of 256, of 2^16 and of 2^24, and ends at
 * 2^32: the last block of a stream is still there. */
START_TEST(offsets_agree_up_to_the_end_of_the_stream)
{
    static const uint32_t moduli[] = { 1, 5, 20, 32, 63, 64 };

    for (size_t i = 0; i < sizeof moduli / sizeof *moduli; i++) {
        const uint64_t each = 4 * moduli[i];
        const uint64_t ends[] = { 256 / each, 65536 / each,
            ((uint64_t)1 << 24) / each, ((uint64_t)1 << 31) / each,
            ((uint64_t)1 << 32) / each };
        for (size_t j = 0; j < sizeof ends / sizeof *ends; j++)
            for (uint64_t back = 0; back <= 9 && back <= ends[j]; back++) {
                const use u = { suites[back % 2], moduli[i], 2, 0,
                    (ends[j] - back) * SA_BLOCK,
                    back == 0 ? 0 : (size_t)(back * SA_BLOCK - back), 0 };
                agree(&u);
            }
    }
}
END_TEST

START_TEST(sets_of_any_size_agree)
{
    static const size_t sizes[] = { 0, 1, 2, 3, 127, 128, 129, 255, 256, 257,
        300 };

    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            const use u = { suites[s], 20, sizes[i], 0, 1024, 1500, 0 };
            agree(&u);
        }
}
END_TEST

START_TEST(vectors_may_begin_at_any_byte)
{
    for (size_t shift = 0; shift <= 64; shift++) {
        const use u = { SECAGG_SUITE_AES, 13, 2, 0, 0, 1111, shift };
        agree(&u);
    }
}
END_TEST

/* ---- levels of planar code ---------------------------------------------- */

typedef struct level {
    const sa_planar_backend *code;
    sa_cpu_vectors least;
} level;

static const level levels[] = {
    { &sa_planar_neon, SA_CPU_NEON },
    { &sa_planar_avx2, SA_CPU_AVX2 },
    { &sa_planar_avx512, SA_CPU_AVX512 },
};

static bool present(const level *l)
{
    return l->code->add != NULL && sa_cpu_best() >= l->least;
}

/* One function of a level on a guarded room, against the portable one. */
static void same_rooms(uint8_t *got, uint8_t *wanted, size_t len,
    size_t shift)
{
    check_guards(got, len, shift);
    ck_assert_mem_eq(got, wanted, len + shift + 2 * GUARD);
    free(got);
    free(wanted);
}

static void check_put(const sa_planar_backend *l, size_t blocks, uint32_t bits)
{
    const size_t count = blocks * SA_BLOCK, len = count / 8 * bits;
    uint8_t *in = guarded(8 * count, 0, bits);
    uint64_t *entries = (void *)(in + GUARD);
    uint8_t *got = guarded(len, bits % 3, 0), *want = guarded(len, bits % 3, 0);

    l->pack_u64(got + GUARD + bits % 3, entries, blocks, bits);
    sa_planar_portable.pack_u64(want + GUARD + bits % 3, entries, blocks, bits);
    same_rooms(got, want, len, bits % 3);
    if (bits <= 32) {
        got = guarded(len, 1, 0);
        want = guarded(len, 1, 0);
        l->pack_u32(got + GUARD + 1, (void *)(in + GUARD), blocks, bits);
        sa_planar_portable.pack_u32(want + GUARD + 1, (void *)(in + GUARD),
            blocks, bits);
        same_rooms(got, want, len, 1);
    }
    free(in);
}

static void check_get(const sa_planar_backend *l, size_t blocks, uint32_t bits)
{
    const size_t count = blocks * SA_BLOCK, len = count / 8 * bits;
    uint8_t *in = guarded(len, bits % 3, bits);
    uint8_t *got = guarded(8 * count, 0, 0), *want = guarded(8 * count, 0, 0);

    l->unpack_u64((void *)(got + GUARD), in + GUARD + bits % 3, blocks, bits);
    sa_planar_portable.unpack_u64((void *)(want + GUARD), in + GUARD + bits % 3,
        blocks, bits);
    same_rooms(got, want, 8 * count, 0);
    if (bits <= 32) {
        got = guarded(4 * count, 0, 0);
        want = guarded(4 * count, 0, 0);
        l->unpack_u32((void *)(got + GUARD), in + GUARD + bits % 3, blocks,
            bits);
        sa_planar_portable.unpack_u32((void *)(want + GUARD),
            in + GUARD + bits % 3, blocks, bits);
        same_rooms(got, want, 4 * count, 0);
    }
    free(in);
}

static void check_add(const sa_planar_backend *l, size_t blocks, uint32_t bits)
{
    const size_t len = blocks * SA_PLANE * bits;
    uint8_t *in = guarded(len, 1, 1);

    for (int minus = 0; minus < 2; minus++) {
        const uint64_t flip = minus ? UINT64_MAX : 0;
        uint8_t *got = guarded(len, 2, 2), *want = guarded(len, 2, 2);
        l->add(got + GUARD + 2, in + GUARD + 1, blocks, bits, flip);
        sa_planar_portable.add(want + GUARD + 2, in + GUARD + 1, blocks, bits,
            flip);
        same_rooms(got, want, len, 2);
    }
    free(in);
}

static void each_level(void (*check)(const sa_planar_backend *, size_t,
    uint32_t))
{
    size_t absent = 0;

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        absent += !present(&levels[i]);
        for (uint32_t bits = 1; bits <= 64 && present(&levels[i]); bits++)
            for (size_t blocks = 0; blocks <= 3; blocks++)
                check(levels[i].code, blocks, bits);
    }
    printf("planar levels not present: %zu\n", absent);
}

START_TEST(levels_put_entries_into_planes_alike)
{
    each_level(check_put);
}
END_TEST

START_TEST(levels_get_entries_from_planes_alike)
{
    each_level(check_get);
}
END_TEST

START_TEST(levels_add_and_subtract_alike)
{
    each_level(check_add);
}
END_TEST

/* Bit j of entry e of a vector, by definition (PROTOCOL.md 6.1). */
static uint64_t bit_of(const uint8_t *planes, size_t length, uint32_t bits,
    size_t e, uint32_t j)
{
    const size_t start = e / SA_BLOCK * SA_BLOCK, left = length - start;
    const size_t stride = left < SA_BLOCK ? (left + 7) / 8 : SA_PLANE;
    const size_t at = start / 8 * bits + j * stride + (e - start) / 8;

    return planes[at] >> e % 8 & 1;
}

static size_t misplaced(const uint8_t *planes, size_t length, uint32_t bits,
    const uint64_t *entries)
{
    size_t count = 0;

    for (size_t e = 0; e < length; e++)
        for (uint32_t j = 0; j < bits; j++)
            count += bit_of(planes, length, bits, e, j)
                != (entries[e] >> j & 1);
    return count;
}

/* The best level takes the whole blocks among the pieces. */
START_TEST(entries_put_in_pieces_of_any_size_lie_where_they_belong)
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
            ck_assert_uint_eq(misplaced(planes, length, bits, entries), 0);
            free(planes);
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_list_is_part_of_every_kernel_best_first_and_ends_portable,
        a_kernel_that_is_not_listed_is_refused,
        every_modulus_and_sign_and_suite_agrees,
        ragged_ends_agree,
        ends_near_a_tile_agree,
        offsets_agree_up_to_the_end_of_the_stream,
        sets_of_any_size_agree,
        vectors_may_begin_at_any_byte,
        levels_put_entries_into_planes_alike,
        levels_get_entries_from_planes_alike,
        levels_add_and_subtract_alike,
        entries_put_in_pieces_of_any_size_lie_where_they_belong,
    };
    return RUN(tests);
}
