/*
 * ends HOW: a thread in every place where a thread can be, and then the process ends:
 *   return  the first thread returns from _start       exit    the first thread calls proc_exit(7)
 *   other   another thread calls proc_exit(7)          trap    another thread traps
 *   stay    not by itself                              each    thread by thread, the last by thread_exit
 * Prints "waiting in threads" when every thread is where it belongs, or as near to it as can be told.
 */
#include "freestanding.h"
#include "threads.h"

#define HOUR UINT64_C(3600000000000)

static uint32_t there;
static uint32_t word;
static uint32_t listener;
static uint32_t server;
static uint32_t pipe_out;
static volatile uint32_t turns;
static wasix_addr_port address;

static void arrive(void) {
    word_add(&there, 1);
}

static void in_loop(thread *t) {
    (void)t;
    arrive();
    for (;;) {
        turns++;
    }
}

static void in_calls(thread *t) {
    (void)t;
    arrive();
    for (;;) {
        wasix_sched_yield();
    }
}

static void in_accept(thread *t) {
    (void)t;
    uint32_t fd;
    arrive();
    accept_from(listener, &fd);
}

static void in_receive(thread *t) {
    (void)t;
    uint8_t byte;
    uint32_t size;
    arrive();
    receive(server, &byte, 1, &size);
}

static void in_poll(thread *t) {
    (void)t;
    arrive();
    poll_for(listener, WASIX_EVENT_FD_READ);
}

static void in_epoll(thread *t) {
    (void)t;
    uint32_t epoll;
    uint32_t count;
    wasix_epoll_event event = {.events = WASIX_EPOLLIN};
    wasix_epoll_create(&epoll);
    wasix_epoll_ctl(epoll, WASIX_EPOLL_ADD, listener, &event);
    arrive();
    wasix_epoll_wait(epoll, &event, 1, WASIX_FOREVER, &count);
}

static void in_pipe(thread *t) {
    (void)t;
    uint8_t byte;
    uint32_t size;
    arrive();
    read_fd(pipe_out, &byte, 1, &size);
}

static void in_sleep(thread *t) {
    (void)t;
    arrive();
    wasix_thread_sleep(HOUR);
}

static void in_futex(thread *t) {
    (void)t;
    wasix_option_timestamp forever = {0};
    uint8_t woken;
    arrive();
    wasix_futex_wait(&word, 0, &forever, &woken);
}

static void in_atomic_wait(thread *t) {
    (void)t;
    arrive();
    __builtin_wasm_memory_atomic_wait32((int *)&word, 0, -1);
}

static void in_join(thread *t) {
    (void)t;
    uint32_t first = 0;
    arrive();
    wasix_proc_id(&first); /* the first thread has the number of the process */
    wasix_thread_join(first);
}

static void in_stdin(thread *t) {
    (void)t;
    uint8_t byte;
    uint32_t size;
    arrive();
    while (read_fd(0, &byte, 1, &size) == 0 && size > 0) {
        /* the text does not matter */
    }
}

/* Writes to the first granted directory, when there is one. */
static void in_file(thread *t) {
    (void)t;
    static uint8_t data[65536];
    uint64_t rights = WASIX_RIGHT_FD_WRITE | WASIX_RIGHT_FD_READ | WASIX_RIGHT_FD_SEEK;
    uint32_t fd;
    wasix_ciovec vector = {data, sizeof data};
    int32_t error = wasix_path_open(3, 0, "file", 4, WASIX_O_CREAT, rights, rights, 0, &fd);
    arrive();
    while (error == 0) {
        uint32_t done;
        error = wasix_fd_pwrite(fd, &vector, 1, 0, &done);
    }
}

static void (*const places[])(thread *) = {in_loop, in_calls, in_accept, in_receive, in_poll, in_epoll, in_pipe, in_sleep,
        in_futex, in_atomic_wait, in_join, in_stdin, in_file};
#define PLACES (sizeof places / sizeof places[0])

static void then_exit(thread *t) {
    (void)t;
    wasix_proc_exit(7);
}

__attribute__((noinline, export_name("divide_by_zero"))) uint32_t divide(uint32_t by) {
    return 1000 / by;
}

static void then_trap(thread *t) {
    (void)t;
    print(1, "%u\n", divide(word));
}

static void then_leave(thread *t) {
    (void)t;
    sleep_ms(20);
    wasix_thread_exit(3);
}

static void start(void (*body)(thread *)) {
    thread *t;
    int32_t error = thread_start(body, 0, &t);
    if (error != 0) {
        fail("thread", error);
    }
}

int run(void) {
    const char *how = argc == 2 ? argv[1] : "";
    if (text_equal(how, "each")) {
        for (uint32_t i = 0; i < 5; i++) {
            start(then_leave);
        }
        print(1, "waiting in threads\n");
        wasix_thread_exit(5);
    }
    uint32_t pipe_in;
    listener = listen_on(0, &address);
    connect_to(&address);
    accept_from(listener, &server);
    wasix_fd_pipe(&pipe_out, &pipe_in);
    for (uint32_t i = 0; i < PLACES; i++) {
        start(places[i]);
    }
    word_await(&there, PLACES);
    sleep_ms(20);
    print(1, "waiting in threads\n");
    if (text_equal(how, "return")) {
        return 0;
    }
    if (text_equal(how, "exit")) {
        wasix_proc_exit(7);
    }
    if (text_equal(how, "other")) {
        start(then_exit);
    } else if (text_equal(how, "trap")) {
        start(then_trap);
    } else if (!text_equal(how, "stay")) {
        print(2, "usage: ends return|exit|other|trap|each|stay\n");
        return 2;
    }
    for (;;) {
        wasix_thread_sleep(HOUR);
    }
}
