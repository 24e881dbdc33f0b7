/* How child processes end, as facts of a scenario. */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <errno.h>
#include <stdio.h>

#include "proc.h"
#include "scenario.h"

static inline void show_end(const char *what, const proc_status *status) {
    static const char *const kinds[] = {"nothing", "exited", "signaled", "stopped"};
    char text[32];
    snprintf(text, sizeof text, "%s %d", kinds[status->kind], status->number);
    fact(what, text);
}

/* Waits for a child; pid may be the negative answer of a call that was to make it. */
static inline void ended(const char *what, int pid) {
    proc_status status;
    int got = pid;
    while (pid >= 0 && (got = proc_wait(pid, 0, &status)) < 0 && errno == EINTR) {
        /* a signal came first */
    }
    if (got < 0 || got != pid) {
        step(what, errno);
        return;
    }
    show_end(what, &status);
}

#endif
