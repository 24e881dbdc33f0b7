/*
 * bulk PORT [HOST]: a client's first byte says what to do for as long as it stays: 's' sends to it, 'r' receives from
 * it, 64 KiB a call. Blocking, one client after the other. It never ends by itself.
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
        char what = 0;
        size_t count = 0;
        if (net_recv(fd, &what, 1, 0, &count) == 0 && count == 1) {
            if (what == 's') {
                while (net_send(fd, data, sizeof data, 0, &count) == 0) {
                    /* goes on until the client leaves */
                }
            } else {
                while (net_recv(fd, data, sizeof data, 0, &count) == 0 && count > 0) {
                    /* goes on until the client leaves */
                }
            }
        }
        net_close(fd);
    }
}
