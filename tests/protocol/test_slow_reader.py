"""A peer that never reads hurts only himself: he is cut, the call beside him goes on, the server's memory stays."""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

import websockets

from tests.conftest import PATIENCE, Instance
from tests.protocol.conftest import BOTH_WAYS, Cast, Client, Connect, talks
from tests.protocol.raw import frame, open_websocket

pytestmark = BOTH_WAYS

MEGABYTE = 1024 * 1024
GROWTH = 100 * MEGABYTE
BLOCK = "x" * 60_000


def memory(instance: Instance) -> int:
    status = Path(f"/proc/{instance.pids[0]}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) * 1024


async def test_who_never_reads_is_cut_and_the_others_do_not_notice(
    pair: tuple[Client, Client], connect: Connect, cast: Cast, channel: int, instance: Instance
):
    ann, bob = pair
    talker = await connect(cast.owner)
    await talker.join(channel)
    # max_queue: the client stops reading from its socket once so many frames wait for it
    deaf = await open_websocket(instance, cast.owner["token"], max_queue=1)
    await deaf.send(frame("join-room", channel))
    deaf_id = (await talker.until("user-connected"))["socketId"]
    before = memory(instance)
    grown, sent = 0, 0

    async def flood() -> None:
        nonlocal sent
        while deaf_id not in talker.all("user-disconnected") and sent < 100 * MEGABYTE:
            await talker.say("signal", {"to": deaf_id, "type": "candidate", "candidate": BLOCK})
            sent += len(BLOCK)
            if sent % (16 * len(BLOCK)) == 0:
                await talker.settled()  # the server has it all, it does not wait on our side

    flooding = asyncio.create_task(flood())
    while not flooding.done():
        await talks(ann, bob)
        grown = max(grown, memory(instance) - before)
        await asyncio.sleep(0.02)
    await flooding
    for other in (ann, bob, talker):
        assert await other.until("user-disconnected") == deaf_id
    assert sent < 100 * MEGABYTE, "he is cut long before"
    assert grown < GROWTH
    deaf.transport.abort()
    await talks(ann, bob)
    assert ann.all("user-disconnected") == [deaf_id]


async def test_who_reads_slowly_hears_it_all(pair: tuple[Client, Client], cast: Cast, channel: int, instance: Instance):
    ann, _ = pair
    slow = await open_websocket(instance, cast.owner["token"], max_queue=1)
    await slow.send(frame("join-room", channel))
    slow_id = (await ann.until("user-connected", 2))["socketId"]
    for number in range(40):
        await ann.say("signal", {"to": slow_id, "type": "candidate", "candidate": BLOCK, "number": number})
    await ann.settled()
    heard: list[str] = []
    with suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(PATIENCE):
            while len(heard) < 40:
                said = str(await slow.recv())
                heard += [said] if '"signal"' in said else []
    assert [f'"number":{number}' in said for number, said in enumerate(heard)] == [True] * 40
    await slow.close()


async def test_who_never_reads_his_own_errors_is_cut(pair: tuple[Client, Client], cast: Cast, channel: int, instance: Instance):
    ann, bob = pair
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.connect(("127.0.0.1", instance.port))
    deaf = await open_websocket(instance, cast.owner["token"], max_queue=1, sock=small)
    await deaf.send(frame("join-room", channel))
    deaf_id = (await ann.until("user-connected", 2))["socketId"]
    before = memory(instance)

    async def complain() -> None:
        with suppress(websockets.ConnectionClosed):
            while not ann.all("user-disconnected"):
                await deaf.send(frame("unknown"))
                await asyncio.sleep(0)  # to send need not wait, and Ann and Bob have pings to answer meanwhile

    complaining = asyncio.create_task(complain())
    assert await ann.until("user-disconnected", within=20) == deaf_id
    complaining.cancel()
    assert memory(instance) - before < GROWTH
    await talks(ann, bob)
    deaf.transport.abort()
