/*
 * epolls: what epoll reports about sockets, pairs, pipes and eventfds, alone in one thread, one line a step. The same
 * source is built for Linux; that transcript, with epolls.deviations, is the expectation of this one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scenario.h"
#include "waiting.h"

#define IN NET_EPOLL_IN
#define OUT NET_EPOLL_OUT
#define RDHUP NET_EPOLL_RDHUP
#define ET NET_EPOLL_ET
#define ONESHOT NET_EPOLL_ONESHOT

static int new_set(void) {
    int set;
    need("create", net_epoll_create(&set));
    return set;
}

static int change(int set, int operation, int fd, uint32_t events, uint64_t data) {
    net_epoll_event event = {events, data};
    return net_epoll_ctl(set, operation, fd, &event);
}

static void add(int set, int fd, uint32_t events) {
    need("add", change(set, NET_EPOLL_ADD, fd, events, (uint64_t)fd));
}

static void modify(int set, int fd, uint32_t events) {
    need("modify", change(set, NET_EPOLL_MOD, fd, events, (uint64_t)fd));
}

static int event_fd(uint64_t initial) {
    int fd;
    need("eventfd", net_event(initial, 0, &fd));
    return fd;
}

static void pair(int *a, int *b) {
    need("pair", net_pair(NET_STREAM, 0, a, b));
}

/* Connected over TCP. */
static void connected(int *client, int *server) {
    net_addr address = net_loopback(NET_INET4, 0);
    int fd;
    need("open", net_socket(NET_INET4, NET_STREAM, 0, &fd));
    need("bind", net_bind(fd, &address));
    need("listen", net_listen(fd, 4));
    need("local", net_local(fd, &address));
    need("open", net_socket(NET_INET4, NET_STREAM, 0, client));
    need("connect", net_connect(*client, &address));
    need("accept", net_accept(fd, 0, server, NULL));
    net_close(fd);
}

static void put(int fd, const char *text) {
    size_t count;
    need("write", net_write(fd, text, strlen(text), &count));
}

static void drain(int fd) {
    char data[4096];
    size_t count;
    net_set_nonblock(fd, 1);
    while (net_read(fd, data, sizeof data, &count) == 0 && count > 0) {
    }
}

static void count_up(int fd, uint64_t by) {
    size_t count;
    need("count", net_write(fd, &by, 8, &count));
}

static void count_down(int fd) {
    uint64_t value;
    size_t count;
    need("count", net_read(fd, &value, 8, &count));
}

static void names_of(uint32_t events, char *text, size_t size) {
    static const char *const names[] = {"in", "out", "rdhup", "pri", "err", "hup"};
    *text = 0;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (events & 1u << i) {
            snprintf(text + strlen(text), size - strlen(text), "%s%s", *text ? " " : "", names[i]);
        }
    }
}

/* What one wait tells when at most one descriptor can be ready. */
static void wait_step(const char *what, int set, int64_t ns) {
    net_epoll_event events[NET_EPOLL_MOST];
    char text[64];
    size_t count;
    int error = net_epoll_wait(set, events, NET_EPOLL_MOST, ns, &count);
    if (error != 0) {
        step(what, error);
    } else if (count == 1) {
        names_of(events[0].events, text, sizeof text);
        fact(what, text);
    } else {
        snprintf(text, sizeof text, "%zu events", count);
        fact(what, text);
    }
}

static void look(const char *what, int set) {
    wait_step(what, set, 0);
}

/* Waits for what is on its way. */
static void awaited(const char *what, int set) {
    wait_step(what, set, 5000 * MS);
}

static size_t how_many(int set, int most) {
    net_epoll_event events[NET_EPOLL_MOST];
    size_t count;
    need("wait", net_epoll_wait(set, events, most, 0, &count));
    return count;
}

/* ---- the walk -------------------------------------------------------------------------------------------------- */

static void walk_control(void) {
    net_epoll_event event = {IN, 1};
    size_t count;
    int set = new_set();
    int other = new_set();
    int fd = event_fd(0);
    int gone = event_fd(0);
    int a;
    int b;
    section = "control";
    net_close(gone);
    yes("two sets, two numbers", set != other);
    step("add", change(set, NET_EPOLL_ADD, fd, IN, 1));
    step("add again", change(set, NET_EPOLL_ADD, fd, IN, 1));
    step("modify", change(set, NET_EPOLL_MOD, fd, OUT, 1));
    step("remove", net_epoll_ctl(set, NET_EPOLL_DEL, fd, NULL));
    step("remove again", net_epoll_ctl(set, NET_EPOLL_DEL, fd, NULL));
    step("modify what is not there", change(set, NET_EPOLL_MOD, fd, IN, 1));
    step("add once more", change(set, NET_EPOLL_ADD, fd, IN, 1));
    step("add to another set", change(other, NET_EPOLL_ADD, fd, IN, 1));
    step("add a closed one", change(set, NET_EPOLL_ADD, gone, IN, 1));
    step("modify a closed one", change(set, NET_EPOLL_MOD, gone, IN, 1));
    step("remove a closed one", net_epoll_ctl(set, NET_EPOLL_DEL, gone, NULL));
    step("add -1", change(set, NET_EPOLL_ADD, -1, IN, 1));
    step("to a closed set", change(gone, NET_EPOLL_ADD, fd, IN, 1));
    step("to what is no set", change(fd, NET_EPOLL_ADD, other, IN, 1));
    step("itself", change(set, NET_EPOLL_ADD, set, IN, 1));
    step("unknown operation", net_epoll_ctl(set, NET_EPOLL_NO_OP, fd, &event));
    step("no events", net_epoll_ctl(set, NET_EPOLL_MOD, fd, NULL));
    int file = open(".", O_RDONLY | O_DIRECTORY);
    yes("a directory is open", file >= 0);
    step("add a directory", change(set, NET_EPOLL_ADD, file, IN, 1));
    close(file);
    file = open("file", O_RDWR | O_CREAT, 0666);
    yes("a file is open", file >= 0);
    step("add a file", change(set, NET_EPOLL_ADD, file, IN, 1));
    close(file);
    unlink("file");
    pair(&a, &b);
    step("add a pair's end", change(set, NET_EPOLL_ADD, a, IN, 1));
    step("add a pair's other end", change(set, NET_EPOLL_ADD, b, IN, 1));
    net_close(a);
    net_close(b);
    step("wait on a closed set", net_epoll_wait(gone, &event, 1, 0, &count));
    step("wait on no set", net_epoll_wait(fd, &event, 1, 0, &count));
    step("wait for none", net_epoll_wait(set, &event, 0, 0, &count));
    step("wait for fewer than none", net_epoll_wait(set, &event, -1, 0, &count));
    step("close", net_close(set));
    step("wait on what was closed", net_epoll_wait(set, &event, 1, 0, &count));
    step("close the other", net_close(other));
    net_close(fd);
}

static void walk_level(void) {
    net_epoll_event event;
    size_t count;
    int set = new_set();
    int fd = event_fd(0);
    section = "level";
    look("empty set", set);
    int64_t start = net_now();
    wait_step("waits for its time", set, 20 * MS);
    yes("not less", net_now() - start >= 19 * MS);
    add(set, fd, IN);
    look("nothing yet", set);
    count_up(fd, 1);
    look("counted", set);
    look("it is told again", set);
    wait_step("told without waiting", set, NET_NO_TIME);
    count_down(fd);
    look("taken", set);
    modify(set, fd, OUT);
    look("writable", set);
    modify(set, fd, IN | OUT);
    look("writable only", set);
    count_up(fd, 1);
    look("both in one event", set);
    modify(set, fd, 0);
    look("asked for nothing", set);
    modify(set, fd, RDHUP);
    look("asked for the end only", set);
    need("modify", change(set, NET_EPOLL_MOD, fd, IN, UINT64_C(0x123456789abcdef0)));
    need("wait", net_epoll_wait(set, &event, 1, 0, &count));
    yes("data is what was given", count == 1 && event.data == UINT64_C(0x123456789abcdef0));
    need("modify", change(set, NET_EPOLL_MOD, fd, IN, 0));
    need("wait", net_epoll_wait(set, &event, 1, 0, &count));
    yes("data 0 too", count == 1 && event.data == 0);
    need("remove", net_epoll_ctl(set, NET_EPOLL_DEL, fd, NULL));
    look("removed", set);
    net_close(fd);
    net_close(set);
}

static void walk_many(void) {
    enum { MANY = 10 };
    net_epoll_event events[NET_EPOLL_MOST];
    int fds[MANY];
    size_t count;
    uint64_t seen = 0;
    int set = new_set();
    section = "many";
    for (int i = 0; i < MANY; i++) {
        fds[i] = event_fd(1);
        need("add", change(set, NET_EPOLL_ADD, fds[i], IN, (uint64_t)i));
    }
    number("all are ready", (int64_t)how_many(set, NET_EPOLL_MOST));
    number("room for three", (int64_t)how_many(set, 3));
    for (int round = 0; round < 4; round++) {
        need("wait", net_epoll_wait(set, events, 3, 0, &count));
        for (size_t i = 0; i < count; i++) {
            seen |= UINT64_C(1) << events[i].data;
        }
    }
    yes("everybody's turn comes", seen == (UINT64_C(1) << MANY) - 1);
    for (int i = 0; i < MANY; i += 2) {
        count_down(fds[i]);
    }
    number("half are ready", (int64_t)how_many(set, NET_EPOLL_MOST));
    for (int i = 0; i < MANY; i++) {
        modify(set, fds[i], IN | ET);
        if (i % 2 == 0) {
            count_up(fds[i], 1);
        }
    }
    number("edges, room for four", (int64_t)how_many(set, 4));
    number("the next four", (int64_t)how_many(set, 4));
    number("the last two", (int64_t)how_many(set, 4));
    number("no more", (int64_t)how_many(set, 4));
    for (int i = 0; i < MANY; i++) {
        net_close(fds[i]);
    }
    number("all are closed", (int64_t)how_many(set, 4));
    net_close(set);
}

static void walk_edge(void) {
    char data[4];
    size_t count;
    int a;
    int b;
    int set = new_set();
    int fd = event_fd(0);
    section = "edge";
    add(set, fd, IN | ET);
    look("nothing yet", set);
    count_up(fd, 1);
    look("counted", set);
    look("it is told once", set);
    count_up(fd, 1);
    look("counted again", set);
    count_up(fd, 1);
    count_up(fd, 1);
    look("counted twice, told once", set);
    look("and no more", set);
    count_down(fd);
    look("taken", set);
    count_up(fd, 1);
    modify(set, fd, IN | ET);
    look("modified while ready", set);
    modify(set, fd, IN | ET);
    look("modified once more", set);
    look("then no more", set);
    need("remove", net_epoll_ctl(set, NET_EPOLL_DEL, fd, NULL));
    add(set, fd, IN | ET);
    look("added while ready", set);
    modify(set, fd, IN);
    look("level again", set);
    look("level is told again", set);
    net_close(fd);

    pair(&a, &b);
    add(set, b, IN | ET);
    put(a, "hello");
    awaited("data", set);
    look("data is told once", set);
    need("read", net_read(b, data, 2, &count));
    look("a part is read", set);
    put(a, "more");
    awaited("more data", set);
    drain(b);
    look("drained", set);
    put(a, "again");
    awaited("data after it was drained", set);
    drain(b);
    modify(set, b, IN | OUT | ET);
    look("writable", set);
    look("writable is told once", set);
    put(a, "x");
    awaited("data beside writable", set);
    net_close(a);
    awaited("the other is closed", set);
    look("closed is told once", set);
    net_close(b);

    connected(&a, &b);
    add(set, b, IN | RDHUP | ET);
    look("connected", set);
    put(a, "hello");
    awaited("data over TCP", set);
    look("data over TCP once", set);
    drain(b);
    look("TCP drained", set);
    put(a, "more");
    awaited("data over TCP again", set);
    need("shutdown", net_shutdown(a, NET_SHUT_WR));
    rest();
    look("the end over TCP", set);
    drain(b);
    look("the end over TCP once", set);
    modify(set, b, OUT | ET);
    look("TCP is writable", set);
    look("TCP is writable once", set);
    net_close(a);
    net_close(b);
    net_close(set);
}

/* Every arrival is an edge, whether or not the guest has received what came before. */
static void walk_arrivals(void) {
    net_addr address = net_loopback(NET_INET4, 0);
    char data[8];
    size_t count;
    int set = new_set();
    int fd;
    int a;
    int b;
    int c;
    section = "arrivals";
    connected(&a, &b);
    net_set_nonblock(b, 1);
    add(set, b, IN | RDHUP | ET);
    put(a, "1234");
    awaited("data", set);
    look("nothing more", set);
    put(a, "5678");
    awaited("more, nothing was received", set);
    look("nothing more again", set);
    put(a, "9");
    awaited("and more", set);
    moved("a part is read", net_recv(b, data, 2, 0, &count), &count);
    look("a part is no news", set);
    moved("a look at the next", net_recv(b, data, 3, NET_PEEK, &count), &count);
    look("a look is no news", set);
    put(a, "0");
    awaited("more after a part", set);
    moved("all that was asked for", net_recv(b, data, 8, 0, &count), &count);
    look("nothing is left", set);
    put(a, "abc");
    awaited("more after the last", set);
    moved("just so much", net_recv(b, data, 3, 0, &count), &count);
    look("nothing is left again", set);
    put(a, "d");
    awaited("one more", set);
    modify(set, b, IN | OUT | RDHUP | ET);
    look("changed", set);
    put(a, "e");
    awaited("beside room", set);
    need("linger", net_set_time(a, NET_LINGER, 0));
    net_close(a);
    rest();
    look("reset with data unread", set);
    look("reset once", set);
    net_close(b);

    connected(&a, &b);
    add(set, b, RDHUP);
    put(a, "data");
    rest();
    look("data for who asks for the end", set);
    need("shutdown", net_shutdown(a, NET_SHUT_WR));
    rest();
    look("the end behind data", set);
    net_close(a);
    net_close(b);

    need("open", net_socket(NET_INET4, NET_STREAM, 0, &fd));
    need("bind", net_bind(fd, &address));
    need("listen", net_listen(fd, 8));
    need("local", net_local(fd, &address));
    net_set_nonblock(fd, 1);
    add(set, fd, IN | ET);
    need("open", net_socket(NET_INET4, NET_STREAM, 0, &a));
    need("connect", net_connect(a, &address));
    awaited("a client", set);
    look("a client once", set);
    need("open", net_socket(NET_INET4, NET_STREAM, 0, &b));
    need("connect", net_connect(b, &address));
    awaited("a second client", set);
    look("a second client once", set);
    need("accept", net_accept(fd, 0, &c, NULL));
    net_close(c);
    look("one is accepted", set);
    net_close(b);
    need("open", net_socket(NET_INET4, NET_STREAM, 0, &b));
    need("connect", net_connect(b, &address));
    awaited("a third client", set);
    need("accept", net_accept(fd, 0, &c, NULL));
    net_close(c);
    need("accept", net_accept(fd, 0, &c, NULL));
    step("all are accepted", net_accept(fd, 0, &c, NULL));
    look("nobody is left", set);
    net_close(fd);
    net_close(a);
    net_close(b);
    net_close(c);

    need("open", net_socket(NET_INET4, NET_DGRAM, 0, &fd));
    address = net_loopback(NET_INET4, 0);
    need("bind", net_bind(fd, &address));
    need("local", net_local(fd, &address));
    net_set_nonblock(fd, 1);
    add(set, fd, IN | ET);
    need("send", net_send_to(fd, "1", 1, 0, &address, &count));
    awaited("a datagram", set);
    look("a datagram once", set);
    need("send", net_send_to(fd, "2", 1, 0, &address, &count));
    awaited("a second datagram", set);
    look("a second datagram once", set);
    need("recv", net_recv(fd, data, sizeof data, 0, &count));
    look("one is received", set);
    need("send", net_send_to(fd, "3", 1, 0, &address, &count));
    awaited("a third datagram", set);
    need("recv", net_recv(fd, data, sizeof data, 0, &count));
    need("recv", net_recv(fd, data, sizeof data, 0, &count));
    moved("all are received", net_recv(fd, data, sizeof data, 0, &count), &count);
    look("none is left", set);
    need("send", net_send_to(fd, "4", 1, 0, &address, &count));
    awaited("a fourth datagram", set);
    net_close(fd);
    net_close(set);
}

static void walk_oneshot(void) {
    int set = new_set();
    int fd = event_fd(1);
    section = "oneshot";
    add(set, fd, IN | ONESHOT);
    look("ready", set);
    look("told once", set);
    count_up(fd, 1);
    look("not for news either", set);
    step("add is still exist", change(set, NET_EPOLL_ADD, fd, IN, 1));
    modify(set, fd, IN | ONESHOT);
    look("modified", set);
    look("once more only", set);
    modify(set, fd, IN | OUT | ONESHOT | ET);
    look("with edge, both", set);
    look("with edge, once", set);
    count_up(fd, 1);
    look("with edge, not for news", set);
    modify(set, fd, IN);
    look("level again", set);
    look("again and again", set);
    count_down(fd);
    modify(set, fd, IN | ONESHOT);
    look("not ready", set);
    count_up(fd, 1);
    look("the one shot comes later", set);
    net_close(fd);
    net_close(set);
}

static void walk_sockets(void) {
    net_addr address = net_loopback(NET_INET4, 0);
    size_t count;
    char data[4];
    int set = new_set();
    int fd;
    int a;
    int b;
    section = "sockets";
    need("open", net_socket(NET_INET4, NET_STREAM, 0, &fd));
    add(set, fd, IN | OUT | RDHUP);
    look("fresh", set);
    need("bind", net_bind(fd, &address));
    look("bound", set);
    need("listen", net_listen(fd, 4));
    look("listening", set);
    need("local", net_local(fd, &address));
    need("open", net_socket(NET_INET4, NET_STREAM, 0, &a));
    need("connect", net_connect(a, &address));
    awaited("somebody waits", set);
    need("accept", net_accept(fd, 0, &b, NULL));
    look("accepted", set);
    net_close(fd);
    look("listener closed", set);
    add(set, b, IN | OUT | RDHUP);
    look("connected", set);
    put(a, "hello");
    await(b, NET_READ);
    look("data waits", set);
    need("shutdown", net_shutdown(a, NET_SHUT_WR));
    drain(b);
    look("half closed", set);
    modify(set, b, IN);
    look("half closed, only in asked", set);
    modify(set, b, OUT);
    look("half closed, only out asked", set);
    modify(set, b, RDHUP);
    look("half closed, only rdhup asked", set);
    modify(set, b, IN | OUT | RDHUP);
    need("shutdown", net_shutdown(b, NET_SHUT_WR));
    await(a, NET_READ);
    look("closed both ways", set);
    modify(set, b, 0);
    look("hup is told unasked", set);
    net_close(a);
    net_close(b);
    look("closed", set);

    connected(&a, &b);
    add(set, b, IN | OUT | RDHUP);
    need("linger", net_set_time(a, NET_LINGER, 0));
    net_close(a);
    await(b, NET_READ);
    look("reset", set);
    look("reset is told again", set);
    last_error("its error is still there", b);
    look("reset, the error is taken", set);
    net_close(b);

    connected(&a, &b);
    need("own shutdown", net_shutdown(b, NET_SHUT_RD));
    add(set, b, IN | OUT | RDHUP);
    look("own end of reading", set);
    net_close(a);
    net_close(b);
    connected(&a, &b);
    need("own shutdown", net_shutdown(b, NET_SHUT_WR));
    add(set, b, IN | OUT | RDHUP);
    look("own end of writing", set);
    net_close(a);
    net_close(b);

    need("open", net_socket(NET_INET4, NET_STREAM, 0, &fd));
    net_set_nonblock(fd, 1);
    add(set, fd, IN | OUT | RDHUP);
    int error = net_connect(fd, &address);
    yes("connect to nobody is under way", error == EINPROGRESS || error == ECONNREFUSED);
    if (error == EINPROGRESS) {
        await(fd, NET_WRITE);
    }
    look("refused", set);
    last_error("its error", fd);
    look("refused, the error is taken", set);
    net_close(fd);

    need("open", net_socket(NET_INET4, NET_DGRAM, 0, &fd));
    add(set, fd, IN | OUT | RDHUP);
    look("datagram, fresh", set);
    address = net_loopback(NET_INET4, 0);
    need("bind", net_bind(fd, &address));
    need("local", net_local(fd, &address));
    look("datagram, bound", set);
    need("send", net_send_to(fd, "", 0, 0, &address, &count));
    await(fd, NET_READ);
    look("an empty datagram waits", set);
    modify(set, fd, IN | ET);
    look("datagram, edge", set);
    look("datagram, edge once", set);
    need("send", net_send_to(fd, "x", 1, 0, &address, &count));
    rest();
    look("another arrives", set);
    need("recv", net_recv(fd, data, sizeof data, 0, &count));
    look("one is taken", set);
    need("recv", net_recv(fd, data, sizeof data, 0, &count));
    look("both are taken", set);
    net_close(fd);

    need("open", net_socket(NET_INET4, NET_DGRAM, 0, &fd));
    need("connect", net_connect(fd, &address));
    add(set, fd, IN | OUT);
    need("send", net_send(fd, "x", 1, 0, &count));
    await(fd, NET_READ);
    look("datagram, refused", set);
    moved("recv takes it", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    look("datagram, told", set);
    net_close(fd);
    net_close(set);
}

/* A UDP socket whose peer does not exist. */
static int refused(void) {
    net_addr address = net_loopback(NET_INET4, 0);
    int nobody;
    int fd;
    need("open", net_socket(NET_INET4, NET_DGRAM, 0, &nobody));
    need("bind", net_bind(nobody, &address));
    need("local", net_local(nobody, &address));
    net_close(nobody);
    need("open", net_socket(NET_INET4, NET_DGRAM, 0, &fd));
    need("connect", net_connect(fd, &address));
    return fd;
}

static void send_in_vain(int fd) {
    size_t count;
    need("send", net_send(fd, "x", 1, 0, &count));
    rest();
}

/* Errors of a datagram socket, for one that asks for these events. */
static void walk_refusals(const char *name, uint32_t events) {
    char data[4];
    size_t count;
    int set = new_set();
    int fd = refused();
    section = name;
    add(set, fd, events);
    look("new", set);
    send_in_vain(fd);
    look("refused", set);
    look("the error is left", set);
    last_error("the error", fd);
    look("it is taken", set);
    send_in_vain(fd);
    look("refused again", set);
    moved("a receive takes it", net_recv(fd, data, sizeof data, NET_DONTWAIT, &count), &count);
    look("it is taken by a receive", set);
    send_in_vain(fd);
    look("refused once more", set);
    moved("a send takes it", net_send(fd, "x", 1, 0, &count), &count);
    net_close(fd);
    net_close(set);
}

/* An error beside what is left unread: what arrives when it is taken is an edge still. */
static void walk_errors_beside_data(void) {
    net_addr here = net_loopback(NET_INET4, 0);
    net_addr there = net_loopback(NET_INET4, 0);
    size_t count;
    int set = new_set();
    int fd;
    int peer;
    section = "errors beside data";
    need("open", net_socket(NET_INET4, NET_DGRAM, 0, &fd));
    need("bind", net_bind(fd, &here));
    need("local", net_local(fd, &here));
    need("open", net_socket(NET_INET4, NET_DGRAM, 0, &peer));
    need("bind", net_bind(peer, &there));
    need("local", net_local(peer, &there));
    need("connect", net_connect(fd, &there));
    add(set, fd, IN | ET);
    look("new", set);
    need("send", net_send_to(peer, "a", 1, 0, &here, &count));
    awaited("data", set);
    look("data is told once", set);
    net_close(peer);
    send_in_vain(fd);
    look("refused", set);
    look("the error is told once", set);
    last_error("the error", fd);
    need("open", net_socket(NET_INET4, NET_DGRAM, 0, &peer));
    need("bind", net_bind(peer, &there));
    look("the error is taken", set);
    need("send", net_send_to(peer, "b", 1, 0, &here, &count));
    rest();
    look("more data", set);
    look("more data is told once", set);
    drain(fd);
    need("send", net_send_to(peer, "c", 1, 0, &here, &count));
    awaited("data after all was read", set);
    net_close(peer);
    net_close(fd);
    net_close(set);
}

/* A reset, for one that asks for these events. */
static void walk_resets(const char *name, uint32_t events) {
    int set = new_set();
    int a;
    int b;
    section = name;
    connected(&a, &b);
    add(set, b, events);
    look("new", set);
    need("linger", net_set_time(a, NET_LINGER, 0));
    net_close(a);
    await(b, NET_READ);
    rest();
    look("reset", set);
    look("again", set);
    last_error("the error", b);
    look("it is taken", set);
    net_close(b);
    net_close(set);
}

static void walk_errors(void) {
    walk_refusals("refused, in out", IN | OUT);
    walk_refusals("refused, in", IN);
    walk_refusals("refused, out", OUT);
    walk_refusals("refused, nothing asked", 0);
    walk_refusals("refused, in out edge", IN | OUT | ET);
    walk_refusals("refused, in edge", IN | ET);
    walk_refusals("refused, out edge", OUT | ET);
    walk_refusals("refused, edge, nothing asked", ET);
    walk_refusals("refused, in oneshot", IN | ONESHOT);
    walk_errors_beside_data();
    walk_resets("reset, in out", IN | OUT);
    walk_resets("reset, out", OUT);
    walk_resets("reset, nothing asked", 0);
    walk_resets("reset, in out edge", IN | OUT | ET);
    walk_resets("reset, out edge", OUT | ET);
    walk_resets("reset, edge, nothing asked", ET);
}

static void walk_streams(void) {
    int set = new_set();
    int a;
    int b;
    int copy;
    section = "pairs";
    pair(&a, &b);
    add(set, b, IN | OUT | RDHUP);
    look("new", set);
    put(a, "hello");
    look("data", set);
    need("shutdown", net_shutdown(a, NET_SHUT_WR));
    look("data and the end", set);
    drain(b);
    look("the end", set);
    need("dup", net_dup(a, &copy));
    net_close(a);
    look("one of two numbers closed", set);
    net_close(copy);
    look("both closed", set);
    modify(set, b, 0);
    look("asked for nothing", set);
    net_close(b);
    look("all closed", set);

    section = "pipes";
    need("pipe", net_pipe(&a, &b));
    add(set, a, IN | RDHUP);
    look("empty", set);
    put(b, "hello");
    look("data", set);
    need("dup", net_dup(b, &copy));
    net_close(b);
    look("one of two writers closed", set);
    net_close(copy);
    look("all writers closed, data is left", set);
    drain(a);
    look("drained", set);
    net_close(a);
    need("pipe", net_pipe(&a, &b));
    add(set, b, OUT);
    look("writer", set);
    net_close(a);
    look("reader closed", set);
    net_close(b);
    look("all closed", set);
    need("pipe", net_pipe(&a, &b));
    add(set, a, IN | ET);
    net_close(b);
    look("edge, closed", set);
    look("edge, closed is told once", set);
    net_close(a);
    net_close(set);
}

static void walk_descriptors(void) {
    int set = new_set();
    int fd = event_fd(1);
    int copy;
    int twin;
    section = "descriptors";
    add(set, fd, IN);
    need("dup", net_dup(fd, &copy));
    step("its copy can be added", change(set, NET_EPOLL_ADD, copy, IN, 2));
    number("both are told", (int64_t)how_many(set, 8));
    count_down(fd);
    number("both are silent", (int64_t)how_many(set, 8));
    count_up(copy, 1);
    number("both again", (int64_t)how_many(set, 8));
    need("remove", net_epoll_ctl(set, NET_EPOLL_DEL, copy, NULL));
    net_close(copy);
    number("the first stays", (int64_t)how_many(set, 8));
    net_close(fd);
    number("closed is removed", (int64_t)how_many(set, 8));
    twin = event_fd(1);
    yes("the number is used again", twin == fd);
    number("the new one is not in it", (int64_t)how_many(set, 8));
    step("it can be added", change(set, NET_EPOLL_ADD, twin, IN, 1));
    number("then it is told", (int64_t)how_many(set, 8));
    net_close(twin);

    fd = event_fd(0);
    int other = event_fd(1);
    add(set, fd, IN);
    need("dup2", net_dup2(other, fd));
    number("replaced by dup2", (int64_t)how_many(set, 8));
    step("the other can be added there", change(set, NET_EPOLL_ADD, fd, IN, 1));
    number("the other is told", (int64_t)how_many(set, 8));
    net_close(fd);
    net_close(other);

    fd = event_fd(1);
    need("dup", net_dup(set, &copy));
    step("add through a copy of the set", change(copy, NET_EPOLL_ADD, fd, IN, 1));
    number("it is in the set", (int64_t)how_many(set, 8));
    step("exists there", change(set, NET_EPOLL_ADD, fd, IN, 1));
    net_close(set);
    number("the copy stays", (int64_t)how_many(copy, 8));
    set = new_set();
    add(set, fd, IN);
    number("two sets", (int64_t)(how_many(set, 8) + how_many(copy, 8)));
    count_down(fd);
    number("two sets are silent", (int64_t)(how_many(set, 8) + how_many(copy, 8)));
    count_up(fd, 1);
    readiness("a set can be polled", set);
    count_down(fd);
    readiness("a silent set", set);
    net_close(fd);
    net_close(copy);
    net_close(set);
}

int main(void) {
    scenario_start();
    walk_control();
    walk_level();
    walk_many();
    walk_edge();
    walk_arrivals();
    walk_oneshot();
    walk_sockets();
    walk_errors();
    walk_streams();
    walk_descriptors();
    return 0;
}
