"""Two hundred clients that signal to each other over Socket.IO by WebSocket, spoken by hand.

Each has WINDOW signals on their way at any time: what it hears is answered by a signal to the next of its room. So the
server decides itself how fast it goes; the busy part is C (load.c), to be faster than any of them.
"""

import ctypes
import json
import secrets
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from voice.wire.masking import unmask

CLIENTS, ROOM_SIZE, SIZE, WINDOW = 200, 4, 500, 4
PATIENCE = 30.0
MASK = b"\x37\xfa\x21\x3d"
NAMESPACE = "/socket,"
SIGNAL = f'42{NAMESPACE}["signal",'.encode()
GET = "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
GET += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"


def masked(text: str) -> bytes:
    data = unmask(text.encode(), MASK)
    size = bytes((0x80 | len(data),)) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return b"\x81" + size + MASK + data


def signal(to: str) -> bytes:
    """A candidate as a browser emits it, made SIZE bytes long."""
    line = "candidate:842163049 1 udp 1677729535 192.0.2.17 46154 typ srflx raddr 192.168.1.7 rport 46154 generation 0"
    candidate = {"candidate": line, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "EsAw", "pad": ""}
    body = {"to": to, "type": "candidate", "candidate": candidate}
    candidate["pad"] = "x" * (SIZE - len(SIGNAL) - len(json.dumps(body, separators=(",", ":"))) - 1)
    return masked(f"42{NAMESPACE}" + json.dumps(["signal", body], separators=(",", ":")))


@dataclass
class Client:
    """Until it is seated; from then on its socket is all that matters."""

    socket: socket.socket
    rest: bytes = b""
    id: str = ""
    heard: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.socket.sendall(masked(text))

    def until(self, mark: str) -> str:
        """The first message with this in it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for said in self.heard:
                if mark in said:
                    return said
            self._receive()
        raise TimeoutError(f"no {mark}, but {self.heard}")

    def _receive(self) -> None:
        data, at = self.rest + self.socket.recv(1 << 16), 0
        while len(data) - at >= 4:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            if start + size > len(data):
                break
            self.heard.append(data[start : start + size].decode())
            at = start + size
        self.rest = data[at:]


def opened(port: int) -> Client:
    client = Client(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.socket.sendall(GET.format(path="/socket.io/?EIO=4&transport=websocket").encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += client.socket.recv(1)
    if b" 101 " not in answer:
        raise ConnectionError(answer.decode())
    return client


def seated(port: int, token: str) -> list[Client]:
    """By fours in open rooms that nobody else knows."""
    run, clients = secrets.token_hex(4), [opened(port) for _ in range(CLIENTS)]
    for client in clients:
        client.say(f"40{NAMESPACE}" + json.dumps({"token": token}))
        client.id = json.loads(client.until(f"40{NAMESPACE}").removeprefix(f"40{NAMESPACE}"))["sid"]
    for number, client in enumerate(clients):
        client.say(f"42{NAMESPACE}" + json.dumps(["join-room", f"bench-{run}-{number // ROOM_SIZE}"]))
        client.until('"created"')
    for number, client in enumerate(clients):
        for mate in clients[number + 1 : number - number % ROOM_SIZE + ROOM_SIZE]:
            client.until(f'"user-connected",{{"socketId":"{mate.id}"')
    return clients


def compiled() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "load.so"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("load.c")], check=True)
        loaded = ctypes.CDLL(str(library))
    loaded.run.restype = ctypes.c_long
    return loaded


class Load:
    """All clients around one server, for some seconds at a time."""

    def __init__(self, port: int, token: str) -> None:
        self._library = compiled()
        self._clients = seated(port, token)
        rooms = [self._clients[first : first + ROOM_SIZE] for first in range(0, CLIENTS, ROOM_SIZE)]
        frames = [signal(mate.id) for room in rooms for client in room for mate in room if mate is not client]
        self._size = len(frames[0])
        self._frames = b"".join(frames)
        for client in self._clients:
            client.socket.setblocking(True)

    def run(self, seconds: float) -> int:
        """How many signals were relayed. Those still on their way at the end are waited for."""
        files = (ctypes.c_int * CLIENTS)(*(client.socket.fileno() for client in self._clients))
        relayed = self._library.run(
            CLIENTS,
            files,
            self._frames,
            ctypes.c_size_t(self._size),
            ROOM_SIZE - 1,
            WINDOW,
            SIGNAL,
            ctypes.c_double(seconds),
        )
        if relayed < 0:
            raise ConnectionError("a connection or a signal was lost")
        return int(relayed)

    def close(self) -> None:
        for client in self._clients:
            client.socket.close()
