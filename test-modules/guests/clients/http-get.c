/*
 * http-get HOST PORT [PATH]: a blocking HTTP client. HOST is an IP literal. Prints the status line and the body; ends
 * with 0, with 1 when the network fails (the message names the errno), with 2 for wrong arguments.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net.h"

static net_addr server;

static _Noreturn void fail(const char *what, int error) {
    char text[NET_ADDR_TEXT];
    fflush(stdout);
    fprintf(stderr, "%s %s: %s\n", what, net_format(&server, text), net_errname(error));
    exit(1);
}

static _Noreturn void broken(const char *what) {
    fflush(stdout);
    fprintf(stderr, "%s\n", what);
    exit(1);
}

int main(int argc, char **argv) {
    char *end = NULL;
    unsigned long port = argc > 2 ? strtoul(argv[2], &end, 10) : 0;
    const char *path = argc > 3 ? argv[3] : "/";
    if (argc < 3 || argc > 4 || end == argv[2] || *end != 0 || port == 0 || port > 65535 || path[0] != '/') {
        fprintf(stderr, "usage: %s HOST PORT [/PATH]\n", argc > 0 ? argv[0] : "http-get");
        return 2;
    }
    if (net_parse(argv[1], (uint16_t)port, &server) != 0) {
        fprintf(stderr, "not an IP address: %s\n", argv[1]);
        return 2;
    }
    int fd;
    int error = net_socket(server.family, NET_STREAM, 0, &fd);
    if (error != 0) {
        fail("socket for", error);
    }
    if ((error = net_connect(fd, &server)) != 0) {
        fail("connect", error);
    }
    char text[NET_ADDR_TEXT];
    size_t room = strlen(path) + sizeof text + 128;
    char *request = malloc(room);
    if (request == NULL) {
        broken("no memory");
    }
    /* HTTP/1.0: the answer ends with the connection, and no chunks come. */
    size_t size = (size_t)snprintf(request, room,
            "GET %s HTTP/1.0\r\nHost: %s\r\nUser-Agent: http-get\r\nAccept: */*\r\nConnection: close\r\n\r\n",
            path, net_format(&server, text));
    for (size_t sent = 0; sent < size;) {
        size_t moved;
        if ((error = net_send(fd, request + sent, size - sent, 0, &moved)) != 0) {
            fail("send to", error);
        }
        sent += moved;
    }
    free(request);

    char *answer = NULL;
    size_t used = 0;
    size_t space = 0;
    for (;;) {
        size_t moved;
        if (space - used < 65536) {
            space = space * 2 + 131072;
            char *larger = realloc(answer, space + 1);
            if (larger == NULL) {
                broken("no memory");
            }
            answer = larger;
        }
        if ((error = net_recv(fd, answer + used, space - used, 0, &moved)) != 0) {
            fail("recv from", error);
        }
        if (moved == 0) {
            break;
        }
        used += moved;
    }
    net_close(fd);
    answer[used] = 0;

    char *body = strstr(answer, "\r\n\r\n");
    char *line = strstr(answer, "\r\n");
    if (body == NULL || strncmp(answer, "HTTP/", 5) != 0) {
        broken("no HTTP answer");
    }
    printf("%.*s\n", (int)(line - answer), answer);
    body += 4;
    size_t length = used - (size_t)(body - answer);
    for (char *field = line + 2; field + 2 < body; field = strstr(field, "\r\n") + 2) {
        if (strncasecmp(field, "content-length:", 15) == 0) {
            size_t announced = strtoul(field + 15, NULL, 10);
            if (announced > length) {
                fwrite(body, 1, length, stdout);
                broken("the answer ends too early");
            }
            length = announced;
        }
    }
    fwrite(body, 1, length, stdout);
    return fflush(stdout) == 0 ? 0 : 1;
}
