// What exec, vfork, spawn and the programs that they start see: one line a step, as forks.c. The program starts itself,
// under the name that is given as SELF, with a word that says what it is to do.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "proc.h"
#include "scenario.h"

static const char *self;
static char *none[] = {NULL};

static void put(const char *path, const char *text, int mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) != (long)strlen(text)) {
        step("writing", errno);
    }
    close(fd);
#ifndef __wasi__
    chmod(path, mode);
#else
    (void)mode;
#endif
}

static long stat_size(const char *path) {
    struct stat about;
    return stat(path, &about) < 0 ? -1 : (long)about.st_size;
}

extern char **environ;

// The other side: what a started program does.
static int child(int argc, char **argv) {
    section = "program";
    if (strcmp(argv[1], "show") == 0) {
        for (int i = 2; i < argc; i++) {
            fact("argument", argv[i]);
        }
        for (char **at = environ; *at != NULL; at++) {
            fact("variable", *at);
        }
        return 3;
    }
    if (strcmp(argv[1], "numbers") == 0) {
        for (int fd = 3; fd < 30; fd++) {
            struct stat stat;
            // the descriptor of a directory is the tree itself, which only the guest has
            if (fstat(fd, &stat) == 0 && !S_ISDIR(stat.st_mode)) {
                char byte = '-';
                printf("program, open: %d %s\n", fd, read(fd, &byte, 1) == 1 ? "reads" : "does not read");
            }
        }
        return 0;
    }
    if (strcmp(argv[1], "copy") == 0) {
        char text[256];
        long got;
        while ((got = read(0, text, sizeof text)) > 0) {
            if (write(1, text, got) != got) {
                return 1;
            }
        }
        return 0;
    }
    if (strcmp(argv[1], "directory") == 0) {
        char path[512];
        char *last = proc_cwd(path, sizeof path) == 0 ? strrchr(path, '/') : NULL;
        return last != NULL && strcmp(last, "/folder") == 0 ? 0 : 1;
    }
    if (strcmp(argv[1], "parent") == 0) {
        return proc_parent() == atoi(argv[2]) ? 0 : 1;
    }
    if (strcmp(argv[1], "taken") == 0) {
        char text[8] = {0};
        struct stat stat;
        if (read(3, text, 4) == 4) {
            fact("reads what it was given", text);
        }
        int fd = open("file", O_RDONLY);
        yes("opens a path", fd > 3 && fstat(fd, &stat) == 0);
        number("its size", stat.st_size);
        return 0;
    }
    if (strcmp(argv[1], "again") == 0) {
        // exec in a row; the number must stay the same
        char left[16];
        char pid[16];
        int count = atoi(argv[2]);
        if (argv[3] != NULL && atoi(argv[3]) != proc_pid()) {
            return 1;
        }
        if (count == 0) {
            return 42;
        }
        snprintf(left, sizeof left, "%d", count - 1);
        snprintf(pid, sizeof pid, "%d", proc_pid());
        char *next[] = {argv[0], "again", left, pid, NULL};
        proc_exec(argv[0], next, none);
        return errno;
    }
    return 100;
}

static int run(char *const argv[], char *const envp[]) {
    int pid = proc_fork();
    if (pid == 0) {
        proc_exec(self, argv, envp);
        proc_exit(errno);
    }
    return pid;
}

static int fails(const char *path) {
    int pid = proc_fork();
    if (pid == 0) {
        char *argv[] = {"x", NULL};
        proc_exec(path, argv, none);
        step(path[0] == 0 ? "empty" : path, errno);
        proc_exit(9);
    }
    return pid;
}

#ifdef PROC_STRINGS
// what the calls cannot pass on whose words are joined by line feeds
static char *lines[] = {"name", "show", "two\nlines", "\n", "", NULL};
static char *more_lines[] = {"A=1\nB=2", "C=\n", NULL};
#endif

static void execs(void) {
    section = "exec";
#ifdef PROC_STRINGS
    ended("line feeds", run(lines, more_lines));
#endif
    char *show[] = {"name", "show", "one", "two words", "", "-x=\"'", NULL};
    char *variables[] = {"A=1", "EMPTY=", "PATH=/bin", "TWO=a=b", NULL};
    ended("arguments and environment", run(show, variables));
    char *copy[] = {(char *)self, "again", "5", NULL};
    ended("five in a row", run(copy, none));
    char *alone[] = {"ALONE=1", NULL};
    ended("without arguments", run(none, alone));
    ended("without arguments, spawned", proc_spawn(self, none, alone, NULL, 0));
    mkdir("folder", 0755);
    put("text", "no program\n", 0755);
    put("nothing", "", 0755);
    ended("a file that is not there", fails("missing"));
    ended("a folder", fails("folder"));
    ended("a text", fails("text"));
    ended("an empty file", fails("nothing"));
    ended("below a file", fails("text/more"));
    ended("no name", fails(""));
    char script[512];
    snprintf(script, sizeof script, "#!%s show\nwhatever\n", self);
    put("script", script, 0755);
    int pid = proc_fork();
    if (pid == 0) {
        char *argv[] = {"ignored", "more", NULL};
        proc_exec("./script", argv, none);
        proc_exit(errno);
    }
    ended("a script", pid);
    put("outer", "#!./script\n", 0755);
    put("lost", "#!/none/such thing\n", 0755);
    put("loop", "#!./loop\n", 0755);
    ended("a script without its interpreter", fails("./lost"));
    ended("a script that is its own", fails("./loop"));
    pid = proc_fork();
    if (pid == 0) {
        char *argv[] = {"x", "y", NULL};
        proc_exec_search("script", "/none:folder:.", argv, none);
        proc_exit(errno);
    }
    ended("on a path", pid);
    pid = proc_fork();
    if (pid == 0) {
        char *argv[] = {"x", NULL};
        proc_exec_search("nowhere", "/none:folder:.", argv, none);
        proc_exit(errno == ENOENT ? 0 : 1);
    }
    ended("nowhere on a path", pid);
}

static void descriptors(void) {
    section = "descriptors";
    put("file", "content", 0644);
    int kept = open("file", O_RDONLY);
    int closed = open("file", O_RDONLY);
    proc_dup2(kept, 20);
    proc_dup2(closed, 21);
    close(kept);
    close(closed);
    proc_close_on_exec(21, 1);
    char *numbers[] = {"n", "numbers", NULL};
    ended("after exec", run(numbers, none));
    proc_close_on_exec(21, 0);
    proc_close_on_exec(20, 1);
    ended("the other way", proc_spawn(self, numbers, none, NULL, 0));
    close(20);
    close(21);
}

// A shell takes numbers from 3 on for itself; libc has the directory there through which it opens paths.
static void taken(void) {
    section = "taken";
    char text[8] = {0};
    struct stat stat;
    int file = proc_dup2(open("file", O_RDONLY), 30);
    for (int fd = 3; fd < 6; fd++) {
        proc_dup2(file, fd);
    }
    number("reads", read(3, text, 3));
    fact("reads", text);
    yes("is a file", fstat(3, &stat) == 0 && S_ISREG(stat.st_mode));
    put("beside", "x", 0644);
    yes("opens another", access("beside", F_OK) == 0 && stat_size("beside") == 1);
    char *words[] = {"t", "taken", NULL};
    ended("a program", run(words, none));
    ended("a spawned program", proc_spawn(self, words, none, NULL, 0));
    for (int fd = 3; fd < 6; fd++) {
        close(fd);
    }
    step("closed", read(3, text, 1) < 0 ? errno : 0);
    step("closed", fstat(3, &stat) < 0 ? errno : 0);
    unlink("beside");
    yes("takes a name away", access("beside", F_OK) < 0);
    int next = open("file", O_RDONLY);
    number("opens and reads", read(next, text, 7));
    ended("a program", run(words, none));
    close(next);
    close(file);
}

static void spawns(void) {
    section = "spawn";
#ifdef PROC_STRINGS
    ended("line feeds", proc_spawn(self, lines, more_lines, NULL, 0));
#endif
    char *show[] = {"name", "show", "x", NULL};
    char *variables[] = {"V=w", NULL};
    ended("arguments and environment", proc_spawn(self, show, variables, NULL, 0));
    ended("a file that is not there", proc_spawn("missing", show, none, NULL, 0));
    char me[16];
    snprintf(me, sizeof me, "%d", proc_pid());
    char *parent[] = {"p", "parent", me, NULL};
    ended("its parent", proc_spawn(self, parent, none, NULL, 0));
    put("in", "from a file\n", 0644);
    unlink("out");
    char *copy[] = {"c", "copy", NULL};
    proc_action files[] = {{PROC_OPEN_READ, 0, 0, "in"}, {PROC_OPEN_CREATE, 1, 0, "out"}};
    ended("files", proc_spawn(self, copy, none, files, 2));
    char text[64] = {0};
    int fd = open("out", O_RDONLY);
    number("what was copied", read(fd, text, sizeof text));
    close(fd);
    int ends[2];
    proc_pipe(ends);
    proc_action pipes[] = {
            {PROC_DUP2, 1, ends[1], NULL}, {PROC_CLOSE, ends[0], 0, NULL}, {PROC_CLOSE, ends[1], 0, NULL},
            {PROC_OPEN_READ, 0, 0, "in"}, {PROC_CLOSE, 77, 0, NULL}};
    int pid = proc_spawn(self, copy, none, pipes, 5);
    close(ends[1]);
    number("through a pipe", read(ends[0], text, sizeof text));
    number("then the end", read(ends[0], text, sizeof text));
    close(ends[0]);
    ended("through a pipe", pid);
    char *directory[] = {"d", "directory", NULL};
    proc_action change[] = {{PROC_CHDIR, 0, 0, "folder"}};
    ended("in a folder", proc_spawn(self, directory, none, change, 1));
    int folder = open("folder", O_RDONLY | O_DIRECTORY);
    proc_action enter[] = {{PROC_FCHDIR, folder, 0, NULL}};
    ended("in an open folder", proc_spawn(self, directory, none, enter, 1));
    close(folder);
    ended("not in this one", proc_spawn(self, directory, none, NULL, 0));
    proc_action wrong[] = {{PROC_OPEN_READ, 0, 0, "missing"}};
    ended("an action that fails", proc_spawn(self, copy, none, wrong, 1));
    proc_action bad[] = {{PROC_DUP2, 1, 77, NULL}};
    ended("a descriptor that there is not", proc_spawn(self, copy, none, bad, 1));
}

static char *vfork_words[] = {"name", "show", "v", NULL};
static int tried;

static void starts(void) {
    proc_dup2(2, 25);
    proc_exec(self, vfork_words, none);
}

static void gives_up(void) {
    tried = proc_exec("missing", vfork_words, none) < 0 ? errno : 0;
    proc_exit(6);
}

static void changes(void) {
    proc_chdir("folder");
    close(0);
    proc_exit(proc_parent() == proc_pid() ? 1 : 7);
}

static void vforks(void) {
    section = "vfork";
    ended("starts a program", proc_vfork(starts));
    struct stat stat;
    yes("what it opened is its own", fstat(25, &stat) < 0);
    int pid = proc_vfork(gives_up);
    step("the error of exec, in the parent's memory", tried);
    ended("ends", pid);
    ended("changes what is its own", proc_vfork(changes));
    yes("the parent's input is open", fstat(0, &stat) == 0);
    yes("the parent is where it was", fstatat(AT_FDCWD, "folder", &stat, 0) == 0);
}

int main(int argc, char **argv) {
    scenario_lines();
    if (getenv("ALONE") != NULL) {
        section = "program";
        number("arguments", argc);
        fact("its name", argv[0]);
        return 5;
    }
    if (argc > 1) {
        self = argv[0];
        return child(argc, argv);
    }
#ifdef __wasi__
    self = "/bin/self";
#else
    self = argv[0];
    for (int fd = 3; fd < 30; fd++) {
        close(fd); // what the shell has left open
    }
#endif
    proc_adopt();
    execs();
    descriptors();
    taken();
    spawns();
    vforks();
    return 0;
}
