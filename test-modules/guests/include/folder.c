/* Another folder to work in: for a guest the C library and the host have to know. */
#include "scenario.h"

#ifdef __wasi__
#include "wasix.h"
#endif
#include <string.h>
#include <unistd.h>

void scenario_folder(const char *path) {
    need("folder", chdir(path) < 0 ? errno : 0);
#ifdef __wasi__
    need("folder", wasix_chdir(path, strlen(path)));
#endif
}
