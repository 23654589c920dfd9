/* SPDX-License-Identifier: Apache-2.0 */
/* banks: federated training among parties that trust neither the coordinator
 * nor, quite, each other, on real data.
 *
 * Where to look when you build libsecagg into a framework of your own, in
 * active mode: example_registry.c has the keys, example_client.c and
 * example_server.c the host loops; banks_task.c says what is summed, and what
 * a bank accepts. banks_liar.c is the coordinator that nobody should meet.
 * Then comes the story: banks_registry.c, banks_training.c, banks_result.c. */
#define _POSIX_C_SOURCE 200809L

#include "banks/demo.h"

#include <stdio.h>
#include <unistd.h>

#include "common/report.h"

size_t demo_loans(const demo *d, uint32_t i)
{
    return d->data.first[i + 1] - d->data.first[i];
}

double demo_area(const demo *d, const scorecard *model)
{
    size_t first = d->data.training;
    return 100 * model_area(model, d->data.loans + first,
        d->data.count - first);
}

double demo_accuracy(const demo *d, const scorecard *model)
{
    size_t first = d->data.training;
    return 100 * model_accuracy(model, d->data.loans + first,
        d->data.count - first);
}

uint64_t demo_split_round(const demo *d)
{
    return d->own.rounds / 2;
}

uint64_t demo_cheat_round(const demo *d)
{
    return d->own.rounds * 3ull / 4;
}

/* A bank takes no session without signatures, whatever the coordinator says:
 * it would be one in which the coordinator can be everybody else. For all
 * else the library's default policy will do. */
static void open_bank(demo *d, uint32_t i)
{
    bank *b = &d->banks[i];
    b->seed = d->own.seed;
    b->data = &d->data;
    b->cheats_in = i == CHEATER ? demo_cheat_round(d) : 0;
    b->host.name = "bank";
    b->host.index = i;
    b->host.owner = b;
    b->host.train = bank_answer;
    b->host.tamper = i == CHEATER ? bank_tamper : NULL;
    b->host.policy = (secagg_policy)SECAGG_POLICY_INIT;
    b->host.policy.require_active = 1;
    b->host.keys = d->keys;
    b->host.own = &d->identities[i];
    d->ends[i] = &b->host;
}

static bool demo_open(demo *d)
{
    uint32_t count = d->own.banks;
    if (!data_read(&d->data, d->own.data, count, d->own.seed))
        return false;
    d->live = isatty(STDOUT_FILENO);
    d->promise = promise_new(UPDATE_CLIP, VALUE_BITS, DOUBLE_SLACK);
    task_params(&d->params, &d->segment, count);
    d->keys = registry_new(count, d->identities);
    if (d->keys == NULL) {
        fprintf(stderr, "banks: no keys: no memory or no randomness\n");
        return false;
    }
    for (uint32_t i = 0; i < count; i++)
        open_bank(d, i);
    if (!network_open(&d->net, count, d->own.processes, participant_serve,
            d->ends)) {
        fprintf(stderr, "banks: no memory\n");
        return false;
    }
    return true;
}

static void demo_close(demo *d)
{
    network_close(&d->net);
    for (uint32_t i = 0; i < d->own.banks; i++)
        secagg_client_free(d->banks[i].host.client);
    secagg_wipe(d->identities, sizeof d->identities);
    registry_free(d->keys);
    data_free(&d->data);
}

int main(int argc, char **argv)
{
    static demo d;
    if (!options_read(&d.own, argc, argv))
        return 2;
    if (d.own.help) {
        options_help();
        return 0;
    }
    bool good = demo_open(&d) && show_registry(&d) && show_training(&d)
        && show_result(&d);
    demo_close(&d);
    return report_end("banks", good);
}
