/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel.h"
const sa_aes_level sa_aes_neon = { NULL, NULL, NULL };
