/*
 * older-calls WORD: proc_spawn and proc_exec of the first generation and proc_exec2, which libc has no use for any more;
 * and what libc never asks of the newest, proc_exec4 and proc_spawn3: no environment, no arguments, a null pointer in
 * the middle. It starts itself, as /bin/self.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"
#include "wasix.h"

#define SELF "/bin/self"

enum { PIPED, INHERIT, NOTHING, LOG };

extern char **environ;

static void say(const char *what, int value) {
    printf("%s: %d\n", what, value);
    fflush(stdout);
}

static int spawn(const char *name, const char *args, int in, int out, int err, const char *folder,
        wasix_process_handles *handles) {
    memset(handles, 0, sizeof *handles);
    return wasix_proc_spawn(name, strlen(name), 0, args, strlen(args), "", 0, in, out, err, folder, strlen(folder), handles);
}

static int end_of(int pid) {
    proc_status status;
    if (proc_wait(pid, 0, &status) != pid) {
        return -errno;
    }
    return status.kind == PROC_EXITED ? status.number : 1000 + status.number;
}

static void ended(const char *what, int pid) {
    say(what, end_of(pid));
}

/* Of a program that writes where this one writes: it has ended before anything is said of it. */
static void ran(const char *what, int error, const wasix_process_handles *handles) {
    int end = end_of(handles->pid);
    say(what, error);
    say("ends", end);
}

static long drain(int fd, char *text, long size) {
    long count = 0;
    long part;
    while (count < size && (part = read(fd, text + count, size - count)) > 0) {
        count += part;
    }
    text[count < size ? count : size - 1] = 0;
    return count;
}

static int spawn3(char *const args[], int count, int *pid) {
    uint32_t number = 0;
    int error = wasix_proc_spawn3(SELF, 9, args, count, NULL, 0, NULL, 0, NULL, 0, 0, "", 0, &number);
    *pid = (int)number;
    return error;
}

static int parent(void) {
    wasix_process_handles handles;
    char text[256];
    say("piped", spawn(SELF, "self\ncopy", PIPED, PIPED, PIPED, "", &handles));
    say("ends", handles.in.tag + handles.out.tag + handles.err.tag);
    if (write(handles.in.fd, "through two pipes", 17) != 17) {
        say("write", errno);
    }
    close(handles.in.fd);
    long count = drain(handles.out.fd, text, sizeof text);
    printf("answer: %ld %s\n", count, text);
    say("nothing on the third", drain(handles.err.fd, text, sizeof text));
    close(handles.out.fd);
    close(handles.err.fd);
    ended("copy ends", handles.pid);
    ran("inherited", spawn("self", "self\nshow\na\nb", INHERIT, INHERIT, INHERIT, "", &handles), &handles);
    say("no ends", handles.in.tag + handles.out.tag + handles.err.tag);
    say("nothing", spawn(SELF, "self\ncopy", NOTHING, NOTHING, NOTHING, "", &handles));
    ended("copy of nothing ends", handles.pid);
    say("log", spawn(SELF, "self\nshow", NOTHING, LOG, LOG, "", &handles));
    ended("show to the log ends", handles.pid);
    ran("in a folder", spawn(SELF, "self\nshow", INHERIT, INHERIT, INHERIT, "/tmp", &handles), &handles);
    say("in no folder", spawn(SELF, "self\nshow", INHERIT, INHERIT, INHERIT, "/none", &handles));
    say("no program", spawn("/bin/none", "none", PIPED, PIPED, PIPED, "", &handles));
    say("an unknown mode", spawn(SELF, "self\nshow", 9, INHERIT, INHERIT, "", &handles));
    say("chroot", wasix_proc_spawn(SELF, 9, 1, "self", 4, "", 0, INHERIT, INHERIT, INHERIT, "", 0, &handles));
    static char *const shown[] = {"self", "show", "by spawn3", NULL, "behind the end"};
    int pid;
    int error = spawn3(shown, 5, &pid);
    int end = end_of(pid);
    say("kept environment", error);
    say("ends", end);
    say("too many arguments", spawn3(shown, 1 << 20, &pid));
    say("arguments outside of memory", spawn3((char *const *)-8, 5, &pid));
    static char *const lost[] = {"self", (char *)-1};
    say("an argument outside of memory", spawn3(lost, 2, &pid));
    static const char *const words[] = {"exec", "exec2", "exec4", "exec-none", "exec2-none", "exec4-none"};
    for (int i = 0; i < 6; i++) {
        char args[32];
        snprintf(args, sizeof args, "self\n%s", words[i]);
        ran(words[i], spawn(SELF, args, INHERIT, INHERIT, INHERIT, "", &handles), &handles);
    }
    // what was opened for failures is closed
    int ends[2];
    proc_pipe(ends);
    say("descriptors left open", ends[0] - 4);
    return 0;
}

static int show(int argc, char **argv) {
    char folder[64] = "?";
    proc_cwd(folder, sizeof folder);
    printf("in %s with %s", folder, environ[0] == NULL ? "nothing" : environ[0]);
    for (int i = 2; i < argc; i++) {
        printf(" %s", argv[i]);
    }
    printf("\n");
    return argc;
}

int main(int argc, char **argv) {
    char text[256];
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "copy") == 0) {
        long count = drain(0, text, sizeof text);
        return write(1, text, count) == count ? 0 : 1;
    }
    if (strcmp(word, "show") == 0) {
        return show(argc, argv);
    }
    if (strcmp(word, "exec") == 0) {
        wasix_proc_exec(SELF, 9, "self\nshow\nby exec", 17);
    }
    if (strcmp(word, "exec2") == 0) {
        wasix_proc_exec2(SELF, 9, "self\nshow\nby exec2", 18, "OTHER=1", 7);
    }
    static char *const by_exec4[] = {"self", "show", "by exec4"};
    if (strcmp(word, "exec4") == 0) {
        wasix_proc_exec4(SELF, 9, by_exec4, 3, NULL, 0, 0, "", 0);
    }
    if (strcmp(word, "exec4-none") == 0) {
        return wasix_proc_exec4("/bin/none", 9, by_exec4, 3, NULL, 0, 0, "", 0);
    }
    if (strcmp(word, "exec-none") == 0) {
        wasix_proc_exec("/bin/none", 9, "none", 4);
    }
    if (strcmp(word, "exec2-none") == 0) {
        wasix_proc_exec2("/tmp", 4, "none", 4, "", 0);
    }
    return parent();
}
