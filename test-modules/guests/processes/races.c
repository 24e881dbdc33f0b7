/*
 * races HOW: threads of one process that fork, exec and exit at the same time:
 *   forks   two threads fork while a third starts another program
 *   execs   four threads start another program at once
 *   exits   two threads fork while a third ends the process with 7
 * The other program waits for all children, and prints "after" once.
 */
#define THREADS 8
#include "freestanding.h"
#include "threads.h"

static const char self[] = "/bin/self";
static const char words[] = "self\nafter";
static uint32_t forked;
static uint32_t ready;
static uint32_t go;

static void reap(uint32_t flags) {
    for (;;) {
        wasix_option_pid child = {.tag = 0};
        wasix_join_status status;
        if (wasix_proc_join(&child, flags, &status) != 0 || child.tag == 0) {
            return;
        }
    }
}

static void forks(thread *t) {
    (void)t;
    for (;;) {
        uint32_t pid = 0;
        int32_t error = wasix_proc_fork(1, &pid);
        if (error == 0 && pid == 0) {
            wasix_proc_exit2(0);
        }
        if (error == 0) {
            word_add(&forked, 1);
        }
        reap(WASIX_JOIN_NON_BLOCKING);
    }
}

static void execs(thread *t) {
    (void)t;
    word_add(&ready, 1);
    word_await(&go, 1);
    fail("exec", wasix_proc_exec3(self, sizeof self - 1, words, sizeof words - 1, "", 0, 0, "", 0));
}

static void start(void (*body)(thread *), uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        thread *started;
        int32_t error = thread_start(body, 0, &started);
        if (error != 0) {
            fail("thread", error);
        }
    }
}

int run(void) {
    const char *how = argc > 1 ? argv[1] : "";
    if (text_equal(how, "after")) {
        reap(0);
        print(1, "after\n");
        return 0;
    }
    if (text_equal(how, "execs")) {
        start(execs, 4);
        word_await(&ready, 4);
        word_add(&go, 1);
        word_await(&go, 2);
    }
    start(forks, 2);
    while (__atomic_load_n(&forked, __ATOMIC_SEQ_CST) < 3) {
        sleep_ms(1);
    }
    if (text_equal(how, "exits")) {
        return 7;
    }
    go = 1;
    execs(0);
    return 1;
}
