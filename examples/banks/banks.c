/* SPDX-License-Identifier: Apache-2.0 */
/* banks: banks train a scorecard together, on real data about loans, in active
 * mode: they trust neither the server nor, entirely, each other. The server
 * lies, one bank cheats, and all of it is detected.
 *
 *     make banks
 *     make banks BANKS_ARGS='--rounds 6 --processes'
 *     make banks BANKS_ARGS=--help
 *
 * The story has five parts: why banks know each other's keys
 * (impersonation.c), a training in which the server equivocates (training.c,
 * equivocation.c) and a bank cheats, two banks that contradict each other
 * (dispute.c), credentials in place of a registry (admission.c), and the
 * trained model (result.c). Each secure mean is compared with the plain mean of
 * the same updates.
 *
 * To build libsecagg into a program in active mode, read common/registry.c,
 * which sets up the keys, or admission.c and token.c, which judge credentials,
 * and common/server.c and common/client.c, the host loops. This file has the
 * options, the parameters and the bank that cheats; loans.c reads the data. */
#include "banks/demo.h"

#include <stdio.h>
#include <string.h>

#include "common/command_line.h"

#define MIN_BANKS 10
#define MIN_ROUNDS 4 /* the story takes three, one is quiet */
#define MAX_ROUNDS 1000
#define EPOCHS 1 /* of one round */
#define MAX_LOANS 1024 /* of a bank */

/* In UNMASK (vectors/PROTOCOL.md 8.11) the sender's own share, a count and the
 * first word of a share are before the first key that is revealed. */
#define FIRST_KEY_AT (HEADER_BYTES + 32 + 4 + 4)

double demo_auc(const federation *f, const float *model)
{
    const dataset *data = &f->data;
    return 100 * model_auc(model, data, data->training, data->count);
}

double demo_accuracy(const federation *f, const float *model)
{
    const dataset *data = &f->data;
    return 100 * model_accuracy(model, data, data->training, data->count);
}

uint64_t demo_split_round(const federation *f)
{
    return f->rounds / 2;
}

uint64_t demo_cheat_round(const federation *f)
{
    return f->rounds * 3 / 4;
}

bool demo_check_mean(federation *f, const secagg_server *server,
    const uint32_t *member, uint64_t round)
{
    float update[WEIGHTS];
    double secure[WEIGHTS], mean[WEIGHTS];
    plain_sum plain = plain_sum_new(mean, WEIGHTS, f->task->clip);
    if (secagg_server_mean_f64(server, 0, 0, secure, WEIGHTS))
        return false;
    for (uint32_t i = 0; i < f->parties; i++)
        if (secagg_server_includes(server, i))
            plain_sum_add(&plain, update, federation_update(update, f,
                member[i], round, f->secure));
    plain_sum_divide(&plain);
    comparison_add(&f->comparison, secure, &plain, 1);
    return true;
}

/* ---- the task ------------------------------------------------------------ */

static uint64_t train(float *model, const dataset *data, uint32_t bank,
    uint64_t round, rng *r)
{
    size_t count = dataset_party_rows(data, bank);
    (void)round;
    model_train(model, data, data->first[bank], count, EPOCHS, r);
    return count;
}

static const size_t tensors[] = { WEIGHTS };
static const task bank_task = {
    .name = "libsecagg banks scorecard 26-1 v1",
    .party = "bank",
    .tensors = tensors,
    .tensor_count = 1,
    .weights = WEIGHTS,
    .clip = 0.5,
    .value_bits = 16,
    .max_rows = MAX_LOANS,
    .train = train,
};

/* A bank joins no session without signatures: the server could play all other
 * banks in it. For all else the default policy is strict enough. */
static void set_up_task(federation *f)
{
    f->task = &bank_task;
    f->active = true;
    f->policy = (secagg_policy)SECAGG_POLICY_INIT;
    f->policy.require_active = 1;
    federation_params(f, false);
}

/* ---- options ------------------------------------------------------------- */

static federation banks = { .parties = 12, .rounds = 20, .seed = 1,
    .drop = UINT32_MAX };
static const char *path = "examples/data/credit.csv";

static const option options[] = {
    { "banks", "how many take part", MIN_BANKS, MAX_PARTIES,
        .count = &banks.parties },
    { "rounds", "rounds of training", MIN_ROUNDS, MAX_ROUNDS,
        .number = &banks.rounds },
    { "drop", "banks lost in each round, by default up to 3", 0,
        MAX_PARTIES, .count = &banks.drop },
    { "seed", "of the training and the dropouts", 0, UINT64_MAX,
        .number = &banks.seed },
    { "processes", "a process for each bank; dropouts are killed",
        .flag = &banks.processes },
    { "data", "the loans", .text = &path },
};
static const command program = { "banks",
    "Banks learn together which loans will default, through a server that "
    "they do not\ntrust. The server lies and one bank cheats: all of it is "
    "detected.", options, sizeof options / sizeof *options };

/* ---- a bank that cheats -------------------------------------------------- */

#define MAX_MESSAGE 65536

/* Replace a key in UNMASK: the share that it should open stays closed. */
static const uint8_t *cheat(void *user, const uint8_t *msg, size_t len)
{
    static uint8_t altered[MAX_MESSAGE];
    const party *cheater = &banks.party[CHEATER];
    msg = meter_observer(user).before_send(user, msg, len);
    if (cheater->host.round != demo_cheat_round(&banks)
        || msg[TYPE_AT] != TYPE_UNMASK || len <= FIRST_KEY_AT
        || len > sizeof altered)
        return msg;
    memcpy(altered, msg, len);
    altered[FIRST_KEY_AT] ^= 0xff;
    return altered;
}

static bool open_demo(federation *f)
{
    if (!loans_read(&f->data, path, f->parties, MAX_LOANS, f->seed)
        || !federation_open(f))
        return false;
    f->party[CHEATER].host.observer.before_send = cheat;
    return true;
}

int main(int argc, char **argv)
{
    federation *f = &banks;
    int status = command_line_read(&program, argc, argv);
    if (status >= 0)
        return status;
    set_up_task(f);
    if (!federation_choose_drop(f))
        return 2;
    bool good = open_demo(f) && show_registry(f) && show_training(f)
        && show_dispute(f) && show_admission(f) && show_result(f);
    federation_close(f);
    return command_status(&program, good);
}
