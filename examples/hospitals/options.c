/* SPDX-License-Identifier: Apache-2.0 */
#include "hospitals/options.h"

#include <stdio.h>

#include "common/options.h"
#include "hospitals/data.h"

#define MAX_ROUNDS 1000
#define DEFAULT_DATA "examples/data/wdbc.csv"

/* A ring with k = n - 1 would be the complete graph, and k is even. */
uint32_t options_neighbours(const options *own)
{
    return own->sparse ? (own->hospitals - 2) / 2 * 2 : 0;
}

static uint32_t holders(const options *own)
{
    return own->sparse ? options_neighbours(own) + 1 : own->hospitals;
}

uint32_t options_threshold(const options *own)
{
    return (holders(own) + own->hospitals / 3) / 2 + 1;
}

uint32_t options_spare(const options *own)
{
    return holders(own) - options_threshold(own);
}

void options_help(void)
{
    printf("usage: hospitals [options]\n\n"
           "Hospitals train a neural network together on data about breast "
           "cancer.\nEach update goes through libsecagg: the server learns "
           "their mean, no more.\n\n"
           "  --hospitals N  how many, %d to %d (default 12)\n"
           "  --rounds N     rounds of training, 2 to %d (default 20)\n"
           "  --drop N       hospitals lost in each round (default: as many "
           "as can be,\n                 at most 3)\n"
           "  --seed N       of training and losses (default 1)\n"
           "  --active       sign keys and survivors: the server may lie\n"
           "  --sparse       on a ring: not everybody with everybody, %d "
           "hospitals at least\n"
           "  --processes    a process for each hospital; the lost ones are "
           "killed\n"
           "  --data FILE    the patients (default " DEFAULT_DATA ")\n"
           "  --help         this text\n\n"
           "Exits with 0 when every secure mean was within its bound, with 1 "
           "when one was\nnot or something failed, with 2 for a bad "
           "option.\n",
        MIN_HOSPITALS, MAX_CLIENTS, MAX_ROUNDS, MIN_RING);
}

/* What is right one by one, and not together. */
static bool fits(options *own, uint64_t drop)
{
    uint32_t spare = options_spare(own);
    if (own->sparse && own->active) {
        fprintf(stderr, "hospitals: --active and --sparse exclude each "
                        "other: an active session is on the complete "
                        "graph\n");
        return false;
    }
    if (own->sparse && own->hospitals < MIN_RING) {
        fprintf(stderr, "hospitals: --sparse needs %d hospitals: on a ring "
                        "of %u no threshold withstands a third\n", MIN_RING,
            own->hospitals);
        return false;
    }
    own->drop = (uint32_t)drop;
    if (drop == UINT32_MAX)
        own->drop = spare < 3 ? spare : 3;
    if (own->drop > spare) {
        fprintf(stderr, "hospitals: --drop %u is too many: %u hospitals, "
                        "with secrets of %u holders and a\n"
                        "threshold of %u, can lose %u\n", own->drop,
            own->hospitals, holders(own), options_threshold(own), spare);
        return false;
    }
    return true;
}

bool options_read(options *own, int argc, char **argv)
{
    uint64_t hospitals = 12, rounds = 20, drop = UINT32_MAX;
    *own = (options){ .seed = 1, .data = DEFAULT_DATA };
    const option all[] = {
        { "hospitals", &hospitals, MIN_HOSPITALS, MAX_CLIENTS, NULL, NULL },
        { "rounds", &rounds, 2, MAX_ROUNDS, NULL, NULL },
        { "drop", &drop, 0, MAX_CLIENTS, NULL, NULL },
        { "seed", &own->seed, 0, UINT64_MAX, NULL, NULL },
        { "data", NULL, 0, 0, &own->data, NULL },
        { "active", NULL, 0, 0, NULL, &own->active },
        { "sparse", NULL, 0, 0, NULL, &own->sparse },
        { "processes", NULL, 0, 0, NULL, &own->processes },
        { "help", NULL, 0, 0, NULL, &own->help },
    };
    if (!options_parse("hospitals", all, sizeof all / sizeof *all, argc,
            argv))
        return false;
    own->hospitals = (uint32_t)hospitals;
    own->rounds = (uint32_t)rounds;
    return own->help || fits(own, drop);
}
