/* SPDX-License-Identifier: Apache-2.0 */
/* counted: what the library allocates, by the byte. Its own calls come through
 * the functions here: the linker sends them (LINK_test_ in the Makefile, with
 * --wrap). For one file of a program. */
#ifndef ALLOC_COUNTER_H
#define ALLOC_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define COUNTED_BLOCKS 4096

/* Blocks that were allocated while count_allocs, and the bytes asked for. */
static struct block {
    void *at;
    size_t size;
} blocks[COUNTED_BLOCKS];
static bool count_allocs;  /* what is allocated now counts */
static bool fail_allocs; /* there is no memory */
static size_t live, peak;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *ptr);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *ptr);

static void *note(void *ptr, size_t size)
{
    size_t i = 0;

    if (!count_allocs || ptr == NULL)
        return ptr;
    while (i < COUNTED_BLOCKS && blocks[i].at != NULL)
        i++;
    if (i == COUNTED_BLOCKS)
        abort();
    blocks[i] = (struct block){ ptr, size };
    live += size;
    peak = live > peak ? live : peak;
    return ptr;
}

void *__wrap_malloc(size_t size)
{
    return fail_allocs ? NULL : note(__real_malloc(size), size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fail_allocs ? NULL : note(__real_calloc(count, size), count * size);
}

void __wrap_free(void *ptr)
{
    for (size_t i = 0; i < COUNTED_BLOCKS && ptr != NULL; i++)
        if (blocks[i].at == ptr) {
            live -= blocks[i].size;
            blocks[i] = (struct block){ NULL, 0 };
            break;
        }
    __real_free(ptr);
}

#endif
