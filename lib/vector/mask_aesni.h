/* SPDX-License-Identifier: Apache-2.0 */
/* mask_aesni: what the AES levels of x86-64 share. */
#ifndef SA_MASK_AESNI_H
#define SA_MASK_AESNI_H

#include "vector/mask_backend.h"

#define SA_INLINE static inline __attribute__((always_inline))

/* f(i) for i below n, a constant up to 8: unrolled here, as no two compilers
 * take the same pragma for it. */
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

/* Rounds 3 to 10 of n blocks; KEY(r), the key of round r, goes through k. The
 * file says what KEY, ROUND and LAST_ROUND are. */
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

/* Of sa_aes_backend. */
void sa_aesni_key(sa_aes_key *key, const uint8_t *bytes, uint64_t flip);
void sa_aesni_set_high(sa_aes_key *key, uint32_t high);

#endif
