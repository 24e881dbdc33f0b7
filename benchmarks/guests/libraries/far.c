/* libfar.so: functions to be called, and seven hundred others, so that it is as large as libraries are. */
#include "work.h"

static int compared;

int far_add(int a, int b) {
    return a + b;
}

int far_mix(int a, int b) {
    return mix(a, b);
}

int far_compare(int a, int b) {
    compared++;
    return a < b ? -1 : a > b;
}

/* How often far_compare was called. */
int far_compared(int a, int b) {
    int count = compared;
    compared = 0;
    return count + a + b;
}

#define OTHER(n)                                               \
    int far_other_##n(int *values, int count) {                \
        for (int i = 0; i < count; i++) {                      \
            values[i] = values[i] * (n + 3) + values[i * 7 & 15]; \
            if (values[i] & 1) {                               \
                values[i] ^= n * 77;                           \
            } else {                                           \
                values[i] += count / (n + 1);                  \
            }                                                  \
        }                                                      \
        return values[count & 15];                             \
    }
#define TEN(n) OTHER(n##0) OTHER(n##1) OTHER(n##2) OTHER(n##3) OTHER(n##4) \
    OTHER(n##5) OTHER(n##6) OTHER(n##7) OTHER(n##8) OTHER(n##9)
#define HUNDRED(n) TEN(n##0) TEN(n##1) TEN(n##2) TEN(n##3) TEN(n##4) TEN(n##5) TEN(n##6) TEN(n##7) TEN(n##8) TEN(n##9)

HUNDRED(1) HUNDRED(2) HUNDRED(3) HUNDRED(4) HUNDRED(5) HUNDRED(6) HUNDRED(7)
