/*
 * A program that is linked with libraries, which come with it: libtyped.so, and liblonely.so.
 * Calls functions of many types, by name, by pointer and by dlsym, and is called back. Prints the same on Linux.
 */
#include "typed.h"

#include "dl.h"

typedef int32_t binary(int32_t, int32_t);

_Thread_local uint32_t own_local = 29;

static void number(const char *what, double value) {
    int64_t thousandths = (int64_t)(value * 1000);
    uint64_t size = (uint64_t)(thousandths < 0 ? -thousandths : thousandths);
    say("%s: %s%u %u.%u", what, thousandths < 0 ? "-" : "", (uint32_t)(size / 1000 / 1000000),
            (uint32_t)(size / 1000 % 1000000), (uint32_t)(size % 1000));
}

static void vector(const char *what, lanes value) {
    say("%s: %u %u %u %u", what, (uint32_t)value[0], (uint32_t)value[1], (uint32_t)value[2], (uint32_t)value[3]);
}

static double back(double a, float b, int64_t c, int32_t d) {
    return typed_double(a, b, c, d) * 2;
}

static lanes back_lanes(lanes a, int32_t b, lanes c) {
    return typed_lanes(c, b, a) + 5;
}

static void by_name(void) {
    uint32_t set = 0;
    typed_reset();
    say("one: %u", typed_one(41));
    number("long", (double)typed_long(-3000000000, -2));
    number("float", typed_float(1.5f, -2.25));
    number("double", typed_double(-0.125, 3.5f, 2000000000000, 9));
    typed_set(&set, 77);
    say("set: %u", set);
    number("ten", (double)typed_ten(1, -2, 3, -4, 5, -6, 7, -8, 9, -10));
    number("twelve", typed_twelve(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -11, 12));
    vector("lanes", typed_lanes((lanes){1, 2, 3, 4}, 7, (lanes){9, 8, 7, 6}));
    number("apply", typed_apply(back, 0.5));
    number("apply own", typed_apply(typed_double, 0.5));
    vector("apply lanes", typed_apply_lanes(back_lanes, (lanes){10, 20, 30, 40}));
    say("calls: %u", typed_count());
}

static void by_pointer(void) {
    uint32_t set = 0;
    float (*volatile floats)(float, double) = typed_float;
    void (*volatile sets)(uint32_t *, uint32_t) = typed_set;
    uint64_t (*volatile longs)(int64_t, int32_t) = typed_long;
    double (*volatile doubles)(double, float, int64_t, int32_t) = typed_double;
    double (*volatile twelve)(double, double, double, double, double, double, double, double, double, double, int32_t,
            float) = typed_twelve;
    lanes (*volatile vectors)(lanes, int32_t, lanes) = typed_lanes;
    for (uint32_t i = 0; i < 3; i++) {
        number("float", floats((float)i, -2.25));
        sets(&set, 78 + i);
        say("set: %u", set);
        number("long", (double)longs(1000000000000 + i, 3));
        number("double", doubles(-0.125, 3.5f, 2000000000000, (int32_t)i));
        number("twelve", twelve(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -11, (float)i));
        vector("lanes", vectors((lanes){1, 2, 3, 4}, (int32_t)i, (lanes){9, 8, 7, 6}));
    }
}

#define ADDRESS(n) many_##n,
#define NAME(n) "many_" #n,

static void many(void) {
    static binary *const addresses[] = {MANY(ADDRESS)};
    static const char *const names[] = {MANY(NAME)};
    uint32_t sum = 0;
    uint32_t same = 0;
    for (uint32_t i = 0; i < 400; i++) {
        binary *found = (binary *)dl_symbol(0, names[i]);
        same += found == addresses[i];
        sum = sum * 3 + (uint32_t)addresses[i]((int32_t)i, 5) + (found == 0 ? 0 : (uint32_t)found(7, (int32_t)i));
    }
    say("many: %u, the same by both ways: %u", sum, same);
}

int run(void) {
    by_name();
    by_pointer();
    many();
    say("data: %u, local: %u", typed_data, *typed_place());
    say("own local: %u, the same: %s", own_local, dl_symbol(0, "own_local") == &own_local ? "yes" : "no");
    typed_data++;
    ++*typed_place();
    say("data: %u, local: %u, the same: %s", *(uint32_t *)dl_symbol(0, "typed_data"), *typed_place(),
            dl_symbol(0, "typed_local") == typed_place() ? "yes" : "no");
    int (*lonely)(void) = (int (*)(void))dl_symbol(0, "lonely_works");
    say("lonely is there: %s", lonely == 0 ? "no" : "yes");
    return 0;
}
