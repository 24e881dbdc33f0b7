/*
 * A server of plain preview1: it cannot open a socket, and serves on the one that it was given. The first descriptor
 * behind the preopened directories is a listener, or with "dial" as argument a connection. Prints what it found.
 *
 *   preopened-echo         accepts for ever, many clients from one poll loop, and echoes
 *   preopened-echo block   accepts one client, waiting in accept, and echoes to its end
 *   preopened-echo dial    says "hello" on the connection, prints what comes back, and ends
 *
 * Exit code 2 when it was given no socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/api.h>

#define MOST_CLIENTS 100

static int first_socket(void) {
    __wasi_prestat_t prestat;
    int fd = 3;
    while (__wasi_fd_prestat_get(fd, &prestat) == 0) {
        fd++;
    }
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? fd : -1;
}

/* Sends everything; -1 when the client is gone. */
static int send_all(int fd, const char *data, ssize_t size) {
    while (size > 0) {
        ssize_t sent = send(fd, data, size, 0);
        if (sent < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            poll(&room, 1, -1);
        } else if (sent < 0) {
            return -1;
        } else {
            data += sent;
            size -= sent;
        }
    }
    return 0;
}

/* Answers 0 when the client is done. */
static int echo(int fd) {
    char data[4096];
    ssize_t size = recv(fd, data, sizeof data, 0);
    if (size < 0) {
        return errno == EAGAIN;
    }
    return size > 0 && send_all(fd, data, size) == 0;
}

static int serve(int listener) {
    static struct pollfd fds[1 + MOST_CLIENTS];
    int count = 1;
    fcntl(listener, F_SETFL, O_NONBLOCK);
    fds[0] = (struct pollfd) {.fd = listener, .events = POLLIN};
    for (;;) {
        if (poll(fds, count, -1) < 0) {
            perror("poll");
            return 1;
        }
        for (int i = count - 1; i > 0; i--) {
            if (fds[i].revents != 0 && !echo(fds[i].fd)) {
                close(fds[i].fd);
                fds[i] = fds[--count];
            }
        }
        if ((fds[0].revents & POLLIN) != 0 && count <= MOST_CLIENTS) {
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (fd >= 0) {
                fds[count++] = (struct pollfd) {.fd = fd, .events = POLLIN};
            } else if (errno != EAGAIN) {
                perror("accept");
                return 1;
            }
        }
    }
}

static int serve_one(int listener) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int fd = accept(listener, (struct sockaddr *) &peer, &size);
    if (fd < 0) {
        perror("accept");
        return 1;
    }
    while (echo(fd)) {
    }
    close(fd);
    return 0;
}

static int dial(int fd) {
    char data[100];
    if (send_all(fd, "hello", 5) < 0) {
        perror("send");
        return 1;
    }
    shutdown(fd, SHUT_WR);
    for (;;) {
        ssize_t size = recv(fd, data, sizeof data, 0);
        if (size <= 0) {
            puts("");
            return size < 0;
        }
        fwrite(data, 1, size, stdout);
    }
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";
    int fd = first_socket();
    if (fd < 0) {
        fputs("no socket was given\n", stderr);
        return 2;
    }
    printf("socket %d\n", fd);
    fflush(stdout);
    if (strcmp(how, "dial") == 0) {
        return dial(fd);
    }
    return strcmp(how, "block") == 0 ? serve_one(fd) : serve(fd);
}
