"""What is said on the bus is heard: whole, in order, counted."""

import asyncio
import os
from random import Random

import redis.asyncio

from tests.protocol.bus.conftest import Begin, Log, Node
from tests.protocol.conftest import PATIENCE
from voice.transports.bus import Bus


async def test_ten_thousand_lines_each_way_in_order(begin: Begin):
    one, other = await begin().up(), await begin().up()
    assert await one.bus.subscribe("one")
    assert await other.bus.subscribe("other")
    lines = [b'{"number":%d,"body":"%s"}' % (number, b"x" * 600) for number in range(10_000)]

    async def say(speaker: Bus, channel: str) -> None:
        random, waiting = Random(channel), lines[::-1]
        while waiting:
            for _ in range(min(random.randint(1, 4), len(waiting))):
                assert speaker.publish(channel, waiting.pop())
            await asyncio.sleep(0)

    await asyncio.gather(say(one.bus, "other"), say(other.bus, "one"))
    await one.until(lambda: len(one.lines("one")) == 10_000)
    await other.until(lambda: len(other.lines("other")) == 10_000)
    assert one.lines("one") == lines
    assert other.lines("other") == lines


async def test_what_one_turn_says_to_a_channel_is_one_publication(begin: Begin):
    speaker = await begin(prefix="batch").up()
    async with redis.asyncio.from_url(os.environ["REDIS_URL"]) as client, client.pubsub() as witness:
        await witness.subscribe("batch:a", "batch:б")
        for line in (b"1", b"2", b"3"):
            assert speaker.bus.publish("a", line)
            assert speaker.bus.publish("б", line * 2)
        await asyncio.sleep(0)
        assert speaker.bus.publish("a", b"4")
        heard: list[tuple[bytes, bytes]] = []
        async with asyncio.timeout(PATIENCE):
            while len(heard) < 3:
                message = await witness.get_message(ignore_subscribe_messages=True, timeout=1)
                if message:
                    heard.append((message["channel"].decode(), message["data"]))
    assert heard == [("batch:a", b"1\n2\n3"), ("batch:б", b"11\n22\n33"), ("batch:a", b"4")]


async def test_reach_counts_subscribers_and_keeps_the_order(begin: Begin, pair: tuple[Node, Node]):
    one, other = pair
    assert await one.bus.reach("nowhere", b"1") == 0
    assert other.bus.publish("here", b"0")
    assert one.bus.publish("here", b"1")
    both = asyncio.gather(one.bus.reach("here", b"2"), one.bus.reach("here", b"3"))
    await asyncio.sleep(0)
    assert one.bus.publish("here", b"4")
    assert await both == [1, 1]
    third = await begin().up()
    assert await third.bus.subscribe("here")
    assert await one.bus.reach("here", b"5") == 2
    await other.until(lambda: b"5" in other.lines("here"))
    assert [line for line in other.lines("here") if line != b"0"] == [b"1", b"2", b"3", b"4", b"5"]


async def test_who_waits_for_reach_may_give_it_up(pair: tuple[Node, Node]):
    one, _ = pair
    waiting = asyncio.create_task(one.bus.reach("here", b"1"))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await one.bus.reach("here", b"2") == 1
    assert one.news == [("up",)]


async def test_what_is_unsubscribed_from_is_heard_no_more(begin: Begin, pair: tuple[Node, Node]):
    one, other = pair
    assert one.bus.publish("here", b"too late")
    other.bus.unsubscribe("here")
    other.bus.unsubscribe("never subscribed to")
    assert await other.bus.subscribe("there")
    assert await one.bus.reach("here", b"1") == 0
    assert await one.bus.reach("there", b"2") == 1
    await other.until(lambda: other.lines("there"))
    assert other.news == [("up",), ("there", b"2")]
    assert await other.bus.subscribe("here")
    assert await one.bus.reach("here", b"3") == 1


async def test_a_line_may_end_the_subscription_that_brought_it(pair: tuple[Node, Node]):
    one, other = pair
    other.then = lambda channel, line: other.bus.unsubscribe(channel)
    for line in (b"1", b"2", b"3"):
        assert one.bus.publish("here", line)
    await other.until(lambda: other.lines("here"))
    assert await other.bus.subscribe("there")
    assert await one.bus.reach("there", b"4") == 1
    await other.until(lambda: other.lines("there"))
    assert other.news == [("up",), ("here", b"1"), ("there", b"4")]


async def test_prefixes_part_those_who_share_a_server(begin: Begin, pair: tuple[Node, Node]):
    _, other = pair
    stranger = await begin(prefix="another").up()
    assert await stranger.bus.reach("here", b"1") == 0
    assert other.news == [("up",)]


async def test_a_line_that_cannot_be_dealt_with_costs_only_itself(pair: tuple[Node, Node], log: Log):
    one, other = pair
    other.then = lambda channel, line: int(line)
    for line in (b"1", b"two", b"", b"3"):
        assert one.bus.publish("here", line)
    await other.until(lambda: len(other.lines("here")) == 4)
    assert other.lines("here") == [b"1", b"two", b"", b"3"]
    assert log.text.count("Traceback") == 2
    assert await one.bus.reach("here", b"3") == 1


async def test_what_was_published_before_the_end_is_written(pair: tuple[Node, Node]):
    one, other = pair
    one.running.cancel()
    assert one.bus.publish("here", b"last words")
    await other.until(lambda: other.lines("here") == [b"last words"])
    assert not one.bus.is_up
    assert not one.bus.publish("here", b"1")
    assert one.news == [("up",)]
