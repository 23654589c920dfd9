/* SPDX-License-Identifier: Apache-2.0 */
/* example_deck: rows of data that are dealt to parties which are not alike. A
 * row is a struct of the example's own; a bool in it says of which of two kinds
 * it is. */
#ifndef EXAMPLE_DECK_H
#define EXAMPLE_DECK_H

#include <stddef.h>

#include "common/dice.h"

typedef struct deck {
    void *rows;
    size_t row_bytes, kind_at; /* of a row; of the bool in it */
} deck;

/* The first `count` rows. */
void deck_shuffle(const deck *all, size_t count, dice d);

/* Party i gets rows first[i] to first[i + 1], and its own mix of kinds: so
 * many percent of the one, as far as there are any left. */
void deck_deal(const deck *all, const size_t *first, uint32_t parties,
    const uint32_t percent[3], dice d);

#endif
