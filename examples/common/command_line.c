/* SPDX-License-Identifier: Apache-2.0 */
#include "common/command_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GO_ON (-1)
#define BAD_OPTION 2

/* ---- --help -------------------------------------------------------------- */

static void print_range(const option *o)
{
    uint64_t preset = o->number != NULL ? *o->number : *o->count;
    if (o->max < UINT32_MAX)
        printf(" [%llu to %llu", (unsigned long long)o->min,
            (unsigned long long)o->max);
    else
        printf(" [any");
    if (preset <= o->max)
        printf(", default %llu", (unsigned long long)preset);
    printf("]");
}

static void print_option(const option *o)
{
    const char *value = o->flag != NULL ? "" : o->text != NULL ? " FILE" : " N";
    int width = 14 - (int)strlen(o->name);
    printf("  --%s%-*s  %s", o->name, width, value, o->help);
    if (o->text != NULL)
        printf(" [default %s]", *o->text);
    else if (o->flag == NULL)
        print_range(o);
    printf("\n");
}

static void print_help(const command *c)
{
    printf("usage: %s [options]\n\n%s\n\n", c->name, c->purpose);
    for (size_t k = 0; k < c->option_count; k++)
        print_option(&c->options[k]);
    printf("  --help            print this text\n\n"
           "Exits with 0 if every check passed, with 1 if a check or anything "
           "else failed,\nand with 2 for a bad option.\n");
}

/* ---- reading ------------------------------------------------------------- */

static bool set_number(const command *c, const option *o, const char *text)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0
        || number < o->min || number > o->max) {
        fprintf(stderr, "%s: --%s takes a number from %llu to %llu, not "
                        "\"%s\"\n", c->name, o->name,
            (unsigned long long)o->min, (unsigned long long)o->max, text);
        return false;
    }
    if (o->number != NULL)
        *o->number = number;
    else
        *o->count = (uint32_t)number;
    return true;
}

/* `value` is NULL if the command line ends behind the name. */
static bool set_value(const command *c, const option *o, const char *value)
{
    if (value == NULL) {
        fprintf(stderr, "%s: --%s needs a value\n", c->name, o->name);
        return false;
    }
    if (o->text == NULL)
        return set_number(c, o, value);
    *o->text = value;
    return true;
}

static bool set_flag(const command *c, const option *o, const char *rest)
{
    if (*rest == '=')
        fprintf(stderr, "%s: --%s takes no value\n", c->name, o->name);
    *o->flag = true;
    return *rest == '\0';
}

/* Returns the option that `word` names; `rest` is the text behind the name:
 * nothing, or "=value". */
static const option *find(const command *c, const char *word,
    const char **rest)
{
    for (size_t k = 0; strncmp(word, "--", 2) == 0 && k < c->option_count;
         k++) {
        size_t len = strlen(c->options[k].name);
        *rest = word + 2 + len;
        if (strncmp(word + 2, c->options[k].name, len) == 0
            && (**rest == '\0' || **rest == '='))
            return &c->options[k];
    }
    fprintf(stderr, "%s: unknown option \"%s\"; --help lists the options\n",
        c->name, word);
    return NULL;
}

int command_line_read(const command *c, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *rest;
        if (strcmp(argv[i], "--help") == 0) {
            print_help(c);
            return 0;
        }
        const option *o = find(c, argv[i], &rest);
        if (o == NULL)
            return BAD_OPTION;
        if (o->flag != NULL ? !set_flag(c, o, rest)
                            : !set_value(c, o, *rest == '=' ? rest + 1
                                  : i + 1 < argc ? argv[++i] : NULL))
            return BAD_OPTION;
    }
    return GO_ON;
}

int command_status(const command *c, bool good)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: the output could not be written\n", c->name);
        good = false;
    }
    return good ? 0 : 1;
}
