/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals: hospitals train a neural network together, on real data about
 * breast cancer, and the server learns nothing but the mean of their updates.
 *
 *     make demo
 *     make demo DEMO_ARGS='--rounds 3 --processes'
 *     make demo DEMO_ARGS=--help
 *
 * The story has three parts: a curious server attacks a plain update and a
 * masked one (attack.c), hospitals drop out in every phase of a training
 * (training.c), and the trained model is tested (result.c). Each secure mean
 * is compared with the plain mean of the same updates.
 *
 * To build libsecagg into a program, read common/server.c and common/client.c,
 * the host loops; common/transport.h, where your network code goes; and
 * common/federation.c, on the input of a client and the parameters that it
 * accepts. This file has the options, the data and the parameters. */
#include "hospitals/demo.h"

#include <stdio.h>

#include "common/command_line.h"

#define MIN_HOSPITALS 5
#define MIN_RING 6
#define MAX_ROUNDS 1000
#define MAX_ROWS 100000 /* in a file */
#define EPOCHS 2        /* of one round */
#define ONE_PATIENT_RATE 0.01

double demo_accuracy(const federation *f, const float *model)
{
    const dataset *data = &f->data;
    return 100 * net_accuracy(model, data, data->training, data->count);
}

/* ---- the task ------------------------------------------------------------ */

static uint64_t train(float *model, const dataset *data, uint32_t hospital,
    uint64_t round, rng *r)
{
    size_t first = data->first[hospital];
    size_t count = dataset_party_rows(data, hospital);
    if (round == ONE_PATIENT_ROUND && hospital == 0) {
        net_step(model, data, first, ONE_PATIENT_RATE);
        return 1;
    }
    net_train(model, data, first, count, EPOCHS, r);
    return count;
}

static const task hospital_task = {
    .name = "libsecagg hospitals 30-64-32-1 v1",
    .party = "hospital",
    .tensors = tensor_sizes,
    .tensor_count = TENSORS,
    .weights = WEIGHTS,
    .clip = 0.5,
    .value_bits = 16,
    .max_rows = MAX_PATIENTS,
    .train = train,
};

/* The default policy tolerates a third of colluding hospitals on both graphs,
 * but refuses a ring of so few clients. Here a ring has no failure probability,
 * because it is nearly complete: among the k neighbours of a hospital are at
 * most n / 3 colluders, and colluders and dropouts together are fewer than k,
 * so that they cannot cut the ring in two. */
static void set_up_task(federation *f, bool sparse)
{
    f->task = &hospital_task;
    f->policy = (secagg_policy)SECAGG_POLICY_INIT;
    f->policy.min_corrupt = 1.0 / 3;
    if (sparse)
        f->policy.min_ring = MIN_RING;
    f->policy.require_active = f->active;
    federation_params(f, sparse);
}

/* ---- options ------------------------------------------------------------- */

static federation hospitals = { .parties = 12, .rounds = 20, .seed = 1,
    .drop = UINT32_MAX };
static bool sparse;
static const char *path = "examples/data/wdbc.csv";

static const option options[] = {
    { "hospitals", "how many take part", MIN_HOSPITALS, MAX_PARTIES,
        .count = &hospitals.parties },
    { "rounds", "rounds of training", 2, MAX_ROUNDS,
        .number = &hospitals.rounds },
    { "drop", "hospitals lost in each round, by default up to 3", 0,
        MAX_PARTIES, .count = &hospitals.drop },
    { "seed", "of the training and the dropouts", 0, UINT64_MAX,
        .number = &hospitals.seed },
    { "active", "sign keys and survivors: the server may lie",
        .flag = &hospitals.active },
    { "sparse", "mask with neighbours on a ring, not with everybody",
        .flag = &sparse },
    { "processes", "a process for each hospital; dropouts are killed",
        .flag = &hospitals.processes },
    { "restart", "the server crashes after each phase and is resumed",
        .flag = &hospitals.restarts },
    { "data", "the patients", .text = &path },
};
static const command program = { "hospitals",
    "Hospitals train a neural network together on data about breast cancer. "
    "Each\nupdate goes through libsecagg: the server learns only the mean of "
    "all updates.", options, sizeof options / sizeof *options };

/* Check the options together. */
static bool options_fit(federation *f)
{
    if (sparse && f->active) {
        fprintf(stderr, "hospitals: --active and --sparse exclude each other: "
                        "an active session needs the complete graph\n");
        return false;
    }
    if (sparse && f->parties < MIN_RING) {
        fprintf(stderr, "hospitals: --sparse needs %d hospitals: on a smaller "
                        "ring a third of the hospitals is too many "
                        "colluders\n", MIN_RING);
        return false;
    }
    set_up_task(f, sparse);
    return federation_choose_drop(f);
}

/* ---- the data ------------------------------------------------------------ */

const char *const feature_names[FEATURES] = { "mean radius", "mean texture",
    "mean perimeter", "mean area", "mean smoothness", "mean compactness",
    "mean concavity", "mean concave points", "mean symmetry",
    "mean fractal dimension", "error of radius", "error of texture",
    "error of perimeter", "error of area", "error of smoothness",
    "error of compactness", "error of concavity", "error of concave points",
    "error of symmetry", "error of fractal dimension", "worst radius",
    "worst texture", "worst perimeter", "worst area", "worst smoothness",
    "worst compactness", "worst concavity", "worst concave points",
    "worst symmetry", "worst fractal dimension" };

/* The hospitals differ in their share of malignant cases: that is why they
 * want to learn together. */
static const uint32_t malignant_percent[3] = { 15, 37, 60 };

/* The file has label 1 for benign; here the label true is malignant. */
static bool read_patients(federation *f)
{
    dataset *data = &f->data;
    if (!dataset_read(data, path, FEATURES, 2 * MAX_PARTIES, MAX_ROWS))
        return false;
    for (size_t i = 0; i < data->count; i++)
        data->labels[i] = !data->labels[i];
    dataset_split(data, f->seed);
    dataset_standardise(data, FEATURES);
    return dataset_deal(data, f->parties, malignant_percent, MAX_PATIENTS,
        f->seed);
}

static bool open_demo(federation *f)
{
    if (!read_patients(f) || !federation_open(f))
        return false;
    net_start(f->secure, f->seed);
    net_start(f->reference, f->seed);
    net_start(f->plain, f->seed);
    return true;
}

int main(int argc, char **argv)
{
    federation *f = &hospitals;
    int status = command_line_read(&program, argc, argv);
    if (status >= 0)
        return status;
    if (!options_fit(f))
        return 2;
    bool good = open_demo(f) && show_attack(f) && show_training(f)
        && show_result(f);
    federation_close(f);
    return command_status(&program, good);
}
