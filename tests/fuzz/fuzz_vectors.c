/* SPDX-License-Identifier: Apache-2.0 */
/* A file of vectors: the input is its text. Its member "schema" may be a schema
 * instead of the name of one; otherwise nothing restricts the values, and the
 * tests read them as they are. Performing the tests changes no value, reports
 * each test once, and gives the same result again. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz/fuzz.h"
#include "vectors/vectors.h"

static vec_tally perform(json_t *top, const json_t *schema)
{
    vec_tally sum = { 0 };

    vec_run_json("-", top, schema, &sum);
    return sum;
}

static void check(json_t *top)
{
    json_t *inside = json_object_get(top, "schema"), *lax = json_object();
    json_t *schema = json_is_object(inside) ? inside : lax;
    json_t *before = json_deep_copy(top);
    vec_tally first, again;

    first = perform(top, schema);
    CHECK(first.passed + first.failed + first.left_out > 0);
    CHECK(json_equal(top, before));
    again = perform(top, schema);
    CHECK(memcmp(&first, &again, sizeof first) == 0);
    json_decref(before);
    json_decref(lax);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    json_t *top = json_loadb((const char *)input, len, JSON_REJECT_DUPLICATES,
        NULL);

    CHECK(sa_init() == SECAGG_OK);
    if (top != NULL)
        check(top);
    json_decref(top);
    return 0;
}
