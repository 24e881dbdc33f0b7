/* libtyped.so: functions of many types, to be called by name and by pointer. */
#ifndef TYPED_H
#define TYPED_H

#include <stdint.h>

typedef int32_t lanes __attribute__((vector_size(16)));

void typed_reset(void);
uint32_t typed_count(void);
uint32_t typed_one(int32_t a);
uint64_t typed_long(int64_t a, int32_t b);
float typed_float(float a, double b);
double typed_double(double a, float b, int64_t c, int32_t d);
void typed_set(uint32_t *where, uint32_t value);
int64_t typed_ten(int32_t a, int64_t b, float c, double d, int32_t e, int64_t f, float g, double h, int32_t i, int64_t j);
double typed_twelve(double a, double b, double c, double d, double e, double f, double g, double h, double i, double j,
        int32_t k, float l);
lanes typed_lanes(lanes a, int32_t b, lanes c);
/* Calls back. */
double typed_apply(double (*function)(double, float, int64_t, int32_t), double a);
lanes typed_apply_lanes(lanes (*function)(lanes, int32_t, lanes), lanes a);

extern uint32_t typed_data;
/* Where the thread has typed_local. */
uint32_t *typed_place(void);

/* many_0 to many_399: more than fit into one switch. */
#define TENS(m, n) m(n##0) m(n##1) m(n##2) m(n##3) m(n##4) m(n##5) m(n##6) m(n##7) m(n##8) m(n##9)
#define HUNDREDS(m, n) \
    TENS(m, n##0) TENS(m, n##1) TENS(m, n##2) TENS(m, n##3) TENS(m, n##4) \
    TENS(m, n##5) TENS(m, n##6) TENS(m, n##7) TENS(m, n##8) TENS(m, n##9)
#define MANY(m) HUNDREDS(m, 1) HUNDREDS(m, 2) HUNDREDS(m, 3) HUNDREDS(m, 4)

#define DECLARE(n) int32_t many_##n(int32_t a, int32_t b);
MANY(DECLARE)
#undef DECLARE

#endif
