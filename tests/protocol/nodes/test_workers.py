"""The workers of one machine are nodes too: whoever is in a room hears whoever else is, by whatever transport."""

import itertools

import pytest

from tests.conftest import Instance
from tests.protocol.conftest import REAL, SAMPLE, TWO_WORKERS, Cast, Connect, talks
from tests.protocol.nodes.conftest import roster

TRANSPORTS = (("websocket",), ("polling",), ("polling", "websocket"))


@TWO_WORKERS
@pytest.mark.parametrize(("one", "other"), list(itertools.product(TRANSPORTS, repeat=2)))
async def test_people_on_two_workers_make_a_call(
    instance: Instance, connect: Connect, cast: Cast, channel: int, one: tuple[str, ...], other: tuple[str, ...]
):
    ann = await connect(cast.ann, REAL, transports=one, worker=0)
    bob = await connect(cast.bob, SAMPLE, transports=other, worker=1)
    await ann.join(channel)
    assert roster(await bob.join(channel)) == [ann.id, bob.id]
    await ann.until("user-connected")
    await talks(ann, bob)
    await bob.leave()
    assert await ann.until("user-disconnected") == bob.id
