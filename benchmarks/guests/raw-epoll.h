/*
 * epoll as a server uses it, over Linux and over WASIX, with nothing between the program and the call: the bits and the
 * layout of the event are the host's own.
 */
#ifndef RAW_EPOLL_H
#define RAW_EPOLL_H

#include <stdint.h>
#include <string.h>

#ifdef __wasm__
#include "wasix.h"

typedef wasix_epoll_event epoll_entry;

enum { EP_IN = WASIX_EPOLLIN, EP_OUT = WASIX_EPOLLOUT };
enum { EP_ADD = WASIX_EPOLL_ADD, EP_MOD = WASIX_LIBC_EPOLL_MOD };

static inline int ep_create(int *set) {
    uint32_t out = 0;
    int error = wasix_epoll_create(&out);
    *set = (int)out;
    return error;
}

/* The index comes back with the event. */
static inline int ep_ctl(int set, int operation, int fd, uint32_t events, uint32_t index) {
    epoll_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.events = events;
    entry.data.ptr = index;
    return wasix_epoll_ctl((uint32_t)set, (uint32_t)operation, (uint32_t)fd, &entry);
}

/* Waits for ever. */
static inline int ep_wait(int set, epoll_entry *entries, int most, int *count) {
    uint32_t found = 0;
    int error = wasix_epoll_wait((uint32_t)set, entries, (uint32_t)most, WASIX_FOREVER, &found);
    *count = error == 0 ? (int)found : 0;
    return error;
}

static inline uint32_t ep_index(const epoll_entry *entry) {
    return entry->data.ptr;
}

#else
#include <errno.h>
#include <sys/epoll.h>

typedef struct epoll_event epoll_entry;

enum { EP_IN = EPOLLIN, EP_OUT = EPOLLOUT };
enum { EP_ADD = EPOLL_CTL_ADD, EP_MOD = EPOLL_CTL_MOD };

static inline int ep_create(int *set) {
    *set = epoll_create1(EPOLL_CLOEXEC);
    return *set < 0 ? errno : 0;
}

static inline int ep_ctl(int set, int operation, int fd, uint32_t events, uint32_t index) {
    epoll_entry entry = {.events = events, .data.u32 = index};
    return epoll_ctl(set, operation, fd, &entry) < 0 ? errno : 0;
}

static inline int ep_wait(int set, epoll_entry *entries, int most, int *count) {
    *count = epoll_wait(set, entries, most, -1);
    if (*count < 0) {
        *count = 0;
        return errno;
    }
    return 0;
}

static inline uint32_t ep_index(const epoll_entry *entry) {
    return entry->data.u32;
}
#endif

#endif
