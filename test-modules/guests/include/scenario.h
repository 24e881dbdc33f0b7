/*
 * What a scenario guest reports with: one line a step, "section, what: errno name", or a fact that does not vary. The
 * native build of the same source says what is to come; see sock-states.c.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "net.h"

#define MS INT64_C(1000000)

/* A step that Linux has no call for: the native build prints what is expected. */
#ifdef __wasi__
#define WASIX_ONLY(what, call, expected) step(what, call)
#else
#define WASIX_ONLY(what, call, expected) fact(what, expected)
#endif

/* The first part of the lines that follow. */
extern const char *section;

/* No SIGPIPE, and what was printed is seen even when a step never ends. */
void scenario_start(void);

/* Works in another folder from here on (folder.c). */
void scenario_folder(const char *path);
/* What was printed is seen even when a step never ends. For guests whose signals do what they do by default. */
void scenario_lines(void);

void fact(const char *what, const char *value);
void step(const char *what, int error);
void yes(const char *what, int condition);
void number(const char *what, int64_t value);
/* A transfer: the errno, and the count when it worked. */
void moved(const char *what, int error, const size_t *count);
/* What must work for the walk to go on. */
void need(const char *what, int error);

/* What of the wanted directions is ready within the time, NET_HANGUP and NET_ERROR beside them. */
unsigned ready(int fd, unsigned want, int64_t ns);
/* Waits until one of them is; ends the program when that takes seconds. */
void await(int fd, unsigned want);
/* Gives the network a moment. */
void rest(void);
/* Reports what a look at a descriptor tells: "read write hangup". */
void readiness(const char *what, int fd);
/* Reports and clears the pending error of a socket. */
void last_error(const char *what, int fd);

int same_address(const net_addr *a, const net_addr *b);
int same_host(const net_addr *a, const net_addr *b);

#endif
