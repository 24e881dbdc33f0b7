// What fork, wait, kill and pipes do between processes: one line a step. The same source is built for Linux, which
// tells what is to come, and for WASIX (build.sh); the module then goes through asyncify, as fork needs it.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "proc.h"
#include "scenario.h"

static void wait_for(const char *what, int pid) {
    proc_status status;
    int got;
    do {
        got = proc_wait(pid, 0, &status);
    } while (got < 0 && errno == EINTR);
    if (got < 0 || (pid != PROC_ANY && got != pid)) {
        step(what, errno);
    } else {
        show_end(what, &status);
    }
}

static void result(const char *what, int value) {
    step(what, value < 0 ? errno : 0);
}

static int some = 1;

// A fork under some frames, some of which were called through pointers.
static int deep(int depth, int (*next)(int, int (*)(int, int *), int *), int *kept);

static int bottom(int depth, int *kept) {
    int pid = proc_fork();
    kept[0] += depth;
    return pid;
}

static int down(int depth, int (*last)(int, int *), int *kept) {
    int local[16];
    for (int i = 0; i < 16; i++) {
        local[i] = depth * i;
    }
    int pid = depth == 0 ? last(7, kept) : deep(depth - 1, down, kept);
    for (int i = 0; i < 16; i++) {
        kept[1] += local[i] == depth * i;
    }
    return pid;
}

static int deep(int depth, int (*next)(int, int (*)(int, int *), int *), int *kept) {
    return next(depth, bottom, kept);
}

static void forks(void) {
    section = "fork";
    int me = proc_pid();
    int pid = proc_fork();
    if (pid == 0) {
        some = 2;
        proc_exit(proc_parent() == me && proc_pid() != me ? 7 : 8);
    }
    yes("the child has another number", pid > 0 && pid != me);
    wait_for("a child that sees its parent", pid);
    number("what the child wrote is its own", some);
    int kept[2] = {0, 0};
    pid = deep(20, down, kept);
    if (pid == 0) {
        proc_exit(kept[0] == 7 && kept[1] == 21 * 16 ? 0 : 1);
    }
    wait_for("under twenty frames", pid);
    number("the parent's frames", kept[1]);
    int depth = 0;
    while (depth < 3 && proc_fork() == 0) {
        depth++;
    }
    if (depth > 0) {
        proc_status status = {PROC_EXITED, 0};
        if (depth < 3) {
            proc_wait(PROC_ANY, 0, &status);
        }
        proc_exit(status.number * 10 + depth);
    }
    wait_for("three generations", PROC_ANY);
}

static void descriptions(void) {
    section = "descriptions";
    char text[8] = {0};
    int fd = open("offsets", O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (write(fd, "abcdefgh", 8) != 8 || lseek(fd, 0, SEEK_SET) != 0) {
        result("writing", -1);
    }
    int pid = proc_fork();
    if (pid == 0) {
        int good = read(fd, text, 3) == 3;
        fcntl(fd, F_SETFL, O_APPEND);
        close(fd);
        proc_exit(good ? 0 : 1);
    }
    wait_for("a child that reads three bytes", pid);
    number("the offset is shared", lseek(fd, 0, SEEK_CUR));
    yes("the flags are shared", (fcntl(fd, F_GETFL) & O_APPEND) != 0);
    result("what the child closed is open", read(fd, text, 1));
    text[1] = 0;
    fact("and reads on", text);
    pid = proc_fork();
    if (pid == 0) {
        proc_exit(proc_chdir("/") == 0 && close(fd) == 0 && open("/none/none", O_RDONLY) < 0 ? 0 : 1);
    }
    char before[256];
    char after[256];
    proc_cwd(before, sizeof before);
    wait_for("a child that changes its directory", pid);
    proc_cwd(after, sizeof after);
    yes("the parent's is as it was", strcmp(before, after) == 0);
    close(fd);
    unlink("offsets");
}

static void pipes(void) {
    section = "pipes";
    char text[64] = {0};
    int ends[2];
    proc_pipe(ends);
    int pid = proc_fork();
    if (pid == 0) {
        close(ends[0]);
        proc_exit(write(ends[1], "hello", 5) == 5 ? 0 : 1);
    }
    close(ends[1]);
    number("a child's bytes", read(ends[0], text, sizeof text));
    number("then the end", read(ends[0], text, sizeof text));
    close(ends[0]);
    wait_for("the writer", pid);
    int there[2];
    int back[2];
    proc_pipe(there);
    proc_pipe(back);
    pid = proc_fork();
    if (pid == 0) {
        close(there[1]);
        close(back[0]);
        long count = 0;
        long part;
        while ((part = read(there[0], text, sizeof text)) > 0) {
            count += part;
        }
        proc_exit(write(back[1], &count, sizeof count) == sizeof count ? 0 : 1);
    }
    close(there[0]);
    close(back[1]);
    static char much[100000];
    long sent = 0;
    while (sent < (long)sizeof much) {
        long part = write(there[1], much + sent, sizeof much - sent);
        if (part <= 0) {
            break;
        }
        sent += part;
    }
    number("more than a pipe holds", sent);
    close(there[1]);
    long count = 0;
    if (read(back[0], &count, sizeof count) != sizeof count) {
        count = -1;
    }
    number("arrives", count);
    close(back[0]);
    wait_for("the reader", pid);
    // a pipeline of three: numbers, doubled, summed
    int first[2];
    int second[2];
    int out[2];
    proc_pipe(first);
    proc_pipe(second);
    proc_pipe(out);
    for (int stage = 0; stage < 3; stage++) {
        if (proc_fork() != 0) {
            continue;
        }
        int value;
        int sum = 0;
        int from = stage == 1 ? first[0] : second[0];
        int to = stage == 0 ? first[1] : stage == 1 ? second[1] : out[1];
        for (int i = 0; i < 2; i++) {
            if (first[i] != from && first[i] != to) {
                close(first[i]);
            }
            if (second[i] != from && second[i] != to) {
                close(second[i]);
            }
            if (out[i] != to) {
                close(out[i]);
            }
        }
        if (stage == 0) {
            for (value = 1; value <= 100; value++) {
                if (write(to, &value, sizeof value) != sizeof value) {
                    proc_exit(1);
                }
            }
            proc_exit(0);
        }
        while (read(from, &value, sizeof value) == sizeof value) {
            sum += value;
            value *= 2;
            if (stage == 1 && write(to, &value, sizeof value) != sizeof value) {
                proc_exit(1);
            }
        }
        if (stage == 2 && write(to, &sum, sizeof sum) != sizeof sum) {
            proc_exit(1);
        }
        proc_exit(0);
    }
    for (int i = 0; i < 2; i++) {
        close(first[i]);
        close(second[i]);
    }
    close(out[1]);
    int sum = 0;
    if (read(out[0], &sum, sizeof sum) != sizeof sum) {
        sum = -1;
    }
    number("three processes in a row", sum);
    close(out[0]);
    for (int i = 0; i < 3; i++) {
        wait_for("a part", PROC_ANY);
    }
}

// A child that lives until the other end of the pipe is closed, or a byte comes.
static int idle(int ends[2]) {
    proc_pipe(ends);
    int pid = proc_fork();
    if (pid == 0) {
        char byte;
        close(ends[1]);
        long got = read(ends[0], &byte, 1);
        proc_exit(got == 1 ? 1 : 0);
    }
    close(ends[0]);
    return pid;
}

static void waits(void) {
    section = "wait";
    proc_status status;
    result("without a child", proc_wait(PROC_ANY, 0, &status));
    result("without a child, at once", proc_wait(PROC_ANY, PROC_NOHANG, &status));
    int ends[2];
    int pid = idle(ends);
    number("at once, for one that lives", proc_wait(pid, PROC_NOHANG, &status));
    result("for one that is no child", proc_wait(pid + 1000, 0, &status));
    close(ends[1]);
    wait_for("for it", pid);
    result("for it again", proc_wait(pid, 0, &status));
    int sum = 0;
    for (int i = 1; i <= 5; i++) {
        if (proc_fork() == 0) {
            proc_exit(1 << i);
        }
    }
    for (int i = 1; i <= 5; i++) {
        if (proc_wait(PROC_ANY, 0, &status) > 0 && status.kind == PROC_EXITED) {
            sum += status.number;
        }
    }
    number("five, in any order", sum);
    pid = proc_fork();
    if (pid == 0) {
        proc_exit(300);
    }
    wait_for("a code of 300", pid);
    pid = proc_fork();
    if (pid == 0) {
        proc_exit(-1);
    }
    while (proc_kill(pid, 0) == 0 && proc_wait(pid, PROC_NOHANG, &status) == 0) {
        proc_sleep_ms(1);
    }
    show_end("a code of -1", &status);
    result("one that was waited for", proc_kill(pid, 0));
    pid = proc_fork();
    if (pid == 0) {
        int inner = proc_fork();
        if (inner == 0) {
            proc_sleep_ms(100);
            proc_exit(5);
        }
        proc_exit(4);
    }
    wait_for("a child that leaves one behind", pid);
    number("the orphan", proc_wait(PROC_ANY, 0, &status) != pid);
    show_end("the orphan", &status);
    int back[2];
    proc_pipe(back);
    int me = proc_pid();
    pid = proc_fork();
    if (pid == 0) {
        int child = proc_pid();
        if (proc_fork() == 0) {
            while (proc_parent() == child) {
                proc_sleep_ms(1);
            }
            int mine = proc_parent() == me;
            proc_exit(write(back[1], &mine, sizeof mine) == sizeof mine ? 0 : 1);
        }
        proc_exit(0);
    }
    int mine = 0;
    if (read(back[0], &mine, sizeof mine) != sizeof mine) {
        mine = -1;
    }
    number("an orphan's parent is the first process", mine);
    close(back[0]);
    close(back[1]);
    wait_for("both", PROC_ANY);
    wait_for("both", PROC_ANY);
}

static volatile int heard;

static void hear(int signal) {
    heard += signal;
}

static void signals(void) {
    section = "signals";
    proc_status status;
    int ends[2];
    int pid = idle(ends);
    result("a question", proc_kill(pid, 0));
    result("a number that is none", proc_kill(pid, 200));
    result("to nobody", proc_kill(pid + 1000, PROC_SIGTERM));
    result("an end", proc_kill(pid, PROC_SIGTERM));
    wait_for("an end", pid);
    close(ends[1]);
    pid = proc_fork();
    if (pid == 0) {
        abort();
    }
    wait_for("abort", pid);
    for (int signal = 1; signal <= 31; signal++) {
        char what[32];
        snprintf(what, sizeof what, "default of %d", signal);
        pid = idle(ends);
        proc_kill(pid, signal);
        int got;
        for (int i = 0; (got = proc_wait(pid, PROC_NOHANG | PROC_UNTRACED, &status)) == 0 && i < 50; i++) {
            // a while for those that do something, a short one for those that do nothing
            if (i > 3 && (signal == 17 || signal == 18 || signal == 23 || signal == 28)) {
                break;
            }
            proc_sleep_ms(5);
        }
        show_end(what, &status);
        if (got == 0 || status.kind == PROC_STOPPED) {
            proc_kill(pid, PROC_SIGKILL);
            wait_for(what, pid);
        }
        close(ends[1]);
    }
    int back[2];
    proc_pipe(ends);
    proc_pipe(back);
    pid = proc_fork();
    if (pid == 0) {
        char byte;
        while (read(ends[0], &byte, 1) == 1 && byte != 'q') {
            if (write(back[1], &byte, 1) != 1) {
                break;
            }
        }
        proc_exit(0);
    }
    char byte = 'a';
    number("it answers", write(ends[1], "a", 1) + read(back[0], &byte, 1));
    proc_kill(pid, PROC_SIGSTOP);
    proc_wait(pid, PROC_UNTRACED, &status);
    show_end("stopped", &status);
    number("told once", proc_wait(pid, PROC_UNTRACED | PROC_NOHANG, &status));
    number("a byte for it", write(ends[1], "b", 1));
    fcntl(back[0], F_SETFL, O_NONBLOCK);
    proc_sleep_ms(50);
    result("it does not answer", read(back[0], &byte, 1));
    fcntl(back[0], F_SETFL, 0);
    proc_kill(pid, PROC_SIGCONT);
    number("it goes on", read(back[0], &byte, 1));
    number("and ends", write(ends[1], "q", 1));
    wait_for("and ends", pid);
    proc_kill(proc_pid(), PROC_SIGCHLD);
    proc_handle(PROC_SIGCHLD, hear);
    pid = proc_fork();
    if (pid == 0) {
        proc_exit(0);
    }
    wait_for("a child", pid);
    number("SIGCHLD was heard", heard / PROC_SIGCHLD);
    heard = 0;
    proc_handle(PROC_SIGUSR1, hear);
    int me = proc_pid();
    pid = proc_fork();
    if (pid == 0) {
        proc_exit(proc_kill(me, PROC_SIGUSR1) == 0 ? 0 : 1);
    }
    wait_for("one that signals its parent", pid);
    number("the parent heard it", heard % PROC_SIGCHLD == PROC_SIGUSR1);
    // the handler is there in the child too
    proc_pipe(back);
    pid = proc_fork();
    if (pid == 0) {
        heard = 0;
        byte = 'r';
        if (write(back[1], &byte, 1) != 1) {
            proc_exit(1);
        }
        while (heard == 0) {
            proc_sleep_ms(1);
        }
        proc_exit(heard);
    }
    number("a child is ready", read(back[0], &byte, 1));
    proc_kill(pid, PROC_SIGUSR1);
    wait_for("it handles a signal as its parent would", pid);
}

static void jumps(void) {
    section = "jumps";
    volatile int rounds = 0;
    int value = PROC_SETJMP(0);
    if (value < 3) {
        rounds++;
        PROC_LONGJMP(0, value + 1);
    }
    number("rounds", rounds);
    number("the last value", value);
    volatile int pid = -1;
    value = PROC_SETJMP(1);
    if (value == 0) {
        pid = proc_fork();
        PROC_LONGJMP(1, pid == 0 ? 21 : 22);
    }
    if (pid == 0) {
        proc_exit(value);
    }
    number("the parent's value", value);
    wait_for("the child's value", pid);
}

int main(void) {
    scenario_lines();
    proc_adopt();
    forks();
    descriptions();
    pipes();
    waits();
    signals();
    jumps();
    return 0;
}
