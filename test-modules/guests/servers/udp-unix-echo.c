/*
 * udp-unix-echo PATH: sends back every datagram and, on a unix stream socket that is bound to PATH, every byte, in one
 * poll loop. Prints "udp on 127.0.0.1:PORT" when both can be reached. A unix client is answered in blocking calls.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "net.h"

#define MOST_CLIENTS 100

static char data[65536];

static int need(const char *what, int error) {
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", what, net_errname(error));
        exit(1);
    }
    return 0;
}

/* All datagrams that are there. One that nobody takes may be lost, and an earlier one that was refused is told here. */
static void answer_datagrams(int udp) {
    for (;;) {
        net_addr from;
        size_t size;
        size_t sent;
        int error = net_recv_from(udp, data, sizeof data, NET_DONTWAIT, &size, &from);
        if (error == EAGAIN) {
            return;
        }
        if (error == 0) {
            net_send_to(udp, data, size, NET_DONTWAIT, &from, &sent);
        }
    }
}

/* Answers 0 when the client is done. */
static int answer(int fd) {
    size_t size;
    size_t sent;
    if (net_recv(fd, data, 16384, 0, &size) != 0 || size == 0) {
        return 0;
    }
    for (size_t at = 0; at < size; at += sent) {
        if (net_send(fd, data + at, size - at, 0, &sent) != 0) {
            return 0;
        }
    }
    return 1;
}

int main(int argc, char **argv) {
    static net_pollfd fds[2 + MOST_CLIENTS];
    size_t count = 2;
    net_addr any = net_loopback(NET_INET4, 0);
    net_addr local;
    char text[NET_ADDR_TEXT];
    if (argc != 2) {
        fprintf(stderr, "usage: udp-unix-echo PATH\n");
        return 2;
    }
    need("socket", net_socket(NET_INET4, NET_DGRAM, 0, &fds[0].fd));
    need("bind", net_bind(fds[0].fd, &any));
    need("local address", net_local(fds[0].fd, &local));
    need("unix socket", net_socket(NET_UNIX, NET_STREAM, 0, &fds[1].fd));
    need(argv[1], net_bind_path(fds[1].fd, argv[1]));
    need("listen", net_listen(fds[1].fd, MOST_CLIENTS));
    printf("udp on %s\n", net_format(&local, text));
    fflush(stdout);
    for (;;) {
        size_t ready;
        for (size_t i = 0; i < count; i++) {
            fds[i].want = i == 1 && count == 2 + MOST_CLIENTS ? 0 : NET_READ;
            fds[i].got = 0;
        }
        int error = net_poll(fds, count, NET_NO_TIME, &ready);
        if (error == EINTR) {
            continue;
        }
        need("poll", error);
        for (size_t i = count; i-- > 2;) {
            if (fds[i].got != 0 && !answer(fds[i].fd)) {
                net_close(fds[i].fd);
                fds[i] = fds[--count];
            }
        }
        if (fds[0].got != 0) {
            answer_datagrams(fds[0].fd);
        }
        if (fds[1].got != 0) {
            int fd;
            if (net_accept(fds[1].fd, 0, &fd, NULL) == 0) {
                fds[count++].fd = fd;
            }
        }
    }
}
