/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cpu.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>

/* What the compiler's library read from CPUID and XGETBV when the program
 * started: that the system saves the registers is part of the answer. */
sa_cpu_vectors sa_cpu_best(void)
{
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return SA_CPU_BASE;
    return __builtin_cpu_supports("avx512f")
        && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512vbmi")
        && __builtin_cpu_supports("gfni") ? SA_CPU_AVX512 : SA_CPU_AVX2;
}

bool sa_cpu_aes(void)
{
    return __builtin_cpu_supports("aes");
}

/* Clang 14 has no name for VAES: leaf 7, bit 9 of ECX. */
bool sa_cpu_wide_aes(void)
{
    unsigned a, b, c, d;

    return sa_cpu_best() >= SA_CPU_AVX2
        && __get_cpuid_count(7, 0, &a, &b, &c, &d) == 1 && (c >> 9 & 1) == 1;
}

#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

/* Every ARMv8 has NEON. */
sa_cpu_vectors sa_cpu_best(void)
{
    return SA_CPU_NEON;
}

/* HWCAP_AES of the kernel's arm64 interface. */
bool sa_cpu_aes(void)
{
    return (getauxval(AT_HWCAP) >> 3 & 1) == 1;
}

bool sa_cpu_wide_aes(void)
{
    return sa_cpu_aes();
}

#else

sa_cpu_vectors sa_cpu_best(void)
{
    return SA_CPU_BASE;
}

bool sa_cpu_aes(void)
{
    return false;
}

bool sa_cpu_wide_aes(void)
{
    return false;
}

#endif
