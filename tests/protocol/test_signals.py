"""What one peer says to another arrives as it was said, in order, from whom it says, and nowhere else."""

import asyncio
import secrets
from time import monotonic
from typing import Any

import pytest

from tests.conftest import Instance
from tests.protocol.conftest import ADDRESSES, REAL, Address, Cast, Client, Connect, talks

ESCAPES = '\r\n"\\/\t\u0001é😀\u2028</script>'
BODIES: dict[str, dict[str, Any]] = {
    "text": {"sdp": "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n"},
    "object": {"sdp": {"type": "offer", "sdp": "v=0\r\n"}},
    "nested": {"sdp": {"a": [1, {"b": [None, True, -0.5, {}]}]}, "more": [[[]]]},
    "null": {"sdp": None, "candidate": None},
    "number": {"sdp": 7, "candidate": 1.5},
    "list": {"candidate": [1, "2", {}]},
    "unicode": {"sdp": ESCAPES},
    "nothing": {},
    "candidate": {"candidate": {"candidate": "candidate:1 1 UDP 1 192.168.1.1 5 typ host", "sdpMid": "0", "sdpMLineIndex": 0}},
    "64 kB": {"sdp": "x" * 65_536},
    "64 kB of escapes": {"sdp": "\r\n" * 32_768},
    "64 kB of emoji": {"sdp": "😀" * 16_384},
    "200 kB": {"sdp": "x" * 200_000},
    "deep": {"sdp": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]},
    "its own keys": {"userData": {"id": 1}, "socketId": "forged", "roomId": 1, "room": "x", "sender": "forged"},
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("kind", ["offer", "answer", "candidate", "bye"])
async def test_a_body_arrives_as_it_was_said(pair: tuple[Client, Client], body: str, kind: str):
    ann, bob = pair
    await ann.say("signal", {"to": bob.id, "type": kind, **BODIES[body]})
    assert await bob.until("signal") == {"from": ann.id, "to": ann.id, "type": kind, **BODIES[body]}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_five_hundred_candidates_keep_their_order(
    connect: Connect, cast: Cast, channel: int, address: Address, transport: str
):
    ann, bob = [await connect(user, address, transports=(transport,)) for user in (cast.ann, cast.bob)]
    await ann.join(channel)
    await bob.join(channel)
    for number in range(500):
        await ann.say("signal", {"to": bob.id, "type": "candidate", "candidate": {"number": number}})
    await bob.until("signal", 500)
    assert [signal["candidate"]["number"] for signal in bob.all("signal")] == list(range(500))


async def test_the_server_says_who_speaks(pair: tuple[Client, Client]):
    ann, bob = pair
    await bob.say("signal", {"from": ann.id, "to": ann.id, "type": "offer", "sdp": "x"})
    assert await ann.until("signal") == {"from": bob.id, "to": bob.id, "type": "offer", "sdp": "x"}


async def test_only_the_one_named_hears_it(pair: tuple[Client, Client], connect: Connect, cast: Cast, channel: int):
    ann, bob = pair
    third = await connect(cast.owner)
    await third.join(channel)
    nobody: list[Any] = ["", "all", "*", "unknown", str(channel), channel, f"channel-{channel}", ann.id]
    nobody += [[bob.id], {"id": bob.id}, None, True, 1.5, f" {bob.id}", f"{bob.id}\0", "x" * 10_000]
    for to in nobody:
        await ann.say("signal", {"to": to, "type": "lost"})
    await ann.say("signal", {"type": "lost"})
    await ann.say("signal", {"to": bob.id, "type": "found"})
    assert (await bob.until("signal"))["type"] == "found"
    for client in (ann, bob, third):
        assert [data["type"] for name, data in await client.settled(ann) if name == "signal"] in ([], ["found"])
    assert not third.all("signal")


async def test_signals_stay_inside_the_room(pair: tuple[Client, Client], connect: Connect, cast: Cast, instance: Instance):
    ann, bob = pair
    outside, idle = await connect(cast.stranger), await connect(cast.stranger)
    await outside.join(cast.foreign_channel)
    for one, other in ((outside, ann), (ann, outside), (idle, ann), (ann, idle)):
        await one.say("signal", {"to": other.id, "type": "over-the-fence"})
        assert not [name for name, _ in await other.settled(one) if name == "signal"]
    await idle.until("error")
    await talks(ann, bob)


def sdp(ufrag: str) -> str:
    """As much of a description as the arbiter reads."""
    return (
        f"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:x\r\n"
    )


def description(kind: str, to: Client, shape: str = "text") -> dict:
    text = sdp(secrets.token_hex(2))
    return {"to": to.id, "type": kind, "sdp": text if shape == "text" else {"type": kind, "sdp": text}}


@pytest.mark.parametrize("shape", ["text", "object"])
async def test_of_two_crossing_offers_the_answered_one_is_enough(pair: tuple[Client, Client], shape: str):
    ann, bob = pair
    await ann.say("signal", first := description("offer", bob, shape))
    await bob.until("signal")
    await bob.say("signal", description("offer", ann, shape))
    await ann.settled(bob)
    assert not ann.all("signal"), "the second offer is held"
    assert bob.all("signal")[0]["sdp"] == first["sdp"]
    await bob.say("signal", answer := description("answer", ann, shape))
    heard = await ann.until("signal")
    assert (heard["type"], heard["sdp"]) == ("answer", answer["sdp"])
    await asyncio.sleep(1.2)  # an offer that were only delayed would come now
    assert [signal["type"] for signal in ann.all("signal")] == ["answer"]


async def test_a_held_offer_is_released_when_the_first_stays_unanswered(pair: tuple[Client, Client]):
    ann, bob = pair
    await ann.say("signal", description("offer", bob))
    await bob.until("signal")
    started = monotonic()
    await bob.say("signal", held := description("offer", ann))
    heard = await ann.until("signal")
    assert (heard["type"], heard["sdp"]) == ("offer", held["sdp"])
    assert monotonic() - started > 0.5


async def test_offers_one_after_the_other_are_not_held(pair: tuple[Client, Client]):
    ann, bob = pair
    for offerer, answerer in ((ann, bob), (bob, ann)):
        before = len(answerer.all("signal")), len(offerer.all("signal"))
        await offerer.say("signal", description("offer", answerer))
        assert (await answerer.until("signal", before[0] + 1))["type"] == "offer"
        await answerer.say("signal", description("answer", offerer))
        assert (await offerer.until("signal", before[1] + 1))["type"] == "answer"


async def test_both_addresses_signal_each_other(connect: Connect, cast: Cast, channel: int):
    ann, bob = await connect(cast.ann, REAL), await connect(cast.bob)
    await ann.join(channel)
    await bob.join(channel)
    await talks(ann, bob)
