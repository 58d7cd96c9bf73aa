"""Many datagrams by one call: recvmmsg and sendmmsg over memory that is laid out once.

Structures are those of the C library (ctypes works their layout out), the words in them are read and written as plain integers
through memory views: no object is made for a packet but the integers themselves.
"""

import ctypes
import errno
import socket
import struct
from array import array
from collections.abc import Callable
from typing import Protocol

from turn.words import Address, Family

BATCH = 64
LONGEST = 65_536
"""Bytes that a datagram may have, and a few more."""

SWAPPED = array("H", struct.pack(">65536H", *range(65_536)))
"""Each 16-bit number with its bytes as the network has them."""

MSG_DONTWAIT = 0x40
STRIDE = LONGEST + 320
"""Bytes from one datagram to the next; no power of two, or all of them would fall into the same lines of the cache."""


class _Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


class _Msghdr(ctypes.Structure):
    """As Linux has it; musl declares the two sizes as int between padding, which comes to the same."""

    _fields_ = [
        ("name", ctypes.c_void_p),
        ("name_size", ctypes.c_uint32),
        ("iov", ctypes.c_void_p),
        ("iov_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class _Mmsghdr(ctypes.Structure):
    _fields_ = [("header", _Msghdr), ("size", ctypes.c_uint)]


MMSGHDR = ctypes.sizeof(_Mmsghdr)
POINTER = ctypes.sizeof(ctypes.c_void_p)


class BatchesUnavailable(RuntimeError):
    """This system has no recvmmsg or sendmmsg."""


def _call(name: str, *arguments: type) -> Callable[..., int]:
    """Raises BatchesUnavailable."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if function is None:
        raise BatchesUnavailable(f"The portable data path needs {name}, which this system's C library does not have.")
    function.argtypes = arguments
    function.restype = ctypes.c_int
    return function  # type: ignore[no-any-return]  # ctypes does not tell


def to_raw(address: Address) -> bytes:
    """What a struct sockaddr_in or sockaddr_in6 holds behind its family, as far as the address goes."""
    port = address.port.to_bytes(2, "big")
    return port + address.host if address.family is Family.IPV4 else port + bytes(4) + address.host


def from_raw(raw: bytes) -> Address:
    return Address(raw[-4:] if len(raw) == 6 else raw[-16:], int.from_bytes(raw[:2], "big"))


class Name:
    """A socket address in memory, for the kernel to read."""

    __slots__ = ("_memory", "pointer")

    def __init__(self, address: Address) -> None:
        """Its memory is there as long as this object."""
        family = socket.AF_INET if address.family is Family.IPV4 else socket.AF_INET6
        self._memory = ctypes.create_string_buffer(struct.pack("=H", family) + to_raw(address), 32)
        self.pointer = ctypes.addressof(self._memory)


NAME_SIZES = {Family.IPV4: 16, Family.IPV6: 28}


class Incoming:
    """What recvmmsg fetched. The sender's address ends where his datagram begins, so that address (all but its family) and the
    first two bytes, which are a channel's number, are one key: an integer for IPv4, three of them for IPv6.
    """

    PACKET = 24  # from a slot's begin: as much as sockaddr_in6 has before its scope; of sockaddr_in, the last 8 of these
    KEPT = {Family.IPV4: 8, Family.IPV6: 24}

    def __init__(self) -> None:
        """Raises BatchesUnavailable."""
        self._recvmmsg = _call("recvmmsg", ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p)
        self._room = (ctypes.c_char * (BATCH * STRIDE))()
        self._iovecs = (_Iovec * BATCH)()
        self._headers = (_Mmsghdr * BATCH)()
        self._pointer = ctypes.addressof(self._headers)
        self.bytes = memoryview(self._room).cast("B")
        self.keys = self.bytes[2 : BATCH * STRIDE - 6].cast("Q")
        """Of the datagram whose slot says `key`; the other two of IPv6 stand before it."""
        self.words = self.bytes.cast("H")
        self._headers_bytes = memoryview(self._headers).cast("B")
        self.sizes = self._headers_bytes.cast("I")
        self.slots = [self._slot(number) for number in range(BATCH)]
        """For each datagram: where its key is, where its second 16 bits are, where its size is, what follows its first four
        bytes, and where it begins."""
        # The kernel writes how long names would have been, so each call needs fresh headers.
        self._fresh = {family: self._headers_for(family) for family in Family}

    def receive(self, descriptor: int, family: Family) -> int:
        """Returns how many there were, 0 also for an error that waited on the socket (another packet was refused)."""
        self._headers_bytes[:] = self._fresh[family]
        return max(0, self._recvmmsg(descriptor, self._pointer, BATCH, MSG_DONTWAIT, None))

    def sender(self, packet: int, family: Family) -> bytes:
        """Of the datagram that begins there; `from_raw` reads it."""
        return bytes(self.bytes[packet - self.KEPT[family] + 2 : packet])

    def _slot(self, number: int) -> tuple[int, int, int, memoryview, int]:
        begin = number * STRIDE
        packet = begin + self.PACKET
        size_at = (number * MMSGHDR + _Mmsghdr.size.offset) // 4
        return (begin // 8 + 2, packet // 2 + 1, size_at, self.bytes[packet + 4 : packet + LONGEST], packet)

    def _headers_for(self, family: Family) -> bytes:
        room = ctypes.addressof(self._room)
        for number, header in enumerate(self._headers):
            packet = room + number * STRIDE + self.PACKET
            self._iovecs[number] = _Iovec(packet, LONGEST)
            header.header.name, header.header.name_size = packet - self.KEPT[family], self.KEPT[family]
            header.header.iov = ctypes.addressof(self._iovecs[number])
            header.header.iov_count = 1
        return bytes(self._headers_bytes)


class Listener(Protocol):
    descriptor: int
    family: Family


class Counted(Protocol):
    down: int


class Outgoing:
    """What is collected for clients of one listener, until it is sent by one sendmmsg."""

    def __init__(self) -> None:
        """Raises BatchesUnavailable."""
        self._sendmmsg = _call("sendmmsg", ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
        self._room = (ctypes.c_char * (BATCH * STRIDE))()
        self._iovecs = (_Iovec * BATCH)()
        self._headers = (_Mmsghdr * BATCH)()
        self._pointer = ctypes.addressof(self._headers)
        self.bytes = memoryview(self._room).cast("B")
        self.words = self.bytes.cast("H")
        self.pointers = memoryview(self._headers).cast("B").cast("P")
        self.sizes = memoryview(self._iovecs).cast("B").cast("P")
        self.slots = [self._slot(number) for number in range(BATCH)]
        """For each datagram: where the pointer to its receiver's `Name` is, where its size is, where its first 16 bits are, and
        what follows its first four bytes."""
        self.owners: list[Counted | None] = [None] * BATCH
        self.tallies = [0] * BATCH
        """What was counted for each, and where: it is taken back if the kernel does not take the datagram."""
        self.count = 0
        self._listener: Listener | None = None
        self._family = Family.IPV4
        self.unsent = 0

    def turn_to(self, listener: Listener) -> None:
        """What is added now goes out by its socket; there is room for one more."""
        if listener is not self._listener or self.count == BATCH:
            self.flush()
            self._listener = listener
            if listener.family is not self._family:
                self._family = listener.family
                for header in self._headers:
                    header.header.name_size = NAME_SIZES[listener.family]

    def add(self, pointer: int, owner: Counted, tally: int, *parts: bytes | bytearray | memoryview) -> None:
        """Only after `turn_to`. `tally` has been counted."""
        self.owners[self.count], self.tallies[self.count] = owner, tally
        pointer_at, size_at, word, _ = self.slots[self.count]
        begin = end = 2 * word
        for part in parts:
            self.bytes[end : end + len(part)] = part
            end += len(part)
        self.pointers[pointer_at] = pointer
        self.sizes[size_at] = end - begin
        self.count += 1

    def flush(self) -> None:
        done = 0
        while done < self.count and self._listener is not None:
            rest = self.count - done
            sent = self._sendmmsg(self._listener.descriptor, self._pointer + done * MMSGHDR, rest, MSG_DONTWAIT)
            if sent <= 0:  # the first cannot be sent, and must not take the others with it; or there is no room for any
                sent = rest if ctypes.get_errno() in (errno.EAGAIN, errno.ENOBUFS) else 1
                self._take_back(done, sent)
            done += sent
        self.count = 0

    def _take_back(self, first: int, count: int) -> None:
        self.unsent += count
        for owner, tally in zip(self.owners[first : first + count], self.tallies[first:], strict=False):
            if owner is not None:
                owner.down -= tally

    def _slot(self, number: int) -> tuple[int, int, int, memoryview]:
        begin = number * STRIDE
        address = ctypes.addressof(self._room) + begin
        self._iovecs[number] = _Iovec(address, 0)
        header = self._headers[number].header
        header.name_size = NAME_SIZES[Family.IPV4]
        header.iov, header.iov_count = ctypes.addressof(self._iovecs[number]), 1
        pointer_at = (number * MMSGHDR) // POINTER
        size_at = (number * ctypes.sizeof(_Iovec) + _Iovec.size.offset) // POINTER
        return (pointer_at, size_at, begin // 2, self.bytes[begin + 4 : begin + LONGEST])
