/*
 * One readiness wait over the same descriptors again and again, with nothing between the program and the call: the array
 * is the host's own and is made once.
 */
#ifndef RAW_POLL_H
#define RAW_POLL_H

#include <errno.h>
#include <stdlib.h>

#ifdef __wasm__
#include "wasix.h"

typedef struct poll_list {
    wasix_subscription *entries;
    wasix_event *events;
    uint32_t count;
} poll_list;

static inline int poll_make(poll_list *list, const int *fds, size_t count) {
    list->entries = calloc(count, sizeof *list->entries);
    list->events = calloc(count, sizeof *list->events);
    list->count = (uint32_t)count;
    if (list->entries == NULL || list->events == NULL) {
        return ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        list->entries[i].userdata = i;
        list->entries[i].tag = WASIX_EVENT_FD_READ;
        list->entries[i].u.fd_readwrite.fd = (uint32_t)fds[i];
    }
    return 0;
}

/* Waits for ever until one is readable. */
static inline int poll_once(poll_list *list, uint32_t *ready) {
    return wasix_poll_oneoff(list->entries, list->events, list->count, ready);
}

#else
#include <poll.h>
#include <stdint.h>

typedef struct poll_list {
    struct pollfd *entries;
    uint32_t count;
} poll_list;

static inline int poll_make(poll_list *list, const int *fds, size_t count) {
    list->entries = calloc(count, sizeof *list->entries);
    list->count = (uint32_t)count;
    if (list->entries == NULL) {
        return ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        list->entries[i].fd = fds[i];
        list->entries[i].events = POLLIN;
    }
    return 0;
}

static inline int poll_once(poll_list *list, uint32_t *ready) {
    int found = poll(list->entries, list->count, -1);
    *ready = found < 0 ? 0 : (uint32_t)found;
    return found < 0 ? errno : 0;
}
#endif

#endif
