/*
 * udp-echo PORT HOST: sends every datagram back to where it came from, blocking. It never ends by itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "net.h"

int main(int argc, char **argv) {
    static char data[65536];
    net_addr address;
    char text[NET_ADDR_TEXT];
    int fd;
    if (argc != 3 || net_parse(argv[2], (uint16_t)atoi(argv[1]), &address) != 0) {
        fprintf(stderr, "usage: %s PORT HOST\n", argv[0]);
        return 2;
    }
    int error = net_socket(address.family, NET_DGRAM, 17, &fd);
    if (error == 0) {
        error = net_bind(fd, &address);
    }
    if (error == 0) {
        error = net_local(fd, &address);
    }
    if (error != 0) {
        fprintf(stderr, "bind: %s\n", net_errname(error));
        return 1;
    }
    printf("listening on %s\n", net_format(&address, text));
    fflush(stdout);
    for (;;) {
        size_t count;
        net_addr from;
        if (net_recv_from(fd, data, sizeof data, 0, &count, &from) == 0) {
            net_send_to(fd, data, count, 0, &from, &count);
        }
    }
}
