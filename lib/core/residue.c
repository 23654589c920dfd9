/* SPDX-License-Identifier: Apache-2.0 */
#include "core/residue.h"

#include <sodium.h>

#include "core/cpu.h"

/* Bytes of stack to clear: as many as the calls that end here use beneath their
 * own objects, which are wiped, and in other libraries. Frames are larger
 * without optimisation. */
#ifdef __OPTIMIZE__
#define STACK_BYTES 8192
#else
#define STACK_BYTES 24576
#endif

/* These registers belong to the callee, so no caller has a value in them. The
 * assembler needs no flags for them. */
static void clear_registers(void)
{
#if defined(__GNUC__) && defined(__x86_64__)
    const sa_cpu_vectors best = sa_cpu_best();

    if (best >= SA_CPU_AVX2)
        __asm__ volatile("vzeroall" ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
            "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
            "xmm13", "xmm14", "xmm15");
    if (best >= SA_CPU_AVX512)
        __asm__ volatile(
            ".irp i,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n\t"
            "vpxorq %%zmm\\i, %%zmm\\i, %%zmm\\i\n\t"
            ".endr" ::: "memory");
#endif
}

secagg_err sa_leave(secagg_err err)
{
    sodium_stackzero(STACK_BYTES);
    clear_registers();
    return err;
}
