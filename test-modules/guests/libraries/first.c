/* A library with a bit of everything. */
#include "library.h"

extern int program_value;
int program_add(int a, int b);
int second_value(void);

int first_counter = 41;
static int hidden = 7;
_Thread_local int first_local = 5;
static _Thread_local int *local_pointer = &hidden;
const char *first_name = "the first";
int *first_addresses[3] = {&first_counter, &hidden, &program_value};

/* The program has another one, which comes first. */
const char *who(void) {
    return "first";
}

const char *(*first_who(void))(void) {
    return who;
}

int first_next(void) {
    return ++first_counter;
}

int first_call(int (*function)(int)) {
    return function(hidden) + program_add(first_counter, program_value);
}

static int twice(int x) {
    return 2 * x;
}

int (*first_pointer(int which))(int) {
    static int (*const functions[2])(int) = {twice, twice};
    return functions[which];
}

int (*first_function(void))(void) {
    return first_next;
}

/* Whether a pointer among the thread-locals was relocated. */
int first_points(void) {
    return local_pointer == &hidden;
}

int first_add_local(int by) {
    first_local += by;
    return first_local;
}

void first_enter(void) {
    first_counter += 5;
}

int first_second(void) {
    return second_value();
}

__attribute__((weak)) int nobody_has_this(void);

int first_weak(void) {
    return nobody_has_this == 0 ? 0 : 1;
}

double first_mix(int a, long long b, float c, double d) {
    return (double)a + (double)b + (double)c + d;
}

__attribute__((constructor)) static void begin(void) {
    say("first is there, second gives %u", (unsigned)second_value());
    first_counter++;
}
