/* What load.c needs of WebSockets, of time and of counting: frames from a client and to it, a clock, a histogram. */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull
#define LONGEST_FRAME 4096 /* that we send */
#define PATIENCE_MS 5000   /* with a server that reads nothing */

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };
enum { FINE = 5, BUCKETS = 40 << FINE }; /* 32 buckets to each doubling: a latency is known within 3 % */

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* By microseconds; load.py knows the way back. */
static size_t bucket(uint64_t ns) {
    uint64_t us = ns / 1000;
    if (us < 1 << FINE) return us;
    int power = 63 - __builtin_clzll(us);
    size_t place = ((size_t)(power - FINE + 1) << FINE) + (us >> (power - FINE) & ((1 << FINE) - 1));
    return place < BUCKETS ? place : BUCKETS - 1;
}

static int send_all(int fd, const uint8_t *data, size_t length) {
    for (size_t sent = 0; sent < length;) {
        ssize_t step = send(fd, data + sent, length - sent, MSG_NOSIGNAL);
        if (step < 0 && errno == EAGAIN) {
            struct pollfd writable = {.fd = fd, .events = POLLOUT};
            if (poll(&writable, 1, PATIENCE_MS) != 1) return -1;
        } else if (step < 0) {
            return -1;
        } else {
            sent += (size_t)step;
        }
    }
    return 0;
}

static int send_frame(int fd, int opcode, const char *text, size_t size) {
    static const uint8_t MASK[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t frame[8 + LONGEST_FRAME];
    size_t head = size < 126 ? 6 : 8;
    if (size > LONGEST_FRAME) return -1;
    frame[0] = (uint8_t)(0x80 | opcode);
    frame[1] = (uint8_t)(0x80 | (size < 126 ? size : 126));
    if (size >= 126) frame[2] = (uint8_t)(size >> 8), frame[3] = (uint8_t)size;
    memcpy(frame + head - 4, MASK, 4);
    for (size_t at = 0; at < size; at++) frame[head + at] = (uint8_t)text[at] ^ MASK[at & 3];
    return send_all(fd, frame, head + size);
}

/* The size of the frame that begins here, with its head, and where its content starts; 0 while it is not whole. */
static size_t frame_size(const uint8_t *data, size_t held, size_t *start) {
    if (held < 2) return 0;
    uint64_t size = data[1] & 0x7f;
    *start = size == 127 ? 10 : size == 126 ? 4 : 2;
    if (held < *start) return 0;
    if (*start > 2) {
        size = 0;
        for (size_t at = 2; at < *start; at++) size = size << 8 | data[at];
    }
    return *start + size <= held ? *start + size : 0;
}

/* The text behind `key` until the next quotation mark; NULL if there is none. `text` moves behind it. */
static const char *quoted(const char **text, const char *end, const char *key, size_t *length) {
    const char *found = memmem(*text, (size_t)(end - *text), key, strlen(key));
    if (!found) return NULL;
    found += strlen(key);
    const char *close = memchr(found, '"', (size_t)(end - found));
    if (!close) return NULL;
    *length = (size_t)(close - found), *text = close;
    return found;
}
