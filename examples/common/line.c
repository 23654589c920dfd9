/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include "common/line.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define FRAME_HEAD 5 /* kind, length */
#define FRAME_MAX (1u << 24)

void frame_free(frame *f)
{
    if (f != NULL)
        free(f->bytes);
    free(f);
}

static frame *frame_new(uint8_t kind, size_t len)
{
    frame *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->kind = kind;
    f->len = len;
    f->bytes = malloc(len > 0 ? len : 1);
    if (f->bytes == NULL) {
        frame_free(f);
        return NULL;
    }
    return f;
}

/* ---- queues in memory ------------------------------------------------- */

static bool memory_send(line *end, uint8_t kind, const uint8_t *bytes,
    size_t len)
{
    frame *f = frame_new(kind, len), **last = &end->other->queue;
    if (f == NULL)
        return false;
    memcpy(f->bytes, bytes, len);
    while (*last != NULL)
        last = &(*last)->next;
    *last = f;
    return true;
}

static frame *memory_receive(line *end)
{
    frame *f = end->queue;
    if (f != NULL)
        end->queue = f->next;
    return f;
}

static void memory_empty(line *end)
{
    frame *f;
    while ((f = memory_receive(end)) != NULL)
        frame_free(f);
}

static frame *memory_any(network *net, uint32_t *from)
{
    for (uint32_t k = 0; k < net->count; k++) {
        uint32_t i = (net->turn + k) % net->count;
        frame *f = net->alive[i] ? memory_receive(&net->here[i]) : NULL;
        if (f != NULL) {
            *from = i;
            net->turn = i + 1;
            return f;
        }
    }
    return NULL;
}

/* Nothing has come yet: let each client work on what it was sent. */
static frame *memory_wait(network *net, uint32_t *from)
{
    frame *f = memory_any(net, from);
    if (f != NULL)
        return f;
    for (uint32_t i = 0; i < net->count; i++)
        if (net->alive[i])
            net->serve(net->clients[i], &net->there[i]);
    return memory_any(net, from);
}

/* ---- socket pairs ------------------------------------------------------ */

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_all(int fd, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = recv(fd, bytes, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool socket_send(line *end, uint8_t kind, const uint8_t *bytes,
    size_t len)
{
    uint8_t head[FRAME_HEAD] = { kind };
    if (end->fd < 0 || len > FRAME_MAX)
        return false;
    write_be32(head + 1, len);
    return write_all(end->fd, head, sizeof head)
        && write_all(end->fd, bytes, len);
}

/* A length is the other side's word: look at it before it is believed. */
static frame *socket_receive(line *end)
{
    uint8_t head[FRAME_HEAD];
    if (end->fd < 0 || !read_all(end->fd, head, sizeof head))
        return NULL;
    size_t len = read_be32(head + 1);
    if (len > FRAME_MAX)
        return NULL;
    frame *f = frame_new(head[0], len);
    if (f != NULL && !read_all(end->fd, f->bytes, len)) {
        frame_free(f);
        return NULL;
    }
    return f;
}

static void socket_hang_up(network *net, uint32_t i)
{
    if (net->here[i].fd >= 0)
        close(net->here[i].fd);
    net->here[i].fd = -1;
    net->alive[i] = false;
}

/* A descriptor below 0 is passed over by poll: whoever hung up is silent. */
static frame *socket_wait(network *net, uint32_t *from, int milliseconds)
{
    struct pollfd *fds = calloc(net->count, sizeof *fds);
    frame *f = NULL;
    if (fds == NULL)
        return NULL;
    for (uint32_t i = 0; i < net->count; i++)
        fds[i] = (struct pollfd){ net->here[i].fd, POLLIN, 0 };
    int ready = poll(fds, net->count, milliseconds);
    for (uint32_t k = 0; ready > 0 && f == NULL && k < net->count; k++) {
        uint32_t i = (net->turn + k) % net->count;
        if (fds[i].fd < 0 || fds[i].revents == 0)
            continue;
        f = socket_receive(&net->here[i]);
        *from = i;
        if (f == NULL)
            socket_hang_up(net, i);
    }
    net->turn = *from + 1;
    free(fds);
    return f;
}

/* The child keeps its own end only, or a dead coordinator would go unseen. */
static void child(network *net, uint32_t i, int fd)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* one that hangs sees no line break */
#endif
    for (uint32_t k = 0; k < net->count; k++)
        if (net->here[k].fd >= 0)
            close(net->here[k].fd);
    net->there[i].fd = fd;
    net->serve(net->clients[i], &net->there[i]);
    close(fd);
    _exit(0);
}

/* Reap a process that was killed, hung or has ended. */
static void socket_reap(network *net, uint32_t i)
{
    socket_hang_up(net, i);
    if (net->pids[i] > 0) {
        kill(net->pids[i], SIGKILL);
        while (waitpid(net->pids[i], NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    net->pids[i] = 0;
}

static bool socket_start(network *net, uint32_t i)
{
    int pair[2];
    struct timeval patience = { 10, 0 };
    socket_reap(net, i);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return false;
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    net->here[i].fd = pair[0];
    fflush(NULL);
    net->pids[i] = fork();
    if (net->pids[i] == 0)
        child(net, i, pair[1]);
    close(pair[1]);
    return net->pids[i] > 0;
}

/* ---- the network -------------------------------------------------------- */

bool network_open(network *net, uint32_t count, bool processes,
    serve_fn *serve, void **clients)
{
    *net = (network){ count, processes, serve, clients, NULL, NULL, NULL,
        NULL, 0 };
    net->here = calloc(count, sizeof(line));
    net->there = calloc(count, sizeof(line));
    net->alive = calloc(count, sizeof(bool));
    net->pids = calloc(count, sizeof(pid_t));
    if (net->here == NULL || net->there == NULL || net->alive == NULL
        || net->pids == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        net->here[i].send = processes ? socket_send : memory_send;
        net->here[i].receive = processes ? socket_receive : memory_receive;
        net->here[i].fd = -1;
        net->there[i] = net->here[i];
        net->here[i].other = &net->there[i];
        net->there[i].other = &net->here[i];
    }
    return true;
}

void network_close(network *net)
{
    for (uint32_t i = 0; net->pids != NULL && i < net->count; i++) {
        memory_empty(&net->here[i]);
        memory_empty(&net->there[i]);
        if (net->processes)
            socket_reap(net, i);
    }
    free(net->here);
    free(net->there);
    free(net->alive);
    free(net->pids);
    memset(net, 0, sizeof *net);
}

bool network_start(network *net)
{
    for (uint32_t i = 0; i < net->count; i++) {
        if (net->alive[i])
            continue;
        if (net->processes && !socket_start(net, i))
            return false;
        net->alive[i] = true;
    }
    return true;
}

/* A process is killed for real; its line is seen to break, or to be silent,
 * as that of a machine that went down would be. */
void network_kill(network *net, uint32_t index, bool hang)
{
    if (net->processes) {
        if (net->pids[index] > 0)
            kill(net->pids[index], hang ? SIGSTOP : SIGKILL);
        return;
    }
    memory_empty(&net->here[index]);
    memory_empty(&net->there[index]);
    net->alive[index] = false;
}

void network_bury(network *net, uint32_t index)
{
    if (net->processes)
        socket_reap(net, index);
    net->alive[index] = false;
}

frame *network_receive(network *net, uint32_t *from, int milliseconds)
{
    *from = net->turn % net->count;
    return net->processes ? socket_wait(net, from, milliseconds)
                          : memory_wait(net, from);
}
