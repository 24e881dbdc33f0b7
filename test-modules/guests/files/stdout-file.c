// Standard output that was redirected to a file is a file: it has a size and an offset, which is shared with whoever
// redirected it. Tells what it finds on standard error, a line a step; on a pipe the same source tells what a pipe is.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void tell(const char *step, long long result) {
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", step,
                errno == ESPIPE ? "spipe" : errno == EINVAL ? "inval" : strerror(errno));
    } else {
        fprintf(stderr, "%s: %lld\n", step, result);
    }
}

static void look(const char *step) {
    struct stat st;
    if (fstat(1, &st) < 0) {
        tell(step, -1);
    } else {
        fprintf(stderr, "%s: %s, size %lld\n", step, S_ISREG(st.st_mode) ? "file" : "no file",
                S_ISREG(st.st_mode) ? (long long)st.st_size : 0LL);
    }
}

int main(void) {
    look("at first");
    tell("where", lseek(1, 0, SEEK_CUR));
    tell("write", write(1, "0123456789", 10));
    tell("where", lseek(1, 0, SEEK_CUR));
    tell("seek to 2", lseek(1, 2, SEEK_SET));
    tell("write there", write(1, "XY", 2));
    tell("seek to 3 before the end", lseek(1, -3, SEEK_END));
    tell("write there", write(1, "!", 1));
    tell("seek before the start", lseek(1, -100, SEEK_CUR));
    tell("where", lseek(1, 0, SEEK_CUR));
    look("now");
    tell("cut it off", ftruncate(1, 9));
    look("now");
    tell("seek behind the end", lseek(1, 12, SEEK_SET));
    tell("write there", write(1, "end", 3));
    look("now");
    tell("seek back", lseek(1, 6, SEEK_SET));
    return 0;
}
