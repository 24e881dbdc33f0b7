/* Uses a thread-local of the program. */
#include "library.h"

extern _Thread_local int program_local;

int borrow_add(int amount) {
    return program_local += amount;
}

int *borrow_place(void) {
    return &program_local;
}
