/* SPDX-License-Identifier: Apache-2.0 */
#include "banks/options.h"

#include <stdio.h>

#include "banks/data.h"
#include "common/options.h"

#define MIN_ROUNDS 4 /* a quiet one beside the three of the story */
#define MAX_ROUNDS 1000
#define DEFAULT_DATA "examples/data/credit.csv"

uint32_t options_spare(uint32_t banks)
{
    return banks - ((banks + banks / 3) / 2 + 1);
}

void options_help(void)
{
    printf("usage: banks [options]\n\n"
           "Banks learn together who will not pay back a loan, through a "
           "coordinator that\nthey do not trust. It lies, and one bank cheats: "
           "all are caught.\n\n"
           "  --banks N      how many, %d to %d (default 12)\n"
           "  --rounds N     rounds of training, %d to %d (default 20)\n"
           "  --drop N       banks lost in each round (default: as many as "
           "can be, at\n                 most 3)\n"
           "  --seed N       of training and losses (default 1)\n"
           "  --processes    a process for each bank; the lost ones are "
           "killed\n"
           "  --data FILE    the loans (default " DEFAULT_DATA ")\n"
           "  --help         this text\n\n"
           "Exits with 0 when every secure mean was within its bound and "
           "every cheat was\ncaught, with 1 when one was not or something "
           "failed, with 2 for a bad option.\n",
        MIN_BANKS, MAX_CLIENTS, MIN_ROUNDS, MAX_ROUNDS);
}

bool options_read(options *own, int argc, char **argv)
{
    uint64_t banks = 12, rounds = 20, drop = UINT32_MAX;
    *own = (options){ .seed = 1, .data = DEFAULT_DATA };
    const option all[] = {
        { "banks", &banks, MIN_BANKS, MAX_CLIENTS, NULL, NULL },
        { "rounds", &rounds, MIN_ROUNDS, MAX_ROUNDS, NULL, NULL },
        { "drop", &drop, 0, MAX_CLIENTS, NULL, NULL },
        { "seed", &own->seed, 0, UINT64_MAX, NULL, NULL },
        { "data", NULL, 0, 0, &own->data, NULL },
        { "processes", NULL, 0, 0, NULL, &own->processes },
        { "help", NULL, 0, 0, NULL, &own->help },
    };
    if (!options_parse("banks", all, sizeof all / sizeof *all, argc, argv))
        return false;
    own->banks = (uint32_t)banks;
    own->rounds = (uint32_t)rounds;
    uint32_t spare = options_spare(own->banks);
    own->drop = drop != UINT32_MAX ? (uint32_t)drop : spare < 3 ? spare : 3;
    if (!own->help && own->drop > spare) {
        fprintf(stderr, "banks: --drop %u is too many: %u banks with a "
                        "threshold of %u can lose %u\n", own->drop,
            own->banks, own->banks - spare, spare);
        return false;
    }
    return true;
}
