"""The outbox and the pace of a connection."""

import asyncio

import pytest

from voice.transports.outbox import MAX_BYTES, Message, Outbox
from voice.transports.pace import Pace


class Wire:
    """Where an outbox writes to; `open` lets it through."""

    def __init__(self):
        self.written, self.open = [], asyncio.Event()

    async def write(self, message):
        await self.open.wait()
        self.written.append(message)


async def test_messages_are_written_in_their_order():
    wire = Wire()
    wire.open.set()
    outbox = Outbox(wire.write)
    messages = [Message(b"%d" % number, number % 2 == 0) for number in range(100)]
    assert all(outbox.put(message) for message in messages)
    await outbox.flush(1)
    assert wire.written == messages
    assert outbox.put(Message(b"later", False))
    await outbox.flush(1)
    assert wire.written[-1].data == b"later"
    outbox.close()


async def test_what_is_not_read_is_bounded():
    wire = Wire()
    outbox = Outbox(wire.write)
    quarter = Message(bytes(MAX_BYTES // 4), True)
    assert [outbox.put(quarter) for _ in range(5)] == [True] * 4 + [False]
    await outbox.flush(0.01)
    assert not wire.written
    wire.open.set()
    await outbox.flush(1)
    assert wire.written == [quarter] * 4
    assert outbox.put(quarter)
    outbox.close()


@pytest.mark.parametrize("gone", [ConnectionResetError, BrokenPipeError])
async def test_a_connection_that_went_is_no_bug(gone):
    async def write(message):
        raise gone

    outbox = Outbox(write)
    assert outbox.put(Message(b"x", False))
    await outbox.flush(0.01)
    outbox.close()


def test_a_burst_passes_then_the_rate_holds():
    pace = Pace(0.0, rate=10, burst=3)
    assert [pace.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [pace.take(0.1), pace.take(0.1)] == [True, False]
    assert [pace.take(60.0) for _ in range(4)] == [True, True, True, False]
