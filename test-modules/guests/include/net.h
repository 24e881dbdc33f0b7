/*
 * A thin socket layer over which one and the same source compiles natively (plain Linux sockets, net-posix.c) and to
 * WebAssembly (WASIX imports, net-wasix.c), so that the transcripts of both can be compared line by line.
 *
 * Every function answers 0 or an errno; net_errname() gives its name as WASI spells it ("connrefused"), the same on
 * both sides although the numbers differ. Results go through pointers. Nothing here retries, waits or converts an
 * error: what a call answers is what the host said.
 */
#ifndef NET_H
#define NET_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

/* ---- addresses ------------------------------------------------------------------------------------------------ */

enum { NET_INET4 = 4, NET_INET6 = 6, NET_UNIX = 1 };

/* An IP address with a port; octets in network order, the port as a number. */
typedef struct net_addr {
    int family;
    uint16_t port;
    uint8_t octets[16];
} net_addr;

#define NET_ADDR_TEXT 64

/* Reads a literal: 127.0.0.1, ::1 or [::1]. EINVAL when it is none. */
int net_parse(const char *host, uint16_t port, net_addr *address);

/* Writes HOST:PORT, with brackets round an IPv6 host; answers the buffer. */
const char *net_format(const net_addr *address, char text[NET_ADDR_TEXT]);

/* Loopback and wildcard address of a family. */
net_addr net_loopback(int family, uint16_t port);
net_addr net_wildcard(int family, uint16_t port);

/* ---- sockets -------------------------------------------------------------------------------------------------- */

/* Socket types; protocols are the IANA numbers (0, 6, 17). */
enum { NET_STREAM = 1, NET_DGRAM = 2, NET_RAW = 3, NET_SEQPACKET = 4, NET_NO_TYPE = 0, NET_BAD_TYPE = 9 };

/* Flags of net_accept, net_recv and net_send. */
enum { NET_NONBLOCK = 1 };
enum { NET_PEEK = 1, NET_WAITALL = 2, NET_DONTWAIT = 4, NET_REAL_LENGTH = 8 };
enum { NET_SHUT_RD = 1, NET_SHUT_WR = 2, NET_SHUT_BOTH = 3 };

int net_socket(int family, int type, int protocol, int *fd);
int net_bind(int fd, const net_addr *address);
int net_listen(int fd, int backlog);
/* peer may be null. NET_NONBLOCK is for the new descriptor. */
int net_accept(int fd, int flags, int *child, net_addr *peer);
int net_connect(int fd, const net_addr *address);
int net_recv(int fd, void *data, size_t size, int flags, size_t *count);
int net_send(int fd, const void *data, size_t size, int flags, size_t *count);
/* from->family is 0 when the host filled in no address. */
int net_recv_from(int fd, void *data, size_t size, int flags, size_t *count, net_addr *from);
int net_send_to(int fd, const void *data, size_t size, int flags, const net_addr *to, size_t *count);
/* Part of a file, straight to the socket. The file's own offset is of no account; a count of 0 is the file's end. */
int net_sendfile(int fd, int file, uint64_t offset, size_t size, size_t *count);
int net_shutdown(int fd, int how);
int net_local(int fd, net_addr *address);
int net_peer(int fd, net_addr *address);

/* Two sockets that are connected to each other; socketpair(2). The family is NET_UNIX natively. */
int net_pair(int type, int protocol, int *first, int *second);

/* ---- several buffers, one message ------------------------------------------------------------------------------ */

typedef struct net_buffer {
    void *data;
    size_t size;
} net_buffer;

/* The count is that of the whole datagram with NET_REAL_LENGTH, of what is in the buffers without. */
typedef struct net_received {
    size_t count;
    int truncated;
    net_addr from;
} net_received;

int net_recv_message(int fd, const net_buffer *buffers, size_t buffer_count, int flags, net_received *received);
/* `to` may be null: to the peer. */
int net_send_message(
        int fd, const net_buffer *buffers, size_t buffer_count, int flags, const net_addr *to, size_t *count);

/* ---- multicast: IPv4 groups on the interface of an address, IPv6 groups on an interface by its index ----------- */

int net_join(int fd, const net_addr *group, const net_addr *interface_address, unsigned interface_index);
int net_leave(int fd, const net_addr *group, const net_addr *interface_address, unsigned interface_index);

/* ---- unix sockets: the address is a path ----------------------------------------------------------------------- */

/* Room for a path with its NUL; a longer one is EINVAL, as no address can hold it. */
#define NET_PATH 108

int net_bind_path(int fd, const char *path);
int net_connect_path(int fd, const char *path);
/* Empty for a socket without a name. */
int net_local_path(int fd, char path[NET_PATH + 1]);
int net_peer_path(int fd, char path[NET_PATH + 1]);
/* Datagrams; from is empty when the sender has no name. */
int net_send_to_path(int fd, const void *data, size_t size, int flags, const char *path, size_t *count);
int net_recv_from_path(int fd, void *data, size_t size, int flags, size_t *count, char from[NET_PATH + 1]);
/* No peer any more: connects to an address without a family. */
int net_disconnect(int fd);

/* ---- descriptors ---------------------------------------------------------------------------------------------- */

int net_close(int fd);
/* read and write of the descriptor, not recv and send. */
int net_read(int fd, void *data, size_t size, size_t *count);
int net_write(int fd, const void *data, size_t size, size_t *count);
int net_set_nonblock(int fd, int on);
int net_get_nonblock(int fd, int *on);
/* The lowest free number for the same open description. */
int net_dup(int fd, int *copy);
/* dup2: `to` becomes another number of the same description. */
int net_dup2(int fd, int to);
int net_pipe(int *reader, int *writer);

/* ---- options -------------------------------------------------------------------------------------------------- */

enum net_option {
    /* on or off */
    NET_REUSE_ADDR,
    NET_REUSE_PORT,
    NET_NO_DELAY,
    NET_KEEP_ALIVE,
    NET_ONLY_V6,
    NET_BROADCAST,
    NET_OOB_INLINE,
    NET_DONT_ROUTE,
    NET_LISTENING,
    NET_MULTICAST_LOOP, /* of the family of IPv4 */
    NET_MULTICAST_LOOP_V6,
    /* sizes */
    NET_RECV_BUF,
    NET_SEND_BUF,
    NET_TTL,
    NET_MULTICAST_TTL, /* of the family of IPv4 */
    NET_RECV_LOWAT,
    NET_SEND_LOWAT,
    NET_TYPE,
    NET_PROTO,
    NET_LAST_ERROR, /* an errno as net_errname takes it; reading clears it */
    /* times */
    NET_RECV_TIMEOUT,
    NET_SEND_TIMEOUT,
    NET_LINGER
};

#define NET_NO_TIME INT64_C(-1)

int net_set_flag(int fd, enum net_option option, int on);
int net_get_flag(int fd, enum net_option option, int *on);
int net_set_size(int fd, enum net_option option, int64_t size);
int net_get_size(int fd, enum net_option option, int64_t *size);
/* Nanoseconds; NET_NO_TIME is no limit, or linger off. */
int net_set_time(int fd, enum net_option option, int64_t ns);
int net_get_time(int fd, enum net_option option, int64_t *ns);

/* ---- waiting -------------------------------------------------------------------------------------------------- */

/* What to wait for and what came. A hangup is told beside readiness; an error belongs to one descriptor. */
enum { NET_READ = 1, NET_WRITE = 2, NET_HANGUP = 4, NET_ERROR = 8 };

typedef struct net_pollfd {
    int fd;
    unsigned want;
    unsigned got;
    int error; /* when got has NET_ERROR */
} net_pollfd;

/* Waits until something is ready or `ns` nanoseconds have passed; 0 only looks, NET_NO_TIME waits for ever. */
int net_poll(net_pollfd *fds, size_t count, int64_t ns, size_t *ready);

/* Nanoseconds on the monotonic clock. */
int64_t net_now(void);

/* ---- names and small helps ------------------------------------------------------------------------------------ */

/* "success", "again", "connrefused" ...; a number nobody knows gives "unknown". */
const char *net_errname(int error);

/*
 * What every server here does first: reads the arguments PORT [HOST] (a wildcard when there is no host), opens a
 * non-blocking listener and prints "listening on HOST:PORT". Ends the program with a message when that fails.
 */
int net_start_server(int argc, char **argv, int backlog);

#endif
