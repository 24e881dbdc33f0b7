/*
 * processes WHAT [COUNT]: what processes cost, in turn with the same program natively.
 *
 *   fork MB COUNT    touches so many megabytes, then forks: a child that ends at once and is waited for
 *   spawn COUNT      starts itself as a program that ends at once, and waits for it
 *   idle MB COUNT    touches so many megabytes and forks children that wait; never ends by itself
 *
 * fork and spawn print nanoseconds, a line for each "more" that comes on standard input: the median of COUNT calls until
 * they return in the parent, and the median until the child has ended and was waited for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net.h"
#include "proc.h"

#define MAX_ROUNDS 1000

static char *none[] = {NULL};

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void check(int pid) {
    proc_status status;
    if (pid < 0 || proc_wait(pid, 0, &status) != pid || status.kind != PROC_EXITED || status.number != 0) {
        fprintf(stderr, "a child failed: %d\n", errno);
        exit(1);
    }
}

static int forked(const char *self) {
    (void)self;
    int pid = proc_fork();
    if (pid == 0) {
        proc_exit(0);
    }
    return pid;
}

static int spawned(const char *self) {
    char *words[] = {(char *)self, "nothing", NULL};
    return proc_spawn(self, words, none, NULL, 0);
}

static int measure(int (*start)(const char *), const char *self, int count) {
    static int64_t calls[MAX_ROUNDS];
    static int64_t times[MAX_ROUNDS];
    char line[16];
    while (fgets(line, sizeof line, stdin) != NULL) {
        for (int i = 0; i < count; i++) {
            int64_t begin = now();
            int pid = start(self);
            calls[i] = now() - begin;
            check(pid);
            times[i] = now() - begin;
        }
        qsort(calls, count, sizeof *calls, compare);
        qsort(times, count, sizeof *times, compare);
        printf("%lld %lld\n", (long long)calls[count / 2], (long long)times[count / 2]);
        fflush(stdout);
    }
    return 0;
}

/* Memory with something in every page. */
static void touch(int megabytes) {
    size_t size = (size_t)megabytes << 20;
    volatile char *memory = malloc(size);
    if (memory == NULL) {
        fprintf(stderr, "no memory\n");
        exit(1);
    }
    for (size_t at = 0; at < size; at += 512) {
        memory[at] = (char)(at >> 9 | 1);
    }
}

static int idle(int count) {
    char byte;
    for (int i = 0; i < count; i++) {
        if (proc_fork() == 0) {
            while (read(0, &byte, 1) > 0) {
            }
            proc_exit(0);
        }
    }
    printf("waiting\n");
    fflush(stdout);
    while (read(0, &byte, 1) > 0) {
    }
    return 0;
}

int main(int argc, char **argv) {
#ifdef __wasi__
    const char *self = "/bin/self";
#else
    const char *self = argv[0];
#endif
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "nothing") == 0) {
        return 0;
    }
    int count = argc > 2 ? atoi(argv[argc - 1]) : 0;
    if (count < 0 || count > MAX_ROUNDS) {
        return 2;
    }
    if (strcmp(what, "fork") == 0 && argc == 4 && count > 0) {
        touch(atoi(argv[2]));
        return measure(forked, self, count);
    }
    if (strcmp(what, "spawn") == 0 && argc == 3 && count > 0) {
        return measure(spawned, self, count);
    }
    if (strcmp(what, "idle") == 0 && argc == 4) {
        touch(atoi(argv[2]));
        return idle(count);
    }
    fprintf(stderr, "usage: processes fork MB COUNT | spawn COUNT | idle MB COUNT\n");
    return 2;
}
