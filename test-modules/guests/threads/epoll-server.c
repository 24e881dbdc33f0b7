/*
 * epoll-server PORT [THREADS]: a pool of threads that wait on one epoll set and echo. Every descriptor is one-shot: who
 * was told of it serves it alone and arms it again. Prints "listening on 127.0.0.1:PORT". A client that sends "?" and
 * nothing else gets "N", the number of the thread that answers.
 */
#include "freestanding.h"
#include "threads.h"

static uint32_t epoll;
static uint32_t listener;

static void control(uint32_t op, uint32_t fd) {
    wasix_epoll_event event = {.events = WASIX_EPOLLIN | WASIX_EPOLLONESHOT};
    event.data.fd = fd;
    int32_t error = wasix_epoll_ctl(epoll, op, fd, &event);
    if (error != 0) {
        fail("epoll_ctl", error);
    }
}

static void nonblocking(uint32_t fd) {
    int32_t error = wasix_fd_fdstat_set_flags(fd, WASIX_FD_NONBLOCK);
    if (error != 0) {
        fail("set flags", error);
    }
}

static void accept_all(void) {
    uint32_t fd;
    int32_t error;
    while ((error = accept_from(listener, &fd)) == 0) {
        nonblocking(fd);
        control(WASIX_EPOLL_ADD, fd);
    }
    if (error != 6) {
        fail("accept", error);
    }
    control(WASIX_EPOLL_MOD, listener);
}

/* The answer goes out blocking: what the client does not read stays in this thread, and the others serve on. */
static void answer(uint32_t fd, const uint8_t *data, uint32_t size) {
    wasix_ciovec vector = {data, size};
    while (vector.len > 0) {
        uint32_t done = 0;
        int32_t error = wasix_sock_send(fd, &vector, 1, 0, &done);
        if (error == 6) {
            error = poll_for(fd, WASIX_EVENT_FD_WRITE);
        }
        if (error != 0) {
            return;
        }
        vector.buf = (const uint8_t *)vector.buf + done;
        vector.len -= done;
    }
}

static void serve(thread *t, uint32_t fd) {
    uint8_t data[4096];
    uint32_t size = 0;
    int32_t error = receive(fd, data, sizeof data, &size);
    if (error == 6) {
        control(WASIX_EPOLL_MOD, fd);
    } else if (error != 0 || size == 0) {
        wasix_fd_close(fd);
    } else {
        if (size == 1 && data[0] == '?') {
            data[0] = (uint8_t)('0' + t->number % 10);
        }
        answer(fd, data, size);
        control(WASIX_EPOLL_MOD, fd);
    }
}

static void work(thread *t) {
    wasix_epoll_event events[4];
    for (;;) {
        uint32_t count = 0;
        int32_t error = wasix_epoll_wait(epoll, events, 4, WASIX_FOREVER, &count);
        if (error != 0) {
            fail("epoll_wait", error);
        }
        for (uint32_t i = 0; i < count; i++) {
            if (events[i].data.fd == listener) {
                accept_all();
            } else {
                serve(t, events[i].data.fd);
            }
        }
    }
}

int run(void) {
    int32_t port = argc == 2 || argc == 3 ? text_number(argv[1]) : -1;
    int32_t count = argc == 3 ? text_number(argv[2]) : 4;
    if (port < 0 || port > 65535 || count < 1 || count > 9) {
        print(2, "usage: epoll-server PORT [THREADS]\n");
        return 2;
    }
    wasix_addr_port address;
    int32_t error = wasix_epoll_create(&epoll);
    if (error != 0) {
        fail("epoll_create", error);
    }
    listener = listen_on((uint16_t)port, &address);
    nonblocking(listener);
    control(WASIX_EPOLL_ADD, listener);
    thread *pool[9];
    for (int32_t i = 0; i < count; i++) {
        if ((error = thread_start(work, 0, &pool[i])) != 0) {
            fail("thread", error);
        }
    }
    print(1, "listening on 127.0.0.1:%u\n", (uint32_t)wasix_port(&address));
    for (int32_t i = 0; i < count; i++) {
        thread_finish(pool[i]);
    }
    return 0;
}
