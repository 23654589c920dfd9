/* SPDX-License-Identifier: Apache-2.0 */
/* ring_cut: the claim of PROTOCOL.md, appendix B, by trying everything: every
 * placement of the corrupt clients on a small ring and every set U3. A set of
 * placements that permits a cut must be no larger than P_cut, which is computed
 * in exact integers.
 *
 * What server and corrupt clients can unmask is computed twice: from the
 * components of the honest survivors, and, for a sample, as the rank of the
 * linear equations that they have. */
#include <string.h>

#include "support/hypergeometric.h"
#include "support/main.h"
#include "support/util.h"

#define CLIENTS_MAX 16

/* Sets of positions of a ring are bits. */
typedef struct cycle {
    uint32_t n, k;
    uint32_t near[CLIENTS_MAX]; /* neighbours of each position */
} cycle;

static cycle make_cycle(uint32_t n, uint32_t k)
{
    cycle c = { n, k, { 0 } };

    for (uint32_t p = 0; p < n; p++)
        for (uint32_t d = 1; d <= k / 2; d++)
            c.near[p] |= (uint32_t)1 << (p + d) % n
                | (uint32_t)1 << (p + n - d) % n;
    return c;
}

static uint32_t count(uint32_t set)
{
    uint32_t size = 0;

    for (; set != 0; set &= set - 1)
        size++;
    return size;
}

/* The members of a set that are reached from its lowest one. */
static uint32_t component(const cycle *c, uint32_t set)
{
    uint32_t reached = set & (0 - set), before = 0;

    while (reached != before) {
        before = reached;
        for (uint32_t p = 0; p < c->n; p++)
            if (before >> p & 1)
                reached |= c->near[p] & set;
    }
    return reached;
}

/* 5.5: at most one maximal run of k / 2 or more positions outside of U3. */
static bool connected(const cycle *c, uint32_t u3)
{
    uint32_t runs = 0;

    for (uint32_t p = 0; p < c->n; p++) {
        uint32_t length = 0;
        if (!(u3 >> p & 1))
            continue;
        while (length < c->n && !(u3 >> (p + 1 + length) % c->n & 1))
            length++;
        runs += length >= c->k / 2;
    }
    return runs <= 1;
}

/* The least number of holders that answer of any dealer in a set. All honest
 * survivors answer, and so does each corrupt client. */
static uint32_t fewest_holders(const cycle *c, uint32_t dealers,
    uint32_t answering)
{
    uint32_t fewest = UINT32_MAX;

    for (uint32_t p = 0; p < c->n; p++) {
        const uint32_t holders = c->near[p] | (uint32_t)1 << p;
        if ((dealers >> p & 1) && count(holders & answering) < fewest)
            fewest = count(holders & answering);
    }
    return fewest;
}

/* The greatest threshold at which some part of the honest survivors can be
 * unmasked by itself; 0 if they all hang together. A part is a component all of
 * whose self secrets can be opened. */
static uint32_t cut_threshold(const cycle *c, uint32_t corrupt, uint32_t u3)
{
    const uint32_t honest = u3 & ~corrupt, answering = honest | corrupt;
    uint32_t greatest = 0, left = honest;

    if (honest == 0 || component(c, honest) == honest)
        return 0;
    while (left != 0) {
        const uint32_t part = component(c, left);
        const uint32_t t = fewest_holders(c, part, answering);
        if (t > greatest)
            greatest = t;
        left &= ~part;
    }
    return greatest;
}

/* ---- the claim ---------------------------------------------------------- */

/* worst[s]: the greatest threshold at which U3 of s or more members permits a
 * cut of these corrupt clients. */
static void find_worst(const cycle *c, uint32_t corrupt,
    const uint8_t *passes, uint32_t *worst)
{
    memset(worst, 0, (CLIENTS_MAX + 2) * sizeof *worst);
    for (uint32_t u3 = 0; u3 < (uint32_t)1 << c->n; u3++) {
        const uint32_t size = count(u3);
        uint32_t t;
        if (!passes[u3])
            continue;
        t = cut_threshold(c, corrupt, u3);
        if (t > worst[size])
            worst[size] = t;
    }
    for (uint32_t s = c->n; s > 0; s--)
        if (worst[s] > worst[s - 1])
            worst[s - 1] = worst[s];
}

static uint32_t turned(const cycle *c, uint32_t set, uint32_t by)
{
    const uint32_t all = ((uint32_t)1 << c->n) - 1;

    return by == 0 ? set : (set << by | set >> (c->n - by)) & all;
}

/* How many turns of the ring bring different placements; 0 if another turn of
 * this one comes first. */
static uint32_t orbit(const cycle *c, uint32_t set)
{
    for (uint32_t by = 1; by < c->n; by++) {
        if (turned(c, set, by) < set)
            return 0;
        if (turned(c, set, by) == set)
            return by;
    }
    return c->n;
}

typedef struct tally {
    /* placements of a corrupt clients that permit a cut: by a, by the least
     * size of U3, and by threshold */
    uint64_t cuts[CLIENTS_MAX + 1][CLIENTS_MAX + 1][CLIENTS_MAX + 1];
} tally;

static void try_all(const cycle *c, tally *y)
{
    const uint32_t sets = (uint32_t)1 << c->n;
    uint8_t *passes = calloc(sets, 1);
    uint32_t worst[CLIENTS_MAX + 2];

    ck_assert_ptr_nonnull(passes);
    memset(y, 0, sizeof *y);
    for (uint32_t u3 = 0; u3 < sets; u3++)
        passes[u3] = connected(c, u3);
    for (uint32_t corrupt = 0; corrupt < sets; corrupt++) {
        const uint32_t turns = orbit(c, corrupt);
        if (turns == 0)
            continue;
        find_worst(c, corrupt, passes, worst);
        for (uint32_t s = 0; s <= c->n; s++)
            for (uint32_t t = 2; t <= c->k && t <= worst[s]; t++)
                y->cuts[count(corrupt)][s][t] += turns;
    }
    free(passes);
}

/* Whether the share of placements is at most P_cut. */
static bool within(const cycle *c, uint32_t t, uint32_t a, uint32_t s,
    uint64_t cuts)
{
    mpq_t bound, share;
    bool holds;

    mpq_inits(bound, share, NULL);
    exact_cut(bound, c->n, c->k, t, a, s);
    mpq_set_ui(share, (unsigned long)cuts, 1);
    mpz_bin_uiui(mpq_denref(share), c->n, a);
    holds = mpq_cmp(share, bound) <= 0;
    mpq_clears(bound, share, NULL);
    return holds;
}

static uint32_t most_clients(void)
{
    return getenv("SECAGG_LONG") != NULL ? CLIENTS_MAX - 1 : 12;
}

START_TEST(no_more_placements_permit_a_cut_than_p_cut_says)
{
    static tally y;
    size_t sharp = 0, none = 0;

    for (uint32_t n = 4; n <= most_clients(); n++)
        for (uint32_t k = 2; k + 2 <= n; k += 2) {
            const cycle c = make_cycle(n, k);
            try_all(&c, &y);
            for (uint32_t a = 0; a <= n; a++)
                for (uint32_t s = 0; s <= n; s++)
                    for (uint32_t t = 2; t <= k; t++) {
                        const uint64_t cuts = y.cuts[a][s][t];
                        ck_assert_msg(within(&c, t, a, s, cuts),
                            "n %u, k %u, t %u, %u corrupt, %u survivors", n, k,
                            t, a, s);
                        none += cuts == 0;
                        /* with one vote or one survivor more in the bound it
                         * would not hold: the test can fail */
                        sharp += !within(&c, t + 1, a, s, cuts)
                            || (s < n && !within(&c, t, a, s + 1, cuts));
                    }
        }
    ck_assert_uint_gt(none, 300);
    ck_assert_uint_gt(sharp, 100);
}
END_TEST

/* ---- by linear algebra -------------------------------------------------- */

/* The columns of the equations: the inputs of all positions, their self masks,
 * and the pair masks of all pairs. */
#define COLUMNS (2 * CLIENTS_MAX + CLIENTS_MAX * CLIENTS_MAX)
#define PRIME 2147483647 /* 2^31 - 1 */

typedef struct equations {
    uint32_t rows;
    uint64_t at[3 * CLIENTS_MAX][COLUMNS];
} equations;

static uint64_t power(uint64_t x, uint64_t e)
{
    uint64_t y = 1;

    for (; e > 0; e >>= 1, x = x * x % PRIME)
        if (e & 1)
            y = y * x % PRIME;
    return y;
}

/* The rank modulo a prime of the columns from `from` on; it changes them. */
static uint32_t rank(equations *m, uint32_t from)
{
    uint32_t rank = 0;

    for (uint32_t col = from; col < COLUMNS && rank < m->rows; col++) {
        uint32_t row = rank;
        uint64_t inverse;
        while (row < m->rows && m->at[row][col] == 0)
            row++;
        if (row == m->rows)
            continue;
        for (uint32_t j = 0; j < COLUMNS; j++) {
            const uint64_t x = m->at[row][j];
            m->at[row][j] = m->at[rank][j];
            m->at[rank][j] = x;
        }
        inverse = power(m->at[rank][col], PRIME - 2);
        for (uint32_t i = rank + 1; i < m->rows; i++) {
            const uint64_t f = m->at[i][col] * inverse % PRIME;
            for (uint32_t j = col; f != 0 && j < COLUMNS; j++)
                m->at[i][j] = (m->at[i][j]
                    + (PRIME - f) * m->at[rank][j]) % PRIME;
        }
        rank++;
    }
    return rank;
}

/* What server and corrupt clients know: the masked vector of each honest
 * survivor without the pair masks that can be computed, and each self mask that
 * t holders open. */
static void write_equations(const cycle *c, uint32_t corrupt, uint32_t u3,
    uint32_t t, equations *m)
{
    const uint32_t honest = u3 & ~corrupt;

    memset(m, 0, sizeof *m);
    for (uint32_t p = 0; p < c->n; p++) {
        const uint32_t holders = c->near[p] | (uint32_t)1 << p;
        if (!(honest >> p & 1))
            continue;
        m->at[m->rows][p] = 1;
        m->at[m->rows][CLIENTS_MAX + p] = 1;
        for (uint32_t q = 0; q < c->n; q++)
            if (c->near[p] & honest & (uint32_t)1 << q)
                m->at[m->rows][2 * CLIENTS_MAX + (p < q
                    ? CLIENTS_MAX * p + q : CLIENTS_MAX * q + p)] =
                    p < q ? 1 : PRIME - 1;
        m->rows++;
        if (count(holders & (honest | corrupt)) >= t)
            m->at[m->rows++][CLIENTS_MAX + p] = 1;
    }
}

/* The number of independent sums of inputs that they can compute: the
 * combinations of the equations in which no mask is left. */
static uint32_t known_sums(const cycle *c, uint32_t corrupt, uint32_t u3,
    uint32_t t)
{
    static equations m;
    uint32_t all, masks;

    write_equations(c, corrupt, u3, t, &m);
    all = rank(&m, 0);
    write_equations(c, corrupt, u3, t, &m);
    masks = rank(&m, CLIENTS_MAX);
    return all - masks;
}

/* If the honest survivors are in one component, they have one sum or none;
 * else there is a sum exactly where a component can be opened. */
START_TEST(the_components_are_what_the_equations_say)
{
    uint64_t state = 11;
    uint32_t cuts = 0, whole = 0;

    for (int i = 0; i < 6000; i++) {
        const uint32_t n = 4 + (uint32_t)(prng_next(&state) % 9);
        const uint32_t k = 2 + 2 * (uint32_t)(prng_next(&state) % (n / 2 - 1));
        const uint32_t all = ((uint32_t)1 << n) - 1;
        const cycle c = make_cycle(n, k);
        const uint32_t corrupt = (uint32_t)(prng_next(&state)
            & prng_next(&state))
            & all;
        const uint32_t u3 = (uint32_t)prng_next(&state) & all;
        const uint32_t t = 2 + (uint32_t)(prng_next(&state) % (k - 1));
        const uint32_t honest = u3 & ~corrupt;
        const uint32_t sums = known_sums(&c, corrupt, u3, t);
        if (honest == 0 || component(&c, honest) == honest) {
            ck_assert_uint_le(sums, 1);
            whole += sums;
        } else {
            ck_assert_int_eq(sums > 0, cut_threshold(&c, corrupt, u3) >= t);
            cuts += sums > 0;
        }
    }
    ck_assert_uint_gt(cuts, 200);
    ck_assert_uint_gt(whole, 200);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        no_more_placements_permit_a_cut_than_p_cut_says,
        the_components_are_what_the_equations_say };
    return RUN(tests);
}
