// Fills a file in /tmp until there is no room or it has so many MiB, and then asks for memory: both come out of one limit.
// With a second argument it tells what that descriptor is, first.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char chunk[65536];

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "fill MIB [DESCRIPTOR]\n");
        return 2;
    }
    if (argc > 2) {
        struct stat st;
        printf("descriptor %s: %s\n", argv[2],
               fstat(atoi(argv[2]), &st) < 0 ? "none" : S_ISSOCK(st.st_mode) ? "socket" : S_ISDIR(st.st_mode) ? "directory" : "other");
    }
    int fd = open("/tmp/file", O_RDWR | O_CREAT, 0666);
    if (fd < 0) {
        printf("open: %s\n", strerror(errno));
        return 1;
    }
    memset(chunk, 'x', sizeof chunk);
    long total = 0;
    errno = 0;
    while (total < atol(argv[1]) << 20) {
        ssize_t count = write(fd, chunk, sizeof chunk);
        if (count < 0) {
            break;
        }
        total += count;
    }
    printf("file: %ld MiB, then %s\n", total >> 20, errno == ENOSPC ? "nospc" : errno ? strerror(errno) : "enough");
    printf("memory: %s\n", __builtin_wasm_memory_grow(0, 8) == (size_t)-1 ? "refused" : "given");
    unlink("/tmp/file");
    close(fd);
    printf("after unlink: %s\n", __builtin_wasm_memory_grow(0, 8) == (size_t)-1 ? "refused" : "given");
    return 0;
}
