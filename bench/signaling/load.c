/* The busy part of load.py: reads what comes on all sockets and answers each signal by the client's next frame.
 * Sockets are connected and seated already. Compiled and called by load.py. */

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_CLIENTS 1024
#define BUFFER (1 << 17)
#define PATIENCE 30000 /* milliseconds */

static const char PONG[] = "\x81\x81\x37\xfa\x21\x3d\x04"; /* "3", masked by the first byte, 0x37 */

static struct {
    uint8_t data[BUFFER];
    size_t held;
    unsigned turn;
} clients[MOST_CLIENTS];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* Sends `count` of the client's frames, each of `size` bytes, to its mates in turn. */
static int say(int client, int fd, const uint8_t *frames, size_t size, unsigned mates, unsigned count) {
    static uint8_t out[BUFFER];
    size_t length = 0;
    while (count--) {
        memcpy(out + length, frames + (size * ((size_t)client * mates + clients[client].turn++ % mates)), size);
        length += size;
    }
    for (size_t sent = 0; sent < length;) {
        ssize_t step = send(fd, out + sent, length - sent, MSG_NOSIGNAL);
        if (step < 0) return -1;
        sent += (size_t)step;
    }
    return 0;
}

/* Takes the frames that are whole; answers how many were signals, by their beginning. */
static long hear(int client, int fd, const char *begin, size_t begins) {
    uint8_t *data = clients[client].data;
    ssize_t came = recv(fd, data + clients[client].held, BUFFER - clients[client].held, MSG_DONTWAIT);
    if (came <= 0) return came < 0 && errno == EAGAIN ? 0 : -1;
    size_t end = clients[client].held + (size_t)came, at = 0;
    long signals = 0;
    while (end - at >= 4) { /* no server says less than that at a time but a ping of 3 bytes, seen to below */
        size_t size = data[at + 1], start = at + 2;
        if (size == 126) size = (size_t)data[at + 2] << 8 | data[at + 3], start += 2;
        if (start + size > end) break;
        if (size >= begins && !memcmp(data + start, begin, begins)) signals++;
        else if (size == 1 && data[start] == '2' && send(fd, PONG, sizeof PONG - 1, MSG_NOSIGNAL) < 0) return -1;
        at = start + size;
    }
    if (end - at == 3 && data[at + 1] == 1 && data[at + 2] == '2') {
        if (send(fd, PONG, sizeof PONG - 1, MSG_NOSIGNAL) < 0) return -1;
        at = end;
    }
    memmove(data, data + at, end - at);
    clients[client].held = end - at;
    return signals;
}

/* Signals relayed within `seconds`, those still on their way at the end included; -1 if a connection or a signal is lost. */
long run(int count, const int *fds, const uint8_t *frames, size_t size, unsigned mates, unsigned window,
         const char *begin, double seconds) {
    int poll = epoll_create1(0);
    long relayed = 0, under_way = 0;
    for (int client = 0; client < count; client++) {
        struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = (uint32_t)client};
        epoll_ctl(poll, EPOLL_CTL_ADD, fds[client], &wanted);
        if (say(client, fds[client], frames, size, mates, window)) return -1;
        under_way += window;
    }
    double end = now() + seconds;
    for (int answering = 1; under_way > 0; answering = now() < end) {
        struct epoll_event ready[MOST_CLIENTS];
        int events = epoll_wait(poll, ready, MOST_CLIENTS, PATIENCE);
        if (events <= 0) return -1;
        for (int event = 0; event < events; event++) {
            int client = (int)ready[event].data.u32;
            long signals = hear(client, fds[client], begin, strlen(begin));
            if (signals < 0) return -1;
            relayed += signals;
            under_way -= signals;
            if (answering && signals) {
                if (say(client, fds[client], frames, size, mates, (unsigned)signals)) return -1;
                under_way += signals;
            }
        }
    }
    close(poll);
    return relayed;
}
