"""However a connection ends, the others hear of it in time, and once."""

import asyncio
import socket
import struct
from collections.abc import Iterator

import pytest

from tests.conftest import Instance
from tests.protocol.conftest import ADDRESSES, BOTH_WAYS, REAL, Address, Cast, Client, Connect, talks
from tests.protocol.raw import Polling, frame, open_websocket

pytestmark = BOTH_WAYS

PING = 1.0  # seconds, of the impatient instance
LOST = 2 * PING + 2.0


async def third(connect: Connect, cast: Cast, channel: int, ann: Client, address: Address, transport: str) -> Client:
    client = await connect(cast.owner, address, transports=(transport,))
    await client.join(channel)
    await ann.until("user-connected", 2)
    return client


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_clean_close_is_told_within_two_seconds(
    pair: tuple[Client, Client], connect: Connect, cast: Cast, channel: int, address: Address, transport: str
):
    ann, bob = pair
    leaving = await third(connect, cast, channel, ann, address, transport)
    await leaving.leave()
    for other in pair:
        assert await other.until("user-disconnected") == leaving.id
    await talks(ann, bob)
    assert len(ann.all("user-disconnected")) == len(bob.all("user-disconnected")) == 1


async def test_who_closes_before_he_is_announced_was_never_there(connect: Connect, pair: tuple[Client, Client], cast: Cast):
    ann, bob = pair
    hasty = await connect(cast.owner, REAL)
    await hasty.join(ann.all("created")[0]["roomId"])
    await hasty.leave()
    await asyncio.sleep(0.8)  # he would be announced by now
    await talks(ann, bob)
    assert [name for name, _ in ann.heard if name.startswith("user-")] == ["user-connected"]


async def test_a_tcp_reset_is_told_at_once(pair: tuple[Client, Client], cast: Cast, channel: int, instance: Instance):
    ann, bob = pair
    raw = await open_websocket(instance, cast.owner["token"])
    await raw.send(frame("join-room", channel))
    lost = (await ann.until("user-connected", 2))["socketId"]
    connection = raw.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends RST
    raw.transport.abort()
    for other in pair:
        assert await other.until("user-disconnected") == lost
    await talks(ann, bob)


@pytest.fixture(scope="module")
def impatient(instance: Instance) -> Iterator[Instance]:
    """A second process on the same database, that pings every second."""
    second = Instance({**instance.env, "PING_INTERVAL_MS": "1000", "PING_TIMEOUT_MS": "1000"}, instance.server)
    try:
        second.start()
        yield second
    finally:
        second.stop()


async def test_who_is_lost_without_a_word_is_gone_after_the_ping(
    impatient: Instance, connect: Connect, cast: Cast, channel: int
):
    """One loses his WebSocket, one his polls; who answers pings stays."""
    ann, bob = [await connect(user, instance=impatient) for user in (cast.ann, cast.bob)]
    for client in (ann, bob):
        await client.join(channel)
    mute = await open_websocket(impatient, cast.owner["token"])
    await mute.send(frame("join-room", channel))
    gone = [(await ann.until("user-connected", 2))["socketId"]]
    mute.transport.pause_reading()  # no pong will be said, and no FIN is sent
    polling = await asyncio.to_thread(Polling, impatient)
    await asyncio.to_thread(polling.sign_in, cast.owner["token"])
    await asyncio.to_thread(polling.post, frame("join-room", channel))
    gone.append((await ann.until("user-connected", 3))["socketId"])
    await ann.until("user-disconnected", 2, within=LOST)
    await bob.until("user-disconnected", 2, within=LOST)
    await asyncio.sleep(PING)
    await talks(ann, bob)
    assert sorted(ann.all("user-disconnected")) == sorted(bob.all("user-disconnected")) == sorted(gone)
    assert (await asyncio.to_thread(polling.get)).status_code == 400
    mute.transport.abort()


async def test_the_default_ping_notices_a_loss_within_thirty_seconds(instance: Instance):
    opened = await asyncio.to_thread(Polling, instance)
    assert opened.opening["pingInterval"] + opened.opening["pingTimeout"] <= 30_000
    assert 200_000 < opened.opening["maxPayload"] < 300_000
