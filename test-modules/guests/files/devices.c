// What programs find in /dev, /dev/shm and /tmp, and how it behaves: one line a step. The same source is built for Linux
// and for WASI; what the Linux program prints is what the guest has to print (build.sh makes the expectation).
//
// Leaves /dev as it is, and in /dev/shm and /tmp removes what it makes. Left out is what depends on who runs it.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *name(int error) {
    static char other[32];
    switch (error) {
        case 0: return "success";
        case EACCES: return "acces";
        case EBADF: return "badf";
        case EEXIST: return "exist";
        case EINVAL: return "inval";
        case EISDIR: return "isdir";
        case ELOOP: return "loop";
        case ENODEV: return "nodev";
        case ENOENT: return "noent";
        case ENOSPC: return "nospc";
        case ENOTDIR: return "notdir";
        case ENOTEMPTY: return "notempty";
        case ENOTTY: return "notty";
        case ENXIO: return "nxio";
        case EPERM: return "perm";
        case ESPIPE: return "spipe";
        case EXDEV: return "xdev";
    }
    snprintf(other, sizeof other, "errno %d", error);
    return other;
}

static const char *section = "";

static void tell(const char *step, long long result) {
    if (result < 0) {
        printf("%s, %s: %s\n", section, step, name(errno));
    } else {
        printf("%s, %s: %lld\n", section, step, result);
    }
    fflush(stdout);
}

static int done(const char *step, int result) {
    printf("%s, %s: %s\n", section, step, name(result < 0 ? errno : 0));
    fflush(stdout);
    return result;
}

static void say(const char *step, const char *text) {
    printf("%s, %s: %s\n", section, step, text);
    fflush(stdout);
}

static void try_open(const char *step, const char *path, int flags) {
    int fd = open(path, flags, 0666);
    done(step, fd);
    if (fd >= 0) {
        close(fd);
    }
}

static void kind(const char *step, const struct stat *st) {
    char text[100];
    snprintf(text, sizeof text, "%s, size %lld",
             S_ISCHR(st->st_mode)   ? "character device"
             : S_ISREG(st->st_mode) ? "file"
             : S_ISDIR(st->st_mode) ? "directory"
             : S_ISLNK(st->st_mode) ? "link"
                                    : "other",
             S_ISDIR(st->st_mode) || S_ISLNK(st->st_mode) ? 0LL : (long long)st->st_size);
    say(step, text);
}

static void stat_step(const char *step, const char *path, int follow) {
    struct stat st;
    if ((follow ? stat : lstat)(path, &st) < 0) {
        tell(step, -1);
    } else {
        kind(step, &st);
    }
}

static int all(const char *buffer, size_t length, char c) {
    for (size_t i = 0; i < length; i++) {
        if (buffer[i] != c) {
            return 0;
        }
    }
    return 1;
}

static void device(const char *path, int random) {
    char buffer[100];
    section = path;
    stat_step("stat", path, 1);
    stat_step("lstat", path, 0);
    done("access", access(path, R_OK | W_OK));
    try_open("open for reading", path, O_RDONLY);
    try_open("open for writing", path, O_WRONLY);
    try_open("open, truncating", path, O_WRONLY | O_TRUNC);
    try_open("open, creating", path, O_WRONLY | O_CREAT);
    try_open("open, creating exclusively", path, O_WRONLY | O_CREAT | O_EXCL);
    try_open("open as a directory", path, O_RDONLY | O_DIRECTORY);
    try_open("open for appending", path, O_WRONLY | O_APPEND);
    snprintf(buffer, sizeof buffer, "%s/", path);
    try_open("open with a slash behind", buffer, O_RDONLY);
    snprintf(buffer, sizeof buffer, "%s/x", path);
    try_open("open below it", buffer, O_RDONLY);
    done("mkdir over it", mkdir(path, 0777));
    done("rmdir it", rmdir(path));
    int fd = open(path, O_RDWR);
    done("open for both", fd);
    struct stat st;
    if (fstat(fd, &st) == 0) {
        kind("fstat", &st);
    }
    tell("isatty", isatty(fd));
    memset(buffer, 'x', sizeof buffer);
    ssize_t length = read(fd, buffer, sizeof buffer);
    tell("read", length);
    if (!random && length > 0) {
        tell("all zeros", all(buffer, length, 0));
    } else if (random) {
        tell("something else", !all(buffer, length, 'x'));
    }
    tell("read nothing", read(fd, buffer, 0));
    tell("write", write(fd, "hello", 5));
    tell("write nothing", write(fd, "", 0));
    tell("seek to 5", lseek(fd, 5, SEEK_SET));
    tell("where", lseek(fd, 0, SEEK_CUR));
    tell("seek to the end", lseek(fd, 0, SEEK_END));
    tell("seek before the start", lseek(fd, -5, SEEK_SET));
    tell("pread", pread(fd, buffer, 10, 100));
    tell("pread before the start", pread(fd, buffer, 10, -1));
    tell("pwrite", pwrite(fd, "hello", 5, 100));
    tell("pwrite before the start", pwrite(fd, "hello", 5, -1));
    done("truncate", ftruncate(fd, 0));
    done("sync", fsync(fd));
    errno = posix_fallocate(fd, 0, 10);
    done("allocate", errno ? -1 : 0);
    struct pollfd entry = {.fd = fd, .events = POLLIN | POLLOUT};
    tell("poll", poll(&entry, 1, 0));
    tell("in and out", entry.revents == (POLLIN | POLLOUT));
    tell("for both", (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
    done("non-blocking", fcntl(fd, F_SETFL, O_NONBLOCK));
    tell("write", write(fd, "hello", 5));
    close(fd);
    fd = open(path, O_RDONLY);
    tell("write what is open for reading", write(fd, "x", 1));
    close(fd);
    fd = open(path, O_WRONLY);
    tell("read what is open for writing", read(fd, buffer, 1));
    close(fd);
}

static void listing(const char *path, const char *const *wanted) {
    DIR *dir = opendir(path);
    done("list", dir ? 0 : -1);
    if (!dir) {
        return;
    }
    int found[16] = {0};
    struct dirent *entry;
    while ((entry = readdir(dir))) {
        for (int i = 0; wanted[i]; i++) {
            found[i] |= strcmp(entry->d_name, wanted[i]) == 0;
        }
    }
    closedir(dir);
    for (int i = 0; wanted[i]; i++) {
        tell(wanted[i], found[i]);
    }
}

static void descriptors(void) {
    char buffer[20], path[40];
    section = "/dev/fd";
    stat_step("stat", "/dev/fd", 1);
    int fd = open("/tmp/wasix-devices", O_RDWR | O_CREAT | O_TRUNC, 0666);
    tell("write", write(fd, "content", 7));
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    stat_step("stat one", path, 1);
    int again = open(path, O_RDONLY);
    done("open one", again);
    tell("read it", pread(again, buffer, sizeof buffer, 0));
    close(again);
    close(fd);
    try_open("open one that is closed", path, O_RDONLY);
    stat_step("stat it", path, 1);
    try_open("open what is no number", "/dev/fd/x", O_RDONLY);
    done("unlink", unlink("/tmp/wasix-devices"));
    stat_step("stdin is a link", "/dev/stdin", 0);
    stat_step("stdout is a link", "/dev/stdout", 0);
    stat_step("stderr is a link", "/dev/stderr", 0);
    fd = open("/dev/stdout", O_WRONLY);
    done("open stdout", fd);
    tell("write to it", write(fd, "/dev/fd, written to stdout\n", 27));
    close(fd);
    fd = open("/dev/stdin", O_RDONLY);
    done("open stdin", fd);
    tell("read from it", read(fd, buffer, 1));
    close(fd);
}

static void scratch(const char *folder) {
    char path[100], other[100], text[2000];
    section = folder;
    stat_step("stat", folder, 1);
    snprintf(path, sizeof path, "%s/wasix-a", folder);
    snprintf(other, sizeof other, "%s/wasix-b", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    done("create", fd);
    tell("write", write(fd, "0123456789", 10));
    done("truncate longer", ftruncate(fd, 8000));
    struct stat st;
    fstat(fd, &st);
    kind("fstat", &st);
    tell("links", (long)st.st_nlink);
    tell("pread a hole", pread(fd, text, 100, 5000));
    tell("all zeros", all(text, 100, 0));
    tell("pwrite over the end of a page", pwrite(fd, "across", 6, 4093));
    tell("pread it", pread(fd, text, 6, 4093));
    tell("is it", memcmp(text, "across", 6) == 0);
    done("truncate in the middle of it", ftruncate(fd, 4096));
    done("and longer again", ftruncate(fd, 4200));
    tell("pread it", pread(fd, text, 6, 4093));
    tell("cut off", memcmp(text, "acr\0\0\0", 6) == 0);
    done("link, as sem_open does", link(path, other));
    fstat(fd, &st);
    tell("links", (long)st.st_nlink);
    done("link again", link(path, other));
    done("unlink the first", unlink(path));
    try_open("open the second", other, O_RDWR | O_NOFOLLOW);
    done("unlink the second", unlink(other));
    fstat(fd, &st);
    tell("links", (long)st.st_nlink);
    tell("still read", pread(fd, text, 10, 0));
    tell("still written", write(fd, "more", 4));
    close(fd);
    try_open("it is gone", other, O_RDWR);
    done("mkdir", mkdir(path, 0777));
    done("mkdir again", mkdir(path, 0777));
    done("symlink", symlink("wasix-a", other));
    tell("readlink", readlink(other, text, sizeof text));
    stat_step("through it", other, 1);
    strcat(path, "/inside");
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    done("create in it", fd);
    tell("append", write(fd, "one", 3));
    tell("append", write(fd, "two", 3));
    tell("where", lseek(fd, 0, SEEK_CUR));
    close(fd);
    path[strlen(path) - 7] = 0;
    done("rmdir what is not empty", rmdir(path));
    done("unlink the directory", unlink(path) < 0 && (errno == EISDIR || errno == EPERM) ? 0 : -1);
    strcat(other, "/inside");
    strcpy(text, path);
    strcat(text, "/moved");
    done("rename", rename(other, text));
    done("rename what is gone", rename(other, text));
    done("rename a directory into itself", rename(path, text));
    done("rename into another file system", rename(text, strcmp(folder, "/tmp") ? "/dev/wasix" : "/dev/shm/wasix") < 0
                                                    ? (errno == EXDEV || errno == EROFS ? -1 : 0)
                                                    : 0);
    other[strlen(other) - 7] = 0;
    done("unlink", unlink(text));
    done("unlink the link", unlink(other));
    done("rmdir", rmdir(path));
    done("rmdir again", rmdir(path));
}

static void root(void) {
    static const char *const names[] = {"dev", "etc", "tmp", NULL};
    static const char *const devices[] = {"fd", "full", "null", "ptmx", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero", NULL};
    section = "/";
    done("chdir", chdir("/"));
    char path[100];
    say("getcwd", getcwd(path, sizeof path) ? path : "none");
    stat_step("stat", "/", 1);
    try_open("open", "/", O_RDONLY | O_DIRECTORY);
    try_open("open for writing", "/", O_WRONLY);
    stat_step("a relative name", "dev/null", 1);
    stat_step("nothing", "/wasix-nothing", 1);
    stat_step("below nothing", "/wasix-nothing/x", 1);
    done("mkdir over it", mkdir("/", 0777));
    listing("/", names);
    section = "/dev";
    stat_step("stat", "/dev", 1);
    stat_step("nothing", "/dev/wasix-nothing", 1);
    listing("/dev", devices);
    done("chdir", chdir("/dev"));
    stat_step("a relative name", "null", 1);
    stat_step("up and down", "../dev/shm/../null", 1);
    done("chdir to a device", chdir("/dev/null"));
    done("back", chdir("/"));
}

#ifdef WASIX
// Makes it a WASIX program, whose directories stay when it closes every descriptor, as daemons do.
__attribute__((import_module("wasix_32v1"), import_name("proc_id"))) int proc_id(int *pid);
#endif

static void after_closing(void) {
#ifdef WASIX
    int pid;
    proc_id(&pid);
#endif
    section = "/";
    stat_step("above it", "/..", 1);
    section = "after closing all descriptors";
    for (int fd = 3; fd < 200; fd++) {
        close(fd);
    }
    stat_step("stat", "/dev/null", 1);
    try_open("open", "/dev/null", O_RDWR);
    try_open("create", "/tmp/wasix-last", O_WRONLY | O_CREAT);
    done("unlink", unlink("/tmp/wasix-last"));
}

int main(int argc, char **argv) {
    (void)argv;
    root();
    device("/dev/null", 0);
    device("/dev/zero", 0);
    device("/dev/full", 0);
    device("/dev/random", 1);
    device("/dev/urandom", 1);
    descriptors();
    scratch("/dev/shm");
    scratch("/tmp");
    if (argc > 1) {
        after_closing();
    }
    return 0;
}
