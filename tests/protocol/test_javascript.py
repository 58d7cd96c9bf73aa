"""The JavaScript client from npm, in its three ways to connect, on both addresses."""

import pytest

from tests.conftest import Instance
from tests.protocol.conftest import ADDRESSES, EVERY_SERVER, REAL, Address, Cast
from tests.protocol.dialects import ROOMS, new_room
from tests.protocol.javascript import MODES, Script

pytestmark = EVERY_SERVER


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("mode", MODES)
async def test_a_whole_call(js: Script, instance: Instance, cast: Cast, channel: int, address: Address, mode: str):
    js.connect("ann", instance, cast.ann, address, mode)
    ann = await js.until("ann", "connect")
    js.connect("bob", instance, cast.bob, address, mode)
    bob = await js.until("bob", "connect")
    if mode == "upgrade":
        for name in ("ann", "bob"):
            assert await js.until(name, "upgrade") == "websocket"

    js.emit("ann", "join-room", channel, cast.ann["token"])
    await js.until("ann", "created")
    js.emit("bob", "join-room", str(channel), cast.bob["token"])
    created = await js.until("bob", "created")
    assert created["roomId"] == str(channel)
    assert [seat["socketId"] for seat in created["participants"]] == [ann["id"], bob["id"]]
    told = await js.until("ann", "user-connected")
    assert (told["socketId"], told["userData"]["username"]) == (bob["id"], cast.bob["user"]["username"])

    for number in range(100):
        js.emit("ann", "signal", {"to": bob["id"], "type": "candidate", "candidate": {"number": number}})
        js.emit("bob", "signal", {"to": ann["id"], "type": "candidate", "candidate": {"number": number}})
    for name, other in (("ann", bob), ("bob", ann)):
        await js.until(name, "signal", 100)
        signals = js.all(name, "signal")
        assert [signal["candidate"]["number"] for signal in signals] == list(range(100))
        assert {signal["from"] for signal in signals} == {signal["to"] for signal in signals} == {other["id"]}

    js.emit("bob", "toggle-mic", {"roomId": channel})
    assert await js.until("ann", "user-mic-toggle") == {"socketId": bob["id"], "micToggle": False}
    js.emit("bob", "leave-room", channel)
    assert await js.until("ann", "user-disconnected") == bob["id"]
    js.emit("bob", "join-room", channel)
    await js.until("ann", "user-connected", 2)
    js.do("bob", "disconnect")
    assert await js.until("ann", "user-disconnected", 2) == bob["id"]
    assert not js.all("ann", "error")
    assert not js.all("bob", "error")


@pytest.mark.parametrize("mode", MODES)
async def test_a_whole_call_of_room_signaling(js: Script, instance: Instance, mode: str):
    offer, answer = ({"type": kind, "sdp": "v=0"} for kind in ("offer", "answer"))
    candidate = {"candidate": "candidate:1 1 UDP 2130706431 192.168.1.100 54400 typ host", "sdpMLineIndex": 0}
    room, ids = new_room(), {}
    for name in ("alice", "bob"):
        js.connect(name, instance, None, ROOMS, mode)
        ids[name] = (await js.until(name, "connect"))["id"]
        js.emit(name, "join", {"room": room, "name": name})
        await js.until(name, "room_users")
    assert js.all("bob", "room_users") == [{"users": [{"id": ids["alice"], "name": "alice"}]}]
    assert await js.until("alice", "user_joined") == {"user": {"id": ids["bob"], "name": "bob"}}
    js.emit("bob", "offer", {"target": ids["alice"], "sdp": offer})
    assert await js.until("alice", "getOffer") == {"sdp": offer, "sender": ids["bob"]}
    js.emit("alice", "answer", {"target": ids["bob"], "sdp": answer})
    assert await js.until("bob", "getAnswer") == {"sdp": answer, "sender": ids["alice"]}
    js.emit("alice", "candidate", {"target": ids["bob"], "candidate": candidate})
    assert await js.until("bob", "getCandidate") == {"candidate": candidate, "sender": ids["alice"]}
    js.emit("bob", "join", {})
    assert await js.until("bob", "error") == {"message": "Room ID is required"}
    js.do("bob", "disconnect")
    assert await js.until("alice", "user_left") == {"user": {"id": ids["bob"], "name": "bob"}}


@pytest.mark.parametrize("mode", MODES)
async def test_ten_clients_at_once_all_hear_each_other(js: Script, instance: Instance, cast: Cast, channel: int, mode: str):
    names = [f"client-{number}" for number in range(10)]
    for number, name in enumerate(names):
        js.connect(name, instance, (cast.ann, cast.bob)[number % 2], ADDRESSES[number % 2].values[0], mode)
    ids = {name: (await js.until(name, "connect"))["id"] for name in names}
    for name in names:
        js.emit(name, "join-room", channel)
    for name in names:
        await js.until(name, "created")
    for name in names:
        for other in names:
            if other != name:
                js.emit(name, "signal", {"to": ids[other], "type": "offer", "sdp": f"{name} to {other}"})
    for name in names:
        await js.until(name, "signal", 9)
        expected = {(ids[other], f"{other} to {name}") for other in names if other != name}
        assert {(signal["from"], signal["sdp"]) for signal in js.all(name, "signal")} == expected
    for name in names[1:]:
        js.do(name, "disconnect")
    await js.until(names[0], "user-disconnected", 9)
    told = js.all(names[0], "user-disconnected")
    assert sorted(told) == sorted(ids[name] for name in names[1:])


async def test_refusals_reach_the_client_in_its_own_form(js: Script, instance: Instance, cast: Cast, channel: int):
    bad = {"token": "garbage"}
    js.connect("bad", instance, bad, ADDRESSES[1].values[0], "websocket")
    assert await js.until("bad", "connect_error")
    js.do("lost", "connect", url=f"{instance.url}/nowhere", options={"path": "/socket.io"})
    assert await js.until("lost", "connect_error") == "Invalid namespace"
    js.connect("late", instance, bad, REAL, "upgrade")
    await js.until("late", "connect")
    js.emit("late", "join-room", channel)
    assert (await js.until("late", "error")).keys() == {"message"}
    js.emit("late", "join-room", channel, cast.bob["token"])
    await js.until("late", "created")


async def test_what_is_said_while_connecting_arrives_once_and_in_order(
    js: Script, instance: Instance, cast: Cast, channel: int
):
    """The client keeps it until the namespace is connected, which is in the middle of the upgrade."""
    js.connect("ann", instance, cast.ann, REAL, "websocket")
    ann = await js.until("ann", "connect")
    js.emit("ann", "join-room", channel)
    await js.until("ann", "created")
    names = [f"bob-{number}" for number in range(5)]
    for name in names:
        js.connect(name, instance, cast.bob, ADDRESSES[1].values[0], "upgrade")
        js.emit(name, "join-room", channel)
        for number in range(50):
            js.emit(name, "signal", {"to": ann["id"], "type": "candidate", "candidate": [name, number]})
    for joined in range(len(names)):
        told = await js.until("ann", "user-connected", joined + 1)
        for number in range(50):
            js.emit("ann", "signal", {"to": told["socketId"], "type": "candidate", "candidate": number})
    await js.until("ann", "signal", 50 * len(names))
    heard = [signal["candidate"] for signal in js.all("ann", "signal")]
    for name in names:
        assert [number for sender, number in heard if sender == name] == list(range(50))
        await js.until(name, "signal", 50)
        assert [signal["candidate"] for signal in js.all(name, "signal")] == list(range(50))
        assert await js.until(name, "upgrade") == "websocket"
