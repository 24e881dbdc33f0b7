/*
 * calls PORT HOST CONNECTIONS: measures single calls on demand. It accepts CONNECTIONS idle clients and one more, which
 * says what to do: a letter, a count of four bytes (little-endian) and one more byte, which lies unread while the calls
 * are made. The answer is eight bytes: nanoseconds for all calls together.
 *
 *   p  poll of all connections, one of which is readable
 *   e  epoll_wait on all connections, one of which is readable
 *   c  clock_gettime
 *   w  write of 64 bytes to standard error
 *   s  send of 64 bytes
 *   r  recv of 64 bytes
 *
 * It ends when that client leaves.
 */
#include <stdio.h>
#include <stdlib.h>

#include "raw-epoll.h"
#include "net.h"
#include "raw-poll.h"

#define SIZE 64
#define BLOCK 32

static poll_list list;
static int set;
static int near; /* two ends of a connection of its own */
static int far;
static char data[SIZE];

static void require(int error, const char *what) {
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", what, net_errname(error));
        exit(1);
    }
}

static void read_whole(int fd, void *to, size_t size) {
    size_t count;
    for (size_t done = 0; done < size; done += count) {
        if (net_recv(fd, (char *)to + done, size - done, 0, &count) != 0 || count == 0) {
            exit(0);
        }
    }
}

/* Over a listener of its own: clients may be waiting at the other already. */
static void connect_to_itself(void) {
    net_addr address = net_loopback(NET_INET4, 0);
    int listener;
    require(net_socket(NET_INET4, NET_STREAM, 6, &listener), "socket");
    require(net_bind(listener, &address), "bind");
    require(net_listen(listener, 1), "listen");
    require(net_local(listener, &address), "getsockname");
    require(net_socket(NET_INET4, NET_STREAM, 6, &near), "socket");
    require(net_connect(near, &address), "connect");
    require(net_accept(listener, 0, &far, NULL), "accept");
    net_set_flag(near, NET_NO_DELAY, 1);
    net_close(listener);
}

/* Sends and receives in turn, a block each, and answers what the one or the other took. */
static int64_t transfer(uint32_t count, int sending) {
    int64_t took = 0;
    for (uint32_t done = 0; done < count; done += BLOCK) {
        int64_t begin = net_now();
        size_t moved;
        for (int i = 0; i < BLOCK; i++) {
            require(net_send(near, data, SIZE, 0, &moved), "send");
        }
        int64_t between = net_now();
        for (int i = 0; i < BLOCK; i++) {
            require(net_recv(far, data, SIZE, 0, &moved), "recv");
        }
        took += sending ? between - begin : net_now() - between;
    }
    return took;
}

static int64_t measure(char what, uint32_t count) {
    static epoll_entry entries[64];
    uint32_t ready;
    int found;
    size_t written;
    if (what == 's' || what == 'r') {
        return transfer(count, what == 's');
    }
    int64_t begin = net_now();
    for (uint32_t i = 0; i < count; i++) {
        switch (what) {
            case 'p':
                require(poll_once(&list, &ready), "poll");
                require(ready == 1 ? 0 : EINVAL, "number of events");
                break;
            case 'e':
                require(ep_wait(set, entries, 64, &found), "epoll_wait");
                require(found == 1 ? 0 : EINVAL, "number of events");
                break;
            case 'c': net_now(); break;
            case 'w': require(net_write(2, data, SIZE, &written), "write"); break;
            default: exit(2);
        }
    }
    return net_now() - begin;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: %s PORT HOST CONNECTIONS\n", argv[0]);
        return 2;
    }
    size_t connections = (size_t)atoi(argv[3]) + 1;
    int *fds = malloc(connections * sizeof *fds);
    int listener = net_start_server(argc - 1, argv, 4096);
    net_set_nonblock(listener, 0);
    connect_to_itself();
    require(ep_create(&set), "epoll_create");
    for (size_t i = 0; i < connections; i++) {
        require(net_accept(listener, 0, &fds[i], NULL), "accept");
        require(ep_ctl(set, EP_ADD, fds[i], EP_IN, (uint32_t)i), "epoll_ctl");
    }
    require(poll_make(&list, fds, connections), "poll");
    int client = fds[connections - 1];
    for (;;) {
        unsigned char order[5];
        char unread;
        read_whole(client, order, sizeof order);
        uint32_t ready;
        require(poll_once(&list, &ready), "poll"); /* until the last byte is there */
        uint32_t count = order[1] | order[2] << 8 | order[3] << 16 | (uint32_t)order[4] << 24;
        int64_t took = measure((char)order[0], count);
        read_whole(client, &unread, 1);
        size_t sent;
        require(net_send(client, &took, sizeof took, 0, &sent), "send");
    }
}
