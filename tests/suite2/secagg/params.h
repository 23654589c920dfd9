/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of a build that has suite 2 alone find this header before that of
 * the library: parameters begin with suite 2 instead of the default. */
#pragma GCC system_header /* permits include_next */
#include_next <secagg/params.h>
#undef SECAGG_PARAMS_INIT
#define SECAGG_PARAMS_INIT                                                    \
    {                                                                         \
        .size = sizeof(secagg_params), .suite = SECAGG_SUITE_CHACHA           \
    }
