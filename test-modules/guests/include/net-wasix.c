/* net.h on the WASIX imports. The errno numbers of wasi-libc are those of the host, so they pass unchanged. */
#include "net.h"

#include <stdlib.h>
#include <string.h>

#include "wasix.h"

static wasix_addr_port to_host(const net_addr *address) {
    wasix_addr_port host;
    memset(&host, 0, sizeof host);
    if (address->family == NET_INET4) {
        host.tag = WASIX_INET4;
        host.u.inet4.port = address->port;
        memcpy(host.u.inet4.addr.octets, address->octets, 4);
    } else if (address->family == NET_INET6) {
        host.tag = WASIX_INET6;
        host.u.inet6.port = address->port;
        memcpy(host.u.inet6.addr.octets, address->octets, 16);
    }
    return host;
}

static void from_host(const wasix_addr_port *host, net_addr *address) {
    if (address == NULL) {
        return;
    }
    memset(address, 0, sizeof *address);
    if (host->tag == WASIX_INET4) {
        address->family = NET_INET4;
        address->port = host->u.inet4.port;
        memcpy(address->octets, host->u.inet4.addr.octets, 4);
    } else if (host->tag == WASIX_INET6) {
        address->family = NET_INET6;
        address->port = host->u.inet6.port;
        memcpy(address->octets, host->u.inet6.addr.octets, 16);
    }
}

int net_socket(int family, int type, int protocol, int *fd) {
    uint8_t af = family == NET_INET4 ? WASIX_INET4
            : family == NET_INET6 ? WASIX_INET6
            : family == NET_UNIX ? WASIX_UNIX
                                 : (uint8_t)family;
    uint32_t out = 0;
    int error = wasix_sock_open(af, (uint8_t)type, (uint16_t)protocol, &out);
    *fd = error == 0 ? (int)out : -1;
    return error;
}

int net_bind(int fd, const net_addr *address) {
    wasix_addr_port host = to_host(address);
    return wasix_sock_bind((uint32_t)fd, &host);
}

int net_listen(int fd, int backlog) {
    return wasix_sock_listen((uint32_t)fd, (uint32_t)backlog);
}

int net_accept(int fd, int flags, int *child, net_addr *peer) {
    wasix_addr_port host;
    uint32_t out = 0;
    memset(&host, 0, sizeof host);
    int error = wasix_sock_accept_v2((uint32_t)fd, flags & NET_NONBLOCK ? WASIX_FD_NONBLOCK : 0, &out, &host);
    *child = error == 0 ? (int)out : -1;
    if (error == 0) {
        from_host(&host, peer);
    }
    return error;
}

int net_connect(int fd, const net_addr *address) {
    wasix_addr_port host = to_host(address);
    return wasix_sock_connect((uint32_t)fd, &host);
}

static uint16_t recv_flags(int flags) {
    return (uint16_t)((flags & NET_PEEK ? WASIX_RECV_PEEK : 0) | (flags & NET_WAITALL ? WASIX_RECV_WAITALL : 0)
            | (flags & NET_DONTWAIT ? WASIX_RECV_DONT_WAIT : 0)
            | (flags & NET_REAL_LENGTH ? WASIX_RECV_DATA_TRUNCATED : 0));
}

static uint16_t send_flags(int flags) {
    return flags & NET_DONTWAIT ? WASIX_SEND_DONT_WAIT : 0;
}

int net_recv(int fd, void *data, size_t size, int flags, size_t *count) {
    wasix_iovec vector = {data, size};
    uint32_t done = 0;
    uint16_t out_flags = 0;
    int error = wasix_sock_recv((uint32_t)fd, &vector, 1, recv_flags(flags), &done, &out_flags);
    *count = error == 0 ? done : 0;
    return error;
}

int net_send(int fd, const void *data, size_t size, int flags, size_t *count) {
    wasix_ciovec vector = {data, size};
    uint32_t done = 0;
    int error = wasix_sock_send((uint32_t)fd, &vector, 1, send_flags(flags), &done);
    *count = error == 0 ? done : 0;
    return error;
}

int net_recv_from(int fd, void *data, size_t size, int flags, size_t *count, net_addr *from) {
    wasix_iovec vector = {data, size};
    wasix_addr_port host;
    uint32_t done = 0;
    uint16_t out_flags = 0;
    memset(&host, 0, sizeof host);
    int error = wasix_sock_recv_from((uint32_t)fd, &vector, 1, recv_flags(flags), &done, &out_flags, &host);
    *count = error == 0 ? done : 0;
    if (error == 0) {
        from_host(&host, from);
    }
    return error;
}

int net_send_to(int fd, const void *data, size_t size, int flags, const net_addr *to, size_t *count) {
    wasix_ciovec vector = {data, size};
    wasix_addr_port host = to_host(to);
    uint32_t done = 0;
    int error = wasix_sock_send_to((uint32_t)fd, &vector, 1, send_flags(flags), &host, &done);
    *count = error == 0 ? done : 0;
    return error;
}

int net_sendfile(int fd, int file, uint64_t offset, size_t size, size_t *count) {
    uint64_t done = 0;
    int error = wasix_sock_send_file((uint32_t)fd, (uint32_t)file, offset, size, &done);
    *count = error == 0 ? (size_t)done : 0;
    return error;
}

int net_shutdown(int fd, int how) {
    return wasix_sock_shutdown((uint32_t)fd, (uint8_t)how);
}

int net_local(int fd, net_addr *address) {
    wasix_addr_port host;
    memset(&host, 0, sizeof host);
    int error = wasix_sock_addr_local((uint32_t)fd, &host);
    if (error == 0) {
        from_host(&host, address);
    }
    return error;
}

int net_peer(int fd, net_addr *address) {
    wasix_addr_port host;
    memset(&host, 0, sizeof host);
    int error = wasix_sock_addr_peer((uint32_t)fd, &host);
    if (error == 0) {
        from_host(&host, address);
    }
    return error;
}

int net_pair(int type, int protocol, int *first, int *second) {
    uint32_t ends[2] = {0, 0};
    int error = wasix_sock_pair(WASIX_UNIX, (uint8_t)type, (uint16_t)protocol, &ends[0], &ends[1]);
    *first = error == 0 ? (int)ends[0] : -1;
    *second = error == 0 ? (int)ends[1] : -1;
    return error;
}

#define MAX_BUFFERS 16

int net_recv_message(int fd, const net_buffer *buffers, size_t buffer_count, int flags, net_received *received) {
    wasix_iovec vectors[MAX_BUFFERS];
    wasix_addr_port host;
    uint32_t done = 0;
    uint16_t out_flags = 0;
    for (size_t i = 0; i < buffer_count && i < MAX_BUFFERS; i++) {
        vectors[i] = (wasix_iovec){buffers[i].data, buffers[i].size};
    }
    memset(&host, 0, sizeof host);
    int error =
            wasix_sock_recv_from((uint32_t)fd, vectors, buffer_count, recv_flags(flags), &done, &out_flags, &host);
    received->count = error == 0 ? done : 0;
    received->truncated = error == 0 && (out_flags & WASIX_RECV_WAS_TRUNCATED) != 0;
    if (error == 0) {
        from_host(&host, &received->from);
    }
    return error;
}

int net_send_message(
        int fd, const net_buffer *buffers, size_t buffer_count, int flags, const net_addr *to, size_t *count) {
    wasix_ciovec vectors[MAX_BUFFERS];
    uint32_t done = 0;
    int error;
    for (size_t i = 0; i < buffer_count && i < MAX_BUFFERS; i++) {
        vectors[i] = (wasix_ciovec){buffers[i].data, buffers[i].size};
    }
    if (to == NULL) {
        error = wasix_sock_send((uint32_t)fd, vectors, buffer_count, send_flags(flags), &done);
    } else {
        wasix_addr_port host = to_host(to);
        error = wasix_sock_send_to((uint32_t)fd, vectors, buffer_count, send_flags(flags), &host, &done);
    }
    *count = error == 0 ? done : 0;
    return error;
}

int net_join(int fd, const net_addr *group, const net_addr *interface_address, unsigned interface_index) {
    wasix_addr_port host = to_host(group);
    if (group->family == NET_INET6) {
        return wasix_sock_join_multicast_v6((uint32_t)fd, &host.u.inet6.addr, interface_index);
    }
    wasix_addr_port local = to_host(interface_address);
    return wasix_sock_join_multicast_v4((uint32_t)fd, &host.u.inet4.addr, &local.u.inet4.addr);
}

int net_leave(int fd, const net_addr *group, const net_addr *interface_address, unsigned interface_index) {
    wasix_addr_port host = to_host(group);
    if (group->family == NET_INET6) {
        return wasix_sock_leave_multicast_v6((uint32_t)fd, &host.u.inet6.addr, interface_index);
    }
    wasix_addr_port local = to_host(interface_address);
    return wasix_sock_leave_multicast_v4((uint32_t)fd, &host.u.inet4.addr, &local.u.inet4.addr);
}

static int to_path(const char *path, wasix_addr_port *host) {
    size_t length = strlen(path);
    memset(host, 0, sizeof *host);
    host->tag = WASIX_UNIX;
    if (length > sizeof host->u.unix_path) {
        return EINVAL;
    }
    memcpy(host->u.unix_path, path, length);
    return 0;
}

static void from_path(const wasix_addr_port *host, char path[NET_PATH + 1]) {
    memset(path, 0, NET_PATH + 1);
    if (host->tag == WASIX_UNIX) {
        memcpy(path, host->u.unix_path, NET_PATH);
    }
}

int net_bind_path(int fd, const char *path) {
    wasix_addr_port host;
    int error = to_path(path, &host);
    return error != 0 ? error : wasix_sock_bind((uint32_t)fd, &host);
}

int net_connect_path(int fd, const char *path) {
    wasix_addr_port host;
    int error = to_path(path, &host);
    return error != 0 ? error : wasix_sock_connect((uint32_t)fd, &host);
}

int net_local_path(int fd, char path[NET_PATH + 1]) {
    wasix_addr_port host;
    memset(&host, 0, sizeof host);
    int error = wasix_sock_addr_local((uint32_t)fd, &host);
    if (error == 0) {
        from_path(&host, path);
    }
    return error;
}

int net_peer_path(int fd, char path[NET_PATH + 1]) {
    wasix_addr_port host;
    memset(&host, 0, sizeof host);
    int error = wasix_sock_addr_peer((uint32_t)fd, &host);
    if (error == 0) {
        from_path(&host, path);
    }
    return error;
}

int net_send_to_path(int fd, const void *data, size_t size, int flags, const char *path, size_t *count) {
    wasix_ciovec vector = {data, size};
    wasix_addr_port host;
    uint32_t done = 0;
    int error = to_path(path, &host);
    if (error == 0) {
        error = wasix_sock_send_to((uint32_t)fd, &vector, 1, send_flags(flags), &host, &done);
    }
    *count = error == 0 ? done : 0;
    return error;
}

int net_recv_from_path(int fd, void *data, size_t size, int flags, size_t *count, char from[NET_PATH + 1]) {
    wasix_iovec vector = {data, size};
    wasix_addr_port host;
    uint32_t done = 0;
    uint16_t out_flags = 0;
    memset(&host, 0, sizeof host);
    int error = wasix_sock_recv_from((uint32_t)fd, &vector, 1, recv_flags(flags), &done, &out_flags, &host);
    *count = error == 0 ? done : 0;
    from_path(&host, from);
    return error;
}

int net_disconnect(int fd) {
    wasix_addr_port host;
    memset(&host, 0, sizeof host);
    return wasix_sock_connect((uint32_t)fd, &host);
}

int net_close(int fd) {
    return wasix_fd_close((uint32_t)fd);
}

int net_read(int fd, void *data, size_t size, size_t *count) {
    wasix_iovec vector = {data, size};
    uint32_t done = 0;
    int error = wasix_fd_read((uint32_t)fd, &vector, 1, &done);
    *count = error == 0 ? done : 0;
    return error;
}

int net_write(int fd, const void *data, size_t size, size_t *count) {
    wasix_ciovec vector = {data, size};
    uint32_t done = 0;
    int error = wasix_fd_write((uint32_t)fd, &vector, 1, &done);
    *count = error == 0 ? done : 0;
    return error;
}

int net_set_nonblock(int fd, int on) {
    wasix_fdstat stat;
    int error = wasix_fd_fdstat_get((uint32_t)fd, &stat);
    if (error != 0) {
        return error;
    }
    uint16_t flags = (uint16_t)(on ? stat.fs_flags | WASIX_FD_NONBLOCK : stat.fs_flags & ~WASIX_FD_NONBLOCK);
    return wasix_fd_fdstat_set_flags((uint32_t)fd, flags);
}

int net_get_nonblock(int fd, int *on) {
    wasix_fdstat stat;
    memset(&stat, 0, sizeof stat);
    int error = wasix_fd_fdstat_get((uint32_t)fd, &stat);
    *on = error == 0 && (stat.fs_flags & WASIX_FD_NONBLOCK) != 0;
    return error;
}

int net_dup(int fd, int *copy) {
    uint32_t out = 0;
    int error = wasix_fd_dup((uint32_t)fd, &out);
    *copy = error == 0 ? (int)out : -1;
    return error;
}

int net_dup2(int fd, int to) {
    return wasix_fd_renumber((uint32_t)fd, (uint32_t)to);
}

int net_pipe(int *reader, int *writer) {
    uint32_t first = 0;
    uint32_t second = 0;
    int error = wasix_fd_pipe(&first, &second);
    *reader = (int)first;
    *writer = (int)second;
    return error;
}

/* One subscription for each direction that is wanted; userdata is the place in the caller's array. */
int net_poll(net_pollfd *fds, size_t count, int64_t ns, size_t *ready) {
    static wasix_subscription *subscriptions;
    static wasix_event *events;
    static size_t room;
    size_t need = 2 * count + 1;
    if (need > room) {
        size_t larger = need + need / 2 + 16;
        wasix_subscription *more_subscriptions = realloc(subscriptions, larger * sizeof *subscriptions);
        if (more_subscriptions == NULL) {
            return ENOMEM;
        }
        subscriptions = more_subscriptions;
        wasix_event *more_events = realloc(events, larger * sizeof *events);
        if (more_events == NULL) {
            return ENOMEM;
        }
        events = more_events;
        room = larger;
    }
    uint32_t used = 0;
    for (size_t i = 0; i < count; i++) {
        fds[i].got = 0;
        fds[i].error = 0;
        for (unsigned direction = NET_READ; direction <= NET_WRITE; direction++) {
            if (fds[i].want & direction) {
                wasix_subscription *next = &subscriptions[used++];
                memset(next, 0, sizeof *next);
                next->userdata = i;
                next->tag = direction == NET_READ ? WASIX_EVENT_FD_READ : WASIX_EVENT_FD_WRITE;
                next->u.fd_readwrite.fd = (uint32_t)fds[i].fd;
            }
        }
    }
    if (ns >= 0) {
        wasix_subscription *next = &subscriptions[used++];
        memset(next, 0, sizeof *next);
        next->userdata = UINT64_MAX;
        next->tag = WASIX_EVENT_CLOCK;
        next->u.clock.id = WASIX_CLOCK_MONOTONIC;
        next->u.clock.timeout = (uint64_t)ns;
    }
    uint32_t found = 0;
    int error = wasix_poll_oneoff(subscriptions, events, used, &found);
    if (error != 0) {
        return error;
    }
    for (uint32_t i = 0; i < found; i++) {
        const wasix_event *event = &events[i];
        if (event->userdata >= count || event->type == WASIX_EVENT_CLOCK) {
            continue;
        }
        net_pollfd *entry = &fds[event->userdata];
        if (event->error != 0) {
            entry->got |= NET_ERROR;
            entry->error = event->error;
        } else {
            entry->got |= event->type == WASIX_EVENT_FD_READ ? NET_READ : NET_WRITE;
            if (event->flags & WASIX_EVENT_HANGUP) {
                entry->got |= NET_HANGUP;
            }
        }
    }
    *ready = 0;
    for (size_t i = 0; i < count; i++) {
        *ready += fds[i].got != 0;
    }
    return 0;
}
