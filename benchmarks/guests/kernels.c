/*
 * Loops over 64 KB of memory as programs have them, each timed by itself: prints for each its name, the nanoseconds of its
 * best round and a checksum. Built scalar, with -msimd128 (kernels-simd.wasm) and natively from this one source: the compiler
 * makes vectors of what it can, memchr and hex are written by hand as libraries have them.
 */
#include "kernel.h"

#include <stdlib.h>
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

enum { SIZE = 1 << 16, ROUNDS = 200 };

static uint8_t in[SIZE + 64], out[2 * SIZE + 64], key[SIZE + 64];
static float fa[SIZE / 4], fb[SIZE / 4];

KERNEL find(void) { /* memchr of a byte that is not there */
#ifdef __wasm_simd128__
    v128_t wanted = wasm_i8x16_splat(1);
    for (int i = 0; i < SIZE; i += 16)
        if (wasm_v128_any_true(wasm_i8x16_eq(wasm_v128_load(in + i), wanted))) return i;
    return SIZE;
#else
    int i = 0;
    while (i < SIZE && in[i] != 1) i++;
    return i;
#endif
}

KERNEL ascii(void) { /* the quick part of a check for UTF-8 */
    uint8_t all = 0;
    for (int i = 0; i < SIZE; i++) all |= in[i];
    return all < 0x80;
}

KERNEL count(void) {
    uint32_t n = 0;
    for (int block = 0; block < SIZE; block += 128) {
        uint8_t part = 0;
        for (int i = 0; i < 128; i++) part += in[block + i] == 'e';
        n += part;
    }
    return n;
}

KERNEL mask(void) { /* what a WebSocket does to its frames */
    for (int i = 0; i < SIZE; i++) out[i] = in[i] ^ key[i & 0xffff];
    return out[SIZE / 3];
}

KERNEL lower(void) {
    for (int i = 0; i < SIZE; i++) {
        uint8_t c = in[i];
        uint8_t from = c - 'A';
        out[i] = c + (from < 26 ? 32 : 0);
    }
    return out[SIZE / 3];
}

KERNEL sum8(void) {
    uint32_t n = 0;
    for (int i = 0; i < SIZE; i++) n += in[i];
    return n;
}

KERNEL sum32(void) {
    uint32_t n = 0;
    const uint32_t *words = (const uint32_t *)in;
    for (int i = 0; i < SIZE / 4; i++) n += words[i];
    return n;
}

KERNEL hex(void) {
    const char *digits = "0123456789abcdef";
#ifdef __wasm_simd128__
    v128_t table = wasm_v128_load(digits), low = wasm_i8x16_splat(15);
    for (int i = 0; i < SIZE; i += 16) {
        v128_t x = wasm_v128_load(in + i);
        v128_t h = wasm_i8x16_swizzle(table, wasm_u8x16_shr(x, 4)), l = wasm_i8x16_swizzle(table, wasm_v128_and(x, low));
        wasm_v128_store(out + 2 * i, wasm_i8x16_shuffle(h, l, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
        wasm_v128_store(out + 2 * i + 16, wasm_i8x16_shuffle(h, l, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
    }
#else
    for (int i = 0; i < SIZE; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
#endif
    return out[SIZE / 3] * 256 + out[SIZE];
}

KERNEL dot(void) {
    float parts[4] = {0};
    for (int i = 0; i < SIZE / 4; i += 4)
        for (int k = 0; k < 4; k++) parts[k] += fa[i + k] * fb[i + k];
    return (uint64_t)(int64_t)(parts[0] + parts[1] + parts[2] + parts[3]);
}

KERNEL chacha(void) { /* four rows of four words: what compilers make vectors of */
    typedef uint32_t row __attribute__((vector_size(16)));
    uint64_t all = 0;
    for (uint32_t block = 0; block < SIZE / 64; block++) {
        row a = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, b = {1, 2, 3, 4}, c = {5, 6, 7, 8}, d = {block, 0, 9, 9};
        for (int i = 0; i < 20; i++) {
            a += b; d ^= a; d = ROTATE(d, 16);
            c += d; b ^= c; b = ROTATE(b, 12);
            a += b; d ^= a; d = ROTATE(d, 8);
            c += d; b ^= c; b = ROTATE(b, 7);
            if (i % 2 == 0) {
                b = __builtin_shufflevector(b, b, 1, 2, 3, 0); c = __builtin_shufflevector(c, c, 2, 3, 0, 1); d = __builtin_shufflevector(d, d, 3, 0, 1, 2);
            } else {
                b = __builtin_shufflevector(b, b, 3, 0, 1, 2); c = __builtin_shufflevector(c, c, 2, 3, 0, 1); d = __builtin_shufflevector(d, d, 1, 2, 3, 0);
            }
        }
        memcpy(out + 64 * block, &a, 16); memcpy(out + 64 * block + 16, &b, 16);
        memcpy(out + 64 * block + 32, &c, 16); memcpy(out + 64 * block + 48, &d, 16);
        all += a[0] ^ b[1] ^ c[2] ^ d[3];
    }
    return all;
}

KERNEL base64(void) {
    static const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int o = 0;
    for (int i = 0; i + 3 <= SIZE; i += 3, o += 4) {
        uint32_t x = in[i] << 16 | in[i + 1] << 8 | in[i + 2];
        out[o] = alphabet[x >> 18];
        out[o + 1] = alphabet[x >> 12 & 63];
        out[o + 2] = alphabet[x >> 6 & 63];
        out[o + 3] = alphabet[x & 63];
    }
    return out[o / 2] * 256 + out[o - 1];
}

KERNEL sha256(void) {
    return sha256_of(in, SIZE);
}

static const struct kernel kernels[] = {
    {"memchr", find}, {"utf-8 check", ascii}, {"count", count}, {"xor", mask}, {"lower-case", lower}, {"sum8", sum8},
    {"sum32", sum32}, {"hex", hex}, {"f32 dot", dot}, {"chacha20", chacha}, {"base64", base64}, {"sha256", sha256},
};

int main(void) {
    uint32_t seed = 1;
    for (int i = 0; i < SIZE; i++) {
        seed = seed * 1103515245 + 12345;
        in[i] = 2 + (seed >> 16) % 120;
        key[i] = seed >> 8;
        if (i < SIZE / 4) fa[i] = in[i] / 128.0f, fb[i] = key[i] / 256.0f;
    }
    for (int i = 0; i < 64; i++) constants[i] = (seed = seed * 1103515245 + 12345);
    for (unsigned k = 0; k < sizeof kernels / sizeof *kernels; k++) time_kernel(&kernels[k], ROUNDS, 4000000000ull);
    return 0;
}
