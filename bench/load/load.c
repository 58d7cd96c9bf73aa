/* A population of one instance: people who are there, and people in calls. Spoken by hand, over epoll, in one thread.
 *
 * Everybody opens a WebSocket as the web client does (Socket.IO on /socket), signs in and subscribes to live events. Those of the
 * rooms then join, signal, switch their microphones, leave and come back. Of a room one thing happens at a time, so that it
 * is known what each of its people must hear, and that nobody must hear it twice: what is missing, double or wrong is a fault. */

#include "frames.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
#define MOST_EVENTS 512
#define BUFFER (1 << 20)
#define MOST_SEATS 16
#define QUANTUM 500000ull /* ns: the load wakes no more often by itself, and sends what is due together */
#define SIGNAL_SIZE 492   /* with its head 500 bytes */
#define OFFER_SIZE 1800
#define STUCK_AFTER (20 * SECOND)

enum stage { OFF, CONNECTING, UPGRADING, GREETING, SUBSCRIBING, ONLINE, GONE };
enum deed { NOTHING, DRAINING, LEAVING, JOINING, MUTING, STUCK };
enum kind { SIGNALS, MICS, JOINS, LEAVES, CONNECTS, KINDS }; /* what is timed */

struct person {
    int fd, stage, room, seat; /* room: -1 for those who are only there */
    int mic, mustered;
    uint64_t since; /* began to connect */
    char id[40];
    uint32_t sent[MOST_SEATS], heard[MOST_SEATS]; /* signals to and from each seat of the room: the last number */
    uint8_t *rest;                                /* of an unfinished frame */
    size_t held;
};

struct room {
    int deed, who; /* what is going on, and the seat it is about */
    uint32_t present, awaited; /* seats: who sits there, and who has still to hear of it */
    int created, answers;      /* of a join: the roster came; answers to the offers of the others came */
    long under_way;            /* signals */
    uint64_t since;
};

struct order {
    double seconds, signals, mics, moves; /* the last three: a second, at random moments */
    long connecting, joining;             /* how many at a time may connect; how many rooms may seat somebody who is not seated */
    long muster;                          /* everybody in a call leaves and comes back once */
    long until_done;                      /* ends once nothing of all this is left to do, after `seconds` at the latest */
};

struct outcome {
    long signals_sent, signals, mics, joins, leaves, messages, frames, bytes, pings;
    long misrouted, disordered, unexpected, wrong_rosters, stuck, closed, refused; /* faults */
    long online, seated, under_way, latest_us; /* of now; latest: how late the load itself was at most */
    double seconds;
    char first_fault[240];
};

struct load {
    int poll, port;
    long people, rooms, room_size, per_address;
    const char *const *tokens, *const *room_names;
    struct person *person;
    struct room *room;
    uint32_t *messages; /* that each has been told of */
    uint8_t *buffer;
    long next, connecting, online, seated, deeds, under_way;
    int mustering;
    uint64_t checked;
    unsigned short random[3];
    struct outcome *outcome;
    uint32_t *counts; /* KINDS × BUCKETS */
};

static void fault(struct load *load, long *counter, const char *what, const char *text, size_t size) {
    ++*counter;
    if (!*load->outcome->first_fault)
        snprintf(load->outcome->first_fault, sizeof load->outcome->first_fault, "%s: %.*s", what, (int)(size < 180 ? size : 180), text);
}

static void count(struct load *load, enum kind kind, uint64_t ns) { load->counts[kind * BUCKETS + bucket(ns)]++; }

/* Nothing is expected of this room any more. */
static void give_up(struct load *load, struct room *room) {
    if (room->deed == STUCK) return;
    if (room->deed != NOTHING) load->deeds--;
    load->under_way -= room->under_way;
    room->deed = STUCK;
}

static void lose(struct load *load, struct person *who, const char *why) {
    if (who->stage == GONE) return;
    if (who->stage < ONLINE) load->connecting--;
    else load->online--;
    if (who->room >= 0) give_up(load, &load->room[who->room]);
    who->stage = GONE;
    epoll_ctl(load->poll, EPOLL_CTL_DEL, who->fd, NULL);
    fault(load, &load->outcome->closed, "closed", why, strlen(why));
}

static void say(struct load *load, struct person *who, const char *text, size_t size) {
    if (who->stage != GONE && send_frame(who->fd, TEXT, text, size)) lose(load, who, "it takes nothing");
}

static struct person *seated(struct load *load, long room, int seat) { return &load->person[room * load->room_size + seat]; }

static int pick(struct load *load, long most) { return (int)(erand48(load->random) * (double)most); }

/* Signals carry a mark: when, by whom to which seat, the how manieth of this pair, and which kind: c, o or a. */

static void signal_to(struct load *load, struct person *from, struct person *to, char kind, uint64_t at) {
    static const char CANDIDATE[] =
        "42[\"signal\",{\"to\":\"%s\",\"type\":\"candidate\",\"candidate\":{\"candidate\":\"candidate:842163049 1 udp 1677729535 "
        "192.0.2.17 46154 typ srflx raddr 192.168.1.7 rport 46154 generation 0\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0,"
        "\"usernameFragment\":\"EsAw\"},\"pad\":\"@@%016llx%08lx%08x%c";
    static const char DESCRIPTION[] =
        "42[\"signal\",{\"to\":\"%s\",\"type\":\"%s\",\"sdp\":{\"type\":\"%s\",\"sdp\":\"v=0\\r\\no=- 4611731400430051336 2 IN IP4 "
        "127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\na=ice-ufrag:EsAw\\r\\n\"},\"pad\":\"@@%016llx%08lx%08x%c";
    char text[LONGEST_FRAME];
    long index = (from - load->person) * MOST_SEATS + to->seat;
    uint32_t number = ++from->sent[to->seat];
    const char *type = kind == 'o' ? "offer" : "answer";
    int length = kind == 'c' ? snprintf(text, sizeof text, CANDIDATE, to->id, (unsigned long long)at, index, number, kind)
                             : snprintf(text, sizeof text, DESCRIPTION, to->id, type, type, (unsigned long long)at, index, number, kind);
    int size = kind == 'c' ? SIGNAL_SIZE : OFFER_SIZE;
    memset(text + length, 'x', (size_t)(size - length - 4));
    memcpy(text + size - 4, "\"}]", 4);
    if (load->room[from->room].deed == STUCK) return;
    load->room[from->room].under_way++, load->under_way++, load->outcome->signals_sent++;
    say(load, from, text, (size_t)size - 1);
}

/* What happens in a room: begins, is heard of by each who must, ends. */

static void begin(struct load *load, long room, enum deed deed, int who, uint64_t at) {
    struct room *in = &load->room[room];
    if (in->deed == NOTHING) load->deeds++;
    in->deed = deed, in->who = who, in->since = at;
    in->awaited = in->present & ~(1u << who);
    in->created = in->answers = 0;
    struct person *actor = seated(load, room, who);
    char text[120];
    if (deed == JOINING) {
        actor->mic = 1;
        say(load, actor, text, (size_t)snprintf(text, sizeof text, "42[\"join-room\",\"%s\"]", load->room_names[room]));
    } else if (deed == LEAVING) {
        in->present &= ~(1u << who);
        load->seated--;
        say(load, actor, "42[\"leave-room\"]", 16);
    } else if (deed == MUTING) {
        actor->mic = !actor->mic;
        say(load, actor, text, (size_t)snprintf(text, sizeof text, "42[\"toggle-mic\",%s]", actor->mic ? "true" : "false"));
    }
}

static void go_on(struct load *load, long room, uint64_t at) {
    struct room *in = &load->room[room];
    if (in->deed == DRAINING && !in->under_way) {
        begin(load, room, LEAVING, in->who, at);
    }
    if (in->deed == LEAVING && !in->awaited) {
        count(load, LEAVES, at - in->since), load->outcome->leaves++;
        begin(load, room, JOINING, in->who, at);
    } else if (in->deed == MUTING && !in->awaited) {
        count(load, MICS, at - in->since), load->outcome->mics++;
        in->deed = NOTHING, load->deeds--;
    } else if (in->deed == JOINING && in->created && !in->awaited && !in->under_way &&
               in->answers == __builtin_popcount(in->present)) {
        count(load, JOINS, at - in->since), load->outcome->joins++;
        in->present |= 1u << in->who, load->seated++;
        in->deed = NOTHING, load->deeds--;
    }
}

static int is_named(const char *id, size_t length, const struct person *who) {
    return length == strlen(who->id) && !memcmp(id, who->id, length);
}

static void hear_of(struct load *load, struct person *who, enum deed deed, const char *text, size_t size, uint64_t at) {
    const char *rest = text, *end = text + size;
    size_t length;
    const char *id = quoted(&rest, end, deed == LEAVING ? ",\"" : "\"socketId\":\"", &length);
    struct room *in = who->room < 0 ? NULL : &load->room[who->room];
    if (in && in->deed == STUCK) return;
    struct person *about = in ? seated(load, who->room, in->who) : NULL;
    int good = in && id && in->deed == (int)deed && in->awaited & 1u << who->seat && is_named(id, length, about);
    if (good && deed == MUTING) good = memmem(text, size, about->mic ? "\"micToggle\":true" : "\"micToggle\":false", 16) != NULL;
    if (!good) {
        fault(load, &load->outcome->unexpected, "unexpected", text, size);
        return;
    }
    in->awaited &= ~(1u << who->seat);
    if (deed == JOINING) signal_to(load, who, about, 'o', at); /* who was there offers */
    go_on(load, who->room, at);
}

/* The roster a newcomer gets: exactly those who sit there, and himself. */
static void hear_roster(struct load *load, struct person *who, const char *text, size_t size, uint64_t at) {
    struct room *in = who->room < 0 ? NULL : &load->room[who->room];
    if (in && in->deed == STUCK) return;
    if (!in || in->deed != JOINING || in->who != who->seat || in->created) {
        fault(load, &load->outcome->unexpected, "unexpected", text, size);
        return;
    }
    uint32_t wanted = in->present | 1u << who->seat, found = 0;
    const char *rest = text, *id;
    size_t length;
    int right = 1;
    while ((id = quoted(&rest, text + size, "\"socketId\":\"", &length))) {
        int seat = 0;
        while (seat < load->room_size && !is_named(id, length, seated(load, who->room, seat))) seat++;
        right = right && seat < load->room_size && !(found & 1u << seat);
        if (seat < load->room_size) found |= 1u << seat;
    }
    if (!right || found != wanted) fault(load, &load->outcome->wrong_rosters, "wrong roster", text, size);
    in->created = 1;
    go_on(load, who->room, at);
}

static void hear_signal(struct load *load, struct person *who, const char *text, size_t size, uint64_t at) {
    const char *mark = memmem(text, size, "@@", 2), *rest = text;
    unsigned long long sent_at;
    unsigned long index;
    unsigned number;
    size_t length;
    char kind, digits[34] = {0};
    if (mark && mark + 35 <= text + size) memcpy(digits, mark + 2, 33);
    if (sscanf(digits, "%16llx%8lx%8x%c", &sent_at, &index, &number, &kind) != 4 || (long)index >= load->people * MOST_SEATS) {
        fault(load, &load->outcome->unexpected, "unexpected", text, size);
        return;
    }
    struct person *sender = &load->person[index / MOST_SEATS];
    const char *from = quoted(&rest, text + size, "\"from\":\"", &length);
    if (who->room < 0 || sender->room != who->room || (int)(index % MOST_SEATS) != who->seat || !from || !is_named(from, length, sender)) {
        fault(load, &load->outcome->misrouted, "misrouted", text, size);
        return;
    }
    if (number != who->heard[sender->seat] + 1) {
        fault(load, &load->outcome->disordered, "disordered", text, size);
        if (number <= who->heard[sender->seat]) return;
    }
    who->heard[sender->seat] = number;
    struct room *in = &load->room[who->room];
    if (in->deed == STUCK) return;
    in->under_way--, load->under_way--, load->outcome->signals++;
    if (kind == 'c') count(load, SIGNALS, at - sent_at);
    if (kind == 'o') signal_to(load, who, sender, 'a', at);
    if (kind == 'a') in->answers++;
    go_on(load, who->room, at);
}

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
