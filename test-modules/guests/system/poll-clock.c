/*
 * poll-clock: poll_oneoff with clocks and with descriptors that are none. Prints one line a step. Uses the imports
 * themselves, not the poll of a libc.
 */
#include <stdio.h>
#include <string.h>

#include "net.h"
#include "wasix.h"

#define MS UINT64_C(1000000)

static wasix_subscription in[8];
static wasix_event out[8];
static uint32_t used;

/* When the step began, whose deadline was computed after that; 0: it begins with the call. */
static uint64_t begun;

static const char *yes(int condition) {
    return condition ? "yes" : "no";
}

static uint64_t now(uint32_t clock) {
    uint64_t time = 0;
    wasix_clock_time_get(clock, 1, &time);
    return time;
}

static void clock_in(uint64_t userdata, uint32_t clock, uint64_t timeout, uint16_t flags) {
    wasix_subscription *next = &in[used++];
    memset(next, 0, sizeof *next);
    next->userdata = userdata;
    next->tag = WASIX_EVENT_CLOCK;
    next->u.clock.id = clock;
    next->u.clock.timeout = timeout;
    next->u.clock.flags = flags;
}

/* A deadline some milliseconds from now. */
static void deadline_in(uint64_t userdata, uint32_t clock, unsigned ms) {
    begun = now(WASIX_CLOCK_MONOTONIC);
    clock_in(userdata, clock, now(clock) + ms * MS, WASIX_CLOCK_ABSTIME);
}

static void fd_in(uint64_t userdata, uint8_t tag, uint32_t fd) {
    wasix_subscription *next = &in[used++];
    memset(next, 0, sizeof *next);
    next->userdata = userdata;
    next->tag = tag;
    next->u.fd_readwrite.fd = fd;
}

/* Asks, prints the events (userdata, type, error) and whether the time it took lies in a range of milliseconds. */
static void ask(const char *what, unsigned least, unsigned most) {
    uint32_t count = 999;
    memset(out, 0xee, sizeof out);
    uint64_t start = begun != 0 ? begun : now(WASIX_CLOCK_MONOTONIC);
    begun = 0;
    int error = wasix_poll_oneoff(in, out, used, &count);
    uint64_t took = (now(WASIX_CLOCK_MONOTONIC) - start) / MS;
    used = 0;
    printf("%s: %s", what, net_errname(error));
    if (error == 0) {
        printf(", %u", (unsigned)count);
        for (uint32_t i = 0; i < count && i < 8; i++) {
            printf(" [%llx %s %s]", (unsigned long long)out[i].userdata,
                    out[i].type == WASIX_EVENT_CLOCK ? "clock"
                            : out[i].type == WASIX_EVENT_FD_READ ? "read"
                            : out[i].type == WASIX_EVENT_FD_WRITE ? "write" : "?",
                    net_errname(out[i].error));
        }
    }
    printf(", in time: %s\n", yes(took >= least && took <= most));
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0); /* what was printed is seen even when a step never ends */
    ask("no subscription", 0, 1000);
    clock_in(1, WASIX_CLOCK_MONOTONIC, 50 * MS, 0);
    ask("monotonic 50 ms", 50, 5000);
    clock_in(2, WASIX_CLOCK_REALTIME, 50 * MS, 0);
    ask("realtime 50 ms", 50, 5000);
    clock_in(3, WASIX_CLOCK_MONOTONIC, 0, 0);
    ask("0 ns", 0, 1000);
    clock_in(4, WASIX_CLOCK_MONOTONIC, 1, 0);
    ask("1 ns", 0, 1000);
    deadline_in(5, WASIX_CLOCK_MONOTONIC, 50);
    ask("monotonic, absolute, in 50 ms", 49, 5000);
    deadline_in(6, WASIX_CLOCK_REALTIME, 50);
    ask("realtime, absolute, in 50 ms", 45, 5000);
    clock_in(7, WASIX_CLOCK_REALTIME, 1, WASIX_CLOCK_ABSTIME);
    ask("realtime, absolute, long ago", 0, 1000);
    clock_in(8, WASIX_CLOCK_MONOTONIC, 0, WASIX_CLOCK_ABSTIME);
    ask("monotonic, absolute, at its start", 0, 1000);
    clock_in(9, WASIX_CLOCK_MONOTONIC, 3600000 * MS, 0);
    clock_in(10, WASIX_CLOCK_MONOTONIC, 50 * MS, 0);
    clock_in(11, WASIX_CLOCK_REALTIME, UINT64_MAX, 0);
    ask("three clocks, the second is first", 50, 5000);
    clock_in(12, WASIX_CLOCK_MONOTONIC, 0, 0);
    clock_in(13, WASIX_CLOCK_REALTIME, 0, 0);
    ask("two clocks, both due", 0, 1000);
    clock_in(UINT64_C(0x123456789abcdef0), WASIX_CLOCK_MONOTONIC, 0, 0);
    ask("a large userdata", 0, 1000);
    clock_in(14, 77, 3600000 * MS, 0);
    ask("an unknown clock", 0, 1000);
    clock_in(15, WASIX_CLOCK_MONOTONIC, 3600000 * MS, 0);
    fd_in(16, WASIX_EVENT_FD_READ, 12345);
    ask("reading a closed descriptor", 0, 1000);
    fd_in(17, WASIX_EVENT_FD_WRITE, 12345);
    ask("writing a closed descriptor", 0, 1000);
    clock_in(18, WASIX_CLOCK_MONOTONIC, 50 * MS, 0);
    fd_in(19, WASIX_EVENT_FD_READ, UINT32_MAX);
    ask("a negative descriptor is left out", 50, 5000);
    fd_in(20, WASIX_EVENT_FD_WRITE, 1);
    ask("stdout can be written", 0, 1000);
    clock_in(21, WASIX_CLOCK_MONOTONIC, 0, 0);
    fd_in(22, WASIX_EVENT_FD_WRITE, 1);
    fd_in(23, WASIX_EVENT_FD_WRITE, 2);
    in[0].userdata = 0; /* whether a due clock is told beside ready descriptors is open, so it is not shown */
    {
        uint32_t count = 0;
        int error = wasix_poll_oneoff(in, out, used, &count);
        int ready = 0;
        for (uint32_t i = 0; i < count; i++) {
            ready += out[i].type == WASIX_EVENT_FD_WRITE && out[i].error == 0;
        }
        printf("stdout, stderr and a due clock: %s, both are told: %s\n", net_errname(error), yes(ready == 2));
        used = 0;
    }
    fd_in(24, WASIX_EVENT_FD_READ, 1);
    in[0].tag = 9;
    ask("an unknown event type", 0, 1000);
    return 0;
}
