"""The data path in C: `relay.c`, loaded by ctypes, which lets go of the interpreter for each call."""

import ctypes
import errno
import functools
import os
import secrets
import socket
import struct
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from turn.plane.base import Counters, Datagram, HungUp, Limits
from turn.words import Address, Usage

BATCH: Final = 256
"""Control messages received at once."""
RECORDS: Final = 131_072
"""Bytes of them."""
RECORD: Final = struct.Struct("=IHHBB6x16s")  # struct record: link, size, port, over, bytes of the host, the host

_Pointer = ctypes.c_void_p
_Address = (ctypes.c_char_p, ctypes.c_uint32)
_Usage = ctypes.c_uint64 * len(Usage._fields)
_Counters = ctypes.c_uint64 * len(Counters._fields)


class _Limits(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_uint64)
        for name in ("control_queue", "control_rate", "stream_buffer", "stream_patience", "first_patience", "coalesce")
    ]


SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "relay_create": (_Pointer, (ctypes.c_uint32, ctypes.POINTER(_Limits), ctypes.c_uint64)),
    "relay_free": (None, (_Pointer,)),
    "relay_worker": (_Pointer, (_Pointer, ctypes.c_uint32)),
    "relay_signal": (ctypes.c_int, (_Pointer,)),
    "relay_run": (ctypes.c_int, (_Pointer,)),
    "relay_stop": (None, (_Pointer,)),
    "relay_listen": (_Pointer, (_Pointer, ctypes.c_int, ctypes.c_uint32)),
    "relay_adopt": (_Pointer, (_Pointer, ctypes.c_int, ctypes.c_uint32, *_Address)),
    "relay_hang_up": (ctypes.c_uint64, (_Pointer,)),
    "relay_own": (ctypes.c_int, (_Pointer, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint32)),
    "relay_open": (_Pointer, (_Pointer, *_Address, ctypes.c_uint16, ctypes.c_int, ctypes.c_int, ctypes.c_uint64)),
    "relay_narrow": (None, (_Pointer, ctypes.c_int)),
    "relay_permit": (ctypes.c_int, (_Pointer, *_Address)),
    "relay_forbid": (None, (_Pointer, *_Address)),
    "relay_bind": (ctypes.c_int, (_Pointer, ctypes.c_uint16, *_Address, ctypes.c_uint16, ctypes.c_int)),
    "relay_unbind": (None, (_Pointer, ctypes.c_uint16)),
    "relay_usage": (None, (_Pointer, _Usage)),
    "relay_close": (None, (_Pointer, _Usage)),
    "relay_send": (None, (_Pointer, *_Address, ctypes.c_uint16, ctypes.c_char_p, ctypes.c_uint32)),
    "relay_receive": (ctypes.c_uint32, (_Pointer, ctypes.c_char_p, ctypes.c_uint32, ctypes.c_uint32)),
    "relay_counters": (None, (_Pointer, _Counters)),
}


@functools.cache  # each load makes classes of its own
def load(library: Path) -> ctypes.CDLL:
    """Raises OSError for what is no library of this machine, AttributeError for another's."""
    loaded = ctypes.CDLL(str(library))
    for name, (result, arguments) in SIGNATURES.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


class _Link(NamedTuple):
    pointer: int
    carrier: socket.socket
    remote: Address | None
    """Of a stream."""


class _Channel(NamedTuple):
    peer: Address
    sibling: socket.socket | None


class _Allocation(NamedTuple):
    pointer: int
    relays: list[socket.socket]
    channels: dict[int, _Channel]


class NativePlane:
    """A Plane. Its threads are `relay_run`, one for each worker."""

    name = "native"

    def __init__(self, library: Path, workers: int, limits: Limits) -> None:
        """Raises OSError: the library cannot be loaded, or there are no descriptors or no memory left."""
        self.workers = workers
        self._c = load(library)
        plane = self._c.relay_create(workers, _told(limits), secrets.randbits(64))
        if not plane:
            raise OSError(errno.ENOMEM, "no descriptors or no memory for the data path")
        self._plane: int = plane
        self._workers: list[int] = [self._c.relay_worker(plane, worker) for worker in range(workers)]
        self._threads = [
            threading.Thread(target=self._c.relay_run, args=(worker,), name=f"turn-plane-{number}", daemon=True)
            for number, worker in enumerate(self._workers)
        ]
        self._links: dict[int, _Link] = {}
        self._allocations: dict[int, _Allocation] = {}
        self._next_link = 0
        self._next_worker = 0
        self._own: set[bytes] = set()
        self._records = ctypes.create_string_buffer(RECORDS)
        self._free = weakref.finalize(self, _free, self._c, plane, self._threads, self._links, self._allocations)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._c.relay_stop(self._plane)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def listen(self, worker: int, listener: socket.socket) -> int:
        pointer = self._c.relay_listen(self._workers[worker], listener.fileno(), self._next_link)
        return self._linked(pointer, listener, None)

    def adopt(self, stream: socket.socket) -> int:
        remote = Address(b"", 0)
        if stream.family != socket.AF_UNIX:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the frames of a turn are one write already
            host, port, *_ = stream.getpeername()
            remote = Address.of(host, port)
        worker = self._workers[self._next_worker]
        self._next_worker = (self._next_worker + 1) % self.workers
        pointer = self._c.relay_adopt(worker, stream.fileno(), self._next_link, remote.host, len(remote.host))
        return self._linked(pointer, stream, remote)

    def hang_up(self, link: int) -> int:
        one = self._links.pop(link, None)
        return int(self._c.relay_hang_up(one.pointer)) if one else 0

    def own(self, host: bytes, told: bytes) -> None:
        if host in self._own:
            return
        self._own.add(host)
        _check(self._c.relay_own(self._plane, host, told, len(host)))

    def open(self, allocation: int, link: int, remote: Address, relays: Sequence[socket.socket], bytes_per_second: int) -> None:
        relay, other = [*(one.fileno() for one in relays), -1, -1][:2]
        pointer = self._c.relay_open(
            self._links[link].pointer, remote.host, len(remote.host), remote.port, relay, other, bytes_per_second
        )
        self._allocations[allocation] = _Allocation(_there(pointer), list(relays), {})

    def narrow(self, allocation: int, relay: socket.socket) -> None:
        one = self._allocations[allocation]
        one.relays.remove(relay)
        self._c.relay_narrow(one.pointer, relay.fileno())

    def permit(self, allocation: int, host: bytes) -> None:
        _check(self._c.relay_permit(self._allocations[allocation].pointer, host, len(host)))

    def forbid(self, allocation: int, host: bytes) -> None:
        self._c.relay_forbid(self._allocations[allocation].pointer, host, len(host))

    def bind(self, allocation: int, channel: int, peer: Address, sibling: socket.socket | None) -> None:
        """Raises ValueError for a channel that is bound to another peer, or has a sibling already."""
        one = self._allocations[allocation]
        bound = one.channels.get(channel, _Channel(peer, None))
        if bound.peer != peer or (sibling is not None and bound.sibling not in {None, sibling}):
            raise ValueError(f"channel 0x{channel:04x} is bound to {bound.peer}")
        wanted = _Channel(peer, sibling or bound.sibling)
        descriptor = -1 if wanted.sibling is None else wanted.sibling.fileno()
        _check(self._c.relay_bind(one.pointer, channel, peer.host, len(peer.host), peer.port, descriptor))
        one.channels[channel] = wanted

    def unbind(self, allocation: int, channel: int) -> socket.socket | None:
        one = self._allocations[allocation]
        self._c.relay_unbind(one.pointer, channel)
        bound = one.channels.pop(channel, None)
        return None if bound is None else bound.sibling

    def usage(self, allocation: int) -> Usage:
        usage = _Usage()
        self._c.relay_usage(self._allocations[allocation].pointer, usage)
        return Usage(*usage)

    def close(self, allocation: int) -> tuple[Usage, list[socket.socket]]:
        one = self._allocations.pop(allocation)
        usage = _Usage()
        self._c.relay_close(one.pointer, usage)
        siblings = [channel.sibling for channel in one.channels.values() if channel.sibling is not None]
        return Usage(*usage), [*one.relays, *siblings]

    def send(self, link: int, remote: Address, data: bytes) -> None:
        if one := self._links.get(link):
            self._c.relay_send(one.pointer, remote.host, len(remote.host), remote.port, data, len(data))

    def fileno(self) -> int:
        return int(self._c.relay_signal(self._plane))

    def receive(self) -> list[Datagram | HungUp]:
        filled = self._c.relay_receive(self._plane, self._records, RECORDS, BATCH)
        records = memoryview(self._records)[:filled]
        received: list[Datagram | HungUp] = []
        at = 0
        while at < filled:
            link, size, port, over, host_size, host = RECORD.unpack_from(records, at)
            start = at + RECORD.size
            at = start + (size + 7 & ~7)
            if over:
                received.append(HungUp(link))
                self.hang_up(link)  # no more comes of it, whether we are told so or not
            else:
                remote = self._links[link].remote or Address(host[:host_size], port)
                received.append(Datagram(link, remote, bytes(records[start : start + size])))
        return received

    def counters(self) -> Counters:
        counters = _Counters()
        self._c.relay_counters(self._plane, counters)
        return Counters(*counters)

    def _linked(self, pointer: int | None, carrier: socket.socket, remote: Address | None) -> int:
        link = self._next_link
        self._links[link] = _Link(_there(pointer), carrier, remote)
        self._next_link += 1
        return link


def _told(limits: Limits) -> _Limits:
    def nanoseconds(seconds: float) -> int:
        return round(seconds * 1e9)

    return _Limits(
        limits.control_queue,
        limits.control_rate,
        limits.stream_buffer,
        nanoseconds(limits.stream_patience),
        nanoseconds(limits.first_patience),
        nanoseconds(limits.coalesce),
    )


def _there(pointer: int | None) -> int:
    if not pointer:
        raise OSError(errno.ENOMEM, "the data path cannot watch one more socket")
    return pointer


def _check(result: int) -> None:
    if result < 0:
        raise OSError(-result, os.strerror(-result))


def _free(
    c: ctypes.CDLL, plane: int, threads: list[threading.Thread], links: dict[int, _Link], allocations: dict[int, _Allocation]
) -> None:
    c.relay_stop(plane)
    for thread in threads:
        if thread.ident is not None:
            thread.join()
    for allocation in allocations.values():
        c.relay_close(allocation.pointer, _Usage())
    for link in links.values():
        if link.remote is not None:
            c.relay_hang_up(link.pointer)
    c.relay_free(plane)
