"""Nodes die, sleep and lose their Valkey: nobody stays behind as a ghost, and calls go on."""

import asyncio

from tests.conftest import Instance
from tests.protocol.bus.conftest import Valkey
from tests.protocol.conftest import Cast, Connect, talks
from tests.protocol.nodes.conftest import Pair, freeze, roster, thaw

GONE = 12.0  # seconds, on a busy machine: 10 are promised, docs/faults.md has the figures


async def test_a_killed_node_takes_its_people_with_it_and_they_come_back_elsewhere(
    frail_call: Pair, frail_east: Instance, frail_west: Instance, connect: Connect, cast: Cast, channel: int
):
    ann, bob = frail_call
    frail_west.kill(0)
    assert await ann.until("user-disconnected", within=GONE) == bob.id
    again = await connect(cast.bob, instance=frail_east)
    assert roster(await again.join(channel)) == [ann.id, again.id]
    await talks(ann, again)


async def test_a_stopped_node_says_goodbye(frail_call: Pair, frail_west: Instance):
    ann, bob = frail_call
    frail_west.stop()
    assert await ann.until("user-disconnected", within=5.0) == bob.id


async def test_a_node_that_slept_is_forgotten_and_found_again(frail_call: Pair, frail_west: Instance):
    ann, bob = frail_call
    freeze(frail_west)
    assert await ann.until("user-disconnected", within=GONE) == bob.id
    thaw(frail_west)
    assert (await ann.until("user-connected", 2, within=GONE))["socketId"] == bob.id
    await talks(ann, bob)


async def test_a_call_outlives_valkey_and_heals(
    frail_call: Pair, frail_east: Instance, connect: Connect, cast: Cast, channel: int, own_valkey: Valkey
):
    ann, bob = frail_call
    carl = await connect(cast.owner, instance=frail_east)
    await carl.join(channel)
    await bob.until("user-connected")
    own_valkey.kill()
    await talks(ann, carl)  # they share a node
    dora = await connect(cast.owner, instance=frail_east)
    await dora.join(channel)  # takes carl's seat: one user, one seat
    assert await ann.until("user-disconnected", within=GONE) == carl.id
    await asyncio.sleep(7)  # longer than a lease: nobody may be given up for Valkey's absence
    own_valkey.start()
    assert (await bob.until("user-connected", 2, within=GONE))["socketId"] == dora.id
    assert bob.all("user-disconnected") == [carl.id]
    assert ann.all("user-disconnected") == [carl.id]
    await talks(ann, bob)
    await talks(bob, dora)


async def test_who_leaves_last_while_valkey_is_away_is_no_ghost(frail_call: Pair, own_valkey: Valkey):
    """His node has nobody in the room any more, so it does not even listen there when it is asked again."""
    ann, bob = frail_call
    own_valkey.kill()
    await bob.leave()
    own_valkey.start()
    assert await ann.until("user-disconnected", within=GONE) == bob.id
