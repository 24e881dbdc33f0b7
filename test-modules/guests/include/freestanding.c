#include "freestanding.h"

#include <stdarg.h>

#define MOST_ARGUMENTS 16

uint32_t argc;
char *argv[MOST_ARGUMENTS + 1];
static char argument_data[1024];

/* ---- text ------------------------------------------------------------------------------------------------------ */

int text_equal(const char *a, const char *b) {
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

int32_t text_number(const char *text) {
    int32_t value = 0;
    if (*text == 0) {
        return -1;
    }
    for (; *text != 0; text++) {
        if (*text < '0' || *text > '9' || value > 100000000) {
            return -1;
        }
        value = value * 10 + (*text - '0');
    }
    return value;
}

const char *errno_name(int32_t error) {
    switch (error) {
        case 0:
            return "success";
        case 6:
            return "again";
        case 8:
            return "badf";
        case 15:
            return "connreset";
        case 16:
            return "deadlk";
        case 27:
            return "intr";
        case 28:
            return "inval";
        case 53:
            return "notconn";
        case 64:
            return "pipe";
        case 71:
            return "srch";
        default:
            return "another error";
    }
}

void print(uint32_t fd, const char *format, ...) {
    char line[256];
    uint32_t used = 0;
    va_list arguments;
    va_start(arguments, format);
    for (const char *c = format; *c != 0 && used < sizeof line - 16; c++) {
        if (*c != '%') {
            line[used++] = *c;
            continue;
        }
        c++;
        if (*c == 'u') {
            char digits[10];
            uint32_t count = 0;
            uint32_t number = va_arg(arguments, uint32_t);
            do {
                digits[count++] = (char)('0' + number % 10);
                number /= 10;
            } while (number > 0);
            while (count > 0) {
                line[used++] = digits[--count];
            }
        } else {
            const char *text = *c == 'e' ? errno_name(va_arg(arguments, int32_t)) : va_arg(arguments, const char *);
            while (*text != 0 && used < sizeof line - 16) {
                line[used++] = *text++;
            }
        }
    }
    va_end(arguments);
    wasix_ciovec vector = {line, used};
    uint32_t done;
    wasix_fd_write(fd, &vector, 1, &done);
}

_Noreturn void fail(const char *what, int32_t error) {
    print(2, "%s: errno %u\n", what, (uint32_t)error);
    wasix_proc_exit(1);
}

/* ---- sockets --------------------------------------------------------------------------------------------------- */

uint32_t listen_on(uint16_t port, wasix_addr_port *address) {
    uint32_t fd;
    int32_t error;
    *address = wasix_inet4(127, 0, 0, 1, port);
    if ((error = wasix_sock_open(WASIX_INET4, WASIX_STREAM, WASIX_PROTO_TCP, &fd)) != 0
            || (error = wasix_sock_bind(fd, address)) != 0 || (error = wasix_sock_listen(fd, 128)) != 0
            || (error = wasix_sock_addr_local(fd, address)) != 0) {
        fail("listen", error);
    }
    return fd;
}

uint32_t connect_to(const wasix_addr_port *address) {
    uint32_t fd;
    int32_t error;
    if ((error = wasix_sock_open(WASIX_INET4, WASIX_STREAM, WASIX_PROTO_TCP, &fd)) != 0
            || (error = wasix_sock_connect(fd, address)) != 0) {
        fail("connect", error);
    }
    return fd;
}

int32_t receive(uint32_t fd, void *data, uint32_t size, uint32_t *done) {
    wasix_iovec vector = {data, size};
    uint16_t flags;
    *done = 0;
    return wasix_sock_recv(fd, &vector, 1, 0, done, &flags);
}

int32_t send_all(uint32_t fd, const void *data, uint32_t size) {
    wasix_ciovec vector = {data, size};
    while (vector.len > 0) {
        uint32_t done = 0;
        int32_t error = wasix_sock_send(fd, &vector, 1, 0, &done);
        if (error != 0) {
            return error;
        }
        vector.buf = (const char *)vector.buf + done;
        vector.len -= done;
    }
    return 0;
}

int32_t read_fd(uint32_t fd, void *data, uint32_t size, uint32_t *done) {
    wasix_iovec vector = {data, size};
    *done = 0;
    return wasix_fd_read(fd, &vector, 1, done);
}

int32_t accept_from(uint32_t listener, uint32_t *fd) {
#ifdef WASIX_FIRST_GENERATION
    wasix_addr_port peer;
    return wasix_sock_accept(listener, 0, fd, &peer);
#else
    return wasix_sock_accept(listener, 0, fd);
#endif
}

int32_t poll_for(uint32_t fd, uint8_t what) {
    wasix_subscription subscription = {.userdata = 1, .tag = what};
    wasix_event event = {0};
    uint32_t count = 0;
    subscription.u.fd_readwrite.fd = fd;
    int32_t error = wasix_poll_oneoff(&subscription, &event, 1, &count);
    return error != 0 ? error : event.error;
}

/* ---- start ----------------------------------------------------------------------------------------------------- */

__attribute__((export_name("_start"))) void _start(void) {
    uint32_t size = 0;
    wasix_args_sizes_get(&argc, &size);
    if (argc > MOST_ARGUMENTS || size > sizeof argument_data) {
        wasix_proc_exit(2);
    }
    wasix_args_get(argv, argument_data);
    int code = run();
    if (code != 0) {
        wasix_proc_exit((uint32_t)code);
    }
}
