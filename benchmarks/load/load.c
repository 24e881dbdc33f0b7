/*
 * The client that loads a server on the loopback: closed loop, one thread, bounded in time. One line of figures goes to
 * standard output when it is done; a server that answers wrongly or not at all ends it with a message and 1.
 *
 *   load rtt PORT SECONDS SIZE          ping-pong over one connection; after the line come the times of the round
 *                                       trips in nanoseconds, eight bytes each
 *   load http PORT SECONDS CONNECTIONS PATH   keep-alive GETs, one at a time on each connection
 *   load kv PORT SECONDS CONNECTIONS DEPTH    SET and GET in turn, so many on their way on each connection
 *   load send PORT SECONDS              sends 64 KiB a call to a server that receives ("bulk")
 *   load recv PORT SECONDS              receives from one that sends
 *   load accept PORT SECONDS CONNECTIONS      connects, waits for the server's close, connects again
 *   load udp PORT SECONDS WINDOW SIZE   so many datagrams on their way, each sent back by the server
 *   load calls PORT IDLE                for the guest "calls": holds IDLE connections; then for each line "LETTER COUNT"
 *                                       of standard input a line with the nanoseconds of a call
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (1 << 18)

static struct sockaddr_in server;
static char buffer[BUFFER];

static _Noreturn void fail(const char *format, ...) {
    va_list values;
    va_start(values, format);
    fprintf(stderr, "load: ");
    vfprintf(stderr, format, values);
    fprintf(stderr, "\n");
    va_end(values);
    exit(1);
}

static long check(long result, const char *call) {
    if (result < 0) {
        fail("%s: %s", call, strerror(errno));
    }
    return result;
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void report(uint64_t count, int64_t began) {
    printf("%llu %.9f\n", (unsigned long long)count, (double)(now() - began) / 1e9);
    fflush(stdout);
}

static int open_connection(void) {
    int one = 1;
    struct timeval limit = {.tv_sec = 10};
    int fd = (int)check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    check(connect(fd, (struct sockaddr *)&server, sizeof server), "connect");
    return fd;
}

static void write_all(int fd, const void *data, size_t size) {
    for (size_t done = 0; done < size;) {
        done += (size_t)check(send(fd, (const char *)data + done, size - done, MSG_NOSIGNAL), "send");
    }
}

static void read_all(int fd, void *data, size_t size) {
    for (size_t done = 0; done < size;) {
        long got = check(recv(fd, (char *)data + done, size - done, 0), "recv");
        if (got == 0) {
            fail("the server closed the connection");
        }
        done += (size_t)got;
    }
}

/* ---- one connection ------------------------------------------------------------------------------------------- */

static void round_trips(double seconds, size_t size) {
    size_t room = 1 << 16;
    size_t count = 0;
    int64_t *times = malloc(room * sizeof *times);
    int fd = open_connection();
    int64_t began = now();
    int64_t end = began + (int64_t)(seconds * 1e9);
    for (int64_t before = began; before < end;) {
        write_all(fd, buffer, size);
        read_all(fd, buffer, size);
        int64_t after = now();
        if (count == room) {
            room *= 2;
            times = realloc(times, room * sizeof *times);
        }
        times[count++] = after - before;
        before = after;
    }
    report(count, began);
    fwrite(times, sizeof *times, count, stdout);
    close(fd);
}

static void bulk(double seconds, char what) {
    int fd = open_connection();
    write_all(fd, &what, 1);
    uint64_t bytes = 0;
    int64_t began = now();
    int64_t end = began + (int64_t)(seconds * 1e9);
    while (now() < end) {
        long moved = what == 'r' ? send(fd, buffer, 65536, MSG_NOSIGNAL) : recv(fd, buffer, BUFFER, 0);
        if (check(moved, "transfer") == 0) {
            fail("the server closed the connection");
        }
        bytes += (uint64_t)moved;
    }
    report(bytes, began);
    close(fd);
}

/* ---- HTTP ----------------------------------------------------------------------------------------------------- */

typedef struct connection {
    int fd;
    size_t used; /* bytes of a head that is not whole */
    uint64_t body; /* bytes still to come */
    char head[2048];
} connection;

/* Takes what came. Answers 1 when the answer is whole. */
static int take(connection *c, const char *data, size_t size) {
    if (c->body == 0) {
        if (c->used + size >= sizeof c->head) {
            size_t fits = sizeof c->head - 1 - c->used;
            memcpy(c->head + c->used, data, fits);
            c->head[c->used + fits] = 0;
        } else {
            memcpy(c->head + c->used, data, size);
            c->head[c->used + size] = 0;
        }
        char *end = strstr(c->head, "\r\n\r\n");
        if (end == NULL) {
            c->used += size;
            if (c->used >= sizeof c->head) {
                fail("a head without an end");
            }
            return 0;
        }
        char *length = strcasestr(c->head, "\r\nContent-Length:");
        if (strncmp(c->head, "HTTP/1.1 200", 12) != 0 || length == NULL || length > end) {
            fail("not what was asked for: %.60s", c->head);
        }
        c->body = strtoull(length + 17, NULL, 10) + (uint64_t)(end + 4 - c->head) - c->used;
        c->used = 0;
    }
    if (size > c->body) {
        fail("%zu bytes too many", (size_t)(size - c->body));
    }
    c->body -= size;
    return c->body == 0;
}

static void http(double seconds, int connections, const char *path) {
    char request[512];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    connection *all = calloc((size_t)connections, sizeof *all);
    struct epoll_event events[256];
    int set = (int)check(epoll_create1(0), "epoll_create");
    for (int i = 0; i < connections; i++) {
        all[i].fd = open_connection();
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        check(epoll_ctl(set, EPOLL_CTL_ADD, all[i].fd, &event), "epoll_ctl");
    }
    uint64_t bytes = 0;
    uint64_t answers = 0;
    int64_t began = now();
    int64_t end = began + (int64_t)(seconds * 1e9);
    for (int i = 0; i < connections; i++) {
        write_all(all[i].fd, request, (size_t)length);
    }
    while (now() < end) {
        int found = (int)check(epoll_wait(set, events, 256, 10000), "epoll_wait");
        if (found == 0) {
            fail("no answer for 10 s");
        }
        for (int i = 0; i < found; i++) {
            connection *c = &all[events[i].data.u32];
            long got = check(recv(c->fd, buffer, BUFFER, 0), "recv");
            if (got == 0) {
                fail("the server closed the connection");
            }
            bytes += (uint64_t)got;
            if (take(c, buffer, (size_t)got)) {
                answers++;
                write_all(c->fd, request, (size_t)length);
            }
        }
    }
    int64_t took = now() - began;
    printf("%llu %.9f %llu\n", (unsigned long long)answers, (double)took / 1e9, (unsigned long long)bytes);
    for (int i = 0; i < connections; i++) {
        close(all[i].fd);
    }
}

/* ---- keys and values ------------------------------------------------------------------------------------------ */

#define KEYS 10000
#define DEEPEST 64
#define STORED "+OK\r\n"
#define FOUND "$32\r\n"
#define VALUE "abcdefghijklmnopqrstuvwxyz012345"
#define VALUE_SIZE (sizeof VALUE - 1)

typedef struct store_client {
    int fd;
    int odd; /* whether the next request is a GET */
    size_t awaited; /* bytes of answers */
    char first; /* of the next answer, when none of it has come */
} store_client;

static unsigned next_key(void) {
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % KEYS;
}

static void ask(store_client *c, int depth) {
    char requests[DEEPEST * 64];
    size_t size = 0;
    c->awaited = 0;
    c->first = c->odd ? '$' : '+';
    for (int i = 0; i < depth; i++) {
        size_t room = sizeof requests - size;
        if (c->odd) {
            size += (size_t)snprintf(requests + size, room, "GET key:%u\r\n", next_key());
            c->awaited += sizeof FOUND - 1 + VALUE_SIZE + 2;
        } else {
            size += (size_t)snprintf(requests + size, room, "SET key:%u " VALUE "\r\n", next_key());
            c->awaited += sizeof STORED - 1;
        }
        c->odd = !c->odd;
    }
    write_all(c->fd, requests, size);
}

static void fill_store(void) {
    int fd = open_connection();
    char line[64];
    for (unsigned i = 0; i < KEYS; i++) {
        int size = snprintf(line, sizeof line, "SET key:%u " VALUE "\r\n", i);
        write_all(fd, line, (size_t)size);
        read_all(fd, buffer, sizeof STORED - 1);
    }
    write_all(fd, "GET key:0\r\n", 11);
    read_all(fd, buffer, sizeof FOUND - 1 + VALUE_SIZE + 2);
    if (memcmp(buffer, FOUND VALUE "\r\n", sizeof FOUND - 1 + VALUE_SIZE + 2) != 0) {
        fail("not what was stored: %.40s", buffer);
    }
    close(fd);
}

static void store(double seconds, int connections, int depth) {
    store_client *all = calloc((size_t)connections, sizeof *all);
    struct epoll_event events[256];
    int set = (int)check(epoll_create1(0), "epoll_create");
    if (depth < 1 || depth > DEEPEST) {
        fail("at most %d requests on their way", DEEPEST);
    }
    fill_store();
    for (int i = 0; i < connections; i++) {
        all[i].fd = open_connection();
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        check(epoll_ctl(set, EPOLL_CTL_ADD, all[i].fd, &event), "epoll_ctl");
    }
    uint64_t count = 0;
    int64_t began = now();
    int64_t end = began + (int64_t)(seconds * 1e9);
    for (int i = 0; i < connections; i++) {
        ask(&all[i], depth);
    }
    while (now() < end) {
        int found = (int)check(epoll_wait(set, events, 256, 10000), "epoll_wait");
        if (found == 0) {
            fail("no answer for 10 s");
        }
        for (int i = 0; i < found; i++) {
            store_client *c = &all[events[i].data.u32];
            size_t got = (size_t)check(recv(c->fd, buffer, BUFFER, 0), "recv");
            if (got == 0) {
                fail("the server closed the connection");
            }
            if (got > c->awaited || (c->first != 0 && buffer[0] != c->first)) {
                fail("not what was asked for: %.20s", buffer);
            }
            c->first = 0;
            c->awaited -= got;
            if (c->awaited == 0) {
                count += (uint64_t)depth;
                ask(c, depth);
            }
        }
    }
    report(count, began);
}

/* ---- connections ---------------------------------------------------------------------------------------------- */

static void start_connecting(int set, int index, int *fds) {
    int fd = (int)check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
    if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) {
        fail("connect: %s", strerror(errno));
    }
    check(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
    fds[index] = fd;
}

static void accepts(double seconds, int connections) {
    struct linger gone = {1, 0};
    struct epoll_event events[256];
    int *fds = malloc((size_t)connections * sizeof *fds);
    int set = (int)check(epoll_create1(0), "epoll_create");
    uint64_t count = 0;
    int64_t began = now();
    int64_t end = began + (int64_t)(seconds * 1e9);
    for (int i = 0; i < connections; i++) {
        start_connecting(set, i, fds);
    }
    while (now() < end) {
        int found = (int)check(epoll_wait(set, events, 256, 10000), "epoll_wait");
        if (found == 0) {
            fail("no connection for 10 s");
        }
        for (int i = 0; i < found; i++) {
            int index = (int)events[i].data.u32;
            char byte;
            if (check(recv(fds[index], &byte, 1, 0), "recv") != 0) {
                fail("a server that talks");
            }
            /* the port is free at once */
            setsockopt(fds[index], SOL_SOCKET, SO_LINGER, &gone, sizeof gone);
            close(fds[index]);
            count++;
            start_connecting(set, index, fds);
        }
    }
    report(count, began);
}

/* ---- datagrams ------------------------------------------------------------------------------------------------ */

static void datagrams(double seconds, int window, size_t size) {
    struct timeval limit = {.tv_usec = 200000};
    int fd = (int)check(socket(AF_INET, SOCK_DGRAM, 0), "socket");
    check(connect(fd, (struct sockaddr *)&server, sizeof server), "connect");
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    uint64_t count = 0;
    int lost = 0;
    int64_t began = now();
    int64_t end = began + (int64_t)(seconds * 1e9);
    for (int i = 0; i < window; i++) {
        check(send(fd, buffer, size, 0), "send");
    }
    while (now() < end) {
        if (recv(fd, buffer, BUFFER, 0) < 0) {
            /* all that were on their way are lost: the window is filled again */
            if (errno != EAGAIN || ++lost > 25) {
                fail("no datagram comes back");
            }
            for (int i = 0; i < window; i++) {
                check(send(fd, buffer, size, 0), "send");
            }
            continue;
        }
        count++;
        check(send(fd, buffer, size, 0), "send");
    }
    report(count, began);
}

/* ---- single calls --------------------------------------------------------------------------------------------- */

static void calls(int idle) {
    for (int i = 0; i < idle; i++) {
        open_connection();
    }
    int fd = open_connection();
    char line[64];
    printf("connected\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        char what;
        unsigned count;
        unsigned char order[6];
        uint64_t took;
        if (sscanf(line, "%c %u", &what, &count) != 2 || count == 0) {
            fail("not an order: %s", line);
        }
        order[0] = (unsigned char)what;
        for (int i = 0; i < 4; i++) {
            order[i + 1] = (unsigned char)(count >> 8 * i);
        }
        order[5] = 'x';
        write_all(fd, order, sizeof order);
        read_all(fd, &took, sizeof took);
        printf("%.3f\n", (double)took / count);
        fflush(stdout);
    }
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fail("what, port and time are missing");
    }
    const char *what = argv[1];
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    double seconds = atof(argv[3]);
    int number = argc > 4 ? atoi(argv[4]) : 1;
    if (strcmp(what, "rtt") == 0) {
        round_trips(seconds, (size_t)number);
    } else if (strcmp(what, "http") == 0) {
        http(seconds, number, argc > 5 ? argv[5] : "/");
    } else if (strcmp(what, "kv") == 0) {
        store(seconds, number, argc > 5 ? atoi(argv[5]) : 1);
    } else if (strcmp(what, "send") == 0) {
        bulk(seconds, 'r');
    } else if (strcmp(what, "recv") == 0) {
        bulk(seconds, 's');
    } else if (strcmp(what, "accept") == 0) {
        accepts(seconds, number);
    } else if (strcmp(what, "udp") == 0) {
        datagrams(seconds, number, argc > 5 ? (size_t)atoi(argv[5]) : 64);
    } else if (strcmp(what, "calls") == 0) {
        calls(atoi(argv[3]));
    } else {
        fail("unknown: %s", what);
    }
    return 0;
}
