/* SPDX-License-Identifier: Apache-2.0 */
#include "common/report.h"

#include <stdio.h>

void report_failed(secagg_err err, secagg_err session, const char *why)
{
    err = err != SECAGG_OK ? err : session;
    if (err == SECAGG_OK)
        printf("\n   FAILED: a sum, where there should be none\n");
    else
        printf("\n   FAILED: %s. %s\n", secagg_strerror(err), why);
}

int report_end(const char *program, bool good)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: the output could not be written\n", program);
        good = false;
    }
    return good ? 0 : 1;
}
