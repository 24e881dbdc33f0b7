#include "threads.h"

enum { FREE, RUNNING, DETACHED };

#define ENDED(t) ((t)->record.reserved[9])

static thread threads[THREADS];
static uint32_t states[THREADS];
static uint8_t stacks[THREADS][THREAD_STACK] __attribute__((aligned(16)));

static int32_t spawn(thread *t, uint32_t *tid) {
#if THREAD_FORM == THREAD_WASI
    int32_t answer = wasix_wasi_thread_spawn(&t->record);
    *tid = (uint32_t)answer;
    return answer < 0 ? -answer : 0;
#elif THREAD_FORM == THREAD_V2
    return wasix_thread_spawn_v2(&t->record, tid);
#elif THREAD_FORM == THREAD_RECORD
    return wasix_thread_spawn_record(&t->record, tid);
#else
    return wasix_thread_spawn((uintptr_t)t, t->record.stack - THREAD_STACK, t->record.stack, 0, tid);
#endif
}

/* Called by the assembler part, on the thread's own stack. */
void thread_run(thread *t) {
    t->body(t);
}

static thread *take_place(void) {
    for (uint32_t i = 0; i < THREADS; i++) {
        uint32_t expected = __atomic_load_n(&states[i], __ATOMIC_SEQ_CST);
        if (expected == FREE
                || (expected == DETACHED && __atomic_load_n(&ENDED(&threads[i]), __ATOMIC_SEQ_CST) != 0)) {
            if (__atomic_compare_exchange_n(&states[i], &expected, RUNNING, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
                threads[i].number = i;
                return &threads[i];
            }
        }
    }
    return 0;
}

int32_t thread_start(void (*body)(thread *), void *argument, thread **started) {
    thread *t = take_place();
    if (t == 0) {
        return 6;
    }
    t->record.stack = (uint32_t)(uintptr_t)(stacks[t->number] + THREAD_STACK);
    t->record.stack_size = THREAD_STACK;
    t->body = body;
    t->argument = argument;
    __atomic_store_n(&ENDED(t), 0, __ATOMIC_SEQ_CST);
    uint32_t tid = 0;
    int32_t error = spawn(t, &tid);
    if (error != 0) {
        __atomic_store_n(&states[t->number], FREE, __ATOMIC_SEQ_CST);
        return error;
    }
    t->tid = tid;
    *started = t;
    return 0;
}

void thread_finish(thread *t) {
    word_await(&ENDED(t), 1);
    __atomic_store_n(&states[t->number], FREE, __ATOMIC_SEQ_CST);
}

int thread_has_ended(const thread *t) {
    return __atomic_load_n(&ENDED(t), __ATOMIC_SEQ_CST) != 0;
}

void thread_detach(thread *t) {
    __atomic_store_n(&states[t->number], DETACHED, __ATOMIC_SEQ_CST);
}

/* ---- waiting --------------------------------------------------------------------------------------------------- */

static void futex_wait(uint32_t *word, uint32_t expected) {
    wasix_option_timestamp forever = {0};
    uint8_t woken;
    wasix_futex_wait(word, expected, &forever, &woken);
}

void mutex_lock(uint32_t *mutex) {
    uint32_t expected = 0;
    if (__atomic_compare_exchange_n(mutex, &expected, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        return;
    }
    while (__atomic_exchange_n(mutex, 2, __ATOMIC_SEQ_CST) != 0) {
        futex_wait(mutex, 2);
    }
}

void mutex_unlock(uint32_t *mutex) {
    if (__atomic_exchange_n(mutex, 0, __ATOMIC_SEQ_CST) == 2) {
        uint8_t woken;
        wasix_futex_wake(mutex, &woken);
    }
}

void word_await(uint32_t *word, uint32_t value) {
    for (;;) {
        uint32_t now = __atomic_load_n(word, __ATOMIC_SEQ_CST);
        if (now >= value) {
            return;
        }
        futex_wait(word, now);
    }
}

void word_add(uint32_t *word, uint32_t by) {
    uint8_t woken;
    __atomic_add_fetch(word, by, __ATOMIC_SEQ_CST);
    wasix_futex_wake_all(word, &woken);
}

void sleep_ms(uint32_t ms) {
    wasix_thread_sleep(ms * UINT64_C(1000000));
}
