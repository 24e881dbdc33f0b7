/* Something is missing here: a function. */
#include "library.h"

int lonely_missing(int x);

int lonely_works(void) {
    return 3;
}

int lonely_fails(void) {
    return lonely_missing(1);
}
