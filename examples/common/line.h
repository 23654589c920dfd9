/* SPDX-License-Identifier: Apache-2.0 */
/* example_line: how bytes travel between the coordinator and the clients.
 * The library does no I/O and does not care: both ends see two functions,
 * send and receive, with queues in memory or socket pairs between processes
 * behind them. Put your own transport in their place. */
#ifndef EXAMPLE_LINE_H
#define EXAMPLE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/types.h>

#include "common/bytes.h"
#include "common/clock.h"

/* What a frame is: all but FRAME_MESSAGE is the host's own business. */
enum {
    FRAME_INVITE = 1,  /* to a client: parameters, index, global model */
    FRAME_MESSAGE = 2, /* either way: a message of the library's */
    FRAME_TIME = 3,    /* from a client: microseconds spent in the library */
    FRAME_LEFT = 4     /* from a client: the error for which it left */
};

typedef struct frame {
    struct frame *next;
    uint8_t kind;
    uint8_t *bytes; /* the receiver releases them with frame_free */
    size_t len;
} frame;

void frame_free(frame *f);

/* One end of a line. */
typedef struct line {
    /* False: the other end is gone. */
    bool (*send)(struct line *end, uint8_t kind, const uint8_t *bytes,
        size_t len);
    /* The next frame. NULL: the other end is gone, or, in one process, has
     * nothing more to say for now. */
    frame *(*receive)(struct line *end);

    struct line *other; /* in memory */
    frame *queue;       /* in memory: what came */
    int fd;             /* a process apart */
} line;

/* What a client does with its end: receive until there is nothing, and
 * answer. In one process it is called again whenever something came. */
typedef void serve_fn(void *client, line *end);

typedef struct network {
    uint32_t count;
    bool processes;
    serve_fn *serve;
    void **clients;
    line *here, *there; /* both ends of the line to each client */
    bool *alive;
    pid_t *pids;
    uint32_t turn; /* whose line is looked at first */
} network;

bool network_open(network *net, uint32_t count, bool processes,
    serve_fn *serve, void **clients);
void network_close(network *net);

/* Bring back whoever is down. */
bool network_start(network *net);

/* Kill a client: with `hang` it keeps its line and says no more. */
void network_kill(network *net, uint32_t index, bool hang);

/* See to it that nothing is left of one that was killed. */
void network_bury(network *net, uint32_t index);

/* The next frame of any client, waiting until then or for so many
 * milliseconds. NULL: nobody says anything. */
frame *network_receive(network *net, uint32_t *from, int milliseconds);

#endif
