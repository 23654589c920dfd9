/* SPDX-License-Identifier: Apache-2.0 */
#include "session/saved_fields.h"

#include "core/bits.h"
#include "core/mem.h"

#define LENGTH_BYTES 4

/* ---- parameters --------------------------------------------------------- */

size_t sa_saved_params_size(const sa_params *params)
{
    return LENGTH_BYTES + secagg_params_encoded_size(&params->own);
}

secagg_err sa_saved_params_write(sa_writer *w, const sa_params *params)
{
    const size_t size = secagg_params_encoded_size(&params->own);

    sa_write_u32(w, (uint32_t)size);
    if (size > w->left)
        return SECAGG_ERR_SIZE;
    SA_TRY(secagg_params_encode(&params->own, w->at, size));
    w->at += size;
    w->left -= size;
    return SECAGG_OK;
}

secagg_err sa_saved_params_read(sa_reader *r, secagg_params **params)
{
    uint32_t size = sa_read_u32(r);
    const uint8_t *bytes;
    secagg_err err;

    sa_declassify(&size, sizeof size);
    bytes = sa_read_view(r, size);
    if (bytes == NULL)
        return SECAGG_ERR_MESSAGE;
    sa_declassify(bytes, size);
    err = secagg_params_decode(params, bytes, size);
    return err == SECAGG_ERR_ARG ? SECAGG_ERR_MESSAGE : err;
}

/* ---- trusted keys ------------------------------------------------------- */

/* Allocate a list that is about to be read. */
static void make_list(sa_transfer *t, sa_trust *trust)
{
    const size_t map = sa_bitmap_bytes(trust->n);

    trust->map = sa_transfer_alloc(t, map, 1, map);
    trust->keys = sa_transfer_alloc(t, trust->n, sizeof *trust->keys, 0);
}

void sa_move_trust(sa_transfer *t, sa_trust *trust)
{
    bool any = trust->count > 0;

    sa_move_bool(t, &trust->declared_whole);
    sa_move_bool(t, &any);
    if (any && t->from != NULL)
        make_list(t, trust);
    if (!any || trust->map == NULL || trust->keys == NULL)
        return;
    sa_move_bitmap(t, trust->map, trust->n);
    if (t->from != NULL)
        trust->count = sa_bitmap_count(trust->map, trust->n);
    for (uint32_t i = 0; i < trust->n; i++)
        if (sa_bitmap_has(trust->map, i))
            sa_move_bytes(t, trust->keys[i], sizeof trust->keys[i]);
}
