/* The busy part of load.py: speaks for all clients and reads what they hear. Their sockets are connected and seated already.
 *
 * Each frame carries a mark: when it was sent, on which pair (sender and target), and its number there. What arrives is held
 * against it: the right client must hear it, in the order it was sent, and the server must have said who sent it. */

#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (1 << 17)
#define MOST_EVENTS 512
#define HEADER 8 /* of a frame we send: 126 to 65535 bytes, masked; so MASK goes by the place in the frame, too */
#define SECOND 1000000000ull

static const uint8_t MASK[4] = {0x37, 0xfa, 0x21, 0x3d};
static const char SIGN[] = "@@", FROM[] = "\"from\":\"";
enum { TIME = 16, PAIR = 8, NUMBER = 8, DIGITS = TIME + PAIR + NUMBER };
enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

struct client {
    size_t held, turn; /* bytes of an unfinished frame; frames sent so far */
    int gone;
    uint8_t data[BUFFER];
};

struct load {
    size_t clients, mates, size, mark; /* `size` of a frame, `mark` is where in it the digits begin */
    const int *fds, *targets;          /* whom each pair leads to; the pairs of client c begin at c * mates */
    const char *const *ids;            /* what the server calls them */
    uint8_t *frames;                   /* one of each pair */
    uint32_t *sent, *heard;            /* the last number of each pair */
    struct client *states;
    size_t turn; /* the client that speaks next, when all speak in turn */
    int poll;
};

struct order {
    long under_way; /* signals at any time, unless paced */
    long speakers;  /* that speak in turn; 0: who has heard speaks next */
    double rate;    /* signals a second at random moments; 0 is as fast as they are relayed */
    double seconds, patience;
};

struct outcome {
    long sent, relayed, misrouted, disordered, closed, timed;
    double seconds;
};

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static void lose(struct load *load, size_t client, struct outcome *outcome) {
    if (load->states[client].gone) return;
    load->states[client].gone = 1;
    epoll_ctl(load->poll, EPOLL_CTL_DEL, load->fds[client], NULL);
    outcome->closed++;
}

static int send_all(int fd, const uint8_t *data, size_t length) {
    for (size_t sent = 0; sent < length;) {
        ssize_t step = send(fd, data + sent, length - sent, MSG_NOSIGNAL);
        if (step < 0) return -1;
        sent += (size_t)step;
    }
    return 0;
}

static void write_digits(uint8_t *frame, size_t at, int count, uint64_t value) {
    for (int digit = 0; digit < count; digit++, at++)
        frame[at] = (uint8_t)("0123456789abcdef"[value >> 4 * (count - 1 - digit) & 15]) ^ MASK[at & 3];
}

static uint64_t read_digits(const uint8_t *data, int count) {
    uint64_t value = 0;
    while (count--) value = value << 4 | (uint64_t)(*data <= '9' ? *data - '0' : *data - 'a' + 10), data++;
    return value;
}

/* Sends `count` signals to the client's mates in turn. */
static void speak(struct load *load, size_t client, long count, struct outcome *outcome) {
    static uint8_t out[BUFFER];
    if (load->states[client].gone) return;
    while (count > 0) {
        size_t length = 0;
        uint64_t at = now();
        for (; count > 0 && length + load->size <= BUFFER; count--, length += load->size) {
            size_t pair = client * load->mates + load->states[client].turn++ % load->mates;
            uint8_t *frame = load->frames + pair * load->size;
            write_digits(frame, load->mark, TIME, at);
            write_digits(frame, load->mark + TIME, PAIR, pair);
            write_digits(frame, load->mark + TIME + PAIR, NUMBER, ++load->sent[pair]);
            memcpy(out + length, frame, load->size);
            outcome->sent++;
        }
        if (send_all(load->fds[client], out, length)) return lose(load, client, outcome);
    }
}

static void speak_in_turn(struct load *load, long speakers, long count, struct outcome *outcome) {
    while (count--) speak(load, load->turn++ % (size_t)speakers, 1, outcome);
}

/* Whether this is a signal, and a good one. */
static int check(struct load *load, size_t client, const uint8_t *text, size_t size, uint64_t begun, struct outcome *outcome,
                 uint64_t *sent_at) {
    const uint8_t *mark = memmem(text, size, SIGN, sizeof SIGN - 1);
    if (!mark || mark + sizeof SIGN - 1 + DIGITS > text + size) return 0;
    mark += sizeof SIGN - 1;
    *sent_at = read_digits(mark, TIME);
    if (*sent_at < begun) return 0; /* of an earlier run, which has counted it as lost */
    uint64_t pair = read_digits(mark + TIME, PAIR);
    const char *sender = pair < load->clients * load->mates ? load->ids[pair / load->mates] : "";
    size_t length = strlen(sender);
    const uint8_t *from = memmem(text, size, FROM, sizeof FROM - 1);
    from = from ? from + sizeof FROM - 1 : text + size;
    if (!length || load->targets[pair] != (int)client || from + length >= text + size || memcmp(from, sender, length) ||
        from[length] != '"') {
        outcome->misrouted++;
        return 0;
    }
    uint32_t number = (uint32_t)read_digits(mark + TIME + PAIR, NUMBER);
    if (number <= load->heard[pair]) {
        outcome->disordered++;
        return 0;
    }
    load->heard[pair] = number;
    return 1;
}

static int answer(int fd, int opcode, const uint8_t *data, size_t size) {
    uint8_t frame[6 + 125] = {(uint8_t)(0x80 | opcode), (uint8_t)(0x80 | size)};
    memcpy(frame + 2, MASK, 4);
    for (size_t at = 0; at < size; at++) frame[6 + at] = data[at] ^ MASK[at & 3];
    return send_all(fd, frame, 6 + size);
}

/* Takes the frames that are whole; how many were good signals. */
static long hear(struct load *load, size_t client, uint64_t begun, struct outcome *outcome, float *latencies, long most) {
    struct client *state = &load->states[client];
    int fd = load->fds[client];
    ssize_t came = recv(fd, state->data + state->held, BUFFER - state->held, MSG_DONTWAIT);
    if (came < 0 && errno == EAGAIN) return 0;
    if (came <= 0) return lose(load, client, outcome), 0;
    uint64_t at_once = now(), sent_at;
    size_t end = state->held + (size_t)came, at = 0;
    long signals = 0;
    while (end - at >= 2) {
        const uint8_t *data = state->data + at;
        size_t size = data[1], start = 2;
        if (size == 126) {
            if (end - at < 4) break;
            size = (size_t)data[2] << 8 | data[3], start = 4;
        }
        if (start + size > BUFFER || data[1] > 126 || data[0] == (0x80 | CLOSE)) return lose(load, client, outcome), signals;
        if (start + size > end - at) break;
        const uint8_t *text = data + start;
        if (data[0] == (0x80 | PING) ? answer(fd, PONG, text, size)
            : size == 1 && *text == '2' ? answer(fd, TEXT, (const uint8_t *)"3", 1) /* Engine.IO's ping and pong */
                                        : 0)
            return lose(load, client, outcome), signals;
        if (check(load, client, text, size, begun, outcome, &sent_at)) {
            if (outcome->timed < most) latencies[outcome->timed++] = (float)(at_once - sent_at) / 1e6f;
            signals++;
        }
        at += start + size;
    }
    memmove(state->data, state->data + at, end - at);
    state->held = end - at;
    return signals;
}

struct load *seat(size_t clients, size_t mates, size_t size, size_t mark, const int *fds, const int *targets,
                  const char *const *ids, uint8_t *frames) {
    struct load *load = malloc(sizeof *load);
    *load = (struct load){
        .clients = clients, .mates = mates, .size = size, .mark = mark,
        .fds = fds, .targets = targets, .ids = ids, .frames = frames,
        .sent = calloc(clients * mates, sizeof *load->sent),
        .heard = calloc(clients * mates, sizeof *load->heard),
        .states = calloc(clients, sizeof *load->states),
        .poll = epoll_create1(0),
    };
    for (size_t client = 0; client < clients; client++) {
        struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = (uint32_t)client};
        epoll_ctl(load->poll, EPOLL_CTL_ADD, fds[client], &wanted);
    }
    return load;
}

void unseat(struct load *load) {
    close(load->poll);
    free(load->sent), free(load->heard), free(load->states), free(load);
}

/* Signals for `seconds`; those still on their way are waited for, until `patience` seconds have brought none. Latencies are in
 * milliseconds, from before the writing to after the reading. */
void run(struct load *load, const struct order *order, struct outcome *outcome, float *latencies, long most) {
    uint64_t begun = now(), end = begun + (uint64_t)(order->seconds * SECOND), patience = (uint64_t)(order->patience * SECOND);
    uint64_t at = begun, due = begun, last_heard = begun;
    unsigned short random[3] = {1, 2, 3}; /* the same moments for every server */
    *outcome = (struct outcome){0};
    prctl(PR_SET_TIMERSLACK, 1);
    if (order->rate == 0 && order->speakers) speak_in_turn(load, order->speakers, order->under_way, outcome);
    for (size_t client = 0; order->rate == 0 && !order->speakers && client < load->clients; client++)
        speak(load, client, order->under_way / (long)load->clients, outcome);
    while (at < end || outcome->relayed < outcome->sent) {
        for (; order->rate > 0 && due <= at && due < end; due += (uint64_t)(-log(1 - erand48(random)) / order->rate * SECOND))
            speak_in_turn(load, order->speakers, 1, outcome);
        if (outcome->relayed < outcome->sent && at >= last_heard + patience && at >= end) break;
        uint64_t next = at >= end ? last_heard + patience : order->rate > 0 && due < end ? due : end;
        uint64_t wait = next > at ? next - at : 0;
        struct timespec timeout = {(time_t)(wait / SECOND), (long)(wait % SECOND)};
        struct epoll_event ready[MOST_EVENTS];
        int events = epoll_pwait2(load->poll, ready, MOST_EVENTS, &timeout, NULL);
        at = now();
        for (int event = 0; event < events; event++) {
            size_t client = ready[event].data.u32;
            long signals = hear(load, client, begun, outcome, latencies, most);
            if (!signals) continue;
            outcome->relayed += signals;
            last_heard = at;
            if (order->rate > 0 || at >= end) continue;
            if (order->speakers)
                speak_in_turn(load, order->speakers, signals, outcome);
            else
                speak(load, client, signals, outcome);
        }
    }
    outcome->seconds = (double)(last_heard - begun) / SECOND;
}
