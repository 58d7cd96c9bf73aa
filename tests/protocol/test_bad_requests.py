"""Whatever one client asks of the polling transport, it gets a 4xx within four seconds, and a call beside it goes on."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.conftest import Instance
from tests.protocol.conftest import BOTH_WAYS, PATIENCE, Cast, Client, talks
from tests.protocol.raw import Polling, frame, http

pytestmark = BOTH_WAYS


@pytest.fixture(autouse=True)
async def beside(pair: tuple[Client, Client]) -> AsyncIterator[None]:
    yield
    await talks(*pair)
    assert not pair[0].all("user-disconnected")


async def ask(instance: Instance, method: str, query: str, **options: object) -> requests.Response:
    def call() -> requests.Response:
        return requests.request(method, f"{instance.url}/socket.io/{query}", timeout=PATIENCE, **options)  # type: ignore[arg-type]

    return await asyncio.to_thread(call)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?EIO=4&transport=carrier-pigeon",
        "?EIO=3&transport=polling",
        "?EIO=&transport=polling",
        "?EIO=4&EIO=4&transport=polling",
        "?EIO=4&transport=websocket",
        "?EIO=4&transport=polling&sid=unknown",
        "?EIO=4&transport=polling&sid=%00",
        "?EIO=4&transport=polling&sid=" + "x" * 5000,
        "?EIO=4&transport=polling&j=x",
        "?%ff%fe",
        "?EIO=%ff&transport=%ff",
        "?" + "&" * 2000,
    ],
    ids=lambda query: query[:40],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_odd_query_is_a_4xx(instance: Instance, query: str, method: str):
    answer = await ask(instance, method, query)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE", "BREW"])
async def test_another_method_is_a_4xx(instance: Instance, method: str):
    assert 400 <= (await ask(instance, method, "?EIO=4&transport=polling")).status_code < 500


GARBAGE = [
    b"x", b"\xff\xfe", b"\0", b"[]", b"{}", b"d=", b"d=x", b"9", b"7", b"0", b"\x1e", b"42/socket,[\x1e\x1e",
    b"4" * 20_000, b"4\x1e" * 20_000, b"b", b"b!", b"bAAA", "²".encode(),
]  # fmt: skip


@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: repr(body[:12]))
async def test_a_garbage_post_is_answered_and_at_most_ends_its_session(instance: Instance, cast: Cast, body: bytes):
    def act() -> None:
        polling = Polling(instance)
        polling.sign_in(cast.owner["token"])
        status = polling.post(body).status_code
        assert status == 200 or 400 <= status < 500
        after = polling.post(frame("join-room", "echo", 0)).status_code
        assert after == (200 if status == 200 else 400), "a refused packet ends the session"

    await asyncio.to_thread(act)


async def test_a_post_to_a_closed_session_is_a_400(instance: Instance, cast: Cast):
    def act() -> None:
        polling = Polling(instance)
        polling.sign_in(cast.owner["token"])
        assert polling.post("1").status_code == 200
        assert polling.post(frame("leave-room")).status_code == 400
        assert polling.get().status_code == 400

    await asyncio.to_thread(act)


async def test_a_poll_that_is_open_ends_with_its_session(instance: Instance, cast: Cast):
    def act() -> None:
        polling = Polling(instance)
        polling.sign_in(cast.owner["token"])
        with ThreadPoolExecutor() as pool:
            poll = pool.submit(polling.get)
            threading.Event().wait(0.2)  # the poll is open by then; were it not, it would be refused
            polling.post("1")
            assert poll.result().status_code in {200, 400}

    await asyncio.to_thread(act)


async def test_of_two_polls_at_once_none_hangs(instance: Instance, cast: Cast):
    def act() -> None:
        polling = Polling(instance)
        polling.sign_in(cast.owner["token"])
        with ThreadPoolExecutor() as pool:
            polls = [pool.submit(polling.get) for _ in range(2)]
            answers = [poll.result() for poll in polls]
        assert sorted(answer.status_code for answer in answers) == [200, 400]
        assert next(answer.text for answer in answers if answer.status_code == 200) == "1"
        assert polling.get().status_code == 400

    await asyncio.to_thread(act)


@pytest.mark.parametrize("size", [300_000, 5_000_000])
async def test_a_post_over_the_limit_is_refused(instance: Instance, cast: Cast, size: int):
    def act() -> None:
        polling = Polling(instance)
        polling.sign_in(cast.owner["token"])
        try:
            status = polling.post("4" * size).status_code
        except requests.ConnectionError:  # closed while it was still sending
            status = 413
        assert status == 413
        assert polling.post(frame("join-room", "echo", 0)).status_code == 200
        assert "must be a string" in polling.get().text

    await asyncio.to_thread(act)


def pieces(*chunks: bytes) -> Iterator[bytes]:
    yield from chunks


async def test_a_chunked_post_without_length_is_read_and_limited(instance: Instance, cast: Cast):
    def act() -> None:
        polling = Polling(instance)
        polling.sign_in(cast.owner["token"])
        message = frame("join-room", "echo", 0).encode()
        assert polling.post(pieces(message[:9], message[9:])).status_code == 200
        assert "must be a string" in polling.get().text
        try:
            status = polling.post(pieces(*[b"4" * 65_536] * 10)).status_code
        except requests.ConnectionError:
            status = 413
        assert status == 413

    await asyncio.to_thread(act)


@pytest.mark.parametrize(
    "head",
    [
        b"POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"GET /socket.io/?EIO=4&transport=carrier HTTP/1.1\r\nHost: x\r\nCookie: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET /socket.io/?EIO=4&transport=carrier HTTP/1.1\r\nHost: x\r\nOrigin: \xff\xfe\r\nUser-Agent: \xff\r\n\r\n",
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"GET /socket.io/\xff?\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
    ids=range(10),
)
async def test_a_request_that_is_none_is_refused(instance: Instance, head: bytes):
    status = await asyncio.to_thread(http, instance, head)
    assert status == 0 or 400 <= status < 500
