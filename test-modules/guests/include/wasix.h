/*
 * The WASIX host ABI for C guests that are built with plain clang and wasi-libc.
 *
 * Declares what a guest may import, with structures of the exact layout. Every function answers an errno of the
 * host (0 is success) unless it is declared void. Strings and lists are a pointer and a length; results are written
 * through the trailing pointers. All names start with wasix_ or WASIX_, so nothing clashes with the headers of
 * wasi-libc.
 *
 * Two generations exist. Without a define the current one is declared: the 46 functions of preview1 come from
 * "wasi_snapshot_preview1", the extensions from "wasix_32v1", an address takes 110 bytes. With
 * WASIX_FIRST_GENERATION (modules of 2022-10 to 2023-05) everything comes from "wasix_32v1", an address takes
 * 20 bytes and sock_accept has four parameters.
 */
#ifndef WASIX_H
#define WASIX_H

#include <stddef.h>
#include <stdint.h>

#define WASIX_IMPORT(module, name) __attribute__((__import_module__(module), __import_name__(name)))
#define WASIX_EXTENSION(name) WASIX_IMPORT("wasix_32v1", #name)
#ifdef WASIX_FIRST_GENERATION
#define WASIX_BASE(name) WASIX_IMPORT("wasix_32v1", #name)
#else
#define WASIX_BASE(name) WASIX_IMPORT("wasi_snapshot_preview1", #name)
#endif

/* ---- numbers -------------------------------------------------------------------------------------------------- */

/* address_family; also the tag of an address */
#define WASIX_UNSPEC 0
#define WASIX_INET4 1
#define WASIX_INET6 2
#define WASIX_UNIX 3

/* sock_type: the numbering changed between the generations */
#ifdef WASIX_FIRST_GENERATION
#define WASIX_DGRAM 0
#define WASIX_STREAM 1
#define WASIX_RAW 2
#define WASIX_SEQPACKET 3
/* C guests of that time sent file type numbers instead */
#define WASIX_DGRAM_AS_FILETYPE 5
#define WASIX_STREAM_AS_FILETYPE 6
#else
#define WASIX_STREAM 1
#define WASIX_DGRAM 2
#define WASIX_RAW 3
#define WASIX_SEQPACKET 4
#endif

/* sock_proto (IANA) */
#define WASIX_PROTO_IP 0
#define WASIX_PROTO_TCP 6
#define WASIX_PROTO_UDP 17

/* sock_status */
#define WASIX_STATUS_OPENING 0
#define WASIX_STATUS_OPENED 1
#define WASIX_STATUS_CLOSED 2
#define WASIX_STATUS_FAILED 3

/* sdflags */
#define WASIX_SHUT_RD 1
#define WASIX_SHUT_WR 2

/* fdflags, fdflagsext */
#define WASIX_FD_APPEND 0x1
#define WASIX_FD_DSYNC 0x2
#define WASIX_FD_NONBLOCK 0x4
#define WASIX_FD_RSYNC 0x8
#define WASIX_FD_SYNC 0x10
#define WASIX_FD_CLOEXEC 0x1

/* riflags, roflags, siflags */
#define WASIX_RECV_PEEK 0x1
#define WASIX_RECV_WAITALL 0x2
#define WASIX_RECV_DATA_TRUNCATED 0x4
#define WASIX_RECV_DONT_WAIT 0x8
#define WASIX_RECV_WAS_TRUNCATED 0x1
#define WASIX_SEND_DONT_WAIT 0x1

/* sock_option */
#define WASIX_OPT_NOOP 0
#define WASIX_OPT_REUSE_PORT 1
#define WASIX_OPT_REUSE_ADDR 2
#define WASIX_OPT_NO_DELAY 3
#define WASIX_OPT_DONT_ROUTE 4
#define WASIX_OPT_ONLY_V6 5
#define WASIX_OPT_BROADCAST 6
#define WASIX_OPT_MULTICAST_LOOP_V4 7
#define WASIX_OPT_MULTICAST_LOOP_V6 8
#define WASIX_OPT_PROMISCUOUS 9
#define WASIX_OPT_LISTENING 10
#define WASIX_OPT_LAST_ERROR 11
#define WASIX_OPT_KEEP_ALIVE 12
#define WASIX_OPT_LINGER 13
#define WASIX_OPT_OOB_INLINE 14
#define WASIX_OPT_RECV_BUF_SIZE 15
#define WASIX_OPT_SEND_BUF_SIZE 16
#define WASIX_OPT_RECV_LOWAT 17
#define WASIX_OPT_SEND_LOWAT 18
#define WASIX_OPT_RECV_TIMEOUT 19
#define WASIX_OPT_SEND_TIMEOUT 20
#define WASIX_OPT_CONNECT_TIMEOUT 21
#define WASIX_OPT_ACCEPT_TIMEOUT 22
#define WASIX_OPT_TTL 23
#define WASIX_OPT_MULTICAST_TTL_V4 24
#define WASIX_OPT_TYPE 25
#define WASIX_OPT_PROTO 26

/* filetype */
#define WASIX_FILETYPE_UNKNOWN 0
#define WASIX_FILETYPE_BLOCK_DEVICE 1
#define WASIX_FILETYPE_CHARACTER_DEVICE 2
#define WASIX_FILETYPE_DIRECTORY 3
#define WASIX_FILETYPE_REGULAR_FILE 4
#define WASIX_FILETYPE_SOCKET_DGRAM 5
#define WASIX_FILETYPE_SOCKET_STREAM 6
#define WASIX_FILETYPE_SYMBOLIC_LINK 7
#define WASIX_FILETYPE_SOCKET_RAW 8
#define WASIX_FILETYPE_SOCKET_SEQPACKET 9

/* clockid, subclockflags */
#define WASIX_CLOCK_REALTIME 0
#define WASIX_CLOCK_MONOTONIC 1
#define WASIX_CLOCK_PROCESS_CPUTIME 2
#define WASIX_CLOCK_THREAD_CPUTIME 3
#define WASIX_CLOCK_ABSTIME 0x1

/* eventtype, eventrwflags, eventfdflags */
#define WASIX_EVENT_CLOCK 0
#define WASIX_EVENT_FD_READ 1
#define WASIX_EVENT_FD_WRITE 2
#define WASIX_EVENT_HANGUP 0x1
#define WASIX_EVENTFD_SEMAPHORE 0x1

/* epoll: bits are not those of Linux; the operations of the specification, then those that C guests send */
#define WASIX_EPOLLIN 0x1
#define WASIX_EPOLLOUT 0x2
#define WASIX_EPOLLRDHUP 0x4
#define WASIX_EPOLLPRI 0x8
#define WASIX_EPOLLERR 0x10
#define WASIX_EPOLLHUP 0x20
#define WASIX_EPOLLET 0x40
#define WASIX_EPOLLONESHOT 0x80
#define WASIX_EPOLL_ADD 0
#define WASIX_EPOLL_MOD 1
#define WASIX_EPOLL_DEL 2
#define WASIX_LIBC_EPOLL_ADD 1
#define WASIX_LIBC_EPOLL_DEL 2
#define WASIX_LIBC_EPOLL_MOD 3
#define WASIX_FOREVER UINT64_MAX

/* path_open: oflags, lookupflags; fd_seek: whence; rights used by the guests here */
#define WASIX_O_CREAT 0x1
#define WASIX_O_DIRECTORY 0x2
#define WASIX_O_EXCL 0x4
#define WASIX_O_TRUNC 0x8
#define WASIX_SYMLINK_FOLLOW 0x1
#define WASIX_SEEK_SET 0
#define WASIX_SEEK_CUR 1
#define WASIX_SEEK_END 2
#define WASIX_RIGHT_FD_READ (UINT64_C(1) << 1)
#define WASIX_RIGHT_FD_SEEK (UINT64_C(1) << 2)
#define WASIX_RIGHT_FD_TELL (UINT64_C(1) << 5)
#define WASIX_RIGHT_FD_WRITE (UINT64_C(1) << 6)
#define WASIX_RIGHT_PATH_OPEN (UINT64_C(1) << 13)
#define WASIX_RIGHT_FD_READDIR (UINT64_C(1) << 14)
#define WASIX_RIGHT_PATH_FILESTAT_GET (UINT64_C(1) << 18)
#define WASIX_RIGHT_FD_FILESTAT_GET (UINT64_C(1) << 21)
#define WASIX_RIGHT_POLL_FD_READWRITE (UINT64_C(1) << 27)

/* join_status tags and join_flags */
#define WASIX_JOIN_NOTHING 0
#define WASIX_JOIN_EXIT_NORMAL 1
#define WASIX_JOIN_EXIT_SIGNAL 2
#define WASIX_JOIN_STOPPED 3
#define WASIX_JOIN_NON_BLOCKING 0x1
#define WASIX_JOIN_WAKE_STOPPED 0x2

/* ---- structures ----------------------------------------------------------------------------------------------- */

#define WASIX_LAYOUT(type, size) _Static_assert(sizeof(type) == (size), "size of " #type)
#define WASIX_FIELD(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field)

/* One buffer of a gathered or scattered transfer. */
typedef struct wasix_iovec {
    void *buf;
    uint32_t len;
} wasix_iovec;
WASIX_LAYOUT(wasix_iovec, 8);

typedef struct wasix_ciovec {
    const void *buf;
    uint32_t len;
} wasix_ciovec;
WASIX_LAYOUT(wasix_ciovec, 8);

/* An optional time in nanoseconds: tag 0 none, 1 some. */
typedef struct wasix_option_timestamp {
    uint8_t tag;
    uint64_t ns;
} wasix_option_timestamp;
WASIX_LAYOUT(wasix_option_timestamp, 16);
WASIX_FIELD(wasix_option_timestamp, ns, 8);

typedef struct wasix_addr_ip4 {
    uint8_t octets[4];
} wasix_addr_ip4;
WASIX_LAYOUT(wasix_addr_ip4, 4);

/* Octets in network order. flow and scope do not exist in the first generation; each is two halves, high first. */
typedef struct wasix_addr_ip6 {
    uint8_t octets[16] __attribute__((aligned(2)));
#ifndef WASIX_FIRST_GENERATION
    uint16_t flow_info1;
    uint16_t flow_info0;
    uint16_t scope_id1;
    uint16_t scope_id0;
#endif
} wasix_addr_ip6;

/* The port is a little-endian number (8080 is 90 1f), not network order. */
typedef struct wasix_addr_ip4_port {
    uint16_t port;
    wasix_addr_ip4 addr;
} wasix_addr_ip4_port;
WASIX_LAYOUT(wasix_addr_ip4_port, 6);

typedef struct wasix_addr_ip6_port {
    uint16_t port;
    wasix_addr_ip6 addr;
} wasix_addr_ip6_port;

/* An address with a port; only the active variant is read and written by the host. */
typedef struct wasix_addr_port {
    uint8_t tag;
    union {
        wasix_addr_ip4_port inet4;
        wasix_addr_ip6_port inet6;
#ifdef WASIX_FIRST_GENERATION
        uint8_t unix_path[18];
#else
        char unix_path[108];
#endif
    } u;
} wasix_addr_port;
WASIX_FIELD(wasix_addr_port, u, 2);
#ifdef WASIX_FIRST_GENERATION
WASIX_LAYOUT(wasix_addr_ip6, 16);
WASIX_LAYOUT(wasix_addr_ip6_port, 18);
WASIX_LAYOUT(wasix_addr_port, 20);
#else
WASIX_LAYOUT(wasix_addr_ip6, 24);
WASIX_LAYOUT(wasix_addr_ip6_port, 26);
WASIX_LAYOUT(wasix_addr_port, 110);
WASIX_FIELD(wasix_addr_ip6, flow_info1, 16);
WASIX_FIELD(wasix_addr_ip6, scope_id0, 22);
#endif

/* A result of resolve: 18 bytes in both generations, no port, no scope. */
typedef struct wasix_addr_ip {
    uint8_t tag;
    uint8_t octets[16] __attribute__((aligned(2)));
} wasix_addr_ip;
WASIX_LAYOUT(wasix_addr_ip, 18);
WASIX_FIELD(wasix_addr_ip, octets, 2);

/* An address with a prefix length. inet4: four octets and the prefix; inet6: an addr_ip6 and the prefix. */
typedef struct wasix_addr_cidr {
    uint8_t tag;
    union {
        struct {
            wasix_addr_ip4 addr;
            uint8_t prefix;
        } inet4;
        struct {
            wasix_addr_ip6 addr;
            uint8_t prefix;
        } inet6;
    } u;
} wasix_addr_cidr;
#ifdef WASIX_FIRST_GENERATION
WASIX_LAYOUT(wasix_addr_cidr, 20);
#else
WASIX_LAYOUT(wasix_addr_cidr, 28);
#endif

typedef struct wasix_fdstat {
    uint8_t fs_filetype;
    uint16_t fs_flags;
    uint64_t fs_rights_base;
    uint64_t fs_rights_inheriting;
} wasix_fdstat;
WASIX_LAYOUT(wasix_fdstat, 24);
WASIX_FIELD(wasix_fdstat, fs_flags, 2);
WASIX_FIELD(wasix_fdstat, fs_rights_base, 8);
WASIX_FIELD(wasix_fdstat, fs_rights_inheriting, 16);

typedef struct wasix_filestat {
    uint64_t dev;
    uint64_t ino;
    uint8_t filetype;
    uint64_t nlink;
    uint64_t size;
    uint64_t atim;
    uint64_t mtim;
    uint64_t ctim;
} wasix_filestat;
WASIX_LAYOUT(wasix_filestat, 64);
WASIX_FIELD(wasix_filestat, filetype, 16);
WASIX_FIELD(wasix_filestat, nlink, 24);
WASIX_FIELD(wasix_filestat, size, 32);
WASIX_FIELD(wasix_filestat, ctim, 56);

/* The head of an entry that fd_readdir writes; the name follows, without a NUL. */
typedef struct wasix_dirent {
    uint64_t d_next;
    uint64_t d_ino;
    uint32_t d_namlen;
    uint8_t d_type;
} wasix_dirent;
WASIX_LAYOUT(wasix_dirent, 24);
WASIX_FIELD(wasix_dirent, d_namlen, 16);
WASIX_FIELD(wasix_dirent, d_type, 20);

/* What is known of a preopened descriptor: tag 0 is a directory with a name of that length. */
typedef struct wasix_prestat {
    uint8_t tag;
    uint32_t name_len;
} wasix_prestat;
WASIX_LAYOUT(wasix_prestat, 8);
WASIX_FIELD(wasix_prestat, name_len, 4);

typedef struct wasix_subscription {
    uint64_t userdata;
    uint8_t tag; /* an event type */
    union {
        struct {
            uint32_t id;
            uint64_t timeout;
            uint64_t precision;
            uint16_t flags;
        } clock;
        struct {
            uint32_t fd;
        } fd_readwrite;
    } u;
} wasix_subscription;
WASIX_LAYOUT(wasix_subscription, 48);
WASIX_FIELD(wasix_subscription, tag, 8);
WASIX_FIELD(wasix_subscription, u.fd_readwrite.fd, 16);
WASIX_FIELD(wasix_subscription, u.clock.id, 16);
WASIX_FIELD(wasix_subscription, u.clock.timeout, 24);
WASIX_FIELD(wasix_subscription, u.clock.precision, 32);
WASIX_FIELD(wasix_subscription, u.clock.flags, 40);

typedef struct wasix_event {
    uint64_t userdata;
    uint16_t error;
    uint8_t type;
    uint64_t nbytes;
    uint16_t flags;
} wasix_event;
WASIX_LAYOUT(wasix_event, 32);
WASIX_FIELD(wasix_event, error, 8);
WASIX_FIELD(wasix_event, type, 10);
WASIX_FIELD(wasix_event, nbytes, 16);
WASIX_FIELD(wasix_event, flags, 24);

/* The four data words are the guest's own; the host gives them back as they were registered. */
typedef struct wasix_epoll_event {
    uint32_t events;
    struct {
        uint32_t ptr;
        uint32_t fd;
        uint32_t data1;
        uint64_t data2;
    } data __attribute__((aligned(8)));
} wasix_epoll_event;
WASIX_LAYOUT(wasix_epoll_event, 32);
WASIX_FIELD(wasix_epoll_event, data.ptr, 8);
WASIX_FIELD(wasix_epoll_event, data.fd, 12);
WASIX_FIELD(wasix_epoll_event, data.data1, 16);
WASIX_FIELD(wasix_epoll_event, data.data2, 24);

/* What a new thread starts from. It stays where it is until the thread's function has run. */
typedef struct wasix_thread_start {
    uint32_t stack; /* upper end, 16-byte aligned */
    uint32_t tls_base;
    uint32_t start_funct; /* index in the function table */
    uint32_t start_args;
    uint32_t reserved[10];
    uint32_t stack_size;
    uint32_t guard_size;
} wasix_thread_start;
WASIX_LAYOUT(wasix_thread_start, 64);
WASIX_FIELD(wasix_thread_start, start_args, 12);
WASIX_FIELD(wasix_thread_start, stack_size, 56);
WASIX_FIELD(wasix_thread_start, guard_size, 60);

typedef struct wasix_tty {
    uint32_t cols;
    uint32_t rows;
    uint32_t width;
    uint32_t height;
    uint8_t stdin_tty;
    uint8_t stdout_tty;
    uint8_t stderr_tty;
    uint8_t echo;
    uint8_t line_buffered;
    uint8_t line_feeds;
} wasix_tty;
WASIX_LAYOUT(wasix_tty, 24);
WASIX_FIELD(wasix_tty, stdin_tty, 16);
WASIX_FIELD(wasix_tty, line_feeds, 21);

typedef struct wasix_option_pid {
    uint8_t tag; /* 0 none, 1 some */
    uint32_t pid;
} wasix_option_pid;
WASIX_LAYOUT(wasix_option_pid, 8);

typedef struct wasix_option_fd {
    uint8_t tag; /* 0 none, 1 some */
    uint32_t fd;
} wasix_option_fd;
WASIX_LAYOUT(wasix_option_fd, 8);

typedef struct wasix_process_handles {
    uint32_t pid;
    wasix_option_fd in;
    wasix_option_fd out;
    wasix_option_fd err;
} wasix_process_handles;
WASIX_LAYOUT(wasix_process_handles, 28);
WASIX_FIELD(wasix_process_handles, err, 20);

typedef struct wasix_join_status {
    uint8_t tag;
    union {
        uint16_t exit_code;
        struct {
            uint16_t exit_code;
            uint8_t signal;
        } exit_signal;
        uint8_t stopped;
    } u;
} wasix_join_status;
WASIX_LAYOUT(wasix_join_status, 6);
WASIX_FIELD(wasix_join_status, u, 2);

typedef struct wasix_signal_disposition {
    uint8_t sig;
    uint8_t disp; /* 0 default, 1 ignore */
} wasix_signal_disposition;
WASIX_LAYOUT(wasix_signal_disposition, 2);

typedef struct wasix_proc_spawn_fd_op {
    uint8_t cmd; /* close 0, dup2 1, open 2, chdir 3, fchdir 4 */
    uint32_t fd;
    uint32_t src_fd;
    const char *path;
    uint32_t path_len;
    uint32_t dirflags;
    uint16_t oflags;
    uint64_t fs_rights_base;
    uint64_t fs_rights_inheriting;
    uint16_t fdflags;
    uint16_t fdflagsext;
} wasix_proc_spawn_fd_op;
WASIX_LAYOUT(wasix_proc_spawn_fd_op, 56);
WASIX_FIELD(wasix_proc_spawn_fd_op, path, 12);
WASIX_FIELD(wasix_proc_spawn_fd_op, dirflags, 20);
WASIX_FIELD(wasix_proc_spawn_fd_op, oflags, 24);
WASIX_FIELD(wasix_proc_spawn_fd_op, fs_rights_base, 32);
WASIX_FIELD(wasix_proc_spawn_fd_op, fdflagsext, 50);

typedef struct wasix_stack_snapshot {
    uint64_t user;
    uint64_t hash[2];
} wasix_stack_snapshot;
WASIX_LAYOUT(wasix_stack_snapshot, 24);

/* ---- helpers -------------------------------------------------------------------------------------------------- */

/* Addresses by value. */
static inline wasix_addr_port wasix_inet4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
    wasix_addr_port address = {.tag = WASIX_INET4};
    address.u.inet4.port = port;
    address.u.inet4.addr.octets[0] = a;
    address.u.inet4.addr.octets[1] = b;
    address.u.inet4.addr.octets[2] = c;
    address.u.inet4.addr.octets[3] = d;
    return address;
}

static inline wasix_addr_port wasix_inet6(const uint8_t octets[16], uint16_t port) {
    wasix_addr_port address = {.tag = WASIX_INET6};
    address.u.inet6.port = port;
    for (int i = 0; i < 16; i++) {
        address.u.inet6.addr.octets[i] = octets[i];
    }
    return address;
}

static inline uint16_t wasix_port(const wasix_addr_port *address) {
    return address->tag == WASIX_INET6 ? address->u.inet6.port : address->u.inet4.port;
}

/* ---- functions ------------------------------------------------------------------------------------------------ */

/* Sockets */

WASIX_EXTENSION(port_mac)
int32_t wasix_port_mac(uint8_t *out);

WASIX_EXTENSION(port_addr_list)
int32_t wasix_port_addr_list(wasix_addr_cidr *addrs, uint32_t *naddrs);

WASIX_EXTENSION(sock_status)
int32_t wasix_sock_status(uint32_t fd, uint8_t *out);

WASIX_EXTENSION(sock_addr_local)
int32_t wasix_sock_addr_local(uint32_t fd, wasix_addr_port *out);

WASIX_EXTENSION(sock_addr_peer)
int32_t wasix_sock_addr_peer(uint32_t fd, wasix_addr_port *out);

WASIX_EXTENSION(sock_open)
int32_t wasix_sock_open(uint8_t af, uint8_t socktype, uint16_t sock_proto, uint32_t *out);

WASIX_EXTENSION(sock_pair)
int32_t wasix_sock_pair(uint8_t af, uint8_t socktype, uint16_t sock_proto, uint32_t *out0, uint32_t *out1);

WASIX_EXTENSION(sock_set_opt_flag)
int32_t wasix_sock_set_opt_flag(uint32_t fd, uint8_t sockopt, uint8_t flag);

WASIX_EXTENSION(sock_get_opt_flag)
int32_t wasix_sock_get_opt_flag(uint32_t fd, uint8_t sockopt, uint8_t *out);

WASIX_EXTENSION(sock_set_opt_time)
int32_t wasix_sock_set_opt_time(uint32_t fd, uint8_t sockopt, const wasix_option_timestamp *timeout);

WASIX_EXTENSION(sock_get_opt_time)
int32_t wasix_sock_get_opt_time(uint32_t fd, uint8_t sockopt, wasix_option_timestamp *out);

WASIX_EXTENSION(sock_set_opt_size)
int32_t wasix_sock_set_opt_size(uint32_t fd, uint8_t sockopt, uint64_t size);

WASIX_EXTENSION(sock_get_opt_size)
int32_t wasix_sock_get_opt_size(uint32_t fd, uint8_t sockopt, uint64_t *out);

WASIX_EXTENSION(sock_join_multicast_v4)
int32_t wasix_sock_join_multicast_v4(uint32_t fd, const wasix_addr_ip4 *multiaddr, const wasix_addr_ip4 *iface);

WASIX_EXTENSION(sock_leave_multicast_v4)
int32_t wasix_sock_leave_multicast_v4(uint32_t fd, const wasix_addr_ip4 *multiaddr, const wasix_addr_ip4 *iface);

WASIX_EXTENSION(sock_join_multicast_v6)
int32_t wasix_sock_join_multicast_v6(uint32_t fd, const wasix_addr_ip6 *multiaddr, uint32_t iface);

WASIX_EXTENSION(sock_leave_multicast_v6)
int32_t wasix_sock_leave_multicast_v6(uint32_t fd, const wasix_addr_ip6 *multiaddr, uint32_t iface);

WASIX_EXTENSION(sock_bind)
int32_t wasix_sock_bind(uint32_t fd, const wasix_addr_port *addr);

WASIX_EXTENSION(sock_listen)
int32_t wasix_sock_listen(uint32_t fd, uint32_t backlog);

WASIX_EXTENSION(sock_accept_v2)
int32_t wasix_sock_accept_v2(uint32_t fd, uint16_t flags, uint32_t *out0, wasix_addr_port *out1);

WASIX_EXTENSION(sock_connect)
int32_t wasix_sock_connect(uint32_t fd, const wasix_addr_port *addr);

WASIX_EXTENSION(sock_recv_from)
int32_t wasix_sock_recv_from(uint32_t fd, const wasix_iovec *ri_data, uint32_t ri_data_len, uint16_t ri_flags,
        uint32_t *out0, uint16_t *out1, wasix_addr_port *out2);

WASIX_EXTENSION(sock_send_to)
int32_t wasix_sock_send_to(uint32_t fd, const wasix_ciovec *si_data, uint32_t si_data_len, uint16_t si_flags, const
        wasix_addr_port *addr, uint32_t *out);

WASIX_EXTENSION(sock_send_file)
int32_t wasix_sock_send_file(uint32_t out_fd, uint32_t in_fd, uint64_t offset, uint64_t count, uint64_t *out);

WASIX_EXTENSION(resolve)
int32_t wasix_resolve(const char *host, uint32_t host_len, uint16_t port, wasix_addr_ip *addrs, uint32_t naddrs,
        uint32_t *out);

#ifdef WASIX_FIRST_GENERATION
WASIX_BASE(sock_accept)
int32_t wasix_sock_accept(uint32_t fd, uint16_t flags, uint32_t *out0, wasix_addr_port *out1);
#else
WASIX_BASE(sock_accept)
int32_t wasix_sock_accept(uint32_t fd, uint16_t flags, uint32_t *out);
#endif

WASIX_BASE(sock_recv)
int32_t wasix_sock_recv(uint32_t fd, const wasix_iovec *ri_data, uint32_t ri_data_len, uint16_t ri_flags, uint32_t
        *out0, uint16_t *out1);

WASIX_BASE(sock_send)
int32_t wasix_sock_send(uint32_t fd, const wasix_ciovec *si_data, uint32_t si_data_len, uint16_t si_flags, uint32_t
        *out);

WASIX_BASE(sock_shutdown)
int32_t wasix_sock_shutdown(uint32_t fd, uint8_t how);

/* Descriptors */

WASIX_EXTENSION(fd_dup)
int32_t wasix_fd_dup(uint32_t fd, uint32_t *out);

WASIX_EXTENSION(fd_dup2)
int32_t wasix_fd_dup2(uint32_t fd, uint32_t min_result_fd, uint8_t cloexec, uint32_t *out);

WASIX_EXTENSION(fd_event)
int32_t wasix_fd_event(uint64_t initial_val, uint16_t flags, uint32_t *out);

WASIX_EXTENSION(fd_pipe)
int32_t wasix_fd_pipe(uint32_t *out0, uint32_t *out1);

WASIX_EXTENSION(fd_fdflags_get)
int32_t wasix_fd_fdflags_get(uint32_t fd, uint16_t *out);

WASIX_EXTENSION(fd_fdflags_set)
int32_t wasix_fd_fdflags_set(uint32_t fd, uint16_t flags);

WASIX_BASE(fd_advise)
int32_t wasix_fd_advise(uint32_t fd, uint64_t offset, uint64_t len, uint8_t advice);

WASIX_BASE(fd_allocate)
int32_t wasix_fd_allocate(uint32_t fd, uint64_t offset, uint64_t len);

WASIX_BASE(fd_close)
int32_t wasix_fd_close(uint32_t fd);

WASIX_BASE(fd_datasync)
int32_t wasix_fd_datasync(uint32_t fd);

WASIX_BASE(fd_fdstat_get)
int32_t wasix_fd_fdstat_get(uint32_t fd, wasix_fdstat *out);

WASIX_BASE(fd_fdstat_set_flags)
int32_t wasix_fd_fdstat_set_flags(uint32_t fd, uint16_t flags);

WASIX_BASE(fd_fdstat_set_rights)
int32_t wasix_fd_fdstat_set_rights(uint32_t fd, uint64_t fs_rights_base, uint64_t fs_rights_inheriting);

WASIX_BASE(fd_filestat_get)
int32_t wasix_fd_filestat_get(uint32_t fd, wasix_filestat *out);

WASIX_BASE(fd_filestat_set_size)
int32_t wasix_fd_filestat_set_size(uint32_t fd, uint64_t size);

WASIX_BASE(fd_filestat_set_times)
int32_t wasix_fd_filestat_set_times(uint32_t fd, uint64_t atim, uint64_t mtim, uint16_t fst_flags);

WASIX_BASE(fd_pread)
int32_t wasix_fd_pread(uint32_t fd, const wasix_iovec *iovs, uint32_t iovs_len, uint64_t offset, uint32_t *out);

WASIX_BASE(fd_prestat_get)
int32_t wasix_fd_prestat_get(uint32_t fd, wasix_prestat *out);

WASIX_BASE(fd_prestat_dir_name)
int32_t wasix_fd_prestat_dir_name(uint32_t fd, char *path, uint32_t path_len);

WASIX_BASE(fd_pwrite)
int32_t wasix_fd_pwrite(uint32_t fd, const wasix_ciovec *iovs, uint32_t iovs_len, uint64_t offset, uint32_t *out);

WASIX_BASE(fd_read)
int32_t wasix_fd_read(uint32_t fd, const wasix_iovec *iovs, uint32_t iovs_len, uint32_t *out);

WASIX_BASE(fd_readdir)
int32_t wasix_fd_readdir(uint32_t fd, uint8_t *buf, uint32_t buf_len, uint64_t cookie, uint32_t *out);

WASIX_BASE(fd_renumber)
int32_t wasix_fd_renumber(uint32_t fd, uint32_t to);

WASIX_BASE(fd_seek)
int32_t wasix_fd_seek(uint32_t fd, int64_t offset, uint8_t whence, uint64_t *out);

WASIX_BASE(fd_sync)
int32_t wasix_fd_sync(uint32_t fd);

WASIX_BASE(fd_tell)
int32_t wasix_fd_tell(uint32_t fd, uint64_t *out);

WASIX_BASE(fd_write)
int32_t wasix_fd_write(uint32_t fd, const wasix_ciovec *iovs, uint32_t iovs_len, uint32_t *out);

/* Readiness */

WASIX_EXTENSION(epoll_create)
int32_t wasix_epoll_create(uint32_t *out);

WASIX_EXTENSION(epoll_ctl)
int32_t wasix_epoll_ctl(uint32_t epfd, uint32_t op, uint32_t fd, const wasix_epoll_event *event);

WASIX_EXTENSION(epoll_wait)
int32_t wasix_epoll_wait(uint32_t epfd, wasix_epoll_event *event, uint32_t maxevents, uint64_t timeout, uint32_t
        *out);

WASIX_BASE(poll_oneoff)
int32_t wasix_poll_oneoff(const wasix_subscription *subscriptions, wasix_event *events, uint32_t nsubscriptions,
        uint32_t *out);

/* Paths */

WASIX_EXTENSION(getcwd)
int32_t wasix_getcwd(char *path, uint32_t *path_len);

WASIX_EXTENSION(chdir)
int32_t wasix_chdir(const char *path, uint32_t path_len);

WASIX_EXTENSION(path_open2)
int32_t wasix_path_open2(uint32_t fd, uint32_t dirflags, const char *path, uint32_t path_len, uint16_t oflags,
        uint64_t fs_rights_base, uint64_t fs_rights_inheriting, uint16_t fdflags, uint16_t fdflagsext, uint32_t *out);

WASIX_BASE(path_create_directory)
int32_t wasix_path_create_directory(uint32_t fd, const char *path, uint32_t path_len);

WASIX_BASE(path_filestat_get)
int32_t wasix_path_filestat_get(uint32_t fd, uint32_t flags, const char *path, uint32_t path_len, wasix_filestat
        *out);

WASIX_BASE(path_filestat_set_times)
int32_t wasix_path_filestat_set_times(uint32_t fd, uint32_t flags, const char *path, uint32_t path_len, uint64_t atim,
        uint64_t mtim, uint16_t fst_flags);

WASIX_BASE(path_link)
int32_t wasix_path_link(uint32_t old_fd, uint32_t old_flags, const char *old_path, uint32_t old_path_len, uint32_t
        new_fd, const char *new_path, uint32_t new_path_len);

WASIX_BASE(path_open)
int32_t wasix_path_open(uint32_t fd, uint32_t dirflags, const char *path, uint32_t path_len, uint16_t oflags, uint64_t
        fs_rights_base, uint64_t fs_rights_inheriting, uint16_t fdflags, uint32_t *out);

WASIX_BASE(path_readlink)
int32_t wasix_path_readlink(uint32_t fd, const char *path, uint32_t path_len, char *buf, uint32_t buf_len, uint32_t
        *out);

WASIX_BASE(path_remove_directory)
int32_t wasix_path_remove_directory(uint32_t fd, const char *path, uint32_t path_len);

WASIX_BASE(path_rename)
int32_t wasix_path_rename(uint32_t fd, const char *old_path, uint32_t old_path_len, uint32_t new_fd, const char
        *new_path, uint32_t new_path_len);

WASIX_BASE(path_symlink)
int32_t wasix_path_symlink(const char *old_path, uint32_t old_path_len, uint32_t fd, const char *new_path, uint32_t
        new_path_len);

WASIX_BASE(path_unlink_file)
int32_t wasix_path_unlink_file(uint32_t fd, const char *path, uint32_t path_len);

/* Clocks, randomness, arguments, terminal */

WASIX_EXTENSION(clock_time_set)
int32_t wasix_clock_time_set(uint32_t id, uint64_t timestamp);

WASIX_EXTENSION(tty_get)
int32_t wasix_tty_get(wasix_tty *state);

WASIX_EXTENSION(tty_set)
int32_t wasix_tty_set(wasix_tty *state);

WASIX_BASE(args_get)
int32_t wasix_args_get(char **argv, char *argv_buf);

WASIX_BASE(args_sizes_get)
int32_t wasix_args_sizes_get(uint32_t *out0, uint32_t *out1);

WASIX_BASE(environ_get)
int32_t wasix_environ_get(char **env, char *environ_buf);

WASIX_BASE(environ_sizes_get)
int32_t wasix_environ_sizes_get(uint32_t *out0, uint32_t *out1);

WASIX_BASE(clock_res_get)
int32_t wasix_clock_res_get(uint32_t id, uint64_t *out);

WASIX_BASE(clock_time_get)
int32_t wasix_clock_time_get(uint32_t id, uint64_t precision, uint64_t *out);

WASIX_BASE(sched_yield)
int32_t wasix_sched_yield(void);

WASIX_BASE(random_get)
int32_t wasix_random_get(uint8_t *buf, uint32_t buf_len);

/* Threads and futexes */

WASIX_EXTENSION(thread_spawn_v2)
int32_t wasix_thread_spawn_v2(wasix_thread_start *args, uint32_t *out);

#ifdef WASIX_FIRST_GENERATION
/* thread_spawn had two types: until 2023-03 it calls the export _start_thread with the halves of user_data, after it
   took the record and calls wasi_thread_start as today. */
WASIX_EXTENSION(thread_spawn)
int32_t wasix_thread_spawn(uint64_t user_data, uint64_t stack_base, uint64_t stack_start, uint32_t reactor, uint32_t
        *out);

WASIX_EXTENSION(thread_spawn)
int32_t wasix_thread_spawn_record(wasix_thread_start *args, uint32_t *out);

WASIX_EXTENSION(thread_local_create)
int32_t wasix_thread_local_create(uint64_t user_data, uint32_t *out);

WASIX_EXTENSION(thread_local_destroy)
int32_t wasix_thread_local_destroy(uint32_t key);

WASIX_EXTENSION(thread_local_set)
int32_t wasix_thread_local_set(uint32_t key, uint64_t value);

WASIX_EXTENSION(thread_local_get)
int32_t wasix_thread_local_get(uint32_t key, uint64_t *out);
#endif

WASIX_EXTENSION(thread_sleep)
int32_t wasix_thread_sleep(uint64_t duration);

WASIX_EXTENSION(thread_id)
int32_t wasix_thread_id(uint32_t *out);

WASIX_EXTENSION(thread_join)
int32_t wasix_thread_join(uint32_t tid);

WASIX_EXTENSION(thread_parallelism)
int32_t wasix_thread_parallelism(uint32_t *out);

WASIX_EXTENSION(thread_signal)
int32_t wasix_thread_signal(uint32_t tid, uint8_t sig);

WASIX_EXTENSION(futex_wait)
int32_t wasix_futex_wait(uint32_t *futex, uint32_t expected, const wasix_option_timestamp *timeout, uint8_t *out);

WASIX_EXTENSION(futex_wake)
int32_t wasix_futex_wake(uint32_t *futex, uint8_t *out);

WASIX_EXTENSION(futex_wake_all)
int32_t wasix_futex_wake_all(uint32_t *futex, uint8_t *out);

WASIX_EXTENSION(thread_exit)
_Noreturn void wasix_thread_exit(uint32_t rval);

/* Processes and signals */

WASIX_EXTENSION(callback_signal)
void wasix_callback_signal(const char *callback, uint32_t callback_len);

WASIX_EXTENSION(proc_raise_interval)
int32_t wasix_proc_raise_interval(uint8_t sig, uint64_t interval, uint8_t repeat);

WASIX_EXTENSION(stack_checkpoint)
int32_t wasix_stack_checkpoint(wasix_stack_snapshot *snapshot, uint64_t *out);

WASIX_EXTENSION(stack_restore)
void wasix_stack_restore(wasix_stack_snapshot *snapshot, uint64_t val);

WASIX_EXTENSION(context_create)
int32_t wasix_context_create(uint64_t *out, void (*entrypoint)(void));

WASIX_EXTENSION(context_switch)
int32_t wasix_context_switch(uint64_t next);

WASIX_EXTENSION(context_destroy)
int32_t wasix_context_destroy(uint64_t context);

WASIX_EXTENSION(proc_fork)
int32_t wasix_proc_fork(uint8_t copy_memory, uint32_t *out);

WASIX_EXTENSION(proc_exec)
void wasix_proc_exec(const char *name, uint32_t name_len, const char *args, uint32_t args_len);

WASIX_EXTENSION(proc_exec2)
void wasix_proc_exec2(const char *name, uint32_t name_len, const char *args, uint32_t args_len, const char *envs,
        uint32_t envs_len);

WASIX_EXTENSION(proc_exec3)
int32_t wasix_proc_exec3(const char *name, uint32_t name_len, const char *args, uint32_t args_len, const char *envs,
        uint32_t envs_len, uint8_t search_path, const char *path, uint32_t path_len);

WASIX_EXTENSION(proc_exec4)
int32_t wasix_proc_exec4(const char *name, uint32_t name_len, char *const args[], uint32_t args_len, char *const
        envs[], uint32_t envs_len, uint8_t search_path, const char *path, uint32_t path_len);

WASIX_EXTENSION(proc_spawn)
int32_t wasix_proc_spawn(const char *name, uint32_t name_len, uint8_t chroot, const char *args, uint32_t args_len,
        const char *preopen, uint32_t preopen_len, uint8_t stdin_mode, uint8_t stdout_mode, uint8_t stderr_mode, const
        char *working_dir, uint32_t working_dir_len, wasix_process_handles *out);

WASIX_EXTENSION(proc_spawn2)
int32_t wasix_proc_spawn2(const char *name, uint32_t name_len, const char *args, uint32_t args_len, const char *envs,
        uint32_t envs_len, const wasix_proc_spawn_fd_op *fd_ops, uint32_t fd_ops_len, const wasix_signal_disposition
        *signal_dispositions, uint32_t signal_dispositions_len, uint8_t search_path, const char *path, uint32_t
        path_len, uint32_t *out);

WASIX_EXTENSION(proc_spawn3)
int32_t wasix_proc_spawn3(const char *name, uint32_t name_len, char *const args[], uint32_t args_len, char *const
        envs[], uint32_t envs_len, const wasix_proc_spawn_fd_op *fd_ops, uint32_t fd_ops_len, const
        wasix_signal_disposition *signal_dispositions, uint32_t signal_dispositions_len, uint8_t search_path, const char
        *path, uint32_t path_len, uint32_t *out);

WASIX_EXTENSION(proc_id)
int32_t wasix_proc_id(uint32_t *out);

WASIX_EXTENSION(proc_parent)
int32_t wasix_proc_parent(uint32_t pid, uint32_t *out);

WASIX_EXTENSION(proc_join)
int32_t wasix_proc_join(wasix_option_pid *pid, uint32_t flags, wasix_join_status *out);

WASIX_EXTENSION(proc_signal)
int32_t wasix_proc_signal(uint32_t pid, uint8_t sig);

WASIX_EXTENSION(proc_signals_get)
int32_t wasix_proc_signals_get(uint8_t *buf);

WASIX_EXTENSION(proc_signals_sizes_get)
int32_t wasix_proc_signals_sizes_get(uint32_t *out);

WASIX_EXTENSION(proc_fork_env)
int32_t wasix_proc_fork_env(uint32_t *out);

WASIX_EXTENSION(proc_exit2)
void wasix_proc_exit2(uint32_t rval);

WASIX_BASE(proc_exit)
_Noreturn void wasix_proc_exit(uint32_t rval);

WASIX_BASE(proc_raise)
int32_t wasix_proc_raise(uint8_t sig);

/* wasi-threads: the number of the new thread, or a negated errno. The only import with a hyphen. */

WASIX_IMPORT("wasi", "thread-spawn")
int32_t wasix_wasi_thread_spawn(wasix_thread_start *start);

#endif
