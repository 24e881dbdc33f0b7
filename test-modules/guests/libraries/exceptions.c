/* Exceptions and jumps that cross the border of a library, both ways. */
#include "dl.h"

int program_catch(void (*function)(int), int value);
void program_throw(int value);
void program_jump(int value);

static int (*library_catch)(void (*)(int), int);
static void (*library_pass)(void (*)(int), int);
static void (*library_throw)(int);

static void through_the_library(int value) {
    library_pass(program_throw, value);
}

static void jump_through_the_library(int value) {
    library_pass(program_jump, value);
}

static void library_in_between(int value) {
    if (library_catch(program_jump, value) >= 0) {
        say("the library takes a jump for an exception");
    }
}

static void there_and_back(int value) {
    library_pass(through_the_library, value);
}

static void quiet(int value) {
    (void)value;
}

int run(void) {
    void *library = dl_open("libthrow.so", DL_NOW);
    if (library == 0) {
        say("%s", dl_problem());
        return 1;
    }
    library_throw = dl_symbol(library, "library_throw");
    library_catch = dl_symbol(library, "library_catch");
    library_pass = dl_symbol(library, "library_pass");
    void (*library_jump)(int) = dl_symbol(library, "library_jump");
    say("in the program %u", (unsigned)program_catch(program_throw, 1));
    say("a jump in the program %u", (unsigned)program_catch(program_jump, 2));
    say("from the library %u", (unsigned)program_catch(library_throw, 3));
    say("a jump from the library %u", (unsigned)program_catch(library_jump, 4));
    say("into the library %u", (unsigned)library_catch(program_throw, 5));
    say("in the library %u", (unsigned)library_catch(library_throw, 6));
    say("through the library %u", (unsigned)program_catch(through_the_library, 7));
    say("a jump through the library %u", (unsigned)program_catch(jump_through_the_library, 8));
    say("a jump past a handler of the library %u", (unsigned)program_catch(library_in_between, 9));
    say("twice through the library %u", (unsigned)program_catch(there_and_back, 10));
    say("nothing %u", (unsigned)(program_catch(quiet, 11) == -1));
    unsigned sum = 0;
    for (int i = 0; i < 10000; i++) {
        sum += (unsigned)program_catch(library_throw, 1);
    }
    say("many %u", sum);
    return 0;
}
