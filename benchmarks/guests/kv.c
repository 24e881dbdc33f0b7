/*
 * kv PORT [HOST]: a store of keys and values in memory, from one epoll loop. A request is a line, and requests may follow
 * each other without waiting for answers:
 *
 *   SET KEY VALUE   +OK
 *   GET KEY         $LENGTH, the value in a line of its own; or $-1 when there is none
 *
 * Whatever else comes ends the connection, as does a key over 31 bytes, a value over 63, or one key too many. It never
 * ends by itself.
 */
#include "epoll-server.h"

#define PLACES 65536 /* a power of two */
#define MOST_KEYS (PLACES / 4 * 3)
#define LARGEST 80 /* of an answer */

typedef struct entry {
    uint8_t key_size; /* 0 when the place is free */
    uint8_t value_size;
    char key[31];
    char value[63];
} entry;

static entry entries[PLACES];
static size_t keys;

/* The place of a key, or the free one where it would go. */
static entry *find(const char *key, size_t size) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (uint8_t)key[i]) * 16777619u;
    }
    for (uint32_t at = hash;; at++) {
        entry *e = &entries[at & (PLACES - 1)];
        if (e->key_size == 0 || (e->key_size == size && memcmp(e->key, key, size) == 0)) {
            return e;
        }
    }
}

static size_t put(char *out, const char *text) {
    size_t size = strlen(text);
    memcpy(out, text, size);
    return size;
}

static size_t set_value(const char *key, size_t key_size, const char *value, size_t value_size, char *out) {
    if (key_size == 0 || key_size > sizeof entries->key || value_size > sizeof entries->value) {
        return 0;
    }
    entry *e = find(key, key_size);
    if (e->key_size == 0) {
        if (keys == MOST_KEYS) {
            return 0;
        }
        keys++;
        e->key_size = (uint8_t)key_size;
        memcpy(e->key, key, key_size);
    }
    e->value_size = (uint8_t)value_size;
    memcpy(e->value, value, value_size);
    return put(out, "+OK\r\n");
}

static size_t get_value(const char *key, size_t size, char *out) {
    if (size == 0 || size > sizeof entries->key) {
        return 0;
    }
    const entry *e = find(key, size);
    if (e->key_size == 0) {
        return put(out, "$-1\r\n");
    }
    size_t at = 0;
    out[at++] = '$';
    if (e->value_size >= 10) {
        out[at++] = (char)('0' + e->value_size / 10);
    }
    out[at++] = (char)('0' + e->value_size % 10);
    at += put(out + at, "\r\n");
    memcpy(out + at, e->value, e->value_size);
    at += e->value_size;
    return at + put(out + at, "\r\n");
}

/* Writes the answer to a line; 0 for one that is no request. */
static size_t answer_line(const char *line, size_t size, char *out) {
    if (size < 4) {
        return 0;
    }
    const char *key = line + 4;
    if (memcmp(line, "GET ", 4) == 0) {
        return get_value(key, size - 4, out);
    }
    const char *space = memchr(key, ' ', size - 4);
    if (memcmp(line, "SET ", 4) != 0 || space == NULL) {
        return 0;
    }
    return set_value(key, (size_t)(space - key), space + 1, size - (size_t)(space + 1 - line), out);
}

static int answer_requests(client *c) {
    size_t start = 0;
    while (c->out_used + LARGEST <= ROOM) {
        const char *line = c->in + start;
        const char *newline = memchr(line, '\n', c->in_used - start);
        if (newline == NULL) {
            break;
        }
        size_t size = (size_t)(newline - line);
        size_t written = answer_line(line, size > 0 && line[size - 1] == '\r' ? size - 1 : size, c->out + c->out_used);
        if (written == 0) {
            return 0;
        }
        c->out_used += written;
        start += size + 1;
    }
    if (start > 0) {
        c->in_used -= start;
        memmove(c->in, c->in + start, c->in_used);
    }
    return c->in_used < ROOM || c->out_used > 0;
}

int main(int argc, char **argv) {
    return serve_for_ever(argc, argv);
}
