/*
 * cancel: a thread that waits in a call on a descriptor is woken when another closes it or shuts it down. A line for each
 * pair, with what the waiting call answered; it is the same when the call comes a moment too late. "N bytes" is what a
 * receive or read got.
 */
#include "freestanding.h"
#include "threads.h"

static uint32_t waiting;
static uint32_t fd;
static uint32_t other;
static wasix_addr_port address;

typedef struct scene {
    const char *name;
    void (*prepare)(void);
    void (*wait)(const char *name);
    void (*disturb)(void);
} scene;

/* ---- what is waited on ----------------------------------------------------------------------------------------- */

static void a_listener(void) {
    fd = listen_on(0, &address);
}

/* fd is connected to other */
static void a_connection(void) {
    uint32_t listener = listen_on(0, &address);
    other = connect_to(&address);
    accept_from(listener, &fd);
    wasix_fd_close(listener);
}

static void a_datagram_socket(void) {
    address = wasix_inet4(127, 0, 0, 1, 0);
    wasix_sock_open(WASIX_INET4, WASIX_DGRAM, WASIX_PROTO_UDP, &fd);
    wasix_sock_bind(fd, &address);
}

static void a_pipe(void) {
    wasix_fd_pipe(&fd, &other);
}

static void an_event(void) {
    wasix_fd_event(0, 0, &fd);
}

/* other is an epoll set with fd, a listener, in it */
static void an_epoll(void) {
    wasix_epoll_event event = {.events = WASIX_EPOLLIN};
    event.data.data2 = 1;
    a_listener();
    wasix_epoll_create(&other);
    wasix_epoll_ctl(other, WASIX_EPOLL_ADD, fd, &event);
}

/* ---- how it is waited for -------------------------------------------------------------------------------------- */

static void in_accept(const char *name) {
    uint32_t accepted;
    print(1, "%s: %e\n", name, accept_from(fd, &accepted));
}

static void in_receive(const char *name) {
    uint8_t data[64];
    uint32_t size;
    int32_t error = receive(fd, data, sizeof data, &size);
    print(1, "%s: %e, %u bytes\n", name, error, size);
}

static void in_read(const char *name) {
    uint8_t data[64];
    uint32_t size;
    int32_t error = read_fd(fd, data, sizeof data, &size);
    print(1, "%s: %e, %u bytes\n", name, error, size);
}

/* Fills what there is to fill, and waits for more room. */
static void in_send(const char *name) {
    static uint8_t data[65536];
    int32_t error;
    while ((error = send_all(fd, data, sizeof data)) == 0) {
        /* nobody reads */
    }
    print(1, "%s: %e\n", name, error);
}

static void in_poll(const char *name) {
    print(1, "%s: %e\n", name, poll_for(fd, WASIX_EVENT_FD_READ));
}

static void in_epoll(const char *name) {
    wasix_epoll_event event = {0};
    uint32_t count = 0;
    int32_t error = wasix_epoll_wait(other, &event, 1, WASIX_FOREVER, &count);
    print(1, "%s: %e, event of %u\n", name, error, (uint32_t)event.data.data2);
}

/* ---- what the other does --------------------------------------------------------------------------------------- */

static void close_it(void) {
    wasix_fd_close(fd);
}

static void close_other(void) {
    wasix_fd_close(other);
}

static void shut_receive(void) {
    wasix_sock_shutdown(fd, WASIX_SHUT_RD);
}

static void shut_both(void) {
    wasix_sock_shutdown(fd, WASIX_SHUT_RD | WASIX_SHUT_WR);
}

/* A closed descriptor leaves the set without an event; what is added meanwhile wakes. */
static void close_and_add(void) {
    uint32_t ready;
    wasix_epoll_event event = {.events = WASIX_EPOLLIN};
    event.data.data2 = 2;
    wasix_fd_close(fd);
    sleep_ms(5);
    wasix_fd_event(1, 0, &ready);
    wasix_epoll_ctl(other, WASIX_EPOLL_ADD, ready, &event);
}

static const scene scenes[] = {
    {"accept, close", a_listener, in_accept, close_it},
    {"accept, shutdown", a_listener, in_accept, shut_both},
    {"receive, close", a_connection, in_receive, close_it},
    {"receive, shutdown of reading", a_connection, in_receive, shut_receive},
    {"receive, shutdown of both", a_connection, in_receive, shut_both},
    {"receive, peer closes", a_connection, in_receive, close_other},
    {"send, close", a_connection, in_send, close_it},
    {"send, shutdown of both", a_connection, in_send, shut_both},
    {"receive of a datagram, close", a_datagram_socket, in_receive, close_it},
    {"read of a pipe, close", a_pipe, in_read, close_it},
    {"read of a pipe, close of the other end", a_pipe, in_read, close_other},
    {"read of an event, close", an_event, in_read, close_it},
    {"poll of a listener, close", a_listener, in_poll, close_it},
    {"poll of a connection, close", a_connection, in_poll, close_it},
    {"poll of a pipe, close", a_pipe, in_poll, close_it},
    {"epoll, close of a member and addition of a ready one", an_epoll, in_epoll, close_and_add},
    {"epoll, close of the set", an_epoll, in_epoll, close_other},
};

static void act(thread *t) {
    const scene *s = t->argument;
    word_add(&waiting, 1);
    s->wait(s->name);
}

int run(void) {
    for (uint32_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
        thread *t;
        scenes[i].prepare();
        int32_t error = thread_start(act, (void *)(uintptr_t)&scenes[i], &t);
        if (error != 0) {
            fail("thread", error);
        }
        word_await(&waiting, i + 1);
        sleep_ms(5);
        scenes[i].disturb();
        thread_finish(t);
    }
    return 0;
}
