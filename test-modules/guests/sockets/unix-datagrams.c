/*
 * unix-datagrams: what unix datagram sockets answer, by name and as pairs, all of them in one thread, one line a step.
 * Works in the current directory or in the one that it is given, which has to be empty. The same source is built for
 * Linux; that transcript, with unix-datagrams.deviations, is the expectation of this one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenario.h"
#include "waiting.h"

static int datagrams(void) {
    int fd;
    need("open", net_socket(NET_UNIX, NET_DGRAM, 0, &fd));
    return fd;
}

static int bound(const char *path) {
    int fd = datagrams();
    need("bind", net_bind_path(fd, path));
    return fd;
}

static int connected(const char *path) {
    int fd = datagrams();
    need("connect", net_connect_path(fd, path));
    return fd;
}

static void put(const char *what, int fd, const char *text) {
    size_t count;
    moved(what, net_send(fd, text, strlen(text), NET_DONTWAIT, &count), &count);
}

static void put_to(const char *what, int fd, const char *path, const char *text) {
    size_t count;
    moved(what, net_send_to_path(fd, text, strlen(text), NET_DONTWAIT, path, &count), &count);
}

/* The next datagram and who sent it, or why there is none; does not wait. */
static void next(const char *what, int fd) {
    char data[64];
    char from[NET_PATH + 1];
    char line[64 + NET_PATH + 16];
    size_t count;
    int error = net_recv_from_path(fd, data, sizeof data - 1, NET_DONTWAIT, &count, from);
    if (error != 0) {
        step(what, error);
    } else {
        data[count] = 0;
        snprintf(line, sizeof line, "'%s' from %s", data, *from ? from : "no name");
        fact(what, line);
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

static void try_bind(const char *what, const char *path) {
    int fd = datagrams();
    step(what, net_bind_path(fd, path));
    net_close(fd);
}

static void try_connect(const char *what, const char *path) {
    int fd = datagrams();
    step(what, net_connect_path(fd, path));
    net_close(fd);
}

static void kind(const char *what, const char *path) {
    struct stat st;
    if (lstat(path, &st) != 0) {
        step(what, errno);
    } else {
        fact(what, S_ISREG(st.st_mode) ? "file" : S_ISDIR(st.st_mode) ? "directory" : "other");
    }
}

static void walk_names(void) {
    net_addr address = net_loopback(NET_INET4, 1);
    size_t count;
    int child;
    int fd = datagrams();
    section = "names";
    readiness("fresh, readiness", fd);
    local_name("fresh, local", fd);
    peer_name("fresh, peer", fd);
    put("fresh, send", fd, "x");
    next("fresh, recv", fd);
    step("fresh, listen", net_listen(fd, 4));
    step("fresh, accept", net_accept(fd, 0, &child, NULL));
    step("bind", net_bind_path(fd, "name"));
    local_name("local", fd);
    kind("the file", "name");
    step("bind again", net_bind_path(fd, "other"));
    try_bind("a name in use", "name");
    try_bind("a file", "file");
    try_bind("a directory", "dir");
    try_bind("below what is missing", "missing/name");
    try_bind("below a file", "file/name");
    try_connect("missing", "missing");
    try_connect("a file", "file");
    try_connect("a directory", "dir");
    try_connect("below a file", "file/name");
    put_to("send to what is missing", fd, "missing", "x");
    put_to("send to a file", fd, "file", "x");
    moved("send to an IPv4 address", net_send_to(fd, "x", 1, 0, &address, &count), &count);
    step("connect to an IPv4 address", net_connect(fd, &address));

    int stream;
    need("stream", net_socket(NET_UNIX, NET_STREAM, 0, &stream));
    step("a stream connects to it", net_connect_path(stream, "name"));
    need("bind", net_bind_path(stream, "stream"));
    need("listen", net_listen(stream, 2));
    try_connect("to a stream that listens", "stream");
    put_to("send to a stream that listens", fd, "stream", "x");
    net_close(stream);
    unlink("stream");

    net_close(fd);
    kind("closed, the file", "name");
    try_connect("closed, connect", "name");
    try_bind("closed, bind", "name");
    unlink("name");
    try_bind("unlinked, bind", "name");
    unlink("name");
    fd = bound("name");
    need("rename", rename("name", "dir/moved"));
    try_connect("renamed, the old name", "name");
    try_connect("renamed, the new name", "dir/moved");
    local_name("renamed, local", fd);
    child = connected("dir/moved");
    peer_name("renamed, peer", child);
    unlink("dir/moved");
    put("unlinked, send by who is connected", child, "still");
    next("unlinked, it comes", fd);
    int heir = bound("dir/moved");
    put("another takes the name, send by who is connected", child, "old");
    next("it comes to the old one", fd);
    put_to("and by name", child, "dir/moved", "new");
    next("to the new one", heir);
    next("and not to the old one", fd);
    net_close(heir);
    net_close(child);
    net_close(fd);
    unlink("dir/moved");
}

static void walk_messages(void) {
    char data[32];
    char from[NET_PATH + 1];
    net_buffer parts[] = {{data, 2}, {data + 2, 2}};
    net_received received;
    size_t count;
    int64_t bytes;
    int server = bound("server");
    int client = datagrams();
    section = "messages";
    put_to("without a name", client, "server", "one");
    readiness("the receiver", server);
    need("bytes", net_available(server, &bytes));
    number("bytes", bytes);
    put_to("a second", client, "server", "second");
    next("the first", server);
    next("the second", server);
    next("nothing is left", server);
    need("bind", net_bind_path(client, "client"));
    put_to("with a name", client, "./server", "three");
    moved("peek", net_recv_from_path(server, data, sizeof data, NET_PEEK, &count, from), &count);
    name("peek tells the sender", 0, from);
    next("it is still there", server);
    put_to("the answer", server, "client", "back");
    next("it comes", client);
    put_to("to itself", server, "server", "me");
    next("it comes, too", server);
    put_to("of no bytes", client, "server", "");
    readiness("it waits", server);
    next("it is one", server);
    put_to("too long", client, "server", "too long");
    step("short buffers", net_recv_message(server, parts, 2, 0, &received));
    number("what fits", (int64_t)received.count);
    yes("truncation is told", received.truncated);
    next("the rest is lost", server);
    put_to("another", client, "server", "too long");
    step("real length", net_recv_message(server, parts, 2, NET_REAL_LENGTH, &received));
    number("it is", (int64_t)received.count);
    put_to("before a rename of the sender's socket", client, "server", "named");
    need("rename", rename("client", "renamed"));
    next("its name is what it was bound to", server);
    net_close(client);
    client = bound("client");
    put_to("one whose sender goes", client, "server", "gone");
    net_close(client);
    next("it is there, with the name", server);
    need("timeout", net_set_time(server, NET_RECV_TIMEOUT, 20 * MS));
    moved("recv with a timeout", net_recv(server, data, sizeof data, 0, &count), &count);
    net_set_nonblock(server, 1);
    moved("non-blocking read", net_read(server, data, sizeof data, &count), &count);
    net_close(server);
    unlink("server");
    unlink("client");
    unlink("renamed");
}

static void walk_connected(void) {
    char data[8];
    size_t count;
    int server = bound("server");
    int other = bound("other");
    int client = datagrams();
    section = "connected";
    step("connect", net_connect_path(client, "server"));
    peer_name("peer", client);
    local_name("local", client);
    put("send", client, "hello");
    next("it comes", server);
    put_to("send to another all the same", client, "other", "aside");
    next("that comes, too", other);
    need("bind", net_bind_path(client, "client"));
    put_to("from the peer", server, "client", "for you");
    put_to("from another", other, "client", "not for you");
    next("the peer's", client);
    next("the other's is not", client);
    try_connect("to one that is connected to another", "client");
    step("the peer connects back", net_connect_path(server, "client"));
    put("the peer sends", server, "both ways");
    next("that comes", client);
    put_to("another sends to the peer", other, "server", "x");
    moved("write", net_write(client, "written", 7, &count), &count);
    moved("read", net_read(server, data, sizeof data, &count), &count);
    step("again, to the same", net_connect_path(client, "server"));
    put("under way", server, "lost");
    step("connect to another", net_connect_path(client, "other"));
    next("what was under way", client);
    readiness("the peer left", server);
    next("the peer left, recv", server);
    next("then", server);
    put("the peer left, send", server, "x");
    peer_name("new peer", client);
    step("no peer", net_disconnect(client));
    peer_name("no peer then", client);
    put("no peer, send", client, "x");
    put_to("no peer, another sends", other, "client", "now");
    next("it comes now", client);
    step("no peer, again", net_disconnect(client));

    need("connect", net_connect_path(client, "other"));
    put("the last", client, "last");
    net_close(other);
    readiness("the peer is closed", client);
    next("the peer is closed, recv", client);
    peer_name("the peer is closed, its name", client);
    put("the peer is closed, send", client, "x");
    put("again", client, "x");
    peer_name("no peer then", client);
    put_to("by name", client, "other", "x");
    step("connect to it", net_connect_path(client, "other"));
    need("no peer", net_disconnect(server));
    put_to("to one that lives", client, "server", "x");
    step("to itself", net_connect_path(client, "client"));
    put("to itself, send", client, "me");
    next("to itself, recv", client);
    net_close(client);
    net_close(server);
    unlink("client");
    unlink("server");
    unlink("other");
}

static void walk_full(void) {
    static char sink[2000];
    size_t count;
    int error;
    int server = bound("server");
    int client = connected("server");
    int other = datagrams();
    int set;
    net_epoll_event event = {NET_EPOLL_OUT | NET_EPOLL_ET, 1};
    net_epoll_event events[4];
    section = "full";
    need("epoll", net_epoll_create(&set));
    need("watch", net_epoll_ctl(set, NET_EPOLL_ADD, client, &event));
    step("an edge for writing", net_epoll_wait(set, events, 4, 0, &count));
    number("is told", (int64_t)count);
    do {
        error = net_send(client, sink, 100, NET_DONTWAIT, &count);
    } while (error == 0);
    step("when it is full", error);
    yes("the client is not writable", ready(client, NET_WRITE, 0) == 0);
    yes("who has no peer is", ready(other, NET_WRITE, 0) == NET_WRITE);
    yes("the receiver is", (ready(server, NET_READ | NET_WRITE, 0) & NET_READ) != 0);
    put_to("another sends", other, "server", "x");
    need("timeout", net_set_time(other, NET_SEND_TIMEOUT, 20 * MS));
    moved("and waits", net_send_to_path(other, "x", 1, 0, "server", &count), &count);
    need("timeout", net_set_time(client, NET_SEND_TIMEOUT, 20 * MS));
    moved("the client waits", net_send(client, "x", 1, 0, &count), &count);
    step("no edge", net_epoll_wait(set, events, 4, 0, &count));
    number("no edge is told", (int64_t)count);
    while (net_recv(server, sink, sizeof sink, NET_DONTWAIT, &count) == 0) {
    }
    await(client, NET_WRITE);
    step("an edge", net_epoll_wait(set, events, 4, 0, &count));
    number("one edge is told", (int64_t)count);
    put("there is room", client, "x");
    net_close(set);
    net_close(other);
    net_close(client);
    net_close(server);
    unlink("server");
}

static void walk_shutdown(void) {
    char data[8];
    size_t count;
    int server = bound("server");
    int client = datagrams();
    section = "shutdown";
    step("without a peer", net_shutdown(client, NET_SHUT_WR));
    put_to("send", client, "server", "x");
    readiness("no writing, readiness", client);
    net_close(client);
    client = connected("server");
    put("before", client, "before");
    step("the receiver reads no more", net_shutdown(server, NET_SHUT_RD));
    readiness("readiness", server);
    put("send to it", client, "x");
    put_to("send to it by name", client, "server", "x");
    next("what came before", server);
    moved("recv then", net_recv(server, data, sizeof data, 0, &count), &count);
    step("the rest", net_shutdown(server, NET_SHUT_WR));
    readiness("both, readiness", server);
    step("no direction", net_shutdown(server, 0));
    net_close(client);
    net_close(server);
    unlink("server");
}

static void walk_pairs(void) {
    int a;
    int b;
    int other;
    section = "pairs";
    need("pair", net_pair(NET_DGRAM, 0, &a, &b));
    local_name("local", a);
    peer_name("peer", a);
    put("send", a, "hello");
    next("it comes", b);
    step("bind", net_bind_path(a, "one"));
    put("send with a name", a, "named");
    next("it comes with the name", b);
    peer_name("the other knows it", b);
    other = datagrams();
    put_to("another sends to it", other, "one", "x");
    step("another connects to it", net_connect_path(other, "one"));
    step("the other leaves", net_disconnect(b));
    put("who is left sends", a, "still");
    next("that comes, as before", b);
    net_close(b);
    put("the other is closed, send", a, "x");
    put("again", a, "x");
    put_to("now another can", other, "one", "x");
    next("that comes", a);
    net_close(a);
    net_close(other);
    unlink("one");
    need("pair", net_pair(NET_DGRAM, 0, &a, &b));
    net_close(a);
    put("closed, send", b, "x");
    put("closed, send again", b, "x");
    net_close(b);
}

int main(int argc, char **argv) {
    scenario_start();
    if (argc > 1) {
        section = "folder";
        scenario_folder(argv[1]);
    }
    int fd = open("file", O_WRONLY | O_CREAT, 0666);
    section = "directory";
    need("file", fd < 0 ? errno : 0);
    close(fd);
    need("directory", mkdir("dir", 0777) < 0 ? errno : 0);
    walk_names();
    walk_messages();
    walk_connected();
    walk_full();
    walk_shutdown();
    walk_pairs();
    return 0;
}
