#include "typed.h"

uint32_t typed_data = 17;
_Thread_local uint32_t typed_local = 23;
static uint32_t calls;

uint32_t *typed_place(void) {
    return &typed_local;
}

void typed_reset(void) {
    calls = 0;
}

uint32_t typed_count(void) {
    return calls;
}

uint32_t typed_one(int32_t a) {
    calls++;
    return (uint32_t)a + 1;
}

uint64_t typed_long(int64_t a, int32_t b) {
    calls++;
    return (uint64_t)(a * b);
}

float typed_float(float a, double b) {
    calls++;
    return a * (float)b;
}

double typed_double(double a, float b, int64_t c, int32_t d) {
    calls++;
    return a + b * (double)c - d;
}

void typed_set(uint32_t *where, uint32_t value) {
    calls++;
    *where = value;
}

int64_t typed_ten(int32_t a, int64_t b, float c, double d, int32_t e, int64_t f, float g, double h, int32_t i, int64_t j) {
    calls++;
    return a + 2 * b + (int64_t)(3 * c) + (int64_t)(4 * d) + 5 * e + 6 * f + (int64_t)(7 * g) + (int64_t)(8 * h) +
            9 * i + 10 * j;
}

double typed_twelve(double a, double b, double c, double d, double e, double f, double g, double h, double i, double j,
        int32_t k, float l) {
    calls++;
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k + 12 * l;
}

lanes typed_lanes(lanes a, int32_t b, lanes c) {
    calls++;
    return a * b + c;
}

double typed_apply(double (*function)(double, float, int64_t, int32_t), double a) {
    return function(a, -2.5f, -1000000000000, -7);
}

lanes typed_apply_lanes(lanes (*function)(lanes, int32_t, lanes), lanes a) {
    return function(a, 3, a + 1);
}

#define DEFINE(n)                             \
    int32_t many_##n(int32_t a, int32_t b) {  \
        return (a ^ 1##n) * 31 + b;           \
    }
MANY(DEFINE)
