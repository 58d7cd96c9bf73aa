"""One room, four languages: both of Zvonim's forms, game signaling and ProjectVoice understand each other."""

from itertools import permutations
from typing import Any, Protocol

from tests.conftest import Instance
from tests.protocol.bare.conftest import ENVELOPE, FLAT, Form, Open, Socket, enter
from tests.protocol.conftest import BOTH_WAYS, SAMPLE, Cast, Client, Connect

pytestmark = BOTH_WAYS
SDP = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
LINE = "candidate:1 1 UDP 2130706431 192.168.1.100 54400 typ host"
INIT = {"candidate": LINE, "sdpMid": "0", "sdpMLineIndex": 0}


class Peer(Protocol):
    """Somebody in the room, whatever he speaks. `who` is how the others call him."""

    who: str

    async def describe(self, to: str, kind: str) -> None: ...

    async def offer_way(self, to: str) -> None: ...

    async def described(self, kind: str, count: int) -> tuple[str, str]:
        """Of the `count`th description of that kind: who sent it, and its text."""
        ...

    async def way_offered(self, count: int) -> tuple[str, Any]: ...

    async def people(self, count: int) -> list[str]:
        """Who came after him, once there are so many."""
        ...

    async def left(self) -> str: ...


class Zvonim:
    def __init__(self, form: Form, socket: Socket) -> None:
        self.form, self.socket, self.who = form, socket, socket.id

    async def describe(self, to: str, kind: str) -> None:
        await self.socket.say(self.form.frame(kind, {"to": to}, sdp=SDP))

    async def offer_way(self, to: str) -> None:
        await self.socket.say(self.form.frame("ice-candidate", {"to": to}, **self._way()))

    def _way(self) -> dict[str, Any]:
        return INIT if self.form.is_flat else {"candidate": INIT}

    async def described(self, kind: str, count: int) -> tuple[str, str]:
        frame = await self.socket.until(kind, count)
        assert frame == self.form.frame(kind, {"from": frame["from"], "to": self.who}, sdp=SDP)
        return frame["from"], SDP

    async def way_offered(self, count: int) -> tuple[str, Any]:
        frame = await self.socket.until(self.form.kind("ice-candidate"), count)
        assert frame == self.form.frame("ice-candidate", {"from": frame["from"], "to": self.who}, **self._way())
        return frame["from"], INIT

    async def people(self, count: int) -> list[str]:
        if count:
            await self.form.hears_of(self.socket, "user-joined", count)
        return [user["user_id"] for user in self.form.presence(self.socket, "user-joined")]

    async def left(self) -> str:
        return (await self.form.hears_of(self.socket, "user-left"))["user_id"]


class Game:
    def __init__(self, socket: Socket) -> None:
        self.socket, self.who = socket, socket.id

    async def describe(self, to: str, kind: str) -> None:
        await self.socket.say({"type": kind, "to": to, "payload": {"type": kind, "sdp": SDP}})

    async def offer_way(self, to: str) -> None:
        await self.socket.say({"type": "candidate", "to": to, "payload": INIT})

    async def described(self, kind: str, count: int) -> tuple[str, str]:
        frame = await self.socket.until(kind, count)
        assert frame["payload"] == {"type": kind, "sdp": SDP}
        return frame["from"], frame["payload"]["sdp"]

    async def way_offered(self, count: int) -> tuple[str, Any]:
        frame = await self.socket.until("candidate", count)
        return frame["from"], frame["payload"]

    async def people(self, count: int) -> list[str]:
        if count:
            await self.socket.until("peer-joined", count)
        return [frame["from"] for frame in self.socket.all("peer-joined")]

    async def left(self) -> str:
        return (await self.socket.until("peer-left"))["from"]


class ProjectVoice:
    def __init__(self, client: Client) -> None:
        self.client, self.who = client, client.id

    async def describe(self, to: str, kind: str) -> None:
        await self.client.say("signal", {"to": to, "type": kind, "sdp": {"type": kind, "sdp": SDP}})

    async def offer_way(self, to: str) -> None:
        await self.client.say("signal", {"to": to, "type": "candidate", "candidate": INIT})

    async def _signal(self, kind: str, count: int) -> dict[str, Any]:
        at = 1
        while True:
            signal = await self.client.until("signal", at)
            count -= signal["type"] == kind
            if not count:
                return signal
            at += 1

    async def described(self, kind: str, count: int) -> tuple[str, str]:
        signal = await self._signal(kind, count)
        assert signal["sdp"] == {"type": kind, "sdp": SDP}
        return signal["from"], signal["sdp"]["sdp"]

    async def way_offered(self, count: int) -> tuple[str, Any]:
        signal = await self._signal("candidate", count)
        return signal["from"], signal["candidate"]

    async def people(self, count: int) -> list[str]:
        if count:
            await self.client.until("user-connected", count)
        return [user["socketId"] for user in self.client.all("user-connected")]

    async def left(self) -> str:
        return await self.client.until("user-disconnected")


async def test_everybody_calls_everybody(instance: Instance, open_socket: Open, connect: Connect, cast: Cast, room: str):
    client = await connect(cast.ann, SAMPLE)
    await client.join(room)
    game = await open_socket("/ws", known_as="pip", id="pip", room=room)
    await game.settled()
    peers: list[Peer] = [ProjectVoice(client), Game(game)]
    for form, name in ((FLAT, "Flat"), (ENVELOPE, "Envelope")):
        peers.append(Zvonim(form, await form.come(open_socket, room, enter(instance, room, name))))

    names = [peer.who for peer in peers]
    for place, peer in enumerate(peers):
        later = names[place + 1 :]
        assert await peer.people(len(later)) == later
    assert instance.api("GET", f"/room/{room}/info").json()["users"][1:] == [
        {"user_id": who, "user_name": name, "is_online": True}
        for who, name in zip(names[1:], ["pip", "Flat", "Envelope"], strict=True)
    ]

    calls = dict.fromkeys(names, 0)
    for caller, callee in permutations(peers, 2):
        calls[callee.who] += 1
        await caller.describe(callee.who, "offer")
        assert await callee.described("offer", calls[callee.who]) == (caller.who, SDP)
        await caller.offer_way(callee.who)
        assert await callee.way_offered(calls[callee.who]) == (caller.who, INIT)
    answers = dict.fromkeys(names, 0)
    for callee, caller in permutations(peers, 2):
        answers[caller.who] += 1
        await callee.describe(caller.who, "answer")
        assert await caller.described("answer", answers[caller.who]) == (callee.who, SDP)

    game.die()
    assert [await peer.left() for peer in peers if peer.who != "pip"] == ["pip"] * 3


async def test_what_a_dialect_cannot_say_is_dropped(instance: Instance, open_socket: Open, room: str):
    ann = await FLAT.come(open_socket, room, enter(instance, room, "Ann"))
    game = await open_socket("/ws", known_as="pip", id="pip", room=room)
    for kind, payload in (("move", {"x": 1}), ("offer", {"x": 1}), ("candidate", None), ("user-left", {"user_id": "pip"})):
        await game.say({"type": kind, "to": ann.id, "payload": payload})
    await game.settled()
    assert [frame["type"] for frame in await ann.settled()] == ["user-joined"]
    assert game.all("error") == []
