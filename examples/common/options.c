/* SPDX-License-Identifier: Apache-2.0 */
#include "common/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char *program, const option *o,
    const char *text)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0
        || number < o->least || number > o->most) {
        fprintf(stderr, "%s: --%s takes a number from %llu to %llu, not "
                        "\"%s\"\n", program, o->name,
            (unsigned long long)o->least, (unsigned long long)o->most, text);
        return false;
    }
    *o->number = number;
    return true;
}

/* What stands behind the name: nothing, "=value", or the next word. */
static bool set(const char *program, const option *o, const char *rest,
    const char *next, bool *used_next)
{
    *used_next = o->flag == NULL && *rest == '\0';
    if (o->flag != NULL && *rest == '=') {
        fprintf(stderr, "%s: --%s takes no value\n", program, o->name);
        return false;
    }
    if (o->flag != NULL) {
        *o->flag = true;
        return true;
    }
    const char *value = *rest == '=' ? rest + 1 : next;
    if (value == NULL) {
        fprintf(stderr, "%s: --%s needs a value\n", program, o->name);
        return false;
    }
    if (o->number != NULL)
        return read_number(program, o, value);
    *o->text = value;
    return true;
}

/* The option that a word names, and what stands behind the name. */
static const option *find(const option *all, size_t count, const char *word,
    const char **rest)
{
    if (strncmp(word, "--", 2) != 0)
        return NULL;
    for (size_t k = 0; k < count; k++) {
        size_t len = strlen(all[k].name);
        *rest = word + 2 + len;
        if (strncmp(word + 2, all[k].name, len) == 0
            && (**rest == '\0' || **rest == '='))
            return &all[k];
    }
    return NULL;
}

bool options_parse(const char *program, const option *all, size_t count,
    int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *rest = NULL, *next = i + 1 < argc ? argv[i + 1] : NULL;
        const option *o = find(all, count, argv[i], &rest);
        bool used_next = false;
        if (o == NULL) {
            fprintf(stderr, "%s: unknown option \"%s\"; --help lists them\n",
                program, argv[i]);
            return false;
        }
        if (!set(program, o, rest, next, &used_next))
            return false;
        i += used_next;
    }
    return true;
}
