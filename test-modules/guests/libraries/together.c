/*
 * Libraries that open libraries in their constructors, threads that open a library whose constructor still runs, and a
 * library that is closed while a thread is in it. The same source on Linux says what is right.
 */
#include "together.h"

#include "dl.h"

uint32_t program_waiting;
uint32_t program_inside;
uint32_t program_go_on;

static uint32_t ready_seen;
static uint32_t lonely_opened;
static int busy_answer;

static void *opened(const char *name, int flags) {
    void *library = dl_open(name, flags);
    if (library == 0) {
        say("%s", dl_problem());
    }
    return library;
}

static int value(void *library, const char *function) {
    int (*found)(void) = dl_symbol(library, function);
    return found == 0 ? -1 : found();
}

static void open_first(void) {
    opened("libslow.so", DL_NOW);
}

/* Opens the library while its constructor runs: afterwards that must have ended. */
static void open_same(void) {
    word_add(&program_waiting, 1);
    void *slow = opened("libslow.so", DL_NOW);
    __atomic_fetch_add(&ready_seen, (uint32_t)value(slow, "slow_ready"), __ATOMIC_SEQ_CST);
}

static void open_other(void) {
    word_add(&program_waiting, 1);
    if (opened("liblonely.so", DL_LAZY) != 0) {
        __atomic_fetch_add(&lonely_opened, 1, __ATOMIC_SEQ_CST);
    }
}

static void be_busy(void) {
    busy_answer = value(opened("libbusy.so", DL_NOW | DL_STAYS), "busy_wait");
}

int run(void) {
    void *again = opened("libagain.so", DL_NOW);
    say("constructed %u times", (unsigned)value(again, "again_constructed"));
    say("the same again: %u", (unsigned)(dl_open("libagain.so", DL_NOW) == again));
    say("still constructed %u times", (unsigned)value(again, "again_constructed"));
    say("opened by the constructor: %u", (unsigned)(dl_open("libinner.so", DL_NOW | DL_NOLOAD) != 0));

    void *threads[5];
    threads[0] = thread_begin(open_first);
    word_await(&program_inside, 1);
    for (int i = 1; i < 5; i++) {
        threads[i] = thread_begin(i % 2 == 0 ? open_same : open_other);
    }
    for (int i = 0; i < 5; i++) {
        thread_end(threads[i]);
    }
    say("ready for %u of 2, others opened %u of 2", (unsigned)ready_seen, (unsigned)lonely_opened);

    void *busy = opened("libbusy.so", DL_NOW | DL_STAYS);
    void *thread = thread_begin(be_busy);
    word_await(&program_inside, 2);
    say("closed %u %u", (unsigned)dl_close(busy), (unsigned)dl_close(busy));
    word_add(&program_go_on, 1);
    thread_end(thread);
    say("the thread came back with %u", (unsigned)busy_answer);
    say("the same library: %u", (unsigned)(dl_open("libbusy.so", DL_NOW | DL_STAYS) == busy));
    say("it has kept its data: %u", (unsigned)value(busy, "busy_count"));
    return 0;
}
