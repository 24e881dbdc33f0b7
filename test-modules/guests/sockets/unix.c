/*
 * unix: what unix stream sockets and socket pairs answer, both ends in one thread, one line a step. Works in the current
 * directory or in the one that it is given, which has to be empty. The same source is built for Linux; that transcript,
 * with unix.deviations, is the expectation of this one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenario.h"
#include "waiting.h"

static int stream(void) {
    int fd;
    need("open", net_socket(NET_UNIX, NET_STREAM, 0, &fd));
    return fd;
}

static int bound(const char *path) {
    int fd = stream();
    need("bind", net_bind_path(fd, path));
    return fd;
}

static int listener(const char *path) {
    int fd = bound(path);
    need("listen", net_listen(fd, 8));
    return fd;
}

/* Both ends of a connection. */
static void connected(int *client, int *server) {
    int fd = listener("meeting");
    *client = stream();
    need("connect", net_connect_path(*client, "meeting"));
    need("accept", net_accept(fd, 0, server, NULL));
    net_close(fd);
    unlink("meeting");
}

static void put(int fd, const char *text) {
    size_t count;
    need("send", net_send(fd, text, strlen(text), 0, &count));
}

/* What there is to receive, or why there is nothing; does not wait. */
static void next(const char *what, int fd) {
    char data[64];
    size_t count;
    int error = net_recv(fd, data, sizeof data - 1, NET_DONTWAIT, &count);
    if (error != 0) {
        step(what, error);
    } else if (count == 0) {
        fact(what, "the end");
    } else {
        data[count] = 0;
        fact(what, data);
    }
}

static void name(const char *what, int error, const char *path) {
    if (error != 0) {
        step(what, error);
    } else {
        fact(what, *path ? path : "no name");
    }
}

static void local_name(const char *what, int fd) {
    char path[NET_PATH + 1];
    int error = net_local_path(fd, path);
    name(what, error, path);
}

static void peer_name(const char *what, int fd) {
    char path[NET_PATH + 1];
    int error = net_peer_path(fd, path);
    name(what, error, path);
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

static void kind(const char *what, const char *path) {
    struct stat st;
    if (lstat(path, &st) != 0) {
        step(what, errno);
    } else {
        fact(what, S_ISREG(st.st_mode) ? "file" : S_ISDIR(st.st_mode) ? "directory" : S_ISLNK(st.st_mode) ? "link" : "other");
    }
}

static void done(const char *what, int result) {
    step(what, result < 0 ? errno : 0);
}

/* What the walk finds in its directory. */
static void furnish(void) {
    int fd = open("file", O_WRONLY | O_CREAT, 0666);
    need("file", fd < 0 ? errno : 0);
    close(fd);
    need("directory", mkdir("dir", 0777) < 0 ? errno : 0);
    need("link", symlink("nowhere", "dangling") < 0 ? errno : 0);
    need("link", symlink("loop", "loop") < 0 ? errno : 0);
    need("link", symlink("dir", "way") < 0 ? errno : 0);
    need("link", symlink("dir/inside", "shortcut") < 0 ? errno : 0);
}

/* ---- names ----------------------------------------------------------------------------------------------------- */

static void try_open(const char *what, int type, int protocol) {
    int fd;
    int error = net_socket(NET_UNIX, type, protocol, &fd);
    step(what, error);
    if (error == 0) {
        net_close(fd);
    }
}

static void try_bind(const char *what, const char *path) {
    int fd = stream();
    step(what, net_bind_path(fd, path));
    net_close(fd);
}

static void walk_bind(void) {
    char path[NET_PATH + 1];
    net_addr address = net_loopback(NET_INET4, 0);
    int fd = stream();
    int other;
    section = "open";
    try_open("stream", NET_STREAM, 0);
    try_open("with tcp", NET_STREAM, 6);
    try_open("no type", NET_NO_TYPE, 0);
    try_open("unknown type", NET_BAD_TYPE, 0);

    section = "bind";
    local_name("local of a fresh socket", fd);
    peer_name("peer of a fresh socket", fd);
    kind("nothing is there", "name");
    step("a free name", net_bind_path(fd, "name"));
    local_name("local", fd);
    peer_name("peer", fd);
    kind("it is", "name");
    step("again", net_bind_path(fd, "other"));
    kind("the other name", "other");
    other = stream();
    step("a name in use", net_bind_path(other, "name"));
    step("the failed one elsewhere", net_bind_path(other, "other"));
    net_close(other);
    net_close(fd);
    kind("when it is closed", "name");
    try_bind("name of a closed socket", "name");
    done("unlink", unlink("name"));
    kind("it is gone", "name");
    try_bind("name that was unlinked", "name");
    unlink("name");
    unlink("other");

    try_bind("name of a file", "file");
    try_bind("name of a directory", "dir");
    try_bind("the directory itself", ".");
    try_bind("name of a dangling link", "dangling");
    kind("it is not followed", "nowhere");
    try_bind("name of a loop", "loop");
    try_bind("below what is missing", "missing/name");
    try_bind("below a file", "file/name");
    try_bind("below a loop", "loop/name");
    try_bind("with a slash at the end", "new/");
    try_bind("below a directory", "dir/inside");
    kind("inside", "dir/inside");
    unlink("dir/inside");
    fd = stream();
    step("through a link to a directory", net_bind_path(fd, "way/inside"));
    kind("is inside too", "dir/inside");
    local_name("its name", fd);
    net_close(fd);
    unlink("dir/inside");
    fd = stream();
    step("not in its shortest form", net_bind_path(fd, "./dir/../name"));
    local_name("it is told as it was given", fd);
    kind("and lies there", "name");
    net_close(fd);
    unlink("name");

    memset(path, 'n', sizeof path);
    path[NET_PATH - 1] = 0;
    fd = stream();
    step("107 bytes", net_bind_path(fd, path));
    char told[NET_PATH + 1];
    need("local", net_local_path(fd, told));
    yes("it is told whole", strcmp(path, told) == 0);
    kind("it is there", path);
    step("it listens", net_listen(fd, 4));
    other = stream();
    step("connect to it", net_connect_path(other, path));
    net_close(other);
    net_close(fd);
    unlink(path);
    path[NET_PATH - 1] = 'n';
    path[NET_PATH] = 0;
    fd = stream();
    step("108 bytes, no end", net_bind_path(fd, path));
    kind("that is there", path);
    net_close(fd);
    unlink(path);

    fd = stream();
    step("an IPv4 address", net_bind(fd, &address));
    step("connect to an IPv4 address", net_connect(fd, &address));
    net_close(fd);
    connected(&fd, &other);
    local_name("local of a client", fd);
    peer_name("peer of a client", fd);
    local_name("local of an accepted", other);
    peer_name("peer of an accepted", other);
    net_close(fd);
    net_close(other);
}

static void try_connect(const char *what, const char *path) {
    int fd = stream();
    step(what, net_connect_path(fd, path));
    net_close(fd);
}

static void walk_connect(void) {
    int fd = bound("name");
    int client;
    int child;
    section = "connect";
    try_connect("bound, does not listen", "name");
    step("listen", net_listen(fd, 4));
    step("listen again", net_listen(fd, 4));
    local_name("name of the listener", fd);
    kind("what lies there", "name");
    try_connect("missing", "missing");
    try_connect("a file", "file");
    try_connect("a directory", "dir");
    try_connect("a dangling link", "dangling");
    try_connect("a loop", "loop");
    try_connect("below what is missing", "missing/name");
    try_connect("below a file", "file/name");
    try_connect("below a loop", "loop/name");

    client = stream();
    step("who listens", net_connect_path(client, "name"));
    step("again", net_connect_path(client, "name"));
    peer_name("peer", client);
    step("accept", net_accept(fd, 0, &child, NULL));
    local_name("local of the accepted", child);
    put(client, "hello");
    next("received", child);
    net_close(child);
    net_close(client);
    client = stream();
    need("bind", net_bind_path(client, "client"));
    step("with a name of its own", net_connect_path(client, "name"));
    local_name("its local", client);
    need("accept", net_accept(fd, 0, &child, NULL));
    peer_name("the accepted knows it", child);
    net_close(child);
    net_close(client);
    unlink("client");
    client = stream();
    step("after a failure", net_connect_path(client, "missing"));
    peer_name("no peer then", client);
    step("the same socket to who listens", net_connect_path(client, "name"));
    need("accept", net_accept(fd, 0, &child, NULL));
    net_close(child);
    net_close(client);

    done("rename", rename("name", "dir/inside"));
    try_connect("old name", "name");
    client = stream();
    step("new name", net_connect_path(client, "dir/inside"));
    need("accept", net_accept(fd, 0, &child, NULL));
    net_close(child);
    net_close(client);
    client = stream();
    step("through a link", net_connect_path(client, "shortcut"));
    need("accept", net_accept(fd, 0, &child, NULL));
    put(child, "hello");
    next("the server's word", client);
    done("unlink it", unlink("dir/inside"));
    put(client, "still");
    next("who is connected stays so", child);
    net_close(client);
    next("the end", child);
    net_close(child);
    try_connect("the unlinked name", "dir/inside");
    net_close(fd);

    fd = listener("name");
    net_close(fd);
    kind("closed listener leaves", "name");
    try_connect("to it", "name");
    try_bind("on it", "name");
    unlink("name");
    fd = listener("name");
    done("unlink the name of a listener", unlink("name"));
    client = listener("name");
    step("another takes the name", net_set_nonblock(client, 1));
    net_set_nonblock(fd, 1);
    try_connect("who connects", "name");
    step("comes to the new one", net_accept(client, 0, &child, NULL));
    net_close(child);
    step("and not to the old one", net_accept(fd, 0, &child, NULL));
    net_close(fd);
    net_close(client);
    unlink("name");
}

static void walk_listen(void) {
    int more[64];
    int used = 0;
    int error = 0;
    int child;
    size_t count;
    int fd = stream();
    section = "listen";
    step("unbound", net_listen(fd, 4));
    step("accept, unbound", net_accept(fd, 0, &child, NULL));
    net_close(fd);
    fd = bound("name");
    step("accept, bound", net_accept(fd, 0, &child, NULL));
    step("backlog 0", net_listen(fd, 0));
    readiness("nobody waits, readiness", fd);
    net_set_nonblock(fd, 1);
    step("nobody waits", net_accept(fd, 0, &child, NULL));
    while (error == 0 && used < 64) {
        more[used] = stream();
        net_set_nonblock(more[used], 1);
        error = net_connect_path(more[used], "name");
        used++;
    }
    step("the queue is full, non-blocking", error);
    yes("somebody is in it", used > 1);
    readiness("somebody waits, readiness", fd);
    step("accept", net_accept(fd, 0, &child, NULL));
    net_close(child);
    step("there is room again", net_connect_path(more[used - 1], "name"));
    for (int i = 0; i < used; i++) {
        net_close(more[i]);
    }
    step("accept one that has gone", net_accept(fd, 0, &child, NULL));
    next("it says", child);
    net_close(child);
    net_close(fd);
    unlink("name");

    fd = listener("name");
    int first = stream();
    int second = stream();
    need("connect", net_connect_path(first, "name"));
    need("connect", net_connect_path(second, "name"));
    put(first, "first");
    put(second, "second");
    need("accept", net_accept(fd, NET_NONBLOCK, &child, NULL));
    next("first come", child);
    moved("recv, non-blocking child", net_recv(child, &used, 1, 0, &count), &count);
    net_close(child);
    need("accept", net_accept(fd, 0, &child, NULL));
    next("then the second", child);
    net_close(child);
    net_close(first);
    net_close(second);
    first = stream();
    need("connect", net_connect_path(first, "name"));
    net_close(fd);
    await(first, NET_READ);
    next("the listener closes before it accepts", first);
    net_close(first);
    unlink("name");
    fd = listener("name");
    moved("send", net_send(fd, "x", 1, 0, &count), &count);
    moved("recv", net_recv(fd, &used, 1, 0, &count), &count);
    net_close(fd);
    unlink("name");
}

/* ---- streams, connected by name or as a pair ------------------------------------------------------------------- */

typedef void (*maker)(int *, int *);

static void stream_pair(int *a, int *b) {
    need("pair", net_pair(NET_STREAM, 0, a, b));
}

static void walk_transfer(const char *what, maker make) {
    static char sink[65536];
    char data[32];
    net_buffer pieces[] = {{"one ", 4}, {"", 0}, {"stream", 6}};
    net_buffer parts[] = {{data, 2}, {data + 2, 5}, {data + 7, 20}};
    net_received received;
    size_t count;
    int error;
    int64_t value;
    int a;
    int b;
    make(&a, &b);
    section = what;
    readiness("readiness", a);
    available("nothing to read", a);
    moved("send", net_send(a, "abc", 3, 0, &count), &count);
    moved("send more", net_send(a, "def", 3, 0, &count), &count);
    await(b, NET_READ);
    readiness("readiness of the receiver", b);
    available("bytes to read", b);
    moved("peek", net_recv(b, data, sizeof data, NET_PEEK, &count), &count);
    moved("peek less", net_recv(b, data, 2, NET_PEEK, &count), &count);
    available("bytes after a peek", b);
    moved("part of it", net_recv(b, data, 2, 0, &count), &count);
    available("bytes of the rest", b);
    next("no boundaries", b);
    next("nothing is left", b);
    moved("three pieces", net_send_message(a, pieces, 3, 0, NULL, &count), &count);
    step("into three buffers", net_recv_message(b, parts, 3, 0, &received));
    yes("all of it", received.count == 10 && memcmp(data, "one stream", 10) == 0);
    moved("of no bytes", net_send(a, "", 0, 0, &count), &count);
    next("is nothing", b);
    moved("recv of no bytes", net_recv(b, data, 0, NET_DONTWAIT, &count), &count);
    moved("write", net_write(b, "back", 4, &count), &count);
    moved("read", net_read(a, data, sizeof data, &count), &count);
    put(a, "abcdef");
    moved("wait for all", net_recv(b, data, 6, NET_WAITALL, &count), &count);
    net_set_nonblock(b, 1);
    moved("non-blocking read", net_read(b, data, sizeof data, &count), &count);
    net_set_nonblock(b, 0);
    need("timeout", net_set_time(b, NET_RECV_TIMEOUT, 20 * MS));
    moved("recv with a timeout", net_recv(b, data, sizeof data, 0, &count), &count);
    put(a, "abc");
    moved("all within a timeout", net_recv(b, data, 6, NET_WAITALL, &count), &count);

    net_set_nonblock(a, 1);
    do {
        error = net_send(a, sink, sizeof sink, 0, &count);
    } while (error == 0);
    step("when it is full", error);
    yes("then it is not writable", ready(a, NET_WRITE, 0) == 0);
    while (net_recv(b, sink, sizeof sink, NET_DONTWAIT, &count) == 0) {
    }
    await(a, NET_WRITE);
    moved("when it is drained", net_send(a, "x", 1, 0, &count), &count);
    need("type", net_get_size(a, NET_TYPE, &value));
    number("type", value);
    last_error("last_error", a);
    step("bind an address", net_bind_path(a, "pair"));
    unlink("pair");
    step("accept", net_accept(a, 0, &error, NULL));
    net_close(a);
    net_close(b);
}

static void walk_ends(const char *what, maker make) {
    char data[16];
    size_t count;
    int a;
    int b;
    int copy;
    section = what;
    make(&a, &b);
    put(a, "last words");
    step("end of writing", net_shutdown(a, NET_SHUT_WR));
    readiness("its readiness", a);
    moved("send then", net_send(a, "x", 1, 0, &count), &count);
    await(b, NET_READ);
    readiness("the other's readiness", b);
    next("last words", b);
    next("the end", b);
    next("the end again", b);
    readiness("readiness at the end", b);
    available("bytes at the end", b);
    put(b, "answer");
    next("an answer", a);
    step("end of writing again", net_shutdown(a, NET_SHUT_WR));
    step("no direction", net_shutdown(a, 0));
    step("the other's end", net_shutdown(b, NET_SHUT_WR));
    next("seen", a);
    readiness("readiness when both have ended", a);
    readiness("the other's when both have ended", b);
    net_close(a);
    net_close(b);

    make(&a, &b);
    put(b, "before");
    step("end of reading", net_shutdown(a, NET_SHUT_RD));
    next("what came before", a);
    next("after it", a);
    moved("send to who does not read", net_send(b, "x", 1, 0, &count), &count);
    moved("the other direction", net_send(a, "yes", 3, 0, &count), &count);
    next("arrives", b);
    net_close(a);
    net_close(b);

    make(&a, &b);
    step("end of both", net_shutdown(a, NET_SHUT_BOTH));
    readiness("readiness of one that ended both", a);
    next("recv", a);
    moved("send", net_send(a, "x", 1, 0, &count), &count);
    next("the other's recv", b);
    moved("the other's send", net_send(b, "x", 1, 0, &count), &count);
    net_close(a);
    net_close(b);

    make(&a, &b);
    put(a, "bye");
    net_close(a);
    await(b, NET_READ);
    readiness("closed, data is left", b);
    available("its bytes", b);
    next("closed, what is left", b);
    next("closed, then the end", b);
    readiness("closed, readiness", b);
    moved("closed, send", net_send(b, "x", 1, 0, &count), &count);
    moved("closed, send again", net_send(b, "x", 1, 0, &count), &count);
    moved("closed, write", net_write(b, "x", 1, &count), &count);
    last_error("closed, last_error", b);
    net_close(b);

    make(&a, &b);
    put(a, "unread");
    await(b, NET_READ);
    net_close(b);
    await(a, NET_READ);
    readiness("closed with unread data", a);
    moved("recv is told", net_recv(a, data, sizeof data, NET_DONTWAIT, &count), &count);
    moved("recv is told once", net_recv(a, data, sizeof data, NET_DONTWAIT, &count), &count);
    moved("send to it", net_send(a, "x", 1, 0, &count), &count);
    net_close(a);

    make(&a, &b);
    need("dup", net_dup(a, &copy));
    net_close(a);
    next("one of two numbers is closed", b);
    put(copy, "still");
    next("the other sends", b);
    net_close(copy);
    await(b, NET_READ);
    next("both are closed", b);
    net_close(b);
}

/* ---- pairs ----------------------------------------------------------------------------------------------------- */

static void try_pair(const char *what, int type, int protocol) {
    int a;
    int b;
    int error = net_pair(type, protocol, &a, &b);
    step(what, error);
    if (error == 0) {
        net_close(a);
        net_close(b);
    }
}

static void walk_pairs(void) {
    int a;
    int b;
    int on;
    section = "pair";
    try_pair("stream", NET_STREAM, 0);
    try_pair("datagram", NET_DGRAM, 0);
    try_pair("unknown type", NET_BAD_TYPE, 0);
    try_pair("with tcp", NET_STREAM, 6);
    try_pair("datagram with udp", NET_DGRAM, 17);
    stream_pair(&a, &b);
    yes("two numbers", a != b);
    local_name("local", a);
    peer_name("peer", b);
    net_get_nonblock(a, &on);
    yes("blocks", !on);
    net_set_nonblock(a, 1);
    net_get_nonblock(b, &on);
    yes("the other still blocks", !on);
    step("keep_alive", net_set_flag(a, NET_KEEP_ALIVE, 1));
    step("linger", net_set_time(a, NET_LINGER, 1000 * MS));
    step("send_buf", net_set_size(a, NET_SEND_BUF, 65536));
    net_get_flag(a, NET_LISTENING, &on);
    yes("listens", on);
    step("close", net_close(a));
    step("close the other", net_close(b));
    step("close again", net_close(a));
}

static void datagram_pair(int *a, int *b) {
    need("pair", net_pair(NET_DGRAM, 0, a, b));
}

static void walk_datagrams(void) {
    static char large[500000];
    char data[32];
    net_buffer pieces[] = {{"one ", 4}, {"", 0}, {"datagram", 8}};
    net_buffer parts[] = {{data, 2}, {data + 2, 2}};
    net_received received;
    size_t count;
    int64_t value;
    int error;
    int a;
    int b;
    section = "datagram pair";
    datagram_pair(&a, &b);
    readiness("readiness", a);
    need("type", net_get_size(a, NET_TYPE, &value));
    number("type", value);
    put(a, "first");
    put(a, "second");
    await(b, NET_READ);
    readiness("two wait", b);
    available("bytes of the first", b);
    next("boundaries are kept", b);
    next("and the order", b);
    next("nothing is left", b);
    moved("three pieces", net_send_message(a, pieces, 3, 0, NULL, &count), &count);
    next("are one", b);
    put(a, "too long");
    step("short buffers", net_recv_message(b, parts, 2, 0, &received));
    number("what fits", (int64_t)received.count);
    yes("it is told", received.truncated);
    next("the rest is lost", b);
    put(a, "too long");
    step("real length", net_recv_message(b, parts, 2, NET_REAL_LENGTH, &received));
    number("it is", (int64_t)received.count);
    put(a, "peeked");
    moved("peek", net_recv(b, data, sizeof data, NET_PEEK, &count), &count);
    step("peek into short buffers", net_recv_message(b, parts, 2, NET_PEEK, &received));
    yes("peek is told of truncation", received.truncated);
    next("it is still there", b);
    moved("of no bytes", net_send(a, "", 0, 0, &count), &count);
    readiness("an empty one waits", b);
    available("bytes of an empty one", b);
    moved("the empty one", net_recv(b, data, sizeof data, NET_DONTWAIT, &count), &count);
    next("it was one", b);
    moved("write", net_write(b, "back", 4, &count), &count);
    moved("read", net_read(a, data, sizeof data, &count), &count);
    moved("much too long", net_send(a, large, sizeof large, 0, &count), &count);
    net_set_nonblock(a, 1);
    do {
        error = net_send(a, large, 1000, 0, &count);
    } while (error == 0);
    step("when it is full", error);
    yes("then it is not writable", ready(a, NET_WRITE, 0) == 0);
    while (net_recv(b, large, sizeof large, NET_DONTWAIT, &count) == 0) {
    }
    await(a, NET_WRITE);
    moved("when it is drained", net_send(a, "x", 1, 0, &count), &count);
    net_close(a);
    net_close(b);

    datagram_pair(&a, &b);
    put(b, "before");
    step("end of reading", net_shutdown(a, NET_SHUT_RD));
    next("what came before", a);
    moved("recv then", net_recv(a, data, sizeof data, 0, &count), &count);
    moved("send to it", net_send(b, "x", 1, 0, &count), &count);
    net_close(a);
    net_close(b);
    datagram_pair(&a, &b);
    step("end of writing", net_shutdown(a, NET_SHUT_WR));
    moved("send", net_send(a, "x", 1, 0, &count), &count);
    put(b, "to it");
    next("recv", a);
    net_close(a);
    net_close(b);

    datagram_pair(&a, &b);
    put(a, "bye");
    net_close(a);
    next("closed, what is left", b);
    moved("closed, send", net_send(b, "x", 1, 0, &count), &count);
    net_close(b);
    datagram_pair(&a, &b);
    net_close(a);
    readiness("closed, readiness", b);
    next("closed, recv", b);
    net_close(b);
}

int main(int argc, char **argv) {
    scenario_start();
    if (argc > 1) {
        section = "folder";
        scenario_folder(argv[1]);
    }
    section = "directory";
    furnish();
    walk_bind();
    walk_connect();
    walk_listen();
    walk_transfer("stream", connected);
    walk_ends("stream ends", connected);
    walk_pairs();
    walk_transfer("stream pair", stream_pair);
    walk_ends("stream pair ends", stream_pair);
    walk_datagrams();
    return 0;
}
