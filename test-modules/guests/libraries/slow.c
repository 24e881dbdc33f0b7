/* A library whose constructor waits until other threads are about to open libraries, and then opens one itself. */
#include "library.h"
#include "together.h"

static int ready;

int slow_ready(void) {
    return ready;
}

__attribute__((constructor)) static void begin(void) {
    word_add(&program_inside, 1);
    word_await(&program_waiting, 4);
    void *busy = 0;
    for (int i = 0; i < 200; i++) {
        busy = dl_open("libbusy.so", DL_NOW);
    }
    int (*count)(void) = dl_symbol(busy, "busy_count");
    say("slow opened another: %u", count == 0 ? 0u : (unsigned)count());
    ready = 1;
}
