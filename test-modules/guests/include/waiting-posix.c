/* waiting.h on Linux. A clock is a timerfd, so that the kernel and nobody else decides when it fires. */
#include "waiting.h"

#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int result(long value) {
    return value < 0 ? errno : 0;
}

int net_available(int fd, int64_t *bytes) {
    int value = 0;
    int error = result(ioctl(fd, FIONREAD, &value));
    *bytes = value;
    return error;
}

int net_event(uint64_t initial, int semaphore, int *fd) {
    *fd = eventfd(0, EFD_CLOEXEC | (semaphore ? EFD_SEMAPHORE : 0));
    if (*fd >= 0 && initial != 0 && write(*fd, &initial, sizeof initial) < 0) {
        return errno;
    }
    return result(*fd);
}

int64_t net_realtime(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int timer(const net_clock *clock) {
    int64_t ns = clock->ns > 0 ? clock->ns : 1; /* 0 would disarm it */
    struct itimerspec when = {.it_value = {ns / 1000000000, ns % 1000000000}};
    int fd = timerfd_create(clock->realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (fd >= 0) {
        timerfd_settime(fd, clock->absolute ? TFD_TIMER_ABSTIME : 0, &when, NULL);
    }
    return fd;
}

int net_wait(net_pollfd *fds, size_t count, net_clock *clocks, size_t clock_count, size_t *ready) {
    net_pollfd all[32];
    size_t found;
    if (count + clock_count > sizeof all / sizeof all[0]) {
        return EINVAL;
    }
    memcpy(all, fds, count * sizeof *fds);
    for (size_t i = 0; i < clock_count; i++) {
        all[count + i] = (net_pollfd){.fd = timer(&clocks[i]), .want = NET_READ};
    }
    int error = net_poll(all, count + clock_count, NET_NO_TIME, &found);
    memcpy(fds, all, count * sizeof *fds);
    *ready = 0;
    for (size_t i = 0; i < count; i++) {
        *ready += fds[i].got != 0;
    }
    for (size_t i = 0; i < clock_count; i++) {
        clocks[i].fired = all[count + i].got != 0;
        close(all[count + i].fd);
    }
    return error;
}

static const struct {
    uint32_t ours;
    uint32_t host;
} bits[] = {
    {NET_EPOLL_IN, EPOLLIN},
    {NET_EPOLL_OUT, EPOLLOUT},
    {NET_EPOLL_RDHUP, EPOLLRDHUP},
    {NET_EPOLL_PRI, EPOLLPRI},
    {NET_EPOLL_ERR, EPOLLERR},
    {NET_EPOLL_HUP, EPOLLHUP},
    {NET_EPOLL_ET, EPOLLET},
    {NET_EPOLL_ONESHOT, EPOLLONESHOT},
};

int net_epoll_create(int *set) {
    *set = epoll_create1(EPOLL_CLOEXEC);
    return result(*set);
}

int net_epoll_ctl(int set, int operation, int fd, const net_epoll_event *event) {
    static const int operations[] = {EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL, 77};
    struct epoll_event host = {0};
    if (event != NULL) {
        host.data.u64 = event->data;
        for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
            host.events |= event->events & bits[i].ours ? bits[i].host : 0;
        }
    }
    return result(epoll_ctl(set, operations[operation], fd, event == NULL ? NULL : &host));
}

int net_epoll_wait(int set, net_epoll_event *events, int most, int64_t ns, size_t *count) {
    struct epoll_event host[NET_EPOLL_MOST];
    int found = epoll_wait(
            set, host, most > NET_EPOLL_MOST ? NET_EPOLL_MOST : most, ns < 0 ? -1 : (int)((ns + 999999) / 1000000));
    *count = found < 0 ? 0 : (size_t)found;
    for (int i = 0; i < found; i++) {
        events[i] = (net_epoll_event){0, host[i].data.u64};
        for (size_t j = 0; j < sizeof bits / sizeof bits[0]; j++) {
            events[i].events |= host[i].events & bits[j].host ? bits[j].ours : 0;
        }
    }
    return result(found);
}
