/*
 * http-hello [-d DIR] PORT [HOST]: a small HTTP/1.1 server that greets whoever asks, or serves the files of a folder,
 * and never ends by itself.
 *
 * One poll loop over non-blocking sockets. Requests may arrive byte by byte or many in one piece; answers leave in
 * order and as fast as the client takes them. GET and HEAD are answered whatever the path (without -d), other methods
 * with 405, what is no HTTP with 400, what is too long with 414 (request line), 431 (header) or 413 (body). A file goes
 * from the host to the socket a piece a turn, so that one of any size holds up nobody. Connections stay open as
 * HTTP/1.0 and 1.1 have it. A client that half-closes still gets its answers; one that resets is dropped. When the
 * server closes first it shuts its side and waits a moment for the client's end, so that no answer is lost to a reset.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "http-files.h"
#include "net.h"

#define BACKLOG 1024
#define LINE_LIMIT 8192
#define HEAD_LIMIT 16384
#define BODY_LIMIT (1 << 20)
#define OUT_LIMIT 65536
#define PIECE (1 << 18) /* of a file, in one turn */
#define REST_NS INT64_C(100000000)
#define LINGER_NS INT64_C(2000000000)

static const char page[] =
        "<!DOCTYPE html>\n"
        "<html lang=\"en\">\n"
        "<head>\n"
        "<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>Hello from WASIX</title>\n"
        "<style>\n"
        "body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f6f4ef; color: #22303c;\n"
        "  font: 1.1rem/1.6 system-ui, sans-serif; }\n"
        "main { max-width: 34rem; padding: 2rem; }\n"
        "h1 { margin: 0 0 .5rem; font-size: 2rem; }\n"
        "code { background: #e8e4da; padding: .1em .3em; border-radius: .25em; }\n"
        "</style>\n"
        "</head>\n"
        "<body>\n"
        "<main>\n"
        "<h1>Hello from WASIX</h1>\n"
        "<p>This page was served by a C program compiled to WebAssembly. It opened its own TCP socket with\n"
        "<code>sock_open</code>, <code>sock_bind</code> and <code>sock_listen</code>, and it waits for you in\n"
        "<code>poll_oneoff</code>.</p>\n"
        "</main>\n"
        "</body>\n"
        "</html>\n";

typedef enum phase {
    READING, /* a request head */
    SKIPPING, /* a request body that nobody wants */
    CLOSING, /* answers leave, then our side is shut */
    LINGERING /* our side is shut, what still comes is dropped */
} phase;

typedef struct client {
    int fd;
    phase phase;
    int ended; /* the peer sends no more */
    size_t scanned; /* bytes of `in` in which no end of a head was found */
    size_t skip; /* bytes of a body still to come */
    int64_t deadline; /* of LINGERING */
    char *in;
    size_t in_used;
    size_t in_room;
    char *out;
    size_t out_start;
    size_t out_used;
    size_t out_room;
    int file; /* what is sent after `out`, or -1; the next request has to wait for its end */
    uint64_t file_at;
    uint64_t file_left;
} client;

/* What a request says that matters here. A field that was not there has a size of 0. */
typedef struct text {
    const char *data;
    size_t size;
} text;

typedef struct request {
    int get;
    int head;
    int minor; /* HTTP/1.minor */
    int hosts;
    int close;
    int keep_alive;
    int encoded;
    int sized;
    int keep; /* the connection stays */
    size_t body;
    text target;
    text range;
    text if_range;
    text modified_since;
    text none_match;
} request;

/* Of a client that is not understood: it gets an answer and the end. */
static const request hopeless;

static client **clients;
static net_pollfd *fds; /* fds[0] is the listener, fds[i + 1] belongs to clients[i] */
static size_t count;
static size_t room;
static int64_t rest_until;

/* ---- buffers -------------------------------------------------------------------------------------------------- */

static int reserve(char **data, size_t *data_room, size_t need) {
    if (need <= *data_room) {
        return 1;
    }
    size_t larger = *data_room == 0 ? 1024 : *data_room;
    while (larger < need) {
        larger *= 2;
    }
    char *moved = realloc(*data, larger);
    if (moved == NULL) {
        return 0;
    }
    *data = moved;
    *data_room = larger;
    return 1;
}

static int append(client *c, const char *data, size_t size) {
    if (!reserve(&c->out, &c->out_room, c->out_used + size)) {
        return 0;
    }
    memcpy(c->out + c->out_used, data, size);
    c->out_used += size;
    return 1;
}

/* ---- answers -------------------------------------------------------------------------------------------------- */

static const char *date(void) {
    static time_t last = -1;
    static char text[DATE_TEXT];
    time_t now = time(NULL);
    if (now != last) {
        files_date(now, text);
        last = now;
    }
    return text;
}

/*
 * Queues an answer to a request; without a body only its head, without a type one that has none. Answers 0 when there
 * is no memory for it.
 */
static int answer(client *c, const request *r, const char *status, const char *extra, const char *type,
        const char *body, uint64_t size) {
    char line[256];
    int length = snprintf(line, sizeof line, "HTTP/1.1 %s\r\nDate: %s\r\nServer: http-hello\r\n", status, date());
    if (!append(c, line, (size_t)length)) {
        return 0;
    }
    if (type != NULL) {
        length = snprintf(line, sizeof line, "Content-Type: %s\r\nContent-Length: %llu\r\n", type,
                (unsigned long long)size);
        if (!append(c, line, (size_t)length)) {
            return 0;
        }
    }
    const char *connection = !r->keep ? "Connection: close\r\n\r\n"
            : r->minor == 0 ? "Connection: keep-alive\r\n\r\n" : "\r\n";
    return append(c, extra, strlen(extra)) && append(c, connection, strlen(connection))
            && (r->head || body == NULL || append(c, body, (size_t)size));
}

/* An answer of one line of text. */
static int refuse(client *c, const request *r, const char *status, const char *extra) {
    char body[128];
    int size = snprintf(body, sizeof body, "%s\n", status);
    if (!r->keep) {
        c->phase = CLOSING;
    }
    return answer(c, r, status, extra, "text/plain", body, (uint64_t)size);
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

/* Sends the client, who forgot the slash after a folder, to the right place. */
static int redirect(client *c, const request *r) {
    char extra[LINE_LIMIT + 64];
    const char *path = r->target.data;
    size_t size = files_path_size(path, r->target.size);
    if (path[0] == '/') {
        while (size > 1 && path[1] == '/') { /* two slashes would name another host */
            path++;
            size--;
        }
    }
    snprintf(extra, sizeof extra, "Location: %.*s/\r\n", (int)size, path);
    return refuse(c, r, "301 Moved Permanently", extra);
}

/* Whether the client has the file already. */
static int is_fresh(const request *r, time_t modified) {
    return r->none_match.size == 0 && r->modified_since.size > 0
            && files_time(r->modified_since.data, r->modified_since.size) >= modified;
}

/* Answers with an open file, which it keeps or closes. */
static int answer_file(client *c, const request *r, const resource *found) {
    char extra[256];
    char when[DATE_TEXT];
    uint64_t first = 0;
    uint64_t size = found->size;
    int part = RANGE_WHOLE;
    int done;
    files_date(found->modified, when);
    /* A part is of use only when the client's other parts are of the same file. */
    if (r->get && r->range.size > 0 && (r->if_range.size == 0
            || files_time(r->if_range.data, r->if_range.size) == found->modified)) {
        part = files_range(r->range.data, r->range.size, found->size, &first, &size);
    }
    int length = snprintf(extra, sizeof extra, "Last-Modified: %s\r\nAccept-Ranges: bytes\r\n", when);
    if (is_fresh(r, found->modified)) {
        size = 0;
        done = answer(c, r, "304 Not Modified", extra, NULL, NULL, 0);
    } else if (part == RANGE_OUTSIDE) {
        size = 0;
        snprintf(extra, sizeof extra, "Content-Range: bytes */%llu\r\n", (unsigned long long)found->size);
        done = refuse(c, r, "416 Range Not Satisfiable", extra);
    } else if (part == RANGE_PART) {
        snprintf(extra + length, sizeof extra - (size_t)length, "Content-Range: bytes %llu-%llu/%llu\r\n",
                (unsigned long long)first, (unsigned long long)(first + size - 1), (unsigned long long)found->size);
        done = answer(c, r, "206 Partial Content", extra, found->type, NULL, size);
    } else {
        done = answer(c, r, "200 OK", extra, found->type, NULL, size);
    }
    if (r->head || size == 0 || !done) {
        net_close(found->fd);
    } else {
        c->file = found->fd;
        c->file_at = first;
        c->file_left = size;
    }
    return done;
}

static int answer_from_folder(client *c, const request *r) {
    resource found;
    const char *refused = files_find(r->target.data, r->target.size, &found);
    if (refused != NULL) {
        return refuse(c, r, refused, "");
    }
    if (found.slash_missing) {
        return redirect(c, r);
    }
    if (found.listing != NULL) {
        int done = answer(c, r, "200 OK", "", found.type, found.listing, found.size);
        free(found.listing);
        return done;
    }
    return answer_file(c, r, &found);
}

/* ---- requests ------------------------------------------------------------------------------------------------- */

static int is_token(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* Whether a comma-separated header value contains a word. */
static int has_word(const char *value, size_t size, const char *word) {
    size_t length = strlen(word);
    size_t at = 0;
    while (at < size) {
        while (at < size && (value[at] == ' ' || value[at] == '\t' || value[at] == ',')) {
            at++;
        }
        size_t start = at;
        while (at < size && value[at] != ',') {
            at++;
        }
        size_t end = at;
        while (end > start && (value[end - 1] == ' ' || value[end - 1] == '\t')) {
            end--;
        }
        if (end - start == length && strncasecmp(value + start, word, length) == 0) {
            return 1;
        }
    }
    return 0;
}

static int named(const char *name, size_t size, const char *wanted) {
    return strlen(wanted) == size && strncasecmp(name, wanted, size) == 0;
}

/* One header line. Answers 0 when it is malformed. */
static int read_field(const char *line, size_t size, request *r) {
    size_t colon = 0;
    while (colon < size && is_token(line[colon])) {
        colon++;
    }
    if (colon == 0 || colon == size || line[colon] != ':') {
        return 0;
    }
    const char *value = line + colon + 1;
    size_t length = size - colon - 1;
    while (length > 0 && (*value == ' ' || *value == '\t')) {
        value++;
        length--;
    }
    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t')) {
        length--;
    }
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)value[i] < ' ' && value[i] != '\t') {
            return 0;
        }
    }
    if (named(line, colon, "host")) {
        r->hosts++;
    } else if (named(line, colon, "connection")) {
        r->close |= has_word(value, length, "close");
        r->keep_alive |= has_word(value, length, "keep-alive");
    } else if (named(line, colon, "expect")) {
        r->close = 1; /* whether the body follows after all cannot be known */
    } else if (named(line, colon, "range")) {
        r->range = (text){value, length};
    } else if (named(line, colon, "if-range")) {
        r->if_range = (text){value, length};
    } else if (named(line, colon, "if-modified-since")) {
        r->modified_since = (text){value, length};
    } else if (named(line, colon, "if-none-match")) {
        r->none_match = (text){value, length};
    } else if (named(line, colon, "transfer-encoding")) {
        r->encoded = 1;
    } else if (named(line, colon, "content-length")) {
        size_t number = 0;
        if (length == 0) {
            return 0;
        }
        for (size_t i = 0; i < length; i++) {
            if (value[i] < '0' || value[i] > '9') {
                return 0;
            }
            number = number > BODY_LIMIT ? number : number * 10 + (size_t)(value[i] - '0');
        }
        if (r->sized && r->body != number) {
            return 0;
        }
        r->sized = 1;
        r->body = number;
    }
    return 1;
}

/* The request line: METHOD SP TARGET SP HTTP/1.x. Answers 0, or the status that refuses it. */
static const char *read_request_line(const char *line, size_t size, request *r) {
    size_t at = 0;
    while (at < size && is_token(line[at])) {
        at++;
    }
    if (at == 0 || at == size || line[at] != ' ') {
        return "400 Bad Request";
    }
    r->get = at == 3 && memcmp(line, "GET", 3) == 0;
    r->head = at == 4 && memcmp(line, "HEAD", 4) == 0;
    size_t target = ++at;
    while (at < size && (unsigned char)line[at] > ' ' && line[at] != 0x7f) {
        at++;
    }
    if (at == target || at == size || line[at] != ' ') {
        return "400 Bad Request";
    }
    r->target = (text){line + target, at - target};
    at++;
    if (size - at != 8 || memcmp(line + at, "HTTP/", 5) != 0 || line[at + 5] < '0' || line[at + 5] > '9'
            || line[at + 6] != '.' || line[at + 7] < '0' || line[at + 7] > '9') {
        return "400 Bad Request";
    }
    if (line[at + 5] != '1') {
        return "505 HTTP Version Not Supported";
    }
    r->minor = line[at + 7] - '0';
    return NULL;
}

/* As read_request_line, for a line that may end in CR. */
static const char *check_line(const char *line, size_t size) {
    request r;
    return read_request_line(line, size > 0 && line[size - 1] == '\r' ? size - 1 : size, &r);
}

/* Answers a whole head of `size` bytes (with its empty line). Answers 0 when the client must be dropped. */
static int handle(client *c, const char *head, size_t size) {
    request r;
    const char *refused = NULL;
    size_t at = 0;
    int first = 1;
    memset(&r, 0, sizeof r);
    while (at < size && refused == NULL) {
        size_t end = at;
        while (head[end] != '\n') {
            end++;
        }
        size_t length = end - at;
        if (length > 0 && head[at + length - 1] == '\r') {
            length--;
        }
        if (first) {
            refused = read_request_line(head + at, length, &r);
            first = 0;
        } else if (length > 0 && !read_field(head + at, length, &r)) {
            refused = "400 Bad Request";
        }
        at = end + 1;
    }
    if (refused == NULL && (r.hosts > 1 || (r.hosts == 0 && r.minor > 0) || (r.encoded && r.sized))) {
        refused = "400 Bad Request";
    }
    if (refused == NULL && r.body > BODY_LIMIT) {
        refused = "413 Content Too Large";
    }
    if (refused != NULL) {
        return refuse(c, &hopeless, refused, "");
    }
    /* A body in chunks is not read: the answer leaves and the connection ends. */
    r.keep = !r.encoded && !r.close && (r.minor > 0 || r.keep_alive);
    c->skip = r.body;
    int done;
    if (!r.get && !r.head) {
        done = refuse(c, &r, "405 Method Not Allowed", "Allow: GET, HEAD\r\n");
    } else if (files_served()) {
        done = answer_from_folder(c, &r);
    } else {
        done = answer(c, &r, "200 OK", "", "text/html; charset=utf-8", page, sizeof page - 1);
    }
    c->phase = !r.keep ? CLOSING : c->skip > 0 ? SKIPPING : READING;
    return done;
}

static void take(client *c, size_t size) {
    memmove(c->in, c->in + size, c->in_used - size);
    c->in_used -= size;
}

/* Finds the end of the head that starts `in`; 0 when it is not there yet. */
static size_t head_end(client *c) {
    for (size_t i = c->scanned; i < c->in_used; i++) {
        if (c->in[i] == '\n' && ((i >= 1 && c->in[i - 1] == '\n')
                || (i >= 2 && c->in[i - 1] == '\r' && c->in[i - 2] == '\n'))) {
            return i + 1;
        }
    }
    c->scanned = c->in_used;
    return 0;
}

/* Whether another answer may be queued. */
static int has_room(const client *c) {
    return c->file < 0 && c->out_used - c->out_start < OUT_LIMIT;
}

/* Whether there is something to send. */
static int has_output(const client *c) {
    return c->file >= 0 || c->out_start < c->out_used;
}

/* Works on what was received, as far as there is room for answers. Answers 0 when the client must be dropped. */
static int parse(client *c) {
    while (c->in_used > 0 && has_room(c)) {
        if (c->phase == SKIPPING) {
            size_t part = c->skip < c->in_used ? c->skip : c->in_used;
            take(c, part);
            c->skip -= part;
            if (c->skip == 0) {
                c->phase = READING;
            }
        } else if (c->phase != READING) {
            c->in_used = 0;
        } else if (c->in[0] == '\n' || (c->in[0] == '\r' && c->in_used > 1 && c->in[1] == '\n')) {
            take(c, c->in[0] == '\n' ? 1 : 2); /* empty lines before a request are allowed */
            c->scanned = 0;
        } else {
            size_t size = head_end(c);
            const char *line = memchr(c->in, '\n', c->in_used);
            size_t line_size = line == NULL ? c->in_used : (size_t)(line - c->in);
            const char *refused;
            int alive = 1;
            if (line_size > LINE_LIMIT) {
                alive = refuse(c, &hopeless, "414 URI Too Long", "");
            } else if (size > HEAD_LIMIT || (size == 0 && c->in_used > HEAD_LIMIT)) {
                alive = refuse(c, &hopeless, "431 Request Header Fields Too Large", "");
            } else if (!is_token(c->in[0]) && !(c->in[0] == '\r' && c->in_used == 1)) {
                alive = refuse(c, &hopeless, "400 Bad Request", "");
            } else if (size > 0) {
                alive = handle(c, c->in, size);
                take(c, size);
                c->scanned = 0;
            } else if (line != NULL && (refused = check_line(c->in, line_size)) != NULL) {
                alive = refuse(c, &hopeless, refused, ""); /* no need to wait for the rest */
            } else {
                return 1;
            }
            if (!alive) {
                return 0;
            }
        }
    }
    return 1;
}

/* ---- connections ---------------------------------------------------------------------------------------------- */

static int wants_input(const client *c) {
    return !c->ended && (c->phase == LINGERING || (c->phase != CLOSING && has_room(c)));
}

/* Receives once. Answers -1 for a broken connection, 1 for progress, 0 when nothing is there. */
static int receive(client *c) {
    size_t moved;
    if (!reserve(&c->in, &c->in_room, c->in_used + 4096)) {
        return -1;
    }
    int error = net_recv(c->fd, c->in + c->in_used, c->in_room - c->in_used, 0, &moved);
    if (error == EAGAIN || error == EINTR) {
        return 0;
    }
    if (error != 0) {
        return -1;
    }
    c->ended = moved == 0;
    c->in_used += moved;
    return 1;
}

static void end_file(client *c) {
    net_close(c->file);
    c->file = -1;
}

/* Sends a piece of the file; answers as flush does. */
static int send_piece(client *c) {
    size_t moved;
    size_t size = c->file_left < PIECE ? (size_t)c->file_left : PIECE;
    int error = net_sendfile(c->fd, c->file, c->file_at, size, &moved);
    if (error == EAGAIN || error == EINTR) {
        return 0;
    }
    if (error != 0 || moved == 0) {
        return -1; /* moved nothing: the file has become shorter than was promised */
    }
    c->file_at += moved;
    c->file_left -= moved;
    if (c->file_left == 0) {
        end_file(c);
    }
    return 1;
}

/* Sends what is queued. Answers -1 for a broken connection, 1 for progress, 0 when the client takes nothing. */
static int flush(client *c) {
    int progress = 0;
    while (c->out_start < c->out_used) {
        size_t moved;
        int error = net_send(c->fd, c->out + c->out_start, c->out_used - c->out_start, 0, &moved);
        if (error == EAGAIN || error == EINTR) {
            return progress;
        }
        if (error != 0) {
            return -1;
        }
        c->out_start += moved;
        progress = 1;
    }
    c->out_start = 0;
    c->out_used = 0;
    if (c->file >= 0) {
        int sent = send_piece(c);
        return sent == 0 ? progress : sent;
    }
    return progress;
}

/* Does what can be done without waiting. Answers 0 when the client is done. */
static int serve(client *c) {
    for (int rounds = 0;; rounds++) {
        int progress = 0;
        if (rounds < 8 && wants_input(c)) {
            progress = receive(c);
        }
        if (progress < 0 || !parse(c)) {
            return 0;
        }
        int sent = flush(c);
        if (sent < 0) {
            return 0;
        }
        if (c->file >= 0) {
            return 1; /* the next piece when the others had their turn */
        }
        if (!has_output(c)) {
            if (c->ended && (c->phase != READING || c->in_used == 0 || head_end(c) == 0)) {
                return 0; /* no further request can come */
            }
            if (c->phase == CLOSING) {
                c->phase = LINGERING;
                c->deadline = net_now() + LINGER_NS;
                if (net_shutdown(c->fd, NET_SHUT_WR) != 0) {
                    return 0;
                }
                progress = 1;
            }
        }
        if (progress == 0 && sent == 0) {
            break;
        }
    }
    return 1;
}

static int grow(void) {
    size_t larger = room == 0 ? 64 : room * 2;
    client **more_clients = realloc(clients, larger * sizeof *clients);
    if (more_clients != NULL) {
        clients = more_clients;
    }
    net_pollfd *more_fds = realloc(fds, (larger + 1) * sizeof *fds);
    if (more_fds != NULL) {
        fds = more_fds;
    }
    if (more_clients == NULL || more_fds == NULL) {
        return 0;
    }
    room = larger;
    return 1;
}

static void drop(size_t i) {
    client *c = clients[i];
    net_close(c->fd);
    if (c->file >= 0) {
        end_file(c);
    }
    free(c->in);
    free(c->out);
    free(c);
    count--;
    clients[i] = clients[count];
    fds[i + 1].got = fds[count + 1].got;
}

static void accept_all(int listener) {
    static int last_error;
    for (int i = 0; i < 64; i++) {
        int fd;
        int error = net_accept(listener, NET_NONBLOCK, &fd, NULL);
        if (error == 0) {
            client *c = count < room || grow() ? calloc(1, sizeof *c) : NULL;
            if (c == NULL) {
                net_close(fd);
                continue;
            }
            c->fd = fd;
            c->file = -1;
            last_error = 0;
            net_set_flag(fd, NET_NO_DELAY, 1);
            fds[count + 1].got = 0;
            clients[count++] = c;
        } else if (error == EAGAIN) {
            return;
        } else if (error != ECONNABORTED && error != EINTR) {
            /* No descriptor or no memory for a client: let the listener rest, those who are connected go on. */
            if (error != last_error) {
                fprintf(stderr, "accept: %s\n", net_errname(error)); /* once, not ten times a second */
                last_error = error;
            }
            rest_until = net_now() + REST_NS;
            return;
        }
    }
}

/* Reads -d DIR and answers how many arguments that were. */
static int read_options(int argc, char **argv) {
    if (argc < 2 || argv[1][0] != '-') {
        return 0;
    }
    if (argc < 4 || strcmp(argv[1], "-d") != 0) {
        fprintf(stderr, "usage: %s [-d DIR] PORT [HOST]\n", argv[0]);
        exit(2);
    }
    int error = files_serve(argv[2]);
    if (error != 0) {
        fprintf(stderr, "%s: %s: %s\n", argv[0], argv[2], net_errname(error));
        exit(1);
    }
    argv[2] = argv[0];
    return 2;
}

int main(int argc, char **argv) {
    int options = read_options(argc, argv);
    int listener = net_start_server(argc - options, argv + options, BACKLOG);
    int64_t now = 0;
    if (!grow()) {
        return 1;
    }
    for (;;) {
        int64_t next = rest_until;
        size_t ready;
        fds[0].fd = listener;
        fds[0].want = rest_until == 0 ? NET_READ : 0;
        for (size_t i = 0; i < count; i++) {
            client *c = clients[i];
            fds[i + 1].fd = c->fd;
            fds[i + 1].want = (wants_input(c) ? NET_READ : 0u) | (has_output(c) ? NET_WRITE : 0u);
            if (c->phase == LINGERING && (next == 0 || c->deadline < next)) {
                next = c->deadline;
            }
        }
        int64_t wait = NET_NO_TIME;
        if (next != 0) {
            now = net_now();
            wait = next > now ? next - now : 0;
        }
        int error = net_poll(fds, count + 1, wait, &ready);
        if (error == EINTR) {
            continue;
        }
        if (error != 0) {
            fprintf(stderr, "poll: %s\n", net_errname(error));
            return 1;
        }
        if (next != 0) {
            now = net_now();
            if (rest_until != 0 && rest_until <= now) {
                rest_until = 0;
            }
        }
        for (size_t i = 0; i < count;) {
            client *c = clients[i];
            if ((fds[i + 1].got != 0 && !serve(c)) || (c->phase == LINGERING && c->deadline <= now && next != 0)) {
                drop(i);
            } else {
                i++;
            }
        }
        if (fds[0].got & NET_ERROR) {
            fprintf(stderr, "listener: %s\n", net_errname(fds[0].error));
            return 1;
        }
        if (fds[0].got != 0) {
            accept_all(listener);
        }
    }
}
