/* SPDX-License-Identifier: Apache-2.0 */
/* cpu: which instructions this machine has, of those that kernels are written
 * for. Nothing is kept: each call asks anew. */
#ifndef SA_CPU_H
#define SA_CPU_H

#include <stdbool.h>

/* Vectors, each level with all below it: AVX2 stands for FMA, too, and AVX-512
 * for F, BW, DQ, VL, VBMI and GFNI, which every machine with 512-bit AES
 * has. */
typedef enum sa_cpu_vectors {
    SA_CPU_BASE,
    SA_CPU_NEON,
    SA_CPU_AVX2,
    SA_CPU_AVX512
} sa_cpu_vectors;

/* Best vectors; a few loads. */
sa_cpu_vectors sa_cpu_best(void);

/* Whether there are AES instructions of 128 bits. */
bool sa_cpu_aes(void);

/* Whether there are AES instructions as wide as the vectors. May take
 * microseconds: in a virtual machine CPUID leaves it. */
bool sa_cpu_wide_aes(void);

#endif
