/* Clients and peers of a relay, as many as wished, in one process that is cheaper than any relay.
 *
 * UDP: two sockets speak for all clients and all peers, each from an address of its own in 127/8 (IP_PKTINFO), so that the
 * relay sees that many five-tuples while we send and receive in batches. TCP: a connection for each client, from its address.
 *
 * Each payload says when it was sent, of which allocation it is, which way, and its number there. What arrives is held against
 * it: the right client or peer must hear it, from the right address, in the right frame, unharmed, once and in order.
 *
 * Prints one line of JSON. Permissions are not renewed: a run must end within five minutes. */

#define _GNU_SOURCE
#include "figures.h"
#include "options.h"
#include "stun.h"
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MARK 0x7075a11eu
enum { STREAM_BUFFER = 16384, MOST_READY = 256, TRIES = 8 };

struct payload { /* then `filler` up to the size */
    uint32_t mark, stream, direction, number;
    uint64_t sent_at;
};
_Static_assert(sizeof(struct payload) == LEAST_SIZE, "the least that a packet carries");

struct stream {
    struct sockaddr_in client, peer, relay;
    uint32_t sent[2], heard[2]; /* the last number each way */
    unsigned channel;
    int connection; /* of TCP */
    size_t held;    /* bytes of an unfinished frame in `data` */
    uint8_t *data;
    char nonce[LONGEST_TEXT];
};

struct batch { /* of datagrams, ready for sendmmsg or recvmmsg */
    struct mmsghdr headers[MOST_AT_ONCE];
    struct iovec places[MOST_AT_ONCE];
    struct sockaddr_in others[MOST_AT_ONCE]; /* whom it goes to, or comes from */
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } own[MOST_AT_ONCE]; /* the address of ours that it leaves from, or reached */
    uint8_t bytes[MOST_AT_ONCE][LONGEST];
};

struct counts {
    long sent, heard, bad, disordered;
};

static struct stream *streams;
static long stream_count; /* so far */
static int sides[2];      /* the UDP sockets that speak UP (the clients') and DOWN (the peers') */
static int connections;   /* epoll of all TCP clients */
static unsigned turns[2]; /* packets sent each way: whose turn it is */
static struct batch outgoing, incoming;
static uint8_t filler[LONGEST];
static struct counts counts;

static int same(const struct sockaddr_in *one, const struct sockaddr_in *other) {
    return one->sin_port == other->sin_port && one->sin_addr.s_addr == other->sin_addr.s_addr;
}

/* Requests, one after the other. */

static void take_frames(struct stream *stream, void (*take)(struct stream *, const uint8_t *, size_t)) {
    size_t at = 0;
    while (stream->held - at >= CHANNEL_HEADER) {
        const uint8_t *frame = stream->data + at;
        size_t length = get16(frame + 2) + (size_t)(*frame & 0xc0 ? CHANNEL_HEADER : HEADER);
        if (padded(length) > STREAM_BUFFER) fail("no frame of STUN on a stream");
        if (at + padded(length) > stream->held) break; /* RFC 8656 section 12.5: on streams ChannelData is padded, too */
        take(stream, frame, length);
        at += padded(length);
    }
    memmove(stream->data, stream->data + at, stream->held -= at);
}

static void read_stream(struct stream *stream, void (*take)(struct stream *, const uint8_t *, size_t)) {
    ssize_t came = recv(stream->connection, stream->data + stream->held, STREAM_BUFFER - stream->held, MSG_DONTWAIT);
    if (came < 0 && errno == EAGAIN) return;
    if (came <= 0) fail("a connection was closed");
    stream->held += (size_t)came;
    take_frames(stream, take);
}

static void write_stream(const struct stream *stream, const uint8_t *bytes, size_t length) {
    while (length) {
        ssize_t step = send(stream->connection, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (step < 0 && errno == EAGAIN) {
            struct pollfd writable = {stream->connection, POLLOUT, 0};
            if (poll(&writable, 1, 5000) != 1) fail("the server reads no more of a stream");
            continue;
        }
        check(step > 0, "send");
        bytes += step, length -= (size_t)step;
    }
}

static struct message answer;
static uint8_t awaited[TRANSACTION_SIZE];

static void take_answer(struct stream *stream, const uint8_t *bytes, size_t length) {
    (void)stream;
    if (length < HEADER || length > LONGEST || memcmp(bytes + TRANSACTION, awaited, TRANSACTION_SIZE)) return;
    memcpy(answer.bytes, bytes, answer.length = length);
}

static size_t prepare(size_t at, struct in_addr from, const struct sockaddr_in *to, size_t length) {
    struct in_pktinfo *own = (struct in_pktinfo *)CMSG_DATA(&outgoing.own[at].head);
    own->ipi_spec_dst = from;
    outgoing.others[at] = *to;
    outgoing.places[at].iov_len = length;
    return at + 1;
}

static void send_prepared(int direction, size_t count) {
    for (size_t done = 0; done < count;) {
        int step = sendmmsg(sides[direction], outgoing.headers + done, (unsigned)(count - done), 0);
        check(step >= 0 || errno == EAGAIN || errno == ENOBUFS || errno == ECONNREFUSED, "sendmmsg");
        if (step > 0) done += (size_t)step;
    }
}

/* Sends it, again and again over UDP, until there is an answer. */
static void ask(struct stream *stream, const struct message *message) {
    uint8_t bytes[LONGEST];
    memcpy(awaited, message->bytes + TRANSACTION, TRANSACTION_SIZE);
    answer.length = 0;
    for (int try = 0; try < TRIES; try++) {
        if (options.tcp) {
            if (!try) write_stream(stream, message->bytes, message->length);
        } else {
            memcpy(outgoing.bytes[0], message->bytes, message->length);
            send_prepared(UP, prepare(0, stream->client.sin_addr, &options.server, message->length));
        }
        for (uint64_t end = now() + (uint64_t)(try + 1) * SECOND / 4; now() < end;) {
            struct pollfd readable = {options.tcp ? stream->connection : sides[UP], POLLIN, 0};
            if (poll(&readable, 1, 50) < 1) continue;
            ssize_t came = options.tcp ? 0 : recv(sides[UP], bytes, sizeof bytes, MSG_DONTWAIT);
            if (options.tcp) read_stream(stream, take_answer);
            if (came > 0) take_answer(stream, bytes, (size_t)came);
            if (answer.length) return;
        }
    }
    fail("no answer");
}

static void request(struct stream *stream, unsigned method, void (*fill)(const struct stream *, struct message *)) {
    struct credentials *mine = &options.credentials;
    for (int refused = 0;; refused++) {
        struct message message;
        begin_message(&message, method);
        fill(stream, &message);
        if (*stream->nonce) sign(&message, mine, stream->nonce);
        ask(stream, &message);
        if (get16(answer.bytes) == (method | ANSWER)) return;
        size_t size = 0;
        const uint8_t *error = find(answer.bytes, answer.length, ERROR_CODE, &size);
        int code = error && size >= 4 ? error[2] * 100 + error[3] : 0;
        int renewed = (code == 401 || code == 438) && find_text(answer.bytes, answer.length, NONCE, stream->nonce);
        if (!renewed || refused == 2) fail("request 0x%03x was refused: %d", method, code);
        if (find_text(answer.bytes, answer.length, REALM, mine->realm)) learn_realm(mine);
        if (!mine->known) fail("no realm");
    }
}

static void fill_allocate(const struct stream *stream, struct message *message) {
    (void)stream;
    add(message, REQUESTED_TRANSPORT, (uint8_t[]){IPPROTO_UDP, 0, 0, 0}, 4);
}

static void fill_permission(const struct stream *stream, struct message *message) {
    add_address(message, XOR_PEER_ADDRESS, &stream->peer);
}

static void fill_bind(const struct stream *stream, struct message *message) {
    put32(add_room(message, CHANNEL_NUMBER, 4), stream->channel << 16);
    add_address(message, XOR_PEER_ADDRESS, &stream->peer);
}

static void fill_release(const struct stream *stream, struct message *message) {
    (void)stream;
    put32(add_room(message, LIFETIME, 4), 0);
}

static void connect_stream(struct stream *stream) {
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = stream};
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = stream->client.sin_addr};
    int at_once = 1;
    stream->connection = socket(AF_INET, SOCK_STREAM, 0);
    stream->data = malloc(STREAM_BUFFER);
    check(stream->connection >= 0 && stream->data, "socket");
    setsockopt(stream->connection, IPPROTO_TCP, 1 /* TCP_NODELAY */, &at_once, sizeof at_once);
    check(!bind(stream->connection, (struct sockaddr *)&own, sizeof own), "bind");
    check(!connect(stream->connection, (struct sockaddr *)&options.server, sizeof options.server), "connect");
    check(!epoll_ctl(connections, EPOLL_CTL_ADD, stream->connection, &wanted), "epoll_ctl");
}

static struct sockaddr_in own_address(int network, long number, int side) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    check(!getsockname(sides[side], (struct sockaddr *)&address, &size), "getsockname");
    address.sin_addr.s_addr = htonl((uint32_t)(127 << 24 | network << 16 | (int)(number / 250) << 8 | (int)(1 + number % 250)));
    return address;
}

static void allocate(struct stream *stream, long number) {
    size_t size;
    stream->client = own_address(100, number, UP), stream->peer = own_address(101, number, DOWN);
    stream->channel = 0x4000 + (unsigned)number % 0x1000; /* RFC 8656 section 12: 0x4000 to 0x4fff */
    if (options.direct) return;
    if (options.tcp) connect_stream(stream);
    request(stream, ALLOCATE, fill_allocate);
    const uint8_t *relay = find(answer.bytes, answer.length, XOR_RELAYED_ADDRESS, &size);
    if (!relay || size != 8) fail("an allocation without its address");
    stream->relay = address_of(relay);
    if (options.indications)
        request(stream, CREATE_PERMISSION, fill_permission);
    else
        request(stream, CHANNEL_BIND, fill_bind); /* which is a permission, too */
}

static void grow(long count) {
    for (; stream_count < count; stream_count++) allocate(&streams[stream_count], stream_count);
}

static void release_all(void) {
    for (long number = 0; number < stream_count && !options.direct; number++) {
        request(&streams[number], REFRESH, fill_release);
        if (options.tcp) close(streams[number].connection);
    }
}

/* Speaking. */

static struct stream *next_speaker(int direction) {
    long speakers = options.speakers && options.speakers < stream_count ? options.speakers : stream_count;
    long turn = turns[direction]++ / options.burst % speakers;
    return &streams[turn * (stream_count / speakers)]; /* spread over all */
}

static size_t write_payload(uint8_t *at, struct stream *stream, int direction, uint64_t sent_at) {
    struct payload payload = {MARK, (uint32_t)(stream - streams), (uint32_t)direction, ++stream->sent[direction], sent_at};
    memcpy(at, &payload, sizeof payload);
    memcpy(at + sizeof payload, filler, (size_t)options.size - sizeof payload);
    counts.sent++;
    return (size_t)options.size;
}

/* A client's frame. The padding of ChannelData is for streams only. */
static size_t write_frame(uint8_t *at, struct stream *stream, uint64_t sent_at) {
    if (options.direct) return write_payload(at, stream, UP, sent_at);
    if (!options.indications) {
        put16(at, stream->channel), put16(at + 2, (unsigned)options.size);
        size_t length = CHANNEL_HEADER + write_payload(at + CHANNEL_HEADER, stream, UP, sent_at);
        return options.tcp ? padded(length) : length;
    }
    struct message *message = &answer; /* nobody waits for one now */
    begin_message(message, SEND);
    add_address(message, XOR_PEER_ADDRESS, &stream->peer);
    write_payload(add_room(message, DATA, (size_t)options.size), stream, UP, sent_at);
    memcpy(at, message->bytes, message->length);
    return message->length;
}

/* What one client says at a time leaves at a time. */
static void speak_by_streams(size_t count, uint64_t sent_at) {
    static uint8_t out[MOST_AT_ONCE * LONGEST];
    for (size_t length = 0; count; count--) {
        struct stream *stream = next_speaker(UP);
        length += write_frame(out + length, stream, sent_at);
        if (count > 1 && turns[UP] % options.burst) continue;
        write_stream(stream, out, length);
        length = 0;
    }
}

static void speak(int direction, size_t count) {
    uint64_t sent_at = now();
    if (options.tcp && direction == UP) return speak_by_streams(count, sent_at);
    for (size_t at = 0; at < count;) {
        struct stream *stream = next_speaker(direction);
        uint8_t *bytes = outgoing.bytes[at];
        if (direction == UP) {
            const struct sockaddr_in *to = options.direct ? &stream->peer : &options.server;
            at = prepare(at, stream->client.sin_addr, to, write_frame(bytes, stream, sent_at));
        } else {
            const struct sockaddr_in *to = options.direct ? &stream->client : &stream->relay;
            at = prepare(at, stream->peer.sin_addr, to, write_payload(bytes, stream, DOWN, sent_at));
        }
    }
    send_prepared(direction, count);
}

/* Hearing. */

static uint64_t heard_at;

/* Counts a payload. Whose it is, or NULL if it is none of ours. */
static struct stream *take_payload(const uint8_t *bytes, size_t size, int direction) {
    struct payload payload;
    if (!bytes || size != (size_t)options.size) return NULL;
    memcpy(&payload, bytes, sizeof payload);
    if (payload.mark != MARK || payload.direction != (uint32_t)direction || payload.stream >= stream_count) return NULL;
    if (memcmp(bytes + sizeof payload, filler, size - sizeof payload)) return NULL;
    struct stream *stream = &streams[payload.stream];
    if (payload.number <= stream->heard[direction] || payload.number > stream->sent[direction]) {
        counts.disordered++;
        return stream;
    }
    stream->heard[direction] = payload.number;
    counts.heard++;
    note_latency(heard_at - payload.sent_at);
    return stream;
}

/* Takes a client's frame out of what wraps it, and holds the wrapping against the stream it is for. */
static struct stream *take_frame(const uint8_t *bytes, size_t length) {
    size_t size = 0;
    if (length >= CHANNEL_HEADER && (*bytes & 0xc0) == 0x40) {
        if (CHANNEL_HEADER + get16(bytes + 2) > length) return NULL;
        struct stream *stream = take_payload(bytes + CHANNEL_HEADER, get16(bytes + 2), DOWN);
        return stream && !options.indications && stream->channel == get16(bytes) ? stream : NULL;
    }
    if (length < HEADER || get16(bytes) != DATA_CAME || !options.indications) return NULL;
    const uint8_t *data = find(bytes, length, DATA, &size);
    struct stream *stream = take_payload(data, size, DOWN);
    const uint8_t *peer = find(bytes, length, XOR_PEER_ADDRESS, &size);
    if (!stream || !peer || size != 8) return NULL;
    struct sockaddr_in from = address_of(peer);
    return same(&from, &stream->peer) ? stream : NULL;
}

static void take_datagram(int direction, size_t at) {
    const uint8_t *bytes = incoming.bytes[at];
    size_t length = incoming.headers[at].msg_len;
    const struct in_pktinfo *own = (const struct in_pktinfo *)CMSG_DATA(&incoming.own[at].head);
    int bare = direction == UP || options.direct;
    struct stream *stream = bare ? take_payload(bytes, length, direction) : take_frame(bytes, length);
    if (!stream) {
        counts.bad++;
        return;
    }
    const struct sockaddr_in *to = direction == UP ? &stream->peer : &stream->client;
    const struct sockaddr_in *from = direction == UP ? options.direct ? &stream->client : &stream->relay
                                     : options.direct ? &stream->peer : &options.server;
    if (own->ipi_addr.s_addr != to->sin_addr.s_addr || !same(&incoming.others[at], from)) counts.bad++;
}

static void hear_datagrams(int direction) {
    int count;
    do {
        for (int at = 0; at < MOST_AT_ONCE; at++) incoming.headers[at].msg_hdr.msg_controllen = sizeof incoming.own[at];
        count = recvmmsg(sides[!direction], incoming.headers, MOST_AT_ONCE, MSG_DONTWAIT, NULL);
        heard_at = now();
        for (int at = 0; at < count; at++) take_datagram(direction, (size_t)at);
    } while (count == MOST_AT_ONCE);
}

static void take_stream_frame(struct stream *stream, const uint8_t *bytes, size_t length) {
    if (take_frame(bytes, length) != stream) counts.bad++;
}

static void hear_streams(void) {
    struct epoll_event ready[MOST_READY];
    int count = epoll_wait(connections, ready, MOST_READY, 0);
    for (int at = 0; at < count; at++) {
        heard_at = now();
        read_stream(ready[at].data.ptr, take_stream_frame);
    }
}

static void hear(void) {
    if (options.ways[UP]) hear_datagrams(UP);
    if (options.ways[DOWN] && options.tcp) hear_streams();
    if (options.ways[DOWN] && !options.tcp) hear_datagrams(DOWN);
}

static void sleep_until_heard(void) {
    struct pollfd readable[] = {{sides[UP], POLLIN, 0}, {sides[DOWN], POLLIN, 0}, {connections, POLLIN, 0}};
    poll(readable, 3, 10);
}

/* Relays for some seconds, then waits for what is still on its way. Returns how long it took, waiting in vain not counted.
 *
 * Paced, packets leave at random moments, the same for every server. Otherwise a number of them is on the way at any time. What
 * was not heard of in all our patience is written off: it is lost, or the machine was busy elsewhere. */
static double relay(double seconds) {
    const uint64_t patience = (uint64_t)(options.patience * SECOND);
    unsigned short chance[3] = {1, 2, 3};
    uint64_t begun = now(), end = begun + (uint64_t)(seconds * SECOND), due = begun, last_heard = begun;
    long under_way = 0, known = counts.heard, batches = 0;
    for (uint64_t at = begun; at < end || (under_way > 0 && at < last_heard + patience); at = now()) {
        size_t wanted = 0;
        for (; options.rate > 0 && due <= at && due < end && wanted < (size_t)options.batch; wanted++)
            due += (uint64_t)(-log(1 - erand48(chance)) / options.rate * SECOND);
        if (options.rate == 0 && at < end && under_way + options.batch <= options.window) wanted = (size_t)options.batch;
        if (wanted) speak(options.ways[UP] && options.ways[DOWN] ? batches++ & 1 : options.ways[DOWN], wanted);
        if (!wanted && options.sleeps) sleep_until_heard();
        hear();
        under_way += (long)wanted - (counts.heard - known);
        if (counts.heard > known) last_heard = now();
        else if (at > last_heard + patience) under_way = 0;
        if (under_way < 0) under_way = 0; /* some of what was written off has come */
        known = counts.heard;
    }
    return (double)(last_heard - begun) / SECOND;
}

/* Setting up. */

static void make_batch(struct batch *batch) {
    for (size_t at = 0; at < MOST_AT_ONCE; at++) {
        batch->own[at].head = (struct cmsghdr){CMSG_LEN(sizeof(struct in_pktinfo)), IPPROTO_IP, IP_PKTINFO};
        batch->places[at] = (struct iovec){batch->bytes[at], LONGEST};
        batch->headers[at].msg_hdr = (struct msghdr){&batch->others[at], sizeof batch->others[at], &batch->places[at], 1,
                                                     &batch->own[at], sizeof batch->own[at], 0};
    }
}

static int make_side(void) {
    struct sockaddr_in anywhere = {.sin_family = AF_INET};
    int on = 1, bytes = 16 << 20, side = socket(AF_INET, SOCK_DGRAM, 0);
    check(side >= 0 && !bind(side, (struct sockaddr *)&anywhere, sizeof anywhere), "bind");
    check(!setsockopt(side, IPPROTO_IP, IP_PKTINFO, &on, sizeof on), "IP_PKTINFO");
    for (int buffer = 0; buffer < 2; buffer++) /* beyond the system's limit if we may: what is lost here is not the relay's */
        if (setsockopt(side, SOL_SOCKET, buffer ? SO_RCVBUFFORCE : SO_SNDBUFFORCE, &bytes, sizeof bytes))
            setsockopt(side, SOL_SOCKET, buffer ? SO_RCVBUF : SO_SNDBUF, &bytes, sizeof bytes);
    return side;
}

static void set_up(void) {
    struct rlimit files;
    cpu_set_t cpu;
    CPU_ZERO(&cpu);
    if (options.cpu >= 0) CPU_SET(options.cpu, &cpu);
    if (options.cpu >= 0) check(!sched_setaffinity(0, sizeof cpu, &cpu), "sched_setaffinity");
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    srandom((unsigned)getpid());
    for (size_t at = 0; at < sizeof filler; at++) filler[at] = (uint8_t)(at * 7);
    make_batch(&outgoing), make_batch(&incoming);
    sides[UP] = make_side(), sides[DOWN] = make_side();
    connections = epoll_create1(0);
    streams = calloc((size_t)options.allocations, sizeof *streams);
    check(streams && connections >= 0, "no memory");
}

int main(int count, char **words) {
    read_options(count, words);
    set_up();
    if (options.base) grow(options.base), relay(options.warm_up);
    long kib = kib_of_all(&options.pids), slab = kib_in("/proc/meminfo", "Slab:"), beyond = options.allocations - options.base;
    uint64_t begun = now();
    grow(options.allocations);
    double seconds_to_allocate = (double)(now() - begun) / SECOND;
    relay(options.warm_up);
    struct counts before = counts;
    memset(histogram, 0, sizeof histogram);
    double cpu = seconds_of_all(&options.pids);
    double seconds = relay(options.seconds);
    cpu = seconds_of_all(&options.pids) - cpu;
    long heard = counts.heard - before.heard;
    kib = kib_of_all(&options.pids) - kib, slab = kib_in("/proc/meminfo", "Slab:") - slab;
    release_all();
    printf("{\"allocations\": %ld, \"sent\": %ld, \"heard\": %ld, \"lost\": %ld, \"bad\": %ld, \"disordered\": %ld, ",
           options.allocations, counts.sent, heard, counts.sent - counts.heard, counts.bad, counts.disordered);
    printf("\"seconds\": %.3f, \"cpu\": %.3f, \"seconds_to_allocate\": %.3f, ", seconds,
           heard ? cpu / (double)heard * 1e6 : 0, seconds_to_allocate);
    printf("\"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, ", latency(.5), latency(.9), latency(.99));
    printf("\"kib\": %.3f, \"kernel_kib\": %.3f}\n", (double)kib / (double)beyond, (double)slab / (double)beyond);
    return 0;
}
