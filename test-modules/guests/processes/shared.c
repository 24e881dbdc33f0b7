// What processes share and what is their own: listeners, connections, epoll sets, what a close does while another process
// holds the same description, signals to a stopped process, jumps out of signal handlers, and a shell. One line a step, as
// forks.c. On WASIX the program is its own shell.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "proc.h"
#include "scenario.h"
#include "waiting.h"

static const char *self;
static char *none[] = {NULL};

static volatile int heard;

static void hears(int signal) {
    heard = signal;
}

// ---- two pipes with which a parent and its child take turns

static int to_child[2];
static int to_parent[2];

static int begin(void) {
    proc_pipe(to_child);
    proc_pipe(to_parent);
    return proc_fork();
}

static void tell(int ends[2]) {
    if (write(ends[1], "x", 1) != 1) {
        proc_exit(99);
    }
}

static void hear(int ends[2]) {
    char byte;
    long got;
    do {
        got = read(ends[0], &byte, 1);
    } while (got < 0 && errno == EINTR);
    if (got != 1) {
        proc_exit(98);
    }
}

static void over(const char *what, int pid) {
    ended(what, pid);
    for (int i = 0; i < 2; i++) {
        close(to_child[i]);
        close(to_parent[i]);
    }
}

static void receive(const char *what, int fd) {
    char data[16];
    size_t count = 0;
    int error = net_recv(fd, data, sizeof data, 0, &count);
    moved(what, error, &count);
}

static void post(const char *what, int fd) {
    size_t count = 0;
    int error = net_send(fd, "four", 4, 0, &count);
    moved(what, error, &count);
}

// ---- sockets

static int connects(const net_addr *to, int *client) {
    need("client", net_socket(NET_INET4, NET_STREAM, 0, client));
    return net_connect(*client, to);
}

static void listeners(void) {
    section = "listener";
    int listener;
    int client;
    net_addr place = net_loopback(NET_INET4, 0);
    need("socket", net_socket(NET_INET4, NET_STREAM, 0, &listener));
    need("bind", net_bind(listener, &place));
    need("listen", net_listen(listener, 4));
    need("local", net_local(listener, &place));
    int pid = begin();
    if (pid == 0) {
        int fd;
        hear(to_child);
        for (int i = 0; i < 2; i++) {
            size_t count;
            if (net_accept(listener, 0, &fd, NULL) != 0 || net_send(fd, "four", 4, 0, &count) != 0) {
                proc_exit(1);
            }
            net_close(fd);
        }
        proc_exit(0);
    }
    step("connect while both listen", connects(&place, &client));
    tell(to_child);
    receive("the child serves", client);
    net_close(client);
    step("the parent closes the listener", net_close(listener));
    step("connect while the child listens", connects(&place, &client));
    receive("the child serves", client);
    net_close(client);
    over("the child", pid);
    step("connect when nobody listens", connects(&place, &client));
    net_close(client);
}

static void connections(void) {
    section = "connection";
    int one;
    int two;
    need("pair", net_pair(NET_STREAM, 0, &one, &two));
    // the child waits on it while the parent closes its own descriptor
    int pid = begin();
    if (pid == 0) {
        char data[8];
        size_t count = 0;
        net_close(two);
        tell(to_parent);
        int error = net_recv(one, data, sizeof data, 0, &count);
        proc_exit(error == 0 && count == 4 ? 0 : 1);
    }
    hear(to_parent);
    rest();
    net_close(one);
    rest();
    post("to a child whose parent has closed", two);
    over("the child has received", pid);
    post("when nobody is there", two);
    net_close(two);
    // the parent waits on it while the child closes its own
    need("pair", net_pair(NET_STREAM, 0, &one, &two));
    pid = begin();
    if (pid == 0) {
        size_t count = 0;
        hear(to_child);
        rest();
        net_close(one);
        rest();
        proc_exit(net_send(two, "four", 4, 0, &count));
    }
    tell(to_child);
    receive("while the child closes its own", one);
    net_close(two);
    receive("the end, when all have closed", one);
    over("the child", pid);
    net_close(one);
    // no end while the other process has it
    need("pair", net_pair(NET_STREAM, 0, &one, &two));
    pid = begin();
    if (pid == 0) {
        hear(to_child);
        proc_exit(0);
    }
    net_close(two);
    readiness("the child has the other end", one);
    tell(to_child);
    over("the child", pid);
    readiness("nobody has the other end", one);
    net_close(one);
    // a shutdown and what was set are of the description
    need("pair", net_pair(NET_STREAM, 0, &one, &two));
    pid = begin();
    if (pid == 0) {
        net_set_nonblock(two, 1);
        proc_exit(net_shutdown(one, NET_SHUT_WR));
    }
    over("a child that shuts down", pid);
    int on = 0;
    step("the flags", net_get_nonblock(two, &on));
    number("it is non-blocking", on);
    receive("the end", two);
    post("the parent cannot send", one);
    post("but the other way", two);
    receive("arrives", one);
    net_close(one);
    net_close(two);
}

// ---- epoll

static void events(const char *what, int set) {
    net_epoll_event found[4];
    size_t count = 0;
    int error = net_epoll_wait(set, found, 4, 200 * MS, &count);
    char text[64];
    int length = snprintf(text, sizeof text, "%s %d", net_errname(error), (int)count);
    for (size_t i = 0; i < count; i++) {
        length += snprintf(text + length, sizeof text - length, " %u:%u", (unsigned)found[i].events,
                (unsigned)found[i].data);
    }
    fact(what, text);
}

static int member(int set, int fd, uint64_t data) {
    net_epoll_event event = {NET_EPOLL_IN, data};
    return net_epoll_ctl(set, NET_EPOLL_ADD, fd, &event);
}

static void sets(void) {
    section = "epoll";
    int set;
    int first[2];
    int second[2];
    need("set", net_epoll_create(&set));
    proc_pipe(first);
    proc_pipe(second);
    step("the first", member(set, first[0], 1));
    int pid = begin();
    if (pid == 0) {
        step("the child adds the second", member(set, second[0], 2));
        step("the child closes the set", net_close(set));
        step("and the first", net_close(first[0]));
        tell(to_parent);
        hear(to_child);
        proc_exit(0);
    }
    hear(to_parent);
    events("nothing is ready", set);
    tell(second);
    events("the second, which the child has added", set);
    tell(first);
    hear(second);
    events("the first, which the child has closed", set);
    hear(first);
    step("it is there already", member(set, second[0], 3));
    tell(to_child);
    over("the child", pid);
    // a description stays in the set while any process has it
    pid = begin();
    if (pid == 0) {
        hear(to_child);
        net_close(first[0]);
        tell(to_parent);
        hear(to_child);
        proc_exit(0);
    }
    step("the parent closes the first", net_close(first[0]));
    tell(first);
    events("the child has it", set);
    net_epoll_event event = {NET_EPOLL_IN, 1};
    step("but no number is left to take it out", net_epoll_ctl(set, NET_EPOLL_DEL, first[0], &event));
    tell(to_child);
    hear(to_parent);
    events("nobody has it", set);
    tell(to_child);
    over("the child", pid);
    // one waits in the child, and one in the parent
    pid = begin();
    if (pid == 0) {
        tell(to_parent);
        net_epoll_event found[4];
        size_t count = 0;
        int error = net_epoll_wait(set, found, 4, NET_NO_TIME, &count);
        proc_exit(error == 0 && count == 1 && found[0].data == 2 ? 0 : 1);
    }
    hear(to_parent);
    rest();
    tell(second);
    events("in the parent", set);
    over("in the child", pid);
    net_close(set);
}

// ---- signals

static int waiting_child(void) {
    int pid = begin();
    if (pid == 0) {
        tell(to_parent);
        hear(to_child);
        proc_exit(0);
    }
    hear(to_parent);
    return pid;
}

static void answers(int signal) {
    (void)signal;
    tell(to_parent);
}

static void jumps(int signal) {
    PROC_LONGJMP(0, 30 + signal);
}

// To a place in the handler itself, which WASIX has no way to go back to.
static void jumps_inside(int signal) {
    if (PROC_SETJMP(1) == 0) {
        PROC_LONGJMP(1, signal);
    }
}

// Before there is a handler, so that a signal does what is default.
static void stops(void) {
    section = "stops";
    proc_status status;
    int pid = waiting_child();
    proc_kill(pid, PROC_SIGSTOP);
    number("stopped", proc_wait(pid, PROC_UNTRACED, &status) == pid);
    step("ended while it is stopped", proc_kill(pid, PROC_SIGTERM) < 0 ? errno : 0);
    rest();
    number("not yet", proc_wait(pid, PROC_NOHANG, &status));
    proc_kill(pid, PROC_SIGCONT);
    over("when it goes on", pid);
    pid = waiting_child();
    proc_kill(pid, PROC_SIGSTOP);
    number("stopped", proc_wait(pid, PROC_UNTRACED, &status) == pid);
    proc_kill(pid, PROC_SIGKILL);
    over("killed while it is stopped", pid);
    // a stop and its end by SIGCONT before anybody waits
    pid = waiting_child();
    proc_kill(pid, PROC_SIGSTOP);
    proc_kill(pid, PROC_SIGCONT);
    number("not stopped", proc_wait(pid, PROC_UNTRACED | PROC_NOHANG, &status));
    tell(to_child);
    over("it has gone on", pid);
}

static void signals(void) {
    section = "signals";
    proc_status status;
    // a handler runs when the process goes on
    proc_handle(PROC_SIGUSR1, answers);
    int pid = waiting_child();
    proc_kill(pid, PROC_SIGSTOP);
    number("stopped", proc_wait(pid, PROC_UNTRACED, &status) == pid);
    proc_kill(pid, PROC_SIGUSR1);
    rest();
    readiness("no handler runs", to_parent[0]);
    proc_kill(pid, PROC_SIGCONT);
    hear(to_parent);
    tell(to_child);
    over("it has run", pid);
    // what has a handler is as by default in the next program
    proc_handle(PROC_SIGUSR2, hears);
    pid = begin();
    if (pid == 0) {
        char *argv[] = {(char *)self, "wait", NULL};
        proc_dup2(to_child[0], 0);
        proc_dup2(to_parent[1], 1);
        proc_exec(self, argv, none);
        proc_exit(97);
    }
    hear(to_parent);
    proc_kill(pid, PROC_SIGUSR2);
    over("a handler does not outlive exec", pid);
    proc_kill(proc_pid(), PROC_SIGUSR2);
    number("the parent has it", heard);
    proc_handle(PROC_SIGUSR1, jumps);
    volatile int rounds = 0;
    int value = PROC_SETJMP(0);
    rounds++;
    if (value == 0) {
        proc_kill(proc_pid(), PROC_SIGUSR1);
        rounds = 100;
    }
    number("a jump out of a handler", value);
    number("rounds", rounds);
}

// ---- a shell

static int system_of(const char *command) {
    char *argv[] = {"sh", "-c", (char *)command, NULL};
    return proc_spawn("/bin/sh", argv, none, NULL, 0);
}

static int popen_of(const char *command, int reading, int *fd) {
    int ends[2];
    char *argv[] = {"sh", "-c", (char *)command, NULL};
    proc_pipe(ends);
    int theirs = reading ? 1 : 0;
    proc_action actions[] = {
            {PROC_DUP2, theirs, ends[theirs], NULL}, {PROC_CLOSE, ends[0], 0, NULL}, {PROC_CLOSE, ends[1], 0, NULL}};
    int pid = proc_spawn("/bin/sh", argv, none, actions, 3);
    close(ends[theirs]);
    *fd = ends[1 - theirs];
    return pid;
}

static void shell(void) {
    section = "shell";
    ended("a code", system_of("exit 3"));
    ended("what it writes", system_of("echo shell, echo: one two"));
    ended("a signal that it sends itself", system_of("kill -9 $$"));
    char text[64] = {0};
    int fd;
    int pid = popen_of("echo from a shell", 1, &fd);
    number("read", read(fd, text, sizeof text));
    number("the end", read(fd, text, sizeof text));
    close(fd);
    text[strcspn(text, "\n")] = 0;
    fact("text", text);
    ended("its end", pid);
    pid = popen_of("cat", 0, &fd);
    const char *line = "shell, cat: through a pipe\n";
    long written = write(fd, line, strlen(line));
    close(fd);
    ended("its end", pid);
    number("written", written);
}

// The few commands of above.
static int command(const char *line) {
    char text[64];
    long count;
    if (strncmp(line, "exit ", 5) == 0) {
        return atoi(line + 5);
    }
    if (strncmp(line, "echo ", 5) == 0) {
        printf("%s\n", line + 5);
        return 0;
    }
    if (strncmp(line, "kill ", 5) == 0) {
        proc_kill(proc_pid(), PROC_SIGKILL);
    }
    if (strcmp(line, "cat") == 0) {
        while ((count = read(0, text, sizeof text)) > 0) {
            if (write(1, text, count) != count) {
                return 1;
            }
        }
        return 0;
    }
    return 127;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "-c") == 0) {
        return command(argv[2]);
    }
    if (argc == 2 && strcmp(argv[1], "wait") == 0) {
        char byte = 'x';
        return write(1, &byte, 1) == 1 && read(0, &byte, 1) == 1 ? 0 : 1;
    }
    if (argc == 2 && strcmp(argv[1], "handler") == 0) {
        proc_handle(PROC_SIGUSR1, jumps_inside);
        return proc_kill(proc_pid(), PROC_SIGUSR1);
    }
#ifdef __wasi__
    self = "/bin/sh";
#else
    self = argv[0];
#endif
    scenario_lines();
    proc_adopt();
    stops();
    proc_handle(PROC_SIGPIPE, hears);
    listeners();
    connections();
    sets();
    signals();
    shell();
    return 0;
}
