/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/system_random.h"

/* Precedes each allocation and stores its length, so that sa_free can wipe it.
 * Its size preserves the alignment of calloc. */
typedef union header {
    size_t len; /* bytes after the header */
    max_align_t align;
} header;

static header *header_of(void *ptr)
{
    return (header *)ptr - 1;
}

/* sodium_init() selects code for this processor and seeds libsodium's random
 * generator, which this library does not use. If there is nothing to seed it
 * with, libsodium ends the process; so it is not called then, and libsodium
 * keeps its portable code. */
secagg_err sa_init(void)
{
    const int saved = errno; /* the host's */
    uint8_t probe[16];
    int result = 0;

    if (sa_system_random(probe, sizeof probe))
        result = sodium_init();
    sa_wipe(probe, sizeof probe);
    errno = saved;
    return result >= 0 ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

/* calloc() and free() that leave the host's errno as it was. */

static void *allocate(size_t size)
{
    const int saved = errno;
    void *ptr = calloc(1, size);

    errno = saved;
    return ptr;
}

static void release(void *ptr)
{
    const int saved = errno;

    free(ptr);
    errno = saved;
}

void *sa_alloc(size_t count, size_t size)
{
    header *h;

    if (size != 0 && count > (SIZE_MAX - sizeof *h) / size)
        return NULL;
    h = allocate(sizeof *h + count * size);
    if (h == NULL)
        return NULL;
    h->len = count * size;
    return h + 1;
}

void *sa_realloc_wipe(void *ptr, size_t count, size_t size)
{
    void *larger = sa_alloc(count, size);

    if (larger == NULL || ptr == NULL)
        return larger;
    memcpy(larger, ptr, header_of(ptr)->len);
    sa_free(ptr);
    return larger;
}

void sa_free(void *ptr)
{
    header *h;

    if (ptr == NULL)
        return;
    h = header_of(ptr);
    sodium_memzero(h, sizeof *h + h->len);
    release(h);
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
