/*
 * Processes as scenario guests use them: the calls of POSIX under names of our own, because wasi-libc has none of them.
 * A call answers -1 and sets errno when it fails. proc-posix.c is Linux, proc-wasix.c the host ABI.
 */
#ifndef PROC_H
#define PROC_H

#include <stdint.h>

/* What a wait tells. */
typedef struct proc_status {
    enum { PROC_NOTHING, PROC_EXITED, PROC_SIGNALED, PROC_STOPPED } kind;
    int number; /* exit code, or signal */
} proc_status;

#define PROC_ANY (-1)
#define PROC_NOHANG 1
#define PROC_UNTRACED 2

/* The numbers of Linux, which wasi-libc does not always have. */
#define PROC_SIGABRT 6
#define PROC_SIGKILL 9
#define PROC_SIGUSR1 10
#define PROC_SIGUSR2 12
#define PROC_SIGPIPE 13
#define PROC_SIGTERM 15
#define PROC_SIGCHLD 17
#define PROC_SIGCONT 18
#define PROC_SIGSTOP 19

/* One file action of proc_spawn. */
typedef struct proc_action {
    enum { PROC_CLOSE, PROC_DUP2, PROC_OPEN_READ, PROC_OPEN_CREATE, PROC_CHDIR, PROC_FCHDIR } kind;
    int fd;
    int source;
    const char *path;
} proc_action;

int proc_fork(void);
/*
 * Runs child() as a vfork child, in the memory of the parent; the last it does is a proc_exit or a proc_exec that
 * works. The child's pid.
 */
int proc_vfork(void (*child)(void));
/* Ends the process; in a vfork child on WASIX it returns, to the parent. */
void proc_exit(int code);
/* Returns when it fails; in a vfork child on WASIX with 0 when it does not. */
int proc_exec(const char *path, char *const argv[], char *const envp[]);
/* As execvp: looks in the folders of a search path. */
int proc_exec_search(const char *name, const char *path, char *const argv[], char *const envp[]);
int proc_spawn(const char *path, char *const argv[], char *const envp[], const proc_action *actions, int count);
int proc_wait(int pid, int flags, proc_status *status);
int proc_kill(int pid, int signal);
int proc_pid(void);
int proc_parent(void);
int proc_pipe(int ends[2]);
int proc_dup2(int from, int to);
int proc_close_on_exec(int fd, int on);
int proc_chdir(const char *path);
int proc_cwd(char *path, int size);
/* Calls handler for that signal from now on. */
void proc_handle(int signal, void (*handler)(int));
/* The end of orphans is told to this process. */
void proc_adopt(void);
void proc_sleep_ms(int ms);
/* setjmp and longjmp: on Linux those of libc, else what the host has for them. */
#ifdef __wasi__
int proc_checkpoint(int which);
_Noreturn void proc_restore(int which, int value);
#define PROC_SETJMP(which) proc_checkpoint(which)
#define PROC_LONGJMP(which, value) proc_restore(which, value)
#else
#include <setjmp.h>
extern jmp_buf proc_buffers[8];
#define PROC_SETJMP(which) setjmp(proc_buffers[which])
#define PROC_LONGJMP(which, value) longjmp(proc_buffers[which], value)
#endif

#endif
