/*
 * echo-server PORT [HOST] of the first generation (2022-10 to 2023-05): every import from wasix_32v1, 20-byte addresses,
 * sock_accept with four parameters, imported shared memory with passive data. No libc, since there is none of that time
 * to build with; so it is its own, small program. Same arguments and output as servers/echo-server.c.
 *
 * Built twice: socket type 1 for stream, as Rust guests of that time have it, and with STREAM_TYPE=6, as C guests do.
 */
#include "wasix.h"

#ifndef STREAM_TYPE
#define STREAM_TYPE WASIX_STREAM
#endif

/* That C library did not swap what programs store in network order. */
#define PORT(number) (STREAM_TYPE == WASIX_STREAM ? (uint16_t)(number) : __builtin_bswap16((uint16_t)(number)))
#define CLIENTS 64
#define BUFFER 4096
#define AGAIN 6

typedef struct client {
    uint32_t fd;
    int used;
    int ended;
    uint32_t start;
    uint32_t end;
    uint8_t data[BUFFER];
} client;

static client clients[CLIENTS];
static wasix_subscription in[2 * CLIENTS + 1];
static wasix_event out[2 * CLIENTS + 1];
static char *argv[8];
static char argv_data[512];

/* ---- text ------------------------------------------------------------------------------------------------------ */

static uint32_t length(const char *text) {
    uint32_t n = 0;
    while (text[n] != 0) {
        n++;
    }
    return n;
}

static void print(uint32_t fd, const char *text, uint32_t size) {
    wasix_ciovec vector = {text, size};
    uint32_t done;
    wasix_fd_write(fd, &vector, 1, &done);
}

/* Puts a decimal number at the end of a buffer; answers where it starts. */
static char *decimal(uint32_t number, char *end) {
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return end;
}

static _Noreturn void fail(const char *what, int32_t error) {
    char number[12];
    char *digits = decimal((uint32_t)error, number + sizeof number);
    print(2, what, length(what));
    print(2, ": errno ", 8);
    print(2, digits, (uint32_t)(number + sizeof number - digits));
    print(2, "\n", 1);
    wasix_proc_exit(1);
}

static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* A number of a base up to a limit; moves the text behind it. Answers -1 when there is none. */
static int32_t number(const char **text, int base, int32_t limit) {
    int32_t value = 0;
    const char *start = *text;
    while (digit(**text) < base) {
        value = value * base + digit(*(*text)++);
        if (value > limit) {
            return -1;
        }
    }
    return *text == start ? -1 : value;
}

static int parse_inet4(const char *text, wasix_addr_port *address) {
    address->tag = WASIX_INET4;
    for (int i = 0; i < 4; i++) {
        int32_t octet = number(&text, 10, 255);
        if (octet < 0 || (i < 3 && *text++ != '.')) {
            return 0;
        }
        address->u.inet4.addr.octets[i] = (uint8_t)octet;
    }
    return *text == 0;
}

/* Groups of hexadecimal digits, with one "::" at most. */
static int parse_inet6(const char *text, wasix_addr_port *address) {
    uint16_t groups[8];
    int count = 0;
    int gap = -1;
    if (text[0] == ':' && text[1] == ':') {
        gap = 0;
        text += 2;
    }
    while (*text != 0) {
        int32_t group = number(&text, 16, 0xffff);
        if (group < 0 || count == 8) {
            return 0;
        }
        groups[count++] = (uint16_t)group;
        if (*text == ':' && text[1] == ':') {
            if (gap >= 0) {
                return 0;
            }
            gap = count;
            text += 2;
        } else if (*text == ':' && text[1] != 0) {
            text++;
        } else if (*text != 0) {
            return 0;
        }
    }
    if (gap < 0 ? count != 8 : count > 7) {
        return 0;
    }
    address->tag = WASIX_INET6;
    for (int i = 0; i < 8; i++) {
        int from = gap < 0 || i < gap ? i : i - (8 - count);
        uint16_t group = gap >= 0 && i >= gap && i < gap + 8 - count ? 0 : groups[from];
        address->u.inet6.addr.octets[2 * i] = (uint8_t)(group >> 8);
        address->u.inet6.addr.octets[2 * i + 1] = (uint8_t)group;
    }
    return 1;
}

/* ---- the server ------------------------------------------------------------------------------------------------ */

static void set_nonblock(uint32_t fd) {
    wasix_fdstat stat;
    int32_t error = wasix_fd_fdstat_get(fd, &stat);
    if (error == 0) {
        error = wasix_fd_fdstat_set_flags(fd, stat.fs_flags | WASIX_FD_NONBLOCK);
    }
    if (error != 0) {
        fail("nonblock", error);
    }
}

static uint32_t start(uint32_t argc) {
    const char *port_text = argc > 1 ? argv[1] : "";
    const char *host = argc > 2 ? argv[2] : "0.0.0.0";
    wasix_addr_port address = {0};
    wasix_addr_port local = {0};
    int32_t port = number(&port_text, 10, 65535);
    if (argc < 2 || argc > 3 || port < 0 || *port_text != 0
            || !(parse_inet4(host, &address) || parse_inet6(host, &address))) {
        print(2, "usage: echo-server PORT [HOST]\n", 31);
        wasix_proc_exit(2);
    }
    if (address.tag == WASIX_INET6) {
        address.u.inet6.port = PORT(port);
    } else {
        address.u.inet4.port = PORT(port);
    }
    uint32_t fd;
    int32_t error = wasix_sock_open(address.tag, STREAM_TYPE, STREAM_TYPE == WASIX_STREAM ? WASIX_PROTO_TCP : 0, &fd);
    if (error != 0) {
        fail("socket", error);
    }
    wasix_sock_set_opt_flag(fd, WASIX_OPT_REUSE_ADDR, 1);
    if ((error = wasix_sock_bind(fd, &address)) != 0) {
        fail("bind", error);
    }
    if ((error = wasix_sock_listen(fd, 128)) != 0) {
        fail("listen", error);
    }
    set_nonblock(fd);
    if ((error = wasix_sock_addr_local(fd, &local)) != 0) {
        fail("local address", error);
    }
    char line[128];
    uint32_t used = 0;
    const char *parts[] = {"listening on ", address.tag == WASIX_INET6 ? "[" : "", host,
            address.tag == WASIX_INET6 ? "]:" : ":"};
    for (int i = 0; i < 4; i++) {
        for (const char *c = parts[i]; *c != 0 && used < 100; c++) {
            line[used++] = *c;
        }
    }
    char digits[12];
    for (char *c = decimal(PORT(wasix_port(&local)), digits + sizeof digits); c < digits + sizeof digits; c++) {
        line[used++] = *c;
    }
    line[used++] = '\n';
    print(1, line, used);
    return fd;
}

/* Answers 0 when the client is done. */
static int serve(client *c) {
    if (!c->ended && c->end < BUFFER) {
        wasix_iovec vector = {c->data + c->end, BUFFER - c->end};
        uint32_t done = 0;
        uint16_t flags;
        int32_t error = wasix_sock_recv(c->fd, &vector, 1, 0, &done, &flags);
        if (error == 0) {
            c->ended = done == 0;
            c->end += done;
        } else if (error != AGAIN) {
            return 0;
        }
    }
    if (c->start < c->end) {
        wasix_ciovec vector = {c->data + c->start, c->end - c->start};
        uint32_t done = 0;
        int32_t error = wasix_sock_send(c->fd, &vector, 1, 0, &done);
        if (error == 0) {
            c->start += done;
        } else if (error != AGAIN) {
            return 0;
        }
    }
    if (c->start == c->end) {
        c->start = 0;
        c->end = 0;
        return !c->ended;
    }
    return 1;
}

static void accept_all(uint32_t listener) {
    for (int i = 0; i < CLIENTS; i++) {
        if (!clients[i].used) {
            wasix_addr_port peer;
            client *c = &clients[i];
            if (wasix_sock_accept(listener, WASIX_FD_NONBLOCK, &c->fd, &peer) != 0) {
                return;
            }
            c->used = 1;
            c->ended = 0;
            c->start = 0;
            c->end = 0;
        }
    }
}

static void subscribe(uint32_t *used, uint64_t userdata, uint8_t tag, uint32_t fd) {
    wasix_subscription *next = &in[(*used)++];
    next->userdata = userdata;
    next->tag = tag;
    next->u.fd_readwrite.fd = fd;
}

__attribute__((export_name("_start"))) void _start(void) {
    uint32_t argc = 0;
    uint32_t size = 0;
    wasix_args_sizes_get(&argc, &size);
    if (argc > 8 || size > sizeof argv_data) {
        wasix_proc_exit(2);
    }
    wasix_args_get(argv, argv_data);
    uint32_t listener = start(argc);
    for (;;) {
        uint32_t used = 0;
        uint32_t count = 0;
        int full = 1;
        for (uint32_t i = 0; i < CLIENTS; i++) {
            const client *c = &clients[i];
            if (!c->used) {
                full = 0;
                continue;
            }
            if (!c->ended && c->end < BUFFER) {
                subscribe(&used, i, WASIX_EVENT_FD_READ, c->fd);
            }
            if (c->start < c->end) {
                subscribe(&used, i, WASIX_EVENT_FD_WRITE, c->fd);
            }
        }
        if (!full) {
            subscribe(&used, CLIENTS, WASIX_EVENT_FD_READ, listener);
        }
        int32_t error = wasix_poll_oneoff(in, out, used, &count);
        if (error != 0) {
            fail("poll", error);
        }
        int waiting = 0;
        for (uint32_t i = 0; i < count; i++) {
            client *c = &clients[out[i].userdata];
            if (out[i].userdata == CLIENTS) {
                waiting = 1;
            } else if (c->used && !serve(c)) {
                wasix_fd_close(c->fd);
                c->used = 0;
            }
        }
        if (waiting) {
            accept_all(listener);
        }
    }
}
