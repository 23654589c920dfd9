/* SPDX-License-Identifier: Apache-2.0 */
/* The transport: frames of bytes between the server and each client. The
 * library does no I/O; replace this module by your own network code.
 *
 * There are two transports. transport_memory keeps frames in queues and runs
 * the clients in this process, in several threads if asked, whenever the
 * server waits. transport_processes forks a process for each client and
 * connects it by a pair of sockets. */
#ifndef EXAMPLE_TRANSPORT_H
#define EXAMPLE_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/types.h>

#define MAX_THREADS 64

/* The kinds of frames. Only FRAME_MESSAGE concerns the library. */
enum {
    FRAME_INVITE = 1,  /* to a client: index, parameters, global model */
    FRAME_MESSAGE = 2, /* either way: a message of the library */
    FRAME_LEFT = 3,    /* from a client: the error for which it left */
    FRAME_CLOSED = 4   /* made by the transport: the connection broke */
};

typedef struct frame {
    struct frame *next; /* in a queue */
    uint8_t kind;
    uint8_t *bytes;
    size_t len;
} frame;

/* Allocate a frame with space for len bytes. NULL: no memory. */
frame *frame_new(uint8_t kind, size_t len);
void frame_free(frame *f);

/* One end of a connection between the server and a client. */
typedef struct connection {
    const struct transport *transport;
    struct connection *peer; /* memory: the other end */
    frame *queue;            /* memory: frames that arrived */
    int fd;                  /* processes: the socket */
} connection;

/* The client's side. Send returns false if the other end is gone. Receive
 * returns NULL if it is gone or, in memory, if no frame is there now. The
 * caller frees the frame. */
bool connection_send(connection *c, uint8_t kind, const uint8_t *bytes,
    size_t len);
frame *connection_receive(connection *c);

/* A client: receive frames and answer them until there are none. In memory it
 * is called again whenever the server waits. */
typedef void client_loop(void *client, connection *server);

/* The server's connection to one client. */
struct link {
    connection server_end, client_end;
    bool running; /* the client can be reached */
    bool held;    /* its frames are held back */
    pid_t pid;    /* processes */
};

typedef struct network {
    const struct transport *transport;
    uint32_t count;
    client_loop *run;
    void **clients; /* arguments of `run` */
    struct link *links;
    uint32_t next; /* client whose frames are looked for first */
    uint32_t threads; /* memory: run the clients in so many; 0: in none */
} network;

/* `clients` must live as long as the network. False: no memory. */
bool network_open(network *net, const struct transport *type,
    uint32_t count, client_loop *run, void **clients);
void network_close(network *net);

/* Start every client that is not running. */
bool network_start(network *net);

/* The server's side. Send returns false if the client cannot be reached.
 * Receive waits for a frame of any client; NULL: none came in time, or none
 * can come in memory. The caller frees the frame. */
bool network_send(network *net, uint32_t to, uint8_t kind,
    const uint8_t *bytes, size_t len);
frame *network_receive(network *net, uint32_t *from, double seconds);

/* Hold back the frames of a client, or deliver them late. */
void network_hold(network *net, uint32_t index, bool hold);

/* Kill a client as if its machine went down; with `hang` its connection stays
 * open and silent. After network_stop() it can be started again. */
void network_kill(network *net, uint32_t index, bool hang);
void network_stop(network *net, uint32_t index);

/* The functions of a transport. */
typedef struct transport {
    bool (*send)(connection *c, uint8_t kind, const uint8_t *bytes,
        size_t len);
    frame *(*receive)(connection *c);
    bool (*start)(network *net, uint32_t index);
    frame *(*wait)(network *net, uint32_t *from, double seconds);
    void (*kill)(network *net, uint32_t index, bool hang);
    void (*stop)(network *net, uint32_t index);
} transport;

extern const transport transport_memory, transport_processes;

/* Numbers in frames, most significant byte first. Write returns the position
 * behind the number. */
uint32_t read_be32(const uint8_t *at);
uint8_t *write_be32(uint8_t *at, size_t value);

/* Zeroed memory that this process and the clients share. NULL: none left. */
void *shared_memory(size_t size);
void shared_memory_free(void *memory, size_t size);

#endif
