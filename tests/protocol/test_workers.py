"""Two workers behind one port: whoever accepts a connection, each of its requests reaches the worker that keeps its session."""

import asyncio
import json
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest
import requests
from websockets.asyncio.client import connect as websocket

from tests.conftest import Instance
from tests.protocol.conftest import ADDRESSES, PATIENCE, TWO_WORKERS, Address, Cast, Connect, talks
from tests.protocol.javascript import Script
from tests.protocol.raw import frame, websocket_url

pytestmark = TWO_WORKERS

CLIENTS = 40
ORDERS = [["polling", "websocket"], ["websocket", "polling"], ["polling"]]
HEALTH = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
UNKNOWN = {"code": 1, "message": "Session ID unknown"}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
async def test_forty_clients_all_come_in(js: Script, instance: Instance, cast: Cast, address: Address, order: list[str]):
    names = [f"client-{number}-{secrets.token_hex(4)}" for number in range(CLIENTS)]
    for name in names:
        js.connect_by(order, name, instance, cast.ann, address)
    keepers = {(await js.until(name, "connect"))["session"][:2] for name in names}
    assert keepers == {"0.", "1."}
    for name in names:
        js.emit(name, "join-room", name, cast.ann["token"])
    for name in names:
        assert (await js.until(name, "created"))["roomId"] == name
        if order == ["polling", "websocket"]:
            assert await js.until(name, "upgrade") == "websocket"
        assert {event for event, _ in js.heard[name]} <= {"connect", "created", "upgrade"}


@pytest.mark.parametrize("transports", [("polling",), ("polling", "websocket"), ("websocket",)], ids="-".join)
async def test_a_call_on_either_worker(connect: Connect, cast: Cast, channel: int, transports: tuple[str, ...]):
    """With a client that keeps its connections and uses them again."""
    for worker in (0, 1):
        ann = await connect(cast.ann, worker=worker, transports=transports)
        bob = await connect(cast.bob, worker=worker, transports=transports)
        await ann.join(channel)
        await bob.join(channel)
        await ann.until("user-connected")
        await talks(ann, bob)
        await ann.leave()
        await bob.leave()


class Answer(NamedTuple):
    status: int
    body: str


class Wire:
    """A TCP connection, to be written to in pieces of any size."""

    def __init__(self, instance: Instance, worker: int) -> None:
        """`worker` is who accepts it."""
        with instance.only(worker):
            self.socket = socket.create_connection(("127.0.0.1", instance.port), timeout=PATIENCE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._file = self.socket.makefile("rb")
            assert self.ask(HEALTH).status == 200

    def ask(self, data: bytes) -> Answer:
        self.socket.sendall(data)
        return self.answer()

    def answer(self) -> Answer:
        line = self._file.readline()
        assert line, "closed without an answer"
        size = 0
        while (header := self._file.readline().strip().lower()) != b"":
            if header.startswith(b"content-length:"):
                size = int(header.partition(b":")[2])
        return Answer(int(line.split()[1]), self._file.read(size).decode())

    def ended(self) -> bool:
        return self._file.read() == b""

    def close(self) -> None:
        self._file.close()
        self.socket.close()


Open = Callable[[int], Wire]


@pytest.fixture
def wire(instance: Instance) -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(worker: int) -> Wire:
            wire = Wire(instance, worker)
            stack.callback(wire.close)
            return wire

        yield opened


def get(sid: str, path: str = "/socket.io/") -> bytes:
    return f"GET {path}?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def post(sid: str, said: str) -> bytes:
    head = f"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(said)}"
    return f"{head}\r\n\r\n{said}".encode()


def chunked(sid: str, *said: str) -> bytes:
    head = f"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked"
    chunks = "".join(f"{len(part):x}\r\n{part}\r\n" for part in said)
    return f"{head}\r\n\r\n{chunks}0\r\n\r\n".encode()


def handshake(instance: Instance, worker: int) -> str:
    """The sid of a new polling session that this worker keeps: it is drawn by lot."""
    for _ in range(100):
        answer = requests.get(f"{instance.url}/socket.io/?EIO=4&transport=polling", timeout=PATIENCE)
        sid = json.loads(answer.text[1:])["sid"]
        if sid.startswith(f"{worker}."):
            return sid
    raise AssertionError(f"worker {worker} keeps none of 100 sessions")


def sign_in(token: str) -> str:
    return f"40/socket,{json.dumps({'token': token})}"


@pytest.fixture
def sids(instance: Instance) -> list[str]:
    """A session of each worker."""
    return [handshake(instance, worker) for worker in (0, 1)]


@pytest.mark.parametrize("accepted_by", [0, 1])
def test_one_connection_serves_sessions_of_both_workers_and_rest(wire: Open, sids: list[str], cast: Cast, accepted_by: int):
    connection = wire(accepted_by)
    for turn in range(3):
        for sid in sids:
            assert connection.ask(HEALTH).status == 200
            said = sign_in(cast.ann["token"]) if turn == 0 else frame("join-room", f"{sid}-{turn}")
            assert connection.ask(post(sid, said)) == (200, "ok")
        for sid in sids:
            heard = connection.ask(get(sid)).body
            assert heard.startswith("40/socket,") if turn == 0 else f'"roomId":"{sid}-{turn}"' in heard


@pytest.mark.parametrize("size", [1, 7, 100, 100_000])
@pytest.mark.parametrize("write", [post, chunked])
async def test_a_request_in_pieces(wire: Open, sids: list[str], cast: Cast, write: Callable[[str, str], bytes], size: int):
    """Its line, its head and its body cut anywhere, each piece read before the next comes."""
    connection = await asyncio.to_thread(wire, 0)
    for sid in (sids[1], sids[0], sids[1]):
        data = write(sid, sign_in(cast.ann["token"]) + " " * 20)
        for at in range(0, len(data), size):
            connection.socket.sendall(data[at : at + size])
            await asyncio.sleep(0.001)
        assert await asyncio.to_thread(connection.answer) == (200, "ok")


@pytest.mark.parametrize("size", [2, 61, 100_000])
def test_requests_that_do_not_wait_for_answers_are_answered_in_order(wire: Open, sids: list[str], cast: Cast, size: int):
    connection = wire(0)
    mine, yours = sids
    token = cast.ann["token"]
    said = sign_in(token)
    script: list[tuple[bytes, str]] = [
        (HEALTH, '"status"'),
        (post(yours, said), "ok"),
        (get(yours), "40/socket,"),
        (chunked(mine, said[:9], said[9:]), "ok"),
        (HEALTH, '"status"'),
        (get(mine), "40/socket,"),
        (chunked(yours, frame("join-room", "a\r\n\r\nb")), "ok"),
        (get(yours), "a\\r\\n\\r\\nb"),
        (get("9.unknown"), "Session ID unknown"),
        (get("1.unknown"), "Session ID unknown"),
        (post(mine, frame("join-room", "c")), "ok"),
        (HEALTH, '"status"'),
    ]
    everything = b"".join(data for data, _ in script)
    for at in range(0, len(everything), size):
        connection.socket.sendall(everything[at : at + size])
        time.sleep(0.001)
    for data, expected in script:
        assert expected in connection.answer().body, data


def test_a_request_behind_a_poll_waits_for_its_turn(wire: Open, sids: list[str], cast: Cast):
    waiting, talking = wire(0), wire(0)
    mine, yours = sids
    for sid in sids:
        assert talking.ask(post(sid, sign_in(cast.ann["token"]))).status == 200
        assert talking.ask(get(sid)).status == 200
    waiting.socket.sendall(get(mine) + post(yours, frame("join-room", "later")) + get(yours))
    assert talking.ask(post(mine, frame("join-room", "now"))) == (200, "ok")
    assert '"roomId":"now"' in waiting.answer().body
    assert waiting.answer() == (200, "ok")
    assert '"roomId":"later"' in waiting.answer().body


def test_the_longest_body_is_handed_over_whole(wire: Open, sids: list[str], cast: Cast):
    connection = wire(0)
    assert connection.ask(post(sids[1], sign_in(cast.ann["token"]))).status == 200
    assert connection.ask(get(sids[1])).status == 200
    assert connection.ask(HEALTH).status == 200
    back = wire(0)
    long = frame("join-room", "x" * 250_000)
    assert back.ask(post(sids[1], long)) == (200, "ok")
    assert '"error"' in back.ask(get(sids[1])).body  # no room has such a name


@pytest.mark.parametrize("accepted_by", [0, 1])
async def test_the_upgrade_reaches_its_session(wire: Open, instance: Instance, sids: list[str], cast: Cast, accepted_by: int):
    """Also on a connection that has served something else before."""
    for sid in sids:
        connection = await asyncio.to_thread(wire, accepted_by)
        assert connection.ask(post(sid, sign_in(cast.ann["token"]))).status == 200
        assert connection.ask(get(sid)).status == 200
        tcp = (await asyncio.to_thread(wire, accepted_by)).socket
        tcp.setblocking(False)
        async with websocket(websocket_url(instance, sid=sid), sock=tcp) as raw:
            await raw.send("2probe")
            assert await raw.recv() == "3probe"
            await raw.send("5")
            await raw.send(frame("join-room", f"room-{sid}"))
            async with asyncio.timeout(PATIENCE):
                while f"room-{sid}" not in str(await raw.recv()):
                    pass


NOBODY = (
    *("1.abc", "0.abc", "7.abc", "64.abc", "-1.x", "99.x", "99999999999999999999.x", "1", "1.", ".", "x", "1,0.x", "+1.x"),
    *("%31.abc", "1%2Eabc", "m1-1.abc", "-", "1.%00", "%ff.1", "01.abc", "1.abc&sid=0.abc", "9" * 5000 + ".x"),
)


@pytest.mark.parametrize("sid", NOBODY)
def test_a_sid_of_nobody_is_unknown(wire: Open, sid: str):
    connection = wire(0)
    for request in (get(sid), post(sid, "3"), get(sid, "/socket/")):
        status, body = connection.ask(request)
        assert (status, json.loads(body)) == (400, UNKNOWN)
    assert connection.ask(HEALTH).status == 200


def test_what_is_no_request_is_refused(wire: Open, sids: list[str]):
    for nonsense in (b"\x00\r\n\r\n", b"GET\r\n\r\n", get(sids[1])[:-2] + b"Content-Length: x\r\n\r\n"):
        connection = wire(0)
        assert connection.ask(nonsense).status == 400
        assert connection.ended()


def test_a_head_without_end_is_refused(wire: Open):
    connection = wire(0)
    assert connection.ask(HEALTH[:-2] + b"X: " + b"x" * 70_000).status == 400
    assert connection.ended()


def test_rubbish_in_an_inbox_harms_nobody(wire: Open, instance: Instance, sids: list[str]):
    for said in (b"", b"x", b"\x00\x00\x00\x09abc", b"\xff" * 100):
        for descriptors in ([], [0]):
            with socket.socket(socket.AF_UNIX) as way:
                way.connect(str(instance.sockets / "1.sock"))
                if said:
                    socket.send_fds(way, [said], descriptors)
    assert wire(0).ask(post(sids[1], "1")) == (200, "ok")
