#include "together.h"

#include "freestanding.h"
#include "threads.h"

static void enter(thread *t) {
    void (*body)(void) = (void (*)(void))t->argument;
    body();
}

void *thread_begin(void (*body)(void)) {
    thread *t;
    int32_t error = thread_start(enter, (void *)body, &t);
    if (error != 0) {
        fail("thread_start", error);
    }
    return t;
}

void thread_end(void *t) {
    thread_finish(t);
}
