/* What the programs of this folder need of a system, on Linux and on WASIX. */
#ifndef DL_H
#define DL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define DL_LAZY 1
#define DL_NOW 2
#define DL_GLOBAL 4
#define DL_NOLOAD 8
#define DL_STAYS 0 /* a library always stays */
#else
#include <dlfcn.h>
#define DL_LAZY RTLD_LAZY
#define DL_NOW RTLD_NOW
#define DL_GLOBAL RTLD_GLOBAL
#define DL_NOLOAD RTLD_NOLOAD
#define DL_STAYS RTLD_NODELETE
#endif

/* Opens a library; 0 when that fails. No name is the program itself. */
void *dl_open(const char *name, int flags);

/* A symbol of a library, or of everything global when there is no library; 0 when there is none. */
void *dl_symbol(void *library, const char *name);

/* Closes a library; 0 when it was one. */
int dl_close(void *library);

/* Why the last of these failed. */
const char *dl_problem(void);

/* Prints a line; %u is a number, %s a text. */
void say(const char *format, ...);

#endif
