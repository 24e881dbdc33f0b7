/*
 * echo-server PORT [HOST]: sends back what it receives, to many clients at once, and never ends by itself.
 *
 * One poll loop over non-blocking sockets. A client that half-closes gets everything it sent and is then closed; one
 * that resets is dropped. While no descriptor is left for a new client the listener rests, so that the loop does not
 * spin and those who are connected are served.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"

#define BACKLOG 1024
#define BUFFER 16384
#define REST_NS INT64_C(100000000)

typedef struct client {
    int fd;
    int ended; /* the peer sends no more */
    size_t start;
    size_t end;
    char data[BUFFER];
} client;

static client **clients;
static net_pollfd *fds; /* fds[0] is the listener, fds[i + 1] belongs to clients[i] */
static size_t count;
static size_t room;
static int64_t rest_until;

static int grow(void) {
    size_t larger = room == 0 ? 64 : room * 2;
    client **more_clients = realloc(clients, larger * sizeof *clients);
    if (more_clients != NULL) {
        clients = more_clients;
    }
    net_pollfd *more_fds = realloc(fds, (larger + 1) * sizeof *fds);
    if (more_fds != NULL) {
        fds = more_fds;
    }
    if (more_clients == NULL || more_fds == NULL) {
        return 0;
    }
    room = larger;
    return 1;
}

static void add(int fd) {
    client *added = NULL;
    if (count < room || grow()) {
        added = malloc(sizeof *added);
    }
    if (added == NULL) {
        net_close(fd);
        return;
    }
    added->fd = fd;
    added->ended = 0;
    added->start = 0;
    added->end = 0;
    fds[count + 1].got = 0;
    clients[count++] = added;
}

static void accept_all(int listener) {
    static int last_error;
    for (int i = 0; i < 64; i++) {
        int fd;
        int error = net_accept(listener, NET_NONBLOCK, &fd, NULL);
        if (error == 0) {
            last_error = 0;
            net_set_flag(fd, NET_NO_DELAY, 1);
            add(fd);
        } else if (error == EAGAIN) {
            return;
        } else if (error != ECONNABORTED && error != EINTR) {
            if (error != last_error) {
                fprintf(stderr, "accept: %s\n", net_errname(error)); /* once, not ten times a second */
                last_error = error;
            }
            rest_until = net_now() + REST_NS;
            return;
        }
    }
}

/* Reads what fits and writes what it can. Answers 0 when the client is done. */
static int serve(client *c) {
    for (int rounds = 0; rounds < 4; rounds++) {
        size_t moved;
        int error;
        int progress = 0;
        if (!c->ended && c->end < BUFFER) {
            error = net_recv(c->fd, c->data + c->end, BUFFER - c->end, 0, &moved);
            if (error == 0) {
                c->ended = moved == 0;
                c->end += moved;
                progress = 1;
            } else if (error != EAGAIN && error != EINTR) {
                return 0;
            }
        }
        if (c->start < c->end) {
            error = net_send(c->fd, c->data + c->start, c->end - c->start, 0, &moved);
            if (error == 0) {
                c->start += moved;
                progress = 1;
            } else if (error != EAGAIN && error != EINTR) {
                return 0;
            }
        }
        if (c->start == c->end) {
            c->start = 0;
            c->end = 0;
            if (c->ended) {
                return 0;
            }
        } else if (c->start > 0 && c->end == BUFFER) {
            memmove(c->data, c->data + c->start, c->end - c->start);
            c->end -= c->start;
            c->start = 0;
        }
        if (!progress) {
            break;
        }
    }
    return 1;
}

int main(int argc, char **argv) {
    int listener = net_start_server(argc, argv, BACKLOG);
    if (!grow()) {
        return 1;
    }
    for (;;) {
        int64_t wait = NET_NO_TIME;
        size_t ready;
        fds[0].fd = listener;
        fds[0].want = NET_READ;
        if (rest_until != 0) {
            wait = rest_until - net_now();
            if (wait > 0) {
                fds[0].want = 0;
            } else {
                rest_until = 0;
                wait = NET_NO_TIME;
            }
        }
        for (size_t i = 0; i < count; i++) {
            client *c = clients[i];
            fds[i + 1].fd = c->fd;
            fds[i + 1].want = (!c->ended && c->end < BUFFER ? NET_READ : 0u) | (c->start < c->end ? NET_WRITE : 0u);
        }
        int error = net_poll(fds, count + 1, wait, &ready);
        if (error == EINTR) {
            continue;
        }
        if (error != 0) {
            fprintf(stderr, "poll: %s\n", net_errname(error));
            return 1;
        }
        for (size_t i = 0; i < count;) {
            if (fds[i + 1].got != 0 && !serve(clients[i])) {
                net_close(clients[i]->fd);
                free(clients[i]);
                count--;
                clients[i] = clients[count];
                fds[i + 1].got = fds[count + 1].got;
            } else {
                i++;
            }
        }
        if (fds[0].got & NET_ERROR) {
            fprintf(stderr, "listener: %s\n", net_errname(fds[0].error));
            return 1;
        }
        if (fds[0].got != 0) {
            accept_all(listener);
        }
    }
}
