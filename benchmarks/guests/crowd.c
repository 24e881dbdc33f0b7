/*
 * crowd HOW PORT: an HTTP server of two workers, which accept on one listener and serve one client each. HOW is "threads"
 * or "processes". The same module does both, so that the figures differ in nothing else. Not built natively.
 */
#define THREADS 4
#include "freestanding.h"
#include "threads.h"

#define WORKERS 2

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";

static uint32_t listener;

static void serve(thread *t) {
    (void)t;
    for (;;) {
        uint32_t client;
        uint8_t data[4096];
        uint32_t size;
        int32_t error = accept_from(listener, &client);
        if (error != 0) {
            fail("accept", error);
        }
        /* a request comes in one piece: its client is the load client */
        while (receive(client, data, sizeof data, &size) == 0 && size > 0
                && send_all(client, answer, sizeof answer - 1) == 0) {
        }
        wasix_fd_close(client);
    }
}

int run(void) {
    int threads = argc > 1 && text_equal(argv[1], "threads");
    int32_t port = argc == 3 ? text_number(argv[2]) : -1;
    if (port < 0 || port > 65535) {
        print(2, "usage: crowd threads|processes PORT\n");
        return 2;
    }
    wasix_addr_port address;
    listener = listen_on((uint16_t)port, &address);
    for (int i = 0; i < WORKERS; i++) {
        thread *started;
        uint32_t pid = 1;
        int32_t error = threads ? thread_start(serve, 0, &started) : wasix_proc_fork(1, &pid);
        if (error != 0) {
            fail("worker", error);
        }
        if (pid == 0) {
            serve(0);
        }
    }
    print(1, "listening on 127.0.0.1:%u\n", (uint32_t)wasix_port(&address));
    for (;;) {
        sleep_ms(1000);
    }
}
