/*
 * crossings [NAME]: what calls between shared libraries cost, beside the same calls inside of one. libnear.so has the
 * loops; what they call is its own or libfar.so's. Prints a line each: what is called, nanoseconds a call inside,
 * nanoseconds across. The first line is how long dlopen of libfar.so took, in microseconds: it has some 100 KB.
 */
#include "dl.h"
#include "freestanding.h"

#define ROUNDS 5
#define CALLS 20000000

typedef int binary(int, int);
typedef unsigned loop(unsigned calls, binary *function);
typedef void sorting(int *values, unsigned count, binary *compare);

static uint64_t now(uint32_t clock) {
    uint64_t time = 0;
    wasix_clock_time_get(clock, 1, &time);
    return time;
}

#define MONOTONIC 1
#define THREAD_CPU 3

static int values[1 << 16];

static uint64_t time_of_loop(loop *run, binary *function) {
    uint64_t begin = now(THREAD_CPU);
    run(CALLS, function);
    return (now(THREAD_CPU) - begin) * 1000 / CALLS;
}

static uint64_t time_of_sort(sorting *sort, binary *compare, binary *calls) {
    unsigned random = 1;
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        random = random * 1664525 + 1013904223;
        values[i] = (int)random;
    }
    uint64_t begin = now(THREAD_CPU);
    sort(values, sizeof values / sizeof *values, compare);
    uint64_t took = now(THREAD_CPU) - begin;
    return took * 1000 / (unsigned)calls(0, 0);
}

static uint64_t best(uint64_t one, uint64_t other) {
    return one < other ? one : other;
}

static void *symbol(void *library, const char *name) {
    void *found = dl_symbol(library, name);
    if (found == 0) {
        say("%s", dl_problem());
        wasix_proc_exit(1);
    }
    return found;
}

/* Picoseconds as nanoseconds with two digits. */
static void report(const char *what, uint64_t inside, uint64_t across) {
    say("%s %u.%u%u %u.%u%u", what, (unsigned)(inside / 1000), (unsigned)(inside / 100 % 10),
            (unsigned)(inside / 10 % 10), (unsigned)(across / 1000), (unsigned)(across / 100 % 10),
            (unsigned)(across / 10 % 10));
}

int run(void) {
    uint64_t begin = now(MONOTONIC);
    void *far = dl_open("libfar.so", DL_NOW | DL_GLOBAL);
    say("dlopen %u", (unsigned)((now(MONOTONIC) - begin) / 1000));
    void *near = dl_open("libnear.so", DL_NOW);
    if (far == 0 || near == 0) {
        say("%s", dl_problem());
        return 1;
    }
    if (argc > 1 && text_equal(argv[1], "open")) {
        return 0;
    }
    loop *pointers = symbol(near, "near_loop_pointer");
    loop *inside = symbol(near, "near_loop_inside");
    loop *imported = symbol(near, "near_loop_imported");
    sorting *sort = symbol(near, "near_sort");
    uint64_t times[4][2];
    for (int i = 0; i < 4; i++) {
        times[i][0] = times[i][1] = ~UINT64_C(0);
    }
    for (int round = 0; round < ROUNDS; round++) {
        times[0][0] = best(times[0][0], time_of_loop(pointers, symbol(near, "near_add")));
        times[0][1] = best(times[0][1], time_of_loop(pointers, symbol(far, "far_add")));
        times[1][0] = best(times[1][0], time_of_loop(pointers, symbol(near, "near_mix")));
        times[1][1] = best(times[1][1], time_of_loop(pointers, symbol(far, "far_mix")));
        times[2][0] = best(times[2][0], time_of_loop(inside, 0));
        times[2][1] = best(times[2][1], time_of_loop(imported, 0));
        times[3][0] = best(times[3][0],
                time_of_sort(sort, symbol(near, "near_compare"), symbol(near, "near_compared")));
        times[3][1] = best(times[3][1],
                time_of_sort(sort, symbol(far, "far_compare"), symbol(far, "far_compared")));
    }
    report("pointer", times[0][0], times[0][1]);
    report("pointer-mix", times[1][0], times[1][1]);
    report("import-mix", times[2][0], times[2][1]);
    report("sort", times[3][0], times[3][1]);
    return 0;
}
