/* SPDX-License-Identifier: Apache-2.0 */
#include "planar_level.h"
const sa_planar_level sa_planar_avx2 = { NULL, NULL, NULL, NULL, NULL };
