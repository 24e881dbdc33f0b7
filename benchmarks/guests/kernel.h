/* What programs that time pieces of code share: the loop around each piece, and SHA-256, which several of them time. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define KERNEL static __attribute__((noinline)) uint64_t
#define ROTATE(x, n) ((x) << (n) | (x) >> (32 - (n)))

struct kernel { const char *name; uint64_t (*run)(void); };

/* Runs it for so many rounds and nanoseconds at least: prints its name, the nanoseconds of the best round, a checksum. */
static void time_kernel(const struct kernel *kernel, int rounds, uint64_t nanos) {
    uint64_t best = UINT64_MAX, total = 0, sum = 0;
    for (int round = 0; round < rounds || total < nanos; round++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        sum = kernel->run();
        clock_gettime(CLOCK_MONOTONIC, &b);
        uint64_t took = (b.tv_sec - a.tv_sec) * 1000000000ull + b.tv_nsec - a.tv_nsec;
        total += took;
        if (took < best) best = took;
    }
    printf("%s %llu %llx\n", kernel->name, (unsigned long long)best, (unsigned long long)sum);
}

static uint32_t constants[64];

/* The work of SHA-256 with other constants. */
static inline uint32_t sha256_of(const uint8_t *in, int size) {
    uint32_t state[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (int block = 0; block + 64 <= size; block += 64) {
        uint32_t w[64], s[8];
        for (int i = 0; i < 16; i++) {
            uint32_t x;
            memcpy(&x, in + block + 4 * i, 4);
            w[i] = __builtin_bswap32(x);
        }
        for (int i = 16; i < 64; i++) {
            uint32_t p = w[i - 15], q = w[i - 2];
            w[i] = w[i - 16] + w[i - 7] + (ROTATE(p, 25) ^ ROTATE(p, 14) ^ p >> 3) + (ROTATE(q, 15) ^ ROTATE(q, 13) ^ q >> 10);
        }
        memcpy(s, state, sizeof s);
        for (int i = 0; i < 64; i++) {
            uint32_t t = s[7] + (ROTATE(s[4], 26) ^ ROTATE(s[4], 21) ^ ROTATE(s[4], 7)) + (s[6] ^ (s[4] & (s[5] ^ s[6]))) + constants[i] + w[i];
            uint32_t u = (ROTATE(s[0], 30) ^ ROTATE(s[0], 19) ^ ROTATE(s[0], 10)) + ((s[0] & s[1]) | (s[2] & (s[0] | s[1])));
            s[7] = s[6]; s[6] = s[5]; s[5] = s[4]; s[4] = s[3] + t;
            s[3] = s[2]; s[2] = s[1]; s[1] = s[0]; s[0] = t + u;
        }
        for (int i = 0; i < 8; i++) state[i] += s[i];
    }
    return state[0];
}

#endif
