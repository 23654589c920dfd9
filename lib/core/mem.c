/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

secagg_err sa_init(void)
{
    return sodium_init() >= 0 ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

void *sa_alloc(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    return calloc(count, size); /* refuses a product that overflows */
}

void *sa_realloc_wipe(void *ptr, size_t have, size_t want, size_t size)
{
    void *more = sa_alloc(want, size);

    if (more == NULL || ptr == NULL)
        return more;
    memcpy(more, ptr, have * size);
    sa_free(ptr, have * size);
    return more;
}

void sa_free(void *ptr, size_t len)
{
    if (ptr == NULL)
        return;
    sodium_memzero(ptr, len);
    free(ptr);
}

void sa_wipe(void *ptr, size_t len)
{
    sodium_memzero(ptr, len);
}

bool sa_ct_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

void secagg_wipe(void *ptr, size_t len)
{
    sodium_memzero(ptr, len);
}
