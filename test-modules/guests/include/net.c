/* The part of net.h that needs no host: addresses as text, names of errors, the start of a server. */
#include "net.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int net_parse(const char *host, uint16_t port, net_addr *address) {
    char bare[NET_ADDR_TEXT];
    size_t length = strlen(host);
    memset(address, 0, sizeof *address);
    address->port = port;
    if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    if (length >= sizeof bare) {
        return EINVAL;
    }
    memcpy(bare, host, length);
    bare[length] = 0;
    if (inet_pton(AF_INET, bare, address->octets) == 1) {
        address->family = NET_INET4;
        return 0;
    }
    if (inet_pton(AF_INET6, bare, address->octets) == 1) {
        address->family = NET_INET6;
        return 0;
    }
    return EINVAL;
}

const char *net_format(const net_addr *address, char text[NET_ADDR_TEXT]) {
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->family == NET_INET6) {
        inet_ntop(AF_INET6, address->octets, host, sizeof host);
        snprintf(text, NET_ADDR_TEXT, "[%s]:%u", host, address->port);
    } else {
        if (address->family == NET_INET4) {
            inet_ntop(AF_INET, address->octets, host, sizeof host);
        }
        snprintf(text, NET_ADDR_TEXT, "%s:%u", host, address->port);
    }
    return text;
}

net_addr net_wildcard(int family, uint16_t port) {
    net_addr address;
    memset(&address, 0, sizeof address);
    address.family = family;
    address.port = port;
    return address;
}

net_addr net_loopback(int family, uint16_t port) {
    net_addr address = net_wildcard(family, port);
    if (family == NET_INET6) {
        address.octets[15] = 1;
    } else {
        address.octets[0] = 127;
        address.octets[3] = 1;
    }
    return address;
}

int64_t net_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const char *net_errname(int error) {
    static const struct {
        int number;
        const char *name;
    } names[] = {
        {0, "success"},
        {E2BIG, "2big"},
        {EACCES, "acces"},
        {EADDRINUSE, "addrinuse"},
        {EADDRNOTAVAIL, "addrnotavail"},
        {EAFNOSUPPORT, "afnosupport"},
        {EAGAIN, "again"},
        {EALREADY, "already"},
        {EBADF, "badf"},
        {EBADMSG, "badmsg"},
        {EBUSY, "busy"},
        {ECANCELED, "canceled"},
        {ECHILD, "child"},
        {ECONNABORTED, "connaborted"},
        {ECONNREFUSED, "connrefused"},
        {ECONNRESET, "connreset"},
        {EDEADLK, "deadlk"},
        {EDESTADDRREQ, "destaddrreq"},
        {EDOM, "dom"},
        {EDQUOT, "dquot"},
        {EEXIST, "exist"},
        {EFAULT, "fault"},
        {EFBIG, "fbig"},
        {EHOSTUNREACH, "hostunreach"},
        {EIDRM, "idrm"},
        {EILSEQ, "ilseq"},
        {EINPROGRESS, "inprogress"},
        {EINTR, "intr"},
        {EINVAL, "inval"},
        {EIO, "io"},
        {EISCONN, "isconn"},
        {EISDIR, "isdir"},
        {ELOOP, "loop"},
        {EMFILE, "mfile"},
        {EMLINK, "mlink"},
        {EMSGSIZE, "msgsize"},
        {EMULTIHOP, "multihop"},
        {ENAMETOOLONG, "nametoolong"},
        {ENETDOWN, "netdown"},
        {ENETRESET, "netreset"},
        {ENETUNREACH, "netunreach"},
        {ENFILE, "nfile"},
        {ENOBUFS, "nobufs"},
        {ENODEV, "nodev"},
        {ENOENT, "noent"},
        {ENOEXEC, "noexec"},
        {ENOLCK, "nolck"},
        {ENOLINK, "nolink"},
        {ENOMEM, "nomem"},
        {ENOMSG, "nomsg"},
        {ENOPROTOOPT, "noprotoopt"},
        {ENOSPC, "nospc"},
        {ENOSYS, "nosys"},
        {ENOTCONN, "notconn"},
        {ENOTDIR, "notdir"},
        {ENOTEMPTY, "notempty"},
        {ENOTRECOVERABLE, "notrecoverable"},
        {ENOTSOCK, "notsock"},
        {ENOTSUP, "notsup"},
        {ENOTTY, "notty"},
        {ENXIO, "nxio"},
        {EOVERFLOW, "overflow"},
        {EOWNERDEAD, "ownerdead"},
        {EPERM, "perm"},
        {EPIPE, "pipe"},
        {EPROTO, "proto"},
        {EPROTONOSUPPORT, "protonosupport"},
        {EPROTOTYPE, "prototype"},
        {ERANGE, "range"},
        {EROFS, "rofs"},
        {ESPIPE, "spipe"},
        {ESRCH, "srch"},
        {ESTALE, "stale"},
        {ETIMEDOUT, "timedout"},
        {ETXTBSY, "txtbsy"},
        {EXDEV, "xdev"},
#ifdef ENOTCAPABLE
        {ENOTCAPABLE, "notcapable"},
#endif
#ifdef __wasi__
        {77, "shutdown"},
        {78, "memviolation"},
        {79, "unknown"},
        {80, "pending"},
#else
        {ESOCKTNOSUPPORT, "socktnosupport"},
#endif
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].number == error) {
            return names[i].name;
        }
    }
    return "unknown";
}

static _Noreturn void fail(const char *program, const char *what, const net_addr *address, int error) {
    char text[NET_ADDR_TEXT];
    fprintf(stderr, "%s: %s %s: %s\n", program, what, net_format(address, text), net_errname(error));
    exit(1);
}

int net_start_server(int argc, char **argv, int backlog) {
    const char *program = argc > 0 ? argv[0] : "server";
    char *end = NULL;
    char text[NET_ADDR_TEXT];
    net_addr address;
    int listener;
    int error;
    unsigned long port = argc > 1 && argv[1][0] >= '0' && argv[1][0] <= '9' ? strtoul(argv[1], &end, 10) : 0;
    if (argc < 2 || argc > 3 || end == NULL || *end != 0 || port > 65535) {
        fprintf(stderr, "usage: %s PORT [HOST]\n", program);
        exit(2);
    }
    if (net_parse(argc > 2 ? argv[2] : "0.0.0.0", (uint16_t)port, &address) != 0) {
        fprintf(stderr, "%s: not an IP address: %s\n", program, argv[2]);
        exit(2);
    }
    if ((error = net_socket(address.family, NET_STREAM, 0, &listener)) != 0) {
        fail(program, "socket for", &address, error);
    }
    net_set_flag(listener, NET_REUSE_ADDR, 1);
    if ((error = net_bind(listener, &address)) != 0) {
        fail(program, "bind", &address, error);
    }
    if ((error = net_listen(listener, backlog)) != 0) {
        fail(program, "listen", &address, error);
    }
    if ((error = net_set_nonblock(listener, 1)) != 0) {
        fail(program, "nonblock", &address, error);
    }
    if ((error = net_local(listener, &address)) != 0) {
        fail(program, "local address", &address, error);
    }
    printf("listening on %s\n", net_format(&address, text));
    fflush(stdout);
    return listener;
}
