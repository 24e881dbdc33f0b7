/*
 * datagrams [4|6]: what a UDP socket answers, alone on loopback, one line a step. The same source is built for Linux;
 * that transcript, with datagrams.deviations, is the expectation of this one. Without an argument both families are
 * walked.
 */
#include <stdio.h>
#include <string.h>

#include "scenario.h"
#include "waiting.h"

static int family;

static int udp(void) {
    int fd;
    need("open", net_socket(family, NET_DGRAM, 0, &fd));
    return fd;
}

/* On a loopback port of its own. */
static int bound(net_addr *address) {
    int fd = udp();
    net_addr any = net_loopback(family, 0);
    need("bind", net_bind(fd, &any));
    need("local", net_local(fd, address));
    return fd;
}

/* Two sockets, each the other's peer. */
static void connected(int *first, int *second) {
    net_addr one;
    net_addr two;
    *first = bound(&one);
    *second = bound(&two);
    need("connect", net_connect(*first, &two));
    need("connect", net_connect(*second, &one));
}

/* A loopback address on which nobody receives. */
static net_addr nobody(void) {
    net_addr address;
    net_close(bound(&address));
    return address;
}

static net_addr literal(const char *four, const char *six, uint16_t port) {
    net_addr address;
    need("literal", net_parse(family == NET_INET6 ? six : four, port, &address));
    return address;
}

static net_addr other_family(uint16_t port) {
    return net_loopback(family == NET_INET6 ? NET_INET4 : NET_INET6, port);
}

static net_addr local_of(int fd) {
    net_addr address;
    need("local", net_local(fd, &address));
    return address;
}

static void put(int fd, const char *text, const net_addr *to) {
    size_t count;
    need("send", to == NULL ? net_send(fd, text, strlen(text), 0, &count)
                            : net_send_to(fd, text, strlen(text), 0, to, &count));
}

/* What the next datagram is, or why there is none; does not wait. */
static void next(const char *what, int fd) {
    char data[64];
    size_t count;
    int error = net_recv(fd, data, sizeof data - 1, NET_DONTWAIT, &count);
    if (error != 0) {
        step(what, error);
    } else {
        data[count] = 0;
        fact(what, data);
    }
}

static void host(const char *what, const net_addr *address) {
    char text[NET_ADDR_TEXT];
    net_addr bare = *address;
    bare.port = 0;
    fact(what, net_format(&bare, text));
}

static void port(const char *what, const net_addr *address) {
    yes(what, address->port != 0);
}

static void available(const char *what, int fd) {
    int64_t bytes;
    int error = net_available(fd, &bytes);
    if (error != 0) {
        step(what, error);
    } else {
        number(what, bytes);
    }
}

/* ---- the walk -------------------------------------------------------------------------------------------------- */

static void walk_bind(void) {
    net_addr any = net_loopback(family, 0);
    net_addr address;
    int fd = udp();
    int other;
    section = "bind";
    address = local_of(fd);
    host("local of a fresh socket", &address);
    port("its port", &address);
    step("peer of a fresh socket", net_peer(fd, &address));
    step("port 0", net_bind(fd, &any));
    address = local_of(fd);
    host("host", &address);
    port("port", &address);
    step("again", net_bind(fd, &any));
    step("peer of a bound socket", net_peer(fd, &any));
    other = udp();
    step("port of a bound socket", net_bind(other, &address));
    any = net_wildcard(family, address.port);
    step("wildcard, port of a bound socket", net_bind(other, &any));
    any = net_loopback(family, 0);
    step("the failed one on port 0", net_bind(other, &any));
    net_close(other);
    net_close(fd);
    fd = udp();
    step("port of a closed socket", net_bind(fd, &address));
    net_close(fd);

    fd = udp();
    address = literal("192.0.2.1", "2001:db8::1", 0);
    step("address of another host", net_bind(fd, &address));
    address = other_family(0);
    step("address of the other family", net_bind(fd, &address));
    address = net_wildcard(family, 0);
    step("wildcard after these failures", net_bind(fd, &address));
    address = local_of(fd);
    host("host of the wildcard", &address);
    port("port of the wildcard", &address);
    other = udp();
    any = net_loopback(family, address.port);
    step("loopback, port of the wildcard", net_bind(other, &any));
    net_close(other);
    net_close(fd);

    fd = udp();
    other = udp();
    any = net_loopback(family, 0);
    need("reuse", net_set_flag(fd, NET_REUSE_ADDR, 1));
    step("with reuse_addr", net_bind(fd, &any));
    address = local_of(fd);
    step("same port, without", net_bind(other, &address));
    need("reuse", net_set_flag(other, NET_REUSE_ADDR, 1));
    step("same port, both with reuse_addr", net_bind(other, &address));
    net_close(fd);
    net_close(other);
    fd = udp();
    other = udp();
    need("reuse", net_set_flag(fd, NET_REUSE_PORT, 1));
    need("reuse", net_set_flag(other, NET_REUSE_PORT, 1));
    step("with reuse_port", net_bind(fd, &any));
    address = local_of(fd);
    step("same port, both with reuse_port", net_bind(other, &address));
    net_close(fd);
    net_close(other);
}

static void walk_bind_itself(void) {
    net_addr to;
    net_addr from;
    net_addr address;
    char data[16];
    size_t count;
    int receiver = bound(&to);
    int fd = udp();
    section = "bind by itself";
    moved("send to", net_send_to(fd, "hello", 5, 0, &to, &count), &count);
    address = local_of(fd);
    host("host is the wildcard", &address);
    port("it has a port", &address);
    moved("received", net_recv_from(receiver, data, sizeof data, 0, &count, &from), &count);
    host("sender's host", &from);
    yes("sender's port", from.port == address.port);
    moved("answer", net_send_to(receiver, "thanks", 6, 0, &from, &count), &count);
    moved("answer received", net_recv_from(fd, data, sizeof data, 0, &count, &from), &count);
    yes("from where it was sent to", same_address(&from, &to));
    to.port = 0;
    step("bind afterwards", net_bind(fd, &to));
    net_close(fd);

    fd = udp();
    address = local_of(receiver);
    step("connect", net_connect(fd, &address));
    from = local_of(fd);
    host("connected host", &from);
    port("connected port", &from);
    net_close(fd);
    fd = udp();
    moved("recv does not bind", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    address = local_of(fd);
    port("port after a recv", &address);
    moved("recv_from does not bind", net_recv_from(fd, data, sizeof data, NET_DONTWAIT, &count, &from), &count);
    net_close(fd);
    net_close(receiver);
}

static void walk_connect(void) {
    net_addr one;
    net_addr two;
    net_addr three;
    net_addr none;
    net_addr address;
    size_t count;
    int a = bound(&one);
    int b = bound(&two);
    int c = bound(&three);
    memset(&none, 0, sizeof none);
    section = "connect";
    step("to another", net_connect(a, &two));
    step("peer", net_peer(a, &address));
    yes("peer is the other", same_address(&address, &two));
    put(a, "a to peer", NULL);
    next("the peer receives", b);
    put(b, "from the peer", &one);
    next("from the peer", a);
    put(c, "from a stranger", &one);
    next("from a stranger", a);
    step("to the same again", net_connect(a, &two));
    step("to the third", net_connect(a, &three));
    step("peer again", net_peer(a, &address));
    yes("peer is the third", same_address(&address, &three));
    put(a, "to the third", NULL);
    next("the third receives", c);
    put(b, "from the old peer", &one);
    next("from the old peer", a);
    put(c, "from the new peer", &one);
    next("from the new peer", a);
    moved("send to another than the peer", net_send_to(a, "past", 4, 0, &two, &count), &count);
    next("it arrives", b);
    step("peer afterwards", net_peer(a, &address));
    yes("peer is still the third", same_address(&address, &three));
    put(b, "from the one it was sent to", &one);
    next("an answer to it", a);
    moved("send to the peer by its address", net_send_to(a, "by address", 10, 0, &three, &count), &count);
    next("that arrives", c);
    put(c, "queued before the change", &one);
    step("to another while a datagram waits", net_connect(a, &two));
    next("it is still there", a);

    step("to nobody in particular", net_connect(a, &none));
    step("peer when dissolved", net_peer(a, &address));
    moved("send when dissolved", net_send(a, "x", 1, 0, &count), &count);
    address = local_of(a);
    yes("port is kept", address.port == one.port);
    yes("host is kept", same_host(&address, &one));
    put(b, "anybody again", &one);
    next("from anybody again", a);
    step("dissolve again", net_connect(a, &none));
    step("and connect", net_connect(a, &two));
    address = other_family(9);
    step("to the other family", net_connect(a, &address));
    step("peer after that failure", net_peer(a, &address));
    net_close(a);

    a = udp();
    step("dissolve a fresh one", net_connect(a, &none));
    address = net_wildcard(family, two.port);
    step("to the wildcard address", net_connect(a, &address));
    step("its peer", net_peer(a, &address));
    host("it is loopback", &address);
    net_close(a);

    a = udp();
    address = net_wildcard(family, 0);
    need("bind", net_bind(a, &address));
    one = local_of(a);
    step("bound to the wildcard", net_connect(a, &two));
    address = local_of(a);
    host("host when connected", &address);
    yes("port when connected", address.port == one.port);
    need("dissolve", net_connect(a, &none));
    address = local_of(a);
    host("host when dissolved", &address);
    yes("port when dissolved", address.port == one.port);
    net_close(a);
    net_close(b);
    net_close(c);
}

static void walk_transfer(void) {
    static char large[70000];
    static char sink[70000];
    size_t most = family == NET_INET6 ? 65527 : 65507;
    net_addr address;
    net_addr from;
    net_addr third;
    net_received received;
    char head[3];
    char middle[4];
    char tail[16];
    char data[32];
    net_buffer parts[] = {{head, 3}, {middle, 4}, {tail, 16}};
    net_buffer pieces[] = {{"one ", 4}, {"", 0}, {"datagram", 8}};
    size_t count;
    int a;
    int b;
    connected(&a, &b);
    address = local_of(b);
    section = "transfer";
    moved("three pieces", net_send_message(a, pieces, 3, 0, NULL, &count), &count);
    next("are one datagram", b);
    net_addr to = address;
    moved("three pieces to an address", net_send_message(a, pieces, 3, 0, &to, &count), &count);
    step("into three buffers", net_recv_message(b, parts, 3, 0, &received));
    number("length", (int64_t)received.count);
    yes("truncated", received.truncated);
    from = local_of(a);
    yes("sender", same_address(&received.from, &from));
    yes("spread in order", memcmp(head, "one", 3) == 0 && memcmp(middle, " dat", 4) == 0 && memcmp(tail, "agram", 5) == 0);

    int c = bound(&third);
    put(b, "waiting", NULL);
    moved("three pieces past the peer", net_send_message(a, pieces, 3, 0, &third, &count), &count);
    next("they are one datagram there", c);
    next("what waited", a);
    moved("no bytes past the peer", net_send_to(a, "", 0, 0, &third, &count), &count);
    moved("they arrive there", net_recv(c, data, sizeof data, NET_DONTWAIT, &count), &count);
    net_close(c);

    put(a, "first", NULL);
    put(a, "second", NULL);
    next("boundaries are kept", b);
    next("and the order", b);
    next("and nothing is left", b);

    put(a, "too long for this", NULL);
    put(a, "next", NULL);
    step("short buffer", net_recv_message(b, parts, 1, 0, &received));
    number("what fits", (int64_t)received.count);
    yes("it is told", received.truncated);
    next("the rest is lost", b);
    put(a, "too long for this", NULL);
    step("real length asked", net_recv_message(b, parts, 1, NET_REAL_LENGTH, &received));
    number("real length", (int64_t)received.count);
    yes("told too", received.truncated);
    put(a, "ok", NULL);
    step("real length of one that fits", net_recv_message(b, parts, 1, NET_REAL_LENGTH, &received));
    number("is its length", (int64_t)received.count);
    yes("not truncated", received.truncated);
    put(a, "abc", NULL);
    step("buffer of its length", net_recv_message(b, parts, 1, 0, &received));
    yes("truncated then", received.truncated);
    put(a, "abc", NULL);
    step("no buffer at all", net_recv_message(b, parts, 0, 0, &received));
    yes("truncated to nothing", received.truncated);
    next("nothing is left of it", b);

    moved("of no bytes", net_send(a, "", 0, 0, &count), &count);
    moved("of no bytes to an address", net_send_to(a, "", 0, 0, &address, &count), &count);
    put(a, "after", NULL);
    moved("read without room takes nothing", net_read(b, data, 0, &count), &count);
    moved("received, no bytes", net_recv(b, data, sizeof data, NET_DONTWAIT, &count), &count);
    moved("received from, no bytes", net_recv_from(b, data, sizeof data, 0, &count, &from), &count);
    yes("its sender is known", same_host(&from, &address));
    next("and what follows", b);

    put(a, "peeked", NULL);
    put(a, "then", NULL);
    moved("peek", net_recv(b, data, sizeof data, NET_PEEK, &count), &count);
    moved("peek again", net_recv(b, data, sizeof data, NET_PEEK, &count), &count);
    step("peek with a short buffer", net_recv_message(b, parts, 1, NET_PEEK, &received));
    yes("peek is told of truncation", received.truncated);
    step("peek for the real length", net_recv_message(b, parts, 1, NET_PEEK | NET_REAL_LENGTH, &received));
    number("peeked real length", (int64_t)received.count);
    available("bytes while peeked at", b);
    next("it is still there", b);
    available("bytes of the next", b);
    next("then the next", b);
    available("bytes of none", b);

    moved("write", net_write(a, "written", 7, &count), &count);
    moved("read", net_read(b, data, sizeof data, &count), &count);
    yes("read is what was written", memcmp(data, "written", 7) == 0);
    moved("write of no bytes", net_write(a, "", 0, &count), &count);
    moved("is a datagram", net_recv(b, data, sizeof data, NET_DONTWAIT, &count), &count);
    moved("one for a short read", net_write(a, "written", 7, &count), &count);
    moved("short read", net_read(b, data, 3, &count), &count);
    net_set_nonblock(b, 1);
    moved("the rest is no more", net_read(b, data, sizeof data, &count), &count);
    net_set_nonblock(b, 0);

    moved("wait for all of a datagram", net_send(a, "abc", 3, 0, &count), &count);
    moved("all is what there is", net_recv(b, data, sizeof data, NET_WAITALL, &count), &count);

    memset(large, 'x', sizeof large);
    moved("the longest", net_send(a, large, most, 0, &count), &count);
    moved("arrives", net_recv(b, sink, sizeof sink, 0, &count), &count);
    yes("unharmed", memcmp(large, sink, most) == 0);
    moved("one byte more", net_send(a, large, most + 1, 0, &count), &count);
    moved("much more", net_send(a, large, sizeof large, 0, &count), &count);
    moved("much more to an address", net_send_to(a, large, sizeof large, 0, &address, &count), &count);
    next("none of these arrives", b);
    yes("no error is left", (put(a, "fine", NULL), 1));
    next("what comes then", b);
    net_close(a);
    net_close(b);
}

static void walk_addresses(void) {
    net_addr to;
    net_addr address;
    size_t count;
    int on = 0;
    int fd = udp();
    int receiver = bound(&to);
    section = "addresses";
    moved("send without any", net_send(fd, "x", 1, 0, &count), &count);
    moved("write without any", net_write(fd, "x", 1, &count), &count);
    address = to;
    address.port = 0;
    moved("port 0", net_send_to(fd, "x", 1, 0, &address, &count), &count);
    address = other_family(to.port);
    moved("the other family", net_send_to(fd, "x", 1, 0, &address, &count), &count);
    address = net_wildcard(family, to.port);
    moved("wildcard", net_send_to(fd, "to the wildcard", 15, 0, &address, &count), &count);
    next("wildcard is loopback", receiver);
    net_close(fd);
    net_close(receiver);
    if (family == NET_INET6) {
        return;
    }
    receiver = udp();
    address = net_wildcard(family, 0);
    need("bind", net_bind(receiver, &address));
    to = local_of(receiver);
    need("literal", net_parse("127.255.255.255", to.port, &address));
    fd = udp();
    moved("broadcast", net_send_to(fd, "x", 1, 0, &address, &count), &count);
    step("connect to broadcast", net_connect(fd, &address));
    step("option", net_set_flag(fd, NET_BROADCAST, 1));
    net_get_flag(fd, NET_BROADCAST, &on);
    yes("it is on", on);
    moved("broadcast with the option", net_send_to(fd, "to all", 6, 0, &address, &count), &count);
    next("it is received", receiver);
    step("connect to broadcast with the option", net_connect(fd, &address));
    step("option off", net_set_flag(fd, NET_BROADCAST, 0));
    net_close(fd);
    net_close(receiver);
}

/* Nobody is there, and the network says so. */
static void walk_refused(void) {
    net_addr address;
    net_addr to;
    char data[8];
    size_t count;
    int64_t bytes;
    int other = bound(&to);
    int fd = udp();
    section = "refused";
    address = nobody();
    step("connect", net_connect(fd, &address));
    readiness("before a send", fd);
    moved("send", net_send(fd, "x", 1, 0, &count), &count);
    await(fd, NET_READ);
    readiness("after a send", fd);
    step("bytes", net_available(fd, &bytes));
    moved("recv is told", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    moved("recv is told once", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    readiness("when it is told", fd);
    last_error("last_error when it is told", fd);

    put(fd, "x", NULL);
    await(fd, NET_READ);
    moved("send is told", net_send(fd, "y", 1, 0, &count), &count);
    moved("send is told once", net_send(fd, "y", 1, 0, &count), &count);
    await(fd, NET_READ);
    last_error("last_error is told", fd);
    last_error("last_error is told once", fd);
    moved("recv when last_error was told", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);

    put(fd, "x", NULL);
    moved("send at once is told", net_send(fd, "y", 1, 0, &count), &count);
    put(fd, "x", NULL);
    last_error("last_error at once is told", fd);
    put(fd, "x", NULL);
    moved("recv at once is told", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    put(fd, "x", NULL);
    moved("send to another is told", net_send_to(fd, "z", 1, 0, &to, &count), &count);
    next("and does not send", other);
    put(fd, "x", NULL);
    moved("peek is told", net_recv(fd, data, sizeof data, NET_DONTWAIT | NET_PEEK, &count), &count);
    moved("and then recv is not", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    put(fd, "x", NULL);
    moved("blocking recv is told", net_recv(fd, data, sizeof data, 0, &count), &count);
    put(fd, "x", NULL);
    step("connect elsewhere, an error is under way", net_connect(fd, &to));
    moved("it is told afterwards", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    step("connect elsewhere", net_connect(fd, &to));
    moved("send there", net_send(fd, "hello", 5, 0, &count), &count);
    next("it arrives", other);
    net_close(fd);

    fd = udp();
    moved("not connected", net_send_to(fd, "x", 1, 0, &address, &count), &count);
    rest();
    readiness("not connected, nothing is told", fd);
    moved("recv, not connected", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    moved("send again, not connected", net_send_to(fd, "x", 1, 0, &address, &count), &count);
    last_error("last_error, not connected", fd);
    net_close(fd);
    net_close(other);
}

static void walk_shutdown(void) {
    char data[8];
    size_t count;
    int a = udp();
    int b;
    section = "shutdown";
    step("fresh, no direction", net_shutdown(a, 0));
    step("fresh", net_shutdown(a, NET_SHUT_BOTH));
    net_close(a);
    net_addr address;
    a = bound(&address);
    step("bound", net_shutdown(a, NET_SHUT_WR));
    net_close(a);

    connected(&a, &b);
    put(b, "before", NULL);
    step("reading", net_shutdown(a, NET_SHUT_RD));
    readiness("reading, readiness", a);
    next("what came before", a);
    moved("reading, recv", net_recv(a, data, sizeof data, 0, &count), &count);
    moved("reading, send", net_send(a, "x", 1, 0, &count), &count);
    next("reading, it arrives", b);
    step("reading again", net_shutdown(a, NET_SHUT_RD));
    net_close(a);
    net_close(b);

    connected(&a, &b);
    step("writing", net_shutdown(a, NET_SHUT_WR));
    readiness("writing, readiness", a);
    moved("writing, send", net_send(a, "x", 1, 0, &count), &count);
    moved("writing, send to", net_send_to(a, "x", 1, 0, &address, &count), &count);
    put(b, "to it", NULL);
    next("writing, recv", a);
    readiness("the peer knows nothing", b);
    step("then both", net_shutdown(a, NET_SHUT_BOTH));
    readiness("both, readiness", a);
    moved("both, recv", net_recv(a, data, sizeof data, 0, &count), &count);
    step("both, peer", net_peer(a, &address));
    net_close(a);
    net_close(b);
}

static void flag(const char *name, int fd, enum net_option option) {
    char what[64];
    int on = -1;
    int error = net_get_flag(fd, option, &on);
    snprintf(what, sizeof what, "%s at first", name);
    if (error != 0) {
        step(what, error);
    } else {
        yes(what, on);
    }
    snprintf(what, sizeof what, "%s, set", name);
    error = net_set_flag(fd, option, !on);
    step(what, error);
    if (error == 0) {
        int now = -1;
        net_get_flag(fd, option, &now);
        snprintf(what, sizeof what, "%s then", name);
        yes(what, now);
        net_set_flag(fd, option, on);
    }
}

static void size(const char *name, int fd, enum net_option option, int64_t value) {
    char what[64];
    snprintf(what, sizeof what, "%s to %lld", name, (long long)value);
    int64_t now = -1;
    int error = net_set_size(fd, option, value);
    step(what, error);
    error = net_get_size(fd, option, &now);
    snprintf(what, sizeof what, "%s is", name);
    if (error != 0) {
        step(what, error);
    } else {
        number(what, now);
    }
}

static void walk_options(const char *state, int fd, int isBound) {
    int64_t value;
    section = state;
    flag("reuse_addr", fd, NET_REUSE_ADDR);
    flag("reuse_port", fd, NET_REUSE_PORT);
    flag("broadcast", fd, NET_BROADCAST);
    flag("keep_alive", fd, NET_KEEP_ALIVE);
    flag("dont_route", fd, NET_DONT_ROUTE);
    flag("oob_inline", fd, NET_OOB_INLINE);
    flag("no_delay", fd, NET_NO_DELAY);
    flag("listening", fd, NET_LISTENING);
    flag("multicast_loop", fd, family == NET_INET6 ? NET_MULTICAST_LOOP_V6 : NET_MULTICAST_LOOP);
    if (family == NET_INET4 || !isBound) {
        flag(family == NET_INET4 ? "only_v6 on IPv4" : "only_v6", fd, NET_ONLY_V6);
    } else {
        step("only_v6 when bound", net_set_flag(fd, NET_ONLY_V6, 1));
    }
    size("ttl", fd, NET_TTL, 64);
    size("ttl", fd, NET_TTL, 1);
    size("ttl", fd, NET_TTL, 255);
    size("ttl", fd, NET_TTL, 0);
    size("ttl", fd, NET_TTL, 256);
    if (family == NET_INET4) {
        size("multicast_ttl", fd, NET_MULTICAST_TTL, 0);
        size("multicast_ttl", fd, NET_MULTICAST_TTL, 7);
        size("multicast_ttl", fd, NET_MULTICAST_TTL, 256);
    }
    size("recv_lowat", fd, NET_RECV_LOWAT, 1);
    size("send_lowat", fd, NET_SEND_LOWAT, 1);
    step("recv_buf", net_set_size(fd, NET_RECV_BUF, 65536));
    step("recv_buf is told", net_get_size(fd, NET_RECV_BUF, &value));
    yes("recv_buf is not smaller", value >= 65536);
    step("send_buf", net_set_size(fd, NET_SEND_BUF, 65536));
    step("send_buf is told", net_get_size(fd, NET_SEND_BUF, &value));
    yes("send_buf is not smaller", value >= 65536);
    need("type", net_get_size(fd, NET_TYPE, &value));
    number("type", value);
    need("proto", net_get_size(fd, NET_PROTO, &value));
    number("proto", value);
    step("set type", net_set_size(fd, NET_TYPE, 1));
    last_error("last_error", fd);
    need("time", net_get_time(fd, NET_RECV_TIMEOUT, &value));
    yes("no recv_timeout", value == NET_NO_TIME);
    step("recv_timeout", net_set_time(fd, NET_RECV_TIMEOUT, 20 * MS));
    need("time", net_get_time(fd, NET_RECV_TIMEOUT, &value));
    yes("recv_timeout is near it", value >= 20 * MS && value <= 30 * MS);
    step("recv_timeout none", net_set_time(fd, NET_RECV_TIMEOUT, NET_NO_TIME));
    need("time", net_get_time(fd, NET_RECV_TIMEOUT, &value));
    yes("none again", value == NET_NO_TIME);
    step("send_timeout", net_set_time(fd, NET_SEND_TIMEOUT, 1000 * MS));
    need("time", net_get_time(fd, NET_SEND_TIMEOUT, &value));
    yes("send_timeout is it", value == 1000 * MS);
    step("linger", net_set_time(fd, NET_LINGER, 2000 * MS));
    need("time", net_get_time(fd, NET_LINGER, &value));
    yes("linger is it", value == 2000 * MS);
    net_close(fd);
}

static void walk_poll(void) {
    net_addr one;
    net_addr two;
    size_t count;
    int a = udp();
    int b;
    section = "poll";
    readiness("fresh", a);
    available("fresh, bytes", a);
    net_close(a);
    a = bound(&one);
    b = bound(&two);
    readiness("bound", a);
    need("connect", net_connect(b, &one));
    readiness("connected", b);
    put(b, "hello", NULL);
    await(a, NET_READ);
    readiness("a datagram waits", a);
    available("its bytes", a);
    put(b, "and more", NULL);
    available("two wait, bytes of the first", a);
    next("the first", a);
    readiness("one is left", a);
    available("bytes of the second", a);
    next("the second", a);
    readiness("none is left", a);
    need("empty", net_send(b, "", 0, 0, &count));
    await(a, NET_READ);
    readiness("an empty one waits", a);
    available("bytes of an empty one", a);
    next("the empty one", a);
    readiness("it is gone", a);
    yes("waits for its time", ready(a, NET_READ, 20 * MS) == 0);
    net_close(b);
    readiness("its sender is closed", a);
    net_close(a);
    readiness("closed", a);
}

static void walk_waiting(void) {
    net_addr address;
    net_addr from;
    char data[8];
    size_t count;
    int on;
    int fd = udp();
    section = "waiting";
    net_set_nonblock(fd, 1);
    net_get_nonblock(fd, &on);
    yes("non-blocking", on);
    moved("fresh, recv", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("fresh, recv_from", net_recv_from(fd, data, sizeof data, 0, &count, &from), &count);
    moved("fresh, read", net_read(fd, data, sizeof data, &count), &count);
    net_close(fd);
    fd = bound(&address);
    moved("flag dont_wait", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    net_set_nonblock(fd, 1);
    moved("recv", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("peek", net_recv(fd, data, sizeof data, NET_PEEK, &count), &count);
    moved("read", net_read(fd, data, sizeof data, &count), &count);
    moved("wait for all", net_recv(fd, data, sizeof data, NET_WAITALL, &count), &count);
    net_set_nonblock(fd, 0);
    need("timeout", net_set_time(fd, NET_RECV_TIMEOUT, 20 * MS));
    int64_t start = net_now();
    moved("recv with a timeout", net_recv(fd, data, sizeof data, 0, &count), &count);
    yes("not before its time", net_now() - start >= 19 * MS);
    moved("recv_from with a timeout", net_recv_from(fd, data, sizeof data, 0, &count, &from), &count);
    moved("read with a timeout", net_read(fd, data, sizeof data, &count), &count);
    moved("to itself", net_send_to(fd, "me", 2, 0, &address, &count), &count);
    moved("received in time", net_recv_from(fd, data, sizeof data, 0, &count, &from), &count);
    yes("from itself", same_address(&from, &address));
    step("connect to itself", net_connect(fd, &address));
    put(fd, "self", NULL);
    next("its own", fd);
    net_close(fd);
    moved("recv when closed", net_recv(fd, data, sizeof data, 0, &count), &count);
    moved("send when closed", net_send(fd, "x", 1, 0, &count), &count);
}

static void walk_dup(void) {
    net_addr address;
    size_t count;
    int fd = bound(&address);
    int copy;
    int other = udp();
    section = "dup";
    step("a bound socket", net_dup(fd, &copy));
    net_close(fd);
    moved("send to it", net_send_to(other, "still here", 10, 0, &address, &count), &count);
    next("the copy receives", copy);
    step("connect the sender", net_connect(other, &address));
    step("close the copy", net_close(copy));
    put(other, "x", NULL);
    moved("the port is gone", net_send(other, "x", 1, 0, &count), &count);
    net_close(other);
}

static void walk_multicast(void) {
    net_addr group = literal("239.255.77.7", "ff01::7707", 0);
    net_addr here = net_loopback(NET_INET4, 0);
    net_addr nowhere;
    net_addr address;
    size_t count;
    int fd = udp();
    int other;
    section = "multicast";
    need("literal", net_parse("192.0.2.1", 0, &nowhere));
    step("join, fresh", net_join(fd, &group, &here, 1));
    step("join twice", net_join(fd, &group, &here, 1));
    step("leave", net_leave(fd, &group, &here, 1));
    step("leave twice", net_leave(fd, &group, &here, 1));
    step("join again", net_join(fd, &group, &here, 1));
    address = literal("239.255.77.8", "ff01::7708", 0);
    step("another group", net_join(fd, &address, &here, 1));
    step("leave one that was not joined", net_leave(udp(), &address, &here, 1));
    address = net_loopback(family, 0);
    step("join no group", net_join(fd, &address, &here, 1));
    step("leave no group", net_leave(fd, &address, &here, 1));
    address = literal("239.255.77.9", "ff01::7709", 0);
    step("no such interface", net_join(fd, &address, &nowhere, 12345));
    address = local_of(fd);
    port("joining does not bind", &address);
    step("close", net_close(fd));
    need("open", net_socket(family, NET_STREAM, 0, &fd));
    step("join, stream", net_join(fd, &group, &here, 1));
    net_close(fd);
    if (family == NET_INET6) {
        return;
    }
    /* a sender on a loopback address sends to groups on the loopback interface */
    fd = udp();
    address = net_wildcard(family, 0);
    need("bind", net_bind(fd, &address));
    address = local_of(fd);
    need("join", net_join(fd, &group, &here, 1));
    other = bound(&nowhere);
    group.port = address.port;
    moved("send to the group", net_send_to(other, "members", 7, 0, &group, &count), &count);
    next("a member receives", fd);
    need("leave", net_leave(fd, &group, &here, 1));
    moved("send when it has left", net_send_to(other, "members", 7, 0, &group, &count), &count);
    next("it receives no more", fd);
    net_close(fd);
    net_close(other);
}

/* IPv4 through IPv6 sockets. */
static void walk_mapped(void) {
    net_addr address = net_wildcard(NET_INET6, 0);
    net_addr to;
    net_addr from;
    char data[16];
    size_t count;
    int fd = udp();
    int four;
    int other;
    section = "mapped";
    need("bind", net_bind(fd, &address));
    address = local_of(fd);
    need("open", net_socket(NET_INET4, NET_DGRAM, 0, &four));
    to = net_loopback(NET_INET4, address.port);
    moved("IPv4 to an IPv6 wildcard", net_send_to(four, "v4", 2, 0, &to, &count), &count);
    moved("received", net_recv_from(fd, data, sizeof data, 0, &count, &from), &count);
    host("sender", &from);
    moved("answer", net_send_to(fd, "back", 4, 0, &from, &count), &count);
    moved("answer received", net_recv_from(four, data, sizeof data, 0, &count, &to), &count);
    host("its sender", &to);
    step("connect to it", net_connect(fd, &from));
    step("peer", net_peer(fd, &to));
    host("peer's host", &to);
    to = local_of(fd);
    host("local host", &to);
    need("open", net_socket(NET_INET4, NET_DGRAM, 0, &other));
    to = net_wildcard(NET_INET4, address.port);
    step("IPv4 wildcard on its port", net_bind(other, &to));
    net_close(other);
    net_close(fd);

    fd = udp();
    step("only_v6", net_set_flag(fd, NET_ONLY_V6, 1));
    address = net_wildcard(NET_INET6, 0);
    need("bind", net_bind(fd, &address));
    address = local_of(fd);
    to = net_loopback(NET_INET4, address.port);
    moved("IPv4 to only_v6", net_send_to(four, "v4", 2, 0, &to, &count), &count);
    rest();
    next("is not received", fd);
    to = net_loopback(NET_INET6, address.port);
    moved("IPv6 to only_v6", net_send_to(fd, "v6", 2, 0, &to, &count), &count);
    next("is received", fd);
    net_close(fd);
    net_close(four);
}

static void walk(int number) {
    net_addr address;
    family = number;
    walk_bind();
    walk_bind_itself();
    walk_connect();
    walk_transfer();
    walk_addresses();
    walk_refused();
    walk_shutdown();
    walk_options("options, fresh", udp(), 0);
    walk_options("options, bound", bound(&address), 1);
    walk_poll();
    walk_waiting();
    walk_dup();
    walk_multicast();
    if (family == NET_INET6) {
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
