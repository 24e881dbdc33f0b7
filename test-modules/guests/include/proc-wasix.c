/* Processes by the host ABI, for plain clang and wasi-libc. */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wasix.h"

static int answer(int error, int value) {
    if (error != 0) {
        errno = error;
        return -1;
    }
    return value;
}

int proc_fork(void) {
    uint32_t pid = 0;
    int error = wasix_proc_fork(1, &pid);
    return answer(error, (int)pid);
}

int proc_vfork(void (*child)(void)) {
    uint32_t pid = 0;
    int error = wasix_proc_fork_env(&pid);
    if (error == 0) {
        child();
    }
    return answer(error, (int)pid);
}

void proc_exit(int code) {
    wasix_proc_exit2(code);
}

#ifdef PROC_STRINGS

static uint32_t number_of(char *const words[]) {
    uint32_t number = 0;
    while (words[number] != NULL) {
        number++;
    }
    return number;
}

#else

static char *joined(char *const words[]) {
    size_t length = 1;
    for (int i = 0; words[i] != NULL; i++) {
        length += strlen(words[i]) + 1;
    }
    char *text = malloc(length);
    char *at = text;
    for (int i = 0; words[i] != NULL; i++) {
        size_t word = strlen(words[i]);
        memcpy(at, words[i], word);
        at += word;
        *at++ = '\n';
    }
    *at = 0;
    return text;
}

#endif

static int exec(const char *name, const char *path, char *const argv[], char *const envp[]) {
#ifdef PROC_STRINGS
    int error = wasix_proc_exec4(name, strlen(name), argv, number_of(argv), envp, number_of(envp), path != NULL,
            path == NULL ? "" : path, path == NULL ? 0 : strlen(path));
#else
    char *args = joined(argv);
    char *envs = joined(envp);
    int error = wasix_proc_exec3(name, strlen(name), args, strlen(args), envs, strlen(envs), path != NULL,
            path == NULL ? "" : path, path == NULL ? 0 : strlen(path));
    free(args);
    free(envs);
#endif
    return answer(error, 0);
}

int proc_exec(const char *path, char *const argv[], char *const envp[]) {
    return exec(path, NULL, argv, envp);
}

int proc_exec_search(const char *name, const char *path, char *const argv[], char *const envp[]) {
    return exec(name, path, argv, envp);
}

int proc_spawn(const char *path, char *const argv[], char *const envp[], const proc_action *actions, int count) {
    wasix_proc_spawn_fd_op *ops = calloc(count + 1, sizeof *ops);
    for (int i = 0; i < count; i++) {
        static const uint8_t commands[] = {0, 1, 2, 2, 3, 4};
        ops[i].cmd = commands[actions[i].kind];
        ops[i].fd = actions[i].fd;
        ops[i].src_fd = actions[i].source;
        ops[i].path = actions[i].path;
        ops[i].path_len = actions[i].path == NULL ? 0 : strlen(actions[i].path);
        ops[i].dirflags = WASIX_SYMLINK_FOLLOW;
        ops[i].fs_rights_base = actions[i].kind == PROC_OPEN_CREATE ? WASIX_RIGHT_FD_WRITE : WASIX_RIGHT_FD_READ;
        ops[i].oflags = actions[i].kind == PROC_OPEN_CREATE ? WASIX_O_CREAT | WASIX_O_TRUNC : 0;
    }
    uint32_t pid = 0;
#ifdef PROC_STRINGS
    int error = wasix_proc_spawn3(path, strlen(path), argv, number_of(argv), envp, number_of(envp), ops, count, NULL, 0,
            0, "", 0, &pid);
#else
    char *args = joined(argv);
    char *envs = joined(envp);
    int error = wasix_proc_spawn2(
            path, strlen(path), args, strlen(args), envs, strlen(envs), ops, count, NULL, 0, 0, "", 0, &pid);
    free(args);
    free(envs);
#endif
    free(ops);
    return answer(error, (int)pid);
}

int proc_wait(int pid, int flags, proc_status *status) {
    wasix_option_pid child = {.tag = pid == PROC_ANY ? 0 : 1};
    wasix_join_status joined = {0};
    child.pid = pid == PROC_ANY ? 0 : pid;
    int error = wasix_proc_join(&child, flags, &joined);
    status->kind = PROC_NOTHING;
    status->number = 0;
    if (error != 0) {
        errno = error;
        return -1;
    }
    status->kind = joined.tag;
    status->number = joined.tag == WASIX_JOIN_EXIT_NORMAL    ? joined.u.exit_code
                     : joined.tag == WASIX_JOIN_EXIT_SIGNAL ? joined.u.exit_signal.signal
                     : joined.tag == WASIX_JOIN_STOPPED     ? joined.u.stopped
                                                            : 0;
    return child.pid;
}

int proc_kill(int pid, int signal) {
    return answer(wasix_proc_signal(pid, signal), 0);
}

int proc_pid(void) {
    uint32_t pid = 0;
    wasix_proc_id(&pid);
    return pid;
}

int proc_parent(void) {
    uint32_t pid = 0;
    int error = wasix_proc_parent(proc_pid(), &pid);
    return answer(error, pid);
}

int proc_pipe(int ends[2]) {
    uint32_t reader = 0;
    uint32_t writer = 0;
    int error = wasix_fd_pipe(&reader, &writer);
    ends[0] = reader;
    ends[1] = writer;
    return answer(error, 0);
}

int proc_dup2(int from, int to) {
    return answer(wasix_fd_renumber(from, to), to);
}

int proc_close_on_exec(int fd, int on) {
    return answer(wasix_fd_fdflags_set(fd, on ? WASIX_FD_CLOEXEC : 0), 0);
}

int proc_chdir(const char *path) {
    return answer(wasix_chdir(path, strlen(path)), 0);
}

int proc_cwd(char *path, int size) {
    uint32_t length = size;
    return answer(wasix_getcwd(path, &length), 0);
}

static void (*handlers[32])(int);

__attribute__((export_name("on_signal"))) void on_signal(int signal) {
    if (handlers[signal] != NULL) {
        handlers[signal](signal);
    } else if (signal != PROC_SIGCHLD && signal != PROC_SIGCONT) {
        abort();
    }
}

void proc_handle(int signal, void (*handler)(int)) {
    handlers[signal] = handler;
    wasix_callback_signal("on_signal", 9);
}

void proc_adopt(void) {}

void proc_sleep_ms(int ms) {
    wasix_thread_sleep(ms * UINT64_C(1000000));
}

#ifdef PROC_CHECKPOINTS
static wasix_stack_snapshot snapshots[8];

int proc_checkpoint(int which) {
    uint64_t value = 0;
    if (wasix_stack_checkpoint(&snapshots[which], &value) != 0) {
        abort();
    }
    return (int)value;
}

_Noreturn void proc_restore(int which, int value) {
    wasix_stack_restore(&snapshots[which], (uint64_t)value);
    abort();
}
#endif
