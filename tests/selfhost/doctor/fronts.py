"""Web servers as they stand in front of an instance, good ones and others."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from selfhost.doctor.case import Public
from tests.certificates import Pair
from voice.wire.handshake import HandshakeRefused, accept_key


@dataclass
class Front:
    """Answers like the instance, but for what is set."""

    upgrades: bool = True
    always: int | None = None
    """This status, whatever is asked."""
    own_pages_only: str | None = None
    """The one origin that may open WebSockets."""
    hangs_up: bool = False

    def answer(self, head: str) -> str:
        path = head.split(" ", 2)[1].partition("?")[0]
        headers = {name.lower(): value for name, value in re.findall(r"^([\w-]+): (.*?)\r?$", head, re.MULTILINE)}
        if self.always is not None:
            return f"HTTP/1.1 {self.always} So\r\n\r\n"
        if path not in {"/ws", "/socket/", "/socket.io/"}:
            return "HTTP/1.1 404 Not Found\r\n\r\n"
        if not self.upgrades:  # a proxy drops what is meant for the next hop alone
            headers.pop("upgrade", None)
            headers.pop("connection", None)
        if self.own_pages_only and headers.get("origin", self.own_pages_only) != self.own_pages_only:
            return "HTTP/1.1 403 Forbidden\r\n\r\n"
        try:
            accept = accept_key("GET", headers)
        except HandshakeRefused as refused:
            return f"HTTP/1.1 {refused.status} {refused.reason}\r\n\r\n"
        upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        return f"HTTP/1.1 101 Switching Protocols\r\n{upgrade}Sec-WebSocket-Accept: {accept}\r\n\r\n"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if not self.hangs_up:
                writer.write(self.answer(head.decode()).encode())
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def standing(front: Front, pair: Pair | None = None, host: str = "localhost") -> AsyncIterator[Public]:
    context = None
    if pair is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
    server = await asyncio.start_server(front.serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield Public("https" if pair else "http", host, server.sockets[0].getsockname()[1])
