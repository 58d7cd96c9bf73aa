"""The outbox and the pace of a connection."""

import asyncio

import pytest

from voice.transports.outbox import MAX_BYTES, MAX_FRAMES, Outbox
from voice.transports.pace import Pace


class Wire:
    """Where an outbox writes to; `open` lets it through."""

    def __init__(self):
        self.written, self.open = [], asyncio.Event()

    async def write(self, frame):
        await self.open.wait()
        self.written.append(frame)


async def test_frames_are_written_in_their_order():
    wire = Wire()
    wire.open.set()
    outbox = Outbox(wire.write)
    assert all(outbox.put(str(number)) for number in range(100))
    await outbox.flush(1)
    assert wire.written == [str(number) for number in range(100)]
    assert outbox.put("later")
    await outbox.flush(1)
    assert wire.written[-1] == "later"
    outbox.close()


@pytest.mark.parametrize(("frame", "fit"), [("x", MAX_FRAMES), ("x" * (MAX_BYTES // 4), 4)])
async def test_what_is_not_read_is_bounded_in_frames_and_in_bytes(frame, fit):
    wire = Wire()
    outbox = Outbox(wire.write)
    await asyncio.sleep(0)
    assert [outbox.put(frame) for _ in range(fit + 1)] == [True] * fit + [False]
    with pytest.raises(TimeoutError):
        await outbox.flush(0.01)
    wire.open.set()
    await outbox.flush(1)
    assert outbox.put(frame)
    outbox.close()


def test_a_burst_passes_then_the_rate_holds():
    pace = Pace(0.0, rate=10, burst=3)
    assert [pace.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [pace.take(0.1), pace.take(0.1)] == [True, False]
    assert [pace.take(60.0) for _ in range(4)] == [True, True, True, False]
