/*
 * trap HOW: ends in a trap, after one line on stdout that must not get lost. HOW is unreachable, overflow (the stack),
 * bounds (a load outside the memory), division, division-overflow, conversion (of a number too large), table (a call through an
 * empty element) or exit (no trap, code 0).
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static volatile int zero;
static volatile int32_t least = INT32_MIN;
static volatile int32_t minus_one = -1;
static volatile double huge = 1e300;
static volatile int sink;

/* Recursion that the optimiser keeps and that needs no memory of the guest, so that the machine's stack ends first. */
static __attribute__((noinline)) int deeper(int n) {
    if (n == minus_one) {
        return 0;
    }
    return deeper(n + 1) * 31 + n;
}

int main(int argc, char **argv) {
    const char *how = argc == 2 ? argv[1] : "";
    printf("before %s\n", how);
    fflush(stdout);
    if (strcmp(how, "unreachable") == 0) {
        __builtin_trap();
    } else if (strcmp(how, "overflow") == 0) {
        sink = deeper(0);
    } else if (strcmp(how, "bounds") == 0) {
        sink = *(volatile int *)(uintptr_t)(0xfffffff0u + (unsigned)zero);
    } else if (strcmp(how, "division") == 0) {
        sink = least / zero;
    } else if (strcmp(how, "division-overflow") == 0) {
        int32_t quotient;
        __asm__("local.get %1\n i32.const -1\n i32.div_s\n local.set %0" : "=r"(quotient) : "r"(least));
        sink = quotient;
    } else if (strcmp(how, "conversion") == 0) {
        int32_t whole;
        double value = huge;
        __asm__("local.get %1\n i32.trunc_f64_s\n local.set %0" : "=r"(whole) : "r"(value));
        sink = whole;
    } else if (strcmp(how, "table") == 0) {
        ((void (*volatile)(void))(uintptr_t)(1000000 + zero))();
    } else if (strcmp(how, "exit") == 0) {
        return 0;
    } else {
        fprintf(stderr, "usage: trap unreachable|overflow|bounds|division|division-overflow|conversion|table|exit\n");
        return 2;
    }
    printf("not reached\n");
    return 3;
}
