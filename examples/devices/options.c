/* SPDX-License-Identifier: Apache-2.0 */
#include "devices/options.h"

#include <stdio.h>

#include "common/options.h"
#include "devices/data.h"

#define MAX_ROUNDS 1000
#define MAX_DROP 20
#define MAX_THREADS 64
#define DEFAULT_DATA "examples/data/mlc_churn.csv"

void options_help(void)
{
    printf("usage: devices [options]\n\n"
           "Phones learn together which customers leave their operator, each "
           "from the one\nrecord that it has. Each update goes through "
           "libsecagg: the server learns their\nsum, no more.\n\n"
           "  --phones N      in a round, %d to %d (default %d)\n"
           "  --rounds N      rounds of training, 2 to %d (default 5)\n"
           "  --drop PERCENT  of the phones are lost in each round, 0 to %d "
           "(default 3)\n"
           "  --seed N        of cohorts and losses (default 1)\n"
           "  --threads N     that the phones are simulated on, 1 to %d "
           "(default 2)\n"
           "  --data FILE     the customers (default " DEFAULT_DATA ")\n"
           "  --help          this text\n\n"
           "Exits with 0 when every secure sum was within its bound, with 1 "
           "when one was\nnot or something failed, with 2 for a bad "
           "option.\n",
        MIN_PHONES, MAX_PHONES, MAX_PHONES, MAX_ROUNDS, MAX_DROP,
        MAX_THREADS);
}

bool options_read(options *own, int argc, char **argv)
{
    uint64_t phones = MAX_PHONES, rounds = 5, drop = 3, threads = 2;
    *own = (options){ .seed = 1, .data = DEFAULT_DATA };
    const option all[] = {
        { "phones", &phones, MIN_PHONES, MAX_PHONES, NULL, NULL },
        { "rounds", &rounds, 2, MAX_ROUNDS, NULL, NULL },
        { "drop", &drop, 0, MAX_DROP, NULL, NULL },
        { "seed", &own->seed, 0, UINT64_MAX, NULL, NULL },
        { "threads", &threads, 1, MAX_THREADS, NULL, NULL },
        { "data", NULL, 0, 0, &own->data, NULL },
        { "help", NULL, 0, 0, NULL, &own->help },
    };
    if (!options_parse("devices", all, sizeof all / sizeof *all, argc, argv))
        return false;
    own->phones = (uint32_t)phones;
    own->rounds = (uint32_t)rounds;
    own->drop = (uint32_t)drop;
    own->threads = (uint32_t)threads;
    return true;
}
