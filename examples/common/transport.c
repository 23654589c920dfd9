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
    net->links = calloc(count, sizeof *net->links);
    for (uint32_t i = 0; net->links != NULL && i < count; i++) {
        struct link *l = &net->links[i];
        l->server_end = (connection){ .transport = type, .fd = -1,
            .peer = &l->client_end };
        l->client_end = (connection){ .transport = type, .fd = -1,
            .peer = &l->server_end };
    }
    return net->links != NULL;
}

void network_close(network *net)
{
    for (uint32_t i = 0; net->links != NULL && i < net->count; i++)
        network_stop(net, i);
    free(net->links);
    memset(net, 0, sizeof *net);
}

bool network_start(network *net)
{
    for (uint32_t i = 0; i < net->count; i++) {
        if (!net->links[i].running && !net->transport->start(net, i))
            return false;
        net->links[i].running = true;
    }
    return true;
}

void network_stop(network *net, uint32_t index)
{
    net->links[index].running = false;
    net->links[index].held = false;
    net->transport->stop(net, index);
}

void network_hold(network *net, uint32_t index, bool hold)
{
    net->links[index].held = hold;
}

void network_kill(network *net, uint32_t index, bool hang)
{
    net->transport->kill(net, index, hang);
}

bool network_send(network *net, uint32_t to, uint8_t kind,
    const uint8_t *bytes, size_t len)
{
    return net->links[to].running
        && net->transport->send(&net->links[to].server_end, kind, bytes, len);
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
