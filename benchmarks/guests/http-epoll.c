/*
 * http-epoll PORT [HOST]: answers every GET with the same short text, over keep-alive HTTP/1.1, from one level-triggered
 * epoll loop over non-blocking sockets. Requests may come in pieces or many at once. What is no GET, or has a head that
 * does not fit, ends the connection. It never ends by itself.
 */
#include "epoll-server.h"

static const char answer[] =
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: text/plain\r\n"
        "Content-Length: 13\r\n"
        "\r\n"
        "Hello, world\n";
#define ANSWER (sizeof answer - 1)

static int answer_requests(client *c) {
    size_t start = 0;
    size_t end = 0;
    while (c->out_used + ANSWER <= ROOM) {
        const char *from = c->in + end;
        const char *newline = memchr(from, '\n', c->in_used - end);
        if (newline == NULL) {
            break;
        }
        size_t line = (size_t)(newline - from);
        end += line + 1;
        if (line == 0 || (line == 1 && from[0] == '\r')) {
            if (end - start < 4 || memcmp(c->in + start, "GET ", 4) != 0) {
                return 0;
            }
            memcpy(c->out + c->out_used, answer, ANSWER);
            c->out_used += ANSWER;
            start = end;
        }
    }
    if (start > 0) {
        c->in_used -= start;
        memmove(c->in, c->in + start, c->in_used);
    }
    return c->in_used < ROOM || c->out_used > 0;
}

int main(int argc, char **argv) {
    return serve_for_ever(argc, argv);
}
