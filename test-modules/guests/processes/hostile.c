// What a guest does that means harm to its host: bombs, zombies, signals to whoever, exec in a loop. The word tells
// which. Each ends by itself, or is ended by its limits.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"

static char *none[] = {NULL};

static void say(const char *what, int value) {
    printf("%s %d\n", what, value);
    fflush(stdout);
}

// Forks for ever in every process; the first waits for one child, and tells how many forks were refused.
static int fork_bomb(void) {
    int refused = 0;
    int me = proc_pid();
    for (int i = 0; i < 2000; i++) {
        if (proc_fork() < 0) {
            refused++;
        }
    }
    if (proc_pid() != me) {
        proc_exit(0);
    }
    say("refused", refused > 0);
    return 0;
}

// Never waits for its children.
static int zombies(void) {
    int made = 0;
    int refused = 0;
    for (int i = 0; i < 100000 && refused < 1000; i++) {
        int pid = proc_fork();
        if (pid == 0) {
            proc_exit(0);
        }
        made += pid > 0;
        refused += pid < 0;
    }
    say("children", made);
    proc_status status;
    int waited = 0;
    while (proc_wait(PROC_ANY, 0, &status) > 0) {
        waited++;
    }
    say("waited for", waited);
    int last = proc_fork();
    if (last == 0) {
        proc_exit(0);
    }
    say("and another fork", last > 0);
    return 0;
}

static int spawn_bomb(void) {
    char *argv[] = {"self", "sleep", NULL};
    int made = 0;
    for (int i = 0; i < 1000; i++) {
        int pid = proc_spawn("/bin/self", argv, none, NULL, 0);
        if (pid < 0) {
            int error = errno;
            say("spawned", made);
            return error == EAGAIN ? 0 : error;
        }
        made++;
    }
    return 1;
}

static int exec_loop(int left) {
    char word[16];
    snprintf(word, sizeof word, "%d", left - 1);
    char *argv[] = {"self", "exec", word, NULL};
    if (left > 0) {
        proc_exec("/bin/self", argv, none);
        return errno;
    }
    say("exec", 0);
    return 0;
}

// Signals to pids that there never were, that are over, and to everybody.
static int signals(void) {
    int dead = proc_fork();
    if (dead == 0) {
        proc_exit(0);
    }
    proc_status status;
    proc_wait(dead, 0, &status);
    int wrong = 0;
    for (int pid = 2; pid < 3000; pid++) {
        wrong += proc_kill(pid, PROC_SIGKILL) == 0;
    }
    wrong += proc_kill(0x7fffffff, PROC_SIGTERM) == 0;
    wrong += proc_kill(dead, 0) == 0;
    for (int signal = 65; signal < 256; signal++) {
        wrong += proc_kill(1, signal) == 0;
    }
    say("signals that hit", wrong);
    int ends[2];
    proc_pipe(ends);
    for (int i = 0; i < 5; i++) {
        if (proc_fork() == 0) {
            char byte;
            proc_exit(read(ends[0], &byte, 1));
        }
    }
    say("to all", proc_kill(-1, PROC_SIGKILL));
    for (int i = 0; i < 5; i++) {
        proc_wait(PROC_ANY, 0, &status);
        say("ended by", status.kind == PROC_SIGNALED ? status.number : -1);
    }
    return 0;
}

static int child_kills_first(void) {
    if (proc_fork() == 0) {
        proc_kill(1, PROC_SIGKILL);
        for (;;) {
        }
    }
    for (;;) {
        proc_sleep_ms(1000);
    }
}

static int traps(const char *how) {
    int pid = proc_fork();
    if (pid == 0) {
        if (how[0] == 'o') {
            volatile char *far = (char *)0x7ffffff0;
            *far = 1;
        }
        if (how[0] == 'd') {
            volatile int zero = 0;
            zero = 7 / zero;
        }
        abort();
    }
    proc_status status;
    proc_wait(pid, 0, &status);
    say("ended by", status.kind == PROC_SIGNALED ? status.number : -1);
    return 0;
}

// Children of a vfork that never end as they should.
static void does_nothing(void) {}

static int lost_vforks(void) {
    int made = 0;
    for (int i = 0; i < 1000; i++) {
        int pid = proc_vfork(does_nothing);
        if (pid < 0) {
            break;
        }
        made++;
    }
    say("one in the other", made);
    return 3;
}

static int end_of(int pid) {
    proc_status status;
    if (pid < 0 || proc_wait(pid, 0, &status) != pid) {
        say("no child", errno);
        return errno;
    }
    say(status.kind == PROC_SIGNALED ? "ended by" : "ended with", status.number);
    return 0;
}

// Starts a program whose asyncify is a lie. It ends alone.
static int liar(char *how) {
    char *argv[] = {"liar", how, NULL};
    return end_of(proc_spawn("/bin/liar", argv, none, NULL, 0));
}

// A child without a single descriptor.
static int all_closed(void) {
    char *argv[] = {"self", "exec", "0", NULL};
    proc_action actions[64];
    for (int i = 0; i < 64; i++) {
        actions[i] = (proc_action){.kind = PROC_CLOSE, .fd = i};
    }
    return end_of(proc_spawn("/bin/self", argv, none, actions, 64));
}

static volatile int handled;

static void forks_in_handler(int signal) {
    handled = proc_fork() < 0 ? errno : -signal;
}

static int fork_in_handler(void) {
    proc_handle(PROC_SIGUSR1, forks_in_handler);
    proc_kill(proc_pid(), PROC_SIGUSR1);
    say("fork in a handler", handled);
    int pid = proc_fork();
    if (pid == 0) {
        proc_exit(4);
    }
    return end_of(pid);
}

// Waits for a grandchild, for the parent and for itself.
static int foreign_children(void) {
    int ends[2];
    proc_pipe(ends);
    int child = proc_fork();
    if (child == 0) {
        int grandchild = proc_fork();
        if (grandchild == 0) {
            proc_sleep_ms(60000);
            proc_exit(0);
        }
        proc_status status;
        say("the parent", proc_wait(1, 0, &status) < 0 ? errno : 0);
        say("itself", proc_wait(proc_pid(), 0, &status) < 0 ? errno : 0);
        // from here on the first process writes
        write(ends[1], &grandchild, sizeof grandchild);
        proc_wait(grandchild, 0, &status);
        proc_exit(status.kind == PROC_SIGNALED ? status.number : 100);
    }
    int grandchild = 0;
    read(ends[0], &grandchild, sizeof grandchild);
    proc_status status;
    say("a grandchild", proc_wait(grandchild, 0, &status) < 0 ? errno : 0);
    proc_kill(grandchild, PROC_SIGKILL);
    return end_of(child);
}

// Forks with so many frames on the stack.
static __attribute__((noinline)) int fork_below(int depth, int *pid) {
    if (depth == 0) {
        *pid = proc_fork();
        return 0;
    }
    int below = fork_below(depth - 1, pid);
    // else it would be compiled to a loop
    __asm__ volatile("" : "+r"(below));
    return below + (depth & 1);
}

static int deep(int depth) {
    int pid;
    int odd = fork_below(depth, &pid);
    if (pid == 0) {
        proc_exit(odd == depth / 2 ? 5 : 6);
    }
    say("frames", odd);
    return end_of(pid);
}

// More frames than there is room for.
static int too_deep(void) {
    int child = proc_fork();
    if (child == 0) {
        int pid;
        fork_below(10000000, &pid);
        proc_exit(0);
    }
    proc_status status;
    proc_wait(child, 0, &status);
    say("ended by a signal", status.kind == PROC_SIGNALED);
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "forks") == 0) {
        return fork_bomb();
    }
    if (strcmp(what, "zombies") == 0) {
        return zombies();
    }
    if (strcmp(what, "spawns") == 0) {
        return spawn_bomb();
    }
    if (strcmp(what, "exec") == 0) {
        return exec_loop(argc > 2 ? atoi(argv[2]) : 0);
    }
    if (strcmp(what, "signals") == 0) {
        return signals();
    }
    if (strcmp(what, "first") == 0) {
        return child_kills_first();
    }
    if (strcmp(what, "trap") == 0) {
        return traps(argv[2]);
    }
    if (strcmp(what, "vforks") == 0) {
        return lost_vforks();
    }
    if (strcmp(what, "liar") == 0) {
        return liar(argv[2]);
    }
    if (strcmp(what, "closed") == 0) {
        return all_closed();
    }
    if (strcmp(what, "handler") == 0) {
        return fork_in_handler();
    }
    if (strcmp(what, "foreign") == 0) {
        return foreign_children();
    }
    if (strcmp(what, "deep") == 0) {
        return deep(2000);
    }
    if (strcmp(what, "too-deep") == 0) {
        return too_deep();
    }
    if (strcmp(what, "sleep") == 0) {
        for (;;) {
            proc_sleep_ms(1000);
        }
    }
    if (strcmp(what, "children") == 0) {
        for (int i = 0; i < 3; i++) {
            if (proc_fork() == 0) {
                for (;;) {
                    proc_sleep_ms(1000);
                }
            }
        }
        say("started", 3);
        for (;;) {
            proc_sleep_ms(1000);
        }
    }
    return 100;
}
