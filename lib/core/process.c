/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200112L
#endif

#include "core/process.h"

#include <unistd.h>

sa_process sa_process_now(void)
{
    return (sa_process){ (long)getpid() };
}

secagg_err sa_process_check(const sa_process *owner)
{
    return owner->id == (long)getpid() ? SECAGG_OK : SECAGG_ERR_STATE;
}
