/* SPDX-License-Identifier: Apache-2.0 */
#include "hospitals_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hospitals_data.h"

#define MAX_ROUNDS 1000
#define DEFAULT_DATA "examples/data/wdbc.csv"

uint32_t options_spare(uint32_t hospitals)
{
    return hospitals - ((hospitals + hospitals / 3) / 2 + 1);
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
           "  --processes    a process for each hospital; the lost ones are "
           "killed\n"
           "  --data FILE    the patients (default " DEFAULT_DATA ")\n"
           "  --help         this text\n\n"
           "Exits with 0 when every secure mean was within its bound, with 1 "
           "when one was\nnot or something failed, with 2 for a bad "
           "option.\n",
        MIN_HOSPITALS, MAX_HOSPITALS, MAX_ROUNDS);
}

static bool read_number(uint64_t *value, const char *name, const char *text,
    uint64_t least, uint64_t most)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0
        || number < least || number > most) {
        fprintf(stderr, "hospitals: --%s takes a number from %llu to %llu, "
                        "not \"%s\"\n", name, (unsigned long long)least,
            (unsigned long long)most, text);
        return false;
    }
    *value = number;
    return true;
}

/* One option that has a value. */
static bool set(options *own, const char *name, const char *text)
{
    uint64_t value = 0;
    bool good = true;
    if (strcmp(name, "data") == 0) {
        own->data = text;
    } else if (strcmp(name, "hospitals") == 0) {
        good = read_number(&value, name, text, MIN_HOSPITALS, MAX_HOSPITALS);
        own->hospitals = (uint32_t)value;
    } else if (strcmp(name, "rounds") == 0) {
        good = read_number(&value, name, text, 2, MAX_ROUNDS);
        own->rounds = (uint32_t)value;
    } else if (strcmp(name, "drop") == 0) {
        good = read_number(&value, name, text, 0, MAX_HOSPITALS);
        own->drop = (uint32_t)value;
    } else {
        good = read_number(&own->seed, name, text, 0, UINT64_MAX);
    }
    return good;
}

/* "--name value" or "--name=value". */
static bool read_value(options *own, const char *word, int *at, int argc,
    char **argv)
{
    static const char *const names[] = { "data", "hospitals", "rounds",
        "drop", "seed" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(word, names[i], len) != 0)
            continue;
        if (word[len] == '=')
            return set(own, names[i], word + len + 1);
        if (word[len] == '\0' && *at + 1 < argc)
            return set(own, names[i], argv[++*at]);
        if (word[len] == '\0') {
            fprintf(stderr, "hospitals: --%s needs a value\n", names[i]);
            return false;
        }
    }
    fprintf(stderr, "hospitals: unknown option \"%s\"; --help lists them\n",
        argv[*at]);
    return false;
}

bool options_read(options *own, int argc, char **argv)
{
    *own = (options){ 12, 20, UINT32_MAX, 1, false, false, DEFAULT_DATA };
    for (int i = 1; i < argc; i++) {
        bool dashes = strncmp(argv[i], "--", 2) == 0;
        if (strcmp(argv[i], "--help") == 0)
            own->help = true;
        else if (strcmp(argv[i], "--processes") == 0)
            own->processes = true;
        else if (!read_value(own, dashes ? argv[i] + 2 : "", &i, argc, argv))
            return false;
    }
    uint32_t spare = options_spare(own->hospitals);
    if (own->drop == UINT32_MAX)
        own->drop = spare < 3 ? spare : 3;
    if (own->drop > spare) {
        fprintf(stderr, "hospitals: --drop %u is too many: %u hospitals with "
                        "a threshold of %u can lose %u\n", own->drop,
            own->hospitals, own->hospitals - spare, spare);
        return false;
    }
    return true;
}
