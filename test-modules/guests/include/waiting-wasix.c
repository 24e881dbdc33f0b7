/* waiting.h on the WASIX imports. */
#include "waiting.h"

#include <string.h>
#include <time.h>

#include "wasix.h"

/* libc has FIONREAD the same way. */
int net_available(int fd, int64_t *bytes) {
    wasix_subscription subscriptions[2];
    wasix_event events[2];
    uint32_t found = 0;
    memset(subscriptions, 0, sizeof subscriptions);
    subscriptions[0].tag = WASIX_EVENT_FD_READ;
    subscriptions[0].u.fd_readwrite.fd = (uint32_t)fd;
    subscriptions[1].tag = WASIX_EVENT_CLOCK;
    subscriptions[1].u.clock.id = WASIX_CLOCK_MONOTONIC;
    *bytes = 0;
    int error = wasix_poll_oneoff(subscriptions, events, 2, &found);
    if (error == 0 && found > 0 && events[0].type == WASIX_EVENT_FD_READ) {
        error = events[0].error;
        *bytes = (int64_t)events[0].nbytes;
    }
    return error;
}

int net_event(uint64_t initial, int semaphore, int *fd) {
    uint32_t out = 0;
    int error = wasix_fd_event(initial, semaphore ? WASIX_EVENTFD_SEMAPHORE : 0, &out);
    *fd = error == 0 ? (int)out : -1;
    return error;
}

int64_t net_realtime(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int net_wait(net_pollfd *fds, size_t count, net_clock *clocks, size_t clock_count, size_t *ready) {
    wasix_subscription subscriptions[64];
    wasix_event events[64];
    uint32_t used = 0;
    uint32_t found = 0;
    if (2 * count + clock_count > sizeof events / sizeof events[0]) {
        return EINVAL;
    }
    memset(subscriptions, 0, sizeof subscriptions);
    for (size_t i = 0; i < clock_count; i++, used++) {
        wasix_subscription *next = &subscriptions[used];
        next->userdata = count + i;
        next->tag = WASIX_EVENT_CLOCK;
        next->u.clock.id = clocks[i].realtime ? WASIX_CLOCK_REALTIME : WASIX_CLOCK_MONOTONIC;
        next->u.clock.timeout = (uint64_t)clocks[i].ns;
        next->u.clock.flags = clocks[i].absolute ? WASIX_CLOCK_ABSTIME : 0;
        clocks[i].fired = 0;
    }
    for (size_t i = 0; i < count; i++) {
        fds[i].got = 0;
        fds[i].error = 0;
        for (unsigned direction = NET_READ; direction <= NET_WRITE; direction++) {
            if (fds[i].want & direction) {
                wasix_subscription *next = &subscriptions[used++];
                next->userdata = i;
                next->tag = direction == NET_READ ? WASIX_EVENT_FD_READ : WASIX_EVENT_FD_WRITE;
                next->u.fd_readwrite.fd = (uint32_t)fds[i].fd;
            }
        }
    }
    int error = wasix_poll_oneoff(subscriptions, events, used, &found);
    for (uint32_t i = 0; error == 0 && i < found; i++) {
        uint64_t place = events[i].userdata;
        if (place >= count) {
            clocks[place - count].fired = 1;
        } else if (events[i].error != 0) {
            fds[place].got |= NET_ERROR;
            fds[place].error = events[i].error;
        } else {
            fds[place].got |= (events[i].type == WASIX_EVENT_FD_READ ? NET_READ : NET_WRITE)
                    | (events[i].flags & WASIX_EVENT_HANGUP ? NET_HANGUP : 0);
        }
    }
    *ready = 0;
    for (size_t i = 0; i < count; i++) {
        *ready += fds[i].got != 0;
    }
    return error;
}

int net_epoll_create(int *set) {
    uint32_t out = 0;
    int error = wasix_epoll_create(&out);
    *set = error == 0 ? (int)out : -1;
    return error;
}

int net_epoll_ctl(int set, int operation, int fd, const net_epoll_event *event) {
    static const uint32_t operations[] = {WASIX_EPOLL_ADD, WASIX_LIBC_EPOLL_MOD, WASIX_EPOLL_DEL, 77};
    wasix_epoll_event host;
    memset(&host, 0, sizeof host);
    if (event != NULL) {
        host.events = event->events;
        /* the words are the guest's own; all of them are to come back */
        host.data.ptr = (uint32_t)event->data ^ 0x5a5a5a5a;
        host.data.fd = (uint32_t)(event->data >> 32);
        host.data.data1 = (uint32_t)event->data;
        host.data.data2 = ~event->data;
    }
    return wasix_epoll_ctl((uint32_t)set, operations[operation], (uint32_t)fd, event == NULL ? NULL : &host);
}

int net_epoll_wait(int set, net_epoll_event *events, int most, int64_t ns, size_t *count) {
    wasix_epoll_event host[NET_EPOLL_MOST];
    uint32_t found = 0;
    memset(host, 0, sizeof host);
    int error = wasix_epoll_wait((uint32_t)set, host, (uint32_t)(most > NET_EPOLL_MOST ? NET_EPOLL_MOST : most),
            ns < 0 ? WASIX_FOREVER : (uint64_t)ns, &found);
    *count = error == 0 ? found : 0;
    for (uint32_t i = 0; i < *count; i++) {
        uint64_t data = ~host[i].data.data2;
        int whole = host[i].data.ptr == ((uint32_t)data ^ 0x5a5a5a5a) && host[i].data.fd == (uint32_t)(data >> 32)
                && host[i].data.data1 == (uint32_t)data;
        events[i] = (net_epoll_event){host[i].events, whole ? data : UINT64_MAX};
    }
    return error;
}
