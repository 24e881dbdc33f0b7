#include "http-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LIMIT 4096
#define LISTING_LIMIT 2000 /* names; a folder may have more than is good to hold in memory */

/* O_NONBLOCK: to open a FIFO must not wait for its writer. */
#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_CLOEXEC)

static int root = -1;

int files_serve(const char *folder) {
    root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root < 0 ? errno : 0;
}

int files_served(void) {
    return root >= 0;
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

size_t files_path_size(const char *target, size_t size) {
    size_t at = 0;
    while (at < size && target[at] != '?' && target[at] != '#') {
        at++;
    }
    return at;
}

static int hex(char c) {
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *found = c == 0 ? NULL : strchr(digits, c);
    return found == NULL ? -1 : (int)(found - digits) % 16;
}

static int leads_up(const char *path) {
    while (*path != 0) {
        size_t length = strcspn(path, "/");
        if (length == 2 && path[0] == '.' && path[1] == '.') {
            return 1;
        }
        path += length;
        path += strspn(path, "/");
    }
    return 0;
}

/* Makes a path relative to the folder of a target. Answers NULL, or the status that refuses it. */
static const char *decode(const char *target, size_t size, char path[PATH_LIMIT]) {
    size_t used = 0;
    if (size > 7 && strncasecmp(target, "http://", 7) == 0) { /* the absolute form, as proxies send it */
        const char *slash = memchr(target + 7, '/', size - 7);
        size = slash == NULL ? 0 : size - (size_t)(slash - target);
        target = slash == NULL ? "" : slash;
    } else if (size == 0 || target[0] != '/') {
        return "400 Bad Request";
    }
    size = files_path_size(target, size);
    for (size_t at = 0; at < size; at++) {
        int c = (unsigned char)target[at];
        if (c == '%') {
            int high = at + 2 < size ? hex(target[at + 1]) : -1;
            int low = at + 2 < size ? hex(target[at + 2]) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0)) {
                return "400 Bad Request";
            }
            c = high * 16 + low;
            at += 2;
        }
        if (c == '/' && used == 0) {
            continue; /* never an absolute path, however it is encoded */
        }
        if (used == PATH_LIMIT - 1) {
            return "404 Not Found";
        }
        path[used++] = (char)c;
    }
    path[used] = 0;
    if (leads_up(path)) {
        return "403 Forbidden";
    }
    if (used == 0) {
        strcpy(path, ".");
    }
    return NULL;
}

static const char *status_of(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
        case ENAMETOOLONG:
            return "404 Not Found";
        case EACCES:
        case EPERM:
        case ELOOP:
        case ENXIO:
#ifdef ENOTCAPABLE
        case ENOTCAPABLE:
#endif
            return "403 Forbidden";
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return "503 Service Unavailable";
        default:
            return "500 Internal Server Error";
    }
}

static const char *type_of(const char *name) {
    static const struct {
        const char *suffix;
        const char *type;
    } types[] = {
        {"html", "text/html; charset=utf-8"},
        {"htm", "text/html; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"json", "application/json"},
        {"txt", "text/plain; charset=utf-8"},
        {"md", "text/plain; charset=utf-8"},
        {"csv", "text/csv; charset=utf-8"},
        {"xml", "application/xml"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"webp", "image/webp"},
        {"ico", "image/x-icon"},
        {"pdf", "application/pdf"},
        {"wasm", "application/wasm"},
        {"woff2", "font/woff2"},
        {"mp4", "video/mp4"},
        {"mp3", "audio/mpeg"},
        {"gz", "application/gzip"},
        {"zip", "application/zip"},
    };
    const char *slash = strrchr(name, '/');
    const char *dot = strrchr(slash == NULL ? name : slash, '.');
    if (dot != NULL) {
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
            if (strcasecmp(dot + 1, types[i].suffix) == 0) {
                return types[i].type;
            }
        }
    }
    return "application/octet-stream";
}

/* ---- folders -------------------------------------------------------------------------------------------------- */

static void put_href(FILE *out, const char *name) {
    fputs("./", out); /* a name may contain a colon */
    for (; *name != 0; name++) {
        unsigned char c = (unsigned char)*name;
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || strchr("-._~", c) != NULL) {
            putc(c, out);
        } else {
            fprintf(out, "%%%02X", c);
        }
    }
}

static void put_text(FILE *out, const char *text) {
    for (; *text != 0; text++) {
        if (strchr("<>&\"'", *text) != NULL) {
            fprintf(out, "&#%d;", *text);
        } else {
            putc(*text, out);
        }
    }
}

/* Lists a folder, whose descriptor it closes. Answers NULL, or the status that refuses it. */
static const char *list(int fd, resource *found) {
    size_t size = 0;
    DIR *folder = fdopendir(fd);
    if (folder == NULL) {
        const char *refused = status_of(errno);
        close(fd);
        return refused;
    }
    FILE *out = open_memstream(&found->listing, &size);
    if (out == NULL) {
        closedir(folder);
        return status_of(ENOMEM);
    }
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Files</title></head>\n"
          "<body>\n<ul>\n", out);
    struct dirent *entry;
    for (int names = 0; (entry = readdir(folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (names++ == LISTING_LIMIT) {
            fputs("<li>and more</li>\n", out);
            break;
        }
        const char *slash = entry->d_type == DT_DIR ? "/" : "";
        fputs("<li><a href=\"", out);
        put_href(out, entry->d_name);
        fprintf(out, "%s\">", slash);
        put_text(out, entry->d_name);
        fprintf(out, "%s</a></li>\n", slash);
    }
    closedir(folder);
    fputs("</ul>\n</body>\n</html>\n", out);
    int failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(found->listing);
        found->listing = NULL;
        return status_of(ENOMEM);
    }
    found->size = size;
    found->type = "text/html; charset=utf-8";
    return NULL;
}

/* ---- finding -------------------------------------------------------------------------------------------------- */

const char *files_find(const char *target, size_t size, resource *found) {
    char path[PATH_LIMIT];
    struct stat stat;
    memset(found, 0, sizeof *found);
    found->fd = -1;
    const char *refused = decode(target, size, path);
    if (refused != NULL) {
        return refused;
    }
    int fd = openat(root, path, OPEN_FLAGS);
    if (fd < 0) {
        return status_of(errno);
    }
    const char *name = path;
    if (fstat(fd, &stat) == 0 && S_ISDIR(stat.st_mode)) {
        if (strcmp(path, ".") != 0 && path[strlen(path) - 1] != '/') {
            close(fd);
            found->slash_missing = 1;
            return NULL;
        }
        name = "index.html";
        int index = openat(fd, name, OPEN_FLAGS);
        if (index < 0) {
            if (errno == ENOENT) {
                return list(fd, found);
            }
            refused = status_of(errno);
            close(fd);
            return refused;
        }
        close(fd);
        fd = index;
    }
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        close(fd);
        return "403 Forbidden";
    }
    found->fd = fd;
    found->size = (uint64_t)stat.st_size;
    found->modified = stat.st_mtime;
    found->type = type_of(name);
    return NULL;
}

/* ---- ranges and dates ----------------------------------------------------------------------------------------- */

/* Reads digits; answers how many there were. A number that is too large stays the largest. */
static size_t read_number(const char *text, size_t length, uint64_t *number) {
    size_t at = 0;
    *number = 0;
    while (at < length && text[at] >= '0' && text[at] <= '9') {
        uint64_t digit = (uint64_t)(text[at++] - '0');
        *number = *number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *number * 10 + digit;
    }
    return at;
}

int files_range(const char *value, size_t length, uint64_t size, uint64_t *first, uint64_t *count) {
    uint64_t last;
    *first = 0;
    *count = size;
    if (length < 6 || strncasecmp(value, "bytes=", 6) != 0) {
        return RANGE_WHOLE;
    }
    value += 6;
    length -= 6;
    uint64_t from;
    size_t digits = read_number(value, length, &from);
    if (digits == length || value[digits] != '-') {
        return RANGE_WHOLE;
    }
    size_t more = read_number(value + digits + 1, length - digits - 1, &last);
    if (digits + 1 + more != length || (digits == 0 && more == 0)) {
        return RANGE_WHOLE;
    }
    if (digits == 0) { /* the last bytes */
        if (last == 0 || size == 0) {
            return RANGE_OUTSIDE;
        }
        *count = last < size ? last : size;
        *first = size - *count;
        return RANGE_PART;
    }
    if (more == 0) {
        last = UINT64_MAX;
    }
    if (last < from) {
        return RANGE_WHOLE;
    }
    if (from >= size) {
        return RANGE_OUTSIDE;
    }
    *first = from;
    *count = (last < size ? last + 1 : size) - from;
    return RANGE_PART;
}

const char *files_date(time_t when, char text[DATE_TEXT]) {
    struct tm *utc = gmtime(&when);
    if (utc == NULL || strftime(text, DATE_TEXT, "%a, %d %b %Y %H:%M:%S GMT", utc) == 0) {
        text[0] = 0;
    }
    return text;
}

time_t files_time(const char *value, size_t length) {
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %d %H:%M:%S %Y",
    };
    char text[DATE_TEXT];
    if (length >= sizeof text) {
        return -1;
    }
    memcpy(text, value, length);
    text[length] = 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm utc;
        memset(&utc, 0, sizeof utc);
        const char *end = strptime(text, forms[i], &utc);
        if (end != NULL && *end == 0) {
            return timegm(&utc);
        }
    }
    return -1;
}
