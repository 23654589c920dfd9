/* SPDX-License-Identifier: Apache-2.0 */
#include "session/params_check.h"

#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "core/reason.h"
#include "crypto/suite.h"
#include "session/lanes.h"
#include "vector/fixed.h"
#include "vector/planar.h"

#define RING_MAX ((uint32_t)1 << 20)
#define KEYSTREAM_MAX ((uint64_t)1 << 36) /* bytes */
#define SEGMENTS_MAX 65535

#define RULE(condition, ...)                                                   \
    SA_REQUIRE(condition, SECAGG_ERR_ARG, reason, __VA_ARGS__)

uint32_t sa_bit_length(uint64_t a, uint64_t b, uint64_t c)
{
    uint32_t bits = 0;

    if (a == 0 || b == 0 || c == 0)
        return 0;
    if (a > UINT64_MAX / b || a * b > UINT64_MAX / c)
        return 65;
    for (uint64_t product = a * b * c; product != 0; product >>= 1)
        bits++;
    return bits;
}

/* ---- the session -------------------------------------------------------- */

static secagg_err check_graph(const secagg_params *p, char *reason)
{
    const uint32_t n = p->clients;

    if (p->neighbours == 0) {
        RULE(n <= SA_COMPLETE_MAX, "%" PRIu32 " clients are too many for "
            "the complete graph, which takes %d: choose neighbours", n,
            SA_COMPLETE_MAX);
        RULE(p->mode == SECAGG_SEMI_HONEST || n <= SA_ACTIVE_MAX, "%" PRIu32
            " clients are too many for active mode, which takes %d", n,
            SA_ACTIVE_MAX);
        return SECAGG_OK;
    }
    RULE(p->mode == SECAGG_SEMI_HONEST, "active mode runs on the complete "
        "graph: neighbours must be 0, not %" PRIu32, p->neighbours);
    RULE(n <= RING_MAX, "%" PRIu32 " clients are more than %" PRIu32, n,
        RING_MAX);
    RULE(p->neighbours % 2 == 0 && n >= 4 && p->neighbours <= n - 2,
        "%" PRIu32 " neighbours of %" PRIu32 " clients: an even number from "
        "2 to clients - 2 is needed", p->neighbours, n);
    RULE(p->neighbours <= SA_DEGREE_MAX, "%" PRIu32 " neighbours are more "
        "than %d", p->neighbours, SA_DEGREE_MAX);
    RULE(p->min_survivors != 0, "a sparse graph needs min_survivors, which "
        "has no default there");
    return SECAGG_OK;
}

static secagg_err check_threshold(const secagg_params *p,
    const secagg_params *given, char *reason)
{
    const uint32_t holders = p->neighbours != 0 ? p->neighbours + 1
                                                : p->clients;
    /* a ring dealer that drops out sends no share of its own */
    const uint32_t max = p->neighbours != 0 ? p->neighbours : p->clients;

    RULE(p->threshold >= 2 && p->threshold <= max, "threshold %" PRIu32
        " is not from 2 to %" PRIu32, p->threshold, max);
    /* else corrupt holders could open one secret in two ways */
    RULE(2 * (uint64_t)p->threshold > (uint64_t)holders + p->corrupt,
        "threshold %" PRIu32 " is too low: twice it must exceed %" PRIu32
        " share holders and %" PRIu32 " corrupt ones", p->threshold, holders,
        p->corrupt);
    /* at least two inputs are honest */
    RULE(p->min_survivors >= 2 && p->min_survivors <= p->clients
            && p->min_survivors - 2 >= p->corrupt,
        "min_survivors %" PRIu32 "%s is not from %" PRIu64 " (corrupt + 2) to "
        "%" PRIu32 " clients", p->min_survivors,
        given->min_survivors == 0 ? ", its default," : "",
        (uint64_t)p->corrupt + 2, p->clients);
    return SECAGG_OK;
}

static secagg_err check_limits(const secagg_params *p, char *reason)
{
    RULE(p->max_weight >> 32 == 0, "max_weight %" PRIu64 " is not below 2^32",
        p->max_weight);
    RULE(p->min_weight <= (p->max_weight > 0), "min_weight %" PRIu32 " is not 0"
        "%s", p->min_weight, p->max_weight > 0 ? " or 1" : ", but there are no "
        "weights");
    RULE(p->segment_count >= 1 && p->segment_count <= SEGMENTS_MAX
            && p->segments != NULL,
        "%zu segments are not from 1 to %d", p->segment_count, SEGMENTS_MAX);
    return SECAGG_OK;
}

static uint32_t max_of(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

secagg_err sa_params_check_members(secagg_params *resolved,
    const secagg_params *given, char *reason)
{
    secagg_params *const p = resolved;
    sa_cipher cipher;

    RULE(given->size == sizeof *given, "size is %zu, not %zu: begin with "
        "SECAGG_PARAMS_INIT", given->size, sizeof *given);
    *p = *given;
    if (p->suite == 0)
        p->suite = SECAGG_SUITE_AES;
    RULE(sa_suite_cipher(&cipher, p->suite) == SECAGG_OK,
        "there is no suite %" PRIu32, p->suite);
    RULE(p->mode <= SECAGG_ACTIVE, "there is no mode %" PRIu32, p->mode);
    RULE(p->clients >= 2, "%" PRIu32 " clients are fewer than 2",
        p->clients);
    if (p->min_survivors == 0 && p->neighbours == 0)
        p->min_survivors = max_of(3, p->threshold);
    SA_TRY(check_graph(p, reason));
    SA_TRY(check_threshold(p, given, reason));
    return check_limits(p, reason);
}

/* ---- segments ----------------------------------------------------------- */

/* Fill in the modulus of a segment if it is 0, and check that it is at least
 * the minimum modulus, at which no sum overflows (7.4). `i` is the number of
 * the segment, here and below. */
static secagg_err check_modulus(const secagg_params *p, secagg_segment *s,
    size_t i, char *reason)
{
    const bool weighted = s->kind == SECAGG_WEIGHTED;
    const uint64_t weight = weighted ? p->max_weight : 1;
    const uint32_t min = sa_bit_length(p->clients, sa_fixed_max_entry(s),
        weight);

    if (s->bits == 0)
        s->bits = min;
    RULE(min <= 64 && s->bits >= min, "segment %zu: %" PRIu32 " value "
        "bits, %" PRIu32 " weight bits and %" PRIu32 " clients need a modulus"
        " of %s%" PRIu32 " bits, not %" PRIu32, i, s->value_bits,
        weighted ? sa_bit_length(weight, 1, 1) : 0, p->clients,
        min > 64 ? "at least " : "", min, min > 64 ? 64 : s->bits);
    return SECAGG_OK;
}

/* Returns whether x is 0 or -0. A comparison would also accept subnormal
 * numbers if the host treats them as zeros. */
static bool is_zero(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits << 1 == 0;
}

/* Check what integers of all kinds have in common. */
static secagg_err check_integer(secagg_segment *s, size_t i, char *reason)
{
    RULE(s->rounding == 0 && is_zero(s->clip),
        "segment %zu: integers have no rounding or clip", i);
    s->clip = 0; /* not -0 */
    return SECAGG_OK;
}

/* Check an INTEGER segment. */
static secagg_err check_unbounded(secagg_segment *s, size_t i, char *reason)
{
    SA_TRY(check_integer(s, i, reason));
    RULE(s->value_bits == 0, "segment %zu: integers without a bound have no "
        "value_bits", i);
    RULE(s->bits != 0, "segment %zu: integers without a bound need bits", i);
    return SECAGG_OK;
}

/* Check an UNSIGNED or SIGNED segment. */
static secagg_err check_bounded(const secagg_params *p, secagg_segment *s,
    size_t i, char *reason)
{
    const uint32_t min = s->kind == SECAGG_SIGNED ? 2 : 1;

    SA_TRY(check_integer(s, i, reason));
    RULE(s->value_bits >= min && s->value_bits <= 63, "segment %zu: %" PRIu32
        " value bits are not from %" PRIu32 " to 63", i, s->value_bits, min);
    return check_modulus(p, s, i, reason);
}

/* Check a REAL or WEIGHTED segment. */
static secagg_err check_real(const secagg_params *p, secagg_segment *s,
    size_t i, char *reason)
{
    RULE(s->value_bits >= 2 && s->value_bits <= 32, "segment %zu: %" PRIu32
        " value bits are not from 2 to 32", i, s->value_bits);
    RULE(sa_fixed_sound(s), "segment %zu: clip %g is not from 2^-500 to "
        "2^500, or there is no rounding %" PRIu32, i, s->clip, s->rounding);
    RULE(s->kind != SECAGG_WEIGHTED || p->max_weight >= 1,
        "segment %zu: weighted, but max_weight is 0", i);
    return check_modulus(p, s, i, reason);
}

static secagg_err check_kind(const secagg_params *p, secagg_segment *s,
    size_t i, char *reason)
{
    switch ((secagg_kind)s->kind) {
    case SECAGG_INTEGER: return check_unbounded(s, i, reason);
    case SECAGG_UNSIGNED:
    case SECAGG_SIGNED: return check_bounded(p, s, i, reason);
    case SECAGG_REAL:
    case SECAGG_WEIGHTED: return check_real(p, s, i, reason);
    }
    RULE(false, "segment %zu: there is no kind %" PRIu32, i, s->kind);
    return SECAGG_OK;
}

static secagg_err check_length(const secagg_segment *s, size_t i, char *reason)
{
    RULE(s->length >= 1, "segment %zu: it has no entries", i);
    RULE(s->bits <= 64, "segment %zu: a modulus of %" PRIu32 " bits is over "
        "64", i, s->bits);
    return SECAGG_OK;
}

static secagg_err check_segment(const secagg_params *p, secagg_segment *s,
    size_t i, char *reason)
{
    for (int j = 0; j < 4; j++)
        RULE(s->reserved[j] == 0, "segment %zu: reserved members must be 0",
            i);
    SA_TRY(check_kind(p, s, i, reason));
    return check_length(s, i, reason);
}

/* ---- lanes -------------------------------------------------------------- */

/* Entries of the lane of each modulus, and whether one is rounded
 * stochastically. */
typedef struct lane_totals {
    uint64_t entries[SA_LANES_MAX + 1];
    bool stochastic[SA_LANES_MAX + 1];
} lane_totals;

/* Add `length` entries to a lane. The masks of a lane are one keystream. The
 * limit is a number of whole blocks, so no sum of lengths overflows. */
static secagg_err add_to_lane(lane_totals *lanes, uint32_t bits,
    uint64_t length, char *reason)
{
    const uint64_t max = KEYSTREAM_MAX / ((uint64_t)SA_PLANE * bits)
        * SA_BLOCK;

    RULE(length <= max - lanes->entries[bits], "segments of %" PRIu32
        " bits have more than %" PRIu64 " entries together: their masks take "
        "more than 2^36 bytes of a keystream", bits, max);
    lanes->entries[bits] += length;
    return SECAGG_OK;
}

static secagg_err add_segments(const secagg_params *p, lane_totals *lanes,
    char *reason)
{
    for (size_t i = 0; i < p->segment_count; i++) {
        const secagg_segment *s = &p->segments[i];
        SA_TRY(add_to_lane(lanes, s->bits, s->length, reason));
        lanes->stochastic[s->bits] |= sa_fixed_is_real(s)
            && s->rounding == SECAGG_STOCHASTIC;
    }
    if (p->max_weight > 0) /* the hidden segment (7.3) */
        SA_TRY(add_to_lane(lanes, sa_bit_length(p->clients, p->max_weight, 1),
            1, reason));
    return SECAGG_OK;
}

/* Stochastic rounding reads one keystream for a lane, too. The planes of all
 * lanes must fit one message, and its size a size_t. */
static secagg_err check_lanes(const secagg_params *p, char *reason)
{
    const uint64_t max = SIZE_MAX / 2, words_max = KEYSTREAM_MAX / SA_RND_BYTES;
    lane_totals lanes = { { 0 }, { false } };
    uint64_t total = 0;

    SA_TRY(add_segments(p, &lanes, reason));
    for (uint32_t bits = 1; bits <= SA_LANES_MAX; bits++) {
        const uint64_t bytes = sa_planar_bytes(lanes.entries[bits], bits);
        RULE(!lanes.stochastic[bits] || lanes.entries[bits] <= words_max,
            "segments of %" PRIu32 " bits, of which one is rounded "
            "stochastically, have more than 2^34 entries together", bits);
        RULE(bytes <= max - total, "the segments are too long for one "
            "message on this machine");
        total += bytes;
    }
    return SECAGG_OK;
}

secagg_err sa_params_resolve(secagg_params *resolved,
    secagg_segment *segments, const secagg_params *given,
    char *reason)
{
    SA_TRY(sa_params_check_members(resolved, given, reason));
    memcpy(segments, given->segments,
        given->segment_count * sizeof *segments);
    resolved->segments = segments;
    for (size_t i = 0; i < resolved->segment_count; i++)
        SA_TRY(check_segment(resolved, &segments[i], i, reason));
    return check_lanes(resolved, reason);
}
