/* net.h on plain Linux sockets: what a native build does is the yardstick for the WASIX build. */
#include "net.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
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
    int af = family == NET_INET4 ? AF_INET : family == NET_INET6 ? AF_INET6 : family == 0 ? AF_UNSPEC : 250;
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
            | (flags & NET_DONTWAIT ? MSG_DONTWAIT : 0);
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

static const struct {
    int level;
    int name;
} options[] = {
    [NET_REUSE_ADDR] = {SOL_SOCKET, SO_REUSEADDR},
    [NET_REUSE_PORT] = {SOL_SOCKET, SO_REUSEPORT},
    [NET_NO_DELAY] = {IPPROTO_TCP, TCP_NODELAY},
    [NET_KEEP_ALIVE] = {SOL_SOCKET, SO_KEEPALIVE},
    [NET_ONLY_V6] = {IPPROTO_IPV6, IPV6_V6ONLY},
    [NET_BROADCAST] = {SOL_SOCKET, SO_BROADCAST},
    [NET_OOB_INLINE] = {SOL_SOCKET, SO_OOBINLINE},
    [NET_DONT_ROUTE] = {SOL_SOCKET, SO_DONTROUTE},
    [NET_LISTENING] = {SOL_SOCKET, SO_ACCEPTCONN},
    [NET_RECV_BUF] = {SOL_SOCKET, SO_RCVBUF},
    [NET_SEND_BUF] = {SOL_SOCKET, SO_SNDBUF},
    [NET_TTL] = {IPPROTO_IP, IP_TTL},
    [NET_RECV_LOWAT] = {SOL_SOCKET, SO_RCVLOWAT},
    [NET_SEND_LOWAT] = {SOL_SOCKET, SO_SNDLOWAT},
    [NET_TYPE] = {SOL_SOCKET, SO_TYPE},
    [NET_PROTO] = {SOL_SOCKET, SO_PROTOCOL},
    [NET_LAST_ERROR] = {SOL_SOCKET, SO_ERROR},
    [NET_RECV_TIMEOUT] = {SOL_SOCKET, SO_RCVTIMEO},
    [NET_SEND_TIMEOUT] = {SOL_SOCKET, SO_SNDTIMEO},
    [NET_LINGER] = {SOL_SOCKET, SO_LINGER},
};

int net_set_size(int fd, enum net_option option, int64_t size) {
    int value = (int)size;
    return result(setsockopt(fd, options[option].level, options[option].name, &value, sizeof value));
}

int net_get_size(int fd, enum net_option option, int64_t *size) {
    int value = 0;
    socklen_t length = sizeof value;
    int error = result(getsockopt(fd, options[option].level, options[option].name, &value, &length));
    *size = value;
    return error;
}

int net_set_flag(int fd, enum net_option option, int on) {
    return net_set_size(fd, option, on);
}

int net_get_flag(int fd, enum net_option option, int *on) {
    int64_t size = 0;
    int error = net_get_size(fd, option, &size);
    *on = size != 0;
    return error;
}

int net_set_time(int fd, enum net_option option, int64_t ns) {
    if (option == NET_LINGER) {
        struct linger linger = {.l_onoff = ns >= 0, .l_linger = ns < 0 ? 0 : (int)((ns + 999999999) / 1000000000)};
        return result(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    }
    struct timeval time = {0, 0};
    if (ns > 0) {
        time.tv_sec = ns / 1000000000;
        time.tv_usec = ns % 1000000000 / 1000;
    }
    return result(setsockopt(fd, options[option].level, options[option].name, &time, sizeof time));
}

int net_get_time(int fd, enum net_option option, int64_t *ns) {
    if (option == NET_LINGER) {
        struct linger linger = {0, 0};
        socklen_t length = sizeof linger;
        int error = result(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length));
        *ns = linger.l_onoff ? (int64_t)linger.l_linger * 1000000000 : NET_NO_TIME;
        return error;
    }
    struct timeval time = {0, 0};
    socklen_t length = sizeof time;
    int error = result(getsockopt(fd, options[option].level, options[option].name, &time, &length));
    *ns = (int64_t)time.tv_sec * 1000000000 + (int64_t)time.tv_usec * 1000;
    if (*ns == 0) {
        *ns = NET_NO_TIME;
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
