/* What relay.c makes of bytes, without its sockets. Bytes lie at the very end of readable memory, so that a read past them ends
   the process. */
#include "../../turn/plane/relay.c"
#include <sys/mman.h>

enum { ROOM = 1 << 17 };
static uint8_t *end_of_memory;

static const uint8_t *at_the_end(const uint8_t *bytes, uint32_t size)
{
    if (!end_of_memory) {
        uint8_t *memory = mmap(NULL, 2 * ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED || mprotect(memory + ROOM, ROOM, PROT_NONE))
            abort();
        end_of_memory = memory + ROOM;
    }
    return memcpy(end_of_memory - size, bytes, size);
}

int32_t seen_frame(const uint8_t *bytes, uint32_t size) { return frame_size(at_the_end(bytes, size), size); }
int seen_message(const uint8_t *bytes, uint32_t size) { return is_stun(at_the_end(bytes, size), size); }

/* 0: it is dropped. The host of an IPv4 peer stands in the last four bytes. */
int seen_indication(const struct plane *plane, const uint8_t *bytes, uint32_t size, uint8_t host[16], uint32_t told[5])
{
    struct indication it = {.data = NULL};
    const uint8_t *message = at_the_end(bytes, size);
    if (!read_indication(plane, &it, message, size))
        return 0;
    bool four = it.peer.host.high == IPV4;
    if (four)
        memcpy(host + 12, &it.peer.host.low, 4);
    else
        memcpy(host, &it.peer.host, 16);
    told[0] = four ? 4 : 16;
    told[1] = ntohs(it.peer.port);
    told[2] = (uint32_t)(it.data - message);
    told[3] = it.size;
    told[4] = it.whole;
    return 1;
}
