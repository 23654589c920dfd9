/* SPDX-License-Identifier: Apache-2.0 */
/* cpu: the instruction sets of this machine for which the library has
 * backends. No result is stored; each call checks again. */
#ifndef SA_CPU_H
#define SA_CPU_H

#include <stdbool.h>

/* Vector instruction sets. On x86 each value includes the lower ones. AVX2
 * includes FMA; AVX-512 means F, BW, DQ, VL, VBMI and GFNI, which every
 * machine with 512-bit AES has. */
typedef enum sa_cpu_vectors {
    SA_CPU_BASE,
    SA_CPU_NEON,
    SA_CPU_AVX2,
    SA_CPU_AVX512
} sa_cpu_vectors;

/* Returns the best set of this machine. Costs a few loads. */
sa_cpu_vectors sa_cpu_best(void);

/* Returns whether the machine has 128-bit AES instructions. */
bool sa_cpu_aes(void);

/* Returns whether the machine has AES instructions as wide as its vectors. May
 * take microseconds, because CPUID traps in a virtual machine. */
bool sa_cpu_wide_aes(void);

#endif
