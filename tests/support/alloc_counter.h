/* SPDX-License-Identifier: Apache-2.0 */
/* alloc_counter: count the bytes that the library allocates, or make its
 * allocations fail. The linker replaces the library's calls of malloc, calloc
 * and free by the functions below (LINK_test_memory in the Makefile, --wrap).
 * Only one file of a program may include this header. */
#ifndef ALLOC_COUNTER_H
#define ALLOC_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define MAX_BLOCKS 4096

/* The blocks allocated while count_allocs was set and not yet freed. */
static struct block {
    void *at;
    size_t size;
} blocks[MAX_BLOCKS];
static bool count_allocs; /* a test sets it around the calls to count */
static bool fail_allocs;  /* a test sets it to make each allocation fail */
static size_t live, peak; /* bytes in `blocks` now, and their maximum */
static size_t allocated;  /* bytes of all blocks, also of those freed since */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *ptr);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *ptr);

static void *count_block(void *ptr, size_t size)
{
    size_t i = 0;

    if (!count_allocs || ptr == NULL)
        return ptr;
    while (i < MAX_BLOCKS && blocks[i].at != NULL)
        i++;
    if (i == MAX_BLOCKS)
        abort();
    blocks[i] = (struct block){ ptr, size };
    live += size;
    allocated += size;
    peak = live > peak ? live : peak;
    return ptr;
}

void *__wrap_malloc(size_t size)
{
    return fail_allocs ? NULL : count_block(__real_malloc(size), size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fail_allocs ? NULL
                       : count_block(__real_calloc(count, size), count * size);
}

void __wrap_free(void *ptr)
{
    for (size_t i = 0; i < MAX_BLOCKS && ptr != NULL; i++)
        if (blocks[i].at == ptr) {
            live -= blocks[i].size;
            blocks[i] = (struct block){ NULL, 0 };
            break;
        }
    __real_free(ptr);
}

#endif
