"""One of two workers dies, sleeps or comes back; the other goes on."""

import json
import socket
from collections.abc import Iterator

import pytest
import requests
from websockets.asyncio.client import connect as websocket
from websockets.exceptions import InvalidStatus

from tests.conftest import Instance
from tests.protocol.conftest import PATIENCE
from tests.protocol.raw import websocket_url
from tests.protocol.test_workers import HEALTH, UNKNOWN, Wire, get, handshake, post


@pytest.fixture
def workers(instance: Instance) -> Iterator[Instance]:
    """Two for this test alone."""
    own = Instance(instance.env, workers=2)
    own.start()
    yield own
    own.stop()


async def test_sessions_of_a_dead_worker_are_unknown_and_new_ones_come_to_life(workers: Instance):
    mine, yours = handshake(workers, 0), handshake(workers, 1)
    connection = Wire(workers, 0)
    workers.kill(1)
    for request in (get(yours), post(yours, "3"), post(yours, "3" * 200_000)):
        status, body = connection.ask(request)
        assert (status, json.loads(body)) == (400, UNKNOWN)
    with pytest.raises(InvalidStatus) as refused:
        await websocket(websocket_url(workers, sid=yours))
    assert refused.value.response.status_code == 400
    for _ in range(20):  # some are drawn for the dead one
        opening = connection.ask(get("").replace(b"&sid=", b""))
        assert json.loads(opening.body[1:])["sid"].startswith("0.")
    assert connection.ask(HEALTH).status == 200
    connection.close()

    workers.revive(1)
    connection = Wire(workers, 0)
    status, body = connection.ask(get(yours))
    assert (status, json.loads(body)) == (400, UNKNOWN)
    assert connection.ask(HEALTH).status == 200
    assert handshake(workers, 1)
    again = Wire(workers, 1)
    assert again.ask(post(mine, "1")).status == 200
    connection.close()
    again.close()


def test_who_waits_for_a_sleeping_worker_holds_up_nobody_else(workers: Instance):
    """More wait than the queue of a Unix socket holds."""
    yours = handshake(workers, 1)
    with workers.only(0):
        waiting = [socket.create_connection(("127.0.0.1", workers.port), timeout=PATIENCE) for _ in range(50)]
        for connection in waiting:
            connection.sendall(post(yours, "3"))
        for _ in range(20):
            assert requests.get(f"{workers.url}/api/health", timeout=PATIENCE).status_code == 200
    for connection in waiting:
        with connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 ")
