/* SPDX-License-Identifier: Apache-2.0 */
/* devices: a mobile fleet that trains with secure sums, on the churn of a
 * telecom operator.
 *
 * Where to look when you build libsecagg into a fleet of your own:
 * devices_phone.c is the client's side of the app, devices_server.c the
 * server's, with the two requests that phones make; devices_fleet.c stands
 * where your network and your users will. In devices_training.c a round picks
 * its cohort, and is tried again where it lost too many; devices_result.c
 * looks at what came of it. */
#define _POSIX_C_SOURCE 200809L

#include "devices/demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/report.h"

static bool fleet_open(demo *d)
{
    d->fleet.threads = d->own.threads;
    d->fleet.phones = calloc(d->data.count, sizeof *d->fleet.phones);
    if (d->fleet.phones == NULL) {
        fprintf(stderr, "devices: no memory\n");
        return false;
    }
    for (uint32_t i = 0; i < d->data.count; i++) {
        d->fleet.phones[i].own = &d->data.customers[i];
        d->fleet.phones[i].scaling = &d->scaling;
    }
    return true;
}

static bool demo_open(demo *d)
{
    if (!data_read(&d->data, d->own.data, d->own.seed))
        return false;
    if (d->own.phones > d->data.count) {
        fprintf(stderr, "devices: %s has %u customers: --phones %u is too "
                        "many\n", d->own.data, d->data.count, d->own.phones);
        return false;
    }
    if (!session_params(&d->params, d->segments, d->own.phones,
            d->own.drop / 100.0)) {
        fprintf(stderr, "devices: no session of %u phones bears %u %% of "
                        "losses\n", d->own.phones, d->own.drop);
        return false;
    }
    scaling_find(&d->scaling, &d->data);
    d->live = isatty(STDOUT_FILENO);
    d->promise = promise_new(GRADIENT_CLIP, VALUE_BITS, DOUBLE_SLACK);
    return fleet_open(d);
}

static void demo_close(demo *d)
{
    free(d->fleet.phones);
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
    bool good = demo_open(&d) && show_training(&d) && show_result(&d);
    demo_close(&d);
    return report_end("devices", good);
}
