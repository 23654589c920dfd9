/* SPDX-License-Identifier: Apache-2.0 */
/* Clients in this process, at the other end of two queues. */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/transport.h"

static bool memory_send(connection *c, uint8_t kind, const uint8_t *bytes,
    size_t len)
{
    frame *f = frame_new(kind, len), **last = &c->peer->queue;
    if (f == NULL)
        return false;
    memcpy(f->bytes, bytes, len);
    while (*last != NULL)
        last = &(*last)->next;
    *last = f;
    return true;
}

static frame *memory_receive(connection *c)
{
    frame *f = c->queue;
    if (f != NULL)
        c->queue = f->next;
    return f;
}

static bool memory_start(network *net, uint32_t index)
{
    (void)net, (void)index;
    return true;
}

/* Clients are served in turn, so that none is preferred. */
static frame *next_frame(network *net, uint32_t *from)
{
    for (uint32_t k = 0; k < net->count; k++) {
        *from = (net->next + k) % net->count;
        frame *f = net->links[*from].held
            ? NULL
            : memory_receive(&net->links[*from].server_end);
        if (f != NULL) {
            net->next = *from + 1;
            return f;
        }
    }
    return NULL;
}

/* Run every step-th client once. */
static void run_clients(network *net, uint32_t first, uint32_t step)
{
    for (uint32_t i = first; i < net->count; i += step)
        if (net->links[i].running)
            net->run(net->clients[i], &net->links[i].client_end);
}

typedef struct worker {
    pthread_t thread;
    network *net;
    uint32_t first;
} worker;

static void *work(void *arg)
{
    worker *w = arg;
    run_clients(w->net, w->first, w->net->threads);
    return NULL;
}

/* The caller does the work of threads that the system does not provide. */
static void run_threads(network *net)
{
    worker workers[MAX_THREADS];
    uint32_t running = 0;
    for (; running < net->threads; running++) {
        worker *w = &workers[running];
        *w = (worker){ .net = net, .first = running };
        if (pthread_create(&w->thread, NULL, work, w) != 0)
            break;
    }
    for (uint32_t i = running; i < net->threads; i++)
        run_clients(net, i, net->threads);
    for (uint32_t i = 0; i < running; i++)
        (void)pthread_join(workers[i].thread, NULL);
}

/* If no frame is there, run each client once: nobody else will send one. */
static frame *memory_wait(network *net, uint32_t *from, double seconds)
{
    frame *f = next_frame(net, from);
    (void)seconds;
    if (f != NULL)
        return f;
    if (net->threads > 0)
        run_threads(net);
    else
        run_clients(net, 0, 1);
    return next_frame(net, from);
}

static void memory_stop(network *net, uint32_t index)
{
    frame *f;
    while ((f = memory_receive(&net->links[index].server_end)) != NULL)
        frame_free(f);
    while ((f = memory_receive(&net->links[index].client_end)) != NULL)
        frame_free(f);
}

static void memory_kill(network *net, uint32_t index, bool hang)
{
    (void)hang; /* the server does not wait for clients that are silent */
    network_stop(net, index);
}

const transport transport_memory = { memory_send, memory_receive,
    memory_start, memory_wait, memory_kill, memory_stop };
