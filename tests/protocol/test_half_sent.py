"""Requests that somebody has begun and does not finish: whoever else asks is answered, and so is he, once he does."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from tests.conftest import Instance
from tests.protocol.conftest import BOTH_WAYS, PATIENCE, Cast, Connect, talks

pytestmark = BOTH_WAYS

MANY = 50
BODY = json.dumps({"email": "nobody@example.com", "password": "password124"}).encode()
HEAD = f"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
WHOLE = HEAD + BODY


@pytest.fixture(params=[len(HEAD) // 2, len(HEAD) + len(BODY) // 2], ids=["head", "body"])
def begun(instance: Instance, request: pytest.FixtureRequest) -> Iterator[tuple[list[socket.socket], bytes]]:
    """Connections with the first part of a request each, and the rest of it."""
    address = urlsplit(instance.url)
    with ExitStack() as stack:
        opened = []
        for _ in range(MANY):
            connection = stack.enter_context(socket.create_connection((address.hostname, address.port), timeout=PATIENCE))
            connection.sendall(WHOLE[: request.param])
            opened.append(connection)
        yield opened, WHOLE[request.param :]


async def test_half_sent_requests_hold_up_nobody(
    begun: tuple[list[socket.socket], bytes], instance: Instance, connect: Connect, cast: Cast, channel: int
):
    connections, rest = begun
    assert instance.sign_up()["token"]
    assert instance.api("GET", f"/servers/{cast.server}", cast.ann["token"]).status_code == 200
    ann, bob = await connect(cast.ann), await connect(cast.bob)
    await ann.join(channel)
    await bob.join(channel)
    await ann.until("user-connected")
    await talks(ann, bob)
    for connection in connections:
        connection.sendall(rest)
        assert connection.recv(4096).startswith(b"HTTP/1.1 404 ")
