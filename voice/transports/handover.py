"""TCP connections go from one worker of this machine to another, with what was read from them and not yet answered.

For each there is one short connection between the workers' Unix sockets: the length, the bytes, and beside the first of
them the file descriptor. What does not come whole was not handed over.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from struct import Struct
from typing import Final

logger = logging.getLogger(__name__)

PATIENCE: Final = 5.0  # seconds, for the whole of it
MOMENT: Final = 0.01  # until somebody whose queue is full is asked again
LONGEST: Final = 1 << 20  # bytes; a worker has read less than half of it
PIECE: Final = 1 << 16
BACKLOG: Final = 512
MOST_AT_ONCE: Final = 64  # that are being received; others wait in the backlog
_LENGTH: Final = Struct("!I")

Welcome = Callable[[socket.socket, bytes], Awaitable[object]]


async def hand_over(connection: int, received: bytes, to: Path) -> bool:
    """Gives a copy of the descriptor `connection` away. False: it is not there, and whoever asks goes on with it himself."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as way:
        way.setblocking(False)
        try:
            async with asyncio.timeout(PATIENCE):
                await _connect(way, to)
                message = _LENGTH.pack(len(received)) + received
                sent = socket.send_fds(way, [message], [connection])
                await loop.sock_sendall(way, message[sent:])
        except (ConnectionRefusedError, FileNotFoundError):  # dead, which ./run says
            return False
        except (OSError, TimeoutError) as error:
            logger.warning("A connection could not be handed to %s: %s", to.name, error or "its queue is full")
            return False
    return True


async def _connect(way: socket.socket, to: Path) -> None:
    """Not the loop's `sock_connect`: for Unix sockets it takes a full queue for success."""
    while True:
        try:
            way.connect(str(to))
            return
        except BlockingIOError:
            await asyncio.sleep(MOMENT)


class Inbox:
    """Receives them at `address`, until it is closed."""

    def __init__(self, address: Path, welcome: Welcome) -> None:
        self._address, self._welcome = address, welcome
        address.unlink(missing_ok=True)  # of one who was killed
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        self._listener.bind(str(address))
        self._listener.listen(BACKLOG)
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._visits: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.create_task(self._accept())

    async def close(self) -> None:
        self._address.unlink(missing_ok=True)
        tasks = [self._accepting, *self._visits]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._listener.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._places.acquire()
            try:
                way, _ = await loop.sock_accept(self._listener)
            except OSError as error:
                logger.warning("Cannot take connections from other workers: %s", error)
                self._places.release()
                await asyncio.sleep(MOMENT)
                continue
            visit = loop.create_task(self._receive(way))
            self._visits.add(visit)
            visit.add_done_callback(self._leave)

    def _leave(self, visit: asyncio.Task[None]) -> None:
        self._visits.discard(visit)
        self._places.release()

    async def _receive(self, way: socket.socket) -> None:
        with way, contextlib.ExitStack() as unless_welcome:
            try:
                async with asyncio.timeout(PATIENCE):
                    connection, data = await _connection(way)
                    unless_welcome.enter_context(connection)
                    received = await _whole(way, data)
                    await self._welcome(connection, received)
                unless_welcome.pop_all()
            except (OSError, EOFError, TimeoutError) as error:
                logger.warning("A connection was not handed over: %s", error or "it took too long")


async def _connection(way: socket.socket) -> tuple[socket.socket, bytes]:
    """With the first of the bytes. Raises EOFError if there is none."""
    await _until_readable(way)
    data, descriptors, *_ = socket.recv_fds(way, PIECE, 1)
    if not descriptors:
        raise EOFError("nobody came")
    connection = socket.socket(fileno=descriptors[0])
    connection.set_inheritable(False)
    connection.setblocking(False)
    return connection, data


async def _until_readable(way: socket.socket) -> None:
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(way, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(way)


async def _whole(way: socket.socket, data: bytes) -> bytes:
    """Raises EOFError if it does not come."""
    loop, received = asyncio.get_running_loop(), bytearray(data)
    while _is_missing(received):
        piece = await loop.sock_recv(way, PIECE)
        if not piece:
            raise EOFError("it ended in the middle")
        received += piece
    return bytes(received[_LENGTH.size :])


def _is_missing(received: bytearray) -> bool:
    if len(received) < _LENGTH.size:
        return True
    length = _LENGTH.unpack_from(received)[0]
    if length > LONGEST:
        raise EOFError("it is too long")
    return len(received) < _LENGTH.size + length
