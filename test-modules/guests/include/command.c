/*
 * The start of a command on wasi-libc whose other exports are called while it runs: handlers of signals. With libc's own
 * start the linker wraps every export in the beginning and the end of the C library, and the end writes what stdio holds,
 * in the middle of whatever the signal interrupts. It does not when a program calls its constructors itself, as here.
 */
#include <stdlib.h>

void __wasm_call_ctors(void);
/* main, as clang 14 names it without parameters, or libc's call of it with those of the command line. */
int __original_main(void);

__attribute__((export_name("_start"))) void _start(void) {
    __wasm_call_ctors();
    exit(__original_main());
}
