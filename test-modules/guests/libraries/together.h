/* Threads for the programs of this folder that also run on Linux. */
#ifndef TOGETHER_H
#define TOGETHER_H

#include <stdint.h>

/* Starts a thread, and ends the process when there is none. */
void *thread_begin(void (*body)(void));

/* Waits for its end. */
void thread_end(void *thread);

/* Waits until a word has reached a value; adds to a word and wakes who waits. */
void word_await(uint32_t *word, uint32_t value);
void word_add(uint32_t *word, uint32_t by);

/* What the constructor of libslow.so and the function of libbusy.so wait for and tell. */
extern uint32_t program_waiting;
extern uint32_t program_inside;
extern uint32_t program_go_on;

#endif
