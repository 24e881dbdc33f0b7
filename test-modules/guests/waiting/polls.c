/*
 * polls: what a wait tells about pipes, eventfds, sockets, pairs and clocks, alone in one thread, one line a step. The
 * same source is built for Linux; that transcript, with polls.deviations, is the expectation of this one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scenario.h"
#include "waiting.h"
#ifdef __wasi__
#include "wasix.h"
#endif

static net_addr local_of(int fd) {
    net_addr address;
    need("local", net_local(fd, &address));
    return address;
}

static int opened(int type) {
    int fd;
    need("open", net_socket(NET_INET4, type, 0, &fd));
    return fd;
}

static int bound(int type) {
    net_addr address = net_loopback(NET_INET4, 0);
    int fd = opened(type);
    need("bind", net_bind(fd, &address));
    return fd;
}

static void connected(int *client, int *server) {
    int fd = bound(NET_STREAM);
    need("listen", net_listen(fd, 4));
    net_addr address = local_of(fd);
    *client = opened(NET_STREAM);
    need("connect", net_connect(*client, &address));
    need("accept", net_accept(fd, 0, server, NULL));
    net_close(fd);
}

static void put(int fd, const char *text) {
    size_t count;
    need("write", net_write(fd, text, strlen(text), &count));
}

static void take(int fd, size_t size) {
    char data[64];
    size_t count;
    need("read", net_read(fd, data, size, &count));
}

/* Reads what is there. */
static void drain(int fd) {
    char data[4096];
    size_t count;
    net_set_nonblock(fd, 1);
    while (net_read(fd, data, sizeof data, &count) == 0 && count > 0) {
    }
}

/* Writes until there is no room. */
static void fill(int fd) {
    static char data[65536];
    size_t count;
    net_set_nonblock(fd, 1);
    while (net_write(fd, data, sizeof data, &count) == 0) {
    }
    while (net_write(fd, data, 1, &count) == 0) {
    }
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

static void walk_pipes(void) {
    char data[8];
    size_t count;
    int reader;
    int writer;
    int copy;
    section = "pipe";
    step("open", net_pipe(&reader, &writer));
    yes("empty is not readable", ready(reader, NET_READ, 0) == 0);
    readiness("writer", writer);
    available("bytes of an empty one", reader);
    put(writer, "hello");
    yes("readable", ready(reader, NET_READ, 0) == NET_READ);
    available("its bytes", reader);
    put(writer, "more");
    available("bytes of both writes", reader);
    take(reader, 2);
    available("bytes of the rest", reader);
    drain(reader);
    yes("drained", ready(reader, NET_READ, 0) == 0);
    moved("nothing, non-blocking", net_read(reader, data, sizeof data, &count), &count);
    net_set_nonblock(reader, 0);
    fill(writer);
    yes("full is not writable", ready(writer, NET_WRITE, 0) == 0);
    moved("full, non-blocking", net_write(writer, "x", 1, &count), &count);
    drain(reader);
    yes("drained is writable", ready(writer, NET_WRITE, 0) == NET_WRITE);
    put(writer, "last");
    need("dup", net_dup(writer, &copy));
    net_close(writer);
    drain(reader);
    yes("one of two writers is closed", ready(reader, NET_READ, 0) == 0);
    put(copy, "still");
    yes("the other writes", ready(reader, NET_READ, 0) == NET_READ);
    net_close(copy);
    yes("both are closed, data is left", ready(reader, NET_READ, 0) == (NET_READ | NET_HANGUP));
    available("bytes that are left", reader);
    take(reader, 5);
    yes("both are closed, drained", ready(reader, NET_READ, 0) == (NET_READ | NET_HANGUP));
    available("bytes at the end", reader);
    moved("the end", net_read(reader, data, sizeof data, &count), &count);
    net_close(reader);

    need("pipe", net_pipe(&reader, &writer));
    need("dup", net_dup(reader, &copy));
    net_close(reader);
    yes("one of two readers is closed", ready(writer, NET_WRITE, 0) == NET_WRITE);
    moved("written to the other", net_write(writer, "x", 1, &count), &count);
    net_close(copy);
    yes("both readers are closed, writable", (ready(writer, NET_WRITE, 0) & NET_WRITE) != 0);
    moved("written to nobody", net_write(writer, "x", 1, &count), &count);
    moved("again", net_write(writer, "x", 1, &count), &count);
    net_close(writer);
    readiness("closed", writer);
    need("pipe", net_pipe(&reader, &writer));
    net_close(writer);
    yes("closed without a word", ready(reader, NET_READ, 0) == (NET_READ | NET_HANGUP));
    moved("its end", net_read(reader, data, sizeof data, &count), &count);
    net_close(reader);
    need("pipe", net_pipe(&reader, &writer));
    moved("recv works on pipes", net_recv(reader, data, sizeof data, NET_DONTWAIT, &count), &count);
    step("pipes have no address", net_local(reader, &(net_addr){0}));
    need("dup2", net_dup2(reader, writer));
    yes("dup2 closed the writer", ready(reader, NET_READ, 0) == (NET_READ | NET_HANGUP));
    net_close(reader);
    net_close(writer);
}

static void count(const char *what, int fd, uint64_t by) {
    size_t done;
    moved(what, net_write(fd, &by, 8, &done), &done);
}

static void taken(const char *what, int fd) {
    uint64_t value = 0;
    size_t done;
    int error = net_read(fd, &value, 8, &done);
    if (error != 0) {
        step(what, error);
    } else if (value > INT64_MAX) {
        yes(what, value == UINT64_MAX - 1);
    } else {
        number(what, (int64_t)value);
    }
}

static void walk_events(void) {
    char data[16] = {0};
    size_t done;
    int fd;
    int copy;
    int on;
    section = "event";
    step("open", net_event(0, 0, &fd));
    net_get_nonblock(fd, &on);
    yes("blocks", !on);
    net_set_nonblock(fd, 1);
    readiness("zero", fd);
    taken("zero, read", fd);
    count("add 1", fd, 1);
    readiness("one", fd);
    count("add 41", fd, 41);
    taken("sum", fd);
    readiness("taken", fd);
    taken("nothing is left", fd);
    count("add 0", fd, 0);
    readiness("0 is nothing", fd);
    moved("read of 7 bytes", net_read(fd, data, 7, &done), &done);
    moved("write of 7 bytes", net_write(fd, data, 7, &done), &done);
    data[0] = 3;
    moved("write of 8 bytes", net_write(fd, data, 8, &done), &done);
    moved("read into 16 bytes", net_read(fd, data, 16, &done), &done);
    count("add the most", fd, UINT64_MAX - 1);
    readiness("full", fd);
    count("one more", fd, 1);
    taken("full, read", fd);
    readiness("writable again", fd);
    count("more than can be", fd, UINT64_MAX);
    count("half", fd, UINT64_MAX / 2 + 1);
    count("the other half", fd, UINT64_MAX / 2);
    taken("the half is there", fd);
    need("dup", net_dup(fd, &copy));
    count("through a copy", copy, 5);
    net_close(copy);
    taken("of the first", fd);
    step("is no socket", net_listen(fd, 1));
    net_close(fd);
    taken("closed", fd);
    step("with a first value", net_event(7, 0, &fd));
    taken("the first value", fd);
    net_close(fd);
    step("semaphore", net_event(2, 1, &fd));
    net_set_nonblock(fd, 1);
    taken("semaphore, one", fd);
    readiness("semaphore, one is left", fd);
    taken("semaphore, the other", fd);
    taken("semaphore, none", fd);
    count("semaphore, add 3", fd, 3);
    taken("semaphore, one of three", fd);
    net_close(fd);
}

static void walk_sockets(void) {
    char data[16];
    size_t done;
    int a;
    int b;
    int fd = opened(NET_STREAM);
    section = "socket";
    readiness("fresh", fd);
    available("fresh, bytes", fd);
    net_close(fd);
    fd = bound(NET_STREAM);
    readiness("bound", fd);
    need("listen", net_listen(fd, 4));
    readiness("listening", fd);
    net_addr address = local_of(fd);
    a = opened(NET_STREAM);
    need("connect", net_connect(a, &address));
    await(fd, NET_READ);
    readiness("somebody waits", fd);
    need("accept", net_accept(fd, 0, &b, NULL));
    readiness("accepted", fd);
    net_close(fd);
    readiness("client", a);
    readiness("server", b);
    put(a, "hello");
    await(b, NET_READ);
    readiness("data", b);
    available("its bytes", b);
    take(b, 2);
    available("bytes of the rest", b);
    take(b, 3);
    readiness("drained", b);
    available("no bytes", b);
    fill(a);
    for (int i = 0; i < 10; i++) {
        rest();
        fill(a);
    }
    yes("full", ready(a, NET_WRITE, 0) == 0);
    net_set_nonblock(b, 1);
    while (ready(a, NET_WRITE, 0) == 0) {
        drain(b);
    }
    yes("drained is writable", ready(a, NET_WRITE, 0) == NET_WRITE);
    need("shutdown", net_shutdown(a, NET_SHUT_WR));
    do {
        drain(b);
    } while (net_recv(b, &done, 1, 0, &done) != 0);
    readiness("half closed", b);
    readiness("its own half is closed", a);
    need("shutdown", net_shutdown(b, NET_SHUT_WR));
    await(a, NET_READ);
    readiness("both halves are closed", a);
    readiness("seen from the other side", b);
    net_close(a);
    net_close(b);
    readiness("closed", a);

    connected(&a, &b);
    need("linger", net_set_time(a, NET_LINGER, 0));
    net_close(a);
    await(b, NET_READ);
    readiness("reset", b);
    available("reset, bytes", b);
    last_error("reset, the poll took no error", b);
    net_close(b);
    connected(&a, &b);
    put(a, "unread");
    await(b, NET_READ);
    net_close(b);
    await(a, NET_READ);
    readiness("the other closed with unread data", a);
    last_error("which is a reset", a);
    net_close(a);
    connected(&a, &b);
    put(a, "unread");
    moved("peek", net_recv(b, data, sizeof data, NET_PEEK, &done), &done);
    net_close(b);
    await(a, NET_READ);
    readiness("the other only peeked", a);
    last_error("which is a reset too", a);
    net_close(a);
    connected(&a, &b);
    need("shutdown", net_shutdown(b, NET_SHUT_RD));
    readiness("own end of reading", b);
    net_close(a);
    net_close(b);

    fd = bound(NET_STREAM);
    address = local_of(fd);
    net_close(fd);
    fd = opened(NET_STREAM);
    net_set_nonblock(fd, 1);
    int error = net_connect(fd, &address);
    if (error == EINPROGRESS) {
        await(fd, NET_WRITE);
    }
    readiness("refused", fd);
    available("refused, bytes", fd);
    last_error("refused, the poll took no error", fd);
    net_close(fd);
}

static void walk_pairs(void) {
    int a;
    int b;
    int copy;
    section = "pair";
    need("pair", net_pair(NET_STREAM, 0, &a, &b));
    readiness("new", a);
    put(a, "hello");
    readiness("data", b);
    available("its bytes", b);
    readiness("the sender", a);
    fill(a);
    yes("full", ready(a, NET_WRITE, 0) == 0);
    drain(b);
    readiness("drained", b);
    yes("writable again", ready(a, NET_WRITE, 0) == NET_WRITE);
    put(a, "hello");
    need("shutdown", net_shutdown(a, NET_SHUT_WR));
    readiness("half closed, data is left", b);
    available("half closed, bytes", b);
    drain(b);
    readiness("half closed", b);
    readiness("own half closed", a);
    need("dup", net_dup(a, &copy));
    net_close(a);
    readiness("one of two numbers closed", b);
    net_close(copy);
    readiness("both closed", b);
    net_close(b);
}

/* ---- several at once ------------------------------------------------------------------------------------------- */

static void walk_several(void) {
    net_pollfd fds[6];
    size_t found;
    int reader;
    int writer;
    int event;
    section = "several";
    need("pipe", net_pipe(&reader, &writer));
    need("event", net_event(0, 0, &event));
    memset(fds, 0, sizeof fds);
    fds[0] = (net_pollfd){.fd = reader, .want = NET_READ};
    fds[1] = (net_pollfd){.fd = writer, .want = NET_WRITE};
    fds[2] = (net_pollfd){.fd = event, .want = NET_READ};
    need("poll", net_poll(fds, 3, NET_NO_TIME, &found));
    number("one is ready", (int64_t)found);
    yes("it is the writer", fds[1].got == NET_WRITE && fds[0].got == 0 && fds[2].got == 0);
    put(writer, "x");
    need("poll", net_poll(fds, 3, 0, &found));
    number("two are ready", (int64_t)found);
    size_t done;
    need("write", net_write(event, &(uint64_t){1}, 8, &done));
    need("poll", net_poll(fds, 3, 0, &found));
    number("three are ready", (int64_t)found);
    fds[3] = (net_pollfd){.fd = reader, .want = NET_READ};
    need("poll", net_poll(fds, 4, 0, &found));
    number("one twice", (int64_t)found);
    fds[3] = (net_pollfd){.fd = 12345, .want = NET_READ | NET_WRITE};
    need("poll", net_poll(fds, 4, 1000 * MS, &found));
    number("one that is not open", (int64_t)found);
    yes("it is told", fds[3].got == NET_ERROR && fds[3].error == EBADF);
    yes("beside the others", fds[0].got == NET_READ && fds[2].got == NET_READ);
    need("poll", net_poll(fds + 3, 1, NET_NO_TIME, &found));
    number("that one alone does not wait", (int64_t)found);
    fds[3].fd = -1;
    need("poll", net_poll(fds + 3, 1, 20 * MS, &found));
    number("a negative one is ignored", (int64_t)found);
    need("poll", net_poll(fds, 4, 0, &found));
    number("a negative one among others", (int64_t)found);
    int file = open("file", O_RDWR | O_CREAT, 0666);
    put(file, "some text");
    lseek(file, 4, SEEK_SET);
    readiness("a file", file);
    available("what is left of the file", file);
    lseek(file, 0, SEEK_END);
    readiness("a file at its end", file);
    close(file);
    unlink("file");
    file = open(".", O_RDONLY | O_DIRECTORY);
    yes("a directory is readable", ready(file, NET_READ, 0) == NET_READ);
    close(file);
    net_close(reader);
    net_close(writer);
    net_close(event);
}

static int64_t waited(net_pollfd *fds, size_t count, net_clock *clocks, size_t clock_count) {
    size_t found;
    int64_t start = net_now();
    need("wait", net_wait(fds, count, clocks, clock_count, &found));
    return net_now() - start;
}

static void walk_clocks(void) {
    net_clock clocks[3];
    net_pollfd fds[1];
    int event;
    section = "clocks";
    need("event", net_event(0, 0, &event));
    fds[0] = (net_pollfd){.fd = event, .want = NET_READ};

    memset(clocks, 0, sizeof clocks);
    clocks[0].ns = 20 * MS;
    yes("one, not before its time", waited(NULL, 0, clocks, 1) >= 20 * MS);
    yes("it is told", clocks[0].fired);
    clocks[0].ns = 0;
    yes("none at all is over at once", waited(NULL, 0, clocks, 1) < 5000 * MS);
    yes("that is told", clocks[0].fired);
    clocks[0].ns = 20 * MS;
    clocks[1].ns = 60000 * MS;
    yes("the earlier of two", waited(NULL, 0, clocks, 2) < 50000 * MS);
    yes("the first is told", clocks[0].fired);
    yes("the second is not", clocks[1].fired);
    clocks[2] = clocks[0];
    clocks[0] = clocks[1];
    clocks[1] = clocks[2];
    yes("in the other order", waited(NULL, 0, clocks, 2) < 50000 * MS);
    yes("the first is not told", clocks[0].fired);
    yes("the second is", clocks[1].fired);
    clocks[0] = (net_clock){.absolute = 1, .ns = net_now() + 20 * MS};
    yes("absolute", waited(NULL, 0, clocks, 1) < 50000 * MS);
    yes("at its time", net_now() >= clocks[0].ns);
    clocks[0] = (net_clock){.absolute = 1, .ns = net_now() - 1000 * MS};
    yes("absolute, over", waited(NULL, 0, clocks, 1) < 5000 * MS);
    yes("it fired", clocks[0].fired);
    clocks[0] = (net_clock){.absolute = 1, .ns = 1};
    yes("absolute, long over", waited(NULL, 0, clocks, 1) < 5000 * MS && clocks[0].fired);
    int64_t before = net_now();
    clocks[0] = (net_clock){.realtime = 1, .absolute = 1, .ns = net_realtime() + 20 * MS};
    waited(NULL, 0, clocks, 1);
    /* half of it: the wall clock may be set right meanwhile */
    yes("absolute by the wall clock", net_now() - before >= 10 * MS && clocks[0].fired);
    clocks[0] = (net_clock){.realtime = 1, .absolute = 1, .ns = net_realtime() - 20 * MS};
    yes("over by the wall clock", waited(NULL, 0, clocks, 1) < 5000 * MS && clocks[0].fired);
    clocks[0] = (net_clock){.realtime = 1, .ns = 20 * MS};
    yes("relative by the wall clock", waited(NULL, 0, clocks, 1) >= 20 * MS && clocks[0].fired);
    clocks[0] = (net_clock){.ns = 20 * MS};
    clocks[1] = (net_clock){.realtime = 1, .absolute = 1, .ns = net_realtime() + 60000 * MS};
    clocks[2] = (net_clock){.absolute = 1, .ns = net_now() + 60000 * MS};
    yes("three kinds", waited(NULL, 0, clocks, 3) < 50000 * MS);
    yes("only the first of three", clocks[0].fired && !clocks[1].fired && !clocks[2].fired);

    clocks[0] = (net_clock){.ns = 20 * MS};
    yes("beside a silent descriptor", waited(fds, 1, clocks, 1) >= 20 * MS);
    yes("only the clock", clocks[0].fired && fds[0].got == 0);
    size_t done;
    need("write", net_write(event, &(uint64_t){1}, 8, &done));
    clocks[0] = (net_clock){.ns = 60000 * MS};
    yes("beside one that is ready", waited(fds, 1, clocks, 1) < 50000 * MS);
    yes("only the descriptor", !clocks[0].fired && fds[0].got == NET_READ);
    clocks[0] = (net_clock){.ns = 0};
    waited(fds, 1, clocks, 1);
    yes("a look sees what is ready", fds[0].got == NET_READ);
    clocks[0] = (net_clock){.absolute = 1, .ns = net_now() - 1000 * MS};
    waited(fds, 1, clocks, 1);
    yes("one that is over too", fds[0].got == NET_READ);
    clocks[0] = (net_clock){.ns = INT64_MAX};
    yes("for ever, beside one that is ready", waited(fds, 1, clocks, 1) < 50000 * MS && !clocks[0].fired);
    net_close(event);
}

/* ---- what only a subscription can say --------------------------------------------------------------------------- */

#ifdef __wasi__
static uint32_t found;

static int subscribe(const wasix_subscription *subscriptions, uint32_t count, wasix_event *events) {
    return wasix_poll_oneoff(subscriptions, events, count, &found);
}
#define TELLS(what, condition) yes(what, condition)
#else
#define TELLS(what, condition) yes(what, 1)
#endif

static void walk_subscriptions(void) {
#ifdef __wasi__
    wasix_subscription subscriptions[3];
    wasix_event events[3];
    int event;
    need("event", net_event(1, 0, &event));
    memset(subscriptions, 0, sizeof subscriptions);
#endif
    section = "subscriptions";
    WASIX_ONLY("none", subscribe(subscriptions, 0, events), "inval");
    WASIX_ONLY("too many", subscribe(subscriptions, 100000000, events), "inval");
#ifdef __wasi__
    subscriptions[0].tag = 9;
#endif
    WASIX_ONLY("unknown type", subscribe(subscriptions, 1, events), "inval");
#ifdef __wasi__
    subscriptions[0].tag = WASIX_EVENT_CLOCK;
    subscriptions[0].u.clock.id = WASIX_CLOCK_THREAD_CPUTIME;
    subscriptions[0].userdata = 1;
#endif
    WASIX_ONLY("a clock that does not wait", subscribe(subscriptions, 1, events), "success");
    TELLS("its event says so", found == 1 && events[0].error == EINVAL && events[0].type == WASIX_EVENT_CLOCK);
#ifdef __wasi__
    subscriptions[0].u.clock.id = 77;
#endif
    WASIX_ONLY("an unknown clock", subscribe(subscriptions, 1, events), "success");
    TELLS("its event says so too", found == 1 && events[0].error == EINVAL && events[0].userdata == 1);
#ifdef __wasi__
    subscriptions[0].tag = WASIX_EVENT_FD_WRITE;
    subscriptions[0].userdata = UINT64_MAX;
    subscriptions[0].u.fd_readwrite.fd = (uint32_t)event;
    subscriptions[1].tag = WASIX_EVENT_FD_READ;
    subscriptions[1].userdata = 0;
    subscriptions[1].u.fd_readwrite.fd = (uint32_t)event;
    subscriptions[2] = subscriptions[0];
    subscriptions[2].userdata = UINT64_C(0x123456789abcdef0);
#endif
    WASIX_ONLY("three of one descriptor", subscribe(subscriptions, 3, events), "success");
    TELLS("in their order", found == 3 && events[0].userdata == UINT64_MAX && events[1].userdata == 0
                    && events[2].userdata == UINT64_C(0x123456789abcdef0));
    TELLS("with their types", events[0].type == WASIX_EVENT_FD_WRITE && events[1].type == WASIX_EVENT_FD_READ);
    TELLS("an event has 8 bytes", events[1].nbytes == 8);
    TELLS("room to write", events[0].nbytes > 0);
#ifdef __wasi__
    subscriptions[1].u.fd_readwrite.fd = 12345;
#endif
    WASIX_ONLY("one of them is not open", subscribe(subscriptions, 2, events), "success");
    TELLS("both are told", found == 2 && events[0].error == 0 && events[1].error == EBADF);
    TELLS("type is kept", events[1].type == WASIX_EVENT_FD_READ);
    WASIX_ONLY("bad pointer", subscribe((const wasix_subscription *)0xfffffff0, 1, events), "fault");
#ifdef __wasi__
    net_close(event);
#endif
}

int main(void) {
    scenario_start();
    walk_pipes();
    walk_events();
    walk_sockets();
    walk_pairs();
    walk_several();
    walk_clocks();
    walk_subscriptions();
    return 0;
}
