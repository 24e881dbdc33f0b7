/*
 * The files that http-hello serves: from the target of a request to an open file or a listing, and what the header
 * says about them (types, dates, ranges). Knows nothing of connections.
 */
#ifndef HTTP_FILES_H
#define HTTP_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* What a target names: a file, a folder that is listed, or a folder whose name lacks its slash. */
typedef struct resource {
    int fd; /* of a file, open for reading; else -1. The caller closes it */
    uint64_t size;
    time_t modified;
    const char *type;
    char *listing; /* of a folder without index.html, `size` bytes; else NULL. The caller frees it */
    int slash_missing;
} resource;

/* Takes the folder to serve; 0 or an errno. */
int files_serve(const char *folder);

/* Whether there is one. */
int files_served(void);

/*
 * Finds what the target of a request names. Answers NULL, or the status that refuses it. A name with ".." in it is
 * refused; links are followed as far as the host follows them.
 */
const char *files_find(const char *target, size_t size, resource *found);

/* The length of the path with which a target in origin form begins: what is left of ? and #. */
size_t files_path_size(const char *target, size_t size);

enum { RANGE_WHOLE, RANGE_PART, RANGE_OUTSIDE };

/* Reads the value of a Range field for `size` bytes. What is malformed, or more than one range, means the whole. */
int files_range(const char *value, size_t length, uint64_t size, uint64_t *first, uint64_t *count);

#define DATE_TEXT 64

/* A time as HTTP writes it; answers the buffer. */
const char *files_date(time_t when, char text[DATE_TEXT]);

/* Reads a date in one of the three forms of HTTP; -1 when it is none. */
time_t files_time(const char *value, size_t length);

#endif
