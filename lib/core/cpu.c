/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cpu.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>

/* The compiler's library read CPUID and XGETBV when the program started. It
 * reports an extension only if the operating system saves its registers. */
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

/* VAES is bit 9 of ECX of leaf 7. Clang 14 does not know it by name. */
bool sa_cpu_wide_aes(void)
{
    unsigned a, b, c, d;

    return sa_cpu_best() >= SA_CPU_AVX2
        && __get_cpuid_count(7, 0, &a, &b, &c, &d) == 1 && (c >> 9 & 1) == 1;
}

#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

/* Every ARMv8 processor has NEON. */
sa_cpu_vectors sa_cpu_best(void)
{
    return SA_CPU_NEON;
}

/* Bit 3 is HWCAP_AES of Linux on arm64. */
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
