/*
 * memcpy, memmove and memset as the libc of today's compilers has them: with more than 32 bytes they are the
 * instructions memory.copy and memory.fill. The libc that the guests are linked with was built without these
 * instructions and copies by loops; what is defined here is taken instead, also by the libc's own functions.
 */
#include <stddef.h>
#include <stdint.h>

#define SHORT 32

/* Else the compiler makes the instructions out of the loops, which are faster for a few bytes. */
#define LOOPS __attribute__((no_builtin))

LOOPS void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    if (size > SHORT) {
        return __builtin_memcpy(to, from, size);
    }
    char *target = to;
    const char *source = from;
    for (; size >= 8; size -= 8, target += 8, source += 8) {
        uint64_t word;
        __builtin_memcpy(&word, source, 8);
        __builtin_memcpy(target, &word, 8);
    }
    while (size-- > 0) {
        *target++ = *source++;
    }
    return to;
}

LOOPS void *memmove(void *to, const void *from, size_t size) {
    if (size > SHORT) {
        return __builtin_memmove(to, from, size);
    }
    char *target = to;
    const char *source = from;
    if ((uintptr_t)target - (uintptr_t)source >= size) {
        for (size_t i = 0; i < size; i++) {
            target[i] = source[i];
        }
    } else {
        while (size-- > 0) {
            target[size] = source[size];
        }
    }
    return to;
}

LOOPS void *memset(void *to, int value, size_t size) {
    if (size > SHORT) {
        return __builtin_memset(to, value, size);
    }
    char *target = to;
    while (size-- > 0) {
        *target++ = (char)value;
    }
    return to;
}
