/* SPDX-License-Identifier: Apache-2.0 */
/* params: minimal moduli against integers of GMP, the encoding against bytes
 * written by hand, and the traffic against the formulas of PROTOCOL.md 10. */
#include <inttypes.h>
#include <math.h>
#include <sodium.h>

#include "session/params.h"
#include "session/params_check.h"
#include "support/exact_math.h"
#include "support/main.h"
#include "support/oracle.h"
#include "support/params_fixture.h"
#include "support/util.h"

#define MANY 65535
#define TOP (((uint64_t)1 << 32) - 1)

/* ---- the minimal modulus (PROTOCOL.md 7.4) ------------------------------ */

static uint32_t naive_length(uint64_t a, uint64_t b, uint64_t c)
{
    size_t bits = 0;
    mpz_t product, factor;

    mpz_inits(product, factor, NULL);
    set_u64(product, a);
    set_u64(factor, b);
    mpz_mul(product, product, factor);
    set_u64(factor, c);
    mpz_mul(product, product, factor);
    if (mpz_sgn(product) != 0)
        bits = mpz_sizeinbase(product, 2);
    mpz_clears(product, factor, NULL);
    return bits > 64 ? 65 : (uint32_t)bits;
}

START_TEST(the_bit_length_of_a_product_is_exact)
{
    static const uint64_t edges[] = { 0, 1, 2, 3, 255, 256, 4095, 65537,
        1048576, TOP - 1, TOP, TOP + 1, TOP + 2, UINT64_MAX / 3,
        (uint64_t)1 << 63, UINT64_MAX - 1, UINT64_MAX };
    const size_t n = sizeof edges / sizeof *edges;

    for (size_t i = 0; i < n * n * n; i++) {
        const uint64_t a = edges[i % n], b = edges[i / n % n];
        const uint64_t c = edges[i / n / n];
        if (sa_bit_length(a, b, c) != naive_length(a, b, c))
            ck_abort_msg("%" PRIx64 " %" PRIx64 " %" PRIx64, a, b, c);
    }
}
END_TEST

/* Returns the modulus in the encoding of parameters that set none. */
static uint32_t resolved(const fixture *w)
{
    const uint32_t bits_at = 96 + 9;
    uint8_t bytes[118];
    secagg_params p = w->p;

    p.segments = w->s;
    p.segment_count = 1;
    ck_assert_int_eq(secagg_params_encode(&p, bytes, 118), SECAGG_OK);
    return bytes[bits_at];
}

static void check_least(uint32_t n, uint32_t q, uint64_t weight)
{
    const uint32_t least = naive_length(n, ((uint64_t)1 << q) - 2,
        weight > 0 ? weight : 1);
    fixture w = n <= 4095 ? valid_params() : ring_params(n, 100);
    char value[24], weigh[24], count[24], modulus[40];

    w.p.clients = w.p.min_survivors = n;
    w.p.corrupt = 0;
    w.p.threshold = n <= 4095 ? n : 100;
    w.p.max_weight = weight;
    w.s[0].kind = weight > 0 ? SECAGG_WEIGHTED : SECAGG_REAL;
    w.s[0].value_bits = q;
    snprintf(value, sizeof value, " %" PRIu32 " value bits", q);
    snprintf(weigh, sizeof weigh, " %" PRIu32 " weight bits",
        naive_length(weight, 1, 1));
    snprintf(count, sizeof count, " %" PRIu32 " clients", n);
    if (least > 64) {
        check_invalid(&w, value, weigh, count, "at least 65 bits, not 64",
            NULL);
        w.s[0].bits = 64;
        check_invalid(&w, value, weigh, count, "at least 65 bits, not 64",
            NULL);
        return;
    }
    ck_assert_uint_eq(resolved(&w), least);
    w.s[0].bits = least;
    check_valid(&w);
    w.s[0].bits = 64;
    ck_assert_uint_eq(resolved(&w), 64);
    w.s[0].bits = least - 1;
    snprintf(modulus, sizeof modulus, " %" PRIu32 " bits, not %" PRIu32,
        least, least - 1);
    if (least > 1)
        check_invalid(&w, value, weigh, count, modulus, NULL);
}

START_TEST(the_minimal_modulus_is_exact)
{
    static const uint32_t clients[] = { 2, 3, 4, 5, 255, 256, 257, 1023, 1024,
        1025, 4095, 4096, 65537, 1048575, 1048576 };
    static const uint64_t weights[] = { 0, 1, 2, 3, 4, 255, 256, 257, 4095,
        4096, 4097, 65537, TOP / 2, TOP / 2 + 1, TOP - 1, TOP };
    static const uint32_t moduli[] = { 2, 3, 8, 16, 31, 32 };

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
        for (size_t j = 0; j < sizeof weights / sizeof *weights; j++)
            for (size_t k = 0; k < sizeof moduli / sizeof *moduli; k++)
                check_least(clients[i], moduli[k], weights[j]);
}
END_TEST

/* ---- encoding (PROTOCOL.md 2.3) ----------------------------------------- */

#define LEN 158 /* 98, and 20 for each segment */

/* Parameters in which no two bytes of the numbers are equal. */
static fixture distinct(secagg_segment segments[3])
{
    fixture w = ring_params(0x00010203, 0x0104);

    for (int i = 0; i < 32; i++)
        w.p.app_digest[i] = (uint8_t)(0xc0 + i);
    for (int i = 0; i < 16; i++)
        w.p.session[i] = (uint8_t)(0xa0 + i);
    w.p.round = 0x1112131415161718;
    w.p.suite = 2;
    w.p.min_weight = 1;
    w.p.threshold = 0x0103;
    w.p.corrupt = 0x0100;
    w.p.min_survivors = 0x00010201;
    w.p.max_weight = 0x21222324;
    segments[0] = (secagg_segment){ .length = 0x05060708, .bits = 33 };
    segments[1] = (secagg_segment){ .length = 0x09, .kind = SECAGG_REAL,
        .bits = 40, .value_bits = 18, .clip = 1.5, .rounding = 1 };
    segments[2] = (secagg_segment){ .length = 0x0a0b, .kind = SECAGG_WEIGHTED,
        .value_bits = 4, .clip = 0x1.0203040506070p-2 };
    w.p.segment_count = 3;
    return w;
}

/* 2^-2 has the exponent 0x3fd; 66051 * 15 * 0x21222324 has 49 bits. */
static const char expected_bytes[] =
    "0001 0002 00 01 01 00 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
    "1112131415161718 00010203 00000104 00000103 00000100 00010201"
    "0000000021222324"
    "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
    "00000003"
    "0000000005060708 00 21 00 00 0000000000000000"
    "0000000000000009 01 28 12 01 3ff8000000000000"
    "0000000000000a0b 02 31 04 00 3fd0203040506070"
    "0000";

START_TEST(the_encoding_has_the_specified_bytes)
{
    secagg_segment segments[3];
    fixture w = distinct(segments);
    uint8_t want[LEN], *out = guarded_alloc(LEN);

    w.p.segments = segments;
    ck_assert_uint_eq(unhex(want, expected_bytes), LEN);
    ck_assert_uint_eq(secagg_params_encoded_size(&w.p), LEN);
    ck_assert_int_eq(secagg_params_encode(&w.p, out, LEN), SECAGG_OK);
    ck_assert_mem_eq(out, want, LEN);
    guarded_free(out, LEN);
}
END_TEST

START_TEST(decoding_returns_the_encoded_parameters)
{
    secagg_segment segments[3];
    fixture w = distinct(segments);
    uint8_t bytes[LEN];
    secagg_params *p;

    unhex(bytes, expected_bytes);
    segments[2].bits = 49;
    ck_assert_int_eq(secagg_params_decode(&p, bytes, LEN), SECAGG_OK);
    ck_assert_mem_eq(p->segments, segments, sizeof segments);
    w.p.segments = p->segments;
    ck_assert_uint_eq(p->size, w.p.size);
    ck_assert_mem_eq(p->session, w.p.session, sizeof p->session);
    ck_assert_uint_eq(p->round, w.p.round);
    ck_assert_uint_eq(p->min_weight, 1);
    ck_assert_uint_eq(p->suite, 2);
    ck_assert_uint_eq(p->mode, 0);
    ck_assert_uint_eq(p->clients, w.p.clients);
    ck_assert_uint_eq(p->neighbours, w.p.neighbours);
    ck_assert_uint_eq(p->threshold, w.p.threshold);
    ck_assert_uint_eq(p->corrupt, w.p.corrupt);
    ck_assert_uint_eq(p->min_survivors, w.p.min_survivors);
    ck_assert_uint_eq(p->max_weight, w.p.max_weight);
    ck_assert_uint_eq(p->segment_count, 3);
    ck_assert_mem_eq(p->app_digest, w.p.app_digest, 32);
    secagg_params_free(p);
    secagg_params_free(NULL);
}
END_TEST

/* The first suite, min_survivors max(3, t), 20 bits for 12 (2^16 - 1); -0.0 is
 * encoded as 0.0. */
START_TEST(the_encoding_contains_the_values_of_defaults)
{
    static const uint32_t thresholds[][2] = { { 2, 3 }, { 3, 3 }, { 4, 4 } };
    uint8_t bytes[LEN];
    fixture w = valid_params();

    w.p.segments = w.s;
    ck_assert_int_eq(secagg_params_encode(&w.p, bytes, 118), SECAGG_OK);
    ck_assert_uint_eq(bytes[3], FIRST_SUITE);
    ck_assert_uint_eq(bytes[51], 9);
    ck_assert_uint_eq(bytes[105], 20);
    w.p.clients = 3, w.p.corrupt = 0;
    w.s[0] = (secagg_segment){ .length = 1, .bits = 1, .clip = -0.0 };
    for (int i = 0; i < 3; i++) {
        w.p.threshold = thresholds[i][0];
        w.p.clients = i == 2 ? 4 : 3;
        ck_assert_int_eq(secagg_params_encode(&w.p, bytes, 118), SECAGG_OK);
        ck_assert_uint_eq(bytes[51], thresholds[i][1]);
        ck_assert_uint_eq(bytes[108], 0);
    }
}
END_TEST

START_TEST(encode_requires_the_exact_size)
{
    fixture w = valid_params();
    uint8_t out[130], clean[130];

    memset(out, 0x11, sizeof out);
    memset(clean, 0x11, sizeof clean);
    w.p.segments = w.s;
    for (size_t len = 0; len < sizeof out; len++)
        if (len != 118)
            ck_assert_int_eq(secagg_params_encode(&w.p, out, len),
                SECAGG_ERR_SIZE);
    w.p.threshold = 1;
    ck_assert_int_eq(secagg_params_encode(&w.p, out, 118), SECAGG_ERR_ARG);
    ck_assert_mem_eq(out, clean, sizeof out);
}
END_TEST

/* Decode bytes: they are rejected, or equal to the encoding of the result. */
static secagg_err reread(const uint8_t *bytes, size_t len)
{
    uint8_t *in = exact_copy(bytes, len), *out = malloc(len + 1);
    secagg_params *p = NULL;
    const secagg_err err = secagg_params_decode(&p, in, len);

    if (err == SECAGG_OK) {
        ck_assert_uint_eq(secagg_params_encoded_size(p), len);
        ck_assert_int_eq(secagg_params_encode(p, out, len), SECAGG_OK);
        ck_assert_mem_eq(out, bytes, len);
        secagg_params_free(p);
    } else {
        ck_assert(err == SECAGG_ERR_MESSAGE || err == SECAGG_ERR_ARG);
        ck_assert_ptr_null(p);
    }
    free(in);
    free(out);
    return err;
}

START_TEST(decode_rejects_every_other_length)
{
    uint8_t bytes[LEN + 41] = { 0 };

    unhex(bytes, expected_bytes);
    ck_assert_int_eq(reread(bytes, LEN), SECAGG_OK);
    for (size_t len = 0; len <= sizeof bytes; len++)
        if (len != LEN)
            ck_assert_int_eq(reread(bytes, len), SECAGG_ERR_MESSAGE);
}
END_TEST

START_TEST(every_accepted_encoding_is_the_only_one)
{
    uint8_t bytes[LEN];
    int read = 0;

    unhex(bytes, expected_bytes);
    for (size_t at = 0; at < LEN; at++)
        for (unsigned x = 1; x < 256; x++) {
            bytes[at] ^= (uint8_t)x;
            read += reread(bytes, LEN) == SECAGG_OK;
            bytes[at] ^= (uint8_t)x;
        }
    ck_assert_int_gt(read, 56 * 255); /* session, round, digest */
}
END_TEST

/* Bytes that are malformed, or another encoding of valid parameters. */
START_TEST(decode_rejects_encodings_that_are_not_canonical)
{
    static const struct { size_t at; uint8_t byte; } wrong[] = { { 1, 0 },
        { 1, 2 }, { 0, 1 }, { 3, 0 }, { 5, 0 }, { 5, 2 }, { 7, 1 },
        { 105, 0 }, { 108, 0x80 }, { 128, 0xbf }, { LEN - 1, 1 },
        { LEN - 2, 1 }, { 92, 1 }, { 95, 4 }, { 95, 2 }, { 95, 0 } };
    uint8_t bytes[LEN];

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        unhex(bytes, expected_bytes);
        bytes[wrong[i].at] = wrong[i].byte;
        ck_assert_int_eq(reread(bytes, LEN), SECAGG_ERR_MESSAGE);
    }
    unhex(bytes, expected_bytes);
    memset(bytes + 48, 0, 4); /* min_survivors */
    ck_assert_int_eq(reread(bytes, LEN), SECAGG_ERR_MESSAGE);
    unhex(bytes, expected_bytes);
    bytes[47] = 0xff; /* corrupt: well-formed, but invalid */
    ck_assert_int_eq(reread(bytes, LEN), SECAGG_ERR_ARG);
    memset(bytes + 92, 0xff, 4); /* 2^32 - 1 segments */
    ck_assert_int_eq(reread(bytes, LEN), SECAGG_ERR_MESSAGE);
}
END_TEST

/* 65536 segments and no segments are well-formed, but invalid. */
START_TEST(decode_accepts_65535_segments_and_no_more)
{
    const size_t len = 98 + 20 * (size_t)MANY;
    secagg_segment *many = calloc(MANY, sizeof *many);
    uint8_t *bytes = calloc(len + 20, 1);
    fixture w = valid_params();

    for (size_t i = 0; i < MANY; i++)
        many[i] = (secagg_segment){ .length = 1 + i % 4099,
            .bits = 1 + i % 64 };
    w.p.segments = many;
    w.p.segment_count = MANY;
    ck_assert_int_eq(secagg_params_encode(&w.p, bytes, len), SECAGG_OK);
    ck_assert_int_eq(reread(bytes, len), SECAGG_OK);
    memmove(bytes + len, bytes + len - 22, 20);
    memcpy(bytes + 92, (const uint8_t[]){ 0, 1, 0, 0 }, 4);
    memset(bytes + len + 18, 0, 2);
    ck_assert_int_eq(reread(bytes, len + 20), SECAGG_ERR_ARG);
    memset(bytes + 92, 0, 6);
    ck_assert_int_eq(reread(bytes, 98), SECAGG_ERR_ARG);
    free(bytes);
    free(many);
}
END_TEST

/* ---- values derived from the parameters --------------------------------- */

/* H_ctx = SHA-256("LSA1 ctx" || 00 || bytes); the hidden weight segment has
 * 46 bits, for 66051 * 0x21222324. Each segment has a lane of its own, of 33,
 * 40, 49 and 46 bits; a lane has b ceil(m / 8) bytes. */
START_TEST(derived_values_match_the_protocol)
{
    secagg_segment segments[3];
    fixture w = distinct(segments);
    uint8_t text[9 + LEN] = "LSA1 ctx", digest[32];
    sa_params *p;

    unhex(text + 9, expected_bytes);
    crypto_hash_sha256(digest, text, sizeof text);
    w.p.segments = segments;
    ck_assert_int_eq(sa_params_new(&p, &w.p), SECAGG_OK);
    ck_assert_mem_eq(p->context, digest, 32);
    ck_assert_uint_eq(p->count, 4);
    ck_assert_uint_eq(p->segments[3].length, 1);
    ck_assert_uint_eq(p->segments[3].kind, SECAGG_INTEGER);
    ck_assert_uint_eq(p->segments[3].bits, 46);
    ck_assert_uint_eq(p->lanes.count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(p->places[i], 0);
    ck_assert_uint_eq(sa_params_lane(p, 0)->at, 0);
    ck_assert_uint_eq(sa_params_lane(p, 1)->at, 33 * 0xa0c0e1);
    ck_assert_uint_eq(sa_params_lane(p, 3)->at, 33 * 0xa0c0e1 + 40 * 2);
    ck_assert_uint_eq(sa_params_lane(p, 2)->at, 33 * 0xa0c0e1 + 40 * 2 + 46);
    ck_assert_uint_eq(p->vector, 33 * 0xa0c0e1 + 40 * 2 + 46 + 49 * 0x142);
    ck_assert_uint_eq(p->holders, 0x0105);
    ck_assert_uint_eq(p->min_set, 0x00010201);
    sa_params_free(p);
    sa_params_free(NULL);
}
END_TEST

START_TEST(new_sessions_are_distinct)
{
    enum { SESSIONS = 64 };
    static secagg_params p[SESSIONS];
    static const secagg_params init = SECAGG_PARAMS_INIT;

    for (int i = 0; i < SESSIONS; i++) {
        p[i] = init;
        ck_assert_int_eq(secagg_params_new_session(&p[i]), SECAGG_OK);
        for (int j = 0; j < i; j++)
            ck_assert_mem_ne(p[i].session, p[j].session, 16);
    }
    memset(p[0].session, 0, 16);
    ck_assert_mem_eq(&p[0], &init, sizeof init);
}
END_TEST

static void check_traffic(const fixture *w, uint64_t want_up,
    uint64_t want_down)
{
    secagg_params p = w->p;
    uint64_t up, down;

    p.segments = w->s;
    ck_assert_int_eq(secagg_params_traffic(&p, &up, &down), SECAGG_OK);
    ck_assert_uint_eq(up, want_up);
    ck_assert_uint_eq(down, want_down);
}

/* n clients, one segment of m integers of b bits. */
static fixture plain(uint32_t n, uint64_t m, uint32_t bits)
{
    fixture w = valid_params();

    w.p.clients = n;
    w.p.threshold = n;
    w.p.corrupt = 0;
    w.s[0] = (secagg_segment){ .length = m, .bits = bits };
    return w;
}

/* PROTOCOL.md 10: 428 + 136 * 9 + 2500 up, 288 + 168 * 9 + 2 * 2 down; active
 * mode adds 210 up and 98 * 10 + 52 + 68 * 10 down; weights up to 1000 of 10
 * clients take 14 bits. */
START_TEST(the_traffic_matches_the_formulas_of_the_protocol)
{
    fixture w = plain(10, 1000, 20);

    check_traffic(&w, 4152, 1804);
    w.p.max_weight = 1000;
    check_traffic(&w, 4166, 1804);
    w.p.mode = SECAGG_ACTIVE;
    check_traffic(&w, 4376, 3516);
    w = plain(100, 100000, 23);
    check_traffic(&w, 428 + 13464 + 287500, 288 + 16632 + 26);
    w.p.max_weight = 1000; /* 17 bits */
    check_traffic(&w, 301409, 16946);
    w.p.threshold = 1;
    w.p.segments = w.s;
    ck_assert_int_eq(secagg_params_traffic(&w.p, &w.p.round, &w.p.round),
        SECAGG_ERR_ARG);
    w = ring_params(1000, 100); /* kappa is 100 */
    w.s[0] = (secagg_segment){ .length = 1, .bits = 1 };
    check_traffic(&w, 428 + 13600 + 1, 288 + 16800 + 250);
}
END_TEST

/* ---- initialisation ----------------------------------------------------- */

/* The function overwrites every member, also of memory with other contents. */
START_TEST(initialised_parameters_are_zero_except_their_size)
{
    secagg_params p;

    memset(&p, 0x5a, sizeof p);
    secagg_params_init(&p);
    ck_assert_uint_eq(p.size, sizeof p);
    for (size_t i = 0; i < sizeof p.session; i++)
        ck_assert_uint_eq(p.session[i], 0);
    for (size_t i = 0; i < sizeof p.app_digest; i++)
        ck_assert_uint_eq(p.app_digest[i], 0);
    ck_assert_uint_eq(p.round | p.suite | p.mode | p.clients | p.threshold
        | p.corrupt | p.neighbours | p.min_survivors | p.max_weight
        | p.min_weight | p.segment_count, 0);
    ck_assert_ptr_null(p.segments);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        initialised_parameters_are_zero_except_their_size,
        the_bit_length_of_a_product_is_exact,
        the_minimal_modulus_is_exact, the_encoding_has_the_specified_bytes,
        decoding_returns_the_encoded_parameters,
        the_encoding_contains_the_values_of_defaults,
        encode_requires_the_exact_size, decode_rejects_every_other_length,
        every_accepted_encoding_is_the_only_one,
        decode_rejects_encodings_that_are_not_canonical,
        decode_accepts_65535_segments_and_no_more,
        derived_values_match_the_protocol, new_sessions_are_distinct,
        the_traffic_matches_the_formulas_of_the_protocol };
    return sodium_init() < 0 || RUN(tests);
}
