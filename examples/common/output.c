/* SPDX-License-Identifier: Apache-2.0 */
#include "common/output.h"

#include <stdio.h>

void clear_line(bool live)
{
    if (live)
        printf("\r%40s\r", "");
}

const char *phase_name(secagg_phase phase)
{
    static const char *const names[] = { "KEYS", "SHARES", "INPUT",
        "CONFIRM", "UNMASK" };
    return phase < SECAGG_PHASE_DONE ? names[phase] : "";
}

void print_phase(uint64_t round, secagg_phase phase, uint32_t missing)
{
    printf("\r%5u   %-7s waiting for %u   ", (unsigned)round,
        phase_name(phase), missing);
    fflush(stdout);
}

void print_failure(secagg_err err, const char *reason)
{
    if (err == SECAGG_OK)
        printf("\n   FAILED: there is a sum, but there must be none\n");
    else
        printf("\n   FAILED: %s. %s\n", secagg_strerror(err), reason);
}

const char *verdict(bool good)
{
    return good ? "passed" : "FAILED";
}
