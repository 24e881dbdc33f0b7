/*
 * Threads of a guest without a C library, by any of the four ways that the generations have. -DTHREAD_FORM chooses:
 * THREAD_WASI       wasi.thread-spawn, today's libc
 * THREAD_V2         wasix_32v1.thread_spawn_v2
 * THREAD_RECORD     wasix_32v1.thread_spawn with a record, 2023-03 to 2023-05
 * THREAD_USER_DATA  wasix_32v1.thread_spawn with user data, 2022-10 to 2023-03
 */
#ifndef THREADS_H
#define THREADS_H

#include "wasix.h"

#define THREAD_WASI 1
#define THREAD_V2 2
#define THREAD_RECORD 3
#define THREAD_USER_DATA 4

#ifndef THREADS
#define THREADS 64 /* how many there can be at a time */
#endif
#ifndef THREAD_STACK
#define THREAD_STACK 16384
#endif

typedef struct thread {
    wasix_thread_start record; /* first: the assembler part finds it here */
    uint32_t tid;
    void (*body)(struct thread *);
    void *argument;
    uint32_t number;
} thread;

/*
 * Starts a thread in a free place. Answers 0, or the errno of the host; 6 (again) when no place is free. The caller
 * may be told of the thread by *started before or after the body has begun.
 */
int32_t thread_start(void (*body)(thread *), void *argument, thread **started);

/* Waits for its last instruction, on a futex that the thread wakes itself, and frees its place. */
void thread_finish(thread *t);

int thread_has_ended(const thread *t);

/* Frees the place of a thread as soon as it ends: nobody waits for it. */
void thread_detach(thread *t);

/* A mutex, as futexes make one: 0 free, 1 locked, 2 locked and somebody waits. */
void mutex_lock(uint32_t *mutex);
void mutex_unlock(uint32_t *mutex);

/* Waits until a word has reached a value; adds to a word and wakes who waits. */
void word_await(uint32_t *word, uint32_t value);
void word_add(uint32_t *word, uint32_t by);

void sleep_ms(uint32_t ms);

#endif
