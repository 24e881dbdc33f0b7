/*
 * files: reads a preopened directory (descriptor 3) through the imports themselves and tries to leave it. Prints one
 * line a step. The tree that it expects stands in files.json.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"
#include "wasix.h"

#define ROOT 3
#define READ_RIGHTS (WASIX_RIGHT_FD_READ | WASIX_RIGHT_FD_SEEK | WASIX_RIGHT_FD_TELL | WASIX_RIGHT_FD_READDIR \
        | WASIX_RIGHT_PATH_OPEN | WASIX_RIGHT_PATH_FILESTAT_GET | WASIX_RIGHT_FD_FILESTAT_GET \
        | WASIX_RIGHT_POLL_FD_READWRITE)

static void step(const char *what, int error) {
    printf("%s: %s\n", what, net_errname(error));
}

static const char *type_name(uint8_t type) {
    return type == WASIX_FILETYPE_DIRECTORY ? "directory"
            : type == WASIX_FILETYPE_REGULAR_FILE ? "file"
            : type == WASIX_FILETYPE_SYMBOLIC_LINK ? "link" : "other";
}

static int open_at(uint32_t directory, const char *path, uint32_t follow, uint16_t flags, uint32_t *fd) {
    return wasix_path_open(directory, follow, path, (uint32_t)strlen(path), flags, READ_RIGHTS, READ_RIGHTS, 0, fd);
}

/* Opens, prints and closes. */
static void try_open(const char *path, uint32_t follow, uint16_t flags) {
    uint32_t fd;
    char what[128];
    int error = open_at(ROOT, path, follow, flags, &fd);
    snprintf(what, sizeof what, "open \"%s\"%s%s", path, follow ? "" : ", no follow",
            flags & WASIX_O_DIRECTORY ? ", directory" : "");
    step(what, error);
    if (error == 0) {
        wasix_fd_close(fd);
    }
}

static void try_stat(const char *path, uint32_t follow) {
    wasix_filestat stat;
    int error = wasix_path_filestat_get(ROOT, follow, path, (uint32_t)strlen(path), &stat);
    printf("stat \"%s\"%s: %s%s%s\n", path, follow ? "" : ", no follow", net_errname(error), error == 0 ? ", " : "",
            error == 0 ? type_name(stat.filetype) : "");
}

static void show_read(const char *what, int error, const char *data, uint32_t count) {
    if (error != 0) {
        step(what, error);
    } else {
        printf("%s: success, [%.*s]\n", what, (int)count, data);
    }
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lists through a buffer of a size, sorted. */
static void list(uint32_t fd, uint32_t size) {
    char *buffer = malloc(size);
    char *names[64];
    int count = 0;
    uint64_t cookie = 0;
    for (;;) {
        uint32_t used = 0;
        uint32_t at = 0;
        int error = wasix_fd_readdir(fd, (uint8_t *)buffer, size, cookie, &used);
        if (error != 0) {
            step("list", error);
            break;
        }
        while (at + sizeof(wasix_dirent) <= used && count < 64) {
            wasix_dirent entry;
            memcpy(&entry, buffer + at, sizeof entry);
            const char *name = buffer + at + sizeof entry;
            if (at + sizeof entry + entry.d_namlen > used) {
                break;
            }
            cookie = entry.d_next;
            at += (uint32_t)sizeof entry + entry.d_namlen;
            if (entry.d_namlen <= 2 && memcmp(name, "..", entry.d_namlen) == 0) {
                continue; /* whether . and .. are listed is open */
            }
            size_t room = entry.d_namlen + 16;
            names[count] = malloc(room);
            snprintf(names[count], room, "%.*s (%s)", (int)entry.d_namlen, name, type_name(entry.d_type));
            count++;
        }
        if (used < size || at == 0) {
            break;
        }
    }
    qsort(names, (size_t)count, sizeof names[0], by_name);
    printf("list with %u bytes:", (unsigned)size);
    for (int i = 0; i < count; i++) {
        printf("%s %s", i == 0 ? "" : ",", names[i]);
        free(names[i]);
    }
    printf("\n");
    free(buffer);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0); /* what was printed is seen even when a step never ends */
    wasix_prestat prestat;
    wasix_fdstat fdstat;
    wasix_filestat stat;
    char data[64];
    uint32_t fd = 0;
    uint32_t count = 0;
    uint64_t offset = 0;
    wasix_iovec five = {data, 5};
    wasix_iovec all = {data, sizeof data};

    step("preopened", wasix_fd_prestat_get(ROOT, &prestat));
    memset(data, 0, sizeof data);
    if (prestat.name_len < sizeof data) {
        step("its name", wasix_fd_prestat_dir_name(ROOT, data, prestat.name_len));
        printf("it has one: %s\n", data[0] != 0 ? "yes" : "no");
    }
    step("a second preopened", wasix_fd_prestat_get(ROOT + 1, &prestat));
    list(ROOT, 4096);
    list(ROOT, 64);

    step("open \"hello.txt\"", open_at(ROOT, "hello.txt", 1, 0, &fd));
    step("fdstat", wasix_fd_fdstat_get(fd, &fdstat));
    printf("type: %s\n", type_name(fdstat.fs_filetype));
    step("filestat", wasix_fd_filestat_get(fd, &stat));
    printf("type: %s, size: %llu\n", type_name(stat.filetype), (unsigned long long)stat.size);
    show_read("read 5", wasix_fd_read(fd, &five, 1, &count), data, count);
    wasix_fd_tell(fd, &offset);
    printf("tell: %llu\n", (unsigned long long)offset);
    show_read("pread 5 at 7", wasix_fd_pread(fd, &five, 1, 7, &count), data, count);
    wasix_fd_tell(fd, &offset);
    printf("tell after pread: %llu\n", (unsigned long long)offset);
    step("seek to 2 before the end", wasix_fd_seek(fd, -2, WASIX_SEEK_END, &offset));
    printf("offset: %llu\n", (unsigned long long)offset);
    show_read("read", wasix_fd_read(fd, &five, 1, &count), data, count - (count > 0));
    show_read("read at the end", wasix_fd_read(fd, &five, 1, &count), data, count);
    step("seek to 7", wasix_fd_seek(fd, 7, WASIX_SEEK_SET, &offset));
    step("seek 2 back", wasix_fd_seek(fd, -2, WASIX_SEEK_CUR, &offset));
    printf("offset: %llu\n", (unsigned long long)offset);
    step("seek before the start", wasix_fd_seek(fd, -1, WASIX_SEEK_SET, &offset));
    step("seek with an unknown whence", wasix_fd_seek(fd, 0, 9, &offset));
    step("seek behind the end", wasix_fd_seek(fd, 1000, WASIX_SEEK_SET, &offset));
    show_read("read behind the end", wasix_fd_read(fd, &five, 1, &count), data, count);
    step("open inside a file", open_at(fd, "hello.txt", 1, 0, &count));
    step("close", wasix_fd_close(fd));
    step("read when closed", wasix_fd_read(fd, &five, 1, &count));

    step("open \"sub\"", open_at(ROOT, "sub", 1, WASIX_O_DIRECTORY, &fd));
    list(fd, 4096);
    uint32_t inner = 0;
    step("open \"inner.txt\" in it", open_at(fd, "inner.txt", 1, 0, &inner));
    show_read("read", wasix_fd_read(inner, &all, 1, &count), data, count - (count > 0));
    wasix_fd_close(inner);
    step("open \"../hello.txt\" in it", open_at(fd, "../hello.txt", 1, 0, &inner));
    wasix_fd_close(fd);

    try_open("missing", 1, 0);
    try_open("missing/x", 1, 0);
    try_open("", 1, 0);
    try_open(".", 1, WASIX_O_DIRECTORY);
    try_open("hello.txt", 1, WASIX_O_DIRECTORY);
    try_open("hello.txt/x", 1, 0);
    try_open("sub/inner.txt", 1, 0);
    try_open("./sub/./inner.txt", 1, 0);
    try_open("sub//inner.txt", 1, 0);
    try_open("sub/../hello.txt", 1, 0);
    try_open("..", 1, WASIX_O_DIRECTORY);
    try_open("../outside.txt", 1, 0);
    try_open("sub/../../outside.txt", 1, 0);
    try_open("sub/../../data/hello.txt", 1, 0);
    try_open("/", 1, WASIX_O_DIRECTORY);
    try_open("/etc/passwd", 1, 0);
    try_open("inside", 1, 0);
    try_open("inside", 0, 0);
    try_open("out", 1, 0);
    try_open("up", 1, WASIX_O_DIRECTORY);
    try_open("up/outside.txt", 1, 0);
    try_open("up/outside.txt", 0, 0);
    try_open("root", 1, WASIX_O_DIRECTORY);
    try_open("loop", 1, 0);
    try_stat("hello.txt", 1);
    try_stat("sub", 1);
    try_stat("inside", 1);
    try_stat("inside", 0);
    try_stat("out", 1);
    try_stat("out", 0);
    try_stat("../outside.txt", 1);
    char *long_path = malloc(5000);
    memset(long_path, 'a', 4999);
    long_path[4999] = 0;
    step("open a path of 4999 bytes", open_at(ROOT, long_path, 1, 0, &fd));
    long_path[300] = 0;
    step("open a name of 300 bytes", open_at(ROOT, long_path, 1, 0, &fd));
    free(long_path);
    step("open in stdin", open_at(0, "hello.txt", 1, 0, &fd));
    step("open in a closed directory", open_at(12345, "hello.txt", 1, 0, &fd));
    return 0;
}
