/* SPDX-License-Identifier: Apache-2.0 */
/* bench: rows of figures. A row compares a call with a reference: the two are
 * timed in turn, 25 times each (BENCH_RUNS changes this), and the ratio is the
 * median of the ratios of the pairs, because other work on the machine comes
 * and goes. Arguments of a program select rows by parts of their names. */
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

#define BENCH_RUNS_DEFAULT 25
#define BENCH_RUNS_MAX 1000

/* One side of a row: a call to be timed, or a call that returns the seconds it
 * took (timed); and the amount of work, in what the unit counts. */
typedef struct bench_side {
    void (*call)(void *arg);
    void *arg;
    double amount;
    double (*timed)(void *arg);
} bench_side;

/* RATE is amount / time, TIME is time / amount. */
typedef enum bench_kind { BENCH_RATE, BENCH_TIME } bench_kind;

typedef struct bench_row {
    const char *name, *unit, *to;
    bench_kind kind;
    double scale; /* converts seconds, or 1 / seconds, to the unit */
    bench_side one, other;
} bench_row;

static inline void bench_must(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    exit(1);
}

/* Allocate memory and touch its pages. */
static inline void *bench_alloc(size_t len)
{
    void *buffer = malloc(len);

    bench_must(buffer != NULL, "malloc");
    memset(buffer, 1, len);
    return buffer;
}

static inline double bench_now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Returns, in bytes, a value that a file of /proc has in kilobytes; 0 if the
 * file or the line is missing. */
static inline uint64_t bench_proc_bytes(const char *path, const char *name)
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

/* Peak resident memory of this process in bytes; 0 if unknown. */
static inline uint64_t bench_peak(void)
{
    return bench_proc_bytes("/proc/self/status", "VmHWM:");
}

/* Parse the value of a command-line option. If it is not a number in the range,
 * print a message and return false. */
static inline bool bench_number(const char *program, uint64_t *value,
    const char *name, const char *text, uint64_t min, uint64_t max)
{
    char *end;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0
        || number < min || number > max) {
        fprintf(stderr, "%s: %s takes a number from %llu to %llu, not \"%s\""
                        "\n", program, name, (unsigned long long)min,
            (unsigned long long)max, text);
        return false;
    }
    *value = number;
    return true;
}

/* Processor time of this process: other processes do not count. */
static inline double bench_seconds(const bench_side *side)
{
    double start;

    if (side->timed != NULL)
        return side->timed(side->arg);
    start = bench_now(CLOCK_PROCESS_CPUTIME_ID);
    side->call(side->arg);
    return bench_now(CLOCK_PROCESS_CPUTIME_ID) - start;
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
        return BENCH_RUNS_DEFAULT;
    return runs < BENCH_RUNS_MAX ? (size_t)runs : BENCH_RUNS_MAX;
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

/* Print one line; sorts values and ratios. */
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

/* Each measurement is compared with the mean of the reference before and after
 * it, so that a drift of the machine's speed cancels out. */
static inline void bench_run(const bench_row *row, char **names)
{
    static double values[BENCH_RUNS_MAX], ratios[BENCH_RUNS_MAX];
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
