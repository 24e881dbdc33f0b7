#include "together.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static void *enter(void *body) {
    ((void (*)(void))body)();
    return 0;
}

void *thread_begin(void (*body)(void)) {
    pthread_t *thread = malloc(sizeof *thread);
    if (thread == 0 || pthread_create(thread, 0, enter, (void *)body) != 0) {
        exit(3);
    }
    return thread;
}

void thread_end(void *thread) {
    pthread_join(*(pthread_t *)thread, 0);
    free(thread);
}

void word_await(uint32_t *word, uint32_t value) {
    while (__atomic_load_n(word, __ATOMIC_SEQ_CST) < value) {
        sched_yield();
    }
}

void word_add(uint32_t *word, uint32_t by) {
    __atomic_fetch_add(word, by, __ATOMIC_SEQ_CST);
}
