/* A child has the libraries of its parent, and from then on its own. */
#include "dl.h"

#include "freestanding.h"

int program_value = 1000;

int program_add(int a, int b) {
    return a + b;
}

static int32_t forked;

static int forking(int x) {
    uint32_t child;
    forked = wasix_proc_fork(1, &child);
    return x;
}

int run(void) {
    void *first = dl_open("libfirst.so", DL_NOW);
    int *counter = dl_symbol(first, "first_counter");
    int (*next)(void) = dl_symbol(first, "first_next");
    int (*add_local)(int) = dl_symbol(first, "first_add_local");
    int (*call)(int (*)(int)) = dl_symbol(first, "first_call");
    call(forking);
    say("fork below a library: %u", (unsigned)forked);
    add_local(10);
    next();
    uint32_t child = 0;
    int32_t error = wasix_proc_fork(1, &child);
    if (error != 0) {
        fail("fork", error);
    }
    if (child == 0) {
        unsigned before = (unsigned)*counter;
        say("the child: counter %u, next %u, local %u", before, (unsigned)next(), (unsigned)add_local(1));
        void *lonely = dl_open("liblonely.so", DL_LAZY);
        int (*works)(void) = dl_symbol(lonely, "lonely_works");
        say("the child opens: %u", (unsigned)works());
        say("the same as before: %u", (unsigned)(dl_symbol(first, "first_next") == (void *)next));
        wasix_proc_exit(7);
    }
    wasix_option_pid pid = {.tag = 1, .pid = child};
    wasix_join_status joined;
    error = wasix_proc_join(&pid, 0, &joined);
    say("joined %s", errno_name(error));
    say("the parent: counter %u, local %u", (unsigned)*counter, (unsigned)add_local(0));
    say("not loaded here: %u", (unsigned)(dl_open("liblonely.so", DL_LAZY | DL_NOLOAD) == 0));
    return 0;
}
