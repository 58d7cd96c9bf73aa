"""A moderator moves somebody to another voice channel, or out of all of them."""

from tests.conftest import Instance
from tests.protocol.conftest import Cast, Client, Connect, talks


def move(instance: Instance, cast: Cast, user: dict, channel: int | None) -> None:
    members = instance.api("GET", f"/serverMembers/{cast.server}/members", cast.owner["token"]).json()
    member = next(member["id"] for member in members if member["userId"] == user["user"]["id"])
    answer = instance.api("POST", f"/serverMembers/{cast.server}/members/{member}/move", cast.owner["token"], channelId=channel)
    assert answer.status_code == 200, answer.text


def another_channel(instance: Instance, cast: Cast, **fields: object) -> int:
    path = f"/servers/{cast.server}/channels"
    return instance.api("POST", path, cast.owner["token"], name="there", type="voice", **fields).json()["id"]


async def test_the_moved_hears_that_the_old_room_is_gone_and_who_is_in_the_new_one(
    pair: tuple[Client, Client], instance: Instance, connect: Connect, cast: Cast
):
    ann, bob = pair
    there = another_channel(instance, cast, userLimit=1)  # full: who may move members moves them all the same
    owner = await connect(cast.owner)
    await owner.join(there)
    move(instance, cast, cast.bob, there)
    created = await bob.until("created", 2)
    assert created["roomId"] == there
    assert [seat["socketId"] for seat in created["participants"]] == [owner.id, bob.id]
    assert bob.all("user-disconnected") == [ann.id]
    assert await ann.until("user-disconnected") == bob.id
    assert (await owner.until("user-connected"))["socketId"] == bob.id
    await talks(owner, bob)


async def test_moved_to_nowhere_is_put_out(pair: tuple[Client, Client], instance: Instance, cast: Cast, channel: int):
    ann, bob = pair
    move(instance, cast, cast.bob, None)
    assert await ann.until("user-disconnected") == bob.id
    assert await bob.until("error") == {"message": "A moderator has moved you out of this call"}
    await bob.join(channel)  # and may come back
    await ann.until("user-connected", 2)


async def test_who_sits_in_another_servers_call_is_not_moved(instance: Instance, connect: Connect, cast: Cast, channel: int):
    stranger = await connect(cast.stranger)
    await stranger.join(cast.foreign_channel)
    bob = await connect(cast.bob)
    await bob.join("an open room")
    move(instance, cast, cast.bob, channel)
    assert [name for name, _ in await bob.settled(stranger)] == ["created"]
