/* A population of one instance: people who are there, and people in calls. Spoken by hand, over epoll, in one thread.
 *
 * Everybody opens a WebSocket as the web client does (Socket.IO on /socket), signs in and subscribes to live events. Those of the
 * rooms then join, signal, switch their microphones, leave and come back: rooms.h. */

#include "rooms.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
#define MOST_EVENTS 512
#define BUFFER (1 << 20)
#define QUANTUM 500000ull /* ns: the load wakes no more often by itself, and sends what is due together */
#define STUCK_AFTER (20 * SECOND)

struct order {
    double seconds, signals, mics, moves; /* the last three: a second, at random moments */
    long connecting, joining;             /* how many at a time may connect; how many rooms may seat somebody who is not seated */
    long muster;                          /* everybody in a call leaves and comes back once */
    long until_done;                      /* ends once nothing of all this is left to do, after `seconds` at the latest */
};

/* From the handshake until one is online, and what comes then. */

static void hear_event(struct load *load, struct person *who, const char *text, size_t size, uint64_t at) {
    static const struct { const char *name; enum deed deed; } NEWS[] = {
        {"user-connected\"", JOINING}, {"user-disconnected\"", LEAVING}, {"user-mic-toggle\"", MUTING}};
    const char *name = text + 4; /* behind 42[" */
    if (!strncmp(name, "signal\"", 7)) return hear_signal(load, who, text, size, at);
    if (!strncmp(name, "message-created\"", 16)) {
        load->messages[who - load->person]++, load->outcome->messages++;
        return;
    }
    for (size_t each = 0; each < sizeof NEWS / sizeof *NEWS; each++)
        if (!strncmp(name, NEWS[each].name, strlen(NEWS[each].name))) return hear_of(load, who, NEWS[each].deed, text, size, at);
    if (!strncmp(name, "created\"", 8)) return hear_roster(load, who, text, size, at);
    if (!strncmp(name, "error\"", 6)) fault(load, &load->outcome->refused, "refused", text, size);
    if (!strncmp(name, "subscribed\"", 11) && who->stage == SUBSCRIBING) {
        who->stage = ONLINE, load->connecting--, load->online++;
        count(load, CONNECTS, at - who->since);
    }
}

static void hear_text(struct load *load, struct person *who, const char *text, size_t size, uint64_t at) {
    if (size == 1 && *text == '2') {
        load->outcome->pings++;
        say(load, who, "3", 1);
    } else if (who->stage == UPGRADING && *text == '0') {
        who->stage = GREETING;
        say(load, who, "40", 2);
    } else if (who->stage == GREETING && size > 2 && !memcmp(text, "40", 2)) {
        size_t length;
        const char *rest = text, *id = quoted(&rest, text + size, "\"sid\":\"", &length);
        if (!id || length >= sizeof who->id) return lose(load, who, "no id");
        memcpy(who->id, id, length);
        who->stage = SUBSCRIBING;
        say(load, who, "42[\"subscribe\",{}]", 18);
    } else if (size > 4 && !memcmp(text, "42[\"", 4)) {
        hear_event(load, who, text, size, at);
    } else if (size > 1 && !memcmp(text, "44", 2)) {
        lose(load, who, text);
    }
}

static void hear(struct load *load, struct person *who) {
    memcpy(load->buffer, who->rest, who->held);
    ssize_t came = recv(who->fd, load->buffer + who->held, BUFFER - who->held - 1, MSG_DONTWAIT);
    if (came < 0 && errno == EAGAIN) return;
    if (came <= 0) return lose(load, who, came ? strerror(errno) : "the server hung up");
    uint64_t at = now();
    size_t end = who->held + (size_t)came, from = 0, start, size;
    load->outcome->bytes += came;
    load->buffer[end] = 0; /* so that texts end, whatever is looked for in them */
    if (who->stage == CONNECTING) {
        const char *blank = strstr((char *)load->buffer, "\r\n\r\n");
        if (!strncmp((char *)load->buffer, "HTTP/1.1 101", end < 12 ? end : 12) && blank) {
            who->stage = UPGRADING;
            from = (size_t)(blank + 4 - (char *)load->buffer);
        } else if (end >= 12 && strncmp((char *)load->buffer, "HTTP/1.1 101", 12)) {
            return lose(load, who, (char *)load->buffer);
        }
    }
    while (who->stage != CONNECTING && who->stage != GONE && (size = frame_size(load->buffer + from, end - from, &start))) {
        const uint8_t *data = load->buffer + from;
        load->outcome->frames++;
        if (data[0] == (0x80 | TEXT)) hear_text(load, who, (const char *)data + start, size - start, at);
        else if (data[0] == (0x80 | CLOSE)) lose(load, who, "the server closed");
        else if (data[0] == (0x80 | PING)) send_frame(who->fd, PONG, (const char *)data + start, size - start);
        from += size;
    }
    who->held = end - from;
    if (who->held == BUFFER - 1) return lose(load, who, "a frame too long");
    free(who->rest);
    who->rest = who->held ? memcpy(malloc(who->held), load->buffer + from, who->held) : NULL;
}

static void open_connection(struct load *load, long index) {
    struct person *who = &load->person[index];
    long from = index / load->per_address;
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl((uint32_t)(0x7f010001 + from / 250 * 256 + from % 250))};
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char request[2048];
    int one = 1, length = snprintf(request, sizeof request,
        "GET /socket/?EIO=4&transport=websocket&token=%s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAccept-Language: en\r\n\r\n", load->tokens[index]);
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
    load->connecting++;
    who->stage = CONNECTING, who->since = now();
    who->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (who->fd < 0) return lose(load, who, strerror(errno));
    setsockopt(who->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    setsockopt(who->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (bind(who->fd, (struct sockaddr *)&own, sizeof own) || connect(who->fd, (struct sockaddr *)&server, sizeof server) ||
        send_all(who->fd, (uint8_t *)request, (size_t)length) || fcntl(who->fd, F_SETFL, O_NONBLOCK))
        return lose(load, who, strerror(errno));
    epoll_ctl(load->poll, EPOLL_CTL_ADD, who->fd, &wanted);
}

/* What is due. */

static void seat_or_muster(struct load *load, const struct order *order, uint64_t at) {
    for (long room = 0; room < load->rooms && load->deeds < order->joining; room++) {
        struct room *in = &load->room[room];
        for (int seat = 0; seat < load->room_size && in->deed == NOTHING; seat++) {
            struct person *who = seated(load, room, seat);
            if (who->stage != ONLINE) continue;
            if (!(in->present & 1u << seat)) {
                begin(load, room, JOINING, seat, at);
            } else if (load->mustering && !who->mustered && in->present == (1u << load->room_size) - 1) {
                who->mustered = 1;
                begin(load, room, DRAINING, seat, at);
                go_on(load, room, at);
            }
        }
    }
}

static void send_one_signal(struct load *load, uint64_t at) {
    for (int attempt = 0; attempt < 100; attempt++) { /* rooms where somebody comes or goes are left in peace */
        long room = pick(load, load->rooms);
        struct room *in = &load->room[room];
        int from = pick(load, load->room_size), to = pick(load, load->room_size);
        if ((in->deed != NOTHING && in->deed != MUTING) || from == to || !(in->present & 1u << from) || !(in->present & 1u << to))
            continue;
        return signal_to(load, seated(load, room, from), seated(load, room, to), 'c', at);
    }
}

static void begin_somewhere(struct load *load, enum deed deed, uint64_t at) {
    for (int attempt = 0; attempt < 100; attempt++) {
        long room = pick(load, load->rooms);
        struct room *in = &load->room[room];
        if (in->deed != NOTHING || in->present != (1u << load->room_size) - 1) continue;
        begin(load, room, deed, pick(load, load->room_size), at);
        return go_on(load, room, at);
    }
}

static void look_for_stuck(struct load *load, uint64_t at) {
    if (at < load->checked + SECOND) return;
    load->checked = at;
    for (long room = 0; room < load->rooms; room++) {
        struct room *in = &load->room[room];
        if (in->deed == NOTHING || in->deed == STUCK || at < in->since + STUCK_AFTER) continue;
        char text[120];
        size_t size = (size_t)snprintf(text, sizeof text, "room %ld, deed %d of seat %d: present %x, awaited %x, %ld signals under way", room,
                                       in->deed, in->who, in->present, in->awaited, in->under_way);
        give_up(load, in);
        fault(load, &load->outcome->stuck, "stuck", text, size);
    }
}

static int is_done(const struct load *load, const struct order *order) {
    if (load->deeds || load->under_way || (order->connecting && (load->connecting || load->next < load->people))) return 0;
    for (long room = 0; room < load->rooms && (order->joining || load->mustering); room++) {
        if (load->room[room].deed == STUCK) continue;
        for (int seat = 0; seat < load->room_size; seat++) {
            const struct person *who = &load->person[room * load->room_size + seat];
            if (who->stage == ONLINE && (!(load->room[room].present & 1u << seat) || (load->mustering && !who->mustered))) return 0;
        }
    }
    return 1;
}

static uint64_t later(struct load *load, double rate) { return (uint64_t)(-log(1 - erand48(load->random)) / rate * SECOND); }

struct load *gather(int port, long people, long rooms, long room_size, long per_address, const char *const *tokens,
                    const char *const *room_names, uint32_t *messages) {
    struct load *load = calloc(1, sizeof *load);
    *load = (struct load){
        .poll = epoll_create1(0), .port = port, .people = people, .rooms = rooms, .room_size = room_size,
        .per_address = per_address, .tokens = tokens, .room_names = room_names, .messages = messages,
        .person = calloc((size_t)people, sizeof *load->person), .room = calloc((size_t)rooms + 1, sizeof *load->room),
        .buffer = malloc(BUFFER), .random = {1, 2, 3},
    };
    for (long index = 0; index < people; index++) {
        struct person *who = &load->person[index];
        who->fd = -1, who->room = index < rooms * room_size ? (int)(index / room_size) : -1, who->seat = (int)(index % room_size);
    }
    return load;
}

void disband(struct load *load) {
    for (long index = 0; index < load->people; index++) {
        if (load->person[index].fd >= 0) close(load->person[index].fd);
        free(load->person[index].rest);
    }
    close(load->poll);
    free(load->person), free(load->room), free(load->buffer), free(load);
}

/* As ordered, for some seconds; what is under way then goes on in the next run. `counts` are added to. */
void run(struct load *load, const struct order *order, struct outcome *outcome, uint32_t *counts) {
    uint64_t begun = now(), end = begun + (uint64_t)(order->seconds * SECOND), at = begun;
    const double rates[3] = {order->signals, order->mics, order->moves};
    uint64_t due[3] = {begun, begun, begun};
    *outcome = (struct outcome){0};
    load->outcome = outcome, load->counts = counts, load->mustering = order->muster != 0;
    while (at < end && !(order->until_done && is_done(load, order))) {
        while (load->next < load->people && load->connecting < order->connecting) open_connection(load, load->next++);
        if (order->joining) seat_or_muster(load, order, at);
        uint64_t next = end;
        for (int what = 0; what < 3; what++) {
            for (; rates[what] > 0 && due[what] <= at; due[what] += later(load, rates[what])) {
                long late = (long)((at - due[what]) / 1000);
                if (late > outcome->latest_us) outcome->latest_us = late;
                if (what == 0) send_one_signal(load, now());
                else begin_somewhere(load, what == 1 ? MUTING : DRAINING, at);
            }
            if (rates[what] > 0 && due[what] < next) next = due[what];
        }
        look_for_stuck(load, at);
        uint64_t wait = next > at + QUANTUM ? next - at : QUANTUM;
        if (wait > SECOND / 20) wait = SECOND / 20;
        struct timespec timeout = {0, (long)wait};
        struct epoll_event ready[MOST_EVENTS];
        int events = epoll_pwait2(load->poll, ready, MOST_EVENTS, &timeout, NULL);
        for (int event = 0; event < events; event++) hear(load, &load->person[ready[event].data.u32]);
        at = now();
    }
    outcome->online = load->online, outcome->seated = load->seated, outcome->under_way = load->under_way;
    outcome->seconds = (double)(at - begun) / SECOND;
}
