/* SPDX-License-Identifier: Apache-2.0 */
#include "common/round.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/report.h"

round_most round_dearest(const session_result *result, uint32_t clients)
{
    round_most most = { 0 };
    for (uint32_t i = 0; i < clients; i++) {
        most.up = result->up[i] > most.up ? result->up[i] : most.up;
        most.down = result->down[i] > most.down ? result->down[i] : most.down;
        most.seconds = fmax(most.seconds, result->client_seconds[i]);
    }
    return most;
}

void round_losses(const session_result *result, uint32_t clients, int at,
    int width)
{
    char losses[LOSSES_ROOM];
    describe_losses(losses, clients, result);
    printf("%-*s", width, losses);
    if (strlen(losses) > (size_t)width)
        printf("\n%*s", at + width, "");
}

void round_failed(secagg_err err, const session_result *result,
    const char *client)
{
    report_failed(err, result->err, result->why);
    for (uint32_t i = 0; i < MAX_CLIENTS; i++)
        if (result->left[i] != SECAGG_OK)
            printf("   %s %u left: %s\n", client, i,
                secagg_strerror(result->left[i]));
}
