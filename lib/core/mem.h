/* SPDX-License-Identifier: Apache-2.0 */
/* mem: allocations that remember their length and are wiped before they are
 * freed; comparison and selection without branches on secrets. */
#ifndef SA_MEM_H
#define SA_MEM_H

#include <secagg/base.h>

#ifdef SA_SECRETS
#include <valgrind/memcheck.h>
#endif

/* Return from the calling function with the error of `call`, unless it is
 * SECAGG_OK. Only SA_REQUIRE of core/reason.h, which also writes a sentence,
 * contains a jump, too. */
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
 * size_t. An allocation of 0 bytes is not NULL. */
void *sa_alloc(size_t count, size_t size);

/* Enlarge an allocation to `count` objects of `size` bytes, which must be at
 * least its present length. The new memory starts with the old contents and
 * ends with zeros; the old memory is wiped and freed. NULL counts as an empty
 * allocation. Returns NULL if there is no memory; then `ptr` is unchanged. */
void *sa_realloc_wipe(void *ptr, size_t count, size_t size);

/* Wipe and free a whole allocation of sa_alloc or sa_realloc_wipe. Does nothing
 * for NULL. */
void sa_free(void *ptr);

/* Overwrite `len` bytes with zeros; the compiler must not remove this. */
void sa_wipe(void *ptr, size_t len);

/* Returns whether `len` bytes are equal, in time that depends on `len` only. */
bool sa_ct_equal(const void *a, const void *b, size_t len);

/* Ask the processor to load a cache line before the code reads it. This pays
 * where many scattered addresses are read soon. Addresses must be public. */
static inline void sa_prefetch(const void *ptr)
{
#if defined(__GNUC__)
    __builtin_prefetch(ptr);
#else
    (void)ptr;
#endif
}

/* Mark bytes that were computed from a secret, such as a public key or the
 * result of a check, as public from here on. In the build of
 * tests/scripts/secrets.sh this tells valgrind, which reports every branch and
 * every index that depends on any other secret byte. In other builds it does
 * nothing. */
static inline void sa_declassify(const void *ptr, size_t len)
{
#ifdef SA_SECRETS
    (void)VALGRIND_MAKE_MEM_DEFINED(ptr, len);
#else
    (void)ptr;
    (void)len;
#endif
}

/* Returns `x`, and hides its value from the optimiser, which could otherwise
 * turn a mask computed from a secret into a branch. */
static inline uint64_t sa_value_barrier(uint64_t x)
{
#if defined(__GNUC__)
    __asm__("" : "+r"(x));
#endif
    return x;
}

#endif
