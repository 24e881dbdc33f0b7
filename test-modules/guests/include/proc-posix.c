/* Processes on Linux. */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int proc_fork(void) {
    return fork();
}

int proc_vfork(void (*child)(void)) {
    int pid = vfork();
    if (pid == 0) {
        child();
        _exit(127);
    }
    return pid;
}

void proc_exit(int code) {
    _exit(code);
}

int proc_exec(const char *path, char *const argv[], char *const envp[]) {
    return execve(path, argv, envp);
}

int proc_exec_search(const char *name, const char *path, char *const argv[], char *const envp[]) {
    setenv("PATH", path, 1);
    return execvpe(name, argv, envp);
}

int proc_spawn(const char *path, char *const argv[], char *const envp[], const proc_action *actions, int count) {
    posix_spawn_file_actions_t list;
    int pid = -1;
    posix_spawn_file_actions_init(&list);
    for (int i = 0; i < count; i++) {
        switch (actions[i].kind) {
            case PROC_CLOSE: posix_spawn_file_actions_addclose(&list, actions[i].fd); break;
            case PROC_DUP2: posix_spawn_file_actions_adddup2(&list, actions[i].source, actions[i].fd); break;
            case PROC_OPEN_READ:
                posix_spawn_file_actions_addopen(&list, actions[i].fd, actions[i].path, O_RDONLY, 0);
                break;
            case PROC_OPEN_CREATE:
                posix_spawn_file_actions_addopen(
                        &list, actions[i].fd, actions[i].path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
                break;
            case PROC_CHDIR: posix_spawn_file_actions_addchdir_np(&list, actions[i].path); break;
            case PROC_FCHDIR: posix_spawn_file_actions_addfchdir_np(&list, actions[i].fd); break;
        }
    }
    int error = posix_spawn(&pid, path, &list, NULL, argv, envp);
    posix_spawn_file_actions_destroy(&list);
    if (error != 0) {
        errno = error;
        return -1;
    }
    return pid;
}

int proc_wait(int pid, int flags, proc_status *status) {
    int word = 0;
    int options = (flags & PROC_NOHANG ? WNOHANG : 0) | (flags & PROC_UNTRACED ? WUNTRACED : 0);
    int got = waitpid(pid, &word, options);
    status->kind = PROC_NOTHING;
    status->number = 0;
    if (got > 0) {
        if (WIFEXITED(word)) {
            status->kind = PROC_EXITED;
            status->number = WEXITSTATUS(word);
        } else if (WIFSIGNALED(word)) {
            status->kind = PROC_SIGNALED;
            status->number = WTERMSIG(word);
        } else if (WIFSTOPPED(word)) {
            status->kind = PROC_STOPPED;
            status->number = WSTOPSIG(word);
        }
    }
    return got;
}

int proc_kill(int pid, int signal) {
    return kill(pid, signal);
}

int proc_pid(void) {
    return getpid();
}

int proc_parent(void) {
    return getppid();
}

int proc_pipe(int ends[2]) {
    return pipe(ends);
}

int proc_dup2(int from, int to) {
    return dup2(from, to);
}

int proc_close_on_exec(int fd, int on) {
    return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

int proc_chdir(const char *path) {
    return chdir(path);
}

int proc_cwd(char *path, int size) {
    return getcwd(path, size) == NULL ? -1 : 0;
}

void proc_handle(int number, void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    sigaction(number, &action, NULL);
}

void proc_adopt(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void proc_sleep_ms(int ms) {
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

jmp_buf proc_buffers[8];
