"""What happens to packets in the portable data path. Whoever calls holds the plane's lock."""

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from turn.plane import indications
from turn.plane.base import LONGEST_CONTROL, Datagram, Limits
from turn.plane.batches import BATCH, SWAPPED, Incoming, Outgoing, from_raw
from turn.plane.mailbox import Mailbox
from turn.plane.sockets import IP_MTU_DISCOVER, IP_PMTUDISC_DONT, local_address, to_sockaddr
from turn.plane.streams import AT_ONCE, PADDING, Garbage, Stream
from turn.plane.tables import MOST_REMEMBERED, ONE_PACKET, Allocation, Channel, Key, Listener, Source
from turn.words import Address, Family

ROUNDS = 4
"""Batches taken from a listener in one turn."""
DRAIN_ROUNDS = 64
"""Batches that a socket can hold, and more: who floods it meanwhile shall not hold us up."""
TICK = 0.25
"""Seconds between two looks for streams that are late."""
MOST_DATA = 65_480
"""Bytes whose Data indication STUN can still count."""
IP_PMTUDISC_DO = 2
IPV6_DONTFRAG = 62


class Traffic:
    def __init__(self, limits: Limits) -> None:
        """Raises BatchesUnavailable."""
        self._limits = limits
        self._incoming, self._outgoing = Incoming(), Outgoing()
        self._scratch = memoryview(bytearray(AT_ONCE))
        self._mailbox = Mailbox(limits)
        self._epoll = select.epoll()
        self._now = self._tick_at = time.monotonic()
        self._handled = 0
        """Datagrams, frames and events since the thread last had nothing to do."""
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
        for _ in range(DRAIN_ROUNDS):
            if not self._from_peers(allocation, sibling.fileno(), family):
                return

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


def _forbid_fragments(relay: socket.socket, forbidden: bool) -> None:
    if relay.family == socket.AF_INET:
        relay.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO if forbidden else IP_PMTUDISC_DONT)
    else:
        relay.setsockopt(socket.IPPROTO_IPV6, IPV6_DONTFRAG, int(forbidden))
