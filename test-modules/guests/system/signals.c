/*
 * signals [CODE]: has a handler for signals and waits for them. Prints "waiting in sleep", then "signal N" for each that
 * comes; with CODE the first one ends the process with it.
 */
#include "freestanding.h"

static int32_t code = -1;

__attribute__((export_name("__wasm_signal"))) void handle(int32_t signal) {
    print(1, "signal %u\n", (uint32_t)signal);
    if (code >= 0) {
        wasix_proc_exit((uint32_t)code);
    }
}

int run(void) {
    if (argc == 2) {
        code = text_number(argv[1]);
    }
    wasix_callback_signal("__wasm_signal", 13);
    print(1, "waiting in sleep\n");
    for (;;) {
        wasix_thread_sleep(UINT64_C(3600000000000));
    }
}
