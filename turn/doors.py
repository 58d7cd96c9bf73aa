"""Accepting streams: bounded in one turn of the loop, and at rest while there is no descriptor for one more."""

import asyncio
import errno
import socket
from collections.abc import Callable

from turn.journal import Journal
from turn.words import Address

ACCEPTS = 16
"""In one turn of the loop."""
REST = 1.0
"""Seconds without accepting, when there is no descriptor left for one more."""
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Door:
    """Takes the listener over. `receive` gets each connection, non-blocking, and where it comes from."""

    def __init__(self, listener: socket.socket, receive: Callable[[socket.socket, Address], None], journal: Journal) -> None:
        self._listener, self._receive, self._journal = listener, receive, journal
        self._open()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._listener)
        self._listener.close()

    def _open(self) -> None:
        if self._listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        for _ in range(ACCEPTS):
            try:
                stream, (host, port, *_) = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in EXHAUSTED:
                    self._rest(error)
                    return
                continue  # it has hung up already
            stream.setblocking(False)
            self._receive(stream, Address.of(host, port))

    def _rest(self, error: OSError) -> None:
        """Else the loop would do nothing but try."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._listener)
        loop.call_later(REST, self._open)
        self._journal.warn("accepting-rests", seconds=REST, because=error.strerror)
