"""SIGTERM to a web process: it finishes what it has begun, sends everybody elsewhere, and ends well."""

import asyncio
import json
import signal
from collections.abc import Iterator

import psycopg
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket

from tests.conftest import PATIENCE, Instance
from tests.faults.strict import Answer, Strict
from tests.protocol.conftest import Cast, Connect
from tests.protocol.raw import Polling, closed, frame, websocket_url
from tests.protocol.test_handler import WAITING_FOR_LOCKS

RESTART = 1012


@pytest.fixture
def workers(instance: Instance) -> Iterator[Instance]:
    """Two, of whom one that is told to end says so for some seconds."""
    own = Instance({**instance.env, "DRAIN_SECONDS": "5"}, workers=2)
    own.start()
    yield own
    own.stop()


async def test_a_process_that_is_told_to_end_finishes_and_sends_everybody_elsewhere(
    workers: Instance, connect: Connect, cast: Cast, channel: int
):
    bob = await connect(cast.bob, instance=workers, worker=1)
    await bob.join(channel)
    ann = await raw_websocket(workers, cast.ann["token"])
    await ann.send(frame("join-room", channel))
    poller = await asyncio.to_thread(polling, workers)
    await asyncio.to_thread(poller.sign_in, cast.owner["token"])
    await asyncio.to_thread(poller.post, frame("join-room", channel))
    polled = asyncio.create_task(asyncio.to_thread(poll_to_the_end, poller))
    gone = {(await bob.until("user-connected", count))["socketId"] for count in (1, 2)}

    async with await psycopg.AsyncConnection.connect(workers.env["DATABASE_URL"]) as holder:
        await holder.execute("SELECT FROM servers_server WHERE id = %s FOR UPDATE", [cast.server])
        with workers.only(0):
            busy, kept = Strict(workers.port, cast.owner["token"]), Strict(workers.port)
            running = asyncio.create_task(busy.ask("PUT", f"/api/servers/{cast.server}", name="Finished"))
            await waits_for_a_lock(workers)
            assert (await kept.ask("GET", "/readyz")).status == 200
        workers.processes[0].send_signal(signal.SIGTERM)
        await says_that_it_ends(kept)
        assert not running.done()
        assert await closed(ann) == RESTART
        assert {await bob.until("user-disconnected", count) for count in (1, 2)} == gone
        assert await polled == "1"  # Engine.IO's packet `close`
        await holder.rollback()
    answer = await running
    assert (answer.status, answer.body["name"], answer.headers["connection"]) == (200, "Finished", "close")
    assert await asyncio.to_thread(workers.processes[0].wait, PATIENCE) == 0

    for _ in range(10):
        assert (await Strict(workers.port, cast.owner["token"], keep=False).ask("GET", "/api/auth/me")).status == 200
    again = await connect(cast.ann, instance=workers)
    assert [seat["socketId"] for seat in (await again.join(channel))["participants"]] == [bob.id, again.id]


async def raw_websocket(workers: Instance, token: str) -> ClientConnection:
    """On the first worker, in namespace `/socket`."""
    while True:  # it is drawn by lot
        raw = await websocket(websocket_url(workers), compression=None, open_timeout=PATIENCE)
        if json.loads(str(await raw.recv())[1:])["sid"].startswith("0."):
            break
        await raw.close()
    await raw.send(f"40/socket,{json.dumps({'token': token})}")
    assert str(await raw.recv()).startswith("40/socket,{")
    return raw


def polling(workers: Instance) -> Polling:
    """A session on the first worker."""
    while not (session := Polling(workers)).sid.startswith("0."):
        pass
    return session


def poll_to_the_end(session: Polling) -> str:
    """The last packet that it hears."""
    while (answer := session.get()).status_code == 200:
        packets = answer.text.split("\x1e")
        if packets[-1] == "1":
            return "1"
        if "2" in packets:
            session.post("3")
    return answer.text


async def waits_for_a_lock(instance: Instance) -> None:
    async with await psycopg.AsyncConnection.connect(instance.env["DATABASE_URL"], autocommit=True) as watcher:
        async with asyncio.timeout(PATIENCE):
            while not await (await watcher.execute(WAITING_FOR_LOCKS)).fetchall():  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def says_that_it_ends(client: Strict) -> Answer:
    """It still serves: the same connection is asked again and again."""
    async with asyncio.timeout(PATIENCE):
        while (answer := await client.ask("GET", "/readyz")).status == 200:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert answer.status == 503
    assert "Retry-After".lower() in answer.headers
    assert json.dumps(answer.body).count("stopped") == 1
    assert client.retried == 0
    return answer


def test_a_lone_process_loses_nobody_who_knocks_while_it_is_renewed(instance: Instance, cast: Cast):
    """Its listening socket is kept by another, as ./run does it: who knocks waits for the successor."""
    own = Instance(instance.env)
    own.start()
    try:
        asyncio.run(knocking_while_it_is_renewed(own, cast))
    finally:
        own.stop()


async def knocking_while_it_is_renewed(own: Instance, cast: Cast) -> None:
    done, answers = asyncio.Event(), list[int]()

    async def knock(keep: bool) -> None:
        client = Strict(own.port, cast.owner["token"], keep=keep)
        while not done.is_set():
            answers.append((await client.ask("GET", "/api/auth/me")).status)
        client.close()

    knocking = [asyncio.create_task(knock(keep)) for keep in (True, True, False, False)]
    for _ in range(2):
        former = own.processes[0]
        former.terminate()
        assert await asyncio.to_thread(former.wait, PATIENCE) == 0
        before = len(answers)
        own.processes[0] = own._begin(0)
        async with asyncio.timeout(PATIENCE):
            while len(answers) < before + 20:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    done.set()
    await asyncio.gather(*knocking)
    assert set(answers) == {200}
