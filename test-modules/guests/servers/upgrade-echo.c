/*
 * upgrade-echo PORT [HOST]: answers each request with 101 and sends back every byte that follows, one client at a time:
 * a protocol that begins as WebSockets do. A request for /slow is never answered.
 */
#include <string.h>

#include "net.h"

static char data[8192];

static const char switching[] = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

static int wait_for(int fd) {
    net_pollfd entry = {.fd = fd, .want = NET_READ};
    size_t ready;
    return net_poll(&entry, 1, NET_NO_TIME, &ready);
}

/* Answers the number of bytes behind the empty line, or -1 when the client is gone. */
static int read_request(int client, size_t *size) {
    *size = 0;
    for (;;) {
        size_t count;
        if (*size == sizeof data - 1 || net_recv(client, data + *size, sizeof data - 1 - *size, 0, &count) != 0
                || count == 0) {
            return -1;
        }
        *size += count;
        data[*size] = 0;
        const char *end = strstr(data, "\r\n\r\n");
        if (end != NULL) {
            return (int)(data + *size - (end + 4));
        }
    }
}

static void serve(int client) {
    size_t size;
    size_t count;
    int rest = read_request(client, &size);
    if (rest < 0) {
        return;
    }
    if (strncmp(data, "GET /slow", 9) == 0) {
        net_recv(client, data, sizeof data, 0, &count); /* until the client gives up */
        return;
    }
    if (net_send(client, switching, sizeof switching - 1, 0, &count) != 0) {
        return;
    }
    size_t begin = size - (size_t)rest;
    while (net_send(client, data + begin, size - begin, 0, &count) == 0) {
        begin = 0;
        if (net_recv(client, data, sizeof data, 0, &size) != 0 || size == 0) {
            return;
        }
    }
}

int main(int argc, char **argv) {
    int listener = net_start_server(argc, argv, 16);
    for (;;) {
        int client;
        net_addr peer;
        if (wait_for(listener) == 0 && net_accept(listener, 0, &client, &peer) == 0) {
            serve(client);
            net_close(client);
        }
    }
}
