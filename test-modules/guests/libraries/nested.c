/* Opens libraries in its constructor, itself among them. */
#include "library.h"

__attribute__((constructor)) static void begin(void) {
    void *self = dl_open("libnested.so", DL_NOW);
    void *second = dl_open("libfirst.so", DL_NOW);
    say("in the constructor: self %u, another %u", (unsigned)(self != 0), (unsigned)(second != 0));
}

int nested_works(void) {
    return 77;
}
