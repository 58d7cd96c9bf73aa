"""A cheap HTTP client for load: keep-alive connections to this machine, one request at a time on each."""

import asyncio
import random
import time
from dataclasses import dataclass
from urllib.parse import urlencode

LONGEST_IDLE = 3.0  # seconds; Node and uvicorn close after 5


@dataclass(frozen=True)
class Request:
    head: bytes
    status: int = 200


def get(path: str, token: str, **query: object) -> Request:
    return Request(_head("GET", f"{path}?{urlencode(query)}" if query else path, token) + b"\r\n")


def post(path: str, token: str, body: bytes, status: int = 201) -> Request:
    return Request(_head("POST", path, token) + _with_body(body), status)


def put(path: str, token: str, body: bytes) -> Request:
    return Request(_head("PUT", path, token) + _with_body(body))


def _with_body(body: bytes) -> bytes:
    return f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _head(method: str, target: str, token: str) -> bytes:
    signed = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n{signed}".encode()


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._received = bytearray()
        self._end = 0  # of the answer, once its head is read
        self._body_at = 0
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._idle_since = time.perf_counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("closed before the answer"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._end:
            head_end = self._received.find(b"\r\n\r\n")
            if head_end < 0:
                return
            head = bytes(self._received[:head_end]).lower()
            at = head.find(b"\r\ncontent-length:")
            if at < 0:
                raise ValueError("An answer without Content-Length")
            self._body_at = head_end + 4
            self._end = self._body_at + int(head[at + 17 :].split(b"\r\n", 1)[0])
        if len(self._received) >= self._end and self._answer:
            status, body = int(self._received[9:12]), bytes(self._received[self._body_at : self._end])
            self._received.clear()
            self._end = 0
            self._answer.set_result((status, body))

    async def exchange(self, request: Request) -> tuple[int, bytes]:
        """The answer's status and its body."""
        if self._transport.is_closing():
            raise ConnectionResetError("closed before the question")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request.head)
        answer = await self._answer
        self._idle_since = time.perf_counter()
        return answer

    async def ask(self, request: Request) -> bytes:
        """The answer's body. Another status than the expected one ends the run."""
        status, body = await self.exchange(request)
        if status != request.status:
            raise SystemExit(f"{request.head[:200]!r} was answered with {status}: {body[:300]!r}")
        return body

    @property
    def is_stale(self) -> bool:
        """Soon to be closed by the server, if it is not already."""
        return self._transport.is_closing() or time.perf_counter() - self._idle_since > LONGEST_IDLE

    def close(self) -> None:
        self._transport.close()


async def connect(port: int) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    return connection


async def flat_out(port: int, request: Request, *, count: int, connections: int) -> float:
    """Each connection asks again as soon as it is answered. Seconds for all requests together."""
    left = iter(range(count))

    async def work(connection: Connection) -> None:
        for _ in left:
            await connection.ask(request)

    opened = [await connect(port) for _ in range(connections)]
    begun = time.perf_counter()
    await asyncio.gather(*map(work, opened))
    took = time.perf_counter() - begun
    for connection in opened:
        connection.close()
    return took


async def paced(port: int, request: Request, *, rate: float, count: int, connections: int) -> list[float]:
    """Requests come at random moments, `rate` a second, whether or not earlier ones are answered.

    Seconds of each from the moment it was due: waiting for a free connection counts. The moments are the same every time.
    """
    moments, at = [], 0.0
    chance = random.Random(1)
    for _ in range(count):
        at += chance.expovariate(rate)
        moments.append(at)
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for _ in range(connections):
        free.put_nowait(await connect(port))
    begun = time.perf_counter()

    async def one(due: float) -> float:
        await asyncio.sleep(begun + due - time.perf_counter())
        connection = await free.get()
        if connection.is_stale:
            connection.close()
            connection = await connect(port)
        await connection.ask(request)
        free.put_nowait(connection)
        return time.perf_counter() - begun - due

    times = await asyncio.gather(*map(one, moments))
    while not free.empty():
        free.get_nowait().close()
    return times
