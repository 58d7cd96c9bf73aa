"""A client that forgives a server one thing: that it closed a connection which had been used, before the next request got any answer.
That request is sent again, once and over a new connection, as RFC 9112 section 9.3.1 has it.
"""

import asyncio
import json
from typing import Any, NamedTuple

from tests.conftest import PATIENCE


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any


class Failed(Exception):
    """No answer, or half of one."""


class Strict:
    """One keep-alive connection to `port`, or, with `keep=False`, a new one for each request. `retried`: how often."""

    def __init__(self, port: int, token: str | None = None, *, keep: bool = True) -> None:
        self.retried = 0
        self._port, self._token, self._keep = port, token, keep
        self._way: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, **body: Any) -> Answer:
        """Raises Failed."""
        async with asyncio.timeout(PATIENCE):
            used = self._way is not None
            try:
                return await self._exchange(method, path, body)
            except _Closed as error:
                if not used:
                    raise Failed("a new connection was closed without an answer") from error
            self.retried += 1
            try:
                return await self._exchange(method, path, body)
            except _Closed as error:
                raise Failed("closed twice") from error

    def close(self) -> None:
        if self._way is not None:
            self._way[1].close()
            self._way = None

    async def _exchange(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        if self._way is None:
            try:
                self._way = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError as error:
                raise Failed(f"nobody listens: {error}") from error
        reader, writer = self._way
        sent = json.dumps(body).encode() if body else b""
        head = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept-Language: en", f"Content-Length: {len(sent)}"]
        head += [f"Authorization: Bearer {self._token}"] if self._token else []
        head += ["Content-Type: application/json"] if sent else []
        try:
            writer.write("\r\n".join([*head, "", ""]).encode() + sent)
            await writer.drain()
            line = await reader.readline()
        except OSError as error:
            self.close()
            raise _Closed from error
        if not line:
            self.close()
            raise _Closed
        try:
            return await self._read(reader, line)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            self.close()
            raise Failed(f"half an answer: {error!r}") from error

    async def _read(self, reader: asyncio.StreamReader, line: bytes) -> Answer:
        status, headers = int(line.split()[1]), {}
        while (field := await reader.readuntil(b"\r\n")) != b"\r\n":
            name, _, value = field.decode().partition(":")
            headers[name.strip().lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if not self._keep or headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, json.loads(body) if body else None)


class _Closed(Exception):
    """Before any of the answer."""
