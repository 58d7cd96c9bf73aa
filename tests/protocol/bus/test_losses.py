"""Servers that go, come back, stand still, or do not read."""

import asyncio
import signal

import pytest

from tests.protocol.bus.conftest import GREETING, Begin, Log, Pose, Valkey, saying
from voice.transports import valkey
from voice.transports.bus import Bus


async def test_nothing_works_before_it_is_up(begin: Begin):
    one = begin()
    assert not one.bus.is_up
    assert not one.bus.publish("here", b"1")
    assert await one.bus.reach("here", b"1") == 0
    assert not await one.bus.subscribe("here")
    assert not await one.bus.subscribe("there")
    one.bus.unsubscribe("there")
    await one.up()
    assert one.bus.is_up
    assert await one.bus.reach("here", b"2") == 1
    assert await one.bus.reach("there", b"3") == 0
    await one.until(lambda: one.lines("here"))
    assert one.news == [("up",), ("here", b"2")]


async def test_a_server_that_went_and_came_back(begin: Begin, own_valkey: Valkey):
    one, other = await begin(own_valkey.url).up(), await begin(own_valkey.url).up()
    assert await other.bus.subscribe("here")
    assert await other.bus.subscribe("there")
    own_valkey.kill()
    await one.down()
    await other.down()
    assert not one.bus.is_up
    assert not one.bus.publish("here", b"lost")
    assert await one.bus.reach("here", b"lost") == 0
    assert not await other.bus.subscribe("new")
    other.bus.unsubscribe("there")
    own_valkey.start()
    await one.up(2)
    await other.up(2)
    assert await one.bus.reach("here", b"1") == 1
    assert await one.bus.reach("there", b"2") == 0
    assert await one.bus.reach("new", b"3") == 1
    await other.until(lambda: other.lines("new"))
    assert other.news == [("up",), ("down",), ("up",), ("here", b"1"), ("new", b"3")]


async def test_whoever_waits_when_the_server_goes_is_told(begin: Begin, own_valkey: Valkey):
    one = await begin(own_valkey.url).up()
    own_valkey.process.send_signal(signal.SIGSTOP)
    waiting = asyncio.gather(one.bus.reach("here", b"1"), one.bus.subscribe("here"))
    await asyncio.sleep(0)
    own_valkey.kill()
    assert await waiting == [0, False]


async def test_a_server_that_stands_still_is_noticed(begin: Begin, own_valkey: Valkey, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(valkey, "PING_PERIOD", 0.2)
    one = await begin(own_valkey.url).up()
    assert await one.bus.subscribe("here")
    own_valkey.process.send_signal(signal.SIGSTOP)
    await one.down()
    assert not one.bus.publish("here", b"lost")
    own_valkey.process.send_signal(signal.SIGCONT)
    await one.up(2)
    assert await one.bus.reach("here", b"1") == 1


async def test_news_that_cannot_be_dealt_with_end_nothing(own_valkey: Valkey, log: Log):
    def fail() -> None:
        raise ValueError("cannot be dealt with")

    bus = Bus(own_valkey.url, lambda channel, line: None, up=fail, down=fail)
    running = asyncio.create_task(bus.run())
    await log.says("ValueError: cannot be dealt with", times=1)
    own_valkey.kill()
    await log.says("ValueError: cannot be dealt with", times=2)
    own_valkey.start()
    await log.says("ValueError: cannot be dealt with", times=3)
    assert bus.is_up
    running.cancel()


async def test_a_server_that_reads_nothing_is_given_up(begin: Begin, pose: Pose):
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING)
        writer.transport.pause_reading()
        await asyncio.Event().wait()

    server = await pose(deaf)
    one = await begin(server.url).up()
    waiting = asyncio.create_task(one.bus.reach("here", b"1"))
    for _ in range(10_000):
        if not one.bus.publish("here", b"x" * 100_000):
            break
        await asyncio.sleep(0)
    assert not one.bus.is_up
    assert not one.bus.publish("here", b"1")
    assert await waiting == 0
    await one.down()
    await one.up(2)
    await server.met(2)


async def test_a_server_that_answers_nothing_is_given_up(begin: Begin, pose: Pose, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(valkey, "MAX_AWAITED", 100)
    one = await begin((await pose(saying(GREETING))).url).up()
    said = 0
    while one.bus.publish("here", b"1"):
        said += 1
        await asyncio.sleep(0)
    assert said <= 100
    await one.down()
