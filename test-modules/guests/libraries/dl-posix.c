#include "dl.h"

#include <stdarg.h>
#include <stdio.h>

void *dl_open(const char *name, int flags) {
    return dlopen(name, flags);
}

void *dl_symbol(void *library, const char *name) {
    return dlsym(library, name);
}

int dl_close(void *library) {
    return dlclose(library);
}

const char *dl_problem(void) {
    return dlerror();
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

int run(void);

int main(void) {
    return run();
}
