/*
 * Threads and libraries: one that a thread opens is there for all others, at the same addresses, with thread-locals
 * of its own in each.
 */
#include "dl.h"

#include "freestanding.h"
#include "threads.h"

int program_value = 1000;

int program_add(int a, int b) {
    return a + b;
}

static uint32_t step;
static int (*points)(void);
static int (*next)(void);
static int (*add_local)(int);
static int *counter;
static uint32_t problems;

static void opener(thread *t) {
    (void)t;
    void *first = dl_open("libfirst.so", DL_NOW);
    if (first == 0) {
        say("%s", dl_problem());
    }
    points = dl_symbol(first, "first_points");
    next = dl_symbol(first, "first_next");
    add_local = dl_symbol(first, "first_add_local");
    counter = dl_symbol(first, "first_counter");
    next();
    say("opened, counter %u, local %u, points %u", (unsigned)*counter, (unsigned)add_local(10), (unsigned)points());
    word_add(&step, 1);
    word_await(&step, 2);
    say("still, local %u", (unsigned)add_local(1));
}

static void user(thread *t) {
    int *local = dl_symbol(dl_open("libfirst.so", DL_NOW), "first_local");
    if (!points() || *local != 5 || add_local((int)t->number) != 5 + (int)t->number || *local != 5 + (int)t->number) {
        __atomic_fetch_add(&problems, 1, __ATOMIC_SEQ_CST);
    }
    for (int i = 0; i < 1000; i++) {
        /* a function that another thread is finding at the same time */
        if (dl_symbol(0, "program_add") == 0) {
            __atomic_fetch_add(&problems, 1, __ATOMIC_SEQ_CST);
        }
        __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
    }
}

int run(void) {
    thread *one;
    thread *users[8];
    if (thread_start(opener, 0, &one) != 0) {
        return 1;
    }
    word_await(&step, 1);
    /* what the other thread has told is enough */
    say("in the program: next %u, local %u", (unsigned)next(), (unsigned)add_local(0));
    int before = *counter;
    for (int i = 0; i < 8; i++) {
        if (thread_start(user, 0, &users[i]) != 0) {
            return 2;
        }
    }
    for (int i = 0; i < 8; i++) {
        thread_finish(users[i]);
    }
    say("added %u, problems %u", (unsigned)(*counter - before), (unsigned)problems);
    word_add(&step, 1);
    thread_finish(one);
    say("at the end: local %u", (unsigned)add_local(0));
    return 0;
}
