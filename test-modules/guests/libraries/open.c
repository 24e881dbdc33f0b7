/*
 * Opens libraries and uses all that they have. The same source on Linux says what is right.
 */
#include "dl.h"

int program_value = 1000;
_Thread_local int program_local = 70;

int program_add(int a, int b) {
    return a + b;
}

const char *who(void) {
    return "program";
}

static int square(int x) {
    return x * x;
}

static void *symbol(void *library, const char *name) {
    void *found = dl_symbol(library, name);
    say("%s %s", name, found == 0 ? "is missing" : "is there");
    return found;
}

int run(void) {
    say("missing: %s", dl_open("libmissing.so", DL_NOW) == 0 ? "no" : "yes");
    say("not loaded yet: %s", dl_open("libfirst.so", DL_NOW | DL_NOLOAD) == 0 ? "no" : "yes");
    say("global before: %s", dl_symbol(0, "first_next") == 0 ? "no" : "yes");
    void *first = dl_open("libfirst.so", DL_NOW);
    if (first == 0) {
        say("%s", dl_problem());
        return 1;
    }
    say("the same again: %u", (unsigned)(dl_open("libfirst.so", DL_LAZY) == first));
    say("loaded: %u", (unsigned)(dl_open("libfirst.so", DL_NOW | DL_NOLOAD) == first));
    int *counter = symbol(first, "first_counter");
    int (*next)(void) = symbol(first, "first_next");
    unsigned before = (unsigned)*counter;
    unsigned between = (unsigned)next();
    say("counter %u, next %u, counter %u", before, between, (unsigned)*counter);
    int (*call)(int (*)(int)) = symbol(first, "first_call");
    say("callback %u", (unsigned)call(square));
    int (*(*pointer)(int))(int) = symbol(first, "first_pointer");
    say("pointers %u %u", (unsigned)pointer(0)(21), (unsigned)pointer(1)(4));
    int (*(*function)(void))(void) = symbol(first, "first_function");
    say("one address %u", (unsigned)(function() == next));
    int (*add_local)(int) = symbol(first, "first_add_local");
    int *local = symbol(first, "first_local");
    unsigned added = (unsigned)add_local(3);
    say("thread-local %u, %u", added, (unsigned)*local);
    *local = 50;
    say("thread-local %u", (unsigned)add_local(1));
    const char **name = symbol(first, "first_name");
    say("name %s", *name);
    int **addresses = symbol(first, "first_addresses");
    say("addresses %u %u %u", (unsigned)(addresses[0] == counter), (unsigned)*addresses[1],
            (unsigned)(addresses[2] == &program_value));
    int (*second)(void) = symbol(first, "first_second");
    say("second by first %u", (unsigned)second());
    say("needed symbols: %s", dl_symbol(first, "second_value") == 0 ? "no" : "yes");
    void *other = dl_open("libsecond.so", DL_NOW);
    int (*back)(void) = symbol(other, "second_sees_first");
    say("first by second %u", (unsigned)back());
    const char *(*(*first_who)(void))(void) = symbol(first, "first_who");
    say("who: %s", first_who()());
    const char *(*who_of_second)(void) = symbol(other, "who");
    say("who of second: %s", who_of_second());
    int (*weak)(void) = symbol(first, "first_weak");
    say("weak %u", (unsigned)weak());
    double (*mix)(int, long long, float, double) = symbol(first, "first_mix");
    say("mix %u", (unsigned)mix(1, 20, 300.5f, 4000.5));
    say("local symbols: %s", dl_symbol(0, "first_next") == 0 ? "no" : "yes");
    say("made global: %u", (unsigned)(dl_open("libfirst.so", DL_NOW | DL_GLOBAL) == first));
    say("global symbols: %s", dl_symbol(0, "first_next") == (void *)next ? "yes" : "no");
    void *program = dl_open(0, DL_NOW);
    say("program: %s", dl_symbol(program, "program_add") == 0 ? "no" : "yes");
    symbol(first, "nobody_has_this");
    say("lonely now: %s", dl_open("liblonely.so", DL_NOW) == 0 ? "no" : "yes");
    void *lonely = dl_open("liblonely.so", DL_LAZY);
    int (*works)(void) = symbol(lonely, "lonely_works");
    say("lonely works %u", (unsigned)works());
    say("blind lazily: %s", dl_open("libblind.so", DL_LAZY) == 0 ? "no" : "yes");
    void *borrow = dl_open("libborrow.so", DL_NOW);
    int (*borrow_add)(int) = symbol(borrow, "borrow_add");
    int *(*borrow_place)(void) = symbol(borrow, "borrow_place");
    unsigned borrowed = (unsigned)borrow_add(5);
    say("thread-local of the program %u, %u, one place %u", borrowed, (unsigned)program_local,
            (unsigned)(borrow_place() == &program_local && dl_symbol(0, "program_local") == &program_local));
    say("close %u", (unsigned)dl_close(first));
    return 0;
}
