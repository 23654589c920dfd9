/* SPDX-License-Identifier: Apache-2.0 */
/* policy_table: what the default policy accepts of 3 to 200 clients, computed
 * in exact integers from PROTOCOL.md 2.2 and 2.5; the library agrees, and so
 * does the table in secagg_params(3). With an argument the program prints the
 * table for the manual. */
#include <secagg.h>
#include <stdarg.h>
#include <string.h>

#include "support/hypergeometric.h"
#include "support/main.h"

#define LEAST 3
#define RINGS 100 /* clients from which on rings are accepted */
#define MOST 200
#define SIGMA 40
#define ETA 20

typedef struct row {
    uint32_t corrupt, threshold, dropouts; /* complete graph */
    uint32_t k, t, c, survivors;           /* ring for 5 % of dropouts */
} row;

static row compute(uint32_t n)
{
    row r = { 0 };

    r.corrupt = n / 3 < 33 ? n / 3 : 33; /* n / 20 is less up to 679 */
    while (2 * r.threshold <= n + r.corrupt)
        r.threshold++;
    if (r.threshold < 3)
        r.threshold = 3;
    r.dropouts = n - r.threshold;
    if (n < RINGS)
        return r;
    r.survivors = n - n / 20;
    for (r.k = 2; r.k + 2 <= n; r.k += 2) {
        const uint32_t high = exact_min(n, r.survivors, r.k, n, ETA);
        r.c = exact_max(n - 1, r.corrupt, r.k, n, SIGMA + 1);
        for (r.t = 2; 2 * r.t <= r.k + 1 + r.c;)
            r.t++;
        for (; r.t <= high; r.t++)
            if (exact_cut_holds(n, r.k, r.t, r.corrupt, r.survivors, SIGMA))
                return r;
    }
    return r; /* never: check_ring() would see it */
}

/* ---- the manual --------------------------------------------------------- */

static char table[20000];

static void append(const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 1, 2)))
#endif
    ;

static void append(const char *format, ...)
{
    const size_t used = strlen(table);
    va_list values;

    va_start(values, format);
    (void)vsnprintf(table + used, sizeof table - used, format, values);
    va_end(values);
}

/* Columns are read from the top down, `columns` beside each other. */
static void append_block(uint32_t first, uint32_t last, uint32_t columns)
{
    const uint32_t lines = (last - first + columns) / columns;

    for (uint32_t line = 0; line < lines; line++) {
        for (uint32_t n = first + line; n <= last; n += lines) {
            const row r = compute(n);
            append("%s%3u %2u %3u %2u", n == first + line ? "" : "   ", n,
                r.corrupt, r.threshold, r.dropouts);
            if (n >= RINGS)
                append("  %2u %2u %2u %3u", r.k, r.t, r.c, r.survivors);
        }
        append("\n");
    }
}

static void make_table(void)
{
    table[0] = '\0';
    for (int i = 0; i < 4; i++)
        append("%s  n  A   F  d", i == 0 ? "" : "   ");
    append("\n");
    append_block(LEAST, RINGS - 1, 4);
    append("\n");
    for (int i = 0; i < 2; i++)
        append("%s  n  A   F  d   k  t  c   S", i == 0 ? "" : "   ");
    append("\n");
    append_block(RINGS, MOST, 2);
}

static void read_manual(char *text, size_t capacity)
{
    const char *folder = getenv("srcdir");
    char path[1000];
    size_t len;
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/man/secagg_params.3",
        folder != NULL ? folder : ".");
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "no %s", path);
    len = fread(text, 1, capacity - 1, file);
    ck_assert_uint_lt(len, capacity - 1);
    text[len] = '\0';
    (void)fclose(file);
}

START_TEST(the_manual_has_the_table)
{
    static const char begin[] = ".\\\" table begin\n.Bd -literal\n";
    static const char end[] = ".Ed\n.\\\" table end\n";
    static char text[200000];
    char *from, *to;

    make_table();
    read_manual(text, sizeof text);
    from = strstr(text, begin);
    ck_assert_ptr_nonnull(from);
    from += strlen(begin);
    to = strstr(from, end);
    ck_assert_ptr_nonnull(to);
    *to = '\0';
    ck_assert_str_eq(from, table);
}
END_TEST

/* ---- the library -------------------------------------------------------- */

static secagg_params params_of(uint32_t n)
{
    static secagg_segment segment = { .length = 1, .bits = 1 };
    secagg_params p = SECAGG_PARAMS_INIT;

    p.clients = n;
    p.segments = &segment;
    p.segment_count = 1;
    return p;
}

static secagg_err offer(const secagg_params *p)
{
    static const uint8_t seed[SECAGG_SEED_BYTES] = { 1 };
    secagg_client *client;
    const secagg_err err = secagg_client_new_seeded(&client, p, 0, NULL, seed);

    if (err == SECAGG_OK)
        secagg_client_free(client);
    return err;
}

static void check_complete(uint32_t n, const row *r)
{
    secagg_params p = params_of(n);

    p.corrupt = r->corrupt;
    p.threshold = r->threshold;
    ck_assert_int_eq(offer(&p), SECAGG_OK);
    p.threshold--;
    ck_assert_int_ne(offer(&p), SECAGG_OK);
    p.threshold++;
    p.corrupt--;
    ck_assert_int_eq(offer(&p), SECAGG_ERR_POLICY);
}

static void check_ring(uint32_t n, const row *r)
{
    secagg_params p = params_of(n);

    ck_assert_int_eq(secagg_params_choose(&p, 0, 0.05, SIGMA, ETA, NULL, NULL,
        0), SECAGG_OK);
    ck_assert_uint_eq(p.neighbours, r->k);
    if (r->k == 0)
        return;
    ck_assert_uint_eq(p.threshold, r->t);
    ck_assert_uint_eq(p.corrupt, r->c);
    ck_assert_uint_eq(p.min_survivors, r->survivors);
    ck_assert_int_eq(offer(&p), SECAGG_OK);
    p.corrupt--;
    ck_assert_int_eq(offer(&p), SECAGG_ERR_POLICY);
}

START_TEST(the_default_policy_accepts_what_the_table_says)
{
    for (uint32_t n = LEAST; n <= MOST; n++) {
        const row r = compute(n);
        check_complete(n, &r);
        check_ring(n, &r);
    }
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = { the_manual_has_the_table,
        the_default_policy_accepts_what_the_table_says };
    (void)argv;
    if (argc > 1) {
        make_table();
        return fputs(table, stdout) < 0;
    }
    return RUN(tests);
}
