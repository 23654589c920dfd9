/* SPDX-License-Identifier: Apache-2.0 */
/* vectors: read test vectors, whose format vectors/README.md describes, and
 * compare the library with them. The program also reads the files of other
 * implementations, and files from anybody: no file may crash it, or make it
 * allocate much more than the file has. A test records its first failure. After
 * a failure the functions below return zeros; a handler must return before it
 * uses a number of a test as a length, or the result of a step that failed. */
#ifndef VECTORS_H
#define VECTORS_H

#include <jansson.h>
#include <secagg.h>

/* One test that is running. */
typedef struct vec {
    json_t *group, *test;
    json_t *seen;        /* names of the members that were read */
    const char *error;   /* name of the expected error; empty: none */
    char failure[512];   /* the first failure; empty: none */
    void **allocations;  /* memory that is freed after the test */
    size_t count;        /* of allocations */
} vec;

typedef struct vec_bytes {
    const uint8_t *ptr;
    size_t len;
} vec_bytes;

/* A type of tests. `group` and `test` list the names of the members of a
 * group and of a test, separated by blanks; all of them must be present and no
 * others may be. run() performs one test. */
typedef struct vec_type {
    const char *name, *group, *test;
    void (*run)(vec *v);
} vec_type;

/* The types of each source file; the last element of an array has no name. */
extern const vec_type vec_primitives[], vec_keys[], vec_values[],
    vec_encoding[], vec_params[], vec_sessions[];

/* ---- members ------------------------------------------------------------ */

json_t *vec_member(vec *v, const char *name);
uint64_t vec_int(vec *v, const char *name);
uint32_t vec_u32(vec *v, const char *name);
/* Returns an integer up to `max`, and 0 after a failure. */
uint32_t vec_up_to(vec *v, const char *name, uint32_t max);
bool vec_bool(vec *v, const char *name);
const char *vec_text(vec *v, const char *name);
uint64_t vec_u64(vec *v, const char *name);
double vec_double(vec *v, const char *name);

/* Returns the bytes of a hex string, in an allocation of exactly their length,
 * so that tools find reads beyond it. vec_hex_of() takes the JSON value, and
 * the name for a failure. */
vec_bytes vec_hex(vec *v, const char *name);
vec_bytes vec_hex_of(vec *v, const char *name, const json_t *value);

/* Returns `len` bytes; another length is a failure. vec_sized() is for a length
 * that the test itself contains; after any failure it returns NULL. */
const uint8_t *vec_fixed(vec *v, const char *name, size_t len);
const uint8_t *vec_sized(vec *v, const char *name, size_t len);

/* Returns *count integers, which are concatenated in the hex string. */
uint32_t *vec_u32s(vec *v, const char *name, size_t *count);
uint64_t *vec_u64s(vec *v, const char *name, size_t *count);
uint64_t *vec_u64s_of(vec *v, const char *name, const json_t *value,
    size_t *count);

/* Allocates zeroed memory that is freed after the test. Ends the program if
 * there is none. */
void *vec_alloc(vec *v, size_t count, size_t size);

/* ---- expectations ------------------------------------------------------- */

/* Records a failure, unless there is one already. */
void vec_fail(vec *v, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* Compares an error with the expected one. Returns true if it is
 * SECAGG_OK and the test has not failed: then the outputs can be compared. */
bool vec_check(vec *v, secagg_err err);

/* Records a failure unless `err` is SECAGG_OK; for steps that must succeed. */
bool vec_ok(vec *v, secagg_err err);

/* Compare a value with a member, or with a given value; `where` and `name`
 * begin the text of a failure. */
void vec_expect_error(vec *v, const char *where, const char *want,
    secagg_err err);
void vec_expect_bytes(vec *v, const char *name, const uint8_t *got, size_t len);
void vec_expect_equal(vec *v, const char *where, vec_bytes want,
    const uint8_t *got, size_t len);
void vec_expect_int(vec *v, const char *name, uint64_t got);
void vec_expect_u64(vec *v, const char *name, uint64_t got);
void vec_expect_double(vec *v, const char *name, double got);
void vec_expect_u32s(vec *v, const char *name, const uint32_t *got,
    size_t count);
void vec_expect_u64s(vec *v, const char *name, const uint64_t *got,
    size_t count);

const char *vec_error_name(secagg_err err);

/* ---- files -------------------------------------------------------------- */

/* Numbers of tests that passed, failed and were left out, and of files. */
typedef struct vec_tally {
    size_t passed, failed, left_out, files;
} vec_tally;

/* Performs the tests of a file and prints the results. Its name is for the
 * output. `schema` is NULL if it cannot be read. */
void vec_run_file(const char *file, vec_tally *sum);
void vec_run_json(const char *file, json_t *top, const json_t *schema,
    vec_tally *sum);

/* Returns the schema that a file names, relative to the folder of the file, or
 * NULL. */
json_t *vec_load_schema(const char *file, const json_t *top);

/* Returns true if a value matches a JSON schema (draft-07), else false and the
 * reason as text. Supports only the keywords that the schemas of vectors/
 * use. */
bool vec_matches_schema(const json_t *value, const json_t *schema,
    char *reason, size_t len);

#endif
