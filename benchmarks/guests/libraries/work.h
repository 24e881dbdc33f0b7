#ifndef WORK_H
#define WORK_H

typedef int binary(int, int);

/* About as much as a small function of a library does. */
static inline int mix(int a, int b) {
    unsigned hash = (unsigned)a ^ 2166136261u;
    for (int i = 0; i < 32; i += 8) {
        hash = (hash ^ ((unsigned)b >> i & 255)) * 16777619u;
    }
    return (int)(hash >> 1);
}

#endif
