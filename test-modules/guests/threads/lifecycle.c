/*
 * lifecycle WHAT: how threads begin and end.
 *   numbers     of threads that live at the same time: in the range, all different, what thread_id says
 *   join        of threads that run, that have ended, that never were, of oneself
 *   many N      threads at once, each waiting on a futex until all are there and standard input has ended
 *   churn N     threads one after another
 *   limit       threads until there is no more, then one more after one has ended
 *   mutex N     additions under a mutex by 8 threads, N in all
 *   locals      (first generation) thread-local values and their destructors
 */
#include "freestanding.h"
#include "threads.h"

#define HIGHEST 0x1fffffff

static uint32_t arrived;
static uint32_t gate;
static uint32_t mutex;
static uint32_t counted;

static uint32_t self(void) {
    uint32_t tid = 0;
    wasix_thread_id(&tid);
    return tid;
}

static thread *start(void (*body)(thread *), void *argument) {
    thread *t;
    int32_t error = thread_start(body, argument, &t);
    if (error != 0) {
        fail("thread", error);
    }
    return t;
}

static void wait_at_gate(thread *t) {
    t->argument = (void *)(uintptr_t)self();
    word_add(&arrived, 1);
    word_await(&gate, 1);
}

static void nothing(thread *t) {
    (void)t;
}

static int numbers(void) {
    thread *all[16];
    uint32_t bad = 0;
    for (uint32_t i = 0; i < 16; i++) {
        all[i] = start(wait_at_gate, 0);
    }
    word_await(&arrived, 16);
    for (uint32_t i = 0; i < 16; i++) {
        bad += all[i]->tid < 1 || all[i]->tid > HIGHEST || all[i]->tid == self()
                || all[i]->tid != (uint32_t)(uintptr_t)all[i]->argument;
        for (uint32_t j = 0; j < i; j++) {
            bad += all[i]->tid == all[j]->tid;
        }
    }
    word_add(&gate, 1);
    for (uint32_t i = 0; i < 16; i++) {
        thread_finish(all[i]);
    }
    print(1, "%u bad numbers\n", bad);
    return 0;
}

static void leave_late(thread *t) {
    (void)t;
    sleep_ms(20);
    word_add(&counted, 1);
    wasix_thread_exit(9);
}

static int join(void) {
    thread *t = start(leave_late, 0);
    uint32_t tid = t->tid;
    int32_t error = wasix_thread_join(tid);
    print(1, "a running thread: %e, its work is done: %u\n", error, counted);
    print(1, "an ended thread: %e\n", wasix_thread_join(tid));
    print(1, "is it there: %e\n", wasix_thread_signal(tid, 0));
    print(1, "nobody: %e\n", wasix_thread_join(HIGHEST));
    print(1, "oneself: %e\n", wasix_thread_join(self()));
    return 0;
}

static int many(uint32_t count) {
    thread *all[THREADS];
    for (uint32_t i = 0; i < count && i < THREADS; i++) {
        all[i] = start(wait_at_gate, 0);
    }
    word_await(&arrived, count);
    print(1, "%u threads\n", arrived);
    uint8_t byte;
    uint32_t size;
    while (read_fd(0, &byte, 1, &size) == 0 && size > 0) {
        /* the text does not matter */
    }
    word_add(&gate, 1);
    for (uint32_t i = 0; i < count; i++) {
        thread_finish(all[i]);
    }
    print(1, "ended\n");
    return 0;
}

static int churn(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        thread_finish(start(nothing, 0));
    }
    print(1, "%u threads, one after another\n", count);
    return 0;
}

static int limit(void) {
    thread *all[THREADS];
    uint32_t count = 0;
    int32_t error;
    while ((error = thread_start(wait_at_gate, 0, &all[count])) == 0) {
        count++;
    }
    print(1, "%u threads, then %e\n", count, error);
    word_add(&gate, 1);
    for (uint32_t i = 0; i < count; i++) {
        wasix_thread_join(all[i]->tid);
        thread_finish(all[i]);
    }
    print(1, "then %e\n", thread_start(nothing, 0, &all[0]));
    return 0;
}

static void add(thread *t) {
    for (uint32_t i = 0; i < (uint32_t)(uintptr_t)t->argument; i++) {
        mutex_lock(&mutex);
        counted = counted + 1;
        mutex_unlock(&mutex);
    }
}

static int add_under_mutex(uint32_t count) {
    thread *all[8];
    for (uint32_t i = 0; i < 8; i++) {
        all[i] = start(add, (void *)(uintptr_t)(count / 8));
    }
    for (uint32_t i = 0; i < 8; i++) {
        thread_finish(all[i]);
    }
    print(1, "%u\n", counted);
    return 0;
}

#ifdef WASIX_FIRST_GENERATION
static uint32_t keys[3];

__attribute__((export_name("_thread_local_destroy"))) void destroy(uint32_t data_low, uint32_t data_high,
        uint32_t value_low, uint32_t value_high) {
    print(1, "destructor %u of %u\n", data_low + data_high, value_low + value_high);
    if (value_low == 20) {
        wasix_thread_local_set(keys[1], 21); /* what a destructor sets has its destructor run too */
    }
}

static void set_locals(thread *t) {
    uint64_t value = 99;
    wasix_thread_local_get(keys[0], &value);
    print(1, "at first %u\n", (uint32_t)value);
    wasix_thread_local_set(keys[1], 20);
    wasix_thread_local_set(keys[2], 30); /* without a destructor */
    wasix_thread_local_get(keys[1], &value);
    print(1, "then %u\n", (uint32_t)value);
    if (t->argument != 0) {
        wasix_thread_exit(0);
    }
}

static int locals(void) {
    uint64_t value;
    wasix_thread_local_create(1, &keys[0]);
    wasix_thread_local_create(2, &keys[1]);
    wasix_thread_local_create(0, &keys[2]);
    wasix_thread_local_set(keys[0], 10);
    for (uintptr_t by_exit = 0; by_exit < 2; by_exit++) {
        wasix_thread_join(start(set_locals, (void *)by_exit)->tid);
    }
    wasix_thread_local_get(keys[0], &value);
    print(1, "mine is %u\n", (uint32_t)value);
    wasix_thread_local_destroy(keys[0]);
    print(1, "a key that was deleted: %e\n", wasix_thread_local_set(keys[0], 1));
    return 0;
}
#endif

int run(void) {
    const char *what = argc > 1 ? argv[1] : "";
    int32_t count = argc == 3 ? text_number(argv[2]) : 0;
    if (text_equal(what, "numbers")) {
        return numbers();
    }
    if (text_equal(what, "join")) {
        return join();
    }
    if (text_equal(what, "many") && count > 0 && count <= THREADS) {
        return many((uint32_t)count);
    }
    if (text_equal(what, "churn") && count > 0) {
        return churn((uint32_t)count);
    }
    if (text_equal(what, "limit")) {
        return limit();
    }
    if (text_equal(what, "mutex") && count > 0) {
        return add_under_mutex((uint32_t)count);
    }
#ifdef WASIX_FIRST_GENERATION
    if (text_equal(what, "locals")) {
        return locals();
    }
#endif
    print(2, "usage: lifecycle numbers|join|many N|churn N|limit|mutex N|locals\n");
    return 2;
}
