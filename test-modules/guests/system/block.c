/*
 * block WHERE: prints "waiting in WHERE" and stays there: accept, recv, poll, sleep, futex, stdin, calls (a loop of host
 * calls) or loop (a loop of nothing). For the ways in which a host can end a guest; it never ends by itself, but for
 * stdin, where it ends with 0 at the end of the file.
 */
#include <stdio.h>
#include <string.h>

#include "net.h"
#include "wasix.h"

static uint32_t word;
static volatile uint32_t turns;

static int refused(const char *what, int error) {
    fprintf(stderr, "%s: %s\n", what, net_errname(error));
    return 1;
}

static void say(const char *where) {
    printf("waiting in %s\n", where);
    fflush(stdout);
}

static int in_network(const char *where) {
    net_addr address = net_loopback(NET_INET4, 0);
    int listener;
    int client;
    int server;
    int error;
    size_t count;
    char byte;
    if ((error = net_socket(NET_INET4, NET_STREAM, 0, &listener)) != 0
            || (error = net_bind(listener, &address)) != 0 || (error = net_listen(listener, 16)) != 0
            || (error = net_local(listener, &address)) != 0) {
        return refused("listen", error);
    }
    if (strcmp(where, "accept") == 0) {
        say(where);
        while ((error = net_accept(listener, 0, &server, NULL)) == 0) {
            net_close(server);
        }
        return refused(where, error);
    }
    if (strcmp(where, "poll") == 0) {
        net_pollfd polled = {.fd = listener, .want = NET_READ};
        say(where);
        while ((error = net_poll(&polled, 1, NET_NO_TIME, &count)) == 0) {
            /* who connects is left in the backlog: a poll that does not wait is a loop of calls */
        }
        return refused(where, error);
    }
    if ((error = net_socket(NET_INET4, NET_STREAM, 0, &client)) != 0 || (error = net_connect(client, &address)) != 0
            || (error = net_accept(listener, 0, &server, NULL)) != 0) {
        return refused("connect", error);
    }
    say(where);
    while ((error = net_recv(client, &byte, 1, 0, &count)) == 0) {
        /* nobody sends */
    }
    return refused(where, error);
}

int main(int argc, char **argv) {
    const char *where = argc == 2 ? argv[1] : "";
    if (strcmp(where, "accept") == 0 || strcmp(where, "poll") == 0 || strcmp(where, "recv") == 0) {
        return in_network(where);
    }
    if (strcmp(where, "sleep") == 0) {
        say(where);
        for (;;) {
            wasix_thread_sleep(UINT64_C(3600000000000));
        }
    }
    if (strcmp(where, "futex") == 0) {
        wasix_option_timestamp forever = {0};
        uint8_t woken;
        say(where);
        for (;;) {
            wasix_futex_wait(&word, 0, &forever, &woken);
        }
    }
    if (strcmp(where, "stdin") == 0) {
        say(where);
        while (getchar() != EOF) {
            /* the text does not matter */
        }
        return 0;
    }
    if (strcmp(where, "calls") == 0) {
        say(where);
        for (;;) {
            wasix_sched_yield();
        }
    }
    if (strcmp(where, "loop") == 0) {
        say(where);
        for (;;) {
            turns++;
        }
    }
    fprintf(stderr, "usage: block accept|recv|poll|sleep|futex|stdin|calls|loop\n");
    return 2;
}
