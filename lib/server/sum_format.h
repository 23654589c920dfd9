/* SPDX-License-Identifier: Apache-2.0 */
/* sum_format: what the totals of a segment are converted to: sums or means, of
 * each type; and the check of totals (PROTOCOL.md 7.5). Formats of reals are
 * converted in the default floating-point environment (core/fp_env.h). */
#ifndef SA_SUM_FORMAT_H
#define SA_SUM_FORMAT_H

#include <secagg/params.h>

#include "server/sum_cache.h"
#include "vector/fixed_backend.h"

typedef enum sa_sum_format {
    SA_SUM_U64, SA_SUM_I64, SA_SUM_F32, SA_SUM_F64, SA_MEAN_F32, SA_MEAN_F64
} sa_sum_format;

/* How the totals of a segment are checked and converted. A backend converts
 * them to reals if it supports totals of this size. */
typedef struct sa_sum_decoder {
    const secagg_segment *segment;
    sa_sum_format format;
    uint64_t weights;   /* W: survivors, or the sum of weights */
    uint64_t max_total; /* the greatest that inputs can have */
    uint64_t shift;     /* W times what an entry adds to a SIGNED value */
    double divisor;     /* 1 for a sum */
    bool narrow;        /* it reads totals of 32 bits; else they have 64 */
    bool finite;        /* every result is a finite float */
    const sa_fixed_backend *backend; /* or NULL */
    sa_fixed_unit unit;
} sa_sum_decoder;

/* Return the bytes of a result, and whether results are reals, or means. */
size_t sa_sum_size(sa_sum_format format);
bool sa_sum_is_real(sa_sum_format format);
bool sa_sum_is_mean(sa_sum_format format);

/* Returns the decoder of a segment whose totals have W = `weights`. */
sa_sum_decoder sa_sum_decoder_of(const secagg_segment *segment,
    uint64_t weights, sa_sum_format format);

/* Returns whether the same call would return this decoder, for a segment of the
 * same modulus. A decoder of zeros is that of no segment. */
bool sa_sum_decoder_fits(const sa_sum_decoder *decoder,
    const secagg_segment *segment, uint64_t weights, sa_sum_format format);

/* Returns whether inputs can have `count` totals of a block, from `first`
 * on. */
bool sa_sum_is_possible(const sa_sum_decoder *decoder,
    const sa_sum_block *block, size_t first, size_t count);

/* Convert such totals. Returns false if the type of `out` cannot represent one
 * of the results. */
bool sa_sum_convert(const sa_sum_decoder *decoder, void *out,
    const sa_sum_block *block, size_t first, size_t count);

#endif
