/* SPDX-License-Identifier: Apache-2.0 */
/* mem: allocations that remember their length and are wiped before they are
 * freed; comparison and selection without branches on secrets. */
#ifndef SA_MEM_H
#define SA_MEM_H

#include <secagg/base.h>

#ifdef SA_SECRETS
#include <valgrind/memcheck.h>
#endif

/* Return from the function with the error of `call`, if it has one. The only
 * macro that jumps. */
#define SA_TRY(call)                                                          \
    do {                                                                      \
        const secagg_err sa_err = (call);                                     \
        if (sa_err != SECAGG_OK)                                              \
            return sa_err;                                                    \
    } while (0)

/* Initialise libsodium, which selects its code for this processor. Idempotent
 * and thread-safe; every constructor of a handle calls it. Returns
 * SECAGG_ERR_CRYPTO if libsodium cannot be used. */
SECAGG_MUST_CHECK secagg_err sa_init(void);

/* Allocate zeroed memory for `count` objects of `size` bytes, aligned as by
 * malloc. Returns NULL if there is no memory or if the product does not fit a
 * size_t. An allocation of 0 bytes has an address too. */
void *sa_alloc(size_t count, size_t size);

/* Enlarge an allocation to `count` objects of `size` bytes, which must not be
 * fewer bytes than it has: the new memory starts with the old contents and
 * ends with zeros; the old memory is wiped and freed. NULL is an empty
 * allocation. Returns NULL if there is no memory; then `ptr` is unchanged. */
void *sa_realloc_wipe(void *ptr, size_t count, size_t size);

/* Wipe and free an allocation of sa_alloc or sa_realloc_wipe, all of it.
 * Does nothing for NULL. */
void sa_free(void *ptr);

/* Overwrite `len` bytes with zeros; the compiler must not remove this. */
void sa_wipe(void *ptr, size_t len);

/* Returns whether `len` bytes are equal, in time that depends on `len` only. */
bool sa_ct_equal(const void *a, const void *b, size_t len);

/* Ask the processor to load this address into its caches, where many scattered
 * addresses are read soon. Addresses are public. */
static inline void sa_prefetch(const void *ptr)
{
#if defined(__GNUC__)
    __builtin_prefetch(ptr);
#else
    (void)ptr;
#endif
}

/* Declare bytes that were computed from a secret as public from here on: a
 * public key, a verdict. In the build of tests/scripts/secrets.sh this tells
 * valgrind, which reports every branch and every index that depends on any
 * other secret byte; in other builds it does nothing. */
static inline void sa_declassify(const void *ptr, size_t len)
{
#ifdef SA_SECRETS
    (void)VALGRIND_MAKE_MEM_DEFINED(ptr, len);
#else
    (void)ptr;
    (void)len;
#endif
}

/* Returns `x` through an assembler statement that the optimiser cannot look
 * into, so that it does not turn a mask made from a secret into a branch. */
static inline uint64_t sa_value_barrier(uint64_t x)
{
#if defined(__GNUC__)
    __asm__("" : "+r"(x));
#endif
    return x;
}

#endif
