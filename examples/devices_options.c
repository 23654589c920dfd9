/* SPDX-License-Identifier: Apache-2.0 */
#include "devices_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices_data.h"

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

static bool read_number(uint64_t *value, const char *name, const char *text,
    uint64_t least, uint64_t most)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0
        || number < least || number > most) {
        fprintf(stderr, "devices: --%s takes a number from %llu to %llu, "
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
    const struct {
        const char *name;
        uint32_t *value;
        uint64_t least, most;
    } numbers[] = {
        { "phones", &own->phones, MIN_PHONES, MAX_PHONES },
        { "rounds", &own->rounds, 2, MAX_ROUNDS },
        { "drop", &own->drop, 0, MAX_DROP },
        { "threads", &own->threads, 1, MAX_THREADS },
    };
    uint64_t value = 0;
    if (strcmp(name, "data") == 0) {
        own->data = text;
        return true;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(name, numbers[i].name) != 0)
            continue;
        bool good = read_number(&value, name, text, numbers[i].least,
            numbers[i].most);
        *numbers[i].value = (uint32_t)value;
        return good;
    }
    return read_number(&own->seed, name, text, 0, UINT64_MAX);
}

/* "--name value" or "--name=value". */
static bool read_value(options *own, const char *word, int *at, int argc,
    char **argv)
{
    static const char *const names[] = { "phones", "rounds", "drop", "seed",
        "threads", "data" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(word, names[i], len) != 0)
            continue;
        if (word[len] == '=')
            return set(own, names[i], word + len + 1);
        if (word[len] == '\0' && *at + 1 < argc)
            return set(own, names[i], argv[++*at]);
        if (word[len] == '\0') {
            fprintf(stderr, "devices: --%s needs a value\n", names[i]);
            return false;
        }
    }
    fprintf(stderr, "devices: unknown option \"%s\"; --help lists them\n",
        argv[*at]);
    return false;
}

bool options_read(options *own, int argc, char **argv)
{
    *own = (options){ MAX_PHONES, 5, 3, 2, 1, false, DEFAULT_DATA };
    for (int i = 1; i < argc; i++) {
        bool dashes = strncmp(argv[i], "--", 2) == 0;
        if (strcmp(argv[i], "--help") == 0)
            own->help = true;
        else if (!read_value(own, dashes ? argv[i] + 2 : "", &i, argc, argv))
            return false;
    }
    return true;
}
