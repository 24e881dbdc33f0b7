/* A library in which a thread waits. */
#include "library.h"
#include "together.h"

static int count = 6;

int busy_count(void) {
    return count;
}

int busy_wait(void) {
    word_add(&program_inside, 1);
    word_await(&program_go_on, 1);
    return ++count;
}
