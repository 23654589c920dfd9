/* SPDX-License-Identifier: Apache-2.0 */
/* mask_aesni: key expansion and macros of the AES backends of x86-64. */
#ifndef SA_MASK_AESNI_H
#define SA_MASK_AESNI_H

#include "vector/mask_backend.h"

#define SA_INLINE static inline __attribute__((always_inline))

/* Expand the macro f(i) for i = 0 to n - 1; n is a constant up to 8. Unrolled
 * by hand, because compilers have no common pragma for it. */
#define SA_EACH(n, f)                                                         \
    do {                                                                      \
        f(0);                                                                 \
        if ((n) > 1) { f(1); }                                                \
        if ((n) > 2) { f(2); }                                                \
        if ((n) > 3) { f(3); }                                                \
        if ((n) > 4) { f(4); }                                                \
        if ((n) > 5) { f(5); }                                                \
        if ((n) > 6) { f(6); }                                                \
        if ((n) > 7) { f(7); }                                                \
    } while (0)

/* Rounds 3 to 10 of n registers. The backend declares the variable k and
 * defines KEY(r), the key of round r, and ROUND(i) and LAST_ROUND(i), which run
 * a round of register i with the key k. */
#define SA_ROUNDS(n)                                                          \
    do {                                                                      \
        k = KEY(3);                                                           \
        SA_EACH(n, ROUND);                                                    \
        k = KEY(4);                                                           \
        SA_EACH(n, ROUND);                                                    \
        k = KEY(5);                                                           \
        SA_EACH(n, ROUND);                                                    \
        k = KEY(6);                                                           \
        SA_EACH(n, ROUND);                                                    \
        k = KEY(7);                                                           \
        SA_EACH(n, ROUND);                                                    \
        k = KEY(8);                                                           \
        SA_EACH(n, ROUND);                                                    \
        k = KEY(9);                                                           \
        SA_EACH(n, ROUND);                                                    \
        k = KEY(10);                                                          \
        SA_EACH(n, LAST_ROUND);                                               \
    } while (0)

/* set_key and set_high of sa_aes_backend. */
void sa_aesni_set_key(sa_aes_key *key, const uint8_t *bytes, uint64_t flip);
void sa_aesni_set_high(sa_aes_key *key, uint32_t high);

#endif
