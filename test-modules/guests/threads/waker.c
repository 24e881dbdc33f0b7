/*
 * waker: an eventfd wakes threads of the same process wherever they wait for it: in a read, in poll_oneoff, in epoll_wait;
 * and two threads hand a turn to and fro by two of them.
 */
#include "freestanding.h"
#include "threads.h"

#define TURNS 2000

static uint32_t events[2];
static uint32_t waiting;

static void add(uint32_t fd, uint64_t value) {
    wasix_ciovec vector = {&value, sizeof value};
    uint32_t done;
    int32_t error = wasix_fd_write(fd, &vector, 1, &done);
    if (error != 0) {
        fail("write", error);
    }
}

static uint64_t take(uint32_t fd) {
    uint64_t value = 0;
    uint32_t done;
    int32_t error = read_fd(fd, &value, sizeof value, &done);
    if (error != 0 || done != sizeof value) {
        fail("read", error);
    }
    return value;
}

static void in_read(thread *t) {
    (void)t;
    word_add(&waiting, 1);
    print(1, "read: %u\n", (uint32_t)take(events[0]));
}

static void in_poll(thread *t) {
    (void)t;
    word_add(&waiting, 1);
    int32_t error = poll_for(events[0], WASIX_EVENT_FD_READ);
    print(1, "poll: %e, then %u\n", error, (uint32_t)take(events[0]));
}

static void in_epoll(thread *t) {
    (void)t;
    uint32_t epoll;
    uint32_t count = 0;
    wasix_epoll_event event = {.events = WASIX_EPOLLIN | WASIX_EPOLLET};
    event.data.data2 = 77;
    wasix_epoll_create(&epoll);
    wasix_epoll_ctl(epoll, WASIX_EPOLL_ADD, events[0], &event);
    event.data.data2 = 0;
    word_add(&waiting, 1);
    int32_t error = wasix_epoll_wait(epoll, &event, 1, WASIX_FOREVER, &count);
    print(1, "epoll: %e, %u event with %u, then %u\n", error, count, (uint32_t)event.data.data2,
            (uint32_t)take(events[0]));
    wasix_fd_close(epoll);
}

static void other_side(thread *t) {
    (void)t;
    for (uint32_t i = 0; i < TURNS; i++) {
        take(events[0]);
        add(events[1], 1);
    }
}

static thread *start(void (*body)(thread *)) {
    thread *t;
    int32_t error = thread_start(body, 0, &t);
    if (error != 0) {
        fail("thread", error);
    }
    return t;
}

int run(void) {
    void (*const bodies[])(thread *) = {in_read, in_poll, in_epoll};
    wasix_fd_event(0, 0, &events[0]);
    wasix_fd_event(0, 0, &events[1]);
    for (uint32_t i = 0; i < 3; i++) {
        thread *t = start(bodies[i]);
        word_await(&waiting, i + 1);
        sleep_ms(5);
        add(events[0], 40 + i);
        thread_finish(t);
    }
    thread *t = start(other_side);
    for (uint32_t i = 0; i < TURNS; i++) {
        add(events[0], 1);
        take(events[1]);
    }
    thread_finish(t);
    print(1, "%u turns\n", TURNS);
    return 0;
}
