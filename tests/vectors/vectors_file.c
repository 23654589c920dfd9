/* SPDX-License-Identifier: Apache-2.0 */
/* One file of vectors: its form, its groups and its tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors/vectors.h"

typedef vec_tally tally;

static const vec_type *const tables[] = { vec_primitives, vec_keys,
    vec_values, vec_encoding, vec_params, vec_sessions };

static bool report(tally *sum, const char *file, const char *what)
{
    printf("%s: %s\n", file, what);
    sum->failed++;
    return false;
}

/* ---- members ------------------------------------------------------------ */

/* Returns true if `name` is one of the blank-separated `words`. */
static bool is_word(const char *words, const char *name)
{
    const size_t len = strlen(name);

    if (len == 0) /* strstr() finds it everywhere */
        return false;
    for (const char *at = words; (at = strstr(at, name)) != NULL; at += len)
        if ((at == words || at[-1] == ' ')
            && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

/* Returns the name of a member that is in neither list, or NULL. */
static const char *unknown_member(json_t *object, const char *words,
    const char *more)
{
    const char *name;
    json_t *value;

    json_object_foreach (object, name, value)
        if (!is_word(words, name) && !is_word(more, name))
            return name;
    return NULL;
}

/* Returns a word that is not the name of a member, or NULL. */
static const char *missing_member(const json_t *object, const char *words)
{
    static char word[40];

    while (sscanf(words, "%39s", word) == 1) {
        if (json_object_get(object, word) == NULL)
            return word;
        words += strspn(words, " ");
        words += strcspn(words, " ");
    }
    return NULL;
}

static void check_members(vec *v, json_t *object, const char *words,
    const char *common)
{
    const char *name = unknown_member(object, words, common);

    if (name != NULL)
        vec_fail(v, "%s: unknown member", name);
    name = missing_member(object, words);
    if (name == NULL)
        name = missing_member(object, common);
    if (name != NULL)
        vec_fail(v, "%s: missing member", name);
}

/* Returns the type with this name, or NULL. Two files have a type Decode; the
 * members of the group tell which one it is. */
static const vec_type *type_of(const char *name, json_t *group)
{
    const vec_type *found = NULL;

    for (size_t i = 0; name != NULL && i < sizeof tables / sizeof *tables; i++)
        for (const vec_type *t = tables[i]; t->name != NULL; t++)
            if (strcmp(t->name, name) == 0
                && (found == NULL || missing_member(group, t->group) == NULL))
                found = t;
    return found;
}

/* ---- tests and groups --------------------------------------------------- */

#define TEST_MEMBERS "tcId comment flags result error"

/* Checks that `notes` has each flag, and that result and error agree. */
static void check_common(vec *v, const json_t *notes)
{
    const json_t *flags = json_object_get(v->test, "flags");
    const char *result = json_string_value(json_object_get(v->test,
        "result"));

    for (size_t i = 0; i < json_array_size(flags); i++) {
        const char *flag = json_string_value(json_array_get(flags, i));
        if (flag == NULL || json_object_get(notes, flag) == NULL)
            vec_fail(v, "flags: %s is not in notes", flag ? flag : "?");
    }
    if (result == NULL || v->error == NULL
        || strcmp(result, v->error[0] != '\0' ? "invalid" : "valid") != 0)
        vec_fail(v, "result: does not agree with error");
}

/* Checks that each member of a valid test was read: any other is untested. */
static void check_seen(vec *v)
{
    const char *name;
    json_t *value;

    json_object_foreach (v->test, name, value)
        if (!is_word(TEST_MEMBERS, name)
            && json_object_get(v->seen, name) == NULL)
            vec_fail(v, "%s: was not compared", name);
}

/* Returns true if the member is a string that begins with `text`. */
static bool begins(const json_t *object, const char *name, const char *text)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value != NULL && strncmp(value, text, strlen(text)) == 0;
}

/* Returns true if a test, or its group, is of suite 1: it has this suite, its
 * cipher, or encoded parameters or an encoded mask set of it. */
static bool is_suite_1(const json_t *object)
{
    return json_integer_value(json_object_get(object, "suite")) == 1
        || begins(object, "cipher", "AES-128-CTR")
        || begins(object, "params", "00010001")
        || begins(object, "set", "4c53414d00010001");
}

/* Returns true if this build cannot run a test. A configuration of OpenSSL that
 * lacks algorithms is a failure instead. */
static bool is_left_out(const json_t *group, const json_t *test)
{
    return FIRST_SUITE > 1 && (is_suite_1(group) || is_suite_1(test));
}

static bool run_test(const char *file, const vec_type *type, json_t *group,
    json_t *test, const json_t *notes)
{
    vec v = { group, test, json_object(), NULL, "", NULL, 0 };
    const char *error = json_string_value(json_object_get(test, "error"));
    bool good;

    v.error = error != NULL ? error : "";
    check_members(&v, test, type->test, TEST_MEMBERS);
    check_common(&v, notes);
    if (v.failure[0] == '\0')
        type->run(&v);
    if (v.failure[0] == '\0' && v.error[0] == '\0')
        check_seen(&v);
    good = v.failure[0] == '\0';
    if (!good)
        printf("%s: %s: tcId %" JSON_INTEGER_FORMAT ": %s\n", file,
            type->name, json_integer_value(json_object_get(test, "tcId")),
            v.failure);
    for (size_t i = 0; i < v.count; i++)
        free(v.allocations[i]);
    free(v.allocations);
    json_decref(v.seen);
    return good;
}

/* Runs the tests of a group and adds them to the tally of its type. */
static void run_group(const char *file, const vec_type *type, json_t *group,
    const json_t *notes, tally *sum)
{
    const json_t *tests = json_object_get(group, "tests");
    vec v = { group, group, NULL, "", "", NULL, 0 };

    check_members(&v, group, type->group, "type tests");
    if (v.failure[0] != '\0') {
        report(sum, file, v.failure);
        return;
    }
    for (size_t i = 0; i < json_array_size(tests); i++)
        if (is_left_out(group, json_array_get(tests, i)))
            sum->left_out++;
        else if (run_test(file, type, group, json_array_get(tests, i), notes))
            sum->passed++;
        else
            sum->failed++;
}

/* Runs groups; consecutive groups of one type print one line. */
static void run_groups(const char *file, json_t *groups, const json_t *notes,
    tally *sum)
{
    tally of_type = { 0 };

    for (size_t i = 0; i < json_array_size(groups); i++) {
        json_t *group = json_array_get(groups, i);
        const char *name = json_string_value(json_object_get(group, "type"));
        const char *next = json_string_value(json_object_get(
            json_array_get(groups, i + 1), "type"));
        const vec_type *type = type_of(name, group);

        if (type == NULL) {
            printf("%s: %s: unknown type\n", file, name ? name : "?");
            sum->failed++;
            continue;
        }
        run_group(file, type, group, notes, &of_type);
        if (next != NULL && strcmp(next, name) == 0)
            continue;
        printf("%s: %s: %zu passed, %zu failed\n", file, name,
            of_type.passed, of_type.failed);
        sum->passed += of_type.passed;
        sum->failed += of_type.failed;
        sum->left_out += of_type.left_out;
        of_type = (tally){ 0 };
    }
}

/* ---- files -------------------------------------------------------------- */

#define FILE_MEMBERS "algorithm schema generator numberOfTests header notes " \
                     "testGroups"

/* Returns true if tcId counts the tests from 1 and numberOfTests is right. */
static bool numbered(json_t *top)
{
    const json_t *groups = json_object_get(top, "testGroups");
    json_int_t last = 0;

    for (size_t i = 0; i < json_array_size(groups); i++) {
        const json_t *tests = json_object_get(json_array_get(groups, i),
            "tests");
        for (size_t k = 0; k < json_array_size(tests); k++)
            if (json_integer_value(json_object_get(json_array_get(tests, k),
                "tcId")) != ++last)
                return false;
    }
    return last == json_integer_value(json_object_get(top, "numberOfTests"));
}

static bool check_schema(const char *file, const json_t *top,
    const json_t *schema, tally *sum)
{
    char reason[300] = "";

    if (schema == NULL)
        return report(sum, file, "cannot read its schema");
    return vec_matches_schema(top, schema, reason, sizeof reason)
        || report(sum, file, reason);
}

void vec_run_json(const char *file, json_t *top, const json_t *schema,
    tally *sum)
{
    const char *algorithm = json_string_value(json_object_get(top,
        "algorithm"));
    const size_t before = sum->passed + sum->failed + sum->left_out;

    if (algorithm == NULL || strcmp(algorithm, "LSA1") != 0)
        report(sum, file, "the algorithm is not LSA1");
    else if (unknown_member(top, FILE_MEMBERS, "") != NULL)
        report(sum, file, "unknown member at the top");
    else if (!numbered(top))
        report(sum, file, "tcId and numberOfTests do not agree");
    else if (check_schema(file, top, schema, sum))
        run_groups(file, json_object_get(top, "testGroups"),
            json_object_get(top, "notes"), sum);
    if (sum->passed + sum->failed + sum->left_out == before)
        report(sum, file, "it has no test");
}

json_t *vec_load_schema(const char *file, const json_t *top)
{
    const char *slash = strrchr(file, '/');
    const char *name = json_string_value(json_object_get(top, "schema"));
    char path[4096];
    const int len = snprintf(path, sizeof path, "%.*s%s",
        slash != NULL ? (int)(slash - file + 1) : 0, file,
        name != NULL ? name : "");

    return len < 0 || (size_t)len >= sizeof path
        ? NULL : json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
}

void vec_run_file(const char *file, tally *sum)
{
    json_error_t error;
    json_t *top = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
    json_t *schema;

    sum->files++;
    if (top == NULL) {
        printf("%s:%d: %s\n", file, error.line, error.text);
        sum->failed++;
        return;
    }
    schema = vec_load_schema(file, top);
    vec_run_json(file, top, schema, sum);
    json_decref(schema);
    json_decref(top);
}
