// Contexts: ping and pong, a generator, one that is given up, one that ends; in the order that is expected.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "wasix.h"

static uint64_t first;
static uint64_t second;
static int rounds;
static int produced;

static void fill(int value) {
    volatile char room[2000];
    for (int i = 0; i < 2000; i++) {
        room[i] = (char)value;
    }
}

static void ping(void) {
    char mine[64];
    snprintf(mine, sizeof mine, "ping's own");
    for (int i = 0; i < 3; i++) {
        fill(i);
        printf("ping %d\n", rounds++);
        wasix_context_switch(second);
    }
    printf("%s\n", mine);
    wasix_context_switch(0);
    printf("ping is not resumed\n");
}

static void pong(void) {
    char mine[64];
    snprintf(mine, sizeof mine, "pong's own");
    for (int i = 0; i < 3; i++) {
        fill(i + 100);
        printf("pong %d\n", rounds++);
        wasix_context_switch(first);
    }
    printf("%s\n", mine);
}

static void generator(void) {
    for (int i = 1;; i *= 2) {
        produced = i;
        wasix_context_switch(0);
    }
}

static void number(int value) {
    printf("%d\n", value);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    wasix_context_create(&first, ping);
    wasix_context_create(&second, pong);
    printf("main\n");
    wasix_context_switch(first);
    printf("main again, %d rounds\n", rounds);
    printf("destroy, %d\n", wasix_context_destroy(first));
    printf("switch to what is gone, %d\n", wasix_context_switch(first));
    printf("destroy it again, %d\n", wasix_context_destroy(first));
    printf("destroy the main one, %d\n", wasix_context_destroy(0));
    printf("switch to oneself, %d\n", wasix_context_switch(0));
    // one that ends comes back to the main context
    wasix_context_switch(second);
    printf("pong has ended, %d\n", wasix_context_switch(second));
    uint64_t numbers;
    wasix_context_create(&numbers, generator);
    for (int i = 0; i < 5; i++) {
        wasix_context_switch(numbers);
        printf("%d ", produced);
    }
    printf("\n");
    printf("a function with a parameter, %d\n", wasix_context_create(&numbers, (void (*)(void))number));
    printf("no function, %d\n", wasix_context_create(&numbers, (void (*)(void))99999));
    // many at once
    uint64_t many[100];
    int sum = 0;
    for (int i = 0; i < 100; i++) {
        wasix_context_create(&many[i], generator);
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            wasix_context_switch(many[i]);
            sum += produced;
        }
    }
    printf("many, %d\n", sum);
    for (int i = 0; i < 100; i++) {
        wasix_context_destroy(many[i]);
    }
    // some are left when the process ends
    return 5;
}
