/*
 * sock-states [4|6]: walks the states of a TCP socket alone on loopback, both ends in one thread, and prints one line a
 * step: "what: errno name", or a fact that does not vary. Without an argument both families are walked.
 *
 * The same source is built for Linux; that transcript is the expectation of this one. Where the decided answer differs
 * from Linux the step stands in sock-states.deviations with the reason. A step that Linux has no call for is WASIX_ONLY:
 * the native build prints what is expected.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"
#ifdef __wasi__
#include "wasix.h"
#endif

static int family;

/* ---- sockets in a wanted state --------------------------------------------------------------------------------- */

static int fresh(void) {
    int fd;
    need("open", net_socket(family, NET_STREAM, 0, &fd));
    return fd;
}

static int datagram(void) {
    int fd;
    need("open datagram", net_socket(family, NET_DGRAM, 0, &fd));
    return fd;
}

static int bound(net_addr *address) {
    int fd = fresh();
    net_addr any = net_loopback(family, 0);
    need("bind", net_bind(fd, &any));
    need("local", net_local(fd, address));
    return fd;
}

static int listener(net_addr *address) {
    int fd = bound(address);
    need("listen", net_listen(fd, 16));
    return fd;
}

/* Both ends of a connection. */
static void connected(int *client, int *server) {
    net_addr address;
    int fd = listener(&address);
    *client = fresh();
    need("connect", net_connect(*client, &address));
    need("accept", net_accept(fd, 0, server, NULL));
    net_close(fd);
}

/* A loopback address on which nobody listens. */
static net_addr nobody(void) {
    net_addr address;
    net_close(bound(&address));
    return address;
}

/* A non-blocking socket whose connect was refused; nobody has asked for the error yet. */
static int refused(void) {
    int fd = fresh();
    net_addr address = nobody();
    need("nonblock", net_set_nonblock(fd, 1));
    int error = net_connect(fd, &address);
    need("connect", error == EINPROGRESS ? 0 : error);
    await(fd, NET_WRITE);
    return fd;
}

/* A socket that stays connecting: the queue of the listener is full. Answers it; more[] is what filled the queue. */
#define FILL 16
static int connecting(int *full, int more[FILL]) {
    net_addr address;
    *full = bound(&address);
    need("listen", net_listen(*full, 0));
    for (int i = 0; i < FILL; i++) {
        more[i] = -1;
    }
    for (int i = 0; i < FILL; i++) {
        int fd = fresh();
        need("nonblock", net_set_nonblock(fd, 1));
        int error = net_connect(fd, &address);
        need("connect", error == EINPROGRESS ? 0 : error);
        if (ready(fd, NET_WRITE, 200 * MS) == 0) {
            return fd;
        }
        more[i] = fd;
    }
    need("no connect stays pending", EIO);
    return -1;
}

static void release(int full, int more[FILL]) {
    for (int i = 0; i < FILL; i++) {
        if (more[i] >= 0) {
            net_close(more[i]);
        }
    }
    net_close(full);
}

/* Closes so that the peer sees a reset. */
static void reset(int fd) {
    need("linger", net_set_time(fd, NET_LINGER, 0));
    need("close", net_close(fd));
}

static net_addr literal(const char *four, const char *six, uint16_t port) {
    net_addr address;
    need("literal", net_parse(family == NET_INET6 ? six : four, port, &address));
    return address;
}

static int other_family(void) {
    return family == NET_INET6 ? NET_INET4 : NET_INET6;
}

/* ---- the walk -------------------------------------------------------------------------------------------------- */

static void try_open(const char *what, int af, int type, int protocol) {
    int fd;
    int error = net_socket(af, type, protocol, &fd);
    step(what, error);
    if (error == 0) {
        net_close(fd);
    }
}

static void walk_open(void) {
    int first = fresh();
    int second = fresh();
    int third;
    int on;
    section = "open";
    try_open("stream", family, NET_STREAM, 0);
    try_open("stream with tcp", family, NET_STREAM, 6);
    try_open("datagram", family, NET_DGRAM, 0);
    try_open("datagram with udp", family, NET_DGRAM, 17);
    try_open("no family", 0, NET_STREAM, 0);
    try_open("unknown family", 250, NET_STREAM, 0);
    try_open("no type", family, NET_NO_TYPE, 0);
    try_open("unknown type", family, NET_BAD_TYPE, 0);
    try_open("raw", family, NET_RAW, 0);
    try_open("seqpacket", family, NET_SEQPACKET, 0);
    try_open("datagram with tcp", family, NET_DGRAM, 6);
    try_open("stream with udp", family, NET_STREAM, 17);
    try_open("stream with an unknown protocol", family, NET_STREAM, 200);
    net_close(first);
    third = fresh();
    yes("lowest free number", third == first);
    step("ask for non-blocking", net_get_nonblock(third, &on));
    yes("blocking at first", !on);
    step("set non-blocking", net_set_nonblock(third, 1));
    net_get_nonblock(third, &on);
    yes("non-blocking now", on);
    net_set_nonblock(third, 0);
    net_get_nonblock(third, &on);
    yes("blocking again", !on);
    net_close(second);
    net_close(third);
}

static void walk_bind(void) {
    net_addr any = net_loopback(family, 0);
    net_addr address;
    net_addr taken;
    char text[NET_ADDR_TEXT];
    int fd = fresh();
    int other;
    int full;
    int more[FILL];
    section = "bind";
    step("local of a fresh socket", net_local(fd, &address));
    fact("it is", net_format(&address, text));
    step("peer of a fresh socket", net_peer(fd, &address));
    step("port 0", net_bind(fd, &any));
    step("local", net_local(fd, &address));
    yes("port is nonzero", address.port != 0);
    yes("host is loopback", same_host(&address, &any));
    step("again", net_bind(fd, &any));
    step("peer of a bound socket", net_peer(fd, &taken));

    other = fresh();
    step("port of a bound socket", net_bind(other, &address));
    step("the failed one on port 0", net_bind(other, &any));
    net_close(other);
    taken = net_wildcard(family, address.port);
    other = fresh();
    step("wildcard, port of a bound socket", net_bind(other, &taken));
    net_close(other);
    net_close(fd);
    fd = fresh();
    step("port of a closed socket", net_bind(fd, &address));
    net_close(fd);

    fd = listener(&address);
    other = fresh();
    step("port of a listener", net_bind(other, &address));
    net_close(other);
    step("a listener", net_bind(fd, &any));
    net_close(fd);
    fd = fresh();
    step("port of a closed listener", net_bind(fd, &address));
    net_close(fd);

    connected(&fd, &other);
    step("a connected socket", net_bind(fd, &any));
    step("an accepted socket", net_bind(other, &any));
    net_close(fd);
    net_close(other);

    fd = connecting(&full, more);
    step("a connecting socket", net_bind(fd, &any));
    net_close(fd);
    release(full, more);

    fd = fresh();
    address = literal("192.0.2.1", "2001:db8::1", 0);
    step("address of another host", net_bind(fd, &address));
    address = net_loopback(other_family(), 0);
    step("address of the other family", net_bind(fd, &address));
    address.family = 0;
    address.octets[0] = 127;
    step("address of no family", net_bind(fd, &address));
    address = net_wildcard(family, 0);
    step("wildcard after these failures", net_bind(fd, &address));
    step("local of the wildcard", net_local(fd, &taken));
    yes("host is the wildcard", same_host(&address, &taken));
    yes("port of the wildcard is nonzero", taken.port != 0);
    other = fresh();
    address = net_loopback(family, taken.port);
    step("loopback, port of the wildcard", net_bind(other, &address));
    net_close(other);
    net_close(fd);

    fd = fresh();
    other = fresh();
    net_set_flag(fd, NET_REUSE_ADDR, 1);
    net_set_flag(other, NET_REUSE_ADDR, 1);
    step("port 0 with reuse_addr", net_bind(fd, &any));
    need("local", net_local(fd, &address));
    step("same port, both with reuse_addr", net_bind(other, &address));
    step("listen on the first", net_listen(fd, 4));
    step("listen on the second", net_listen(other, 4));
    net_close(fd);
    step("listen on the second when the first is closed", net_listen(other, 4));
    net_close(other);
}

static void walk_listen(void) {
    net_addr address;
    net_addr any = net_loopback(family, 0);
    int fd = fresh();
    int other;
    int full;
    int more[FILL];
    section = "listen";
    step("unbound", net_listen(fd, 4));
    net_close(fd);
    fd = bound(&address);
    step("bound", net_listen(fd, 4));
    step("again", net_listen(fd, 8));
    step("backlog 0", net_listen(fd, 0));
    step("backlog -1", net_listen(fd, -1));
    step("huge backlog", net_listen(fd, 1000000));
    step("local", net_local(fd, &any));
    yes("address is unchanged", same_address(&address, &any));
    step("peer", net_peer(fd, &any));
    net_close(fd);
    connected(&fd, &other);
    step("connected", net_listen(fd, 4));
    step("accepted", net_listen(other, 4));
    net_close(fd);
    net_close(other);
    fd = connecting(&full, more);
    step("connecting", net_listen(fd, 4));
    net_close(fd);
    release(full, more);
    fd = fresh();
    address = nobody();
    step("connect that is refused", net_connect(fd, &address));
    step("after it, unbound", net_listen(fd, 4));
    net_close(fd);
    any = nobody();
    fd = fresh();
    need("bind", net_bind(fd, &any));
    address = nobody();
    step("connect of a bound socket that is refused", net_connect(fd, &address));
    step("after it, bound", net_listen(fd, 4));
    need("local", net_local(fd, &address));
    yes("port is kept", address.port == any.port);
    net_close(fd);
    fd = datagram();
    step("datagram", net_listen(fd, 4));
    any = net_loopback(family, 0);
    need("bind datagram", net_bind(fd, &any));
    step("bound datagram", net_listen(fd, 4));
    net_close(fd);
}

static void walk_accept(void) {
    net_addr address;
    net_addr peer;
    net_addr local;
    int fd = fresh();
    int client;
    int second;
    int child;
    int none;
    int on;
    int full;
    int more[FILL];
    char data[8];
    size_t count;
    section = "accept";
    step("fresh", net_accept(fd, 0, &child, NULL));
    net_close(fd);
    fd = bound(&address);
    step("bound", net_accept(fd, 0, &child, NULL));
    net_close(fd);
    connected(&fd, &client);
    step("connected", net_accept(fd, 0, &child, NULL));
    net_close(fd);
    net_close(client);
    fd = connecting(&full, more);
    step("connecting", net_accept(fd, 0, &child, NULL));
    net_close(fd);
    release(full, more);
    fd = datagram();
    step("datagram", net_accept(fd, 0, &child, NULL));
    net_close(fd);

    fd = listener(&address);
    WASIX_ONLY("nobody waits, flag nonblock, blocking listener", net_accept(fd, NET_NONBLOCK, &child, NULL), "again");
    net_set_nonblock(fd, 1);
    step("nobody waits, non-blocking", net_accept(fd, 0, &child, NULL));
    client = fresh();
    second = fresh();
    need("connect", net_connect(client, &address));
    need("connect", net_connect(second, &address));
    await(fd, NET_READ);
    step("somebody waits", net_accept(fd, 0, &child, &peer));
    need("local", net_local(client, &local));
    yes("first come, first served", same_address(&peer, &local));
    step("peer of the child", net_peer(child, &peer));
    yes("it is the client", same_address(&peer, &local));
    step("local of the child", net_local(child, &local));
    yes("it is the listener's address", same_address(&address, &local));
    net_get_nonblock(child, &on);
    yes("child of a non-blocking listener blocks", !on);
    net_close(child);
    step("flag nonblock", net_accept(fd, NET_NONBLOCK, &child, NULL));
    net_get_nonblock(child, &on);
    yes("child does not block", on);
    step("queue is empty again", net_accept(fd, 0, &none, NULL));
    net_close(child);
    net_close(client);
    net_close(second);

    client = fresh();
    need("connect", net_connect(client, &address));
    net_send(client, "bye", 3, 0, &count);
    net_close(client);
    await(fd, NET_READ);
    step("client has sent and gone", net_accept(fd, 0, &child, NULL));
    moved("what it sent", net_recv(child, data, sizeof data, 0, &count), &count);
    moved("then its end", net_recv(child, data, sizeof data, 0, &count), &count);
    net_close(child);

    client = fresh();
    need("connect", net_connect(client, &address));
    reset(client);
    await(fd, NET_READ);
    step("client has reset", net_accept(fd, 0, &child, NULL));
    moved("recv from it", net_recv(child, data, sizeof data, 0, &count), &count);
    net_close(child);

    need("linger", net_set_time(fd, NET_LINGER, 3000 * MS));
    need("keep_alive", net_set_flag(fd, NET_KEEP_ALIVE, 1));
    need("no_delay", net_set_flag(fd, NET_NO_DELAY, 1));
    client = fresh();
    need("connect", net_connect(client, &address));
    await(fd, NET_READ);
    need("accept", net_accept(fd, 0, &child, NULL));
    int64_t time = 0;
    net_get_time(child, NET_LINGER, &time);
    yes("child has the listener's linger", time == 3000 * MS);
    net_get_flag(child, NET_KEEP_ALIVE, &on);
    yes("child has the listener's keep_alive", on);
    net_get_flag(child, NET_NO_DELAY, &on);
    yes("child has the listener's no_delay", on);
    net_set_time(child, NET_LINGER, NET_NO_TIME);
    net_close(child);
    net_close(client);

    client = fresh();
    need("connect", net_connect(client, &address));
    await(fd, NET_READ);
    net_close(fd);
    await(client, NET_READ);
    moved("listener closed before accept, recv of the client", net_recv(client, data, sizeof data, 0, &count), &count);
    net_close(client);
}

static void walk_connect(void) {
    net_addr address;
    net_addr peer;
    net_addr local;
    int server = listener(&address);
    int fd = fresh();
    int child;
    int full;
    int more[FILL];
    char data[8];
    size_t count;
    section = "connect";
    step("blocking", net_connect(fd, &address));
    step("local", net_local(fd, &local));
    yes("local port is nonzero", local.port != 0);
    yes("local host is loopback", same_host(&local, &address));
    step("peer", net_peer(fd, &peer));
    yes("it is the listener", same_address(&peer, &address));
    step("again", net_connect(fd, &address));
    net_close(fd);
    need("accept", net_accept(server, 0, &child, NULL));
    step("an accepted socket", net_connect(child, &address));
    net_close(child);
    step("a listener", net_connect(server, &address));

    fd = bound(&local);
    step("from a bound socket", net_connect(fd, &address));
    need("accept", net_accept(server, 0, &child, &peer));
    yes("it comes from that port", same_address(&peer, &local));
    net_close(fd);
    net_close(child);

    fd = fresh();
    local = net_wildcard(family, 0);
    need("bind", net_bind(fd, &local));
    need("local", net_local(fd, &local));
    step("from a wildcard socket", net_connect(fd, &address));
    need("local", net_local(fd, &peer));
    yes("local host became loopback", same_host(&peer, &address));
    yes("local port is kept", peer.port == local.port);
    net_close(fd);
    need("accept", net_accept(server, 0, &child, NULL));
    net_close(child);

    fd = fresh();
    peer = net_wildcard(family, address.port);
    step("to the wildcard address", net_connect(fd, &peer));
    step("peer of it", net_peer(fd, &peer));
    yes("it is loopback", same_host(&peer, &address));
    net_close(fd);
    need("accept", net_accept(server, 0, &child, NULL));
    net_close(child);

    fd = fresh();
    peer = nobody();
    step("refused", net_connect(fd, &peer));
    step("peer after it", net_peer(fd, &local));
    last_error("no error is left", fd);
    moved("recv after it", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    step("refused once more", net_connect(fd, &peer));
    step("the same socket to a listener", net_connect(fd, &address));
    net_close(fd);
    need("accept", net_accept(server, 0, &child, NULL));
    net_close(child);
    fd = fresh();
    child = bound(&peer);
    step("to a port that is bound and does not listen", net_connect(fd, &peer));
    net_close(child);
    peer = net_loopback(family, 0);
    step("to port 0", net_connect(fd, &peer));
    peer = net_loopback(other_family(), address.port);
    step("to the other family", net_connect(fd, &peer));
    peer = net_loopback(family, address.port);
    peer.family = 0;
    step("to no family", net_connect(fd, &peer));
    peer = literal("255.255.255.255", "ff0e::1", 9);
    step("to broadcast or multicast", net_connect(fd, &peer));
    step("to a listener after all these", net_connect(fd, &address));
    net_close(fd);
    need("accept", net_accept(server, 0, &child, NULL));
    net_close(child);

    fd = fresh();
    net_set_nonblock(fd, 1);
    step("non-blocking", net_connect(fd, &address));
    await(fd, NET_WRITE);
    last_error("error when it is writable", fd);
    step("asked again when it is done", net_connect(fd, &address));
    step("and again", net_connect(fd, &address));
    step("peer of the non-blocking one", net_peer(fd, &peer));
    net_close(fd);
    need("accept", net_accept(server, 0, &child, NULL));
    net_close(child);

    fd = fresh();
    net_set_nonblock(fd, 1);
    peer = nobody();
    step("non-blocking, refused", net_connect(fd, &peer));
    await(fd, NET_WRITE);
    step("peer of the refused", net_peer(fd, &peer));
    last_error("last_error tells why", fd);
    last_error("last_error tells it once", fd);
    moved("recv after last_error", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("send after last_error", net_send(fd, "x", 1, 0, &count), &count);
    net_close(fd);
    fd = refused();
    moved("refused, recv tells why", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("refused, recv tells it once", net_recv(fd, data, sizeof data, 0, &count), &count);
    last_error("refused, no error after recv", fd);
    net_close(fd);
    fd = refused();
    moved("refused, send tells why", net_send(fd, "x", 1, 0, &count), &count);
    moved("refused, send tells it once", net_send(fd, "x", 1, 0, &count), &count);
    net_close(fd);
    fd = refused();
    step("refused, connect tells why", net_connect(fd, &address));
    step("refused, then a new attempt", net_connect(fd, &address));
    await(fd, NET_WRITE);
    last_error("refused, the new attempt", fd);
    step("refused, peer of the new attempt", net_peer(fd, &peer));
    net_close(fd);
    need("accept", net_accept(server, 0, &child, NULL));
    net_close(child);
    net_close(server);

    fd = connecting(&full, more);
    need("local", net_local(full, &address));
    step("while connecting", net_connect(fd, &address));
    step("connecting, peer", net_peer(fd, &peer));
    step("connecting, local", net_local(fd, &local));
    yes("connecting, local port is nonzero", local.port != 0);
    moved("connecting, recv", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("connecting, send", net_send(fd, "x", 1, 0, &count), &count);
    last_error("connecting, no error", fd);
    step("connecting, shutdown of both", net_shutdown(fd, NET_SHUT_BOTH));
    step("connecting, peer after shutdown", net_peer(fd, &peer));
    step("connecting, close", net_close(fd));
    release(full, more);
}

#ifdef __wasi__
static void status(const char *what, int fd) {
    static const char *const names[] = {"opening", "opened", "closed", "failed"};
    uint8_t value = 0;
    int error = wasix_sock_status((uint32_t)fd, &value);
    fact(what, error != 0 ? net_errname(error) : value < 4 ? names[value] : "no status");
}
#define STATUS(what, fd, expected) status(what, fd)
#else
#define STATUS(what, fd, expected) fact(what, expected)
#endif

static void walk_status(void) {
    net_addr address;
    int fd = fresh();
    int other;
    int full;
    int more[FILL];
    char data[8];
    size_t count;
    section = "status";
    STATUS("fresh", fd, "opening");
    net_close(fd);
    fd = bound(&address);
    STATUS("bound", fd, "opened");
    need("listen", net_listen(fd, 4));
    STATUS("listening", fd, "opened");
    net_close(fd);
    fd = connecting(&full, more);
    STATUS("connecting", fd, "opening");
    net_close(fd);
    release(full, more);
    connected(&fd, &other);
    STATUS("connected", fd, "opened");
    STATUS("accepted", other, "opened");
    net_close(other);
    await(fd, NET_READ);
    net_recv(fd, data, sizeof data, 0, &count);
    STATUS("end was read", fd, "closed");
    net_close(fd);
    connected(&fd, &other);
    net_shutdown(fd, NET_SHUT_BOTH);
    STATUS("both halves shut", fd, "closed");
    net_close(fd);
    net_close(other);
    connected(&fd, &other);
    reset(other);
    await(fd, NET_READ);
    net_recv(fd, data, sizeof data, 0, &count);
    STATUS("reset", fd, "failed");
    net_close(fd);
    fd = refused();
    STATUS("refused", fd, "failed");
    last_error("the error is still there", fd);
    STATUS("refused, error was read", fd, "failed");
    net_close(fd);
    WASIX_ONLY("closed", wasix_sock_status((uint32_t)fd, (uint8_t *)data), "badf");
    WASIX_ONLY("stdin", wasix_sock_status(0, (uint8_t *)data), "notsock");
}

static void walk_recv(void) {
    net_addr address;
    int fd = fresh();
    int other;
    char data[16];
    size_t count;
    section = "recv";
    moved("fresh", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    net_close(fd);
    fd = bound(&address);
    moved("bound", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    need("listen", net_listen(fd, 4));
    moved("listening", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    net_close(fd);

    connected(&fd, &other);
    moved("nothing there, dont_wait", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    need("timeout", net_set_time(fd, NET_RECV_TIMEOUT, 30 * MS));
    int64_t start = net_now();
    moved("nothing there, recv_timeout", net_recv(fd, data, sizeof data, 0, &count), &count);
    yes("it took the time", net_now() - start >= 15 * MS);
    moved("nothing there, read with recv_timeout", net_read(fd, data, sizeof data, &count), &count);
    net_set_time(fd, NET_RECV_TIMEOUT, NET_NO_TIME);
    net_set_nonblock(fd, 1);
    moved("nothing there, non-blocking", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("nothing there, read, non-blocking", net_read(fd, data, sizeof data, &count), &count);
    moved("nothing there, no room either", net_recv(fd, data, 0, 0, &count), &count);
    moved("nothing there, peek without room", net_recv(fd, data, 0, NET_PEEK, &count), &count);
    moved("nothing there, read without room", net_read(fd, data, 0, &count), &count);
    net_set_nonblock(fd, 0);
    net_send(other, "hello world", 11, 0, &count);
    await(fd, NET_READ);
    moved("no room for data", net_recv(fd, data, 0, 0, &count), &count);
    moved("read without room for data", net_read(fd, data, 0, &count), &count);
    moved("peek", net_recv(fd, data, 5, NET_PEEK, &count), &count);
    moved("peek again", net_recv(fd, data, sizeof data, NET_PEEK, &count), &count);
    moved("five", net_recv(fd, data, 5, 0, &count), &count);
    yes("they are the first", memcmp(data, "hello", 5) == 0);
    net_addr from;
    moved("one by recv_from", net_recv_from(fd, data, 1, 0, &count, &from), &count);
    moved("the rest by read", net_read(fd, data, sizeof data, &count), &count);
    yes("it is the rest", memcmp(data, "world", 5) == 0);
    net_send(other, "abc", 3, 0, &count);
    net_send(other, "def", 3, 0, &count);
    moved("wait for all", net_recv(fd, data, 6, NET_WAITALL, &count), &count);
    net_send(other, "tail", 4, 0, &count);
    net_close(other);
    await(fd, NET_READ);
    moved("wait for more than comes", net_recv(fd, data, 10, NET_WAITALL, &count), &count);
    moved("end", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("end again", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("end by read", net_read(fd, data, sizeof data, &count), &count);
    step("peer after the end", net_peer(fd, &address));
    net_close(fd);

    connected(&fd, &other);
    net_send(other, "abc", 3, 0, &count);
    await(fd, NET_READ);
    step("shut for reading", net_shutdown(fd, NET_SHUT_RD));
    moved("shut, what was queued", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("shut, then the end", net_recv(fd, data, sizeof data, 0, &count), &count);
    net_close(fd);
    net_close(other);

    connected(&fd, &other);
    reset(other);
    await(fd, NET_READ);
    moved("reset", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("reset is told once", net_recv(fd, data, sizeof data, 0, &count), &count);
    step("peer after a reset", net_peer(fd, &address));
    step("local after a reset", net_local(fd, &address));
    net_close(fd);
    connected(&fd, &other);
    reset(other);
    await(fd, NET_READ);
    moved("reset, read", net_read(fd, data, sizeof data, &count), &count);
    moved("reset, read again", net_read(fd, data, sizeof data, &count), &count);
    net_close(fd);
    connected(&fd, &other);
    reset(other);
    await(fd, NET_READ);
    last_error("reset, last_error", fd);
    last_error("reset, last_error again", fd);
    moved("reset, recv after last_error", net_recv(fd, data, sizeof data, 0, &count), &count);
    net_close(fd);
    connected(&fd, &other);
    net_send(other, "abc", 3, 0, &count);
    await(fd, NET_READ);
    reset(other);
    rest();
    moved("data before a reset", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("reset after data", net_recv(fd, data, sizeof data, 0, &count), &count);
    net_close(fd);
    connected(&fd, &other);
    net_send(fd, "abc", 3, 0, &count);
    await(other, NET_READ);
    net_close(other);
    await(fd, NET_READ);
    moved("peer closed with data unread", net_recv(fd, data, sizeof data, 0, &count), &count);
    net_close(fd);
}

/* Sends until the socket takes no more. */
static size_t top_up(int fd) {
    static char block[65536];
    size_t total = 0;
    size_t count;
    while (net_send(fd, block, sizeof block, NET_DONTWAIT, &count) == 0) {
        total += count;
    }
    return total;
}

/* The same until it takes no more after a rest either: the kernels move bytes on meanwhile, also later and seldom, so
   what must find the socket full tops it up just before. */
static size_t fill(int fd) {
    size_t total = top_up(fd);
    size_t more;
    do {
        rest();
        more = top_up(fd);
        total += more;
    } while (more > 0);
    return total;
}

static void walk_send(void) {
    static char sink[65536];
    net_addr address;
    int fd = fresh();
    int other;
    size_t count;
    section = "send";
    moved("fresh", net_send(fd, "x", 1, 0, &count), &count);
    net_close(fd);
    fd = bound(&address);
    moved("bound", net_send(fd, "x", 1, 0, &count), &count);
    need("listen", net_listen(fd, 4));
    moved("listening", net_send(fd, "x", 1, 0, &count), &count);
    net_close(fd);

    connected(&fd, &other);
    moved("connected", net_send(fd, "hello", 5, 0, &count), &count);
    moved("write", net_write(fd, "hello", 5, &count), &count);
    moved("nothing", net_send(fd, "", 0, 0, &count), &count);
    net_peer(fd, &address);
    moved("send_to the peer", net_send_to(fd, "x", 1, 0, &address, &count), &count);
    moved("what arrived", net_recv(other, sink, 11, NET_WAITALL, &count), &count);
    size_t total = fill(fd);
    yes("something fits", total > 0);
    moved("full, dont_wait", net_send(fd, "x", 1, NET_DONTWAIT, &count), &count);
    need("timeout", net_set_time(fd, NET_SEND_TIMEOUT, 30 * MS));
    total += top_up(fd);
    int64_t start = net_now();
    moved("full, send_timeout", net_send(fd, "x", 1, 0, &count), &count);
    yes("it took the time", net_now() - start >= 15 * MS);
    net_set_time(fd, NET_SEND_TIMEOUT, NET_NO_TIME);
    net_set_nonblock(fd, 1);
    total += top_up(fd);
    moved("full, non-blocking", net_send(fd, "x", 1, 0, &count), &count);
    total += top_up(fd);
    moved("full, write, non-blocking", net_write(fd, "x", 1, &count), &count);
    size_t got = 0;
    while (got < total && net_recv(other, sink, sizeof sink, 0, &count) == 0 && count > 0) {
        got += count;
    }
    yes("all arrived", got == total);
    await(fd, NET_WRITE);
    moved("room again", net_send(fd, "x", 1, 0, &count), &count);
    step("shut for writing", net_shutdown(fd, NET_SHUT_WR));
    moved("after it", net_send(fd, "x", 1, 0, &count), &count);
    moved("after it, write", net_write(fd, "x", 1, &count), &count);
    moved("the peer still sends", net_send(other, "abc", 3, 0, &count), &count);
    await(fd, NET_READ);
    moved("and it arrives", net_recv(fd, sink, sizeof sink, 0, &count), &count);
    moved("the peer gets the last byte", net_recv(other, sink, sizeof sink, 0, &count), &count);
    moved("the peer gets the end", net_recv(other, sink, sizeof sink, 0, &count), &count);
    net_close(fd);
    net_close(other);

    connected(&fd, &other);
    net_close(other);
    await(fd, NET_READ);
    moved("peer has closed", net_send(fd, "x", 1, 0, &count), &count);
    rest();
    moved("peer has answered with a reset", net_send(fd, "x", 1, 0, &count), &count);
    net_close(fd);
    connected(&fd, &other);
    reset(other);
    await(fd, NET_READ);
    moved("reset", net_send(fd, "x", 1, 0, &count), &count);
    moved("reset is told once", net_send(fd, "x", 1, 0, &count), &count);
    moved("recv after that", net_recv(fd, sink, sizeof sink, 0, &count), &count);
    net_close(fd);
}

static void walk_shutdown(void) {
    net_addr address;
    int fd = fresh();
    int other;
    char data[8];
    size_t count;
    section = "shutdown";
    step("fresh", net_shutdown(fd, NET_SHUT_BOTH));
    net_close(fd);
    fd = bound(&address);
    step("bound", net_shutdown(fd, NET_SHUT_WR));
    net_close(fd);
    fd = datagram();
    step("datagram without peer", net_shutdown(fd, NET_SHUT_BOTH));
    net_close(fd);
    fd = refused();
    step("refused", net_shutdown(fd, NET_SHUT_BOTH));
    net_close(fd);

    address = nobody();
    fd = fresh();
    need("bind", net_bind(fd, &address));
    need("listen", net_listen(fd, 4));
    net_set_nonblock(fd, 1);
    step("listening, reading", net_shutdown(fd, NET_SHUT_RD));
    step("listening, accept after it", net_accept(fd, 0, &other, NULL));
    other = fresh();
    step("listening, connect after it", net_connect(other, &address));
    net_close(other);
    step("listening, listen again", net_listen(fd, 4));
    other = fresh();
    step("listening, connect to it", net_connect(other, &address));
    net_close(other);
    net_close(fd);

    connected(&fd, &other);
    step("no direction", net_shutdown(fd, 0));
    step("unknown direction", net_shutdown(fd, 7));
    step("reading", net_shutdown(fd, NET_SHUT_RD));
    step("reading again", net_shutdown(fd, NET_SHUT_RD));
    moved("send when shut for reading", net_send(fd, "abc", 3, 0, &count), &count);
    step("writing", net_shutdown(fd, NET_SHUT_WR));
    step("writing again", net_shutdown(fd, NET_SHUT_WR));
    step("both again", net_shutdown(fd, NET_SHUT_BOTH));
    moved("the peer gets what was sent", net_recv(other, data, sizeof data, 0, &count), &count);
    moved("the peer gets the end", net_recv(other, data, sizeof data, 0, &count), &count);
    step("the peer shuts both", net_shutdown(other, NET_SHUT_BOTH));
    rest();
    step("both once more", net_shutdown(fd, NET_SHUT_BOTH));
    net_close(fd);
    net_close(other);

    connected(&fd, &other);
    reset(other);
    await(fd, NET_READ);
    step("reset", net_shutdown(fd, NET_SHUT_WR));
    net_close(fd);
}

static void try_flag(const char *what, int fd, enum net_option option) {
    char text[96];
    int on = -1;
    int error = net_set_flag(fd, option, 1);
    snprintf(text, sizeof text, "%s on", what);
    if (error != 0) {
        step(text, error);
        return;
    }
    net_get_flag(fd, option, &on);
    int was_on = on == 1;
    error = net_set_flag(fd, option, 0);
    net_get_flag(fd, option, &on);
    fact(text, error != 0 ? net_errname(error) : was_on && on == 0 ? "success, read back, off again" : "not kept");
}

static void try_flags(const char *state, int fd) {
    static const struct {
        const char *name;
        enum net_option option;
    } flags[] = {
        {"reuse_addr", NET_REUSE_ADDR},
        {"reuse_port", NET_REUSE_PORT},
        {"no_delay", NET_NO_DELAY},
        {"keep_alive", NET_KEEP_ALIVE},
        {"broadcast", NET_BROADCAST},
        {"oob_inline", NET_OOB_INLINE},
        {"dont_route", NET_DONT_ROUTE},
    };
    char text[64];
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        snprintf(text, sizeof text, "%s, %s", state, flags[i].name);
        try_flag(text, fd, flags[i].option);
    }
    int on = -1;
    int error = net_get_flag(fd, NET_LISTENING, &on);
    snprintf(text, sizeof text, "%s, listening", state);
    fact(text, error != 0 ? net_errname(error) : on ? "on" : "off");
}

static void try_size(const char *what, int fd, enum net_option option, int64_t size) {
    step(what, net_set_size(fd, option, size));
}

static void walk_options(void) {
    net_addr address;
    int fd = fresh();
    int other;
    int on = 0;
    int64_t value;
    section = "options";
    try_flags("fresh", fd);
    net_close(fd);
    fd = bound(&address);
    try_flags("bound", fd);
    need("listen", net_listen(fd, 4));
    try_flags("listener", fd);
    net_close(fd);
    connected(&fd, &other);
    try_flags("connected", fd);
    try_flags("accepted", other);
    net_close(fd);
    net_close(other);

    fd = fresh();
    step("set listening", net_set_flag(fd, NET_LISTENING, 1));
    step("set only_v6", net_set_flag(fd, NET_ONLY_V6, 1));
    if (family == NET_INET6) {
        net_get_flag(fd, NET_ONLY_V6, &on);
        yes("only_v6 is kept", on);
        address = net_loopback(family, 0);
        need("bind", net_bind(fd, &address));
        step("set only_v6 when bound", net_set_flag(fd, NET_ONLY_V6, 0));
        net_get_flag(fd, NET_ONLY_V6, &on);
        yes("only_v6 is still set", on);
    }
    net_close(fd);
    fd = datagram();
    step("no_delay of a datagram socket", net_set_flag(fd, NET_NO_DELAY, 1));
    net_close(fd);

    fd = fresh();
    value = -1;
    step("get type", net_get_size(fd, NET_TYPE, &value));
    yes("it is stream", value == 1);
    step("get proto", net_get_size(fd, NET_PROTO, &value));
    yes("it is tcp", value == 6);
    try_size("recv_buf", fd, NET_RECV_BUF, 65536);
    step("get recv_buf", net_get_size(fd, NET_RECV_BUF, &value));
    yes("it is at least that", value >= 65536);
    try_size("send_buf", fd, NET_SEND_BUF, 65536);
    step("get send_buf", net_get_size(fd, NET_SEND_BUF, &value));
    yes("it is at least that too", value >= 65536);
    try_size("ttl 17", fd, NET_TTL, 17);
    step("get ttl", net_get_size(fd, NET_TTL, &value));
    yes("it is 17", value == 17);
    try_size("ttl 0", fd, NET_TTL, 0);
    try_size("ttl 256", fd, NET_TTL, 256);
    try_size("recv_lowat 1", fd, NET_RECV_LOWAT, 1);
    try_size("send_lowat 1", fd, NET_SEND_LOWAT, 1);
    last_error("last_error of a fresh socket", fd);

    step("get recv_timeout", net_get_time(fd, NET_RECV_TIMEOUT, &value));
    yes("there is none", value == NET_NO_TIME);
    step("recv_timeout 2 s", net_set_time(fd, NET_RECV_TIMEOUT, 2000 * MS));
    net_get_time(fd, NET_RECV_TIMEOUT, &value);
    yes("recv_timeout is 2 s", value == 2000 * MS);
    step("send_timeout 2 s", net_set_time(fd, NET_SEND_TIMEOUT, 2000 * MS));
    net_get_time(fd, NET_SEND_TIMEOUT, &value);
    yes("send_timeout is 2 s", value == 2000 * MS);
    step("no send_timeout", net_set_time(fd, NET_SEND_TIMEOUT, NET_NO_TIME));
    net_get_time(fd, NET_SEND_TIMEOUT, &value);
    yes("send_timeout is gone", value == NET_NO_TIME);
    step("get linger", net_get_time(fd, NET_LINGER, &value));
    yes("it is off", value == NET_NO_TIME);
    step("linger 2 s", net_set_time(fd, NET_LINGER, 2000 * MS));
    net_get_time(fd, NET_LINGER, &value);
    yes("linger is 2 s", value == 2000 * MS);
    step("linger 0", net_set_time(fd, NET_LINGER, 0));
    net_get_time(fd, NET_LINGER, &value);
    yes("linger is on and 0", value == 0);
    step("linger off", net_set_time(fd, NET_LINGER, NET_NO_TIME));
    net_get_time(fd, NET_LINGER, &value);
    yes("linger is off again", value == NET_NO_TIME);

    WASIX_ONLY("flag value 2", wasix_sock_set_opt_flag((uint32_t)fd, WASIX_OPT_KEEP_ALIVE, 2), "inval");
    WASIX_ONLY("option 27", wasix_sock_set_opt_flag((uint32_t)fd, 27, 1), "inval");
    WASIX_ONLY("promiscuous", wasix_sock_set_opt_flag((uint32_t)fd, WASIX_OPT_PROMISCUOUS, 1), "noprotoopt");
    WASIX_ONLY("a time set as a flag", wasix_sock_set_opt_flag((uint32_t)fd, WASIX_OPT_RECV_TIMEOUT, 1), "inval");
    WASIX_ONLY("a flag set as a size", wasix_sock_set_opt_size((uint32_t)fd, WASIX_OPT_KEEP_ALIVE, 1), "inval");
    WASIX_ONLY("multicast_ttl_v4 of a stream",
            wasix_sock_set_opt_size((uint32_t)fd, WASIX_OPT_MULTICAST_TTL_V4, 4), "noprotoopt");
#ifdef __wasi__
    wasix_option_timestamp time = {1, 7};
#endif
    WASIX_ONLY("get connect_timeout",
            wasix_sock_get_opt_time((uint32_t)fd, WASIX_OPT_CONNECT_TIMEOUT, &time), "success");
#ifdef __wasi__
    yes("no connect_timeout", time.tag == 0);
    time.tag = 1;
    time.ns = 30 * MS;
#else
    yes("no connect_timeout", 1);
#endif
    WASIX_ONLY("accept_timeout",
            wasix_sock_set_opt_time((uint32_t)fd, WASIX_OPT_ACCEPT_TIMEOUT, &time), "success");
    address = net_loopback(family, 0);
    need("bind", net_bind(fd, &address));
    need("listen", net_listen(fd, 4));
    WASIX_ONLY("accept with accept_timeout", net_accept(fd, 0, &other, NULL), "timedout");
    net_close(fd);

    fd = listener(&address);
    need("timeout", net_set_time(fd, NET_RECV_TIMEOUT, 30 * MS));
    step("accept with recv_timeout", net_accept(fd, 0, &other, NULL));
    net_close(fd);
}

static void walk_poll(void) {
    static char sink[65536];
    net_addr address;
    int fd = fresh();
    int other;
    int full;
    int more[FILL];
    size_t count;
    section = "poll";
    readiness("fresh", fd);
    net_close(fd);
    fd = bound(&address);
    readiness("bound", fd);
    need("listen", net_listen(fd, 4));
    readiness("listening, nobody waits", fd);
    other = fresh();
    need("connect", net_connect(other, &address));
    await(fd, NET_READ);
    readiness("listening, somebody waits", fd);
    net_close(other);
    net_shutdown(fd, NET_SHUT_BOTH);
    readiness("listener shut down", fd);
    net_close(fd);
    fd = connecting(&full, more);
    readiness("connecting", fd);
    net_close(fd);
    release(full, more);
    fd = refused();
    readiness("refused", fd);
    last_error("refused, the poll took no error", fd);
    readiness("refused, error was read", fd);
    net_close(fd);

    connected(&fd, &other);
    readiness("connected", fd);
    net_send(other, "abc", 3, 0, &count);
    await(fd, NET_READ);
    readiness("data is there", fd);
    readiness("data is still there", fd);
    net_recv(fd, sink, 2, 0, &count);
    readiness("some data is left", fd);
    net_recv(fd, sink, sizeof sink, 0, &count);
    readiness("data was read", fd);
    fill(fd);
    readiness("send buffer is full", fd);
    await(other, NET_READ);
    for (int idle = 0; idle < 2; idle++) {
        while (net_recv(other, sink, sizeof sink, NET_DONTWAIT, &count) == 0) {
            idle = 0;
        }
        rest();
    }
    await(fd, NET_WRITE);
    readiness("send buffer has room", fd);
    net_pollfd both[2] = {{.fd = fd, .want = NET_WRITE}, {.fd = other, .want = NET_READ}};
    step("two sockets, one is ready", net_poll(both, 2, 5000 * MS, &count));
    yes("it is the first", count == 1 && both[0].got == NET_WRITE && both[1].got == 0);
    int64_t start = net_now();
    yes("nothing comes in 30 ms", ready(other, NET_READ, 30 * MS) == 0);
    yes("it took the time", net_now() - start >= 15 * MS);
    net_shutdown(other, NET_SHUT_WR);
    await(fd, NET_READ);
    readiness("peer is half closed", fd);
    readiness("half closed by itself", other);
    net_shutdown(fd, NET_SHUT_WR);
    await(other, NET_READ);
    readiness("both directions are closed", fd);
    net_close(fd);
    net_close(other);

    connected(&fd, &other);
    net_shutdown(fd, NET_SHUT_RD);
    readiness("shut for reading", fd);
    net_shutdown(fd, NET_SHUT_WR);
    readiness("shut for both", fd);
    net_close(fd);
    net_close(other);

    connected(&fd, &other);
    reset(other);
    await(fd, NET_READ);
    readiness("reset", fd);
    last_error("reset, the poll took no error", fd);
    net_close(fd);
    readiness("closed", fd);
}

static void walk_dup(void) {
    net_addr address;
    int fd;
    int other;
    int copy;
    int on = 0;
    char data[8];
    size_t count;
    section = "dup";
    connected(&fd, &other);
    step("a connected socket", net_dup(fd, &copy));
    net_set_nonblock(copy, 1);
    net_get_nonblock(fd, &on);
    yes("non-blocking is shared", on);
    net_set_nonblock(fd, 0);
    step("close the first", net_close(fd));
    moved("the copy sends", net_send(copy, "abc", 3, 0, &count), &count);
    moved("the peer receives", net_recv(other, data, sizeof data, 0, &count), &count);
    moved("the peer sees no end", net_recv(other, data, sizeof data, NET_DONTWAIT, &count), &count);
    step("close the copy", net_close(copy));
    await(other, NET_READ);
    moved("the peer sees the end", net_recv(other, data, sizeof data, 0, &count), &count);
    net_close(other);

    connected(&fd, &other);
    need("dup", net_dup(fd, &copy));
    step("shutdown through the copy", net_shutdown(copy, NET_SHUT_WR));
    moved("send on the first", net_send(fd, "x", 1, 0, &count), &count);
    net_close(copy);
    copy = listener(&address);
    step("dup2 over a listener", net_dup2(fd, copy));
    step("the number is the other socket now", net_peer(copy, &address));
    net_close(fd);
    net_close(copy);
    net_close(other);

    copy = fresh();
    fd = listener(&address);
    step("dup2 of a fresh socket over a listener", net_dup2(copy, fd));
    other = fresh();
    step("connect to the listener that was", net_connect(other, &address));
    net_close(other);
    step("dup2 to itself", net_dup2(fd, fd));
    net_close(copy);
    step("dup2 of a closed one", net_dup2(copy, fd));
    step("the target is untouched", net_get_nonblock(fd, &on));
    step("dup of a closed one", net_dup(copy, &other));
    step("dup2 to -1", net_dup2(fd, -1));
    net_close(fd);

    fd = listener(&address);
    need("dup", net_dup(fd, &copy));
    net_close(fd);
    other = fresh();
    step("connect to the copy of a listener", net_connect(other, &address));
    step("accept on the copy", net_accept(copy, 0, &fd, NULL));
    net_close(fd);
    net_close(other);
    net_close(copy);
    other = fresh();
    step("connect when the copy is closed", net_connect(other, &address));
    net_close(other);
}

/* Every call on a number that is no socket. */
static void all_calls(const char *what, int fd) {
    net_addr address = net_loopback(family, 0);
    net_addr out;
    int child;
    int on;
    int64_t value;
    char data[8];
    size_t count;
    section = what;
    step("bind", net_bind(fd, &address));
    step("listen", net_listen(fd, 4));
    step("accept", net_accept(fd, 0, &child, NULL));
    address.port = 9;
    step("connect", net_connect(fd, &address));
    moved("recv", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    moved("recv_from", net_recv_from(fd, data, sizeof data, NET_DONTWAIT, &count, &out), &count);
    moved("send", net_send(fd, "x", 1, NET_DONTWAIT, &count), &count);
    moved("send_to", net_send_to(fd, "x", 1, NET_DONTWAIT, &address, &count), &count);
    step("shutdown", net_shutdown(fd, NET_SHUT_BOTH));
    step("local", net_local(fd, &out));
    step("peer", net_peer(fd, &out));
    step("set flag", net_set_flag(fd, NET_KEEP_ALIVE, 1));
    step("get flag", net_get_flag(fd, NET_KEEP_ALIVE, &on));
    step("set size", net_set_size(fd, NET_RECV_BUF, 65536));
    step("get size", net_get_size(fd, NET_RECV_BUF, &value));
    step("set time", net_set_time(fd, NET_RECV_TIMEOUT, 0));
    step("get time", net_get_time(fd, NET_RECV_TIMEOUT, &value));
}

static void walk_close(void) {
    int fd = fresh();
    int on;
    char data[8];
    size_t count;
    section = "close";
    step("fresh", net_close(fd));
    step("again", net_close(fd));
    step("a number that never was", net_close(12345));
    step("-1", net_close(-1));
    all_calls("closed socket", fd);
    moved("read", net_read(fd, data, sizeof data, &count), &count);
    moved("write", net_write(fd, "x", 1, &count), &count);
    step("non-blocking", net_get_nonblock(fd, &on));
    all_calls("stdin", 0);
}

static void walk_mapped(void) {
    net_addr address;
    net_addr peer;
    net_addr local;
    char text[NET_ADDR_TEXT];
    int server;
    int fd;
    int child;
    section = "mapped";
    family = NET_INET4;
    server = listener(&address);
    family = NET_INET6;
    fd = fresh();
    need("literal", net_parse("::ffff:127.0.0.1", address.port, &peer));
    step("IPv6 socket to an IPv4 listener", net_connect(fd, &peer));
    step("its peer", net_peer(fd, &local));
    yes("peer is mapped", same_address(&peer, &local));
    step("its local", net_local(fd, &local));
    local.port = 0;
    fact("local is mapped", net_format(&local, text));
    need("accept", net_accept(server, 0, &child, &peer));
    peer.port = 0;
    fact("the listener sees", net_format(&peer, text));
    net_close(child);
    net_close(fd);
    net_close(server);

    server = fresh();
    address = net_wildcard(NET_INET6, 0);
    need("bind", net_bind(server, &address));
    need("local", net_local(server, &address));
    family = NET_INET4;
    fd = fresh();
    peer = net_wildcard(NET_INET4, address.port);
    step("IPv4 wildcard on the port of an IPv6 wildcard", net_bind(fd, &peer));
    net_close(fd);
    family = NET_INET6;
    need("listen", net_listen(server, 4));
    family = NET_INET4;
    fd = fresh();
    family = NET_INET6;
    peer = net_loopback(NET_INET4, address.port);
    step("IPv4 client of an IPv6 wildcard", net_connect(fd, &peer));
    need("accept", net_accept(server, 0, &child, &peer));
    peer.port = 0;
    fact("it is seen as", net_format(&peer, text));
    step("local of the child", net_local(child, &local));
    local.port = 0;
    fact("it is", net_format(&local, text));
    net_close(child);
    net_close(fd);
    fd = fresh();
    peer = net_loopback(NET_INET6, address.port);
    step("IPv6 client of an IPv6 wildcard", net_connect(fd, &peer));
    need("accept", net_accept(server, 0, &child, &peer));
    peer.port = 0;
    fact("that one is seen as", net_format(&peer, text));
    net_close(child);
    net_close(fd);
    net_close(server);

    fd = fresh();
    need("literal", net_parse("::ffff:127.0.0.1", 0, &peer));
    step("bind to a mapped address", net_bind(fd, &peer));
    need("local", net_local(fd, &local));
    local.port = 0;
    fact("it is bound to", net_format(&local, text));
    net_close(fd);
}

static void walk(int number) {
    family = number;
    section = number == NET_INET6 ? "IPv6" : "IPv4";
    walk_open();
    walk_bind();
    walk_listen();
    walk_accept();
    walk_connect();
    walk_status();
    walk_recv();
    walk_send();
    walk_shutdown();
    walk_options();
    walk_poll();
    walk_dup();
    walk_close();
    if (number == NET_INET6) {
        walk_mapped();
    }
}

int main(int argc, char **argv) {
    scenario_start();
    if (argc > 2 || (argc == 2 && strcmp(argv[1], "4") != 0 && strcmp(argv[1], "6") != 0)) {
        fprintf(stderr, "usage: %s [4|6]\n", argv[0]);
        return 2;
    }
    if (argc < 2 || argv[1][0] == '4') {
        walk(NET_INET4);
    }
    if (argc < 2 || argv[1][0] == '6') {
        walk(NET_INET6);
    }
    return 0;
}
