/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Schema, draft-07: the keywords that the schemas of vectors/ use, which
 * are type, const, enum, oneOf, properties, required, additionalProperties,
 * items, pattern, minimum, maximum. Any other keyword is an error. A pattern is
 * ^[set]*$, ^[set]+$, ^[set]{n}$ or ^([set]{n})*$, and no other: regexec()
 * would need time and memory without bound. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "vectors/vectors.h"

/* The caller's buffer for the reason text a value does not match. */
typedef struct reason {
    char *text;
    size_t len;
} reason;

static bool wrong(const reason *t, const char *what, const char *name)
{
    if (what == NULL || name == NULL) {
        what = "not a schema";
        name = "";
    }
    snprintf(t->text, t->len, "%s%s%s", what, name[0] != '\0' ? ": " : "",
        name);
    return false;
}

static bool matches(const json_t *value, const json_t *schema, const reason *t);

/* ---- keywords ------------------------------------------------------------ */

static bool matches_type(const json_t *value, const char *type)
{
    return type == NULL                ? false
        : strcmp(type, "object") == 0 ? json_is_object(value)
        : strcmp(type, "array") == 0   ? json_is_array(value)
        : strcmp(type, "string") == 0  ? json_is_string(value)
        : strcmp(type, "integer") == 0 ? json_is_integer(value)
        : strcmp(type, "boolean") == 0 ? json_is_boolean(value)
                                       : false;
}

static bool matches_enum(const json_t *value, const json_t *allowed)
{
    for (size_t i = 0; i < json_array_size(allowed); i++)
        if (json_equal(value, json_array_get(allowed, i)))
            return true;
    return false;
}

/* Read a set of characters in brackets, single ones and ranges of printable
 * ASCII. Returns what follows it, or NULL. */
static const char *read_set(const char *at, bool set[256])
{
    if (*at++ != '[')
        return NULL;
    for (; *at != ']'; at++) {
        const int first = *at;
        if (at[0] != '\0' && at[1] == '-' && at[2] != ']')
            at += 2;
        if (first < ' ' || *at < first || *at > '~' || strchr("^\\", first))
            return NULL;
        for (int c = first; c <= *at; c++)
            set[c] = true;
    }
    return at + 1;
}

/* Returns whether a string may have `count` characters: `at` is the rest of the
 * pattern, behind the set. */
static bool allows_count(const char *at, bool group, size_t count)
{
    unsigned n = 0;
    int end = 0;

    if (!group && strcmp(at, "*$") == 0)
        return true;
    if (!group && strcmp(at, "+$") == 0)
        return count > 0;
    if (at[0] != '{' || !isdigit((unsigned char)at[1])
        || sscanf(at, group ? "{%3u})*$%n" : "{%3u}$%n", &n, &end) != 1
        || end == 0 || at[end] != '\0' || n == 0)
        return false;
    return group ? count % n == 0 : count == n;
}

static bool matches_pattern(const json_t *value, const json_t *pattern)
{
    const char *at = json_string_value(pattern);
    const char *text = json_string_value(value);
    const size_t count = json_string_length(value);
    bool set[256] = { false };
    bool group;

    if (at == NULL || text == NULL || *at++ != '^')
        return false;
    group = *at == '(';
    at = read_set(group ? at + 1 : at, set);
    if (at == NULL || !allows_count(at, group, count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!set[(unsigned char)text[i]])
            return false;
    return true;
}

static bool matches_one(const json_t *value, const json_t *schemas,
    const reason *t)
{
    char text[200] = "", last[200] = "no schema has its type";
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(schemas); i++) {
        const reason sub = { text, sizeof text };
        if (matches(value, json_array_get(schemas, i), &sub))
            count++;
        else if (strncmp(text, "type:", 5) != 0)
            snprintf(last, sizeof last, "%s", text);
    }
    return count == 1 || wrong(t, last, "");
}

static bool matches_required(const json_t *value, const json_t *names,
    const reason *t)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (name == NULL || json_object_get(value, name) == NULL)
            return wrong(t, name, "missing");
    }
    return true;
}

static bool matches_object(const json_t *value, const json_t *schema,
    const reason *t)
{
    const json_t *known = json_object_get(schema, "properties");
    const json_t *others = json_object_get(schema, "additionalProperties");
    const char *name;
    json_t *member;

    json_object_foreach ((json_t *)(uintptr_t)value, name, member) {
        const json_t *sub = json_object_get(known, name);
        char text[200];
        const reason inner = { text, sizeof text };
        if (sub == NULL && json_is_false(others))
            return wrong(t, name, "unknown");
        if (sub == NULL)
            sub = others;
        if (sub != NULL && !matches(member, sub, &inner))
            return wrong(t, name, text);
    }
    return matches_required(value, json_object_get(schema, "required"), t);
}

static bool matches_items(const json_t *value, const json_t *schema,
    const reason *t)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        char text[200], name[24];
        const reason inner = { text, sizeof text };
        if (matches(json_array_get(value, i), schema, &inner))
            continue;
        snprintf(name, sizeof name, "[%zu]", i);
        return wrong(t, name, text);
    }
    return true;
}

/* ---- one schema --------------------------------------------------------- */

static bool matches_keyword(const json_t *value, const json_t *schema,
    const char *word, const json_t *rule, const reason *t)
{
    if (strcmp(word, "type") == 0)
        return matches_type(value, json_string_value(rule))
            || wrong(t, "not of type", json_string_value(rule));
    if (strcmp(word, "const") == 0)
        return json_equal(value, rule)
            || wrong(t, json_is_string(rule) ? json_string_value(rule) : "",
                "expected");
    if (strcmp(word, "enum") == 0)
        return matches_enum(value, rule)
            || wrong(t, "not an allowed value", "");
    if (strcmp(word, "oneOf") == 0)
        return matches_one(value, rule, t);
    if (strcmp(word, "pattern") == 0)
        return matches_pattern(value, rule)
            || wrong(t, "does not match", json_string_value(rule));
    if (strcmp(word, "minimum") == 0)
        return json_integer_value(value) >= json_integer_value(rule)
            || wrong(t, "too small", "");
    if (strcmp(word, "maximum") == 0)
        return json_integer_value(value) <= json_integer_value(rule)
            || wrong(t, "too large", "");
    if (strcmp(word, "items") == 0)
        return matches_items(value, rule, t);
    if (strcmp(word, "properties") == 0)
        return matches_object(value, schema, t);
    if (strcmp(word, "additionalProperties") == 0)
        return json_object_get(schema, "properties") != NULL
            || matches_object(value, schema, t);
    return strcmp(word, "required") == 0 || strcmp(word, "$schema") == 0
        || strcmp(word, "title") == 0 || wrong(t, word, "unknown keyword");
}

static bool matches(const json_t *value, const json_t *schema, const reason *t)
{
    const json_t *type = json_object_get(schema, "type");
    const char *word;
    json_t *rule;

    if (!json_is_object(schema))
        return wrong(t, "not a schema", "");
    if (type != NULL && !matches_keyword(value, schema, "type", type, t))
        return false;
    json_object_foreach ((json_t *)(uintptr_t)schema, word, rule)
        if (!matches_keyword(value, schema, word, rule, t))
            return false;
    return true;
}

bool vec_matches_schema(const json_t *value, const json_t *schema,
    char *text, size_t len)
{
    const reason t = { text, len };

    return matches(value, schema, &t);
}
