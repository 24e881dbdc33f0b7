/*
 * A loop over the bytecode of a language, whose values are objects with counts of references. Built with -DWHOLE all
 * instructions are cases of one function of more than 100 KB (interpreter-whole.wasm), as in CPython; without it each is a
 * small function, called by a table. Prints the nanoseconds of the best round and a checksum.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum { BINARY = 192, LOAD = 200, STORE, LOOP, END, ROUNDS = 60, TURNS = 3000, STEPS = 40, LOCALS = 8 };

typedef struct object {
    int32_t references, kind;
    union {
        int64_t number;
        double real;
        struct object *next;
    } is;
} object;

typedef struct {
    const uint8_t *next;
    object **top;
    int64_t turns;
} frame;

static object objects[256], *unused, *stack[64], *locals[LOCALS];
static uint8_t program[STEPS * 7 + 8];
static uint64_t errors;

#define DROP(o) \
    do { \
        object *dropped = (o); \
        if (--dropped->references == 0) { \
            dropped->is.next = unused; \
            unused = dropped; \
        } \
    } while (0)

/* What every binary instruction does, each with numbers of its own. */
#define BINARY_BODY(n) \
    object *b = *--top, *a = *--top, *r = unused; \
    unused = r->is.next; \
    r->references = 1; \
    if (a->kind == 0 && b->kind == 0) { \
        int64_t x = a->is.number * (2 * (n) + 1), y = b->is.number ^ ((n) * 0x9e3779b9LL); \
        r->kind = (x & 1023) == (n); \
        if (r->kind) \
            r->is.real = (double)(x >> 20) * (1.0 / ((n) + 3)); \
        else \
            r->is.number = (x + (y >> ((n) % 13 + 1))) ^ (x << ((n) % 7 + 1)); \
    } else if (a->kind == 1 && b->kind == 1) { \
        double x = a->is.real * ((n) + 0.5), y = b->is.real - (n); \
        r->kind = x > y; \
        if (r->kind) \
            r->is.real = x / 1024 - y / 2048; \
        else \
            r->is.number = (n) * 77777LL + errors; \
    } else if (a->kind == 1) { \
        errors += (n); \
        r->kind = 0; \
        r->is.number = b->is.number * ((n) + 11) - (int64_t)errors; \
    } else { \
        errors ^= (n) << 3; \
        r->kind = 0; \
        r->is.number = (a->is.number >> 3) + (int64_t)(errors * ((n) + 5)); \
    } \
    DROP(a); \
    DROP(b); \
    *top++ = r;

#define EACH4(X, n) X((n)) X((n) + 1) X((n) + 2) X((n) + 3)
#define EACH16(X, n) EACH4(X, n) EACH4(X, (n) + 4) EACH4(X, (n) + 8) EACH4(X, (n) + 12)
#define EACH64(X, n) EACH16(X, n) EACH16(X, (n) + 16) EACH16(X, (n) + 32) EACH16(X, (n) + 48)

#ifdef WHOLE

static __attribute__((noinline)) void run(frame *f) {
    const uint8_t *next = f->next;
    object **top = f->top;
    for (;;) {
        switch (*next++) {
#define CASE(n) \
    case n: { \
        BINARY_BODY(n) \
        break; \
    }
            EACH64(CASE, 0)
            EACH64(CASE, 64)
            EACH64(CASE, 128)
            case LOAD: {
                object *o = locals[*next++];
                o->references++;
                *top++ = o;
                break;
            }
            case STORE: {
                object **local = &locals[*next++];
                DROP(*local);
                *local = *--top;
                break;
            }
            case LOOP:
                if (--f->turns > 0) next = program;
                break;
            case END:
                return;
        }
    }
}

#else

#define FUNCTION(name) static __attribute__((noinline)) int name(frame *f)
#define ENTER object **top = f->top;
#define LEAVE \
    f->top = top; \
    return 0;

FUNCTION(load) {
    ENTER
    object *o = locals[*f->next++];
    o->references++;
    *top++ = o;
    LEAVE
}

FUNCTION(store) {
    ENTER
    object **local = &locals[*f->next++];
    DROP(*local);
    *local = *--top;
    LEAVE
}

FUNCTION(loop) {
    if (--f->turns > 0) f->next = program;
    return 0;
}

FUNCTION(end) {
    (void)f;
    return 1;
}

/* A function has a name: these are made of the digits of its number. */
#define NAMED(h, l) \
    FUNCTION(binary_##h##_##l) { \
        ENTER \
        BINARY_BODY(0x##h * 16 + 0x##l) \
        LEAVE \
    }
#define NAME(h, l) binary_##h##_##l,
#define ROW(X, h) \
    X(h, 0) X(h, 1) X(h, 2) X(h, 3) X(h, 4) X(h, 5) X(h, 6) X(h, 7) X(h, 8) X(h, 9) X(h, a) X(h, b) X(h, c) X(h, d) X(h, e) X(h, f)
#define ALL(X) \
    ROW(X, 0) ROW(X, 1) ROW(X, 2) ROW(X, 3) ROW(X, 4) ROW(X, 5) ROW(X, 6) ROW(X, 7) ROW(X, 8) ROW(X, 9) ROW(X, a) ROW(X, b)

ALL(NAMED)

static int (*const table[256])(frame *) = {ALL(NAME)[LOAD] = load, [STORE] = store, [LOOP] = loop, [END] = end};

static __attribute__((noinline)) void run(frame *f) {
    while (!table[*f->next++](f)) {
    }
}

#endif

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static object *make(int64_t number) {
    object *o = unused;
    unused = o->is.next;
    *o = (object){.references = 1, .kind = 0, .is = {.number = number}};
    return o;
}

int main(void) {
    for (int i = 0; i < 256; i++) {
        objects[i].is.next = unused;
        unused = &objects[i];
    }
    uint32_t random = 12345;
    uint8_t *p = program;
    for (int i = 0; i < STEPS; i++) {
        random = random * 1103515245 + 12345;
        *p++ = LOAD;
        *p++ = (random >> 8) % LOCALS;
        *p++ = LOAD;
        *p++ = (random >> 12) % LOCALS;
        *p++ = (random >> 16) % BINARY;
        *p++ = STORE;
        *p++ = (random >> 20) % LOCALS;
    }
    *p++ = LOOP;
    *p++ = END;
    int64_t best = INT64_MAX;
    uint64_t sum = 0;
    for (int i = 0; i < LOCALS; i++) locals[i] = make(i * 1000003LL);
    for (int round = 0; round < ROUNDS; round++) {
        frame f = {program, stack, TURNS};
        int64_t from = now();
        run(&f);
        int64_t taken = now() - from;
        if (taken < best) best = taken;
        for (int i = 0; i < LOCALS; i++) sum = sum * 31 + (uint64_t)locals[i]->is.number;
    }
    printf("bytecode %lld %llx\n", (long long)best, (unsigned long long)(sum ^ errors));
    return 0;
}
