/*
 * prefork WORKERS PORT [HOST]: an echo server of several processes that accept on one listener, one client at a time each;
 * the first process only looks after them. Who ends, for whatever reason, is replaced.
 *
 * What a client begins with can be an order: '!' has the worker run into a trap, '9' has it kill itself, 'x' asks the
 * first process to kill any of them, 'p' tells the worker's number.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "proc.h"

#define MOST_WORKERS 32
#define LOOK_NS INT64_C(5000000)

static int listener;
static int orders[2];

static void trap(void) {
#ifdef __wasi__
    __builtin_trap();
#else
    abort();
#endif
}

static void send_all(int fd, const char *data, size_t size) {
    size_t sent;
    while (size > 0 && net_send(fd, data, size, 0, &sent) == 0) {
        data += sent;
        size -= sent;
    }
}

static void serve(int client) {
    char data[4096];
    size_t count;
    int first = 1;
    while (net_recv(client, data, sizeof data, 0, &count) == 0 && count > 0) {
        if (first && data[0] == '!') {
            trap();
        } else if (first && data[0] == '9') {
            proc_kill(proc_pid(), PROC_SIGKILL);
        } else if (first && data[0] == 'x') {
            if (write(orders[1], &data[count - 1], 1) != 1) {
                break;
            }
        } else if (first && data[0] == 'p') {
            count = snprintf(data, sizeof data, "%d", proc_pid());
        }
        first = 0;
        send_all(client, data, count);
    }
    net_close(client);
}

static int start_worker(void) {
    int pid = proc_fork();
    if (pid != 0) {
        return pid;
    }
    close(orders[0]);
    for (;;) {
        int client;
        int error = net_accept(listener, 0, &client, NULL);
        if (error == 0) {
            serve(client);
        } else if (error != EINTR && error != ECONNABORTED) {
            fprintf(stderr, "accept: %s\n", net_errname(error));
            proc_exit(1);
        }
    }
}

int main(int argc, char **argv) {
    int workers = argc > 1 ? atoi(argv[1]) : 0;
    int pids[MOST_WORKERS];
    if (workers < 1 || workers > MOST_WORKERS) {
        fprintf(stderr, "usage: prefork WORKERS PORT [HOST]\n");
        return 2;
    }
    listener = net_start_server(argc - 1, argv + 1, 64);
    net_set_nonblock(listener, 0);
    proc_pipe(orders);
    for (int i = 0; i < workers; i++) {
        pids[i] = start_worker();
    }
    for (;;) {
        net_pollfd wanted = {.fd = orders[0], .want = NET_READ};
        size_t ready;
        unsigned char which;
        net_poll(&wanted, 1, LOOK_NS, &ready);
        if (wanted.got & NET_READ && read(orders[0], &which, 1) == 1) {
            proc_kill(pids[which % workers], PROC_SIGKILL);
        }
        proc_status status;
        int ended;
        while ((ended = proc_wait(PROC_ANY, PROC_NOHANG, &status)) > 0) {
            for (int i = 0; i < workers; i++) {
                if (pids[i] == ended) {
                    pids[i] = start_worker();
                }
            }
        }
    }
}
