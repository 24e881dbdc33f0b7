/*
 * What a guest needs that has no C library: the one of Debian is built for one thread and cannot be linked to shared
 * memory.
 */
#ifndef FREESTANDING_H
#define FREESTANDING_H

#include "wasix.h"

/* The arguments; argv[argc] is a null pointer. Ends the process with 2 when they are too many. */
extern uint32_t argc;
extern char *argv[];

int text_equal(const char *a, const char *b);

/* A decimal number, or -1. */
int32_t text_number(const char *text);

/* The name of an errno, as the specification has it. */
const char *errno_name(int32_t error);

/* Writes text in one call: %s a string, %u a number, %e the name of an errno. */
void print(uint32_t fd, const char *format, ...);

/* print to standard error, then proc_exit(1). */
_Noreturn void fail(const char *what, int32_t error);

/* A listener on 127.0.0.1; answers its address too. */
uint32_t listen_on(uint16_t port, wasix_addr_port *address);

/* A socket connected to an address. */
uint32_t connect_to(const wasix_addr_port *address);

/* One buffer. Answer the errno. */
int32_t receive(uint32_t fd, void *data, uint32_t size, uint32_t *done);
int32_t send_all(uint32_t fd, const void *data, uint32_t size);
int32_t read_fd(uint32_t fd, void *data, uint32_t size, uint32_t *done);

/* accept, in the form of the generation. */
int32_t accept_from(uint32_t listener, uint32_t *fd);

/* poll_oneoff on one descriptor: answers its errno, that of the event when the call succeeds. */
int32_t poll_for(uint32_t fd, uint8_t what);

/* The guest's part: everything after the arguments were read. */
int run(void);

#endif
