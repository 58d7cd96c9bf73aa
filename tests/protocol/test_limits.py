"""What one client may do in time, and how full things may be: over the limit it is told so, and nobody else suffers."""

import json
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed

from tests.conftest import Instance
from tests.protocol.conftest import Cast, Connect, talks
from tests.protocol.nodes.conftest import roster

BURST, JOINS, ROOMS, SIZE = 40, 5, 2, 3


@pytest.fixture(scope="module")
def strict(instance: Instance) -> Iterator[Instance]:
    """An instance with small limits."""
    limits = {
        "SIGNAL_RATE": 1,
        "SIGNAL_BURST": BURST,
        "JOINS_PER_MINUTE": JOINS,
        "ROOMS_PER_USER": ROOMS,
        "ROOM_SIZE": SIZE,
        "SEATS_PER_USER": 1,
    }
    other = Instance({**instance.env, "RATE_LIMITS": "on", **{name: str(limit) for name, limit in limits.items()}})
    other.start()
    yield other
    other.stop()


async def test_who_signals_too_fast_is_told_and_closed(strict: Instance, connect: Connect, cast: Cast, channel: int):
    ann, bob = await connect(cast.ann, instance=strict), await connect(cast.bob, instance=strict)
    await ann.join(channel)
    await bob.join(channel)
    for number in range(BURST + 5):
        await bob.say("signal", {"to": ann.id, "type": "flood", "number": number})
    assert await bob.until("error") == {"message": "Too many messages, the connection is closed"}
    await bob.until("disconnect")
    assert await ann.until("user-disconnected") == bob.id
    assert len(ann.all("signal")) <= BURST


async def test_who_joins_too_often_is_told_and_closed(strict: Instance, connect: Connect, cast: Cast, channel: int):
    ann = await connect(cast.ann, instance=strict)
    for _ in range(JOINS):
        await ann.join(channel)
    await ann.say("join-room", channel)
    assert await ann.until("error") == {"message": "Too many joins, the connection is closed"}
    await ann.until("disconnect")


async def test_a_user_sits_in_so_many_rooms_and_no_more(strict: Instance, connect: Connect, cast: Cast):
    clients = [await connect(cast.ann, instance=strict) for _ in range(ROOMS + 1)]
    for number, client in enumerate(clients[:ROOMS]):
        await client.join(f"room-{number}-of-ann")
    await clients[-1].say("join-room", "one-room-more")
    assert await clients[-1].until("error") == {"message": "You are in too many rooms"}
    await clients[-1].join("room-0-of-ann")  # she is there already


async def test_in_a_channel_the_newer_socket_of_a_user_takes_his_seat(
    strict: Instance, connect: Connect, cast: Cast, channel: int
):
    ann, one, two = (
        await connect(cast.ann, instance=strict),
        await connect(cast.bob, instance=strict),
        await connect(cast.bob, instance=strict),
    )
    await ann.join(channel)
    await one.join(channel)
    assert roster(await two.join(channel)) == [ann.id, two.id]
    assert await one.until("error") == {"message": "You have joined from elsewhere"}
    assert await ann.until("user-disconnected") == one.id
    assert one.all("user-disconnected") == [one.id]
    await one.say("signal", {"to": ann.id, "type": "ghost"})
    assert not [data for name, data in await ann.settled(one) if name == "signal"]
    assert roster(await one.join(channel)) == [ann.id, one.id]  # and back again


async def test_in_an_open_room_two_sockets_of_one_user_are_two_participants(strict: Instance, connect: Connect, cast: Cast):
    one, two = await connect(cast.ann, instance=strict), await connect(cast.ann, instance=strict)
    await one.join("two-of-me")
    assert roster(await two.join("two-of-me")) == [one.id, two.id]


async def test_a_room_holds_so_many_whatever_they_speak(strict: Instance, connect: Connect, cast: Cast):
    room = "three-and-no-more"
    people = [await connect(user, instance=strict) for user in (cast.ann, cast.bob, cast.owner, cast.stranger)]
    for client in people[:SIZE]:
        await client.join(room)
    await people[-1].say("join-room", room)
    assert await people[-1].until("error") == {"message": "The room is full"}
    async with open_websocket(f"{ws(strict)}/ws?room={room}&id=late") as late:
        assert await closing_of(late) == (1008, [{"type": "error", "payload": {"message": "Комната заполнена"}}])
    await talks(people[0], people[1])


async def test_a_bare_websocket_that_talks_too_fast_is_told_and_closed(strict: Instance):
    async with (
        open_websocket(f"{ws(strict)}/ws?room=flood&id=a") as one,
        open_websocket(f"{ws(strict)}/ws?room=flood&id=b") as other,
    ):
        for number in range(BURST + 5):
            await other.send(json.dumps({"type": "flood", "to": "a", "payload": number}))
        code, said = await closing_of(other)
        assert code == 1008
        assert said[-1] == {"type": "error", "payload": {"message": "Слишком много сообщений, соединение закрыто"}}
        heard = []
        while not heard or heard[-1]["type"] != "peer-left":
            heard.append(json.loads(await one.recv()))
        assert sum(message["type"] == "flood" for message in heard) <= BURST


def ws(instance: Instance) -> str:
    return instance.url.replace("http", "ws")


async def closing_of(socket) -> tuple[int, list]:
    """The close code, and what was said before."""
    said = []
    try:
        while True:
            said.append(json.loads(await socket.recv()))
    except ConnectionClosed as closed:
        return closed.rcvd.code, said
