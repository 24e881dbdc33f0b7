/*
 * Eleven programs' worth of computing, each timed by itself: prints for each its name, the nanoseconds of its best round, a
 * checksum. Built for MVP WebAssembly and natively from this one source; what loops over memory can gain by vectors is
 * kernels.c.
 */
#include "kernel.h"

#include <stdlib.h>

enum { SIDE = 160, NUMBERS = 100000, BYTES = 1 << 20, PROGRAM = 1 << 12, SLOTS = 1 << 16, TEXT = 1 << 18 };

static double left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];
static int32_t numbers[NUMBERS], sorted[NUMBERS];
static uint8_t bytes[BYTES], copy[BYTES];
static char text[TEXT];
static uint32_t seed = 1;

static uint32_t next(void) {
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

KERNEL matrix(void) { /* of doubles, as it is written first: row by column */
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            double sum = 0;
            for (int k = 0; k < SIDE; k++) sum += left[i][k] * right[k][j];
            product[i][j] = sum;
        }
    }
    return (uint64_t)product[SIDE / 2][SIDE / 3];
}

KERNEL sha256(void) {
    return sha256_of(bytes, BYTES);
}

static void quick(int32_t *from, int32_t *to) {
    while (to - from > 16) {
        int32_t pivot = from[(to - from) / 2], *i = from, *j = to - 1;
        for (;;) {
            while (*i < pivot) i++;
            while (*j > pivot) j--;
            if (i >= j) break;
            int32_t t = *i; *i++ = *j; *j-- = t;
        }
        if (i - from < to - i) { quick(from, i); from = i; } else { quick(i, to); to = i; }
    }
    for (int32_t *i = from + 1; i < to; i++) {
        int32_t x = *i, *j = i;
        for (; j > from && j[-1] > x; j--) *j = j[-1];
        *j = x;
    }
}

KERNEL quicksort(void) {
    memcpy(sorted, numbers, sizeof numbers);
    quick(sorted, sorted + NUMBERS);
    return sorted[NUMBERS / 2];
}

static int compare(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* A heap sort with a comparison that is called by its address: the library's own would be another one natively. */
static void sift(int32_t *all, int at, int count, int (*by)(const void *, const void *)) {
    for (int child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && by(all + child, all + child + 1) < 0) child++;
        if (by(all + at, all + child) >= 0) return;
        int32_t t = all[at]; all[at] = all[child]; all[child] = t;
    }
}

static int (*volatile order)(const void *, const void *) = compare;
KERNEL callbacks(void) {
    int (*by)(const void *, const void *) = order;
    memcpy(sorted, numbers, sizeof numbers);
    for (int i = NUMBERS / 2; i-- > 0;) sift(sorted, i, NUMBERS, by);
    for (int i = NUMBERS; i-- > 1;) {
        int32_t t = sorted[0]; sorted[0] = sorted[i]; sorted[i] = t;
        sift(sorted, 0, i, by);
    }
    return sorted[NUMBERS / 2];
}

KERNEL find(void) { /* memchr of a byte that is not there, without the library's */
    const volatile uint8_t *end = bytes + BYTES;
    const uint8_t *p = bytes;
    while (p < end && *p != 255) p++;
    return p - bytes;
}

/* json: counts what is in a text, as a parser without a tree does */
static const char *skip(const char *p) {
    while (*p == ' ' || *p == '\n') p++;
    return p;
}

static uint64_t strings, values;
static const char *value(const char *p) {
    p = skip(p);
    values++;
    switch (*p) {
        case '{':
        case '[': {
            char close = *p == '{' ? '}' : ']';
            for (p = skip(p + 1); *p != close;) {
                p = value(p);
                p = skip(p);
                if (*p == ':' || *p == ',') p++;
                p = skip(p);
            }
            return p + 1;
        }
        case '"':
            for (p++; *p != '"'; p++) {
                if (*p == '\\') p++;
                strings += (uint8_t)*p;
            }
            return p + 1;
        case 't':
        case 'n': return p + 4;
        case 'f': return p + 5;
        default: {
            double number = 0, scale = 0;
            int minus = *p == '-';
            for (p += minus; (*p >= '0' && *p <= '9') || *p == '.'; p++) {
                if (*p == '.') { scale = 1; continue; }
                number = number * 10 + (*p - '0');
                scale *= 10;
            }
            if (scale > 1) number /= scale;
            values += (uint64_t)number;
            return p;
        }
    }
}

KERNEL json(void) {
    strings = values = 0;
    value(text);
    return strings * 31 + values;
}

/* a loop over bytecode with eight instructions */
static uint8_t program[PROGRAM];
KERNEL interpreter(void) {
    uint64_t a = 1, b = 2, all = 0;
    for (int round = 0; round < 100; round++) {
        for (int at = 0; at < PROGRAM; at++) {
            switch (program[at] & 7) {
                case 0: a += b; break;
                case 1: b ^= a; break;
                case 2: a = a << 7 | a >> 57; break;
                case 3: b += program[at]; break;
                case 4: a -= 3; break;
                case 5: b = b * 33 + 1; break;
                case 6: all += a; break;
                default: if (b & 1) at++; break;
            }
        }
    }
    return all + a + b;
}

/* a table of strings of eight bytes, linear probing */
static uint64_t slots[SLOTS];
KERNEL hash(void) {
    uint64_t hits = 0;
    memset(slots, 0, sizeof slots);
    for (int i = 0; i < BYTES / 32; i++) {
        const uint8_t *key = bytes + i * 8;
        uint32_t h = 2166136261u;
        for (int k = 0; k < 8; k++) h = (h ^ key[k]) * 16777619u;
        uint64_t word;
        memcpy(&word, key, 8);
        word |= 1;
        for (uint32_t at = h;; at++) {
            uint64_t *slot = &slots[at & (SLOTS - 1)];
            if (*slot == word) { hits++; break; }
            if (*slot == 0) { *slot = word; break; }
        }
    }
    return hits + slots[77];
}

static __attribute__((noinline)) int fibonacci(int n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static volatile int depth = 27;
KERNEL fib(void) {
    return fibonacci(depth);
}

KERNEL copying(void) { /* as the library of the guest does it */
    static volatile size_t length = BYTES;
    memcpy(copy, bytes, length);
    return copy[BYTES / 3];
}

KERNEL mandelbrot(void) {
    uint64_t all = 0;
    for (int y = 0; y < 96; y++) {
        for (int x = 0; x < 96; x++) {
            double cr = x / 48.0 - 1.5, ci = y / 48.0 - 1, zr = 0, zi = 0;
            int n = 0;
            for (; n < 200 && zr * zr + zi * zi < 4; n++) {
                double t = zr * zr - zi * zi + cr;
                zi = 2 * zr * zi + ci;
                zr = t;
            }
            all += n;
        }
    }
    return all;
}

static const struct kernel kernels[] = {
    {"matrix f64", matrix}, {"sha256", sha256}, {"quicksort", quicksort}, {"sort by callback", callbacks}, {"byte search", find},
    {"json", json}, {"interpreter loop", interpreter}, {"hash table", hash}, {"fib", fib}, {"memcpy", copying},
    {"mandelbrot", mandelbrot},
};

static void write_text(void) {
    size_t at = 0;
    text[at++] = '[';
    while (at < TEXT - 200) {
        unsigned id = next(), name = next(), rate = next() % 100000;
        at += snprintf(text + at, 200, "{\"id\": %u, \"name\": \"user %u\", \"tags\": [\"a\", \"b\\n\", true, null], \"rate\": -%u.%u},\n",
            id, name, rate % 1000, rate);
    }
    text[at - 2] = ' ';
    text[at++] = ']';
}

int main(void) {
    for (int i = 0; i < BYTES; i++) bytes[i] = next() % 250;
    for (int i = 0; i < NUMBERS; i++) numbers[i] = (int32_t)(next() * 257);
    for (int i = 0; i < PROGRAM; i++) program[i] = next();
    for (int i = 0; i < 64; i++) constants[i] = next() * 257;
    for (int i = 0; i < SIDE * SIDE; i++) left[i / SIDE][i % SIDE] = next() % 100;
    for (int i = 0; i < SIDE * SIDE; i++) right[i / SIDE][i % SIDE] = next() % 100;
    write_text();
    for (unsigned k = 0; k < sizeof kernels / sizeof *kernels; k++) time_kernel(&kernels[k], 1, 1500000000ull);
    return 0;
}
