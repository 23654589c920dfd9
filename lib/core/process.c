/* SPDX-License-Identifier: Apache-2.0 */
#include "core/process.h"

#include <unistd.h>

int64_t sa_process_id(void)
{
    return getpid();
}
