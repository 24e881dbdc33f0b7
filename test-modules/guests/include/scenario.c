/* The part of a scenario guest that all have in common. */
#include "scenario.h"

#ifdef __wasi__
#include "wasix.h"
#else
#include <signal.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *section = "";

#ifdef __wasi__
/* What wasix-libc exports: here every signal is ignored. */
__attribute__((export_name("__wasm_signal"))) void ignore_signal(int signal) {
    (void)signal;
}
#endif

void scenario_start(void) {
#ifdef __wasi__
    wasix_callback_signal("__wasm_signal", 13);
#else
    signal(SIGPIPE, SIG_IGN);
#endif
    scenario_lines();
}

void scenario_lines(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
}

void fact(const char *what, const char *value) {
    printf("%s, %s: %s\n", section, what, value);
}

void step(const char *what, int error) {
    fact(what, net_errname(error));
}

void yes(const char *what, int condition) {
    fact(what, condition ? "yes" : "no");
}

void number(const char *what, int64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    fact(what, text);
}

void moved(const char *what, int error, const size_t *count) {
    char text[64];
    if (error == 0) {
        snprintf(text, sizeof text, "success, %zu bytes", *count);
        fact(what, text);
    } else {
        step(what, error);
    }
}

void need(const char *what, int error) {
    if (error != 0) {
        printf("%s, cannot go on, %s: %s\n", section, what, net_errname(error));
        exit(1);
    }
}

unsigned ready(int fd, unsigned want, int64_t ns) {
    net_pollfd entry = {.fd = fd, .want = want};
    size_t count;
    need("poll", net_poll(&entry, 1, ns, &count));
    return entry.got;
}

void await(int fd, unsigned want) {
    if (ready(fd, want, 5000 * MS) == 0) {
        need("waiting", ETIMEDOUT);
    }
}

void rest(void) {
    size_t count;
    net_poll(NULL, 0, 50 * MS, &count);
}

void readiness(const char *what, int fd) {
    net_pollfd entry = {.fd = fd, .want = NET_READ | NET_WRITE};
    size_t count;
    int error = net_poll(&entry, 1, 0, &count);
    if (error != 0) {
        step(what, error);
    } else if (entry.got & NET_ERROR) {
        char text[64];
        snprintf(text, sizeof text, "error %s", net_errname(entry.error));
        fact(what, text);
    } else {
        static const char *const names[] = {
            "nothing", "read", "write", "read write", "hangup", "read hangup", "write hangup", "read write hangup",
        };
        fact(what, names[entry.got & 7]);
    }
}

void last_error(const char *what, int fd) {
    int64_t value = -1;
    int error = net_get_size(fd, NET_LAST_ERROR, &value);
    step(what, error != 0 ? error : (int)value);
}

int same_address(const net_addr *a, const net_addr *b) {
    return same_host(a, b) && a->port == b->port;
}

int same_host(const net_addr *a, const net_addr *b) {
    return a->family == b->family && memcmp(a->octets, b->octets, 16) == 0;
}
