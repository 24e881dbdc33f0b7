/* The options of net.h on plain Linux sockets. */
#include "net.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

static int result(long value) {
    return value < 0 ? errno : 0;
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
    [NET_MULTICAST_LOOP] = {IPPROTO_IP, IP_MULTICAST_LOOP},
    [NET_MULTICAST_LOOP_V6] = {IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
    [NET_RECV_BUF] = {SOL_SOCKET, SO_RCVBUF},
    [NET_SEND_BUF] = {SOL_SOCKET, SO_SNDBUF},
    [NET_TTL] = {IPPROTO_IP, IP_TTL},
    [NET_MULTICAST_TTL] = {IPPROTO_IP, IP_MULTICAST_TTL},
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
