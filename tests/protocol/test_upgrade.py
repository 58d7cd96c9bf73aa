"""From polling to WebSocket, step by step: nothing is lost on the way, and a failed upgrade harms nobody."""

import asyncio

import pytest
import websockets
from websockets.asyncio.client import connect as websocket

from tests.conftest import Instance
from tests.protocol.conftest import BOTH_WAYS, PATIENCE, Cast, Client, talks
from tests.protocol.raw import Polling, answered, frame, websocket_url

pytestmark = BOTH_WAYS

SIGNALS = 40


async def seated(instance: Instance, token: str, channel: int, ann: Client) -> tuple[Polling, str]:
    """A polling session in the room, and its public id."""
    polling = await asyncio.to_thread(Polling, instance)
    await asyncio.to_thread(polling.sign_in, token)
    await asyncio.to_thread(polling.post, frame("join-room", channel))
    assert "created" in (await asyncio.to_thread(polling.get)).text
    return polling, (await ann.until("user-connected", 2))["socketId"]


async def signals(ann: Client, to: str, first: int) -> None:
    for number in range(first, first + SIGNALS):
        await ann.say("signal", {"to": to, "type": "candidate", "number": number})
    await ann.settled()


async def test_what_is_said_during_the_upgrade_arrives_after_it_once_and_in_order(
    pair: tuple[Client, Client], instance: Instance, cast: Cast, channel: int
):
    ann, bob = pair
    polling, upgraded = await seated(instance, cast.owner["token"], channel, ann)
    await signals(ann, upgraded, 0)
    async with websocket(websocket_url(instance, sid=polling.sid)) as raw:
        await raw.send("2probe")
        assert await raw.recv() == "3probe"
        heard: list[str] = []
        while (text := (await asyncio.to_thread(polling.get)).text) != "6":  # until the polls have all, and may pause
            heard += text.split("\x1e")
        await signals(ann, upgraded, SIGNALS)
        await raw.send("5")
        await signals(ann, upgraded, 2 * SIGNALS)
        async with asyncio.timeout(PATIENCE):
            while len(heard) < 3 * SIGNALS:
                heard += [said for said in [str(await raw.recv())] if said != "6"]  # a noop is to be ignored
        heard += [said for said in await answered(raw) if said != "6"]
        assert len(heard) == 3 * SIGNALS
        assert all(f'{{"number":{number},' in said for number, said in enumerate(heard))
        assert (await asyncio.to_thread(polling.get)).status_code == 400
        assert (await asyncio.to_thread(polling.post, frame("leave-room"))).status_code == 400
        with pytest.raises((websockets.InvalidStatus, websockets.ConnectionClosed)):
            await websocket(websocket_url(instance, sid=polling.sid))
        await talks(ann, bob)
    assert await ann.until("user-disconnected") == upgraded


@pytest.mark.parametrize("said", [None, "2probe", "x", "", "3probe", b"\x00"])
async def test_after_a_failed_upgrade_polling_goes_on(
    pair: tuple[Client, Client], instance: Instance, cast: Cast, channel: int, said: str | bytes | None
):
    ann, bob = pair
    polling, peer = await seated(instance, cast.owner["token"], channel, ann)
    async with websocket(websocket_url(instance, sid=polling.sid)) as raw:
        if said is not None:
            await raw.send(said)
    await ann.say("signal", {"to": peer, "type": "after"})
    text = (await asyncio.to_thread(polling.get)).text
    if text == "6":  # of the probe
        text = (await asyncio.to_thread(polling.get)).text
    assert '"type":"after"' in text
    await talks(ann, bob)
