/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* memory that is mapped from no file */

#include "common/transport.h"

#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

frame *frame_new(uint8_t kind, size_t len)
{
    frame *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->kind = kind;
    f->len = len;
    f->bytes = malloc(len > 0 ? len : 1);
    if (f->bytes == NULL) {
        free(f);
        return NULL;
    }
    return f;
}

void frame_free(frame *f)
{
    if (f != NULL)
        free(f->bytes);
    free(f);
}

uint32_t read_be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8
        | at[3];
}

uint8_t *write_be32(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
    return at + 4;
}

void *shared_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED ? memory : NULL;
}

void shared_memory_free(void *memory, size_t size)
{
    if (memory != NULL)
        munmap(memory, size);
}

/* ---- the network --------------------------------------------------------- */

bool network_open(network *net, const transport *type, uint32_t count,
    client_loop *run, void **clients)
{
    *net = (network){ .transport = type, .count = count, .run = run,
        .clients = clients };
    net->server_end = calloc(count, sizeof(connection));
    net->client_end = calloc(count, sizeof(connection));
    net->running = calloc(count, sizeof(bool));
    net->pids = calloc(count, sizeof(pid_t));
    if (net->server_end == NULL || net->client_end == NULL
        || net->running == NULL || net->pids == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        net->server_end[i] = (connection){ .transport = type, .fd = -1,
            .peer = &net->client_end[i] };
        net->client_end[i] = (connection){ .transport = type, .fd = -1,
            .peer = &net->server_end[i] };
    }
    return true;
}

void network_close(network *net)
{
    for (uint32_t i = 0; net->pids != NULL && i < net->count; i++)
        network_stop(net, i);
    free(net->server_end);
    free(net->client_end);
    free(net->running);
    free(net->pids);
    memset(net, 0, sizeof *net);
}

bool network_start(network *net)
{
    for (uint32_t i = 0; i < net->count; i++) {
        if (!net->running[i] && !net->transport->start(net, i))
            return false;
        net->running[i] = true;
    }
    return true;
}

void network_stop(network *net, uint32_t index)
{
    net->running[index] = false;
    net->transport->stop(net, index);
}

void network_kill(network *net, uint32_t index, bool hang)
{
    net->transport->kill(net, index, hang);
}

bool network_send(network *net, uint32_t to, uint8_t kind,
    const uint8_t *bytes, size_t len)
{
    return net->running[to]
        && net->transport->send(&net->server_end[to], kind, bytes, len);
}

frame *network_receive(network *net, uint32_t *from, double seconds)
{
    return net->transport->wait(net, from, seconds);
}

bool connection_send(connection *c, uint8_t kind, const uint8_t *bytes,
    size_t len)
{
    return c->transport->send(c, kind, bytes, len);
}

frame *connection_receive(connection *c)
{
    return c->transport->receive(c);
}

/* ---- clients in this process --------------------------------------------- */

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
        frame *f = memory_receive(&net->server_end[*from]);
        if (f != NULL) {
            net->next = *from + 1;
            return f;
        }
    }
    return NULL;
}

/* If no frame is there, run each client once: nobody else will send one. */
static frame *memory_wait(network *net, uint32_t *from, double seconds)
{
    frame *f = next_frame(net, from);
    (void)seconds;
    if (f != NULL)
        return f;
    for (uint32_t i = 0; i < net->count; i++)
        if (net->running[i])
            net->run(net->clients[i], &net->client_end[i]);
    return next_frame(net, from);
}

static void memory_stop(network *net, uint32_t index)
{
    frame *f;
    while ((f = memory_receive(&net->server_end[index])) != NULL)
        frame_free(f);
    while ((f = memory_receive(&net->client_end[index])) != NULL)
        frame_free(f);
}

static void memory_kill(network *net, uint32_t index, bool hang)
{
    (void)hang; /* the server does not wait for clients that are silent */
    network_stop(net, index);
}

const transport transport_memory = { memory_send, memory_receive,
    memory_start, memory_wait, memory_kill, memory_stop };
