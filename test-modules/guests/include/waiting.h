/*
 * More ways to wait than net_poll, over Linux (waiting-posix.c) and over WASIX (waiting-wasix.c): how many bytes can be
 * read, eventfds, clocks among descriptors, epoll. Every function answers 0 or an errno, as in net.h.
 */
#ifndef WAITING_H
#define WAITING_H

#include "net.h"

/* How many bytes a read would find; FIONREAD. */
int net_available(int fd, int64_t *bytes);

/* A counter to wait for; eventfd(2). */
int net_event(uint64_t initial, int semaphore, int *fd);

/* ---- clocks ---------------------------------------------------------------------------------------------------- */

typedef struct net_clock {
    int realtime; /* else monotonic */
    int absolute; /* else from now on */
    int64_t ns;
    int fired;
} net_clock;

/* As net_poll, until something is ready or a clock has fired; `ready` counts descriptors only. */
int net_wait(net_pollfd *fds, size_t count, net_clock *clocks, size_t clock_count, size_t *ready);

/* Nanoseconds since 1970. */
int64_t net_realtime(void);

/* ---- epoll ----------------------------------------------------------------------------------------------------- */

/* The numbers are those of WASIX. */
enum {
    NET_EPOLL_IN = 1,
    NET_EPOLL_OUT = 2,
    NET_EPOLL_RDHUP = 4,
    NET_EPOLL_PRI = 8,
    NET_EPOLL_ERR = 16,
    NET_EPOLL_HUP = 32,
    NET_EPOLL_ET = 64,
    NET_EPOLL_ONESHOT = 128
};

enum { NET_EPOLL_ADD, NET_EPOLL_MOD, NET_EPOLL_DEL, NET_EPOLL_NO_OP };

typedef struct net_epoll_event {
    uint32_t events;
    uint64_t data;
} net_epoll_event;

#define NET_EPOLL_MOST 64

int net_epoll_create(int *set);
/* event may be null. */
int net_epoll_ctl(int set, int operation, int fd, const net_epoll_event *event);
/* Nanoseconds; NET_NO_TIME waits for ever. At most NET_EPOLL_MOST events. */
int net_epoll_wait(int set, net_epoll_event *events, int most, int64_t ns, size_t *count);

#endif
