/*
 * A server of requests and answers: one level-triggered epoll loop over non-blocking connections. Requests may come in
 * pieces or many at once. Who includes this defines answer_requests and calls serve_for_ever.
 */
#ifndef EPOLL_SERVER_H
#define EPOLL_SERVER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "raw-epoll.h"
#include "net.h"

#define BACKLOG 1024
#define EVENTS 256
#define ROOM 4096
#define LISTENER UINT32_MAX

typedef struct client {
    int fd; /* -1 when the place is free */
    int watching; /* what is waited for */
    size_t in_used;
    size_t out_start;
    size_t out_used;
    char in[ROOM];
    char out[ROOM];
} client;

/*
 * Makes answers in `out` of whole requests in `in`, as many as there is room for, and takes those out of `in`. Answers 0
 * when the connection is to end.
 */
static int answer_requests(client *c);

static client **clients;
static uint32_t *spare; /* places that are free */
static size_t room;
static size_t spares;
static int set;

/* A free place, or LISTENER when there is no memory for one. */
static uint32_t take_place(void) {
    if (spares == 0) {
        size_t larger = room == 0 ? 64 : room * 2;
        client **more = realloc(clients, larger * sizeof *clients);
        if (more == NULL) {
            return LISTENER;
        }
        clients = more;
        uint32_t *more_spare = realloc(spare, larger * sizeof *spare);
        if (more_spare == NULL) {
            return LISTENER;
        }
        spare = more_spare;
        for (size_t i = room; i < larger; i++) {
            clients[i] = NULL;
            spare[spares++] = (uint32_t)i;
        }
        room = larger;
    }
    uint32_t place = spare[spares - 1];
    if (clients[place] == NULL) {
        clients[place] = malloc(sizeof **clients);
        if (clients[place] == NULL) {
            return LISTENER;
        }
    }
    spares--;
    return place;
}

static void drop(uint32_t place) {
    net_close(clients[place]->fd);
    clients[place]->fd = -1;
    spare[spares++] = place;
}

static void accept_all(int listener) {
    for (;;) {
        int fd;
        int error = net_accept(listener, NET_NONBLOCK, &fd, NULL);
        if (error == ECONNABORTED || error == EINTR) {
            continue;
        }
        if (error != 0) {
            if (error != EAGAIN) {
                fprintf(stderr, "accept: %s\n", net_errname(error));
                exit(1);
            }
            return;
        }
        uint32_t place = take_place();
        if (place == LISTENER) {
            net_close(fd);
            continue;
        }
        client *c = clients[place];
        c->fd = fd;
        c->watching = EP_IN;
        c->in_used = 0;
        c->out_start = 0;
        c->out_used = 0;
        net_set_flag(fd, NET_NO_DELAY, 1);
        if (ep_ctl(set, EP_ADD, fd, EP_IN, place) != 0) {
            drop(place);
        }
    }
}

/* Answers 0 when the connection is over. */
static int serve(uint32_t place) {
    client *c = clients[place];
    size_t moved;
    int error;
    if (c->in_used < ROOM) {
        error = net_recv(c->fd, c->in + c->in_used, ROOM - c->in_used, 0, &moved);
        if (error == 0) {
            if (moved == 0) {
                return 0;
            }
            c->in_used += moved;
        } else if (error != EAGAIN && error != EINTR) {
            return 0;
        }
    }
    do {
        if (!answer_requests(c)) {
            return 0;
        }
        if (c->out_start == c->out_used) {
            break;
        }
        error = net_send(c->fd, c->out + c->out_start, c->out_used - c->out_start, 0, &moved);
        if (error == 0) {
            c->out_start += moved;
            if (c->out_start == c->out_used) {
                c->out_start = 0;
                c->out_used = 0;
            }
        } else if (error != EAGAIN && error != EINTR) {
            return 0;
        }
    } while (c->out_used == 0);
    int watch = (c->in_used < ROOM ? EP_IN : 0) | (c->out_used > 0 ? EP_OUT : 0);
    if (watch != c->watching) {
        c->watching = watch;
        return ep_ctl(set, EP_MOD, c->fd, (uint32_t)watch, place) == 0;
    }
    return 1;
}

static int serve_for_ever(int argc, char **argv) {
    static epoll_entry entries[EVENTS];
    int listener = net_start_server(argc, argv, BACKLOG);
    if (ep_create(&set) != 0 || ep_ctl(set, EP_ADD, listener, EP_IN, LISTENER) != 0) {
        fprintf(stderr, "no epoll\n");
        return 1;
    }
    for (;;) {
        int count;
        int error = ep_wait(set, entries, EVENTS, &count);
        if (error == EINTR) {
            continue;
        }
        if (error != 0) {
            fprintf(stderr, "epoll_wait: %s\n", net_errname(error));
            return 1;
        }
        for (int i = 0; i < count; i++) {
            uint32_t place = ep_index(&entries[i]);
            if (place == LISTENER) {
                accept_all(listener);
            } else if (clients[place]->fd >= 0 && !serve(place)) {
                drop(place);
            }
        }
    }
}

#endif
