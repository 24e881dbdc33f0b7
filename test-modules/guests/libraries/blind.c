/* Something is missing here: a datum. */
#include "library.h"

extern int blind_missing;

int blind_reads(void) {
    return blind_missing;
}
