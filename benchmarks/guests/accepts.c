/*
 * accepts PORT [HOST]: accepts whoever comes and closes the connection. It never ends by itself.
 */
#include <stdio.h>

#include "net.h"

int main(int argc, char **argv) {
    int listener = net_start_server(argc, argv, 4096);
    net_set_nonblock(listener, 0);
    for (;;) {
        int fd;
        if (net_accept(listener, 0, &fd, NULL) == 0) {
            net_close(fd);
        }
    }
}
