"""The data path where there is no compiler: one Python thread over batches of datagrams."""

import ctypes
import logging
import os
import select
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType

from turn.plane import indications
from turn.plane.base import Counters, Datagram, HungUp, Limits
from turn.plane.sockets import local_address, to_sockaddr
from turn.plane.streams import Stream
from turn.plane.tables import Allocation, Channel, Listener, key_of
from turn.plane.traffic import TICK, Traffic
from turn.words import Address, Usage

EVENTS = 256
"""Sockets served before the control side has its turn."""
PR_SET_TIMERSLACK = 29
TIMER_SLACK_NS = 5_000
DEFAULTS = Limits()

logger = logging.getLogger(__name__)


class Turnstile:
    """A lock that nobody takes twice while another waits: threading.Lock alone may starve the control side."""

    def __init__(self) -> None:
        self._gate, self._lock = threading.Lock(), threading.Lock()

    def __enter__(self) -> None:
        with self._gate:
            self._lock.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.release()


class PortablePlane(Traffic):
    """A Plane (`turn.plane.base`) of one worker. What packets meet is `Traffic`; here the tables are filled, and the thread runs."""

    name = "portable"
    workers = 1

    def __init__(self, limits: Limits = DEFAULTS) -> None:
        """Raises BatchesUnavailable."""
        super().__init__(limits)
        self._lock = Turnstile()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name="turn-plane", daemon=True)
        self._stopping = False
        self._link = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if not self._stopping:
            self._stopping = True
            os.eventfd_write(self._wake, 1)
            if self._thread.ident is not None:  # it was started
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
                client.allocations[key_of(remote, indications.SEND)] = made
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
                    holder.listener.channels[key_of(holder.remote, channel)] = made
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
                holder.listener.channels.pop(key_of(holder.remote, channel), None)
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
                    gone.listener.channels.pop(key_of(gone.remote, number), None)
                if channel.sibling is not None:
                    self._unwatch(channel.sibling.fileno())
                    returned.append(channel.sibling)
            if gone.listener is not None:
                gone.listener.allocations.pop(key_of(gone.remote, indications.SEND), None)
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

    def _next_link(self) -> int:
        self._link += 1
        return self._link

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
                        self._turn_safely(ready)
                wait = 0.0
                continue
            # All is done. While packets come fast, some more are worth waiting for: to wake costs more than to relay one.
            if self._handled > 1 and self._handled * coalesce > self._now - since:
                time.sleep(coalesce)
            wait, since, self._handled = TICK, self._now, 0

    def _turn_safely(self, ready: list[tuple[int, int]]) -> None:
        try:
            self._turn(ready)
        except Exception:  # a bug must not end all calls
            logger.exception("The data path stumbled; what it held is lost")
            self._outgoing.count = 0
