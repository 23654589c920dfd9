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
    net->held = calloc(count, sizeof(bool));
    net->pids = calloc(count, sizeof(pid_t));
    if (net->server_end == NULL || net->client_end == NULL
        || net->running == NULL || net->held == NULL || net->pids == NULL)
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
    free(net->held);
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
    net->held[index] = false;
    net->transport->stop(net, index);
}

void network_hold(network *net, uint32_t index, bool hold)
{
    net->held[index] = hold;
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
