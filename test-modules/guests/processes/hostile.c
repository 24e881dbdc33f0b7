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
