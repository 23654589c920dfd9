/* SPDX-License-Identifier: Apache-2.0 */
/* main: run the tests of one program. A test file ends with
 *
 *     int main(void)
 *     {
 *         const TTest *const tests[] = { a_sentence_that_holds, ... };
 *         return RUN(tests);
 *     }
 */
#ifndef MAIN_H
#define MAIN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* A test of OpenSSL or of suite 1, which a build with libsodium alone leaves
 * out. FIRST_SUITE is 1 or 2; see the Makefile. */
#define WITH_OPENSSL(test) (FIRST_SUITE == 1 ? (test) : NULL)

#define RUN(tests)                                                            \
    run_tests(__FILE__, (tests), sizeof(tests) / sizeof *(tests))

/* The environment variables CK_FORK (no under valgrind) and CK_DEFAULT_TIMEOUT
 * work as Check documents them. */
static inline int run_tests(const char *file, const TTest *const *tests,
    size_t count)
{
    Suite *suite = suite_create(file);
    TCase *tcase = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed, left_out = 0;

    suite_add_tcase(suite, tcase);
    if (getenv("CK_DEFAULT_TIMEOUT") == NULL)
        tcase_set_timeout(tcase, getenv("SECAGG_LONG") == NULL ? 600 : 7200);
    for (size_t i = 0; i < count; i++)
        if (tests[i] != NULL)
            tcase_add_test(tcase, tests[i]);
        else
            left_out++;
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (left_out > 0)
        printf("left out: %d\n", left_out);
    return failed != 0;
}

#endif
