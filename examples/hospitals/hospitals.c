/* SPDX-License-Identifier: Apache-2.0 */
/* hospitals: federated training with secure sums, on real data.
 *
 * Where to look when you build libsecagg into a framework of your own:
 * example_client.c has the client's host loop, example_server.c the server's;
 * example_line.c stands where your transport will. hospitals_task.c says what
 * is summed, and what a hospital accepts. Then comes the story:
 * hospitals_danger.c, hospitals_training.c, hospitals_result.c. */
#define _POSIX_C_SOURCE 200809L

#include "hospitals/demo.h"

#include <stdio.h>
#include <unistd.h>

#include "common/report.h"

size_t demo_patients(const demo *d, uint32_t i)
{
    return d->data.first[i + 1] - d->data.first[i];
}

double demo_accuracy(const demo *d, const neural_net *model)
{
    size_t first = d->data.training;
    return 100 * net_accuracy(model, d->data.patients + first,
        d->data.count - first);
}

static void open_hospital(demo *d, uint32_t i)
{
    hospital *h = &d->hospitals[i];
    h->seed = d->own.seed;
    h->data = &d->data;
    h->host.name = "hospital";
    h->host.index = i;
    h->host.owner = h;
    h->host.train = hospital_answer;
    h->host.policy = task_policy(&d->own);
    h->host.keys = d->keys;
    h->host.own = &d->identities[i];
    d->ends[i] = &h->host;
}

static bool demo_open(demo *d)
{
    uint32_t count = d->own.hospitals;
    if (!data_read(&d->data, d->own.data, count, d->own.seed))
        return false;
    d->live = isatty(STDOUT_FILENO);
    d->promise = promise_new(UPDATE_CLIP, VALUE_BITS, DOUBLE_SLACK);
    task_params(&d->params, d->segments, &d->own);
    net_start(&d->secure, d->own.seed);
    d->twin = d->secure;
    d->plain = d->secure;
    if (d->own.active)
        d->keys = registry_new(count, d->identities);
    for (uint32_t i = 0; i < count; i++)
        open_hospital(d, i);
    if ((d->own.active && d->keys == NULL)
        || !network_open(&d->net, count, d->own.processes, participant_serve,
            d->ends)) {
        fprintf(stderr, "hospitals: no memory\n");
        return false;
    }
    return true;
}

static void demo_close(demo *d)
{
    network_close(&d->net);
    for (uint32_t i = 0; i < d->own.hospitals; i++)
        secagg_client_free(d->hospitals[i].host.client);
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
    bool good = demo_open(&d) && show_danger(&d) && show_training(&d)
        && show_result(&d);
    demo_close(&d);
    return report_end("hospitals", good);
}
