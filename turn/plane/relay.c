/* The data path of the relay: ChannelData both ways, Send and Data indications (RFC 8656 10-12), the framing of streams.
 *
 * It decides nothing: Python makes and closes all sockets and fills the tables; every other STUN message goes up to it.
 * Each worker is one thread with an epoll, tables and buffers of its own. One turn: wait, take the lock, read what is
 * ready, write what came of it, let go of the lock. Control calls take the same lock, so nothing here is ever half done,
 * and what they free no packet still needs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BATCH = 64,           /* datagrams of one system call */
    EVENTS = 256,         /* sockets of one turn */
    ROUNDS = 4,           /* batches of one listener in one turn */
    HEAD = 48,            /* the longest header put before data: a Data indication with an IPv6 address */
    LARGEST = 65536,      /* no datagram is larger */
    SLOT = LARGEST + 320, /* an odd number of cache lines, so that the heads of slots do not share cache sets */
    READ = 16384,         /* bytes of one stream in one turn: even of the smallest frames, not too many */
    LONGEST_CONTROL = 4096,
    KEPT_QUEUE = 65536,   /* bytes of an empty queue */
    SWEEP_MS = 200,       /* how often streams that wait are looked at */
    OWN = 32,             /* addresses of ours */
    WINDOW = 8,           /* times that coalescing waits, over which it is seen whether a worker is busy */
    CALLERS = 1024,       /* sets of four client addresses whose control messages are counted */
};

static const uint64_t SECOND = 1000000000;
static const uint32_t COOKIE = 0x2112A442;
static const uint16_t SEND_INDICATION = 0x0016, DATA_INDICATION = 0x0017;
static const uint16_t XOR_PEER_ADDRESS = 0x0012, DATA = 0x0013, DONT_FRAGMENT = 0x001A;
static const uint16_t MESSAGE_INTEGRITY = 0x0008, MESSAGE_INTEGRITY_SHA256 = 0x001C, FINGERPRINT = 0x8028;

/* Addresses. */

static const uint64_t IPV4 = UINT64_MAX; /* as `high`: in IPv6 that would be multicast */

struct host { uint64_t high, low; };                    /* bytes in network order; IPv4: IPV4 and the four bytes */
struct address { struct host host; uint16_t port; };    /* port in network order */
union name { struct sockaddr any; struct sockaddr_in four; struct sockaddr_in6 six; };

/* Limits, counters and usage, as Python reads them. */

struct limits { uint64_t control_queue, control_rate, stream_buffer, stream_patience, first_patience, coalesce; };
enum counter { MALFORMED, UNKNOWN, FORBIDDEN, OVER_BANDWIDTH, FLOODED, SLOW, UNSENT, COUNTERS };
enum usage { PACKETS_UP, BYTES_UP, PACKETS_DOWN, BYTES_DOWN, USAGES };

struct bucket { uint64_t at; double tokens; };
struct caller { struct host host; struct bucket bucket; };

struct own { struct host host, told; uint64_t ports[65536 / 64]; }; /* a bit for each relay socket */

/* What a descriptor is. The first member of whatever stands behind one. */

enum kind { WAKE, LISTENER, STREAM, RELAY, SIBLING };
struct source { enum kind kind; int fd; struct worker *worker; };

struct relay { struct source source; struct allocation *allocation; struct own *own; uint16_t port; };

struct channel {
    struct source source; /* of the sibling; -1: there is none */
    struct allocation *allocation;
    struct own *own;      /* the peer is at an address of ours */
    struct address peer;  /* as the client knows it */
    union name name;      /* where it is */
    uint16_t number;
    bool permitted;
};
struct binding { uint16_t number; struct channel *channel; };

struct allocation {
    struct address client;
    struct source *link;  /* the listener or the stream; NULL: the stream is gone */
    union name name;      /* of a UDP client */
    struct binding *channels;
    uint32_t channel_count, permission_count;
    struct host *permissions;
    uint64_t usage[USAGES];
    double rate;          /* bytes a second; 0: no limit */
    struct bucket up, down;
    struct relay relays[2];
};

struct batch {
    unsigned count;
    struct mmsghdr headers[BATCH];
    struct iovec parts[BATCH];
    struct allocation *owners[BATCH];
    uint16_t sizes[BATCH]; /* of the data alone */
    uint8_t *memory;
};

struct entry { uint32_t hash; struct allocation *allocation; };
struct listener {
    struct source source;
    uint32_t link, mask, used;
    struct entry *table;
    struct batch out;
    struct listener *next;
};

struct stream {
    struct source source;
    uint32_t link;
    struct host host;     /* whose control messages are counted together */
    struct allocation *allocation;
    uint8_t *carry, *out; /* the beginning of a frame; what waits to be written */
    uint32_t carried, out_from, out_to, out_room;
    uint64_t half_since, stood_since, taken; /* taken: bytes read */
    bool over, reported, polled, dirty; /* polled: for EPOLLOUT; dirty: written to in this turn */
    struct stream *next_dirty, *next, **at; /* next, at: of those that wait, or could not be reported */
};

struct worker {
    struct plane *plane;
    pthread_mutex_t next, data;
    int epoll;
    struct source wake;
    struct source **by_fd;
    uint32_t fds;
    uint64_t now, random;
    uint64_t packets, window_from, window_packets;
    bool busy;            /* more than one packet comes in the time that coalescing waits */
    struct listener *listeners;
    struct stream *dirty, *waiting;
    uint64_t swept;
    uint8_t *queue;       /* records for the control side */
    size_t queue_from, queue_to, queue_room;
    uint32_t queued;      /* without those that say a stream is over */
    uint64_t counters[COUNTERS];
    struct batch in;
    union name names[BATCH];
    uint8_t *scratch;     /* a frame of a stream with what was read after it, or a datagram for one */
    struct caller (*callers)[4];
};

struct plane {
    struct limits limits;
    uint64_t seed;
    int signal;           /* eventfd: the control side has something to receive */
    bool stopping;
    uint32_t worker_count, own_count, first;
    uint32_t crc[256];
    struct own *own[OWN];
    struct worker *workers;
};

struct record { uint32_t link; uint16_t size, port; uint8_t over, host_size, unused[6]; uint8_t host[16]; };

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }
static void put16(uint8_t *p, uint32_t value) { p[0] = (uint8_t)(value >> 8); p[1] = (uint8_t)value; }
static void put32(uint8_t *p, uint32_t value) { put16(p, value >> 16); put16(p + 2, value); }
static uint32_t padded(uint32_t size) { return (size + 3) & ~3u; }

static uint64_t steady(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

/* Two mutexes in turn: who waits for `data` holds `next`, so a worker that never rests cannot overtake the control side. */
static void lock(struct worker *w)
{
    pthread_mutex_lock(&w->next);
    pthread_mutex_lock(&w->data);
    pthread_mutex_unlock(&w->next);
    w->now = steady();
}

static void unlock(struct worker *w) { pthread_mutex_unlock(&w->data); }

static void wake(int eventfd) { eventfd_write(eventfd, 1); }

static struct host host_of(const uint8_t *bytes, size_t size)
{
    struct host host = {IPV4, 0};
    if (size == 4)
        memcpy(&host.low, bytes, 4);
    else
        memcpy(&host, bytes, 16);
    return host;
}

static struct address address_of(const union name *name)
{
    if (name->any.sa_family == AF_INET)
        return (struct address){host_of((const uint8_t *)&name->four.sin_addr, 4), name->four.sin_port};
    return (struct address){host_of((const uint8_t *)&name->six.sin6_addr, 16), name->six.sin6_port};
}

static union name name_of(const struct address *address)
{
    union name name;
    memset(&name, 0, sizeof name);
    if (address->host.high == IPV4) {
        name.four.sin_family = AF_INET;
        name.four.sin_port = address->port;
        memcpy(&name.four.sin_addr, &address->host.low, 4);
    } else {
        name.six.sin6_family = AF_INET6;
        name.six.sin6_port = address->port;
        memcpy(&name.six.sin6_addr, &address->host, 16);
    }
    return name;
}

static socklen_t name_size(const union name *name) { return name->any.sa_family == AF_INET ? sizeof name->four : sizeof name->six; }
static bool same_host(const struct host *a, const struct host *b) { return a->high == b->high && a->low == b->low; }
static bool same(const struct address *a, const struct address *b) { return same_host(&a->host, &b->host) && a->port == b->port; }

static uint32_t hash_of(const struct plane *plane, const struct address *address)
{
    uint64_t x = (address->host.high ^ plane->seed) * 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 29 ^ address->host.low) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 32 ^ address->port) * 0x94D049BB133111EBu;
    return (uint32_t)(x >> 32);
}

/* A second's worth may pass at once. */
static bool spend(struct bucket *bucket, double rate, double amount, uint64_t now)
{
    double tokens = bucket->tokens + (double)(now - bucket->at) * 1e-9 * rate;
    bucket->at = now;
    bucket->tokens = tokens < rate ? tokens : rate;
    if (bucket->tokens < amount)
        return false;
    bucket->tokens -= amount;
    return true;
}

/* Our own addresses. Any worker sends to relay sockets of any other, so the bits are shared. */

static struct own *own_by(struct plane *plane, const struct host *host, bool told)
{
    uint32_t count = __atomic_load_n(&plane->own_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++)
        if (same_host(host, told ? &plane->own[i]->told : &plane->own[i]->host))
            return plane->own[i];
    return NULL;
}

/* What the client calls `host`, or NULL, if it is not ours. */
static struct own *own_to(struct plane *plane, const struct host *host)
{
    struct own *own = own_by(plane, host, true);
    return own ? own : own_by(plane, host, false);
}

static void mark(struct relay *relay, bool bound)
{
    uint16_t port = ntohs(relay->port);
    uint64_t bit = 1ull << port % 64;
    if (relay->own && bound)
        __atomic_fetch_or(&relay->own->ports[port / 64], bit, __ATOMIC_RELAXED);
    else if (relay->own)
        __atomic_fetch_and(&relay->own->ports[port / 64], ~bit, __ATOMIC_RELAXED);
}

static bool no_relay(struct own *own, uint16_t port)
{
    port = ntohs(port);
    return own && !(__atomic_load_n(&own->ports[port / 64], __ATOMIC_RELAXED) >> port % 64 & 1);
}

/* The table of descriptors. An event of one that was closed, or is another's now, finds nothing to read, and no harm is done. */

static int watch(struct source *source)
{
    struct worker *w = source->worker;
    int fd = source->fd;
    source->fd = -1; /* until it is there */
    if ((uint32_t)fd >= w->fds) {
        uint32_t fds = (uint32_t)fd * 2 + 64;
        struct source **by_fd = realloc(w->by_fd, fds * sizeof *by_fd);
        if (!by_fd)
            return -ENOMEM;
        memset(by_fd + w->fds, 0, (fds - w->fds) * sizeof *by_fd);
        w->by_fd = by_fd;
        w->fds = fds;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event))
        return -errno;
    w->by_fd[fd] = source;
    source->fd = fd;
    return 0;
}

static void unwatch(struct source *source)
{
    if (source->fd < 0)
        return;
    source->worker->by_fd[source->fd] = NULL;
    epoll_ctl(source->worker->epoll, EPOLL_CTL_DEL, source->fd, NULL);
    source->fd = -1;
}

/* Whose a datagram of a listener is: open addressing, at most half full. */

static struct allocation *find(const struct listener *listener, const struct address *client)
{
    uint32_t hash = hash_of(listener->source.worker->plane, client);
    for (uint32_t i = hash & listener->mask; listener->table[i].allocation; i = (i + 1) & listener->mask)
        if (listener->table[i].hash == hash && same(&listener->table[i].allocation->client, client))
            return listener->table[i].allocation;
    return NULL;
}

static void insert(struct listener *listener, struct entry entry)
{
    uint32_t i = entry.hash & listener->mask;
    while (listener->table[i].allocation)
        i = (i + 1) & listener->mask;
    listener->table[i] = entry;
}

static int enter(struct listener *listener, struct allocation *allocation)
{
    if (listener->used * 2 > listener->mask) {
        struct entry *old = listener->table;
        uint32_t old_mask = listener->mask;
        struct entry *table = calloc((old_mask + 1) * 2ul, sizeof *table);
        if (!table)
            return -ENOMEM;
        listener->table = table;
        listener->mask = old_mask * 2 + 1;
        for (uint32_t i = 0; i <= old_mask; i++)
            if (old[i].allocation)
                insert(listener, old[i]);
        free(old);
    }
    insert(listener, (struct entry){hash_of(listener->source.worker->plane, &allocation->client), allocation});
    listener->used++;
    return 0;
}

/* Those behind the hole that may stand in it move up, so that no search ends too early. */
static void strike(struct listener *listener, const struct allocation *allocation)
{
    uint32_t mask = listener->mask, hole = hash_of(listener->source.worker->plane, &allocation->client) & mask;
    while (listener->table[hole].allocation != allocation)
        hole = (hole + 1) & mask;
    for (uint32_t i = (hole + 1) & mask; listener->table[i].allocation; i = (i + 1) & mask)
        if (((i - listener->table[i].hash) & mask) >= ((i - hole) & mask)) {
            listener->table[hole] = listener->table[i];
            hole = i;
        }
    listener->table[hole] = (struct entry){0, NULL};
    listener->used--;
}

/* Up to the control side. */

static bool allowed(struct worker *w, struct host host)
{
    struct caller *set = w->callers[hash_of(w->plane, &(struct address){host, 0}) % CALLERS], *caller = set;
    for (int i = 0; i < 4; i++) {
        if (same_host(&set[i].host, &host)) {
            caller = &set[i];
            break;
        }
        if (set[i].bucket.at < caller->bucket.at)
            caller = &set[i];
    }
    double rate = (double)w->plane->limits.control_rate;
    if (!same_host(&caller->host, &host))
        *caller = (struct caller){host, {w->now, rate}}; /* who was forgotten is never worse off for it */
    return spend(&caller->bucket, rate, 1, w->now);
}

static size_t room_of(const struct record *record) { return (sizeof *record + record->size + 7) & ~(size_t)7; }

static bool report(struct worker *w, struct record record, const uint8_t *data)
{
    size_t need = room_of(&record);
    if (w->queue_to + need > w->queue_room && w->queue_from) {
        memmove(w->queue, w->queue + w->queue_from, w->queue_to - w->queue_from);
        w->queue_to -= w->queue_from;
        w->queue_from = 0;
    }
    if (w->queue_to + need > w->queue_room) {
        size_t room = (w->queue_to + need) * 2;
        uint8_t *queue = realloc(w->queue, room);
        if (!queue)
            return false;
        w->queue = queue;
        w->queue_room = room;
    }
    if (w->queue_from == w->queue_to)
        wake(w->plane->signal);
    memcpy(w->queue + w->queue_to, &record, sizeof record);
    if (record.size)
        memcpy(w->queue + w->queue_to + sizeof record, data, record.size);
    w->queue_to += need;
    return true;
}

/* What a flood needed is given back. */
static void empty(struct worker *w)
{
    w->queue_from = w->queue_to = 0;
    if (w->queue_room > KEPT_QUEUE) {
        free(w->queue);
        w->queue = NULL;
        w->queue_room = 0;
    }
}

static void control(struct worker *w, uint32_t link, struct host host, uint16_t port, const uint8_t *data, uint32_t size)
{
    struct record record = {.link = link, .size = (uint16_t)size, .port = ntohs(port), .host_size = 16};
    memcpy(record.host, &host, 16);
    if (host.high == IPV4) {
        record.host_size = 4;
        memcpy(record.host, &host.low, 4);
    }
    if (!allowed(w, host) || w->queued >= w->plane->limits.control_queue || !report(w, record, data))
        w->counters[FLOODED]++;
    else
        w->queued++;
}

/* What a link said that nobody asks for any more. False: it had said nothing. */
static bool forget(struct worker *w, uint32_t link)
{
    size_t to = w->queue_from, before = w->queue_to;
    for (size_t from = w->queue_from, need; from < w->queue_to; from += need) {
        struct record record;
        memcpy(&record, w->queue + from, sizeof record);
        need = room_of(&record);
        if (record.link == link) {
            w->queued -= !record.over;
            continue;
        }
        memmove(w->queue + to, w->queue + from, need);
        to += need;
    }
    w->queue_to = to;
    if (w->queue_from == to)
        empty(w);
    return to < before;
}

/* The signal is up if, and only if, there is something to receive; for who took some. */
static void signal_rest(struct plane *plane)
{
    bool left = false;
    eventfd_read(plane->signal, &(eventfd_t){0});
    for (uint32_t i = 0; i < plane->worker_count; i++) {
        lock(&plane->workers[i]);
        left |= plane->workers[i].queue_from < plane->workers[i].queue_to;
        unlock(&plane->workers[i]);
    }
    if (left)
        wake(plane->signal);
}

/* Streams: what goes out. */

static void attend(struct stream *s)
{
    bool waits = s->carried || s->out_from < s->out_to || (s->over && !s->reported);
    if (waits && !s->at) {
        s->next = s->source.worker->waiting;
        s->at = &s->source.worker->waiting;
        if (s->next)
            s->next->at = &s->next;
        *s->at = s;
    } else if (!waits && s->at) {
        *s->at = s->next;
        if (s->next)
            s->next->at = s->at;
        s->at = NULL;
    }
}

static void end(struct stream *s)
{
    s->over = true;
    unwatch(&s->source);
    s->carried = s->out_from = s->out_to = 0;
    if (!s->reported)
        s->reported = report(s->source.worker, (struct record){.link = s->link, .over = 1}, NULL);
    attend(s);
}

static void write_out(struct stream *s)
{
    if (s->over || s->out_from == s->out_to)
        return;
    ssize_t done = send(s->source.fd, s->out + s->out_from, s->out_to - s->out_from, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (done < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
        end(s);
        return;
    }
    if (done > 0) {
        s->out_from += (uint32_t)done;
        s->stood_since = s->source.worker->now;
    }
    bool rest = s->out_from < s->out_to;
    if (!rest)
        s->out_from = s->out_to = 0;
    if (rest != s->polled) {
        struct epoll_event event = {.events = rest ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.fd = s->source.fd};
        epoll_ctl(s->source.worker->epoll, EPOLL_CTL_MOD, s->source.fd, &event);
        s->polled = rest;
    }
    attend(s);
}

/* A frame that does not fit behind what waits is refused; one alone always fits. */
static bool append(struct stream *s, const uint8_t *data, uint32_t size)
{
    uint64_t most = s->source.worker->plane->limits.stream_buffer;
    if (s->out_to > s->out_from && s->out_to - s->out_from + size > most)
        write_out(s);
    uint32_t waits = s->out_to - s->out_from;
    if (s->over || (waits && waits + size > most))
        return false;
    if (s->out_from && s->out_to + size > s->out_room) {
        memmove(s->out, s->out + s->out_from, waits);
        s->out_from = 0;
        s->out_to = waits;
    }
    if (s->out_to + size > s->out_room) {
        uint32_t room = (s->out_to + size) * 2;
        uint8_t *out = realloc(s->out, room);
        if (!out)
            return false;
        s->out = out;
        s->out_room = room;
    }
    if (!waits)
        s->stood_since = s->source.worker->now;
    memcpy(s->out + s->out_to, data, size);
    s->out_to += size;
    return true;
}

/* Idle streams hold no memory. */
static void tidy(struct stream *s)
{
    if (s->out_from == s->out_to && s->out_room) {
        free(s->out);
        s->out = NULL;
        s->out_room = 0;
    }
}

/* Down: from peers to the client. Data is read where its header fits before it. */

static void flush(struct listener *listener)
{
    struct batch *out = &listener->out;
    struct worker *w = listener->source.worker;
    for (unsigned done = 0; done < out->count;) {
        int sent = sendmmsg(listener->source.fd, out->headers + done, out->count - done, MSG_DONTWAIT);
        if (sent > 0) {
            done += (unsigned)sent;
            continue;
        }
        w->counters[UNSENT]++;
        out->owners[done]->usage[PACKETS_DOWN]--;
        out->owners[done]->usage[BYTES_DOWN] -= out->sizes[done];
        done++;
    }
    out->count = 0;
}

static uint8_t *room_for_data(struct worker *w, struct allocation *a)
{
    if (!a->link || a->link->kind == STREAM)
        return w->scratch + HEAD;
    struct batch *out = &((struct listener *)a->link)->out;
    return out->memory + out->count * (size_t)SLOT + HEAD;
}

static void deliver(struct worker *w, struct allocation *a, uint8_t *message, uint32_t size, uint32_t data_size)
{
    if (a->rate > 0 && !spend(&a->down, a->rate, data_size, w->now)) {
        w->counters[OVER_BANDWIDTH]++;
        return;
    }
    if (a->link->kind == STREAM) {
        struct stream *s = (struct stream *)a->link;
        if (!append(s, message, size)) {
            w->counters[SLOW]++;
            return;
        }
        if (!s->dirty) {
            s->dirty = true;
            s->next_dirty = w->dirty;
            w->dirty = s;
        }
    } else {
        struct batch *out = &((struct listener *)a->link)->out;
        unsigned i = out->count++;
        out->owners[i] = a;
        out->sizes[i] = (uint16_t)data_size;
        out->parts[i] = (struct iovec){message, size};
        out->headers[i].msg_hdr.msg_name = &a->name;
        out->headers[i].msg_hdr.msg_namelen = name_size(&a->name);
    }
    a->usage[PACKETS_DOWN]++;
    a->usage[BYTES_DOWN] += data_size;
    if (a->link->kind == LISTENER && ((struct listener *)a->link)->out.count == BATCH)
        flush((struct listener *)a->link);
}

static void channel_down(struct worker *w, const struct channel *channel, uint8_t *data, uint32_t size)
{
    struct allocation *a = channel->allocation;
    uint8_t *message = data - 4;
    uint32_t sent = 4 + size;
    put16(message, channel->number);
    put16(message + 2, size);
    if (a->link->kind == STREAM) { /* RFC 8656 12.5: padded there */
        memset(data + size, 0, 3);
        sent = padded(sent);
    }
    deliver(w, a, message, sent, size);
}

static uint8_t *put_peer(uint8_t *p, uint8_t *transaction, const struct address *peer)
{
    bool four = peer->host.high == IPV4;
    uint32_t size = four ? 4 : 16;
    uint8_t mask[16];
    put32(mask, COOKIE);
    memcpy(mask + 4, transaction, 12);
    put16(p, XOR_PEER_ADDRESS);
    put16(p + 2, 4 + size);
    put16(p + 4, four ? 1 : 2);
    put16(p + 6, (uint32_t)ntohs(peer->port) ^ COOKIE >> 16);
    memcpy(p + 8, four ? &peer->host.low : &peer->host.high, size);
    for (uint32_t i = 0; i < size; i++)
        p[8 + i] ^= mask[i];
    return p + 8 + size;
}

static void indication_down(struct worker *w, struct allocation *a, const struct address *peer, uint8_t *data, uint32_t size)
{
    uint32_t head = peer->host.high == IPV4 ? 36 : 48;
    uint8_t *message = data - head;
    if (head - 20 + padded(size) > UINT16_MAX) {
        w->counters[UNSENT]++;
        return;
    }
    put16(message, DATA_INDICATION);
    put16(message + 2, head - 20 + padded(size));
    put32(message + 4, COOKIE);
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    memcpy(message + 8, &w->random, 8);
    put32(message + 16, (uint32_t)(w->random >> 32) ^ peer->port);
    uint8_t *p = put_peer(message + 20, message + 8, peer);
    put16(p, DATA);
    put16(p + 2, size);
    memset(data + size, 0, 3);
    deliver(w, a, message, head + padded(size), size);
}

static bool permitted(const struct allocation *a, const struct host *host)
{
    for (uint32_t i = 0; i < a->permission_count; i++)
        if (same_host(&a->permissions[i], host))
            return true;
    return false;
}

/* RFC 8656 11.3 and 12.7: by the channel of this peer, else as an indication. */
static void from_peer(struct worker *w, struct allocation *a, const union name *name, uint8_t *data, uint32_t size)
{
    struct address peer = address_of(name);
    struct own *own = own_by(w->plane, &peer.host, false);
    if (own)
        peer.host = own->told;
    if (!permitted(a, &peer.host) || no_relay(own, peer.port)) {
        w->counters[FORBIDDEN]++;
        return;
    }
    for (uint32_t i = 0; i < a->channel_count; i++)
        if (same(&a->channels[i].channel->peer, &peer)) {
            channel_down(w, a->channels[i].channel, data, size);
            return;
        }
    indication_down(w, a, &peer, data, size);
}

static bool same_name(const union name *a, const union name *b)
{
    if (a->any.sa_family == AF_INET)
        return a->four.sin_addr.s_addr == b->four.sin_addr.s_addr && a->four.sin_port == b->four.sin_port;
    return !memcmp(&a->six.sin6_addr, &b->six.sin6_addr, 16) && a->six.sin6_port == b->six.sin6_port;
}

/* A relay socket, or a sibling with its channel. Even there the source counts: before it was connected anybody's was let in. */
static bool read_peer(struct worker *w, struct source *source, struct allocation *a, const struct channel *channel)
{
    uint8_t *data = room_for_data(w, a);
    union name name;
    socklen_t length = sizeof name;
    ssize_t size = recvfrom(source->fd, data, LARGEST, MSG_DONTWAIT, &name.any, &length);
    if (size < 0 && errno == ECONNREFUSED) {
        length = sizeof name;
        size = recvfrom(source->fd, data, LARGEST, MSG_DONTWAIT, &name.any, &length);
    }
    if (size < 0)
        return false;
    w->packets++;
    if (!a->link)
        w->counters[UNKNOWN]++;
    else if (!channel || !same_name(&channel->name, &name))
        from_peer(w, a, &name, data, (uint32_t)size);
    else if (channel->permitted && !no_relay(channel->own, channel->peer.port))
        channel_down(w, channel, data, (uint32_t)size);
    else
        w->counters[FORBIDDEN]++;
    return true;
}

/* Up: from the client to peers. */

static void up(struct worker *w, struct allocation *a, int fd, const uint8_t *data, uint32_t size, const union name *name)
{
    if (a->rate > 0 && !spend(&a->up, a->rate, size, w->now)) {
        w->counters[OVER_BANDWIDTH]++;
        return;
    }
    const struct sockaddr *to = name ? &name->any : NULL;
    socklen_t length = name ? name_size(name) : 0;
    ssize_t sent = sendto(fd, data, size, MSG_DONTWAIT, to, length);
    if (sent < 0 && errno == ECONNREFUSED) /* said of an earlier packet */
        sent = sendto(fd, data, size, MSG_DONTWAIT, to, length);
    if (sent < 0) {
        w->counters[UNSENT]++;
        return;
    }
    a->usage[PACKETS_UP]++;
    a->usage[BYTES_UP] += size;
}

/* RFC 8656 12.6. */
static void channel_up(struct worker *w, struct allocation *a, const uint8_t *message, uint32_t size)
{
    uint16_t number = get16(message);
    uint32_t length = get16(message + 2);
    if (length + 4 > size) {
        w->counters[MALFORMED]++;
        return;
    }
    const struct channel *channel = NULL;
    for (uint32_t i = 0; a && i < a->channel_count && !channel; i++)
        if (a->channels[i].number == number)
            channel = a->channels[i].channel;
    if (!channel)
        w->counters[UNKNOWN]++;
    else if (!channel->permitted || no_relay(channel->own, channel->peer.port))
        w->counters[FORBIDDEN]++;
    else if (channel->source.fd >= 0)
        up(w, a, channel->source.fd, message + 4, length, NULL);
    else
        up(w, a, a->relays[channel->peer.host.high != IPV4].source.fd, message + 4, length, &channel->name);
}

/* RFC 8489 14.7: over all that stands before it. */
static bool fingerprint_holds(const struct plane *plane, const uint8_t *message, uint32_t at)
{
    uint32_t crc = UINT32_MAX;
    for (uint32_t i = 0; i < at; i++)
        crc = crc >> 8 ^ plane->crc[(crc ^ message[i]) & 0xFF];
    return (~crc ^ 0x5354554E) == get32(message + at + 4);
}

static bool get_peer(struct address *peer, const uint8_t *message, const uint8_t *value, uint32_t size)
{
    uint8_t host[16];
    if (!(size == 8 && value[1] == 1) && !(size == 20 && value[1] == 2))
        return false;
    for (uint32_t i = 0; i < size - 4; i++)
        host[i] = value[4 + i] ^ message[4 + i]; /* the cookie, and the transaction behind it */
    peer->host = host_of(host, size - 4);
    peer->port = htons((uint16_t)(get16(value + 2) ^ COOKIE >> 16));
    return size == 8 || peer->host.high != IPV4;
}

/* What RFC 8489 and RFC 8656 define below 0x8000 is understood, though it may mean nothing in an indication. */
static bool understood(uint16_t type)
{
    static const uint64_t types = 1ull << 0x01 | 1ull << 0x06 | 1ull << 0x08 | 1ull << 0x09 | 1ull << 0x0A | 1ull << 0x0C |
        1ull << 0x0D | 1ull << 0x12 | 1ull << 0x13 | 1ull << 0x14 | 1ull << 0x15 | 1ull << 0x16 | 1ull << 0x17 | 1ull << 0x18 |
        1ull << 0x19 | 1ull << 0x1A | 1ull << 0x1C | 1ull << 0x1D | 1ull << 0x1E | 1ull << 0x20 | 1ull << 0x22;
    return type >= 0x8000 || (type < 64 && types >> type & 1);
}

struct indication { struct address peer; const uint8_t *data; uint32_t size; bool addressed, whole; };

/* The first of each kind counts; after MESSAGE-INTEGRITY only its likes do (RFC 8489 14, 14.5). */
static bool read_indication(const struct plane *plane, struct indication *it, const uint8_t *message, uint32_t size)
{
    bool sealed = false;
    for (uint32_t at = 20; at < size;) {
        const uint8_t *value = message + at + 4;
        uint16_t type = get16(message + at);
        uint32_t length = get16(message + at + 2), next = at + 4 + padded(length);
        if (next > size)
            return false;
        if (type == FINGERPRINT && (length != 4 || next != size || !fingerprint_holds(plane, message, at)))
            return false;
        if (!sealed) {
            if (!understood(type))
                return false;
            if (type == XOR_PEER_ADDRESS && !it->addressed) {
                if (!get_peer(&it->peer, message, value, length))
                    return false;
                it->addressed = true;
            } else if (type == DATA && !it->data) {
                it->data = value;
                it->size = length;
            } else if (type == DONT_FRAGMENT) {
                it->whole = true;
            }
        }
        sealed |= type == MESSAGE_INTEGRITY || type == MESSAGE_INTEGRITY_SHA256;
        at = next;
    }
    return it->addressed && it->data;
}

static void fragment(int fd, bool six, bool allow)
{
    int whole = !allow, discover = whole ? IP_PMTUDISC_DO : six ? IPV6_PMTUDISC_WANT : IP_PMTUDISC_DONT;
    if (six)
        setsockopt(fd, IPPROTO_IPV6, IPV6_DONTFRAG, &whole, sizeof whole);
    setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &discover, sizeof discover);
}

/* RFC 8656 11.2. */
static void indication_up(struct worker *w, struct allocation *a, const uint8_t *message, uint32_t size)
{
    struct indication it = {.data = NULL};
    if (!a) {
        w->counters[UNKNOWN]++;
        return;
    }
    if (!read_indication(w->plane, &it, message, size)) {
        w->counters[MALFORMED]++;
        return;
    }
    bool six = it.peer.host.high != IPV4;
    int fd = a->relays[six].source.fd;
    struct own *own = own_to(w->plane, &it.peer.host);
    if (fd < 0 || !permitted(a, &it.peer.host) || no_relay(own, it.peer.port)) {
        w->counters[FORBIDDEN]++;
        return;
    }
    if (own)
        it.peer.host = own->host;
    union name name = name_of(&it.peer);
    if (it.whole)
        fragment(fd, six, false);
    up(w, a, fd, it.data, it.size, &name);
    if (it.whole)
        fragment(fd, six, true);
}

static bool is_stun(const uint8_t *message, uint32_t size)
{
    return size >= 20 && !(message[0] & 0xC0) && get32(message + 4) == COOKIE && !(size & 3) && get16(message + 2) == size - 20 &&
        (size <= LONGEST_CONTROL || get16(message) == SEND_INDICATION);
}

static void datagram(struct worker *w, struct listener *listener, const union name *name, const uint8_t *message, uint32_t size)
{
    struct address client = address_of(name);
    if (size >= 4 && message[0] >> 6 == 1)
        channel_up(w, find(listener, &client), message, size);
    else if (!is_stun(message, size))
        w->counters[MALFORMED]++;
    else if (get16(message) == SEND_INDICATION)
        indication_up(w, find(listener, &client), message, size);
    else
        control(w, listener->link, client.host, client.port, message, size);
}

static void read_listener(struct worker *w, struct listener *listener)
{
    for (int round = 0; round < ROUNDS; round++) {
        int count = recvmmsg(listener->source.fd, w->in.headers, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++) {
            struct mmsghdr *header = &w->in.headers[i];
            datagram(w, listener, &w->names[i], header->msg_hdr.msg_iov->iov_base, header->msg_len);
            header->msg_hdr.msg_namelen = sizeof w->names[i];
        }
        if (count > 0)
            w->packets += (uint64_t)count;
        if (count < BATCH)
            return;
    }
}

/* Streams: what comes in. RFC 8656 3.1, 12.5: frames follow each other, each padded to four bytes. */

/* 0: not yet whole. -1: no TURN client speaks so. */
static int32_t frame_size(const uint8_t *p, uint32_t there)
{
    if (there && p[0] & 0x80)
        return -1;
    if (there < 4)
        return 0;
    uint32_t length = get16(p + 2), size = 4 + padded(length);
    if (!(p[0] & 0x40)) {
        size = 20 + length;
        if (length & 3 || (size > LONGEST_CONTROL && get16(p) != SEND_INDICATION))
            return -1;
        if (there >= 8 && get32(p + 4) != COOKIE)
            return -1;
    }
    return there < size ? 0 : (int32_t)size;
}

static void keep(struct stream *s, const uint8_t *rest, uint32_t size, bool another)
{
    if (another)
        s->half_since = s->source.worker->now;
    if (size > s->carried || !size) {
        free(s->carry);
        s->carry = size ? malloc(size) : NULL;
        if (size && !s->carry) {
            end(s);
            return;
        }
    }
    if (size)
        memcpy(s->carry, rest, size);
    s->carried = size;
    attend(s);
}

static void read_stream(struct worker *w, struct stream *s)
{
    uint8_t *p = w->scratch;
    uint32_t there = s->carried, at = 0;
    int32_t size = 0;
    if (there)
        memcpy(p, s->carry, there);
    ssize_t got = recv(s->source.fd, p + there, READ, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        end(s);
        return;
    }
    s->taken += (uint64_t)got;
    there += (uint32_t)got;
    while (!s->over && (size = frame_size(p + at, there - at)) > 0) {
        const uint8_t *frame = p + at;
        if (frame[0] & 0x40)
            channel_up(w, s->allocation, frame, (uint32_t)size);
        else if (get16(frame) == SEND_INDICATION)
            indication_up(w, s->allocation, frame, (uint32_t)size);
        else
            control(w, s->link, s->host, 0, frame, (uint32_t)size);
        w->packets++;
        at += (uint32_t)size;
    }
    if (size < 0) {
        w->counters[MALFORMED]++;
        end(s);
    } else if (!s->over) {
        keep(s, p + at, there - at, at || !s->carried);
    }
}

/* Whoever sends half a frame, or reads nothing, for too long. */
static void sweep(struct worker *w)
{
    const struct limits *limits = &w->plane->limits;
    w->swept = w->now;
    for (struct stream *s = w->waiting, *next; s; s = next) {
        next = s->next;
        uint64_t patience = s->allocation ? limits->stream_patience : limits->first_patience;
        if (s->out_from < s->out_to && w->now - s->stood_since >= limits->stream_patience) {
            w->counters[SLOW]++;
            end(s);
        } else if (s->over || (s->carried && w->now - s->half_since >= patience)) {
            end(s);
        }
    }
}

/* The turn. */

static void ready(struct worker *w, const struct epoll_event *event)
{
    struct source *source = (uint32_t)event->data.fd < w->fds ? w->by_fd[event->data.fd] : NULL;
    if (!source)
        return;
    switch (source->kind) {
    case WAKE:
        eventfd_read(source->fd, &(eventfd_t){0});
        break;
    case LISTENER:
        read_listener(w, (struct listener *)source);
        break;
    case STREAM:
        if (event->events & EPOLLOUT)
            write_out((struct stream *)source);
        if (event->events & ~(uint32_t)EPOLLOUT && !((struct stream *)source)->over)
            read_stream(w, (struct stream *)source);
        tidy((struct stream *)source);
        break;
    case RELAY:
        read_peer(w, source, ((struct relay *)source)->allocation, NULL);
        break;
    case SIBLING:
        read_peer(w, source, ((struct channel *)source)->allocation, (struct channel *)source);
        break;
    }
}


/* What the turn has to say is said before its lock is let go of. */
static void finish(struct worker *w)
{
    for (struct listener *listener = w->listeners; listener; listener = listener->next)
        flush(listener);
    while (w->dirty) {
        struct stream *s = w->dirty;
        w->dirty = s->next_dirty;
        s->dirty = false;
        write_out(s);
        tidy(s);
    }
}

/* A wake-up costs more than a packet: while they come often, a few are waited for. Not when idle, nor when there is no end. */
static bool rests(struct worker *w, uint64_t handled)
{
    uint64_t coalesce = w->plane->limits.coalesce, span = w->now - w->window_from;
    if (span >= WINDOW * coalesce) {
        w->busy = (w->packets - w->window_packets) * coalesce > span;
        w->window_from = w->now;
        w->window_packets = w->packets;
    }
    return w->busy && handled < BATCH;
}

/* From here on: what Python calls. Negative: an errno. */

int relay_run(struct worker *w)
{
    struct epoll_event events[EVENTS];
    struct timespec nap = {0, (long)w->plane->limits.coalesce};
    int timeout = -1;
    bool rest = false;
    prctl(PR_SET_TIMERSLACK, 1000ul, 0ul, 0ul, 0ul);
    while (!__atomic_load_n(&w->plane->stopping, __ATOMIC_ACQUIRE)) {
        int count = epoll_wait(w->epoll, events, EVENTS, rest ? 0 : timeout);
        if (count < 0 && errno != EINTR)
            return -errno;
        if (!count && rest) { /* only once all that was there is read */
            rest = false;
            nanosleep(&nap, NULL);
            continue;
        }
        lock(w);
        uint64_t before = w->packets;
        for (int i = 0; i < count; i++)
            ready(w, &events[i]);
        finish(w);
        if (w->waiting && w->now - w->swept >= SWEEP_MS * (SECOND / 1000))
            sweep(w);
        timeout = w->waiting ? SWEEP_MS : -1;
        rest = rests(w, w->packets - before);
        unlock(w);
    }
    return 0;
}

void relay_stop(struct plane *plane)
{
    __atomic_store_n(&plane->stopping, true, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < plane->worker_count; i++)
        wake(plane->workers[i].wake.fd);
}

static bool make_batch(struct batch *batch)
{
    /* mapped, so that what only large packets need is never touched by small ones */
    void *memory = mmap(NULL, (size_t)BATCH * SLOT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    batch->memory = memory;
    for (int i = 0; i < BATCH; i++) {
        batch->parts[i] = (struct iovec){batch->memory + (size_t)i * SLOT, LARGEST};
        batch->headers[i].msg_hdr = (struct msghdr){.msg_iov = &batch->parts[i], .msg_iovlen = 1};
    }
    return true;
}

static void free_batch(struct batch *batch)
{
    if (batch->memory)
        munmap(batch->memory, (size_t)BATCH * SLOT);
}

static int make_worker(struct worker *w, struct plane *plane)
{
    w->plane = plane;
    w->random = plane->seed + (uint64_t)(w - plane->workers);
    pthread_mutex_init(&w->next, NULL);
    pthread_mutex_init(&w->data, NULL);
    w->wake = (struct source){WAKE, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), w};
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->wake.fd < 0 || w->epoll < 0)
        return -errno;
    w->callers = calloc(CALLERS, sizeof *w->callers);
    w->scratch = malloc(2 * SLOT);
    if (!w->callers || !w->scratch || !make_batch(&w->in))
        return -ENOMEM;
    for (int i = 0; i < BATCH; i++) {
        w->in.headers[i].msg_hdr.msg_name = &w->names[i];
        w->in.headers[i].msg_hdr.msg_namelen = sizeof w->names[i];
    }
    return watch(&w->wake);
}

/* Once the workers have stopped, and all allocations and streams are gone. */
void relay_free(struct plane *plane)
{
    for (uint32_t i = 0; i < plane->worker_count; i++) {
        struct worker *w = &plane->workers[i];
        for (struct listener *listener = w->listeners, *next; listener; listener = next) {
            next = listener->next;
            free_batch(&listener->out);
            free(listener->table);
            free(listener);
        }
        if (w->epoll >= 0)
            close(w->epoll);
        if (w->wake.fd >= 0)
            close(w->wake.fd);
        pthread_mutex_destroy(&w->next);
        pthread_mutex_destroy(&w->data);
        free_batch(&w->in);
        free(w->callers);
        free(w->scratch);
        free(w->queue);
        free(w->by_fd);
    }
    for (uint32_t i = 0; i < plane->own_count; i++)
        free(plane->own[i]);
    close(plane->signal);
    free(plane->workers);
    free(plane);
}

/* NULL: no memory, or no descriptors. */
struct plane *relay_create(uint32_t workers, const struct limits *limits, uint64_t seed)
{
    struct plane *plane = calloc(1, sizeof *plane);
    if (!plane)
        return NULL;
    plane->limits = *limits;
    plane->seed = seed;
    plane->signal = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    plane->workers = calloc(workers, sizeof *plane->workers);
    for (uint32_t i = 0; i < 256; i++) {
        plane->crc[i] = i;
        for (int bit = 0; bit < 8; bit++)
            plane->crc[i] = plane->crc[i] >> 1 ^ (plane->crc[i] & 1 ? 0xEDB88320 : 0);
    }
    bool made = plane->workers && plane->signal >= 0;
    while (made && plane->worker_count < workers)
        made = !make_worker(&plane->workers[plane->worker_count++], plane);
    if (made)
        return plane;
    relay_free(plane);
    return NULL;
}

struct worker *relay_worker(struct plane *plane, uint32_t i) { return &plane->workers[i]; }
int relay_signal(const struct plane *plane) { return plane->signal; }

struct source *relay_listen(struct worker *w, int fd, uint32_t link)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return NULL;
    listener->source = (struct source){LISTENER, fd, w};
    listener->link = link;
    listener->mask = 63;
    listener->table = calloc(listener->mask + 1, sizeof *listener->table);
    lock(w);
    if (!listener->table || !make_batch(&listener->out) || watch(&listener->source)) {
        unlock(w);
        free_batch(&listener->out);
        free(listener->table);
        free(listener);
        return NULL;
    }
    listener->next = w->listeners;
    w->listeners = listener;
    unlock(w);
    return &listener->source;
}

/* `size` 0: nobody knows the client's address. Then its control messages are counted by themselves. */
struct source *relay_adopt(struct worker *w, int fd, uint32_t link, const uint8_t *host, uint32_t size)
{
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->source = (struct source){STREAM, fd, w};
    s->link = link;
    s->host = size ? host_of(host, size) : (struct host){IPV4, (uint64_t)1 << 32 | link};
    lock(w);
    int failed = watch(&s->source);
    unlock(w);
    if (!failed)
        return &s->source;
    free(s);
    return NULL;
}

/* Returns how many bytes were read. */
uint64_t relay_hang_up(struct source *link)
{
    struct worker *w = link->worker;
    struct stream *s = (struct stream *)link;
    lock(w);
    write_out(s);
    uint64_t taken = s->taken;
    s->over = s->reported = true;
    s->carried = s->out_from = s->out_to = 0;
    attend(s);
    unwatch(&s->source);
    if (s->allocation)
        s->allocation->link = NULL;
    bool forgot = forget(w, s->link);
    unlock(w);
    if (forgot)
        signal_rest(w->plane);
    free(s->carry);
    free(s->out);
    free(s);
    return taken;
}

/* No room, or an address too many: negative. */
int relay_own(struct plane *plane, const uint8_t *host, const uint8_t *told, uint32_t size)
{
    if (plane->own_count == OWN)
        return -ENOSPC;
    struct own *own = calloc(1, sizeof *own);
    if (!own)
        return -ENOMEM;
    own->host = host_of(host, size);
    own->told = host_of(told, size);
    plane->own[plane->own_count] = own;
    __atomic_store_n(&plane->own_count, plane->own_count + 1, __ATOMIC_RELEASE);
    return 0;
}

static int watch_relay(struct allocation *a, int fd)
{
    union name name;
    socklen_t length = sizeof name;
    if (getsockname(fd, &name.any, &length))
        return -errno;
    struct address address = address_of(&name);
    struct relay *relay = &a->relays[address.host.high != IPV4];
    relay->source.fd = fd;
    relay->port = address.port;
    relay->own = own_by(a->link->worker->plane, &address.host, false);
    int failed = watch(&relay->source);
    if (!failed)
        mark(relay, true);
    return failed;
}

static void unwatch_relay(struct relay *relay)
{
    if (relay->source.fd >= 0)
        mark(relay, false);
    unwatch(&relay->source);
}

static void free_allocation(struct allocation *a)
{
    for (int i = 0; i < 2; i++)
        unwatch_relay(&a->relays[i]);
    for (uint32_t i = 0; i < a->channel_count; i++) {
        unwatch(&a->channels[i].channel->source);
        free(a->channels[i].channel);
    }
    free(a->channels);
    free(a->permissions);
    free(a);
}

struct allocation *relay_open(struct source *link, const uint8_t *host, uint32_t size, uint16_t port, int relay, int other, uint64_t rate)
{
    struct worker *w = link->worker;
    struct allocation *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->link = link;
    if (link->kind == LISTENER) {
        a->client = (struct address){host_of(host, size), htons(port)};
        a->name = name_of(&a->client);
    }
    lock(w);
    a->rate = (double)rate;
    a->up = a->down = (struct bucket){w->now, a->rate};
    for (int i = 0; i < 2; i++)
        a->relays[i] = (struct relay){{RELAY, -1, w}, a, NULL, 0};
    int failed = relay < 0 ? 0 : watch_relay(a, relay);
    if (!failed && other >= 0)
        failed = watch_relay(a, other);
    if (!failed && link->kind == LISTENER)
        failed = enter((struct listener *)link, a);
    if (failed) {
        free_allocation(a);
        a = NULL;
    } else if (link->kind == STREAM) {
        ((struct stream *)link)->allocation = a;
    }
    unlock(w);
    return a;
}

static struct worker *worker_of(const struct allocation *a) { return a->relays[0].source.worker; }

static void permit_channels(struct allocation *a)
{
    for (uint32_t i = 0; i < a->channel_count; i++) {
        struct channel *channel = a->channels[i].channel;
        channel->permitted = a->relays[channel->peer.host.high != IPV4].source.fd >= 0 && permitted(a, &channel->peer.host);
    }
}

void relay_narrow(struct allocation *a, int fd)
{
    struct worker *w = worker_of(a);
    lock(w);
    for (int i = 0; i < 2; i++)
        if (a->relays[i].source.fd == fd)
            unwatch_relay(&a->relays[i]);
    permit_channels(a);
    unlock(w);
}

int relay_permit(struct allocation *a, const uint8_t *host, uint32_t size)
{
    struct worker *w = worker_of(a);
    struct host peer = host_of(host, size);
    lock(w);
    bool there = permitted(a, &peer);
    struct host *permissions = there ? a->permissions : realloc(a->permissions, (a->permission_count + 1ul) * sizeof peer);
    if (permissions) {
        a->permissions = permissions;
        if (!there)
            a->permissions[a->permission_count++] = peer;
        permit_channels(a);
    }
    unlock(w);
    return permissions ? 0 : -ENOMEM;
}

void relay_forbid(struct allocation *a, const uint8_t *host, uint32_t size)
{
    struct worker *w = worker_of(a);
    struct host peer = host_of(host, size);
    lock(w);
    for (uint32_t i = 0; i < a->permission_count; i++)
        if (same_host(&a->permissions[i], &peer))
            a->permissions[i] = a->permissions[--a->permission_count];
    permit_channels(a);
    unlock(w);
}

static void drop_channel(struct allocation *a, uint16_t number)
{
    for (uint32_t i = 0; i < a->channel_count; i++)
        if (a->channels[i].number == number) {
            unwatch(&a->channels[i].channel->source);
            free(a->channels[i].channel);
            a->channels[i] = a->channels[--a->channel_count];
            return;
        }
}

int relay_bind(struct allocation *a, uint16_t number, const uint8_t *host, uint32_t size, uint16_t port, int sibling)
{
    struct worker *w = worker_of(a);
    struct channel *channel = calloc(1, sizeof *channel);
    int failed = channel ? 0 : -ENOMEM;
    lock(w);
    drop_channel(a, number);
    struct binding *channels = failed ? NULL : realloc(a->channels, (a->channel_count + 1ul) * sizeof *channels);
    if (channels) {
        a->channels = channels;
        struct address peer = {host_of(host, size), htons(port)}, real = peer;
        struct own *own = own_to(w->plane, &peer.host);
        if (own)
            real.host = own->host;
        *channel = (struct channel){{SIBLING, sibling, w}, a, own, peer, name_of(&real), number, false};
        failed = sibling < 0 ? 0 : watch(&channel->source);
        if (!failed)
            a->channels[a->channel_count++] = (struct binding){number, channel};
        permit_channels(a);
        /* What fell into the sibling before it was connected is anybody's, and judged by the permissions of that time. */
        for (int i = 0; i < BATCH && channel->source.fd >= 0 && read_peer(w, &channel->source, a, channel); i++)
            ;
        finish(w);
    } else {
        failed = -ENOMEM;
    }
    unlock(w);
    if (failed)
        free(channel);
    return failed;
}

void relay_unbind(struct allocation *a, uint16_t number)
{
    struct worker *w = worker_of(a);
    lock(w);
    drop_channel(a, number);
    unlock(w);
}

void relay_usage(struct allocation *a, uint64_t usage[USAGES])
{
    struct worker *w = worker_of(a);
    lock(w);
    memcpy(usage, a->usage, sizeof a->usage);
    unlock(w);
}

void relay_close(struct allocation *a, uint64_t usage[USAGES])
{
    struct worker *w = worker_of(a);
    lock(w);
    memcpy(usage, a->usage, sizeof a->usage);
    if (a->link && a->link->kind == LISTENER)
        strike((struct listener *)a->link, a);
    else if (a->link)
        ((struct stream *)a->link)->allocation = NULL;
    free_allocation(a);
    unlock(w);
}

void relay_send(struct source *link, const uint8_t *host, uint32_t size, uint16_t port, const uint8_t *data, uint32_t length)
{
    struct worker *w = link->worker;
    lock(w);
    if (link->kind == LISTENER) {
        union name name = name_of(&(struct address){host_of(host, size), htons(port)});
        if (sendto(link->fd, data, length, MSG_DONTWAIT, &name.any, name_size(&name)) < 0)
            w->counters[UNSENT]++;
    } else if (!((struct stream *)link)->over) {
        struct stream *s = (struct stream *)link;
        bool waited = w->waiting;
        if (append(s, data, length)) {
            write_out(s);
        } else {
            w->counters[SLOW]++;
            end(s);
        }
        tidy(s);
        if (w->waiting && !waited)
            wake(w->wake.fd); /* which now has a time to look at the clock */
    }
    unlock(w);
}

/* Whole records, at most so many, and as `room` holds. Returns their bytes. What is left keeps the signal up. */
uint32_t relay_receive(struct plane *plane, uint8_t *records, uint32_t room, uint32_t most)
{
    uint32_t filled = 0;
    plane->first++;
    for (uint32_t i = 0; i < plane->worker_count; i++) {
        struct worker *w = &plane->workers[(plane->first + i) % plane->worker_count];
        lock(w);
        while (w->queue_from < w->queue_to) {
            struct record record;
            memcpy(&record, w->queue + w->queue_from, sizeof record);
            uint32_t need = (uint32_t)room_of(&record);
            if (!most || filled + need > room)
                break;
            most--;
            memcpy(records + filled, w->queue + w->queue_from, need);
            filled += need;
            w->queue_from += need;
            w->queued -= !record.over;
        }
        if (w->queue_from == w->queue_to)
            empty(w);
        unlock(w);
    }
    signal_rest(plane);
    return filled;
}

void relay_counters(struct plane *plane, uint64_t counters[COUNTERS])
{
    memset(counters, 0, COUNTERS * sizeof *counters);
    for (uint32_t i = 0; i < plane->worker_count; i++) {
        struct worker *w = &plane->workers[i];
        lock(w);
        for (int j = 0; j < COUNTERS; j++)
            counters[j] += w->counters[j];
        unlock(w);
    }
}
