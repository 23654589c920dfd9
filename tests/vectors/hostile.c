/* SPDX-License-Identifier: Apache-2.0 */
/* hostile: secagg-vectors survives every file. Of each type in the files that
 * are named, one test is performed again and again, each time with one value in
 * it, in its group, in the file or in the schema removed or replaced by values
 * of other types and lengths. The results do not matter; the program must
 * neither crash nor end, nor run out of memory, nor lose memory if a sanitizer
 * is there to notice. Each member is changed in a child process. With
 * SECAGG_LONG, every value is changed in every way. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/mem.h"
#include "vectors/vectors.h"

#define TEXTS 6 /* variants of a string made from it */
#define DEPTH 4
#define MEMORY ((rlim_t)1 << 30)

/* Values that replace others. */
static const char *const values[] = { "null", "true", "false", "0", "1", "-1",
    "2", "63", "64", "65", "4095", "65535", "65536", "1048577", "2147483648",
    "4294967295", "4294967296", "9223372036854775807", "1.5", "\"\"", "\"x\"",
    "\"00\"", "\"ffffffffffffffff\"", "\"7ff0000000000000\"", "[]", "{}",
    "[null]", "[[]]", "[{}]", "[{\"op\":\"end\",\"error\":\"\"}]",
    "{\"a\":[]}",
    "\"00000000000000000000000000000000\"" };
#define VALUES (sizeof values / sizeof *values)

/* Shared with the children. */
typedef struct progress {
    size_t tried;    /* changes */
    char where[200]; /* the last of them */
} progress;

/* What is performed again with each change. */
typedef struct subject {
    json_t *top, *schema;
    progress *at;
    bool whole;      /* all elements and variants, not a sample */
} subject;

#if defined(__SANITIZE_ADDRESS__) || defined(__has_feature)
int __lsan_do_recoverable_leak_check(void);
#pragma weak __lsan_do_recoverable_leak_check

/* Returns whether a sanitizer finds lost memory, which it reports. */
static bool leaks(void)
{
    return __lsan_do_recoverable_leak_check != NULL
        && __lsan_do_recoverable_leak_check() != 0;
}
#else
static bool leaks(void)
{
    return false;
}
#endif

/* A sanitizer's malloc returns NULL for a huge size, as libc's does. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=1024";
}

/* ---- changes ------------------------------------------------------------ */

static json_t *text_variant(const char *text, size_t which)
{
    const size_t len = strlen(text);
    char *out = calloc(2 * len + 3, 1);
    json_t *value;

    if (out == NULL)
        exit(3);
    memcpy(out, text, len);
    if (which == 0 && len >= 2) /* a byte less, a digit less, half of it */
        out[len - 2] = '\0';
    else if (which == 1 && len >= 1)
        out[len - 1] = '\0';
    else if (which == 2)
        out[len / 4 * 2] = '\0';
    else if (which == 3) /* a byte more, twice, another first byte */
        memcpy(out + len, "00", 3);
    else if (which == 4)
        memcpy(out + len, text, len + 1);
    else if (which == 5 && len >= 2)
        memcpy(out, "ff", 2);
    value = json_string(out);
    free(out);
    return value;
}

/* Returns the variant `which`, or NULL if there are no more. */
static json_t *variant(const json_t *value, size_t which)
{
    if (which < VALUES)
        return json_loads(values[which], JSON_DECODE_ANY, NULL);
    if (json_is_string(value) && which - VALUES < TEXTS)
        return text_variant(json_string_value(value), which - VALUES);
    if (json_is_array(value) && which == VALUES) {
        json_t *fewer = json_copy((json_t *)(uintptr_t)value);
        json_array_remove(fewer, json_array_size(fewer) - 1);
        return fewer;
    }
    if (json_is_array(value) && which == VALUES + 1) {
        json_t *more = json_copy((json_t *)(uintptr_t)value);
        json_array_extend(more, (json_t *)(uintptr_t)value);
        return more;
    }
    return NULL;
}

/* ---- walking ------------------------------------------------------------ */

static void perform(subject *s)
{
    vec_tally sum = { 0 };

    s->at->tried++;
    vec_run_json("-", s->top, s->schema, &sum);
}

static void put(json_t *parent, const char *name, size_t at, json_t *value)
{
    if (json_is_object(parent))
        json_object_set(parent, name, value);
    else
        json_array_set(parent, at, value);
}

static void walk(subject *s, json_t *parent, const char *name, size_t at,
    json_t *value, int depth);

static void walk_children(subject *s, json_t *value, int depth)
{
    const size_t count = json_array_size(value);
    const size_t step = s->whole || count < 4 ? 1 : count / 4 + 1;
    json_t *copy = json_is_object(value) ? json_copy(value) : NULL, *member;
    const char *name;

    for (size_t i = 0; i < count; i += step)
        walk(s, value, NULL, i, json_array_get(value, i), depth);
    json_object_foreach (copy, name, member)
        walk(s, value, name, 0, member, depth);
    json_decref(copy);
}

/* Changes one value in its parent, and then those in it: those of the top
 * levels in every way, deeper ones in a sample of them. */
static void walk(subject *s, json_t *parent, const char *name, size_t at,
    json_t *value, int depth)
{
    const size_t step = s->whole || depth == DEPTH || depth == 0 ? 1 : 5;
    json_t *other;

    json_incref(value);
    for (size_t i = 0; (other = variant(value, i)) != NULL; i += step) {
        snprintf(s->at->where, sizeof s->at->where,
            "%s[%zu], %d levels down, as variant %zu", name ? name : "", at,
            DEPTH - depth, i);
        put(parent, name, at, other);
        perform(s);
        put(parent, name, at, value);
        json_decref(other);
    }
    if (name != NULL) {
        snprintf(s->at->where, sizeof s->at->where, "%s: removed", name);
        json_object_del(parent, name);
        perform(s);
        put(parent, name, at, value);
    }
    if (depth > 0)
        walk_children(s, value, depth - 1);
    json_decref(value);
}

/* ---- processes ---------------------------------------------------------- */

/* Changes the member `name` of an object in a child process. Returns whether
 * the child lived. */
static bool survives(subject *s, json_t *object, const char *name,
    const char *what, int depth)
{
    const struct rlimit memory = { MEMORY, MEMORY };
    const size_t before = s->at->tried;
    const pid_t child = fork();
    int status = -1;

    if (child < 0)
        exit(3);
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL)
            _exit(3);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__has_feature)
        setrlimit(RLIMIT_AS, &memory);
#endif
        (void)memory;
        walk(s, object, name, 0, json_object_get(object, name), depth);
        _exit(s->at->tried == before ? 3 : leaks() ? 4 : 0);
    }
    if (waitpid(child, &status, 0) == child && status == 0)
        return true;
    printf("%s: %s: %s: status %d\n", what, name, s->at->where, status);
    return false;
}

static bool members_survive(subject *s, json_t *object, const char *what,
    int depth)
{
    json_t *names = json_copy(object), *value;
    const char *name;
    bool good = true;

    json_object_foreach (names, name, value)
        if (!survives(s, object, name, what, depth))
            good = false;
    json_decref(names);
    return good;
}

/* Reduces the file to one test of a group. */
static bool group_survives(subject *s, json_t *group)
{
    const char *what = json_string_value(json_object_get(group, "type"));
    json_t *test = json_array_get(json_object_get(group, "tests"), 0);
    bool good;

    json_object_set_new(test, "tcId", json_integer(1));
    json_object_set_new(group, "tests", json_pack("[O]", test));
    json_object_set_new(s->top, "testGroups", json_pack("[O]", group));
    json_object_set_new(s->top, "numberOfTests", json_integer(1));
    good = members_survive(s, test, what, DEPTH);
    return members_survive(s, group, what, 0) && good;
}

/* The schema of a file is as foreign as the file. */
static bool file_survives(const char *file, progress *at)
{
    json_t *top = json_load_file(file, 0, NULL), *groups;
    json_t *strict = top != NULL ? vec_load_schema(file, top) : NULL;
    json_t *lax = json_object();
    subject s = { top, lax, at, getenv("SECAGG_LONG") != NULL };
    bool good = strict != NULL;
    const char *last = "";

    groups = json_incref(json_object_get(top, "testGroups"));
    for (size_t i = 0; strict != NULL && i < json_array_size(groups); i++) {
        json_t *group = json_array_get(groups, i);
        const char *type = json_string_value(json_object_get(group, "type"));
        if (strcmp(type, last) != 0)
            good = group_survives(&s, group) && good;
        last = type;
    }
    good = members_survive(&s, top, file, 1) && good;
    s.schema = strict;
    good = members_survive(&s, strict, file, 12) && good;
    json_decref(groups);
    json_decref(lax);
    json_decref(strict);
    json_decref(top);
    return good;
}

int main(int argc, char **argv)
{
    progress *at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int failed = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (at == MAP_FAILED || sa_init() != SECAGG_OK)
        return 2;
    for (int i = 1; i < argc; i++) {
        const bool good = file_survives(argv[i], at);
        printf("%s: %zu changes: secagg-vectors %s\n", argv[i], at->tried,
            good ? "survives" : "does not survive");
        at->tried = 0;
        failed += !good;
    }
    return failed > 0 || argc < 2;
}
