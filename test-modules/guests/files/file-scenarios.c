// What POSIX programs do with files, and what they are told: one line a step. The same source is built for Linux and
// for WASI; what the Linux program prints is what the guest has to print (build.sh makes the expectation).
//
// Works below the current directory, which has to be empty. Left out is what wasi-libc decides by itself, other than
// Linux: the empty path (it makes "." of it), times set to now (it sends 1970).
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *name(int error) {
    static char other[32];
    switch (error) {
        case 0: return "success";
        case EACCES: return "acces";
        case EBADF: return "badf";
        case EBUSY: return "busy";
        case EEXIST: return "exist";
        case EFBIG: return "fbig";
        case EINVAL: return "inval";
        case EISDIR: return "isdir";
        case ELOOP: return "loop";
        case EMFILE: return "mfile";
        case ENAMETOOLONG: return "nametoolong";
        case ENOENT: return "noent";
        case ENOTDIR: return "notdir";
        case ENOTEMPTY: return "notempty";
        case ENXIO: return "nxio";
        case EOVERFLOW: return "overflow";
        case EPERM: return "perm";
        case EROFS: return "rofs";
        case ESPIPE: return "spipe";
        case EXDEV: return "xdev";
    }
    snprintf(other, sizeof other, "errno %d", error);
    return other;
}

static int steps;

static void tell(const char *step, long result) {
    printf("%d %s: ", ++steps, step);
    if (result < 0) {
        printf("%s\n", name(errno));
    } else {
        printf("%ld\n", result);
    }
    fflush(stdout);
}

// For calls whose only good answer is 0, and those that give a descriptor.
static int done(const char *step, int result) {
    printf("%d %s: %s\n", ++steps, step, name(result < 0 ? errno : 0));
    fflush(stdout);
    return result;
}

static void say(const char *step, const char *text) {
    printf("%d %s: %s\n", ++steps, step, text);
    fflush(stdout);
}

static void try_open(const char *step, const char *path, int flags) {
    int fd = open(path, flags, 0666);
    done(step, fd);
    if (fd >= 0) {
        close(fd);
    }
}

static void put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        say("cannot make a file", path);
        exit(1);
    }
    close(fd);
}

static void content(const char *step, const char *path) {
    char text[200];
    int fd = open(path, O_RDONLY);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (length < 0) {
        tell(step, -1);
    } else {
        text[length] = 0;
        for (ssize_t i = 0; i < length; i++) {
            if (!text[i]) {
                text[i] = '0';
            }
        }
        say(step, text);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static const char *kind(mode_t mode) {
    return S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "directory" : S_ISLNK(mode) ? "link" : "other";
}

static void stat_step(const char *step, const char *path, int follow) {
    struct stat st;
    if ((follow ? stat : lstat)(path, &st) < 0) {
        tell(step, -1);
        return;
    }
    char text[100];
    snprintf(text, sizeof text, "%s, size %lld, links %ld", kind(st.st_mode),
             S_ISDIR(st.st_mode) ? 0LL : (long long)st.st_size, S_ISDIR(st.st_mode) ? 0L : (long)st.st_nlink);
    say(step, text);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *step, const char *path) {
    DIR *dir = opendir(path);
    if (!dir) {
        tell(step, -1);
        return;
    }
    char *names[64];
    int count = 0;
    struct dirent *entry;
    while ((entry = readdir(dir)) && count < 64) {
        names[count++] = strdup(entry->d_name);
    }
    closedir(dir);
    qsort(names, count, sizeof *names, by_name);
    char text[2000] = "";
    for (int i = 0; i < count; i++) {
        strcat(strcat(text, i ? " " : ""), names[i]);
        free(names[i]);
    }
    say(step, text);
}

static void creating(void) {
    try_open("open what is not there", "missing", O_RDONLY);
    try_open("open below what is not there", "missing/x", O_RDONLY | O_CREAT);
    try_open("create", "file", O_WRONLY | O_CREAT | O_EXCL);
    try_open("create again, exclusively", "file", O_WRONLY | O_CREAT | O_EXCL);
    try_open("create again", "file", O_WRONLY | O_CREAT);
    try_open("create with a slash behind", "other/", O_WRONLY | O_CREAT);
    try_open("open a file with a slash behind", "file/", O_RDONLY);
    try_open("create a file with a slash behind", "file/", O_WRONLY | O_CREAT);
    try_open("create it exclusively", "file/", O_WRONLY | O_CREAT | O_EXCL);
    try_open("create a directory with a slash behind", "./", O_RDONLY | O_CREAT);
    try_open("create it exclusively", "./", O_RDONLY | O_CREAT | O_EXCL);
    try_open("create below a file, slash and dot behind", "file/.", O_WRONLY | O_CREAT);
    try_open("open a file with slash and dot behind", "file/.", O_RDONLY);
    try_open("open below a file", "file/x", O_RDONLY);
    try_open("open above a file", "file/..", O_RDONLY);
    try_open("open a file as a directory", "file", O_RDONLY | O_DIRECTORY);
    try_open("open a directory", ".", O_RDONLY);
    try_open("open a directory as one", ".", O_RDONLY | O_DIRECTORY);
    try_open("open a directory for writing", ".", O_WRONLY);
    try_open("open a directory for both", ".", O_RDWR);
    try_open("create a directory by open", ".", O_RDONLY | O_CREAT);
    try_open("truncate a directory", ".", O_WRONLY | O_TRUNC);
    char longer[400];
    memset(longer, 'n', sizeof longer);
    longer[256] = 0;
    try_open("open a name of 256 bytes", longer, O_RDONLY);
    longer[255] = 0;
    try_open("open a name of 255 bytes", longer, O_RDONLY);
    try_open("create a name of 255 bytes", longer, O_WRONLY | O_CREAT);
    done("unlink it", unlink(longer));
    char *path = malloc(6001);
    for (int i = 0; i < 6000; i += 2) {
        memcpy(path + i, "./", 2);
    }
    path[6000] = 0;
    try_open("open a path of 6000 bytes", path, O_RDONLY);
    path[4000] = 0;
    try_open("open a path of 4000 bytes", path, O_RDONLY);
    free(path);
    try_open("open by double slashes and dots", ".//./file", O_RDONLY);
    try_open("create a name in UTF-8", "gr\xc3\xbc\xc3\x9f" "e", O_WRONLY | O_CREAT);
    list("list it", ".");
    done("unlink the name in UTF-8", unlink("gr\xc3\xbc\xc3\x9f" "e"));
}

static void reading_and_writing(void) {
    char buffer[64];
    int fd = open("data", O_RDWR | O_CREAT, 0666);
    tell("write", write(fd, "0123456789", 10));
    tell("read at the end", read(fd, buffer, 10));
    tell("seek to the start", lseek(fd, 0, SEEK_SET));
    tell("read 4", read(fd, buffer, 4));
    tell("where", lseek(fd, 0, SEEK_CUR));
    tell("seek back by 2", lseek(fd, -2, SEEK_CUR));
    tell("seek to 3 before the end", lseek(fd, -3, SEEK_END));
    tell("read more than there is", read(fd, buffer, 64));
    tell("seek before the start", lseek(fd, -1, SEEK_SET));
    tell("seek too far by a sum", lseek(fd, LLONG_MAX, SEEK_CUR));
    tell("seek too far from the end", lseek(fd, LLONG_MAX, SEEK_END));
    tell("seek with an unknown whence", lseek(fd, 0, 77));
    tell("pread", pread(fd, buffer, 4, 2));
    buffer[4] = 0;
    say("what was read", buffer);
    tell("pread behind the end", pread(fd, buffer, 4, 20));
    tell("pread before the start", pread(fd, buffer, 4, -1));
    tell("pwrite", pwrite(fd, "xy", 2, 4));
    tell("pwrite before the start", pwrite(fd, "xy", 2, -1));
    tell("where, after all that", lseek(fd, 0, SEEK_CUR));
    struct iovec out[3] = {{"ab", 2}, {"", 0}, {"cde", 3}};
    tell("writev", writev(fd, out, 3));
    content("content", "data");
    struct iovec in[2] = {{buffer, 3}, {buffer + 3, 20}};
    tell("seek to 1", lseek(fd, 1, SEEK_SET));
    tell("readv", readv(fd, in, 2));
    tell("write nothing", write(fd, "", 0));
    tell("read nothing", read(fd, buffer, 0));
    tell("seek behind the end", lseek(fd, 20, SEEK_SET));
    tell("write there", write(fd, "!", 1));
    content("a hole is zeros", "data");
    done("truncate it shorter", ftruncate(fd, 5));
    content("content", "data");
    done("truncate it longer", ftruncate(fd, 8));
    content("content", "data");
    done("truncate to less than nothing", ftruncate(fd, -1));
    tell("the offset stays", lseek(fd, 0, SEEK_CUR));
    errno = posix_fallocate(fd, 0, 30);
    done("allocate", errno ? -1 : 0);
    stat_step("the size now", "data", 1);
    errno = posix_fallocate(fd, 0, 10);
    done("allocate less", errno ? -1 : 0);
    stat_step("the size stays", "data", 1);
    errno = posix_fallocate(fd, 0, 0);
    done("allocate nothing", errno ? -1 : 0);
    errno = posix_fadvise(fd, 0, 10, POSIX_FADV_SEQUENTIAL);
    done("advise", errno ? -1 : 0);
    done("sync", fsync(fd));
    done("sync the data", fdatasync(fd));
    tell("seek to 5 GiB", lseek(fd, 5LL << 30, SEEK_SET) == 5LL << 30);
    tell("write there", write(fd, "far", 3));
    struct stat st;
    fstat(fd, &st);
    tell("size behind 4 GiB", (long)(st.st_size - (5LL << 30)));
    done("cut it off", ftruncate(fd, 0));
    done("close", close(fd));
    done("close again", close(fd));
    tell("read when closed", read(fd, buffer, 1));
    fd = open("data", O_RDONLY);
    tell("write what is open for reading", write(fd, "x", 1));
    tell("pwrite it", pwrite(fd, "x", 1, 0));
    done("truncate it", ftruncate(fd, 1));
    close(fd);
    fd = open("data", O_WRONLY);
    tell("read what is open for writing", read(fd, buffer, 1));
    close(fd);
    fd = open(".", O_RDONLY);
    tell("read a directory", read(fd, buffer, 1));
    tell("write a directory", write(fd, "x", 1));
    tell("pread a directory", pread(fd, buffer, 1, 0));
    done("sync a directory", fsync(fd));
    close(fd);
    fd = open("data", O_RDONLY | O_TRUNC | O_CREAT, 0666);
    stat_step("truncated by open", "data", 1);
    close(fd);
}

static void appending(void) {
    char buffer[20];
    put("log", "one ");
    int a = open("log", O_RDWR | O_APPEND);
    int b = open("log", O_WRONLY | O_APPEND);
    tell("append", write(a, "two ", 4));
    tell("append through another", write(b, "three ", 6));
    tell("append once more", write(a, "four", 4));
    content("content", "log");
    tell("where", lseek(a, 0, SEEK_CUR));
    tell("seek to the start", lseek(a, 0, SEEK_SET));
    tell("read from there", read(a, buffer, 3));
    tell("pwrite appends too", pwrite(a, "!", 1, 0));
    content("content", "log");
    tell("the flags say so", !!(fcntl(a, F_GETFL) & O_APPEND));
    done("stop appending", fcntl(a, F_SETFL, fcntl(a, F_GETFL) & ~O_APPEND));
    tell("pwrite at the start", pwrite(a, "ONE", 3, 0));
    done("append again", fcntl(a, F_SETFL, fcntl(a, F_GETFL) | O_APPEND));
    tell("write", write(a, "?", 1));
    content("content", "log");
    tell("open for reading only", (fcntl(a, F_GETFL) & O_ACCMODE) == O_RDWR);
    tell("open for writing only", (fcntl(b, F_GETFL) & O_ACCMODE) == O_WRONLY);
    close(a);
    close(b);
}

static void directories(void) {
    done("mkdir", mkdir("d", 0777));
    done("mkdir again", mkdir("d", 0777));
    done("mkdir over a file", mkdir("file", 0777));
    done("mkdir below a file", mkdir("file/d", 0777));
    done("mkdir below nothing", mkdir("no/d", 0777));
    done("mkdir with a slash behind", mkdir("d/e/", 0777));
    done("mkdir the current directory", mkdir(".", 0777));
    done("rmdir what is not empty", rmdir("d"));
    done("rmdir a file", rmdir("file"));
    done("rmdir nothing", rmdir("no"));
    done("rmdir by a dot", rmdir("d/e/."));
    done("rmdir the current directory", rmdir("."));
    done("rmdir by two dots", rmdir("d/e/.."));
    done("unlink a directory", unlink("d"));
    done("unlink a directory with a slash", unlink("d/"));
    put("d/one", "1");
    put("d/two", "22");
    list("list", "d");
    list("list with two dots in the path", "d/e/../../d/e");
    list("list a file", "file");
    list("list nothing", "no");
    stat_step("stat a file in it", "d/two", 1);
    stat_step("stat with a slash behind a file", "d/two/", 1);
    stat_step("stat a directory", "d/e", 1);
    stat_step("stat a directory with a slash", "d/e/", 1);
    done("access what is there", access("d/one", R_OK));
    done("access what is not", access("d/none", F_OK));
    int dir = open("d", O_RDONLY | O_DIRECTORY);
    int fd = openat(dir, "one", O_RDONLY);
    done("open relative to it", fd);
    struct stat a, b;
    fstat(fd, &a);
    stat("d/one", &b);
    tell("the same file", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
    close(fd);
    done("mkdir relative to it", mkdirat(dir, "f", 0777));
    done("rename while it is open", rename("d", "moved"));
    done("mkdir again relative to it", mkdirat(dir, "g", 0777));
    list("list it by its new name", "moved");
    fd = openat(dir, "three", O_WRONLY | O_CREAT, 0666);
    done("create relative to it", fd);
    close(fd);
    done("unlink relative to it", unlinkat(dir, "three", 0));
    done("rmdir relative to it", unlinkat(dir, "g", AT_REMOVEDIR));
    done("open relative to a file", openat(-1, "x", O_RDONLY));
    done("and back", rename("moved", "d"));
    close(dir);
    DIR *many = NULL;
    mkdir("many", 0777);
    for (int i = 0; i < 300; i++) {
        char path[40];
        snprintf(path, sizeof path, "many/file-number-%d", i);
        put(path, "");
    }
    many = opendir("many");
    int count = 0;
    struct dirent *entry;
    while ((entry = readdir(many))) {
        count++;
    }
    tell("entries of a large folder", count);
    rewinddir(many);
    count = 0;
    while ((entry = readdir(many))) {
        char path[300];
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "many/%s", entry->d_name);
            count += unlink(path) == 0;
        }
    }
    closedir(many);
    tell("removed while listing", count);
    done("and the folder", rmdir("many"));
}

static void links(void) {
    char text[64];
    ssize_t length;
    done("symlink", symlink("file", "l"));
    done("symlink again", symlink("x", "l"));
    done("symlink over a directory", symlink("x", "d"));
    done("symlink with a slash behind", symlink("x", "n/"));
    done("symlink of the empty path", symlink("", "n"));
    done("symlink to nothing", symlink("nothing", "dangling"));
    done("symlink to itself", symlink("self", "self"));
    done("symlink to a directory", symlink("d", "ld"));
    length = readlink("l", text, sizeof text);
    tell("readlink", length);
    tell("readlink into a small buffer", readlink("dangling", text, 3));
    tell("readlink into a buffer without room", readlink("dangling", text, 0));
    tell("readlink of nothing into a buffer without room", readlink("none", text, 0));
    tell("readlink of a file", readlink("file", text, sizeof text));
    tell("readlink of nothing", readlink("none", text, sizeof text));
    tell("readlink with a slash behind", readlink("ld/", text, sizeof text));
    put("file", "through");
    content("read through it", "l");
    try_open("open it without following", "l", O_RDONLY | O_NOFOLLOW);
    try_open("open a directory's without following", "ld", O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
    try_open("open a loop", "self", O_RDONLY);
    try_open("open below a loop", "self/x", O_RDONLY);
    try_open("open what dangles", "dangling", O_RDONLY);
    try_open("create what dangles, exclusively", "dangling", O_WRONLY | O_CREAT | O_EXCL);
    try_open("create what dangles", "dangling", O_WRONLY | O_CREAT);
    stat_step("now it is there", "nothing", 1);
    done("unlink it", unlink("nothing"));
    stat_step("stat a link", "l", 1);
    stat_step("lstat a link", "l", 0);
    stat_step("stat what dangles", "dangling", 1);
    stat_step("lstat what dangles", "dangling", 0);
    stat_step("lstat a loop", "self", 0);
    stat_step("stat a loop", "self", 1);
    stat_step("lstat with a slash behind", "ld/", 0);
    list("list through one", "ld");
    done("mkdir over one that dangles", mkdir("dangling", 0777));
    done("mkdir through one", mkdir("ld/h", 0777));
    done("rmdir one", rmdir("ld"));
    done("rmdir one with a slash", rmdir("ld/"));
    done("unlink one with a slash", unlink("ld/"));
    done("rmdir through one", rmdir("ld/h"));
    done("hard link", link("file", "hard"));
    stat_step("two links", "file", 1);
    done("hard link again", link("file", "hard"));
    done("hard link over a directory", link("file", "d"));
    done("hard link of a directory", link("d", "hd"));
    done("hard link of nothing", link("none", "h2"));
    done("hard link with a slash behind", link("file", "h2/"));
    done("hard link of a link", link("dangling", "h3"));
    stat_step("is a link", "h3", 0);
    done("hard link through a link", linkat(AT_FDCWD, "l", AT_FDCWD, "h4", AT_SYMLINK_FOLLOW));
    stat_step("is the file", "h4", 0);
    done("unlink it", unlink("h4"));
    done("unlink a link", unlink("h3"));
    done("unlink the first name", unlink("file"));
    content("the second is there", "hard");
    stat_step("one link", "hard", 1);
    int fd = open("hard", O_RDWR);
    done("unlink it while open", unlink("hard"));
    struct stat st;
    fstat(fd, &st);
    tell("no link is left", (long)st.st_nlink);
    tell("still written", write(fd, "still", 5));
    done("still truncated", ftruncate(fd, 100));
    fstat(fd, &st);
    tell("its size", (long)st.st_size);
    close(fd);
    for (int i = 0; i <= 40; i++) {
        char from[20], to[20];
        snprintf(from, sizeof from, i ? "chain%d" : "d/one", i - 1);
        snprintf(to, sizeof to, "chain%d", i);
        symlink(from, to);
    }
    try_open("a chain of 40 links", "chain39", O_RDONLY);
    try_open("a chain of 41 links", "chain40", O_RDONLY);
    for (int i = 0; i <= 40; i++) {
        char path[20];
        snprintf(path, sizeof path, "chain%d", i);
        unlink(path);
    }
}

// What a link's text ends with says what has to be there, as the end of a path does. Left out is what tells a slash at
// the end of a text from a slash and a dot: Java cannot make the first.
static void link_ends(void) {
    static const char *const names[] = {"to-slash", "to-dot", "to-missing", "to-dir", "to-up", "to-chain", "chain"};
    static const char *const texts[] = {"plain/", "plain/.", "absent/", "here/", "here/..", "chain", "plain/"};
    put("plain", "plain");
    mkdir("here", 0777);
    for (int i = 0; i < 7; i++) {
        symlink(texts[i], names[i]);
    }
    for (int i = 0; i < 6; i++) {
        char text[100], slashed[40];
        snprintf(slashed, sizeof slashed, "%s/", names[i]);
        for (int j = 0; j < 2; j++) {
            const char *path = j ? slashed : names[i];
#define STEP(what) (snprintf(text, sizeof text, "%s, %s", path, what), text)
            try_open(STEP("open"), path, O_RDONLY);
            try_open(STEP("open as a directory"), path, O_RDONLY | O_DIRECTORY);
            try_open(STEP("open for writing"), path, O_WRONLY);
            if (j || i == 1 || i == 4) {
                try_open(STEP("create"), path, O_WRONLY | O_CREAT);
            }
            try_open(STEP("create exclusively"), path, O_WRONLY | O_CREAT | O_EXCL);
            try_open(STEP("open without following"), path, O_RDONLY | O_NOFOLLOW);
            stat_step(STEP("stat"), path, 1);
            if (j) {
                stat_step(STEP("lstat"), path, 0);
            }
            done(STEP("truncate"), truncate(path, 3));
            done(STEP("access"), access(path, F_OK));
            done(STEP("mkdir"), mkdir(path, 0777));
            done(STEP("rmdir"), rmdir(path));
            done(STEP("unlink"), unlink(path) < 0 ? -1 : symlink(texts[i], names[i]));
            done(STEP("link"), link(path, "linked") < 0 ? -1 : unlink("linked"));
            done(STEP("rename"), rename(path, "renamed") < 0 ? -1 : rename("renamed", names[i]));
            if (i != 4) {
                list(STEP("list"), path);
            }
        }
    }
    for (int i = 0; i < 7; i++) {
        unlink(names[i]);
    }
    done("nothing was made", unlink("absent"));
    done("clean", unlink("plain") + rmdir("here"));
    mkdir("removed", 0777);
    DIR *dir = opendir("removed");
    done("remove a directory that is open", rmdir("removed"));
    rewinddir(dir);
    errno = 0;
    struct dirent *entry = readdir(dir);
    say("nothing is listed of it", entry ? entry->d_name : name(errno));
    closedir(dir);
}

static void renaming(void) {
    put("r", "r");
    put("s", "s");
    mkdir("e", 0777);
    mkdir("full", 0777);
    put("full/x", "x");
    done("rename", rename("r", "q"));
    done("rename what is gone", rename("r", "q"));
    done("rename over a file", rename("s", "q"));
    content("it is the new one", "q");
    done("rename to itself", rename("q", "q"));
    done("rename a file over a directory", rename("q", "e"));
    done("rename a directory over a file", rename("e", "q"));
    done("rename a directory over an empty one", rename("d", "e"));
    done("and back", rename("e", "d"));
    done("rename a directory over a full one", rename("d", "full"));
    done("rename a directory into itself", rename("d", "d/inside"));
    done("rename a directory, slashes behind", rename("full/", "filled/"));
    done("rename a file, slash behind the new", rename("q", "p/"));
    done("rename a file, slash behind the old", rename("q/", "p"));
    done("rename the current directory", rename(".", "p"));
    done("rename below a file", rename("q", "q/p"));
    done("rename into another directory", rename("q", "filled/q"));
    list("it is there", "filled");
    done("rename a link", rename("l", "filled/l"));
    stat_step("it is the link", "filled/l", 0);
    done("rename two names of one file", (link("filled/q", "twin"), rename("filled/q", "twin")));
    list("both are there", "filled");
}

static void times(void) {
    struct stat st;
    struct timespec both[2] = {{1000, 1000}, {2000, 2000}};
    struct timespec one[2] = {{0, UTIME_OMIT}, {3000, 0}};
    put("t", "t");
    done("set both times", utimensat(AT_FDCWD, "t", both, 0));
    stat("t", &st);
    tell("access", (long)st.st_atim.tv_sec);
    tell("nanoseconds", (long)st.st_atim.tv_nsec);
    tell("modification", (long)st.st_mtim.tv_sec);
    done("set one", utimensat(AT_FDCWD, "t", one, 0));
    stat("t", &st);
    tell("access stays", (long)st.st_atim.tv_sec);
    tell("modification", (long)st.st_mtim.tv_sec);
    int fd = open("t", O_RDWR);
    done("set by descriptor", futimens(fd, both));
    fstat(fd, &st);
    tell("modification", (long)st.st_mtim.tv_sec);
    close(fd);
    symlink("t", "lt");
    done("set through a link", utimensat(AT_FDCWD, "lt", one, 0));
    stat("t", &st);
    tell("the file's", (long)st.st_mtim.tv_sec);
    both[1].tv_nsec = 0;
    done("set a link's own", utimensat(AT_FDCWD, "lt", both, AT_SYMLINK_NOFOLLOW));
    lstat("lt", &st);
    tell("the link's", (long)st.st_mtim.tv_sec);
    stat("t", &st);
    tell("the file's stays", (long)st.st_mtim.tv_sec);
    done("set nothing's", utimensat(AT_FDCWD, "none", both, 0));
}

static void stdio(void) {
    char line[64];
    FILE *file = fopen("text", "w");
    fprintf(file, "first\nsecond\n");
    fclose(file);
    file = fopen("text", "a+");
    fprintf(file, "third\n");
    rewind(file);
    int lines = 0;
    while (fgets(line, sizeof line, file)) {
        lines++;
    }
    tell("lines", lines);
    fclose(file);
    file = fopen("text", "r+");
    fseek(file, 6, SEEK_SET);
    fputs("SECOND", file);
    tell("where", ftell(file));
    fclose(file);
    file = fopen("text", "rb");
    fseek(file, 0, SEEK_END);
    tell("size", ftell(file));
    fclose(file);
    content("content", "text");
    file = fopen("text", "wx");
    tell("create exclusively", file ? 0 : -1);
    file = fopen("none", "r");
    tell("open nothing", file ? 0 : -1);
    done("remove a file", remove("text"));
    done("remove an empty directory", (mkdir("gone", 0777), remove("gone")));
}

int main(void) {
    creating();
    reading_and_writing();
    appending();
    directories();
    links();
    link_ends();
    renaming();
    times();
    stdio();
    list("what is left", ".");
    return 0;
}
