"""Several processes are one: whoever is in a room hears whoever else is, wherever his socket ends."""

import asyncio

import pytest
import requests

from tests.conftest import PATIENCE, Instance
from tests.protocol.conftest import ADDRESSES, Address, Cast, Connect, talks
from tests.protocol.nodes.conftest import Pair, roster


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


async def test_a_signal_to_another_room_is_dropped_whatever_the_node(call: Pair, west: Instance, connect: Connect, cast: Cast):
    ann, bob = call
    dora = await connect(cast.owner, instance=west)
    await dora.join("elsewhere")
    for stranger in (ann.id, bob.id):
        await dora.say("signal", {"to": stranger, "type": "offer", "sdp": "v=0"})
        await ann.say("signal", {"to": dora.id, "type": "offer", "sdp": "v=0"})
    await talks(ann, bob)
    assert not dora.all("signal")
    assert {signal["from"] for signal in ann.all("signal")} == {bob.id}


async def test_one_seat_for_a_user_on_all_nodes_together(
    call: Pair, east: Instance, connect: Connect, cast: Cast, channel: int
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
    instance: Instance, call: Pair, east: Instance, west: Instance, connect: Connect, cast: Cast, channel: int
):
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


async def test_who_loses_his_rights_is_put_out_on_whatever_node(call: Pair, east: Instance, cast: Cast, connect: Connect):
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


async def two_in_an_open_room(east: Instance, west: Instance, connect: Connect, cast: Cast) -> str:
    room = "kitchen-of-two-nodes"
    for user, node in ((cast.ann, east), (cast.bob, west)):
        await (await connect(user, instance=node)).join(room)
    return room


async def test_the_lists_count_everybody(east: Instance, west: Instance, connect: Connect, cast: Cast):
    room = await two_in_an_open_room(east, west, connect, cast)
    for node in (east, west):
        rooms = await asyncio.to_thread(requests.get, f"{node.url}/rooms", timeout=PATIENCE)
        assert sorted(rooms.json()["rooms"][room]) == sorted([cast.ann["user"]["username"], cast.bob["user"]["username"]])


async def test_who_is_kicked_through_one_node_is_out_on_the_other(
    east: Instance, west: Instance, connect: Connect, cast: Cast, channel: int
):
    carl = west.sign_up("carl")
    invite = west.api("POST", f"/invite/{cast.server}/invite", cast.owner["token"]).json()["invite"]["token"]
    member = west.api("POST", f"/invite/invite/{invite}/accept", carl["token"]).json()["member"]["id"]
    ann, seat = await connect(cast.ann, instance=east), await connect(carl, instance=west)
    await ann.join(channel)
    await seat.join(channel)
    await ann.until("user-connected")
    assert east.api("DELETE", f"/serverMembers/{cast.server}/members/{member}", cast.owner["token"]).status_code == 204
    assert await ann.until("user-disconnected", within=10.0) == seat.id  # by the bus; the sweep would take longer
    assert await seat.until("error") == {"message": "You are not a member of this server"}
