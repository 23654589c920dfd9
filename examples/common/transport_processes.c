/* SPDX-License-Identifier: Apache-2.0 */
/* A process for each client, at the other end of a pair of sockets. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "common/transport.h"

#define FRAME_HEAD 5 /* kind, length */
#define FRAME_MAX (1u << 24)

/* ---- frames on a socket -------------------------------------------------- */

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

static bool process_send(connection *c, uint8_t kind, const uint8_t *bytes,
    size_t len)
{
    uint8_t head[FRAME_HEAD] = { kind };
    if (c->fd < 0 || len > FRAME_MAX)
        return false;
    write_be32(head + 1, len);
    return write_all(c->fd, head, sizeof head)
        && write_all(c->fd, bytes, len);
}

/* The length comes from the other side: it is checked before it is used. */
static frame *process_receive(connection *c)
{
    uint8_t head[FRAME_HEAD];
    if (c->fd < 0 || !read_all(c->fd, head, sizeof head))
        return NULL;
    size_t len = read_be32(head + 1);
    if (len > FRAME_MAX)
        return NULL;
    frame *f = frame_new(head[0], len);
    if (f != NULL && !read_all(c->fd, f->bytes, len)) {
        frame_free(f);
        return NULL;
    }
    return f;
}

/* ---- waiting ------------------------------------------------------------- */

static void close_connection(network *net, uint32_t index)
{
    connection *c = &net->links[index].server_end;
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    net->links[index].running = false;
}

static frame *receive_or_close(network *net, uint32_t index)
{
    frame *f = process_receive(&net->links[index].server_end);
    if (f != NULL)
        return f;
    close_connection(net, index);
    return frame_new(FRAME_CLOSED, 0);
}

/* poll() ignores descriptors below 0, which are connections that are closed or
 * held. */
static frame *process_wait(network *net, uint32_t *from, double seconds)
{
    struct pollfd *fds = calloc(net->count, sizeof *fds);
    frame *f = NULL;
    if (fds == NULL)
        return NULL;
    for (uint32_t i = 0; i < net->count; i++)
        fds[i] = (struct pollfd){
            net->links[i].held ? -1 : net->links[i].server_end.fd, POLLIN, 0 };
    int ready = poll(fds, net->count, (int)(1000 * seconds));
    for (uint32_t k = 0; ready > 0 && k < net->count; k++) {
        *from = (net->next + k) % net->count;
        if (fds[*from].fd >= 0 && fds[*from].revents != 0) {
            f = receive_or_close(net, *from);
            break;
        }
    }
    net->next = *from + 1;
    free(fds);
    return f;
}

/* ---- processes ----------------------------------------------------------- */

/* The child closes the server's ends that it inherited: its own connection
 * would not break otherwise when the server dies. A child that hangs does not
 * see that, so that on Linux the system kills it. */
static void run_child(network *net, uint32_t index, int fd)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    for (uint32_t k = 0; k < net->count; k++)
        if (net->links[k].server_end.fd >= 0)
            close(net->links[k].server_end.fd);
    net->links[index].client_end.fd = fd;
    net->run(net->clients[index], &net->links[index].client_end);
    close(fd);
    _exit(0);
}

static bool process_start(network *net, uint32_t index)
{
    int pair[2];
    struct timeval timeout = { 10, 0 };
    network_stop(net, index);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return false;
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    net->links[index].server_end.fd = pair[0];
    fflush(NULL);
    net->links[index].pid = fork();
    if (net->links[index].pid == 0)
        run_child(net, index, pair[1]);
    close(pair[1]);
    return net->links[index].pid > 0;
}

static void process_kill(network *net, uint32_t index, bool hang)
{
    if (net->links[index].pid > 0)
        kill(net->links[index].pid, hang ? SIGSTOP : SIGKILL);
}

static void process_stop(network *net, uint32_t index)
{
    close_connection(net, index);
    if (net->links[index].pid > 0) {
        kill(net->links[index].pid, SIGKILL);
        while (waitpid(net->links[index].pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    net->links[index].pid = 0;
}

const transport transport_processes = { process_send, process_receive,
    process_start, process_wait, process_kill, process_stop };
