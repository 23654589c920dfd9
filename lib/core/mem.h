/* SPDX-License-Identifier: Apache-2.0 */
/* mem: memory that is counted before it is asked for and wiped before it is
 * given back; comparison and selection that do not branch on secrets. */
#ifndef SA_MEM_H
#define SA_MEM_H

#include <secagg/base.h>

#ifdef SA_SECRETS
#include <valgrind/memcheck.h>
#endif

/* Leave the function with the error of a call, if it has one. The only macro
 * with a jump. */
#define SA_TRY(call)                                                          \
    do {                                                                      \
        const secagg_err sa_err = (call);                                     \
        if (sa_err != SECAGG_OK)                                              \
            return sa_err;                                                    \
    } while (0)

/* Make libsodium ready, which picks its code for this machine. Idempotent and
 * safe in threads; each constructor of a handle calls it. */
SECAGG_MUST_CHECK secagg_err sa_init(void);

/* Zeroed memory for count objects of size bytes; NULL where there is none or
 * where the product does not fit a size_t. */
void *sa_alloc(size_t count, size_t size);

/* Zeroed memory for `want` objects of size bytes, of which the first `have`
 * are those at ptr, which are wiped and freed; NULL where there is none: then
 * ptr is as it was. */
void *sa_realloc_wipe(void *ptr, size_t have, size_t want, size_t size);

/* Wipe len bytes at ptr and free them; NULL does nothing. */
void sa_free(void *ptr, size_t len);

/* Wipe: not taken away by the compiler. */
void sa_wipe(void *ptr, size_t len);

/* Whether len bytes are equal, in time that depends on len alone. */
bool sa_ct_equal(const void *a, const void *b, size_t len);

/* These bytes are read soon: where there are many such places in memory that is
 * not near, they come side by side. Addresses are public. */
static inline void sa_prefetch(const void *ptr)
{
#if defined(__GNUC__)
    __builtin_prefetch(ptr);
#else
    (void)ptr;
#endif
}

/* From here on these bytes are public, though they were made from a secret: a
 * point, a verdict. Said to valgrind in the build of tests/scripts/secrets.sh,
 * which finds each branch and each index that depends on any other; elsewhere
 * this is nothing. */
static inline void sa_declassify(const void *ptr, size_t len)
{
#ifdef SA_SECRETS
    (void)VALGRIND_MAKE_MEM_DEFINED(ptr, len);
#else
    (void)ptr;
    (void)len;
#endif
}

/* The same value, of which the compiler knows nothing more: keeps a mask made
 * from a secret from becoming a branch. */
static inline uint64_t sa_value_barrier(uint64_t x)
{
#if defined(__GNUC__)
    __asm__("" : "+r"(x));
#endif
    return x;
}

#endif
