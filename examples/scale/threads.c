/* SPDX-License-Identifier: Apache-2.0 */
/* threads: several threads of a host read disjoint ranges of one long sum.
 *
 *     make threads
 *     make threads THREADS_ARGS='--threads 8 --entries 10000000'
 *
 * The library starts no threads. Calls on a const handle may run at the same
 * time, and each thread generates the masks of the ranges that it reads. The
 * sum is read by one thread, then by all; then the mean. Every entry is
 * checked. cohort.c runs the session. */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/command_line.h"
#include "scale/cohort.h"

#define MAX_THREADS 1024
#define BLOCK 512 /* ranges that begin at a multiple are the cheapest */
#define MIN_RANGE (32 * BLOCK)

static uint64_t threads = 4, entries = 4000000;
static uint32_t clients = 8;

static const option options[] = {
    { "threads", "how many read at the same time", 1, MAX_THREADS,
        .number = &threads },
    { "clients", "the last one drops out", COHORT_MIN, COHORT_MAX,
        .count = &clients },
    { "entries", "of the vector", 1, SIZE_MAX / 16, .number = &entries },
};
static const command program = { "threads",
    "Clients sum a long vector. Then threads read ranges of the one sum at the "
    "same\ntime, first one thread, then all. Every entry is checked.",
    options, sizeof options / sizeof *options };

/* Threads fetch ranges one by one, so that slow threads read fewer. */
typedef struct reading {
    const cohort *c;
    bool means; /* else sums */
    uint64_t *sum;
    float *mean;
    pthread_mutex_t lock; /* of the following */
    uint64_t next, range; /* in entries */
    double max_seconds;   /* of CPU, of the busiest thread */
    secagg_err err;       /* the first */
} reading;

/* ---- one thread ---------------------------------------------------------- */

static bool next_range(reading *r, uint64_t *at, size_t *count)
{
    pthread_mutex_lock(&r->lock);
    bool some = r->next < entries && !r->err;
    if (some) {
        uint64_t left = entries - r->next;
        *at = r->next;
        *count = (size_t)(left < r->range ? left : r->range);
        r->next += *count;
    }
    pthread_mutex_unlock(&r->lock);
    return some;
}

static void *read_ranges(void *arg)
{
    reading *r = arg;
    uint64_t at;
    size_t count;
    secagg_err err = SECAGG_OK;
    while (!err && next_range(r, &at, &count))
        err = r->means
            ? secagg_server_mean_f32(r->c->server, 0, at, r->mean + at, count)
            : secagg_server_sum_u64(r->c->server, 0, at, r->sum + at, count);
    double seconds = cpu_seconds();
    pthread_mutex_lock(&r->lock);
    r->err = r->err ? r->err : err;
    r->max_seconds = seconds > r->max_seconds ? seconds : r->max_seconds;
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* ---- all threads --------------------------------------------------------- */

static bool run_threads(reading *r, uint64_t count)
{
    pthread_t ids[MAX_THREADS];
    uint64_t started = 0;
    r->next = 0;
    r->max_seconds = 0;
    while (started < count
        && pthread_create(&ids[started], NULL, read_ranges, r) == 0)
        started++;
    for (uint64_t i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
    if (started < count)
        fprintf(stderr, "threads: the system started %llu threads, not %llu\n",
            (unsigned long long)started, (unsigned long long)count);
    else if (r->err)
        fprintf(stderr, "threads: %s\n", secagg_strerror(r->err));
    return started == count && !r->err;
}

/* Read all entries and count the wrong ones. Earlier results are erased. */
static bool read_all(reading *r, uint64_t count, double *seconds,
    uint64_t *wrong)
{
    size_t length = (size_t)entries;
    memset(r->sum, 0xff, length * sizeof *r->sum);
    memset(r->mean, 0xff, length * sizeof *r->mean);
    *seconds = seconds_now();
    if (!run_threads(r, count))
        return false;
    *seconds = seconds_now() - *seconds;
    *wrong += r->means ? cohort_wrong_mean(r->c, 0, r->mean, length)
                       : cohort_wrong_sum(r->c, 0, r->sum, length);
    return true;
}

static bool compare(reading *r, bool means, uint64_t *wrong)
{
    double one, all;
    r->means = means;
    if (!read_all(r, 1, &one, wrong))
        return false;
    double busiest = r->max_seconds;
    if (!read_all(r, threads, &all, wrong))
        return false;
    printf("%-7s %9.1f %9.1f %9.1f %9.1f\n", means ? "means" : "sums",
        1e3 * one, 1e3 * all, 1e3 * busiest, 1e3 * r->max_seconds);
    return true;
}

/* Several ranges for each thread, none of them small. */
static uint64_t choose_range(void)
{
    uint64_t share = entries / (4 * threads);
    return share < MIN_RANGE ? MIN_RANGE : share / BLOCK * BLOCK;
}

static bool read_and_check(const cohort *c)
{
    reading r = { .c = c, .range = choose_range(),
        .sum = malloc((size_t)entries * sizeof *r.sum),
        .mean = malloc((size_t)entries * sizeof *r.mean) };
    uint64_t wrong = 0;
    bool good = false;
    if (r.sum == NULL || r.mean == NULL) {
        fprintf(stderr, "threads: no memory for %llu entries\n",
            (unsigned long long)entries);
    } else if (pthread_mutex_init(&r.lock, NULL) == 0) {
        printf("%-7s %19s %19s\n%-7s %9s %9s %9s %9s\n", "", "elapsed",
            "busiest thread", "ms", "1 thread", "all", "1 thread", "all");
        good = compare(&r, false, &wrong) && compare(&r, true, &wrong);
        pthread_mutex_destroy(&r.lock);
    }
    free(r.sum);
    free(r.mean);
    if (good)
        printf("%llu of %llu entries are wrong\n", (unsigned long long)wrong,
            4 * (unsigned long long)entries);
    return good && wrong == 0;
}

int main(int argc, char **argv)
{
    cohort c;
    int status = command_line_read(&program, argc, argv);
    if (status >= 0)
        return status;
    bool good = cohort_run(&c, clients, entries, NULL, NULL);
    if (good)
        printf("%u clients, of which one drops out; %llu entries; %llu "
               "threads\n", clients, (unsigned long long)entries,
            (unsigned long long)threads);
    good = good && read_and_check(&c);
    cohort_free(&c);
    return command_status(&program, good);
}
