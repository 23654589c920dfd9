/* SPDX-License-Identifier: Apache-2.0 */
/* invert_gmp: inversion with GMP. */
#include <gmp.h>
#include <string.h>

#include "core/mem.h"
#include "crypto/invert.h"

#define LIMBS (256 / GMP_NUMB_BITS)
#define SCRATCH (1024 / GMP_NUMB_BITS * 4)

#if GMP_NUMB_BITS != 64 && GMP_NUMB_BITS != 32
#error "limbs of 32 or 64 bits are needed"
#endif

/* ell, least significant word first. */
static const uint64_t order[4] = { UINT64_C(0x5812631a5cf5d3ed),
    UINT64_C(0x14def9dea2f79cd6), 0, UINT64_C(0x1000000000000000) };

static void to_limbs(mp_limb_t out[LIMBS], const uint64_t in[4])
{
    for (size_t i = 0; i < LIMBS; i++)
        out[i] = (mp_limb_t)(in[i * GMP_NUMB_BITS / 64]
            >> i * GMP_NUMB_BITS % 64 & GMP_NUMB_MAX);
}

static void from_limbs(uint64_t out[4], const mp_limb_t in[LIMBS])
{
    memset(out, 0, 4 * sizeof *out);
    for (size_t i = 0; i < LIMBS; i++)
        out[i * GMP_NUMB_BITS / 64] |= (uint64_t)in[i]
            << i * GMP_NUMB_BITS % 64;
}

void sa_sc_invert(sa_sc *r, const sa_sc *a)
{
    mp_limb_t x[LIMBS], inverse[LIMBS] = { 0 }, modulus[LIMBS];
    mp_limb_t scratch[SCRATCH];
    uint64_t keep;

    to_limbs(x, a->v);
    to_limbs(modulus, order);
    keep = 0 - sa_value_barrier((uint64_t)mpn_sec_invert(inverse, x, modulus,
                   LIMBS, 2 * LIMBS * GMP_NUMB_BITS, scratch)); /* 1 or 0 */
    from_limbs(r->v, inverse);
    for (int i = 0; i < 4; i++)
        r->v[i] &= keep;
    sa_wipe(x, sizeof x);
    sa_wipe(inverse, sizeof inverse);
    sa_wipe(scratch, sizeof scratch);
}

/* r = the cofactor s in 1 = a s + ell t; `size` has the sign of s. */
void sa_sc_invert_vartime(sa_sc *r, const sa_sc *a)
{
    mp_limb_t x[LIMBS], modulus[LIMBS], one[LIMBS], cofactor[LIMBS + 1];
    sa_sc zero = { { 0 } };
    mp_size_t size;

    to_limbs(x, a->v);
    to_limbs(modulus, order);
    memset(cofactor, 0, sizeof cofactor);
    (void)mpn_gcdext(one, cofactor, &size, x, LIMBS, modulus, LIMBS);
    for (mp_size_t i = size < 0 ? -size : size; i < LIMBS; i++)
        cofactor[i] = 0;
    from_limbs(r->v, cofactor);
    if (size < 0)
        sa_sc_sub(r, &zero, r);
}
