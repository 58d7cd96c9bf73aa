"""Django behind ASGI: the handler spoken to by hand, and a running instance whose database goes away."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
import requests
from django.db import connection
from django.test import override_settings

from projectvoice import handler
from projectvoice.environment import database
from projectvoice.handler import ThreadedDjango
from tests.conftest import Instance
from tests.protocol import views
from tests.protocol.conftest import PATIENCE, Cast, Connect

WAITING_FOR_LOCKS = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture(autouse=True)
def our_views() -> Iterator[None]:
    views.reset()
    with override_settings(ROOT_URLCONF="tests.protocol.views"):
        yield
    views.gate.open()


class Exchange:
    """One request and what came of it. After `taken` messages the client goes away."""

    def __init__(self, path: str, *body: dict[str, Any], language: str = "en", address: str = "192.0.2.1") -> None:
        headers = [(b"host", b"localhost"), (b"accept-language", language.encode())]
        if size := sum(len(message.get("body", b"")) for message in body):
            headers.append((b"content-length", b"%d" % size))
        self.scope: Any = {"type": "http", "method": "POST" if body else "GET", "path": path, "query_string": b""}
        self.scope |= {"headers": headers, "client": (address, 1), "server": ("localhost", 80), "scheme": "http"}
        self.coming: asyncio.Queue[Any] = asyncio.Queue()
        self.sent: list[Any] = []
        self.taken = 0  # never
        for message in body or ({"more_body": False},):
            self.coming.put_nowait({"type": "http.request", **message})

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        if len(self.sent) == self.taken:
            self.coming.put_nowait({"type": "http.disconnect"})
            await asyncio.sleep(0)

    async def through(self, application: ThreadedDjango) -> "Exchange":
        async with asyncio.timeout(PATIENCE):
            await application(self.scope, self.coming.get, self.send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return {name.lower(): value for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        assert [message.get("more_body", False) for message in self.sent[1:]][-1] is False
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@asynccontextmanager
async def held(application: ThreadedDjango, count: int) -> AsyncIterator[list[asyncio.Task[Exchange]]]:
    """So many requests that the view keeps, or that wait for a thread."""
    tasks = [asyncio.create_task(Exchange("/hold").through(application)) for _ in range(count)]
    try:
        await views.gate.arrived(1)
        yield tasks
    finally:
        views.gate.open()
        await asyncio.gather(*tasks)


async def test_a_slow_request_holds_its_own_thread_only():
    application = ThreadedDjango(2)
    async with held(application, 1) as (slow,):
        for _ in range(5):
            assert (await Exchange("/thread").through(application)).status == 200
        assert not slow.done()
    assert slow.result().body == b"through"


async def test_who_comes_when_all_turns_are_taken_gets_503_and_the_others_their_answer(monkeypatch):
    monkeypatch.setattr(handler, "WAITING_PER_THREAD", 3)
    application = ThreadedDjango(2)
    async with held(application, 6) as taken:
        await views.gate.arrived(1)
        for language, text in (("en", "unavailable"), ("ru", "недоступ")):
            refused = await Exchange("/thread", language=language).through(application)
            assert (refused.status, refused.headers[b"retry-after"], refused.json["code"]) == (503, b"5", 503)
            assert text in refused.json["error"].lower()
    assert {task.result().status for task in taken} == {200}
    assert (await Exchange("/thread").through(application)).status == 200


async def test_who_sends_or_reads_slowly_takes_no_turn(monkeypatch):
    monkeypatch.setattr(handler, "WAITING_PER_THREAD", 1)
    application = ThreadedDjango(1)
    senders = [Exchange("/length", {"body": b"half", "more_body": True}) for _ in range(5)]
    reader, reading = Exchange("/file"), asyncio.Event()

    async def reads_nothing(message: Any) -> None:
        reading.set()
        await asyncio.Event().wait()

    reader.send = reads_nothing  # type: ignore[method-assign]
    slow = [asyncio.create_task(exchange.through(application)) for exchange in (*senders, reader)]
    await reading.wait()
    assert (await Exchange("/thread").through(application)).status == 200
    for task in slow:
        assert not task.done()
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    assert (await Exchange("/thread").through(application)).status == 200


async def test_a_body_in_pieces_is_one():
    exchange = Exchange("/length", {"body": b"a" * 1000, "more_body": True}, {"body": b"b" * 500, "more_body": False})
    assert (await exchange.through(ThreadedDjango(1))).json == {"length": 1500}


async def test_a_client_that_goes_away_within_its_body_is_answered_nothing_and_holds_nothing():
    application = ThreadedDjango(1)
    gone = Exchange("/length", {"body": b"half", "more_body": True})
    gone.coming.put_nowait({"type": "http.disconnect"})
    assert (await gone.through(application)).sent == []
    assert (await Exchange("/thread").through(application)).status == 200


async def test_a_stream_goes_out_piece_by_piece_from_the_threads():
    exchange = await Exchange("/pieces").through(ThreadedDjango(1))
    assert exchange.status == 200
    assert exchange.body == b"".join(b"%02d" % number for number in range(100))
    assert len(exchange.sent) == 1 + 100 + 1
    assert all(name.startswith("rest") for name in views.pieces.by)
    assert views.pieces.closed.is_set()


async def test_a_stream_ends_with_its_reader():
    exchange = Exchange("/pieces")
    exchange.taken = 5
    await exchange.through(ThreadedDjango(1))
    assert views.pieces.made < 10
    assert views.pieces.closed.is_set()


async def test_a_stream_is_closed_when_the_task_is_cancelled():
    exchange, stuck = Exchange("/pieces"), asyncio.Event()

    async def reads_nothing(message: Any) -> None:
        stuck.set()
        await asyncio.Event().wait()

    exchange.send = reads_nothing  # type: ignore[method-assign]
    task = asyncio.create_task(exchange.through(ThreadedDjango(1)))
    await stuck.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await asyncio.to_thread(views.pieces.closed.wait, PATIENCE)


async def test_a_request_finds_nothing_of_the_one_before_on_the_same_thread():
    application = ThreadedDjango(1)
    first = await Exchange("/surroundings", language="en", address="192.0.2.7").through(application)
    second = await Exchange("/surroundings", language="ru", address="192.0.2.8").through(application)
    assert first.json["thread"] == second.json["thread"]
    for exchange, address, language in ((first, "192.0.2.7", "en"), (second, "192.0.2.8", "ru")):
        expected = {"address": address, "language": language, "left": "nothing"}
        assert exchange.json.items() >= expected.items()


def end_connections(instance: Instance) -> int:
    """The server ends every idle connection to the instance's database, as a restart would; how many there were."""
    name = database(instance.env["DATABASE_URL"])["NAME"]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as client:
        idle = client.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s AND state = 'idle'", [name]).fetchall()
        for (pid,) in idle:
            client.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    return len(idle)


def test_connections_that_the_database_ended_are_replaced_before_anybody_notices(instance: Instance, cast: Cast):
    def ask(_: int) -> int:
        return instance.api("GET", f"/servers/{cast.server}", cast.owner["token"]).status_code

    with ThreadPoolExecutor(8) as clients:
        assert set(clients.map(ask, range(40))) == {200}
        for _ in range(3):
            assert end_connections(instance) > 0
            assert set(clients.map(ask, range(40))) == {200}


async def test_a_join_after_the_database_ended_all_connections_is_a_join(
    instance: Instance, cast: Cast, connect: Connect, channel: int
):
    ann = await connect(cast.ann)
    await ann.join(channel)
    assert await asyncio.to_thread(end_connections, instance) > 0
    for _ in range(10):
        await ann.join(channel)
    assert not ann.all("error")


def test_a_connection_that_dies_within_a_request_is_503_and_the_next_request_has_another(instance: Instance, cast: Cast):
    def change() -> requests.Response:
        return instance.api("PUT", f"/servers/{cast.server}", cast.owner["token"], name="Renamed")

    url = instance.env["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as watcher, psycopg.connect(url) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute("SELECT FROM servers_server WHERE id = %s FOR UPDATE", [cast.server])
        answer = pool.submit(change)
        while not (waiting := watcher.execute(WAITING_FOR_LOCKS).fetchall()):
            assert not answer.done(), answer.result().text
        watcher.execute("SELECT pg_terminate_backend(%s, 10000)", waiting[0])
        refused = answer.result()
        holder.rollback()
    assert (refused.status_code, refused.headers["Retry-After"], refused.json()["code"]) == (503, "5", 503)
    assert change().status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_dead_connection_is_found_above_the_first_thousand_descriptors_too():
    connection.close()
    places = [socket.socket() for _ in range(1100)]
    try:
        connection.ensure_connection()
        assert connection.connection.pgconn.socket > 1023
        connection.close_if_unusable_or_obsolete()
        assert connection.connection is not None
        with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}) as client:
            client.execute("SELECT pg_terminate_backend(%s, 10000)", [connection.connection.info.backend_pid])
        connection.close_if_unusable_or_obsolete()
        assert connection.connection is None
    finally:
        for place in places:
            place.close()
        connection.close()
