/* net.h on plain Linux sockets: what a native build does is the yardstick for the WASIX build. */
#include "net.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int result(long value) {
    return value < 0 ? errno : 0;
}

static socklen_t to_host(const net_addr *address, struct sockaddr_storage *host) {
    memset(host, 0, sizeof *host);
    if (address->family == NET_INET6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)host;
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(address->port);
        memcpy(&in6->sin6_addr, address->octets, 16);
        return sizeof *in6;
    }
    struct sockaddr_in *in = (struct sockaddr_in *)host;
    in->sin_family = address->family == NET_INET4 ? AF_INET : AF_UNSPEC;
    in->sin_port = htons(address->port);
    memcpy(&in->sin_addr, address->octets, 4);
    return sizeof *in;
}

static void from_host(const struct sockaddr_storage *host, socklen_t length, net_addr *address) {
    if (address == NULL) {
        return;
    }
    memset(address, 0, sizeof *address);
    if (length >= sizeof(struct sockaddr_in) && host->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)host;
        address->family = NET_INET4;
        address->port = ntohs(in->sin_port);
        memcpy(address->octets, &in->sin_addr, 4);
    } else if (length >= sizeof(struct sockaddr_in6) && host->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)host;
        address->family = NET_INET6;
        address->port = ntohs(in6->sin6_port);
        memcpy(address->octets, &in6->sin6_addr, 16);
    }
}

int net_socket(int family, int type, int protocol, int *fd) {
    static const int types[] = {0, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET};
    int af = family == NET_INET4 ? AF_INET
            : family == NET_INET6 ? AF_INET6
            : family == NET_UNIX ? AF_UNIX
            : family == 0 ? AF_UNSPEC
                          : 250;
    int number = type >= 0 && type <= 4 ? types[type] : 11;
    *fd = socket(af, number | SOCK_CLOEXEC, protocol);
    return result(*fd);
}

int net_bind(int fd, const net_addr *address) {
    struct sockaddr_storage host;
    socklen_t length = to_host(address, &host);
    return result(bind(fd, (struct sockaddr *)&host, length));
}

int net_listen(int fd, int backlog) {
    return result(listen(fd, backlog));
}

int net_accept(int fd, int flags, int *child, net_addr *peer) {
    struct sockaddr_storage host;
    socklen_t length = sizeof host;
    *child = accept4(fd, (struct sockaddr *)&host, &length, SOCK_CLOEXEC | (flags & NET_NONBLOCK ? SOCK_NONBLOCK : 0));
    if (*child >= 0) {
        from_host(&host, length, peer);
    }
    return result(*child);
}

int net_connect(int fd, const net_addr *address) {
    struct sockaddr_storage host;
    socklen_t length = to_host(address, &host);
    return result(connect(fd, (struct sockaddr *)&host, length));
}

static int message_flags(int flags) {
    return (flags & NET_PEEK ? MSG_PEEK : 0) | (flags & NET_WAITALL ? MSG_WAITALL : 0)
            | (flags & NET_DONTWAIT ? MSG_DONTWAIT : 0) | (flags & NET_REAL_LENGTH ? MSG_TRUNC : 0);
}

static int counted(ssize_t done, size_t *count) {
    *count = done < 0 ? 0 : (size_t)done;
    return result(done);
}

int net_recv(int fd, void *data, size_t size, int flags, size_t *count) {
    return counted(recv(fd, data, size, message_flags(flags)), count);
}

int net_send(int fd, const void *data, size_t size, int flags, size_t *count) {
    return counted(send(fd, data, size, message_flags(flags) | MSG_NOSIGNAL), count);
}

int net_recv_from(int fd, void *data, size_t size, int flags, size_t *count, net_addr *from) {
    struct sockaddr_storage host;
    socklen_t length = sizeof host;
    int error = counted(
            recvfrom(fd, data, size, message_flags(flags), (struct sockaddr *)&host, &length), count);
    if (error == 0) {
        from_host(&host, length, from);
    }
    return error;
}

int net_send_to(int fd, const void *data, size_t size, int flags, const net_addr *to, size_t *count) {
    struct sockaddr_storage host;
    socklen_t length = to_host(to, &host);
    return counted(
            sendto(fd, data, size, message_flags(flags) | MSG_NOSIGNAL, (struct sockaddr *)&host, length), count);
}

int net_sendfile(int fd, int file, uint64_t offset, size_t size, size_t *count) {
    static int quiet;
    if (!quiet) {
        signal(SIGPIPE, SIG_IGN); /* sendfile knows no MSG_NOSIGNAL */
        quiet = 1;
    }
    off_t at = (off_t)offset;
    return counted(sendfile(fd, file, &at, size), count);
}

int net_shutdown(int fd, int how) {
    int number = how == NET_SHUT_RD ? SHUT_RD : how == NET_SHUT_WR ? SHUT_WR : how == NET_SHUT_BOTH ? SHUT_RDWR : 77;
    return result(shutdown(fd, number));
}

int net_local(int fd, net_addr *address) {
    struct sockaddr_storage host;
    socklen_t length = sizeof host;
    int error = result(getsockname(fd, (struct sockaddr *)&host, &length));
    if (error == 0) {
        from_host(&host, length, address);
    }
    return error;
}

int net_peer(int fd, net_addr *address) {
    struct sockaddr_storage host;
    socklen_t length = sizeof host;
    int error = result(getpeername(fd, (struct sockaddr *)&host, &length));
    if (error == 0) {
        from_host(&host, length, address);
    }
    return error;
}

int net_pair(int type, int protocol, int *first, int *second) {
    int ends[2] = {-1, -1};
    int number = type == NET_STREAM ? SOCK_STREAM : type == NET_DGRAM ? SOCK_DGRAM : 11;
    int error = result(socketpair(AF_UNIX, number | SOCK_CLOEXEC, protocol, ends));
    *first = ends[0];
    *second = ends[1];
    return error;
}

#define MAX_BUFFERS 16

static struct iovec *vectors(const net_buffer *buffers, size_t count, struct iovec room[MAX_BUFFERS]) {
    for (size_t i = 0; i < count && i < MAX_BUFFERS; i++) {
        room[i].iov_base = buffers[i].data;
        room[i].iov_len = buffers[i].size;
    }
    return room;
}

int net_recv_message(int fd, const net_buffer *buffers, size_t buffer_count, int flags, net_received *received) {
    struct iovec room[MAX_BUFFERS];
    struct sockaddr_storage host;
    struct msghdr message = {.msg_name = &host,
            .msg_namelen = sizeof host,
            .msg_iov = vectors(buffers, buffer_count, room),
            .msg_iovlen = buffer_count};
    memset(&host, 0, sizeof host);
    int error = counted(recvmsg(fd, &message, message_flags(flags)), &received->count);
    received->truncated = error == 0 && (message.msg_flags & MSG_TRUNC) != 0;
    if (error == 0) {
        from_host(&host, message.msg_namelen, &received->from);
    }
    return error;
}

int net_send_message(
        int fd, const net_buffer *buffers, size_t buffer_count, int flags, const net_addr *to, size_t *count) {
    struct iovec room[MAX_BUFFERS];
    struct sockaddr_storage host;
    struct msghdr message = {.msg_iov = vectors(buffers, buffer_count, room), .msg_iovlen = buffer_count};
    if (to != NULL) {
        message.msg_name = &host;
        message.msg_namelen = to_host(to, &host);
    }
    return counted(sendmsg(fd, &message, message_flags(flags) | MSG_NOSIGNAL), count);
}

static int membership(int fd, const net_addr *group, const net_addr *interface_address, unsigned index, int join) {
    if (group->family == NET_INET6) {
        struct ipv6_mreq request = {.ipv6mr_interface = index};
        memcpy(&request.ipv6mr_multiaddr, group->octets, 16);
        int option = join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
        return result(setsockopt(fd, IPPROTO_IPV6, option, &request, sizeof request));
    }
    struct ip_mreq request;
    memcpy(&request.imr_multiaddr, group->octets, 4);
    memcpy(&request.imr_interface, interface_address->octets, 4);
    int option = join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
    return result(setsockopt(fd, IPPROTO_IP, option, &request, sizeof request));
}

int net_join(int fd, const net_addr *group, const net_addr *interface_address, unsigned interface_index) {
    return membership(fd, group, interface_address, interface_index, 1);
}

int net_leave(int fd, const net_addr *group, const net_addr *interface_address, unsigned interface_index) {
    return membership(fd, group, interface_address, interface_index, 0);
}

/* The length of an address with a path; 0 when it has no room. */
static socklen_t to_path(const char *path, struct sockaddr_un *host) {
    size_t length = strlen(path);
    memset(host, 0, sizeof *host);
    host->sun_family = AF_UNIX;
    if (length > sizeof host->sun_path) {
        return 0;
    }
    memcpy(host->sun_path, path, length);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (length < sizeof host->sun_path));
}

static void from_path(const struct sockaddr_un *host, socklen_t length, char path[NET_PATH + 1]) {
    size_t bytes = length > offsetof(struct sockaddr_un, sun_path) ? length - offsetof(struct sockaddr_un, sun_path) : 0;
    memset(path, 0, NET_PATH + 1);
    memcpy(path, host->sun_path, bytes > NET_PATH ? NET_PATH : bytes);
}

int net_bind_path(int fd, const char *path) {
    struct sockaddr_un host;
    socklen_t length = to_path(path, &host);
    return length == 0 ? EINVAL : result(bind(fd, (struct sockaddr *)&host, length));
}

int net_connect_path(int fd, const char *path) {
    struct sockaddr_un host;
    socklen_t length = to_path(path, &host);
    return length == 0 ? EINVAL : result(connect(fd, (struct sockaddr *)&host, length));
}

int net_local_path(int fd, char path[NET_PATH + 1]) {
    struct sockaddr_un host;
    socklen_t length = sizeof host;
    int error = result(getsockname(fd, (struct sockaddr *)&host, &length));
    if (error == 0) {
        from_path(&host, length, path);
    }
    return error;
}

int net_peer_path(int fd, char path[NET_PATH + 1]) {
    struct sockaddr_un host;
    socklen_t length = sizeof host;
    int error = result(getpeername(fd, (struct sockaddr *)&host, &length));
    if (error == 0) {
        from_path(&host, length, path);
    }
    return error;
}

int net_send_to_path(int fd, const void *data, size_t size, int flags, const char *path, size_t *count) {
    struct sockaddr_un host;
    socklen_t length = to_path(path, &host);
    if (length == 0) {
        *count = 0;
        return EINVAL;
    }
    return counted(
            sendto(fd, data, size, message_flags(flags) | MSG_NOSIGNAL, (struct sockaddr *)&host, length), count);
}

int net_recv_from_path(int fd, void *data, size_t size, int flags, size_t *count, char from[NET_PATH + 1]) {
    struct sockaddr_un host;
    socklen_t length = sizeof host;
    int error = counted(
            recvfrom(fd, data, size, message_flags(flags), (struct sockaddr *)&host, &length), count);
    from_path(&host, error == 0 ? length : 0, from);
    return error;
}

int net_disconnect(int fd) {
    struct sockaddr host = {.sa_family = AF_UNSPEC};
    return result(connect(fd, &host, sizeof host));
}

int net_close(int fd) {
    return result(close(fd));
}

int net_read(int fd, void *data, size_t size, size_t *count) {
    return counted(read(fd, data, size), count);
}

int net_write(int fd, const void *data, size_t size, size_t *count) {
    return counted(write(fd, data, size), count);
}

int net_set_nonblock(int fd, int on) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) {
        return errno;
    }
    return result(fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

int net_get_nonblock(int fd, int *on) {
    int flags = fcntl(fd, F_GETFL);
    *on = flags >= 0 && (flags & O_NONBLOCK) != 0;
    return result(flags);
}

int net_dup(int fd, int *copy) {
    *copy = dup(fd);
    return result(*copy);
}

int net_dup2(int fd, int to) {
    return result(dup2(fd, to));
}

int net_pipe(int *reader, int *writer) {
    int ends[2];
    int error = result(pipe(ends));
    if (error == 0) {
        *reader = ends[0];
        *writer = ends[1];
    }
    return error;
}

/*
 * poll() tells more than a preview1 event can; it is reduced as select() does it: readable is IN, HUP or ERR, writable
 * is OUT or ERR. A hangup is a flag beside them.
 */
int net_poll(net_pollfd *fds, size_t count, int64_t ns, size_t *ready) {
    static struct pollfd *host;
    static size_t room;
    if (count > room || host == NULL) {
        room = count + count / 2 + 16;
        struct pollfd *larger = realloc(host, room * sizeof *host);
        if (larger == NULL) {
            return ENOMEM;
        }
        host = larger;
    }
    for (size_t i = 0; i < count; i++) {
        host[i].fd = fds[i].want != 0 ? fds[i].fd : -1;
        host[i].events = (short)((fds[i].want & NET_READ ? POLLIN : 0) | (fds[i].want & NET_WRITE ? POLLOUT : 0));
        host[i].revents = 0;
        fds[i].got = 0;
        fds[i].error = 0;
    }
    struct timespec limit = {ns / 1000000000, ns % 1000000000};
    int found = ppoll(host, count, ns < 0 ? NULL : &limit, NULL);
    if (found < 0) {
        return errno;
    }
    *ready = 0;
    for (size_t i = 0; i < count; i++) {
        short events = host[i].revents;
        if (events & POLLNVAL) {
            fds[i].got = NET_ERROR;
            fds[i].error = EBADF;
        } else {
            unsigned got = (events & (POLLIN | POLLHUP | POLLERR) ? NET_READ : 0)
                    | (events & (POLLOUT | POLLERR) ? NET_WRITE : 0);
            fds[i].got = got & fds[i].want;
            if (fds[i].got != 0 && events & POLLHUP) {
                fds[i].got |= NET_HANGUP;
            }
        }
        *ready += fds[i].got != 0;
    }
    return 0;
}
