/*
 * start [ARG...]: what a program sees when it starts, in lines that do not vary; then it ends with the code of an
 * argument `exit=N` (0 without one).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *yes(int condition) {
    return condition ? "yes" : "no";
}

static long long now(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) {
        return -1;
    }
    return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(int argc, char **argv) {
    int code = 0;
    unsigned char first[64];
    unsigned char second[64];
    struct timespec resolution;
    printf("args: %d\n", argc);
    for (int i = 1; i < argc; i++) {
        printf("arg %d: [%s]\n", i, argv[i]);
        if (strncmp(argv[i], "exit=", 5) == 0) {
            code = atoi(argv[i] + 5);
        }
    }
    int variables = 0;
    while (environ != NULL && environ[variables] != NULL) {
        variables++;
    }
    printf("env: %d\n", variables);
    for (int i = 0; i < variables; i++) {
        printf("env %d: [%s]\n", i, environ[i]);
    }
    long long wall = now(CLOCK_REALTIME);
    long long start = now(CLOCK_MONOTONIC);
    long long end = start;
    for (int i = 0; i < 1000 && end >= start; i++) {
        long long next = now(CLOCK_MONOTONIC);
        end = next >= end ? next : -1;
    }
    printf("realtime is after 2020 and before 2200: %s\n",
            yes(wall > 1577836800000000000 && wall < 7258118400000000000));
    printf("monotonic does not go back: %s\n", yes(start >= 0 && end >= start));
    printf("resolution is between 1 ns and 1 s: %s\n", yes(clock_getres(CLOCK_MONOTONIC, &resolution) == 0
            && resolution.tv_sec <= 1 && (resolution.tv_sec == 1) != (resolution.tv_nsec > 0)));
    printf("random works: %s\n", yes(getentropy(first, sizeof first) == 0 && getentropy(second, sizeof second) == 0));
    int same = 1;
    for (size_t i = 1; i < sizeof first; i++) {
        same &= first[i] == first[0];
    }
    printf("random varies: %s\n", yes(!same && memcmp(first, second, sizeof first) != 0));
    fprintf(stderr, "ends with %d\n", code);
    return code;
}
