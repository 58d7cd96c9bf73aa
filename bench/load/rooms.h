/* Rooms, and what happens in them: one thing at a time, so that it is known what each of their people must hear, and that nobody
 * must hear it twice. What is missing, double or wrong is a fault. */

#include "frames.h"

#include <sys/epoll.h>

#define MOST_SEATS 16
#define SIGNAL_SIZE 493 /* with a NUL; as a frame 500 bytes */
#define OFFER_SIZE 1800

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
