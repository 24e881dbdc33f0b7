/* A library that opens itself in its constructor, and another one which opens this one. */
#include "library.h"

static int constructed;

int again_constructed(void) {
    return constructed;
}

__attribute__((constructor)) static void begin(void) {
    constructed++;
    void *self = dl_open("libagain.so", DL_NOW);
    int (*function)(void) = dl_symbol(self, "again_constructed");
    say("itself: %u, its function: %u", (unsigned)(self != 0), (unsigned)(function == again_constructed));
    void *inner = dl_open("libinner.so", DL_NOW | DL_GLOBAL);
    int (*inside)(void) = dl_symbol(inner, "inner_value");
    say("inner is constructed: %u", inside == 0 ? 0u : (unsigned)inside());
    say("missing: %u", (unsigned)(dl_open("libnowhere.so", DL_NOW) == 0));
}
