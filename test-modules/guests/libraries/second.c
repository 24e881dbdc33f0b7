/* The first needs this, and this needs the first. */
#include "library.h"

extern int first_counter;

static int value = 100;

int second_value(void) {
    return value;
}

int second_sees_first(void) {
    return first_counter;
}

const char *who(void) {
    return "second";
}

__attribute__((constructor)) static void begin(void) {
    say("second is there");
    value++;
}
