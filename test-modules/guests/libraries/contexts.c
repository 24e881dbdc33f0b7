/* Contexts and libraries: those of one thread have one set of thread-locals. */
#include "dl.h"

#include "freestanding.h"

int program_value = 1000;

int program_add(int a, int b) {
    return a + b;
}

static int (*add_local)(int);
static int *counter;

static int deep(int depth) {
    volatile char room[100];
    room[0] = 1;
    return depth == 0 ? 0 : deep(depth - 1) + room[0];
}

static void body(void) {
    say("in the context: local %u, deep %u", (unsigned)add_local(1), (unsigned)deep(1000));
    wasix_context_switch(0);
    say("again: local %u", (unsigned)add_local(1));
}

int run(void) {
    void *first = dl_open("libfirst.so", DL_NOW);
    add_local = dl_symbol(first, "first_add_local");
    counter = dl_symbol(first, "first_counter");
    add_local(10);
    uint64_t context = 0;
    uint64_t library = 0;
    say("create %s", errno_name(wasix_context_create(&context, body)));
    wasix_context_switch(context);
    say("between: local %u", (unsigned)add_local(1));
    wasix_context_switch(context);
    int before = *counter;
    say("a function of the library %s",
            errno_name(wasix_context_create(&library, (void (*)(void))dl_symbol(first, "first_enter"))));
    wasix_context_switch(library);
    say("added %u, local %u", (unsigned)(*counter - before), (unsigned)add_local(1));
    return 0;
}
