/*
 * echo-server PORT: a thread for each connection. Blocking calls only: accept in the first thread, receive and send in
 * the others. Prints "listening on 127.0.0.1:PORT".
 */
#include "freestanding.h"
#include "threads.h"

static void serve(thread *t) {
    uint32_t fd = (uint32_t)(uintptr_t)t->argument;
    uint8_t data[4096];
    uint32_t size;
    while (receive(fd, data, sizeof data, &size) == 0 && size > 0 && send_all(fd, data, size) == 0) {
        /* until the client has nothing more to say */
    }
    wasix_fd_close(fd);
}

int run(void) {
    int32_t port = argc == 2 ? text_number(argv[1]) : -1;
    if (port < 0 || port > 65535) {
        print(2, "usage: echo-server PORT\n");
        return 2;
    }
    wasix_addr_port address;
    uint32_t listener = listen_on((uint16_t)port, &address);
    print(1, "listening on 127.0.0.1:%u\n", (uint32_t)wasix_port(&address));
    for (;;) {
        uint32_t fd;
        thread *t;
        int32_t error = accept_from(listener, &fd);
        if (error != 0) {
            fail("accept", error);
        }
        error = thread_start(serve, (void *)(uintptr_t)fd, &t);
        if (error != 0) {
            print(2, "no thread: %e\n", error);
            wasix_fd_close(fd);
        } else {
            thread_detach(t);
        }
    }
}
