/*
 * alarm: signals reach their thread in whatever call it waits; the call answers intr, after the handler has run on that
 * thread. Alarms of the process, once and repeated; signals of one thread to another.
 */
#include "freestanding.h"
#include "threads.h"

#define USR1 10
#define ALRM 14
#define HOUR UINT64_C(3600000000000)

static uint32_t handled[32];
static uint32_t handled_by;
static uint32_t waiting;
static uint32_t word;
static uint32_t listener;
static uint32_t server;
static uint32_t pipe_out;

static uint32_t self(void) {
    uint32_t tid = 0;
    wasix_thread_id(&tid);
    return tid;
}

__attribute__((export_name("__wasm_signal"))) void handle(int32_t signal) {
    handled_by = self();
    __atomic_add_fetch(&handled[signal], 1, __ATOMIC_SEQ_CST);
}

static int32_t in_sleep(void) {
    return wasix_thread_sleep(HOUR);
}

static int32_t in_accept(void) {
    uint32_t fd;
    return accept_from(listener, &fd);
}

static int32_t in_receive(void) {
    uint32_t size;
    uint8_t byte;
    return receive(server, &byte, 1, &size);
}

static int32_t in_poll(void) {
    return poll_for(listener, WASIX_EVENT_FD_READ);
}

static int32_t in_epoll(void) {
    uint32_t epoll;
    uint32_t count;
    wasix_epoll_event event = {.events = WASIX_EPOLLIN};
    wasix_epoll_create(&epoll);
    wasix_epoll_ctl(epoll, WASIX_EPOLL_ADD, listener, &event);
    int32_t error = wasix_epoll_wait(epoll, &event, 1, WASIX_FOREVER, &count);
    wasix_fd_close(epoll);
    return error;
}

static int32_t in_pipe(void) {
    uint32_t size;
    uint8_t byte;
    return read_fd(pipe_out, &byte, 1, &size);
}

/* No error here: the caller of a futex looks at the word again. */
static int32_t in_futex(void) {
    wasix_option_timestamp forever = {0};
    uint8_t woken = 0;
    int32_t error = wasix_futex_wait(&word, 0, &forever, &woken);
    return error != 0 ? error : woken == 1 ? 0 : -1;
}

typedef struct place {
    const char *name;
    int32_t (*wait)(void);
} place;

static const place places[] = {
    {"sleep", in_sleep},
    {"accept", in_accept},
    {"receive", in_receive},
    {"poll", in_poll},
    {"epoll", in_epoll},
    {"pipe", in_pipe},
    {"futex", in_futex},
};
#define PLACES (sizeof places / sizeof places[0])

static void wait_there(thread *t) {
    const place *where = t->argument;
    word_add(&waiting, 1);
    int32_t error = where->wait();
    print(1, "%s: %e, handled %s\n", where->name, error, handled_by == self() ? "here" : "elsewhere");
}

int run(void) {
    wasix_addr_port address;
    uint32_t pipe_in;
    listener = listen_on(0, &address);
    uint32_t client = connect_to(&address);
    accept_from(listener, &server);
    wasix_fd_pipe(&pipe_out, &pipe_in);
    wasix_callback_signal("__wasm_signal", 13);

    for (uint32_t i = 0; i < PLACES; i++) {
        thread *t;
        int32_t error = thread_start(wait_there, (void *)(uintptr_t)&places[i], &t);
        if (error != 0) {
            fail("thread", error);
        }
        word_await(&waiting, i + 1);
        /* one that comes before the thread waits is handled, and interrupts nothing */
        while (!thread_has_ended(t)) {
            error = wasix_thread_signal(t->tid, USR1);
            if (error != 0 && error != 71) {
                fail("signal", error);
            }
            sleep_ms(2);
        }
        thread_finish(t);
    }

    int32_t error;
    wasix_proc_raise_interval(ALRM, 10000000, 0);
    do {
        wasix_thread_sleep(UINT64_C(1000000000)); /* not for ever: the alarm can come before it */
    } while (handled[ALRM] == 0);
    sleep_ms(20);
    print(1, "alarm: %u time\n", handled[ALRM]);

    wasix_proc_raise_interval(ALRM, 2000000, 1);
    while (handled[ALRM] < 4) {
        error = wasix_thread_sleep(HOUR);
    }
    wasix_proc_raise_interval(ALRM, 0, 0);
    print(1, "interval: %e\n", error);

    uint32_t before = handled[USR1];
    wasix_callback_signal("no such export", 14);
    wasix_proc_raise(USR1);
    uint32_t held = handled[USR1];
    wasix_callback_signal("__wasm_signal", 13);
    print(1, "held back: %u, then %u\n", held - before, handled[USR1] - before);
    wasix_proc_signal(0, USR1);
    print(1, "kill: %u\n", handled[USR1] - before);
    print(1, "signal to nobody: %e\n", wasix_thread_signal(0x1ffffff, USR1));
    wasix_fd_close(client);
    return 0;
}
