/* SPDX-License-Identifier: Apache-2.0 */
/* vectors: test vectors as vectors/README.md describes them, read and held
 * against the library. Whoever has another implementation may give its files
 * to the same program. A failure is noted with the first thing that differs;
 * what is read after it is zeros, so that a type is a list of lines. */
#ifndef VECTORS_H
#define VECTORS_H

#include <jansson.h>
#include <secagg.h>

/* One test, while it is done. */
typedef struct vec {
    json_t *group, *test;
    json_t *seen;      /* members that were looked at */
    const char *error; /* that it must have; empty: none */
    char differs[512]; /* the first thing that does; empty: nothing */
    void **rooms;      /* what lives as long as the test */
    size_t count;
} vec;

typedef struct vec_bytes {
    const uint8_t *ptr;
    size_t len;
} vec_bytes;

/* A type of groups: members of the group and of each test, in words, with all
 * of them and no others allowed; and what is done with a test. */
typedef struct vec_type {
    const char *name, *group, *test;
    void (*run)(vec *v);
} vec_type;

/* Each with an end without a name. */
extern const vec_type vec_primitives[], vec_keys[], vec_vectors[],
    vec_params[], vec_sessions[];

/* ---- members ------------------------------------------------------------ */

json_t *vec_member(vec *v, const char *name);
uint64_t vec_int(vec *v, const char *name);
uint32_t vec_u32(vec *v, const char *name);
bool vec_bool(vec *v, const char *name);
const char *vec_text(vec *v, const char *name);
uint64_t vec_u64(vec *v, const char *name);
double vec_double(vec *v, const char *name);

/* Bytes, in an allocation of just their length. */
vec_bytes vec_hex(vec *v, const char *name);
vec_bytes vec_hex_of(vec *v, const char *name, const json_t *value);

/* The same of a length that is known. */
const uint8_t *vec_fixed(vec *v, const char *name, size_t len);

/* Integers end to end; *count of them. */
uint32_t *vec_u32s(vec *v, const char *name, size_t *count);
uint64_t *vec_u64s(vec *v, const char *name, size_t *count);
uint64_t *vec_u64s_of(vec *v, const char *name, const json_t *value,
    size_t *count);

/* Zeroed memory until the end of the test. */
void *vec_room(vec *v, size_t count, size_t size);

/* ---- expectations ------------------------------------------------------- */

/* Note what differs, unless something did already. */
void vec_differs(vec *v, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* Whether there are outputs to look at: the error is the one expected, and is
 * none. */
bool vec_ends(vec *v, secagg_err err);

/* For steps that must not fail. */
bool vec_good(vec *v, secagg_err err);

void vec_want_error(vec *v, const char *where, const char *want,
    secagg_err err);
void vec_want_bytes(vec *v, const char *name, const uint8_t *got, size_t len);
void vec_want_same(vec *v, const char *where, vec_bytes want,
    const uint8_t *got, size_t len);
void vec_want_int(vec *v, const char *name, uint64_t got);
void vec_want_u64(vec *v, const char *name, uint64_t got);
void vec_want_double(vec *v, const char *name, double got);
void vec_want_u32s(vec *v, const char *name, const uint32_t *got,
    size_t count);
void vec_want_u64s(vec *v, const char *name, const uint64_t *got,
    size_t count);

const char *vec_error_name(secagg_err err);

/* ---- files -------------------------------------------------------------- */

/* Whether a file has the form that a JSON schema of draft-07 describes, as far
 * as it uses what the schemas of vectors/ use; else why not. */
bool vec_fits(const json_t *value, const json_t *schema, char *why,
    size_t len);

#endif
