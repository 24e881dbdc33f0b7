/*
 * The socket functions that other runtimes added to wasi_snapshot_preview1, under the names of the WASIX imports: a
 * guest that is linked with this file imports nothing of wasix_32v1 for them. Addresses are pointers to 4, 16 or 128
 * bytes, and a port is a parameter of its own.
 */
#include <string.h>

#include "wasix.h"

#define WASIP1(name) WASIX_IMPORT("wasi_snapshot_preview1", #name)

typedef struct wasip1_address {
    uint8_t *bytes;
    uint32_t size;
} wasip1_address;

WASIP1(sock_open) int32_t wasip1_open(uint32_t family, uint32_t type, uint32_t *fd);
WASIP1(sock_bind) int32_t wasip1_bind(uint32_t fd, const wasip1_address *address, uint32_t port);
WASIP1(sock_listen) int32_t wasip1_listen(uint32_t fd, uint32_t backlog);
WASIP1(sock_accept) int32_t wasip1_accept(uint32_t fd, uint32_t *child);
WASIP1(sock_connect) int32_t wasip1_connect(uint32_t fd, const wasip1_address *address, uint32_t port);
WASIP1(sock_recv_from)
int32_t wasip1_recv_from(uint32_t fd, const wasix_iovec *data, uint32_t count, wasip1_address *from, uint32_t flags,
        uint32_t *port, uint32_t *size, uint16_t *out_flags);
WASIP1(sock_send_to)
int32_t wasip1_send_to(uint32_t fd, const wasix_ciovec *data, uint32_t count, const wasip1_address *to, uint32_t port,
        uint32_t flags, uint32_t *size);
WASIP1(sock_getlocaladdr) int32_t wasip1_local(uint32_t fd, wasip1_address *address, uint32_t *type, uint32_t *port);
WASIP1(sock_getpeeraddr) int32_t wasip1_peer(uint32_t fd, wasip1_address *address, uint32_t *type, uint32_t *port);

enum { DGRAM = 1, STREAM = 2 };
enum { TYPE_INET4 = 4, TYPE_INET6 = 6 };

static uint32_t to_wasip1(const wasix_addr_port *from, uint8_t bytes[16], wasip1_address *address) {
    address->bytes = bytes;
    if (from->tag == WASIX_INET6) {
        address->size = 16;
        memcpy(bytes, from->u.inet6.addr.octets, 16);
        return from->u.inet6.port;
    }
    address->size = 4;
    memcpy(bytes, from->u.inet4.addr.octets, 4);
    return from->u.inet4.port;
}

static void from_wasip1(const uint8_t bytes[16], int family, uint32_t port, wasix_addr_port *to) {
    memset(to, 0, sizeof *to);
    to->tag = (uint8_t)family;
    if (family == WASIX_INET6) {
        to->u.inet6.port = (uint16_t)port;
        memcpy(to->u.inet6.addr.octets, bytes, 16);
    } else {
        to->u.inet4.port = (uint16_t)port;
        memcpy(to->u.inet4.addr.octets, bytes, 4);
    }
}

int32_t wasix_sock_open(uint8_t af, uint8_t socktype, uint16_t sock_proto, uint32_t *out) {
    (void)sock_proto;
    return wasip1_open(af, socktype == WASIX_DGRAM ? DGRAM : STREAM, out);
}

int32_t wasix_sock_bind(uint32_t fd, const wasix_addr_port *address) {
    uint8_t bytes[16];
    wasip1_address record;
    uint32_t port = to_wasip1(address, bytes, &record);
    return wasip1_bind(fd, &record, port);
}

int32_t wasix_sock_listen(uint32_t fd, uint32_t backlog) {
    return wasip1_listen(fd, backlog);
}

int32_t wasix_sock_connect(uint32_t fd, const wasix_addr_port *address) {
    uint8_t bytes[16];
    wasip1_address record;
    uint32_t port = to_wasip1(address, bytes, &record);
    return wasip1_connect(fd, &record, port);
}

int32_t wasix_sock_addr_local(uint32_t fd, wasix_addr_port *address) {
    uint8_t bytes[16];
    wasip1_address record = {bytes, sizeof bytes};
    uint32_t type = 0;
    uint32_t port = 0;
    int32_t error = wasip1_local(fd, &record, &type, &port);
    if (error == 0) {
        from_wasip1(bytes, type == TYPE_INET6 ? WASIX_INET6 : WASIX_INET4, port, address);
    }
    return error;
}

int32_t wasix_sock_addr_peer(uint32_t fd, wasix_addr_port *address) {
    uint8_t bytes[16];
    wasip1_address record = {bytes, sizeof bytes};
    uint32_t type = 0;
    uint32_t port = 0;
    int32_t error = wasip1_peer(fd, &record, &type, &port);
    if (error == 0) {
        from_wasip1(bytes, type == TYPE_INET6 ? WASIX_INET6 : WASIX_INET4, port, address);
    }
    return error;
}

int32_t wasix_sock_accept_v2(uint32_t fd, uint16_t flags, uint32_t *child, wasix_addr_port *peer) {
    int32_t error = wasip1_accept(fd, child);
    if (error != 0) {
        return error;
    }
    if (flags & WASIX_FD_NONBLOCK) {
        wasix_fd_fdstat_set_flags(*child, WASIX_FD_NONBLOCK);
    }
    wasix_sock_addr_peer(*child, peer); /* of a connection that was reset meanwhile there is none */
    return 0;
}

int32_t wasix_sock_recv_from(uint32_t fd, const wasix_iovec *data, uint32_t count, uint16_t flags, uint32_t *size,
        uint16_t *out_flags, wasix_addr_port *from) {
    uint8_t bytes[128];
    wasip1_address record = {bytes, sizeof bytes};
    uint32_t port = 0;
    int32_t error = wasip1_recv_from(fd, data, count, &record, flags, &port, size, out_flags);
    if (error == 0) {
        from_wasip1(bytes + 2, bytes[0], port, from);
    }
    return error;
}

int32_t wasix_sock_send_to(uint32_t fd, const wasix_ciovec *data, uint32_t count, uint16_t flags,
        const wasix_addr_port *to, uint32_t *size) {
    uint8_t bytes[16];
    wasip1_address record;
    uint32_t port = to_wasip1(to, bytes, &record);
    return wasip1_send_to(fd, data, count, &record, port, flags, size);
}

WASIP1(sock_setsockopt)
int32_t wasip1_setsockopt(uint32_t fd, uint32_t level, uint32_t name, const int32_t *value, uint32_t size);

enum { SOL_SOCKET_LEVEL = 0, SO_REUSEADDR_NAME = 0, SO_BROADCAST_NAME = 4, SO_KEEPALIVE_NAME = 7 };

int32_t wasix_sock_set_opt_flag(uint32_t fd, uint8_t option, uint8_t flag) {
    int32_t value = flag;
    uint32_t name = option == WASIX_OPT_REUSE_ADDR ? SO_REUSEADDR_NAME
            : option == WASIX_OPT_BROADCAST ? SO_BROADCAST_NAME
            : option == WASIX_OPT_KEEP_ALIVE ? SO_KEEPALIVE_NAME
                                             : UINT32_MAX; /* noprotoopt: the others do not exist here */
    return wasip1_setsockopt(fd, SOL_SOCKET_LEVEL, name, &value, sizeof value);
}
