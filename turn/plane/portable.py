"""The data path where there is no compiler: one Python thread over batches of datagrams."""

import ctypes
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any

from turn.plane import indications
from turn.plane.base import LONGEST_CONTROL, Counters, Datagram, HungUp, Limits
from turn.plane.batches import BATCH, SWAPPED, Incoming, Outgoing, from_raw, to_raw
from turn.plane.mailbox import Mailbox
from turn.plane.sockets import IP_MTU_DISCOVER, IP_PMTUDISC_DONT, local_address, to_sockaddr
from turn.plane.streams import AT_ONCE, PADDING, Garbage, Stream
from turn.plane.tables import MOST_REMEMBERED, ONE_PACKET, Allocation, Channel, Key, Listener, Source
from turn.words import Address, Family, Usage

EVENTS = 256
"""Sockets served before the control side has its turn."""
ROUNDS = 4
"""Batches taken from a listener in one turn."""
TICK = 0.25
"""Seconds between two looks for streams that are late."""
MOST_DATA = 65_480
"""Bytes whose Data indication STUN can still count."""
IP_PMTUDISC_DO = 2
IPV6_DONTFRAG = 62
PR_SET_TIMERSLACK = 29
TIMER_SLACK_NS = 5_000
DEFAULTS = Limits()


class Turnstile:
    """A lock that nobody takes twice while another waits: threading.Lock alone may starve the control side."""

    def __init__(self) -> None:
        self._gate, self._lock = threading.Lock(), threading.Lock()

    def __enter__(self) -> None:
        with self._gate:
            self._lock.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.release()


class PortablePlane:
    """A Plane (`turn.plane.base`) of one worker."""

    name = "portable"
    workers = 1

    def __init__(self, limits: Limits = DEFAULTS) -> None:
        """Raises BatchesUnavailable."""
        self._limits = limits
        self._lock = Turnstile()
        self._incoming, self._outgoing = Incoming(), Outgoing()
        self._scratch = memoryview(bytearray(AT_ONCE))
        self._mailbox = Mailbox(limits)
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name="turn-plane", daemon=True)
        self._stopping = False
        self._now = time.monotonic()
        self._tick_at = self._now
        self._handled = 0
        self._link = 0
        self._listeners: dict[int, Listener] = {}
        self._streams: dict[int, Stream] = {}
        self._written: set[Stream] = set()
        """Streams that were written to in this turn."""
        self._allocations: dict[int, Allocation] = {}
        self._allocation_of: dict[int, Allocation] = {}
        """By the link of a stream."""
        self._handlers: dict[int, Callable[[int], object]] = {}
        self._siblings: dict[int, Channel] = {}
        """By descriptor, those of clients over UDP: they have a short way. They have a handler, too, for all else."""
        self._inner: dict[bytes, bytes] = {}
        """Our own addresses by what clients may call them."""
        self._told: dict[bytes, bytes] = {}
        self._relays: set[Address] = set()
        self._inward: dict[Address, set[Channel]] = {}
        """Channels to peers at addresses of ours."""
        self._malformed = self._unknown = self._forbidden = self._over_bandwidth = self._slow = self._unsent = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if not self._stopping:
            self._stopping = True
            os.eventfd_write(self._wake, 1)
            self._thread.join()
            self._epoll.unregister(self._wake)
            os.close(self._wake)

    def listen(self, worker: int, listener: socket.socket) -> int:
        if worker != 0:
            raise ValueError("the portable plane has one worker")
        with self._lock:
            made = Listener(self._next_link(), listener)
            self._listeners[made.link] = made
            self._watch(made.descriptor, partial(self._from_clients, made))
            return made.link

    def adopt(self, stream: socket.socket) -> int:
        with self._lock:
            made = Stream(self._next_link(), stream, self._limits)
            self._streams[made.link] = made
            self._watch(made.descriptor, partial(self._from_stream, made))
            return made.link

    def hang_up(self, link: int) -> int:
        with self._lock:
            stream = self._streams.get(link)
            if stream is not None:
                stream.flush(time.monotonic())
                self._forget(stream)
            self._mailbox.forget(link)
            return 0 if stream is None else stream.taken

    def own(self, host: bytes, told: bytes) -> None:
        with self._lock:
            self._inner.setdefault(host, host)
            self._inner[told] = host
            self._told[host] = told
            for allocation in self._allocations.values():
                for channel in allocation.channels.values():
                    self._enroll(channel)
                self._resettle(allocation)

    def open(self, allocation: int, link: int, remote: Address, relays: Sequence[socket.socket], bytes_per_second: int) -> None:
        with self._lock:
            client = self._streams.get(link) or self._listeners.get(link)
            made = Allocation(client, remote, bytes_per_second, time.monotonic())
            self._allocations[allocation] = made
            if isinstance(client, Listener):
                client.allocations[_key_of(remote, indications.SEND)] = made
            elif client is not None:
                client.allocated = True
                self._allocation_of[link] = made
            for relay in relays:
                address = local_address(relay)
                made.relays[address.family] = relay
                self._relays.add(address)
                self._settle_toward(address)
                self._watch(relay.fileno(), partial(self._from_peers, made, relay.fileno(), address.family))

    def narrow(self, allocation: int, relay: socket.socket) -> None:
        with self._lock:
            narrowed = self._allocations[allocation]
            self._drop_relay(narrowed, relay)
            self._resettle(narrowed)

    def permit(self, allocation: int, host: bytes) -> None:
        with self._lock:
            permitted = self._allocations[allocation]
            if host not in permitted.permitted:
                permitted.permitted.add(host)
                self._resettle(permitted)

    def forbid(self, allocation: int, host: bytes) -> None:
        with self._lock:
            forbidden = self._allocations[allocation]
            forbidden.permitted.discard(host)
            self._resettle(forbidden)

    def bind(self, allocation: int, channel: int, peer: Address, sibling: socket.socket | None) -> None:
        """Raises ValueError for a channel that is bound to another peer, or has a sibling already."""
        with self._lock:
            holder = self._allocations[allocation]
            made = holder.channels.get(channel)
            if made is None:
                made = holder.channels[channel] = Channel(holder, channel, peer)
                holder.by_peer[peer] = made
                if holder.listener is not None:
                    holder.listener.channels[_key_of(holder.remote, channel)] = made
                self._enroll(made)
            elif made.peer != peer or (sibling is not None and made.sibling not in (None, sibling)):
                raise ValueError(f"channel 0x{channel:04x} is bound to {made.peer}")
            if sibling is not None:
                made.sibling = sibling
            self._resettle(holder)
            if sibling is not None:
                self._begin_turn()
                self._drain(holder, sibling)  # what fell into it before it was connected is from anybody
                self._end_turn()
                if sibling.fileno() not in self._handlers:
                    self._watch(sibling.fileno(), partial(self._from_peers, holder, sibling.fileno(), peer.family))
                if holder.listener is not None:
                    self._siblings[sibling.fileno()] = made

    def unbind(self, allocation: int, channel: int) -> socket.socket | None:
        with self._lock:
            holder = self._allocations[allocation]
            gone = holder.channels.pop(channel)
            holder.by_peer.pop(gone.peer, None)
            holder.up, holder.down = holder.up + gone.up, holder.down + gone.down
            if holder.listener is not None:
                holder.listener.channels.pop(_key_of(holder.remote, channel), None)
            self._leave(gone)
            self._resettle(holder)
            if gone.sibling is not None:
                self._begin_turn()
                self._drain(holder, gone.sibling)  # what came before goes on as Data indications
                self._end_turn()
                self._unwatch(gone.sibling.fileno())
            return gone.sibling

    def usage(self, allocation: int) -> Usage:
        with self._lock:
            return self._allocations[allocation].usage()

    def close(self, allocation: int) -> tuple[Usage, list[socket.socket]]:
        with self._lock:
            gone = self._allocations.pop(allocation)
            returned = list(gone.relays.values())
            for relay in returned:
                self._drop_relay(gone, relay)
            for number, channel in gone.channels.items():
                self._leave(channel)
                channel.settle(None)
                if gone.listener is not None:
                    gone.listener.channels.pop(_key_of(gone.remote, number), None)
                if channel.sibling is not None:
                    self._unwatch(channel.sibling.fileno())
                    returned.append(channel.sibling)
            if gone.listener is not None:
                gone.listener.allocations.pop(_key_of(gone.remote, indications.SEND), None)
            elif gone.stream is not None:
                gone.stream.allocated = False
                del self._allocation_of[gone.stream.link]
            return gone.usage(), returned

    def send(self, link: int, remote: Address, data: bytes) -> None:
        with self._lock:
            stream = self._streams.get(link)
            if stream is not None:
                if stream.write_control(data, time.monotonic()):
                    self._arm(stream)
                else:
                    self._end(stream)
            elif link in self._listeners:
                try:
                    self._listeners[link].socket.sendto(data, to_sockaddr(remote))
                except OSError:
                    self._unsent += 1

    def fileno(self) -> int:
        return self._mailbox.fileno()

    def receive(self) -> list[Datagram | HungUp]:
        with self._lock:
            return self._mailbox.take()

    def counters(self) -> Counters:
        with self._lock:
            return Counters(
                malformed=self._malformed,
                unknown=self._unknown,
                forbidden=self._forbidden,
                over_bandwidth=self._over_bandwidth,
                flooded=self._mailbox.flooded,
                slow=self._slow,
                unsent=self._unsent + self._outgoing.unsent,
            )

    # The plane's own thread

    def _run(self) -> None:
        with suppress(AttributeError):  # no such call: naps are longer, by the system's own slack
            ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0)
        poll, coalesce = self._epoll.poll, self._limits.coalesce
        wait, since = TICK, time.monotonic()
        while not self._stopping:
            ready = poll(wait, EVENTS)
            if ready or wait:
                with self._lock:
                    if not self._stopping:
                        self._turn(ready)
                wait = 0.0
                continue
            # All is done. While packets come fast, some more are worth waiting for: to wake costs more than to relay one.
            if self._handled > 1 and self._handled * coalesce > self._now - since:
                time.sleep(coalesce)
            wait, since, self._handled = TICK, self._now, 0

    def _turn(self, ready: list[tuple[int, int]]) -> None:
        self._begin_turn()
        out, siblings = self._outgoing, self._siblings
        words, pointers, sizes, slots = out.words, out.pointers, out.sizes, out.slots
        owners, tallies = out.owners, out.tallies
        for descriptor, events in ready:
            channel = siblings.get(descriptor)
            if channel is None or not channel.plain:
                handler = self._handlers.get(descriptor)  # None: it was let go of meanwhile
                if handler is not None:
                    handler(events)
                continue
            out.turn_to(channel.listener)  # type: ignore[arg-type]  # those of streams are not among the siblings
            at = out.count
            pointer_at, size_at, word, tail = slots[at]
            try:
                size = channel.receive(tail)
            except OSError:  # nothing there, or an earlier packet of ours was refused: what came after it comes next turn
                continue
            words[word] = channel.wire
            words[word + 1] = SWAPPED[size]
            pointers[pointer_at] = channel.name
            sizes[size_at] = size + 4
            owners[at] = channel
            tallies[at] = tally = ONE_PACKET + size
            channel.down += tally
            out.count = at + 1
        self._handled += len(ready)
        if self._now >= self._tick_at:
            self._tick_at = self._now + TICK
            for stream in [stream for stream in self._streams.values() if stream.is_late(self._now)]:
                self._end(stream)
        self._end_turn()

    def _begin_turn(self) -> None:
        self._now = time.monotonic()

    def _end_turn(self) -> None:
        self._outgoing.flush()
        for stream in self._written:
            stream.flush(self._now)
            self._arm(stream)
        self._written.clear()

    def _from_clients(self, listener: Listener, _: int) -> None:
        incoming, channel_of, wide = self._incoming, listener.channels.get, listener.family is Family.IPV6
        keys, words, sizes = incoming.keys, incoming.words, incoming.sizes
        for _ in range(ROUNDS):
            count = incoming.receive(listener.descriptor, listener.family)
            self._handled += count
            for key_at, word, size_at, tail, packet in incoming.slots[:count]:
                key = (keys[key_at - 2], keys[key_at - 1], keys[key_at]) if wide else keys[key_at]
                channel = channel_of(key)
                if channel is not None and channel.plain:
                    size = SWAPPED[words[word]]
                    if size + 4 <= sizes[size_at]:
                        try:
                            channel.send(tail[:size])
                        except OSError:
                            if not self._sent(channel.send, tail[:size]):
                                continue
                        channel.up += ONE_PACKET + size
                        continue
                self._from_client(listener, key, packet, sizes[size_at])
            if count < BATCH:
                return

    def _from_client(self, listener: Listener, key: Key, packet: int, size: int) -> None:
        """All that has no short way. A datagram of less than two bytes has no key, but then it is nothing either."""
        data = self._incoming.bytes[packet : packet + size]
        if size >= 4 and data[0] & 0xC0 == 0x40:
            self._channel_data(listener.channels.get(key), data)
        elif not indications.is_message(data):
            self._malformed += 1
        else:
            remote = from_raw(self._incoming.sender(packet, listener.family))
            self._message(listener.link, remote, remote.host, listener.allocations.get(key), data)

    def _from_stream(self, stream: Stream, events: int) -> None:
        if events & select.EPOLLOUT:
            stream.flush(self._now)
            self._arm(stream)
        if not events & ~select.EPOLLOUT:
            return
        try:
            for frame in stream.read(self._scratch, self._now):
                self._handled += 1
                allocation = self._allocation_of.get(stream.link)
                if frame[0] & 0x40:
                    number = frame[0] << 8 | frame[1]
                    self._channel_data(allocation.channels.get(number) if allocation else None, frame)
                else:
                    sender = stream.remote.host if stream.remote.port else stream.link
                    self._message(stream.link, stream.remote, sender, allocation, frame)
        except BlockingIOError:
            pass
        except Garbage:
            self._malformed += 1
            self._end(stream)
        except (EOFError, OSError):
            self._end(stream)

    def _channel_data(self, channel: Channel | None, frame: memoryview) -> None:
        size = frame[2] << 8 | frame[3]
        if size + 4 > len(frame):
            self._malformed += 1
        elif channel is None:
            self._unknown += 1
        elif not channel.open:
            self._forbidden += 1
        elif self._affords_up(channel.allocation, size) and self._sent(channel.send, frame[4 : 4 + size]):
            channel.up += ONE_PACKET + size

    def _message(
        self, link: int, remote: Address, sender: bytes | int, allocation: Allocation | None, data: memoryview
    ) -> None:
        if data[0] << 8 | data[1] == indications.SEND:
            if allocation is None:
                self._unknown += 1
            else:
                self._send_indication(allocation, data)
        elif len(data) > LONGEST_CONTROL:
            self._malformed += 1
        else:
            self._mailbox.put(Datagram(link, remote, bytes(data)), sender, self._now)

    def _send_indication(self, allocation: Allocation, message: memoryview) -> None:
        sending = indications.read_send(message)
        if sending is None:
            self._malformed += 1
            return
        receiver = allocation.receivers.get(sending.peer) or self._receiver(allocation, sending.peer)
        if receiver is None:
            self._forbidden += 1
            return
        target, relay = receiver
        size = len(sending.data)
        if not self._affords_up(allocation, size):
            return
        if sending.whole:
            _forbid_fragments(relay, True)
        if self._sent(lambda data: relay.sendto(data, target), sending.data):
            allocation.up += ONE_PACKET + size
        if sending.whole:
            _forbid_fragments(relay, False)

    def _receiver(self, allocation: Allocation, named: int) -> tuple[Any, socket.socket] | None:
        peer = indications.address_of(named)
        relay = allocation.relays.get(peer.family)
        target = self._target(peer)
        if peer.host not in allocation.permitted or relay is None or target is None:
            return None
        receiver = (to_sockaddr(target), relay)
        if peer.host not in self._inner and len(allocation.receivers) < MOST_REMEMBERED:
            allocation.receivers[named] = receiver
        return receiver

    def _from_peers(self, allocation: Allocation, descriptor: int, family: Family, _events: int = 0) -> int:
        """One batch, from anybody. Returns how many there were."""
        incoming = self._incoming
        count = incoming.receive(descriptor, family)
        self._handled += count
        for _, _, size_at, _, packet in incoming.slots[:count]:
            raw = incoming.sender(packet, family)
            source = allocation.sources.get(raw) or self._source(allocation, raw)
            if source is None:
                self._forbidden += 1
                continue
            size = incoming.sizes[size_at]
            if allocation.down_budget is not None and not allocation.down_budget.take(size, self._now):
                self._over_bandwidth += 1
                continue
            data = incoming.bytes[packet : packet + size]
            if source.channel is not None:
                self._deliver(allocation, source.channel, source.channel.head + size.to_bytes(2, "big"), data, b"")
            elif size > MOST_DATA:
                self._unsent += 1
            else:
                self._deliver(allocation, allocation, source.header.of(size), data, PADDING[size & 3])
        return count

    def _source(self, allocation: Allocation, raw: bytes) -> Source | None:
        sender = from_raw(raw)
        peer = sender
        if sender.host in self._told:
            if sender not in self._relays:
                return None
            peer = Address(self._told[sender.host], sender.port)
        if peer.host not in allocation.permitted or peer.family not in allocation.relays:
            return None
        source = Source(peer, allocation.by_peer.get(peer))
        if peer is sender and len(allocation.sources) < MOST_REMEMBERED:
            allocation.sources[raw] = source
        return source

    def _deliver(
        self, allocation: Allocation, owner: Allocation | Channel, head: bytes | bytearray, data: memoryview, padding: bytes
    ) -> None:
        tally = ONE_PACKET + len(data)
        if allocation.listener is not None:
            self._outgoing.turn_to(allocation.listener)
            self._outgoing.add(allocation.name.pointer, owner, tally, head, data, padding)
            owner.down += tally
        elif allocation.stream is not None:  # else it hung up
            if allocation.stream.write_media(self._now, head, data):
                self._written.add(allocation.stream)
                owner.down += tally
            else:
                self._slow += 1

    def _affords_up(self, allocation: Allocation, size: int) -> bool:
        if allocation.up_budget is None or allocation.up_budget.take(size, self._now):
            return True
        self._over_bandwidth += 1
        return False

    def _sent(self, send: Callable[[memoryview], int], data: memoryview) -> bool:
        """Twice if need be: the first error may tell of an earlier packet, and then this one was not even tried."""
        for _ in range(2):
            with suppress(OSError):
                send(data)
                return True
        self._unsent += 1
        return False

    # Tables and descriptors; whoever calls holds the lock

    def _next_link(self) -> int:
        self._link += 1
        return self._link

    def _watch(self, descriptor: int, handler: Callable[[int], object]) -> None:
        self._handlers[descriptor] = handler
        self._epoll.register(descriptor, select.EPOLLIN)

    def _unwatch(self, descriptor: int) -> None:
        if self._handlers.pop(descriptor, None) is not None:
            self._siblings.pop(descriptor, None)
            self._epoll.unregister(descriptor)

    def _arm(self, stream: Stream) -> None:
        """Hear when there is room again, if it is full."""
        if stream.waits_for_room is stream.ready and stream.link in self._streams:
            stream.waits_for_room = not stream.ready
            self._epoll.modify(stream.descriptor, select.EPOLLIN | (select.EPOLLOUT if stream.waits_for_room else 0))

    def _end(self, stream: Stream) -> None:
        self._forget(stream)
        self._mailbox.put_hung_up(stream.link)

    def _forget(self, stream: Stream) -> None:
        del self._streams[stream.link]
        self._unwatch(stream.descriptor)
        allocation = self._allocation_of.pop(stream.link, None)
        if allocation is not None:
            allocation.stream = None

    def _drain(self, allocation: Allocation, sibling: socket.socket) -> None:
        family = Family.IPV4 if sibling.family == socket.AF_INET else Family.IPV6
        while self._from_peers(allocation, sibling.fileno(), family):
            self._outgoing.flush()

    def _drop_relay(self, allocation: Allocation, relay: socket.socket) -> None:
        address = local_address(relay)
        allocation.relays.pop(address.family, None)
        self._unwatch(relay.fileno())
        self._relays.discard(address)
        self._settle_toward(address)

    def _target(self, peer: Address) -> Address | None:
        """Where what is meant for this peer goes. None: to our own address, where no relay of ours is."""
        host = self._inner.get(peer.host)
        if host is None:
            return peer
        target = Address(host, peer.port)
        return target if target in self._relays else None

    def _resettle(self, allocation: Allocation) -> None:
        allocation.forget_peers()
        for channel in allocation.channels.values():
            channel.settle(self._target(channel.peer))

    def _settle_toward(self, address: Address) -> None:
        """A relay of ours came or went: those who have it for a peer are to know."""
        for channel in self._inward.get(address, ()):
            channel.settle(self._target(channel.peer))

    def _enroll(self, channel: Channel) -> None:
        host = self._inner.get(channel.peer.host)
        if host is not None:
            self._inward.setdefault(Address(host, channel.peer.port), set()).add(channel)

    def _leave(self, channel: Channel) -> None:
        host = self._inner.get(channel.peer.host, b"")
        at = Address(host, channel.peer.port)
        others = self._inward.get(at)
        if others is not None:
            others.discard(channel)
            if not others:
                del self._inward[at]


def _key_of(remote: Address, first: int) -> Key:
    """How `Incoming.keys` shows a datagram from there that begins with these 16 bits."""
    raw = to_raw(remote) + first.to_bytes(2, "big")
    key = struct.unpack(f"={len(raw) // 8}Q", raw)
    return key[0] if len(key) == 1 else key


def _forbid_fragments(relay: socket.socket, forbidden: bool) -> None:
    if relay.family == socket.AF_INET:
        relay.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO if forbidden else IP_PMTUDISC_DONT)
    else:
        relay.setsockopt(socket.IPPROTO_IPV6, IPV6_DONTFRAG, int(forbidden))
