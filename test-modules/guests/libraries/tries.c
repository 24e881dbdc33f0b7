/*
 * Opens each library that is named, and says what became of it. "call NAME FUNCTION" calls a function of one;
 * "many COUNT" opens lib0.so, lib1.so and so on; "from FOLDERS NAME FUNCTION" calls a function of a library that is
 * looked for in these folders first.
 */
#include "dl.h"

#include "freestanding.h"

int32_t wasix_dlopen(const char *path, uint32_t path_len, uint32_t flags, char *text, uint32_t text_len,
        const char *folders, uint32_t folders_len, uint32_t *handle) WASIX_EXTENSION(dlopen);

int program_value = 1000;

int program_add(int a, int b) {
    return a + b;
}

static void many(uint32_t count) {
    uint32_t opened = 0;
    for (uint32_t i = 0; i < count; i++) {
        char name[20] = "lib";
        uint32_t digits = 1;
        for (uint32_t rest = i / 10; rest > 0; rest /= 10) {
            digits++;
        }
        uint32_t rest = i;
        for (uint32_t at = 3 + digits; at > 3; at--) {
            name[at - 1] = (char)('0' + rest % 10);
            rest /= 10;
        }
        name[3 + digits] = '.';
        name[4 + digits] = 's';
        name[5 + digits] = 'o';
        name[6 + digits] = 0;
        opened += dl_open(name, DL_NOW) != 0;
    }
    say("opened %u of %u, the last: %s", (unsigned)opened, (unsigned)count, dl_problem());
}

static uint32_t length(const char *text) {
    uint32_t count = 0;
    while (text[count] != 0) {
        count++;
    }
    return count;
}

static void call_from(const char *folders, const char *name, const char *symbol) {
    char problem[256] = "";
    uint32_t library;
    if (wasix_dlopen(name, length(name), DL_NOW, problem, sizeof problem, folders, length(folders), &library) != 0) {
        say("%s", problem);
        return;
    }
    int (*function)(void) = dl_symbol((void *)library, symbol);
    say("called: %u", function == 0 ? 0u : (unsigned)function());
}

int run(void) {
    for (uint32_t i = 1; i < argc; i++) {
        if (text_equal(argv[i], "call") && i + 2 < argc) {
            int (*function)(void) = dl_symbol(dl_open(argv[i + 1], DL_LAZY), argv[i + 2]);
            say("called: %u", function == 0 ? 0u : (unsigned)function());
            i += 2;
            continue;
        }
        if (text_equal(argv[i], "from") && i + 3 < argc) {
            call_from(argv[i + 1], argv[i + 2], argv[i + 3]);
            i += 3;
            continue;
        }
        if (text_equal(argv[i], "many") && i + 1 < argc) {
            many((uint32_t)text_number(argv[++i]));
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
