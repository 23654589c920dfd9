/* SPDX-License-Identifier: Apache-2.0 */
/* devices: thousands of phones train a model together, on real data about the
 * customers of a telecom operator. Each phone has one record; the server
 * learns nothing but the sum of all updates.
 *
 *     make devices
 *     make devices DEVICES_ARGS='--phones 500 --rounds 3'
 *     make devices DEVICES_ARGS=--help
 *
 * The story has two parts: a training in which each round is a session of a
 * random cohort on a sparse graph, and phones drop out or answer too late
 * (training.c), and the trained model (result.c). Each secure sum is compared
 * with the plain sum of the same updates.
 *
 * To build libsecagg into a fleet, read phone.c, the client's side of an app,
 * and server.c, the server's side with the two requests that phones make.
 * fleet.c simulates the phones and the network. This file has the options,
 * the data and the parameters. */
#define _POSIX_C_SOURCE 200809L

#include "devices/demo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/command_line.h"

#define MAX_ROUNDS 1000
#define MAX_DROP 20
#define MAX_THREADS 64
#define DOUBLE_SLACK 1e-9 /* for rounding while a plain sum is computed */

/* ---- options ------------------------------------------------------------- */

static demo devices = { .phones = MAX_PHONES, .rounds = 5, .seed = 1,
    .drop = 3, .fleet = { .threads = 2 } };
static const char *path = "examples/data/mlc_churn.csv";

static const option options[] = {
    { "phones", "that take part in a round", MIN_PHONES, MAX_PHONES,
        .count = &devices.phones },
    { "rounds", "rounds of training", 2, MAX_ROUNDS,
        .number = &devices.rounds },
    { "drop", "percent of the phones that are lost in each round", 0,
        MAX_DROP, .count = &devices.drop },
    { "seed", "of the cohorts and the dropouts", 0, UINT64_MAX,
        .number = &devices.seed },
    { "threads", "threads that simulate the phones", 1, MAX_THREADS,
        .count = &devices.fleet.threads },
    { "data", "the customers", .text = &path },
};
static const command program = { "devices",
    "Phones learn together which customers leave their operator, each from "
    "the one\nrecord that it has. Each update goes through libsecagg: the "
    "server learns only\nthe sum of all updates.",
    options, sizeof options / sizeof *options };

/* ---- opening ------------------------------------------------------------- */

/* Outliers are cut, so that no single record dominates a step. */
static bool read_customers(demo *d)
{
    dataset *data = &d->data;
    if (!dataset_read(data, path, MEASURES, MIN_PHONES, MAX_PHONES))
        return false;
    dataset_split(data, d->seed);
    dataset_standardise(data, MEASURES);
    for (size_t i = 0; i < data->count * MEASURES; i++)
        data->features[i] = fmaxf(-MAX_MEASURE,
            fminf(MAX_MEASURE, data->features[i]));
    if (d->phones > data->count)
        fprintf(stderr, "devices: %s has %zu customers: --phones %u is too "
                        "many\n", path, data->count, d->phones);
    return d->phones <= data->count;
}

/* A complete graph does not scale to thousands of phones. On the sparse graph
 * each phone has a few dozen neighbours. The library chooses their number so
 * that the share CORRUPT of colluders and the expected dropouts are tolerated;
 * each phone checks the choice. */
static bool choose_params(demo *d)
{
    secagg_params *p = &d->params;
    *p = (secagg_params)SECAGG_PARAMS_INIT;
    d->segments[0] = (secagg_segment){ .length = WEIGHTS, .kind = SECAGG_REAL,
        .value_bits = VALUE_BITS, .clip = GRADIENT_CLIP };
    d->segments[1] = (secagg_segment){ .length = COUNTS,
        .kind = SECAGG_INTEGER, .bits = COUNT_BITS };
    p->clients = d->phones;
    p->segments = d->segments;
    p->segment_count = SEGMENTS;
    memcpy(p->app_digest, TASK, sizeof p->app_digest);
    if (secagg_params_choose(p, CORRUPT, d->drop / 100.0, SECURITY_BITS,
            FAILURE_BITS) == SECAGG_OK)
        return true;
    fprintf(stderr, "devices: no session of %u phones tolerates %u %% of "
                    "dropouts\n", d->phones, d->drop);
    return false;
}

static bool open_fleet(demo *d)
{
    fleet *f = &d->fleet;
    f->phones = calloc(d->data.count, sizeof *f->phones);
    if (f->phones == NULL) {
        fprintf(stderr, "devices: no memory\n");
        return false;
    }
    for (uint32_t i = 0; i < d->data.count; i++)
        f->phones[i] = (phone){ .scaling = &d->scaling,
            .measures = dataset_row(&d->data, i),
            .churns = d->data.labels[i], .tests = i >= d->data.training };
    return true;
}

static bool open_demo(demo *d)
{
    if (!read_customers(d) || !choose_params(d) || !open_fleet(d))
        return false;
    scaling_find(&d->scaling, &d->data);
    d->fleet.live = isatty(STDOUT_FILENO);
    d->comparison = comparison_new(GRADIENT_CLIP, VALUE_BITS, DOUBLE_SLACK);
    return true;
}

int main(int argc, char **argv)
{
    demo *d = &devices;
    int status = command_line_read(&program, argc, argv);
    if (status >= 0)
        return status;
    bool good = open_demo(d) && show_training(d) && show_result(d);
    free(d->fleet.phones);
    dataset_free(&d->data);
    return command_status(&program, good);
}
