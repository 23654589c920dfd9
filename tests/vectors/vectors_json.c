/* SPDX-License-Identifier: Apache-2.0 */
/* The members of a test: reading, and comparing with values. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "vectors/vectors.h"

void *vec_alloc(vec *v, size_t count, size_t size)
{
    void **allocations = realloc(v->allocations,
        (v->count + 1) * sizeof *allocations);
    void *memory = calloc(count > 0 ? count : 1, size);

    if (allocations == NULL || memory == NULL) {
        fputs("secagg-vectors: no memory\n", stderr);
        exit(2);
    }
    v->allocations = allocations;
    v->allocations[v->count++] = memory;
    return memory;
}

void vec_fail(vec *v, const char *format, ...)
{
    va_list arguments;

    if (v->failure[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(v->failure, sizeof v->failure, format, arguments);
    va_end(arguments);
}

/* ---- members ------------------------------------------------------------ */

json_t *vec_member(vec *v, const char *name)
{
    json_t *value = json_object_get(v->test, name);

    if (value == NULL)
        value = json_object_get(v->group, name);
    if (value == NULL)
        vec_fail(v, "%s: missing member", name);
    json_object_set_new(v->seen, name, json_true());
    return value;
}

uint64_t vec_int(vec *v, const char *name)
{
    const json_t *value = vec_member(v, name);

    if (json_is_integer(value) && json_integer_value(value) >= 0)
        return (uint64_t)json_integer_value(value);
    vec_fail(v, "%s: not an integer", name);
    return 0;
}

uint32_t vec_u32(vec *v, const char *name)
{
    const uint64_t value = vec_int(v, name);

    if (value > UINT32_MAX)
        vec_fail(v, "%s: %" PRIu64 " exceeds 32 bits", name, value);
    return (uint32_t)(value & UINT32_MAX);
}

uint32_t vec_up_to(vec *v, const char *name, uint32_t max)
{
    const uint64_t value = vec_int(v, name);

    if (value <= max)
        return (uint32_t)value;
    vec_fail(v, "%s: %" PRIu64 " exceeds %" PRIu32, name, value, max);
    return 0;
}

bool vec_bool(vec *v, const char *name)
{
    const json_t *value = vec_member(v, name);

    if (!json_is_boolean(value))
        vec_fail(v, "%s: neither true nor false", name);
    return json_is_true(value);
}

const char *vec_text(vec *v, const char *name)
{
    const json_t *value = vec_member(v, name);

    if (!json_is_string(value)) {
        vec_fail(v, "%s: not a string", name);
        return "";
    }
    return json_string_value(value);
}

/* Accepts lower case only: each value has one encoding. */
static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
        : c >= 'a' && c <= 'f'  ? c - 'a' + 10
                                : -1;
}

vec_bytes vec_hex_of(vec *v, const char *name, const json_t *value)
{
    const char *hex = json_is_string(value) ? json_string_value(value) : "x";
    const size_t len = strlen(hex) / 2;
    uint8_t *out = vec_alloc(v, len, 1);

    if (strlen(hex) % 2 != 0)
        vec_fail(v, "%s: odd number of hex digits", name);
    for (size_t i = 0; i < len; i++) {
        const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            vec_fail(v, "%s: not a hex digit at %zu", name, 2 * i);
        else
            out[i] = (uint8_t)(high << 4 | low);
    }
    return (vec_bytes){ out, len };
}

vec_bytes vec_hex(vec *v, const char *name)
{
    return vec_hex_of(v, name, vec_member(v, name));
}

const uint8_t *vec_fixed(vec *v, const char *name, size_t len)
{
    const vec_bytes b = vec_hex(v, name);

    if (b.len == len)
        return b.ptr;
    vec_fail(v, "%s: %zu bytes instead of %zu", name, b.len, len);
    return vec_alloc(v, len, 1);
}

const uint8_t *vec_sized(vec *v, const char *name, size_t len)
{
    const vec_bytes b = vec_hex(v, name);

    if (b.len != len)
        vec_fail(v, "%s: %zu bytes instead of %zu", name, b.len, len);
    return v->failure[0] == '\0' ? b.ptr : NULL;
}

uint32_t *vec_u32s(vec *v, const char *name, size_t *count)
{
    const vec_bytes b = vec_hex(v, name);
    uint32_t *out = vec_alloc(v, b.len / 4, sizeof *out);

    if (b.len % 4 != 0)
        vec_fail(v, "%s: not a multiple of 4 bytes", name);
    for (size_t i = 0; i < b.len / 4; i++)
        out[i] = sa_get_be32(b.ptr + 4 * i);
    *count = b.len / 4;
    return out;
}

uint64_t *vec_u64s_of(vec *v, const char *name, const json_t *value,
    size_t *count)
{
    const vec_bytes b = vec_hex_of(v, name, value);
    uint64_t *out = vec_alloc(v, b.len / 8, sizeof *out);

    if (b.len % 8 != 0)
        vec_fail(v, "%s: not a multiple of 8 bytes", name);
    for (size_t i = 0; i < b.len / 8; i++)
        out[i] = sa_get_be64(b.ptr + 8 * i);
    *count = b.len / 8;
    return out;
}

uint64_t *vec_u64s(vec *v, const char *name, size_t *count)
{
    return vec_u64s_of(v, name, vec_member(v, name), count);
}

uint64_t vec_u64(vec *v, const char *name)
{
    return sa_get_be64(vec_fixed(v, name, 8));
}

double vec_double(vec *v, const char *name)
{
    const uint64_t bits = vec_u64(v, name);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- errors ------------------------------------------------------------- */

const char *vec_error_name(secagg_err err)
{
    switch (err) {
    case SECAGG_OK: return "";
    case SECAGG_ERR_ARG: return "ARG";
    case SECAGG_ERR_STATE: return "STATE";
    case SECAGG_ERR_SIZE: return "SIZE";
    case SECAGG_ERR_VALUE: return "VALUE";
    case SECAGG_ERR_MESSAGE: return "MESSAGE";
    case SECAGG_ERR_AUTH: return "AUTH";
    case SECAGG_ERR_POLICY: return "POLICY";
    case SECAGG_ERR_THRESHOLD: return "THRESHOLD";
    case SECAGG_ERR_CHEAT: return "CHEAT";
    case SECAGG_ERR_STALE: return "STALE";
    case SECAGG_ERR_INPUT_DUE: return "INPUT_DUE";
    case SECAGG_ERR_REPEAT: return "REPEAT";
    case SECAGG_ERR_MEMORY: return "MEMORY";
    case SECAGG_ERR_RANDOM: return "RANDOM";
    case SECAGG_ERR_CRYPTO: return "CRYPTO";
    }
    return "?";
}

static const char *or_none(const char *error)
{
    return error[0] != '\0' ? error : "none";
}

void vec_expect_error(vec *v, const char *where, const char *want,
    secagg_err err)
{
    if (strcmp(vec_error_name(err), want) != 0)
        vec_fail(v, "%s: expected %s, got %s", where, or_none(want),
            or_none(vec_error_name(err)));
}

bool vec_check(vec *v, secagg_err err)
{
    vec_expect_error(v, "error", v->error, err);
    return err == SECAGG_OK && v->failure[0] == '\0';
}

bool vec_ok(vec *v, secagg_err err)
{
    if (err != SECAGG_OK)
        vec_fail(v, "a step failed: %s", vec_error_name(err));
    return err == SECAGG_OK;
}

/* ---- values ------------------------------------------------------------- */

/* Writes up to eight bytes from position `at` on, as hex. */
static const char *excerpt(char out[32], const uint8_t *p, size_t len,
    size_t at)
{
    size_t n = 0;

    strcpy(out, at < len ? "" : "the end");
    for (; at + n < len && n < 8; n++)
        sprintf(out + 2 * n, "%02x", p[at + n]);
    if (at + n < len)
        strcat(out, "...");
    return out;
}

void vec_expect_equal(vec *v, const char *where, vec_bytes want,
    const uint8_t *got, size_t len)
{
    char a[32], b[32];
    size_t at = 0;

    while (at < want.len && at < len && want.ptr[at] == got[at])
        at++;
    if (at < want.len || at < len)
        vec_fail(v, "%s: at byte %zu of %zu: expected %s, got %s of %zu",
            where, at, want.len, excerpt(a, want.ptr, want.len, at),
            excerpt(b, got, len, at), len);
}

void vec_expect_bytes(vec *v, const char *name, const uint8_t *got, size_t len)
{
    vec_expect_equal(v, name, vec_hex(v, name), got, len);
}

void vec_expect_int(vec *v, const char *name, uint64_t got)
{
    const json_t *value = vec_member(v, name);
    const uint64_t want = json_is_boolean(value)
        ? (uint64_t)json_is_true(value) : vec_int(v, name);

    if (want != got)
        vec_fail(v, "%s: expected %" PRIu64 ", got %" PRIu64, name, want,
            got);
}

void vec_expect_u64s(vec *v, const char *name, const uint64_t *got,
    size_t count)
{
    uint8_t *bytes = vec_alloc(v, count, 8);

    for (size_t i = 0; i < count; i++)
        sa_put_be64(bytes + 8 * i, got[i]);
    vec_expect_bytes(v, name, bytes, 8 * count);
}

void vec_expect_u64(vec *v, const char *name, uint64_t got)
{
    vec_expect_u64s(v, name, &got, 1);
}

void vec_expect_double(vec *v, const char *name, double got)
{
    uint64_t bits;

    memcpy(&bits, &got, sizeof bits);
    vec_expect_u64(v, name, bits);
}

void vec_expect_u32s(vec *v, const char *name, const uint32_t *got,
    size_t count)
{
    uint8_t *bytes = vec_alloc(v, count, 4);

    for (size_t i = 0; i < count; i++)
        sa_put_be32(bytes + 4 * i, got[i]);
    vec_expect_bytes(v, name, bytes, 4 * count);
}
