/*
 * echo PORT [HOST]: sends back what it receives, blocking, one client after the other. It never ends by itself.
 */
#include <stdio.h>

#include "net.h"

int main(int argc, char **argv) {
    static char data[65536];
    int listener = net_start_server(argc, argv, 16);
    net_set_nonblock(listener, 0);
    for (;;) {
        int fd;
        if (net_accept(listener, 0, &fd, NULL) != 0) {
            continue;
        }
        net_set_flag(fd, NET_NO_DELAY, 1);
        size_t got;
        while (net_recv(fd, data, sizeof data, 0, &got) == 0 && got > 0) {
            size_t sent;
            for (size_t done = 0; done < got; done += sent) {
                if (net_send(fd, data + done, got - done, 0, &sent) != 0) {
                    got = 0;
                    break;
                }
            }
        }
        net_close(fd);
    }
}
