"""Pages of other origins, and too many connections of one address, are refused before anything opens."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket
from websockets.exceptions import InvalidStatus

from tests.conftest import SERVERS, Instance
from tests.protocol.conftest import PATIENCE
from tests.protocol.raw import websocket_url

APP, EVIL = "https://app.example.com", "https://evil.example"
MOST = 3


@pytest.fixture(scope="module", params=list(SERVERS))
def choosy(instance: Instance, request: pytest.FixtureRequest) -> Iterator[Instance]:
    """One page may speak to it besides its own, and an address has three connections."""
    limits = {"ALLOWED_ORIGINS": APP, "RATE_LIMITS": "on", "MAX_CONNECTIONS_PER_ADDRESS": str(MOST)}
    second = Instance(instance.env | limits, request.param)
    try:
        second.start()
        yield second
    finally:
        second.stop()


def opened(instance: Instance, **headers: str) -> requests.Response:
    url = f"{instance.url}/socket.io/?EIO=4&transport=polling"
    answer = requests.get(url, headers=headers, timeout=PATIENCE)
    if answer.ok:
        sid = answer.text.split('"sid":"')[1].split('"')[0]
        assert requests.post(f"{url}&sid={sid}", data="1", headers=headers, timeout=PATIENCE).text == "ok"  # it leaves
    return answer


def pages(instance: Instance) -> dict[str | None, bool]:
    return {None: True, APP: True, instance.url: True, EVIL: False, "null": False}


def test_http_is_for_pages_that_may_speak(choosy: Instance):
    for origin, allowed in pages(choosy).items():
        answer = opened(choosy, **({"Origin": origin} if origin else {}))
        assert answer.status_code == (200 if allowed else 403)
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
        assert allowed or answer.json() == {"code": 4, "message": "Forbidden"}


def test_a_preflight_is_answered_for_pages_that_may_speak(choosy: Instance):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answers = {
        origin: requests.options(f"{choosy.url}/socket.io/", headers={"Origin": origin, **asked}, timeout=PATIENCE)
        for origin in (APP, EVIL)
    }
    assert answers[APP].status_code == 200
    assert answers[APP].headers["Access-Control-Allow-Origin"] == APP
    assert answers[APP].headers["Access-Control-Allow-Headers"] == "content-type"
    assert "POST" in answers[APP].headers["Access-Control-Allow-Methods"]
    assert answers[EVIL].status_code == 403
    assert "Access-Control-Allow-Origin" not in answers[EVIL].headers


async def test_websockets_are_for_pages_that_may_speak(choosy: Instance):
    for origin, allowed in pages(choosy).items():
        if allowed:
            async with websocket(websocket_url(choosy), origin=origin) as socket:  # type: ignore[arg-type]
                assert str(await socket.recv()).startswith("0{")
        else:
            with pytest.raises(InvalidStatus) as refused:
                await websocket(websocket_url(choosy), origin=origin)  # type: ignore[arg-type]
            assert refused.value.response.status_code == 403


async def test_a_star_lets_every_page_speak(instance: Instance):
    """The suite's own instance, as `./run` starts it, has no list: the default is for development."""
    second = Instance(instance.env | {"ALLOWED_ORIGINS": "*"}, instance.server)
    try:
        await asyncio.to_thread(second.start)
        answer = await asyncio.to_thread(opened, second, Origin=EVIL)
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, EVIL)
        async with websocket(websocket_url(second), origin=EVIL) as socket:  # type: ignore[arg-type]
            assert str(await socket.recv()).startswith("0{")
    finally:
        await asyncio.to_thread(second.stop)


async def socket_of(instance: Instance, patience: float = PATIENCE) -> ClientConnection | None:
    """A connection, as soon as there is room for one; None if there is none so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while True:
                with suppress(InvalidStatus):
                    return await websocket(websocket_url(instance))
                await asyncio.sleep(0.1)
    return None


async def test_an_address_has_so_many_connections_of_either_kind(choosy: Instance):
    sockets = [await socket_of(choosy) for _ in range(MOST)]  # some of the tests before may still be leaving
    assert None not in sockets
    assert await socket_of(choosy, 0.5) is None
    answer = await asyncio.to_thread(opened, choosy)
    assert (answer.status_code, answer.json()["code"]) == (403, 4)
    assert "Too many connections" in answer.json()["message"]
    for left, socket in enumerate(sockets):
        assert socket is not None
        await socket.close()
        replacement = await socket_of(choosy)
        assert replacement is not None, f"number {left} has left"
        await replacement.close()
