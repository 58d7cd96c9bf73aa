"""One room, four dialects: whoever comes, goes, offers, answers or finds a way is understood by all the others."""

import asyncio
from collections.abc import AsyncIterator
from itertools import permutations
from typing import Any, Protocol

import pytest

from tests.conftest import Instance
from tests.protocol.conftest import BOTH_WAYS, SAMPLE, Cast, Client
from tests.protocol.dialects import JsonClient, RoomClient, new_room

pytestmark = BOTH_WAYS
PATH = "candidate:1 1 UDP 2130706431 192.168.1.100 54400 typ host ufrag {ufrag}"


def sdp(ufrag: str) -> str:
    return f"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\na=ice-ufrag:{ufrag}\r\n"


class Speaker(Protocol):
    """What tests say and hear, whatever the dialect. A signal is heard as (sender, kind, text)."""

    id: str

    async def describe(self, to: str, kind: str, text: str) -> None: ...

    async def show_path(self, to: str, text: str) -> None: ...

    async def signal(self, kind: str, count: int) -> tuple[str, str, str]: ...

    async def presence(self, came: bool, count: int) -> str: ...

    async def leave(self) -> None: ...


def heard(sender: str, kind: str, content: Any) -> tuple[str, str, str]:
    """Descriptions and candidates come as RTCSessionDescriptionInit and RTCIceCandidateInit."""
    assert isinstance(content, dict)
    if kind == "candidate":
        assert content["sdpMLineIndex"] == 0
        return sender, kind, content["candidate"]
    assert content["type"] == kind
    return sender, kind, content["sdp"]


class ProjectVoice:
    def __init__(self, client: Client) -> None:
        self.client, self.id = client, client.id

    async def describe(self, to: str, kind: str, text: str) -> None:
        await self.client.say("signal", {"to": to, "type": kind, "sdp": {"type": kind, "sdp": text}})

    async def show_path(self, to: str, text: str) -> None:
        await self.client.say("signal", {"to": to, "type": "candidate", "candidate": {"candidate": text, "sdpMLineIndex": 0}})

    async def signal(self, kind: str, count: int) -> tuple[str, str, str]:
        while len(found := [told for told in self.client.all("signal") if told["type"] == kind]) < count:
            await self.client.until("signal", len(self.client.all("signal")) + 1)
        told = found[count - 1]
        return heard(told["from"], kind, told["candidate" if kind == "candidate" else "sdp"])

    async def presence(self, came: bool, count: int) -> str:
        told = await self.client.until("user-connected" if came else "user-disconnected", count)
        return told["socketId"] if came else told

    async def leave(self) -> None:
        await self.client.leave()


class RoomSignaling:
    def __init__(self, client: RoomClient) -> None:
        self.client, self.id = client, client.id

    async def describe(self, to: str, kind: str, text: str) -> None:
        await self.client.say(kind, {"target": to, "sdp": {"type": kind, "sdp": text}})

    async def show_path(self, to: str, text: str) -> None:
        await self.client.say("candidate", {"target": to, "candidate": {"candidate": text, "sdpMLineIndex": 0}})

    async def signal(self, kind: str, count: int) -> tuple[str, str, str]:
        told = await self.client.until(f"get{kind.title()}", count)
        return heard(told["sender"], kind, told["candidate" if kind == "candidate" else "sdp"])

    async def presence(self, came: bool, count: int) -> str:
        return (await self.client.until("user_joined" if came else "user_left", count))["user"]["id"]

    async def leave(self) -> None:
        await self.client.leave()


class Json:
    """Hub signaling and game signaling, which differ in their addresses."""

    def __init__(self, client: JsonClient, id: str) -> None:
        self.client, self.id = client, id

    async def describe(self, to: str, kind: str, text: str) -> None:
        await self.client.say(type=kind, to=to, payload={"type": kind, "sdp": text})

    async def show_path(self, to: str, text: str) -> None:
        await self.client.say(type="candidate", to=to, payload={"candidate": text, "sdpMLineIndex": 0})

    async def signal(self, kind: str, count: int) -> tuple[str, str, str]:
        told = await self.client.until(kind, count)
        assert told["to"] == self.id
        return heard(told["from"], kind, told["payload"])

    async def presence(self, came: bool, count: int) -> str:
        return (await self.client.until("peer-joined" if came else "peer-left", count))["from"]

    async def leave(self) -> None:
        await self.client.leave()


@pytest.fixture
async def speakers(instance: Instance, cast: Cast) -> AsyncIterator[list[Speaker]]:
    """One of each dialect, in one open room in this order."""
    room = new_room()
    projectvoice = await Client(instance, cast.ann, SAMPLE, ["websocket"]).connect()
    await projectvoice.join(room)
    guest = RoomClient(instance)
    await guest.connect()
    await guest.join(room, "Guest")
    hub = await JsonClient.open(instance, room_id=room, client_id="hub")
    await guest.until("user_joined")
    game = await JsonClient.open(instance, room=room, id="game")
    await guest.until("user_joined", 2)
    everybody: list[Speaker] = [ProjectVoice(projectvoice), RoomSignaling(guest), Json(hub, "hub"), Json(game, "game")]
    yield everybody
    await asyncio.gather(*(one.leave() for one in everybody))


async def test_each_hears_who_comes_and_goes(speakers: list[Speaker]):
    for number, speaker in enumerate(speakers):
        for count, later in enumerate(speakers[number + 1 :], start=1):
            assert await speaker.presence(True, count) == later.id
    first, *others = speakers
    gone = 0
    while len(others) > 1:
        await others[-1].leave()
        gone += 1
        for one in (first, *others[:-1]):
            assert await one.presence(False, gone) == others[-1].id
        others.pop()


async def test_every_pair_exchanges_offer_answer_and_candidates(speakers: list[Speaker]):
    signals: dict[tuple[str, str], int] = {}

    async def arrives(at: Speaker, sender: Speaker, kind: str, text: str) -> None:
        signals[at.id, kind] = count = signals.get((at.id, kind), 0) + 1
        assert await at.signal(kind, count) == (sender.id, kind, text)

    for one, other in permutations(speakers, 2):
        mine, theirs = f"{one.id}-{other.id}", f"{other.id}-{one.id}"
        await one.describe(other.id, "offer", sdp(mine))
        await arrives(other, one, "offer", sdp(mine))
        await one.show_path(other.id, PATH.format(ufrag=mine))
        await arrives(other, one, "candidate", PATH.format(ufrag=mine))
        await other.describe(one.id, "answer", sdp(theirs))
        await arrives(one, other, "answer", sdp(theirs))
        await other.show_path(one.id, PATH.format(ufrag=theirs))
        await arrives(one, other, "candidate", PATH.format(ufrag=theirs))
