/* libnear.so: loops that call through a pointer, a function of its own, or one of libfar.so. */
#include "work.h"

int far_mix(int a, int b);

static int compared;

int near_add(int a, int b) {
    return a + b;
}

__attribute__((noinline)) int near_mix(int a, int b) {
    return mix(a, b);
}

int near_compare(int a, int b) {
    compared++;
    return a < b ? -1 : a > b;
}

/* How often near_compare was called. */
int near_compared(int a, int b) {
    int count = compared;
    compared = 0;
    return count + a + b;
}

unsigned near_loop_pointer(unsigned calls, binary *function) {
    unsigned sum = 0;
    for (unsigned i = 0; i < calls; i++) {
        sum = (unsigned)function((int)sum, (int)i);
    }
    return sum;
}

unsigned near_loop_inside(unsigned calls, binary *function) {
    unsigned sum = 0;
    for (unsigned i = 0; i < calls; i++) {
        sum = (unsigned)near_mix((int)sum, (int)i);
    }
    return sum + (function != 0);
}

unsigned near_loop_imported(unsigned calls, binary *function) {
    unsigned sum = 0;
    for (unsigned i = 0; i < calls; i++) {
        sum = (unsigned)far_mix((int)sum, (int)i);
    }
    return sum + (function != 0);
}

/* Quicksort, as a callback's user does it: nothing is known of the order but by calls. */
void near_sort(int *values, unsigned count, binary *compare) {
    while (count > 1) {
        int pivot = values[(count - 1) / 2];
        unsigned low = 0;
        unsigned high = count - 1;
        for (;;) {
            while (compare(values[low], pivot) < 0) {
                low++;
            }
            while (compare(values[high], pivot) > 0) {
                high--;
            }
            if (low >= high) {
                break;
            }
            int value = values[low];
            values[low++] = values[high];
            values[high--] = value;
        }
        near_sort(values, high + 1, compare);
        values += high + 1;
        count -= high + 1;
    }
}
