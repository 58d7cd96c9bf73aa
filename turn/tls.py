"""TLS before the relay: Python carries the bytes between the client and a socketpair, whose other end the plane serves.

The plane then sees a stream like any other, and what Python spends stays with who wants TLS.
"""

import asyncio
import socket
import ssl
from pathlib import Path

from turn.halves import BUFFER, Half
from turn.journal import Journal
from turn.protocol.channel_data import Framer

HANDSHAKE_TIMEOUT = 10.0
FAREWELL_TIMEOUT = 5.0
"""Seconds that a client has to read what is left when the connection ends."""
LONGEST_FRAME = 20 + 65_536
LOOK = 5.0
"""Seconds between two looks at the certificate's files."""


class BadCertificate(Exception):
    """In one sentence, what is wrong with the files."""


class Certificate:
    """What TLS connections begin with now. The files may be replaced at any time."""

    def __init__(self, certificate: Path, key: Path | None) -> None:
        """Without `key` it stands in the certificate's file. Raises BadCertificate."""
        self._paths = (certificate, key or certificate)
        self._seen = self._state()
        self.context = self._load()

    async def follow(self, journal: Journal) -> None:
        """For ever: takes new files into use. Connections there are go on with what they began with."""
        while True:
            await asyncio.sleep(LOOK)
            self.refresh(journal)

    def refresh(self, journal: Journal) -> None:
        state = self._state()
        if state == self._seen:
            return
        self._seen = state
        try:
            self.context = self._load()
        except BadCertificate as error:  # perhaps half replaced; the next change is looked at again
            journal.warn("certificate-kept", because=error)
        else:
            journal.event("certificate-renewed", certificate=self._paths[0])

    def _state(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(_state_of(path) for path in self._paths)

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["stun.turn"])  # RFC 7443; a client that names none is welcome, too
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        certificate, key = self._paths
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
            raise BadCertificate(f"{certificate} with key {key} cannot be used for TLS: {reason}") from error
        return context


def _state_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _no_password() -> str:
    """Else OpenSSL would ask the terminal, and wait."""
    raise ValueError("the key is protected by a password")


class Outer(Half):
    """The client's side."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = 0
        """Bytes."""

    def data_received(self, data: bytes) -> None:
        self.heard += len(data)
        super().data_received(data)


class Inner(Half):
    """The relay's side. Each frame becomes a record: clients there are take what one read gives them for one message."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = False
        """The client's side is not to end with it."""
        self._framer = Framer(LONGEST_FRAME)

    def data_received(self, data: bytes) -> None:
        for frame in self._framer.feed(data):
            self.other.write(frame)

    def connection_lost(self, error: Exception | None) -> None:
        if self.taken:
            self.closed.set_result(None)
        else:
            super().connection_lost(error)


class Bridge:
    """A client over TLS. `stream` is what he says in clear, and what he is to hear: closing either closes the other."""

    def __init__(self, stream: socket.socket, outer: Outer, inner: Inner) -> None:
        self.stream, self._outer, self._inner = stream, outer, inner

    def heard(self, read: int) -> int:
        return self._outer.heard

    async def take(self) -> Half:
        self._outer.transport.pause_reading()
        self._inner.taken = True
        self.stream.close()
        try:
            await self._inner.closed
        except BaseException:
            self._outer.abort()
            raise
        return self._outer


async def bridge(client: socket.socket, context: ssl.SSLContext) -> Bridge:
    """Shakes hands with the client. Raises OSError if that fails; `client` is closed then."""
    loop = asyncio.get_running_loop()
    outer, inner = Outer(), Inner()
    await loop.connect_accepted_socket(
        lambda: outer,
        client,
        ssl=context,
        ssl_handshake_timeout=HANDSHAKE_TIMEOUT,
        ssl_shutdown_timeout=FAREWELL_TIMEOUT,
    )
    ours, plane = socket.socketpair()
    for end in (ours, plane):
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    try:
        await loop.create_unix_connection(lambda: inner, sock=ours)
    except BaseException:
        outer.transport.abort()
        ours.close()
        plane.close()
        raise
    outer.join(inner)
    return Bridge(plane, outer, inner)
