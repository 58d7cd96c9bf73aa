"""Clients of the load while they take their seats: a WebSocket spoken by hand, and the two dialects that are measured."""

import contextlib
import json
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from voice.wire.masking import unmask

PATIENCE = 30.0
TEXT = 1
MASK = b"\x37\xfa\x21\x3d"
DIGITS = 32  # of a mark; load.c writes them
CANDIDATE = "candidate:842163049 1 udp 1677729535 192.0.2.17 46154 typ srflx raddr 192.168.1.7 rport 46154 generation 0"
GET = "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
GET += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"


def masked(text: str) -> bytes:
    data = unmask(text.encode(), MASK)
    size = bytes((0x80 | len(data),)) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return b"\x81" + size + MASK + data


@dataclass
class Client:
    """Until it is seated; from then on its socket is all that matters."""

    port: int
    room: str
    id: str
    heard: list[str] = field(default_factory=list)
    _rest: bytes = b""

    def connect(self, path: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(GET.format(path=path).encode())

    def connected(self) -> None:
        answer = b""
        while b"\r\n\r\n" not in answer:
            byte = self.socket.recv(1)
            if not byte:
                break
            answer += byte
        if b" 101 " not in answer:
            raise ConnectionError(f"no WebSocket, but {answer.decode().partition(chr(13))[0] or 'nothing'}")

    def say(self, text: str) -> None:
        self.socket.settimeout(PATIENCE)
        self.socket.sendall(masked(text))

    def until(self, mark: str, patience: float = PATIENCE) -> str:
        """The first message with this in it. Raises TimeoutError."""
        deadline = time.monotonic() + patience
        while True:
            for said in self.heard:
                if mark in said:
                    return said
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                self._receive()
            except TimeoutError:
                raise TimeoutError(f"no {mark}, but {self._last_words}") from None

    def attend(self) -> None:
        """Hear what has come: pings want an answer, however long the others take."""
        self.socket.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            self._receive()

    def hand_over(self) -> int:
        """Its socket's number, for load.c: blocking, at the beginning of a frame."""
        self.socket.settimeout(PATIENCE)
        while self._rest:
            self._receive()
        self.socket.setblocking(True)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(PATIENCE), 0))
        return self.socket.fileno()

    @property
    def _last_words(self) -> str:
        return self.heard[-1][:100] if self.heard else "nothing"

    def _receive(self) -> None:
        came = self.socket.recv(1 << 16)
        if not came:
            raise ConnectionError(f"closed after {self._last_words}")
        data, at = self._rest + came, 0
        while len(data) - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            if start + size > len(data):
                break
            text = data[start : start + size]
            if text == b"2":  # Engine.IO's ping
                self.say("3")
            elif data[at] == 0x80 | TEXT:
                self.heard.append(text.decode())
            at = start + size
        self._rest = data[at:]


class Dialect(Protocol):
    def path(self, client: Client) -> str: ...

    def enter(self, clients: Sequence[Client]) -> None:
        """Sign in and join the rooms; leaves each client with the id that others address it by."""

    def signal(self, to: str, pad: str) -> str: ...


@dataclass(frozen=True)
class SocketIO:
    """The ProjectVoice dialect and its peers on Node, by WebSocket alone."""

    token: str
    namespace: str = "/socket,"

    def path(self, client: Client) -> str:
        return "/socket.io/?EIO=4&transport=websocket"

    def enter(self, clients: Sequence[Client]) -> None:
        for client in clients:
            client.say(f"40{self.namespace}" + json.dumps({"token": self.token}))
        for client in clients:
            client.id = json.loads(client.until(f"40{self.namespace}").removeprefix(f"40{self.namespace}"))["sid"]
            client.say(f"42{self.namespace}" + json.dumps(["join-room", client.room]))
        for client in clients:
            client.until('"created"')

    def signal(self, to: str, pad: str) -> str:
        candidate = {"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "EsAw", "pad": pad}
        body = {"to": to, "type": "candidate", "candidate": candidate}
        return f"42{self.namespace}" + json.dumps(["signal", body], separators=(",", ":"))


@dataclass(frozen=True)
class Bare:
    """The bare `/ws` of 004 and its peers: who is where is said by the address, and nobody answers."""

    def path(self, client: Client) -> str:
        return f"/ws?room={client.room}&id={client.id}"

    def enter(self, clients: Sequence[Client]) -> None:
        pass

    def signal(self, to: str, pad: str) -> str:
        payload = {"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "EsAw", "pad": pad}
        return json.dumps({"type": "candidate", "to": to, "payload": payload}, separators=(",", ":"))
