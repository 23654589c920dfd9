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
 * To build libsecagg into a fleet, read phone.c, on the input of a phone and
 * the parameters that it accepts, and common/server.c and common/client.c, the
 * host loops. If
 * phones call the server, their two requests are secagg_server_send(), copied,
 * and secagg_server_recv(), both under one lock. The phones are simulated by
 * threads of common/transport_memory.c. This file has the options and the
 * data. */
#define _POSIX_C_SOURCE 200809L

#include "devices/demo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/command_line.h"

#define MAX_ROUNDS 1000
#define MAX_DROP 20
#define DOUBLE_SLACK 1e-9 /* for rounding while a plain sum is computed */

/* ---- options ------------------------------------------------------------- */

static demo devices = { .cohort = MAX_PHONES, .rounds = 5, .seed = 1,
    .drop = 3, .threads = 2 };
static const char *path = "examples/data/mlc_churn.csv";

static const option options[] = {
    { "phones", "that take part in a round", MIN_PHONES, MAX_PHONES,
        .count = &devices.cohort },
    { "rounds", "rounds of training", 2, MAX_ROUNDS,
        .number = &devices.rounds },
    { "drop", "percent of the phones lost in each round", 0,
        MAX_DROP, .count = &devices.drop },
    { "seed", "of the cohorts and the dropouts", 0, UINT64_MAX,
        .number = &devices.seed },
    { "threads", "threads that simulate the phones", 1, MAX_THREADS,
        .count = &devices.threads },
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
    if (d->cohort > data->count)
        fprintf(stderr, "devices: %s has %zu customers: --phones %u is too "
                        "many\n", path, data->count, d->cohort);
    return d->cohort <= data->count;
}

static bool open_phones(demo *d)
{
    const dataset *data = &d->data;
    d->phones = calloc(data->count, sizeof *d->phones);
    d->meters = calloc(d->cohort, sizeof *d->meters);
    if (d->phones == NULL || d->meters == NULL
        || !network_open(&d->net, &transport_memory, d->cohort,
            participant_run, d->clients)) {
        fprintf(stderr, "devices: no memory\n");
        return false;
    }
    d->net.threads = d->threads;
    for (size_t i = 0; i < data->count; i++)
        phone_init(&d->phones[i], &d->scaling, dataset_row(data, i),
            data->labels[i], i >= data->training);
    return true;
}

static bool open_demo(demo *d)
{
    if (!read_customers(d))
        return false;
    if (!phone_params(&d->params, d->segments, d->cohort, d->drop / 100.0)) {
        fprintf(stderr, "devices: no session of %u phones tolerates %u %% of "
                        "dropouts\n", d->cohort, d->drop);
        return false;
    }
    scaling_find(&d->scaling, &d->data);
    d->live = isatty(STDOUT_FILENO);
    d->comparison = comparison_new(GRADIENT_CLIP, VALUE_BITS, DOUBLE_SLACK);
    return open_phones(d);
}

static void close_demo(demo *d)
{
    network_close(&d->net);
    for (size_t i = 0; d->phones != NULL && i < d->data.count; i++)
        secagg_client_free(d->phones[i].host.client);
    free(d->phones);
    free(d->meters);
    dataset_free(&d->data);
}

int main(int argc, char **argv)
{
    demo *d = &devices;
    int status = command_line_read(&program, argc, argv);
    if (status >= 0)
        return status;
    bool good = open_demo(d) && show_training(d) && show_result(d);
    close_demo(d);
    return command_status(&program, good);
}
