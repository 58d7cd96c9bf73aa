"""What happened in somebody's call can be read afterwards: by himself and by moderators, without addresses."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.conftest import PATIENCE, Instance
from tests.protocol.conftest import TWO_WORKERS, Cast, Connect

ADDRESS = "203.0.113.7"
CANDIDATE = {"candidate": f"candidate:1 1 udp 1 {ADDRESS} 5000 typ srflx raddr 0.0.0.0 rport 0", "sdpMid": "0"}
SDP = f"v=0\r\na=ice-ufrag:abcd\r\na=candidate:1 1 udp 1 {ADDRESS} 5000 typ host\r\n"


async def timeline(instance: Instance, user: dict, channel: int, wanted: Callable[[dict], bool]) -> dict:
    """Of his newest session there, once it is as wanted: it is written some seconds late."""
    async with asyncio.timeout(PATIENCE):
        while True:
            listed = await asyncio.to_thread(instance.api, "GET", "/voice/sessions", user["token"])
            for session in listed.json()["sessions"]:
                if session["channelId"] == channel:
                    path = f"/voice/sessions/{session['id']}/timeline"
                    answer = (await asyncio.to_thread(instance.api, "GET", path, user["token"])).json()
                    if wanted(answer):
                        return answer
                    break
            await asyncio.sleep(0.3)


def kinds(answer: dict) -> list[tuple[str, Any, Any]]:
    return [(one["kind"], one["peer"] and one["peer"]["user"]["id"], one["details"]) for one in answer["moments"]]


def is_over(answer: dict) -> bool:
    return answer["session"]["endedAt"] is not None


@TWO_WORKERS
async def test_both_sides_of_a_call_across_workers(instance: Instance, connect: Connect, cast: Cast, channel: int) -> None:
    ann, bob = await connect(cast.ann, worker=0), await connect(cast.bob, worker=1)
    await ann.join(channel)
    await bob.join(channel)
    await ann.until("user-connected")
    await ann.say("signal", {"to": bob.id, "type": "offer", "sdp": SDP})
    await bob.until("signal")
    await ann.say("signal", {"to": bob.id, "type": "candidate", "candidate": CANDIDATE})
    await bob.until("signal", 2)
    await bob.say("signal", {"to": ann.id, "type": "answer", "sdp": "v=0\r\na=ice-ufrag:efgh\r\n"})
    await ann.until("signal")
    await ann.say("link-state", {"to": bob.id, "state": "connected", "way": "srflx"})
    await ann.say("toggle-mic", False)
    await ann.say("leave-room")
    await bob.until("user-disconnected")
    his, hers = cast.bob["user"]["id"], cast.ann["user"]["id"]

    answer = await timeline(instance, cast.ann, channel, is_over)
    assert kinds(answer) == [
        ("joined", None, {"people": 1}),
        ("peer-joined", his, {}),
        ("offer-sent", his, {"candidates": {"host": 1}}),
        ("candidates-sent", his, {"srflx": 1}),
        ("answer-received", his, {}),
        ("link-state", his, {"state": "connected", "way": "srflx"}),
        ("microphone", None, {"on": False}),
    ]
    assert answer["session"]["reason"] == "left"
    assert answer["session"]["socketId"] == ann.id
    assert answer["session"]["dialect"] == "projectvoice"
    assert answer["omitted"] == 0
    assert ADDRESS not in str(answer)

    answer = await timeline(instance, cast.bob, channel, lambda one: len(one["moments"]) == 6)
    assert kinds(answer) == [
        ("joined", None, {"people": 2}),
        ("offer-received", hers, {"candidates": {"host": 1}}),
        ("candidates-received", hers, {"srflx": 1}),
        ("answer-sent", hers, {}),
        ("peer-microphone", hers, {"on": False}),
        ("peer-left", hers, {}),
    ]
    assert not is_over(answer)


async def test_it_says_why_one_was_put_out(instance: Instance, connect: Connect, cast: Cast) -> None:
    vera = instance.sign_up("vera")
    server, channel = instance.voice_channel(cast.owner, vera)
    client = await connect(vera)
    await client.join(channel)
    members = instance.api("GET", f"/serverMembers/{server}/members", cast.owner["token"]).json()
    member_id = next(member["id"] for member in members if member["userId"] == vera["user"]["id"])
    instance.api("DELETE", f"/serverMembers/{server}/members/{member_id}", cast.owner["token"])
    assert (await timeline(instance, vera, channel, is_over))["session"]["reason"] == "not-a-member"


async def test_who_moves_on_or_drops_out_ends_his_session(
    instance: Instance, connect: Connect, cast: Cast, channel: int
) -> None:
    other = instance.api("POST", f"/servers/{cast.server}/channels", cast.owner["token"], name="other", type="voice").json()[
        "id"
    ]
    client = await connect(cast.ann)
    await client.join(channel)
    await client.join(other)
    await client.join(other)
    await client.leave()
    assert (await timeline(instance, cast.ann, channel, is_over))["session"]["reason"] == "another-room"
    answer = await timeline(instance, cast.ann, other, is_over)
    assert answer["session"]["reason"] == "disconnected"
    assert [kind for kind, _, _ in kinds(answer)] == ["joined", "joined"]


async def test_when_the_process_stops_its_sessions_are_over_and_open_rooms_leave_nothing(
    instance: Instance, connect: Connect, cast: Cast
) -> None:
    other = Instance(instance.env)
    other.start()
    try:
        channel = other.api("POST", f"/servers/{cast.server}/channels", cast.owner["token"], name="c", type="voice").json()[
            "id"
        ]
        client = await connect(cast.bob, instance=other)
        await client.join("an open room")
        await client.join(channel)
    finally:
        await asyncio.to_thread(other.stop)
    answer = await timeline(instance, cast.bob, channel, is_over)
    assert answer["session"]["reason"] in {"disconnected", "server-stopped"}  # whichever is noticed first
    assert [kind for kind, _, _ in kinds(answer)] == ["joined"]
