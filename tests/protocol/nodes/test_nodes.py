"""Several processes are one: whoever is in a room hears whoever else is, wherever his socket ends."""

import asyncio

import pytest

from tests.conftest import Instance
from tests.protocol.bus.conftest import Valkey
from tests.protocol.conftest import ADDRESSES, Address, Cast, Client, Connect, talks
from tests.protocol.nodes.conftest import Nodes

GONE = 12.0  # seconds, on a busy machine: 10 are promised, docs/performance.md has the figure


def roster(created: dict) -> list[str]:
    return [seat["socketId"] for seat in created["participants"]]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_people_on_two_nodes_make_a_call(
    east: Instance, west: Instance, connect: Connect, cast: Cast, channel: int, address: Address
):
    ann, bob = await connect(cast.ann, address, instance=east), await connect(cast.bob, address, instance=west)
    await ann.join(channel)
    assert roster(await bob.join(channel)) == [ann.id, bob.id]
    assert (await ann.until("user-connected"))["socketId"] == bob.id
    await talks(ann, bob)
    await bob.say("toggle-mic", False)
    assert await ann.until("user-mic-toggle") == {"socketId": bob.id, "micToggle": False}
    carl = await connect(cast.owner, address, instance=east)
    created = await carl.join(f"channel-{channel}")
    assert [seat["micToggle"] for seat in created["participants"]] == [True, False, True]
    await bob.until("user-connected")
    await talks(bob, carl)
    await bob.say("leave-room")
    for other in (ann, carl):
        assert await other.until("user-disconnected") == bob.id
    await talks(ann, carl)


async def test_a_signal_to_another_room_is_dropped_whatever_the_node(
    call: tuple[Client, Client], west: Instance, connect: Connect, cast: Cast
):
    ann, bob = call
    dora = await connect(cast.owner, instance=west)
    await dora.join("elsewhere")
    for stranger in (ann.id, bob.id):
        await dora.say("signal", {"to": stranger, "type": "offer", "sdp": "v=0"})
        await ann.say("signal", {"to": dora.id, "type": "offer", "sdp": "v=0"})
    await talks(ann, bob)
    assert not dora.all("signal")
    assert {signal["from"] for signal in ann.all("signal")} == {bob.id}


async def test_a_killed_node_takes_its_people_with_it_and_they_come_back_elsewhere(
    call: tuple[Client, Client], nodes: Nodes, east: Instance, west: Instance, connect: Connect, cast: Cast, channel: int
):
    ann, bob = call
    nodes.kill(west)
    assert await ann.until("user-disconnected", within=GONE) == bob.id
    again = await connect(cast.bob, instance=east)
    assert roster(await again.join(channel)) == [ann.id, again.id]
    await talks(ann, again)


async def test_a_stopped_node_says_goodbye(call: tuple[Client, Client], west: Instance):
    ann, bob = call
    west.stop()
    assert await ann.until("user-disconnected", within=5.0) == bob.id


async def test_a_node_that_slept_is_forgotten_and_found_again(call: tuple[Client, Client], nodes: Nodes, west: Instance):
    ann, bob = call
    nodes.freeze(west)
    assert await ann.until("user-disconnected", within=GONE) == bob.id
    nodes.thaw(west)
    assert (await ann.until("user-connected", 2, within=GONE))["socketId"] == bob.id
    await talks(ann, bob)


async def test_a_call_outlives_valkey_and_heals(
    call: tuple[Client, Client], east: Instance, connect: Connect, cast: Cast, channel: int, own_valkey: Valkey
):
    ann, bob = call
    carl = await connect(cast.owner, instance=east)
    await carl.join(channel)
    await bob.until("user-connected")
    own_valkey.kill()
    await talks(ann, carl)  # they share a node
    dora = await connect(cast.owner, instance=east)
    await dora.join(channel)  # takes carl's seat: one user, one seat
    assert await ann.until("user-disconnected", within=GONE) == carl.id
    await asyncio.sleep(7)  # longer than a lease: nobody may be given up for Valkey's absence
    own_valkey.start()
    assert (await bob.until("user-connected", 2, within=GONE))["socketId"] == dora.id
    assert bob.all("user-disconnected") == [carl.id]
    assert ann.all("user-disconnected") == [carl.id]
    await talks(ann, bob)
    await talks(bob, dora)


async def test_one_seat_for_a_user_on_all_nodes_together(
    call: tuple[Client, Client], east: Instance, connect: Connect, cast: Cast, channel: int
):
    ann, bob = call
    second = await connect(cast.bob, instance=east)
    created = await second.join(channel)
    assert roster(created)[-1] == second.id
    assert await bob.until("error") == {"message": "You have joined from elsewhere"}
    assert await ann.until("user-disconnected") == bob.id
    await talks(ann, second)
    assert ("user-disconnected", bob.id) in bob.heard
    await bob.join("somewhere else")  # his socket lives


async def test_a_limited_channel_is_full_on_all_nodes_together(
    instance: Instance, call: tuple[Client, Client], east: Instance, west: Instance, connect: Connect, cast: Cast, channel: int
):
    ann, bob = call
    answer = instance.api("PUT", f"/servers/{cast.server}/channels/{channel}", cast.owner["token"], userLimit=2)
    assert answer.status_code == 200, answer.text
    guest = instance.sign_up("guest")
    invite = instance.api("POST", f"/invite/{cast.server}/invite", cast.owner["token"]).json()["invite"]["token"]
    assert instance.api("POST", f"/invite/invite/{invite}/accept", guest["token"]).status_code == 200
    for node in (east, west):
        client = await connect(guest, instance=node)
        await client.say("join-room", channel)
        assert await client.until("error") == {"message": "The room is full"}
    await (await connect(cast.owner, instance=west)).join(channel)  # whoever may move members finds no limit


async def test_who_loses_his_rights_is_put_out_on_whatever_node(
    call: tuple[Client, Client], east: Instance, cast: Cast, connect: Connect
):
    ann, bob = call
    members = east.api("GET", f"/serverMembers/{cast.server}/members", cast.owner["token"]).json()
    bob_id = next(member["id"] for member in members if member["userId"] == cast.bob["user"]["id"])
    path = f"/serverMembers/{cast.server}/members/{bob_id}/voice"
    try:
        assert east.api("PATCH", path, cast.owner["token"], isMuted=True).status_code == 200
        state = {"socketId": bob.id, "userId": cast.bob["user"]["id"], "isMuted": True, "isDeafened": False, "canSpeak": False}
        for one in (ann, bob):
            assert await one.until("voice-state") == state
        carl = await connect(cast.owner, instance=east)
        created = await carl.join((await ann.until("created"))["roomId"])
        assert [seat.get("voiceState") for seat in created["participants"]] == [None, state, None]
    finally:
        east.api("PATCH", path, cast.owner["token"], isMuted=False)


async def test_the_lists_count_everybody(east: Instance, west: Instance, connect: Connect, cast: Cast):
    ann, bob = await connect(cast.ann, instance=east), await connect(cast.bob, instance=west)
    await ann.join("kitchen-of-two-nodes")
    await bob.join("kitchen-of-two-nodes")
    import requests

    for node in (east, west):
        found = requests.get(f"{node.url}/rooms", timeout=10).json()
        assert len(found["rooms"]["kitchen-of-two-nodes"]) == 2
