/* Opened in the constructor of a library, which it opens in its own. */
#include "library.h"

static int value;

int inner_value(void) {
    return value;
}

__attribute__((constructor)) static void begin(void) {
    void *outer = dl_open("libagain.so", DL_NOW);
    int (*constructed)(void) = dl_symbol(outer, "again_constructed");
    value = 5;
    say("inner sees outer, constructed %u times", constructed == 0 ? 99u : (unsigned)constructed());
}
