#include "dl.h"

#include "freestanding.h"

#include <stdarg.h>

int32_t wasix_dlopen(const char *path, uint32_t path_len, uint32_t flags, char *text, uint32_t text_len,
        const char *folders, uint32_t folders_len, uint32_t *handle) WASIX_EXTENSION(dlopen);
int32_t wasix_dlsym(uint32_t handle, const char *symbol, uint32_t symbol_len, char *text, uint32_t text_len,
        uint32_t *address) WASIX_EXTENSION(dlsym);
int32_t wasix_dl_invalid_handle(uint32_t handle) WASIX_EXTENSION(dl_invalid_handle);

static _Thread_local char problem[256];

static uint32_t length(const char *text) {
    uint32_t count = 0;
    while (text[count] != 0) {
        count++;
    }
    return count;
}

void *dl_open(const char *name, int flags) {
    uint32_t handle = 0;
    problem[0] = 0;
    int32_t error = wasix_dlopen(name, name == 0 ? 0 : length(name), (uint32_t)flags, problem, sizeof problem, 0, 0,
            &handle);
    return error == 0 ? (void *)handle : 0;
}

void *dl_symbol(void *library, const char *name) {
    uint32_t address = 0;
    problem[0] = 0;
    int32_t error = wasix_dlsym((uint32_t)library, name, length(name), problem, sizeof problem, &address);
    return error == 0 ? (void *)address : 0;
}

int dl_close(void *library) {
    return wasix_dl_invalid_handle((uint32_t)library);
}

const char *dl_problem(void) {
    return problem;
}

void say(const char *format, ...) {
    char line[256];
    uint32_t used = 0;
    va_list arguments;
    va_start(arguments, format);
    for (const char *c = format; *c != 0 && used < sizeof line - 1; c++) {
        if (*c != '%') {
            line[used++] = *c;
        } else if (*++c == 'u') {
            char digits[10];
            uint32_t count = 0;
            uint32_t number = va_arg(arguments, uint32_t);
            do {
                digits[count++] = (char)('0' + number % 10);
                number /= 10;
            } while (number > 0);
            while (count > 0 && used < sizeof line - 1) {
                line[used++] = digits[--count];
            }
        } else {
            const char *text = va_arg(arguments, const char *);
            while (*text != 0 && used < sizeof line - 1) {
                line[used++] = *text++;
            }
        }
    }
    va_end(arguments);
    line[used++] = '\n';
    wasix_ciovec vector = {line, used};
    uint32_t done;
    wasix_fd_write(1, &vector, 1, &done);
}

/* Memory for the thread-locals of libraries: never given back. */
void *aligned_alloc(size_t alignment, size_t size) {
    static char room[1 << 16];
    static uint32_t used;
    uint32_t before = __atomic_fetch_add(&used, (uint32_t)(size + alignment), __ATOMIC_SEQ_CST);
    uintptr_t at = (uintptr_t)room + before;
    return before + size + alignment > sizeof room ? 0 : (void *)((at + alignment - 1) & ~(alignment - 1));
}
