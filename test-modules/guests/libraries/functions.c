/* Functions by number: calls, what they take and return, and functions that are made at run time. */
#include "dl.h"

#include "freestanding.h"

#define I32 0
#define I64 1
#define F32 2
#define F64 3

typedef struct reflection {
    uint8_t cacheable;
    uint16_t arguments;
    uint16_t results;
} reflection;

int32_t wasix_call_dynamic(uint32_t function, const void *values, uint32_t values_len, void *results,
        uint32_t results_len, uint32_t strict) WASIX_EXTENSION(call_dynamic);
int32_t wasix_reflect_signature(uint32_t function, uint8_t *arguments, uint32_t arguments_len, uint8_t *results,
        uint32_t results_len, reflection *out) WASIX_EXTENSION(reflect_signature);
int32_t wasix_closure_allocate(uint32_t *out) WASIX_EXTENSION(closure_allocate);
int32_t wasix_closure_prepare(uint32_t backing, uint32_t closure, const uint8_t *arguments, uint32_t arguments_len,
        const uint8_t *results, uint32_t results_len, void *user_data) WASIX_EXTENSION(closure_prepare);
int32_t wasix_closure_free(uint32_t closure) WASIX_EXTENSION(closure_free);

#define ADDRESS(function) ((uint32_t)(uintptr_t)(function))

static int64_t weigh(int32_t a, int64_t b, float c, double d) {
    return a + 10 * b + (int64_t)(100 * c) + (int64_t)(1000 * d);
}

static void nothing(void) {}

typedef struct values {
    int32_t a;
    int64_t b;
    float c;
    double d;
} __attribute__((packed)) values;

static void calls(void) {
    values given = {1, 2, 3.5f, 4.25};
    int64_t result = -1;
    say("size %u", (unsigned)sizeof given);
    int32_t error = wasix_call_dynamic(ADDRESS(weigh), &given, sizeof given, &result, 8, 1);
    say("strict %s %u", errno_name(error), (unsigned)result);
    error = wasix_call_dynamic(ADDRESS(weigh), &given, sizeof given - 8, &result, 8, 1);
    say("too short %s", errno_name(error));
    result = -1;
    error = wasix_call_dynamic(ADDRESS(weigh), &given, sizeof given - 8, &result, 8, 0);
    say("missing is zero %s %u", errno_name(error), (unsigned)result);
    result = 0;
    error = wasix_call_dynamic(ADDRESS(weigh), &given, sizeof given, &result, 2, 0);
    say("result cut off %s %u", errno_name(error), (unsigned)result);
    error = wasix_call_dynamic(ADDRESS(nothing), 0, 0, 0, 0, 1);
    say("nothing %s", errno_name(error));
    error = wasix_call_dynamic(0, 0, 0, 0, 0, 1);
    say("null %s", errno_name(error));
    error = wasix_call_dynamic(0x7fffffff, 0, 0, 0, 0, 1);
    say("no such place %s", errno_name(error));
}

static void reflections(void) {
    uint8_t arguments[8] = {9, 9, 9, 9, 9, 9, 9, 9};
    uint8_t results[2] = {9, 9};
    reflection out = {9, 9, 9};
    int32_t error = wasix_reflect_signature(ADDRESS(weigh), arguments, 8, results, 2, &out);
    say("weigh %s %u %u %u", errno_name(error), out.cacheable, out.arguments, out.results);
    say("takes %u %u %u %u %u", arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
    say("returns %u %u", results[0], results[1]);
    arguments[0] = 9;
    error = wasix_reflect_signature(ADDRESS(weigh), arguments, 3, results, 2, &out);
    say("too little room %s %u %u", error == 61 ? "overflow" : errno_name(error), out.arguments, arguments[0]);
    error = wasix_reflect_signature(0, arguments, 8, results, 2, &out);
    say("null %s %u %u %u", errno_name(error), out.cacheable, out.arguments, out.results);
    error = wasix_reflect_signature(1000000, arguments, 8, results, 2, &out);
    say("outside %s %u %u %u", errno_name(error), out.cacheable, out.arguments, out.results);
}

static void *seen;

static void backing(uint8_t *given, uint8_t *results, void *user_data) {
    values *all = (values *)given;
    seen = user_data;
    *(int64_t *)results = 2 * weigh(all->a, all->b, all->c, all->d);
}

static void other_backing(uint8_t *given, uint8_t *results, void *user_data) {
    (void)user_data;
    *(int32_t *)results = *(int32_t *)given + 1;
}

typedef int64_t (*weigher)(int32_t, int64_t, float, double);

static int deep(uint32_t closure, int depth) {
    volatile char room[64];
    room[0] = (char)depth;
    return depth == 0 ? (int)((weigher)closure)(1, 1, 1, 1) : deep(closure, depth - 1) + room[0] - depth;
}

static void closures(void) {
    uint32_t closure = 0;
    uint32_t other = 0;
    const uint8_t arguments[4] = {I32, I64, F32, F64};
    const uint8_t results[1] = {I64};
    int32_t error = wasix_closure_allocate(&closure);
    say("allocate %s", errno_name(error));
    wasix_closure_allocate(&other);
    say("different %u", (unsigned)(closure != other));
    error = wasix_closure_prepare(ADDRESS(backing), closure, arguments, 4, results, 1, &closure);
    say("prepare %s", errno_name(error));
    int64_t result = ((weigher)closure)(1, 2, 3.5f, 4.25);
    say("closure %u, its data %u", (unsigned)result, (unsigned)(seen == &closure));
    say("deep %u", (unsigned)deep(closure, 20));
    values given = {5, 0, 0, 0};
    wasix_call_dynamic(closure, &given, sizeof given, &result, 8, 1);
    say("closure called dynamically %u", (unsigned)result);
    reflection out;
    uint8_t types[8];
    wasix_reflect_signature(closure, types, 8, types, 8, &out);
    say("reflection %u %u %u", out.cacheable, out.arguments, out.results);
    error = wasix_closure_prepare(ADDRESS(other_backing), other, arguments, 1, arguments, 1, 0);
    say("another type %s %u", errno_name(error), (unsigned)((int (*)(int))other)(41));
    error = wasix_closure_prepare(ADDRESS(other_backing), ADDRESS(nothing), arguments, 1, arguments, 1, 0);
    say("at a place of the program %s", errno_name(error));
    const uint8_t wrong[1] = {77};
    error = wasix_closure_prepare(ADDRESS(other_backing), other, wrong, 1, arguments, 1, 0);
    say("of no type %s", errno_name(error));
    say("free %s", errno_name(wasix_closure_free(closure)));
    say("free again %s", errno_name(wasix_closure_free(closure)));
    say("free another's %s", errno_name(wasix_closure_free(ADDRESS(nothing))));
    uint32_t next = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        wasix_closure_allocate(&next);
        wasix_closure_prepare(ADDRESS(other_backing), next, arguments, 1, arguments, 1, 0);
    }
    say("the last of many %u", (unsigned)((int (*)(int))next)(1));
}

int run(void) {
    if (argc > 1) {
        /* a closure that was freed is no function */
        uint32_t closure = 0;
        wasix_closure_allocate(&closure);
        wasix_closure_free(closure);
        ((void (*)(void))closure)();
    }
    calls();
    reflections();
    closures();
    return 0;
}
