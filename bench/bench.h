/* SPDX-License-Identifier: Apache-2.0 */
/* bench: rows of figures. A row sets one thing against another of the same
 * run: the two are timed in turn, 25 times each (BENCH_RUNS: another number),
 * and the ratio is the median of the ratios of the pairs, as neighbours of a
 * machine come and go. Arguments of a program pick rows by parts of their
 * names. */
#ifndef BENCH_H
#define BENCH_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_RUNS_USUAL 25
#define BENCH_RUNS_MOST 1000

/* One side of a row: a call, and how much it does of what the unit counts; or
 * a call that returns the seconds it took, of what it would have measured. */
typedef struct bench_side {
    void (*call)(void *arg);
    void *arg;
    double amount;
    double (*timed)(void *arg);
} bench_side;

/* RATE is amount over time, more is better; TIME is time over amount. */
typedef enum bench_kind { BENCH_RATE, BENCH_TIME } bench_kind;

typedef struct bench_row {
    const char *name, *unit, *to;
    bench_kind kind;
    double scale; /* from seconds or from per second to the unit */
    bench_side one, other;
} bench_row;

static inline void bench_must(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    exit(1);
}

/* Zeroed pages that have been touched. */
static inline void *bench_room(size_t len)
{
    void *room = malloc(len);

    bench_must(room != NULL, "malloc");
    memset(room, 1, len);
    return room;
}

static inline double bench_now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A line of a file of the system's that counts kilobytes, in bytes; 0 where
 * there is none. */
static inline uint64_t bench_counted(const char *path, const char *name)
{
    char line[256];
    unsigned long long kilobytes = 0;
    FILE *file = fopen(path, "r");

    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kilobytes = strtoull(line + strlen(name), NULL, 10);
    fclose(file);
    return 1024 * (uint64_t)kilobytes;
}

/* The most memory that this process had at once, in bytes; 0: not known. */
static inline uint64_t bench_peak(void)
{
    return bench_counted("/proc/self/status", "VmHWM:");
}

/* A number on the command line of a program that has options. False: said on
 * stderr why. */
static inline bool bench_number(const char *program, uint64_t *value,
    const char *name, const char *text, uint64_t least, uint64_t most)
{
    char *end;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0
        || number < least || number > most) {
        fprintf(stderr, "%s: %s takes a number from %llu to %llu, not \"%s\""
                        "\n", program, name, (unsigned long long)least,
            (unsigned long long)most, text);
        return false;
    }
    *value = number;
    return true;
}

/* Of this process alone: others may share the machine. */
static inline double bench_seconds(const bench_side *side)
{
    double from;

    if (side->timed != NULL)
        return side->timed(side->arg);
    from = bench_now(CLOCK_PROCESS_CPUTIME_ID);
    side->call(side->arg);
    return bench_now(CLOCK_PROCESS_CPUTIME_ID) - from;
}

static inline int bench_order(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static inline size_t bench_runs(void)
{
    const char *text = getenv("BENCH_RUNS");
    const long runs = text != NULL ? atol(text) : 0;

    if (runs < 1)
        return BENCH_RUNS_USUAL;
    return runs < BENCH_RUNS_MOST ? (size_t)runs : BENCH_RUNS_MOST;
}

static inline bool bench_wanted(const char *name, char **names)
{
    if (names[0] == NULL)
        return true;
    for (; *names != NULL; names++)
        if (strstr(name, *names) != NULL)
            return true;
    return false;
}

/* One line: values and ratios are sorted here. */
static inline void bench_print(const bench_row *row, double *values,
    double *ratios, size_t runs)
{
    qsort(values, runs, sizeof *values, bench_order);
    qsort(ratios, runs, sizeof *ratios, bench_order);
    printf("%-32s %11.3f %11.3f %11.3f %-5s %-16s %7.3f\n", row->name,
        values[0], values[runs / 2], values[runs - 1], row->unit, row->to,
        ratios[runs / 2]);
    fflush(stdout);
}

/* The ratio stands between two measurements of the other side, so that a
 * drift of the machine falls out. */
static inline void bench_run(const bench_row *row, char **names)
{
    static double values[BENCH_RUNS_MOST], ratios[BENCH_RUNS_MOST];
    const size_t runs = bench_runs();
    double before;

    if (!bench_wanted(row->name, names))
        return;
    bench_seconds(&row->one);
    bench_seconds(&row->other);
    before = bench_seconds(&row->other);
    for (size_t i = 0; i < runs; i++) {
        const double one = bench_seconds(&row->one) / row->one.amount;
        const double after = bench_seconds(&row->other);
        const double other = (before + after) / 2 / row->other.amount;
        const bool rate = row->kind == BENCH_RATE;
        values[i] = row->scale * (rate ? 1 / one : one);
        ratios[i] = rate ? other / one : one / other;
        before = after;
    }
    bench_print(row, values, ratios, runs);
}

#endif
