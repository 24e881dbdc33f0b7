/* Opens each library that is named, and says what became of it. "call NAME FUNCTION" calls a function of one. */
#include "dl.h"

#include "freestanding.h"

int program_value = 1000;

int program_add(int a, int b) {
    return a + b;
}

int run(void) {
    for (uint32_t i = 1; i < argc; i++) {
        if (text_equal(argv[i], "call") && i + 2 < argc) {
            int (*function)(void) = dl_symbol(dl_open(argv[i + 1], DL_LAZY), argv[i + 2]);
            say("called: %u", function == 0 ? 0u : (unsigned)function());
            i += 2;
            continue;
        }
        void *library = dl_open(argv[i], DL_NOW);
        if (library == 0) {
            say("%s", dl_problem());
        } else {
            say("opened %s", argv[i]);
        }
    }
    return 0;
}
