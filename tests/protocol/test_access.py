"""Who is let into a voice channel. Beside every refusal a member succeeds, and the others hear of him only."""

import asyncio
import base64
import json
from typing import Any

import pytest
import requests
import socketio

from tests.conftest import PATIENCE, Instance
from tests.protocol.conftest import ADDRESSES, REAL, SAMPLE, Address, Cast, Client, Connect, talks


def changed(token: str) -> str:
    """The same token, signed by nobody we know."""
    head, body, signature = token.split(".")
    return f"{head}.{body}.{signature[::-1]}"


def unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def renamed(token: str) -> str:
    """Claims of another user under the old signature."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["user_id"] += 1
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.{signature}"


async def refused(client: Client, *join: Any) -> None:
    before = len(client.all("error"))
    await client.say("join-room", *join)
    error = await client.until("error", before + 1)
    assert error.keys() == {"message"}
    assert error["message"]
    assert not client.all("created")


@pytest.mark.parametrize("address", ADDRESSES)
async def test_only_a_good_token_opens_the_door(connect: Connect, cast: Cast, channel: int, address: Address):
    ann, newcomer = await connect(cast.ann), await connect(None, address)
    await ann.join(channel)
    token = cast.bob["token"]
    await refused(newcomer, channel)
    for bad in (changed(token), unsigned(token), renamed(token), "garbage", "a.b.c", "", "\0", "x" * 10_000):
        await refused(newcomer, channel, bad)
    for odd in (1, True, [token], {"token": token}, 0.5):
        await refused(newcomer, channel, odd)
    await refused(newcomer, "some-open-room")
    assert [name for name, _ in await ann.settled(newcomer)] == ["created"]
    await newcomer.join(channel, token)
    assert (await ann.until("user-connected"))["userData"]["id"] == cast.bob["user"]["id"]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_the_token_of_the_handshake_alone_suffices(connect: Connect, cast: Cast, channel: int, address: Address):
    bob = await connect(cast.bob, address)
    assert (await bob.join(channel))["participants"][0]["userData"]["id"] == cast.bob["user"]["id"]


async def test_the_token_of_join_room_wins_over_the_handshakes(connect: Connect, cast: Cast, channel: int):
    ann = await connect(cast.ann)
    created = await ann.join(channel, cast.bob["token"])
    assert [seat["userData"]["id"] for seat in created["participants"]] == [cast.bob["user"]["id"]]
    other = await connect(cast.ann)
    await refused(other, channel, changed(cast.ann["token"]))


async def test_a_bad_handshake_token_is_refused_on_the_namespace_and_ignored_on_the_path(
    connect: Connect, cast: Cast, channel: int
):
    for bad in ("garbage", changed(cast.bob["token"]), "x" * 5000, 7, ["a"], {"a": 1}):
        with pytest.raises(socketio.exceptions.ConnectionError):
            await connect(None, SAMPLE, token=bad)
    bob = await connect(None, REAL, token="garbage")
    await refused(bob, channel)
    await bob.join(channel, cast.bob["token"])


@pytest.mark.parametrize("wrong", [Address("/socket", "/socket"), Address("/socket.io", "/"), Address("/socket.io", "/admin")])
async def test_other_namespaces_are_refused(connect: Connect, cast: Cast, wrong: Address):
    await connect(cast.bob, SAMPLE)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await connect(cast.bob, wrong)


async def test_a_stranger_stays_outside(connect: Connect, cast: Cast, channel: int):
    ann, stranger, bob = await connect(cast.ann), await connect(cast.stranger), await connect(cast.bob)
    await ann.join(channel)
    for name in (channel, str(channel), f"channel-{channel}"):
        await refused(stranger, name)
        await refused(stranger, name, cast.stranger["token"])
    await stranger.say("signal", {"to": ann.id, "type": "offer", "sdp": "v=0"})
    await stranger.say("toggle-mic", False)
    await stranger.say("leave-room", channel)
    assert [name for name, _ in await ann.settled(stranger)] == ["created"]
    await bob.join(channel)
    assert [name for name, _ in await ann.settled(bob)] == ["created", "user-connected"]
    await talks(ann, bob)


async def test_only_voice_channels_that_exist_hold_calls(connect: Connect, cast: Cast, channel: int, instance: Instance):
    bob = await connect(cast.bob)
    channels = f"/servers/{cast.server}/channels"
    text = instance.api("POST", channels, cast.owner["token"], name="chat", type="text").json()["id"]
    gone = instance.api("POST", channels, cast.owner["token"], name="gone", type="voice").json()["id"]
    assert instance.api("DELETE", f"{channels}/{gone}", cast.owner["token"]).status_code == 204
    direct = instance.api("POST", "/dms", cast.bob["token"], userId=cast.ann["user"]["id"]).json()["id"]
    for refusing in (text, gone, direct, 2**31, 2**63 - 1, 2**63, 10**30, cast.foreign_channel):
        await refused(bob, refusing)
        await refused(bob, f"channel-{text}")
    await bob.join(channel)


async def test_a_member_whose_server_was_left_comes_back_by_invite_only(
    connect: Connect, cast: Cast, channel: int, instance: Instance
):
    guest = instance.sign_up("guest")
    client = await connect(guest)
    await refused(client, channel)
    invite = instance.api("POST", f"/invite/{cast.server}/invite", cast.owner["token"]).json()["invite"]["token"]
    assert instance.api("POST", f"/invite/invite/{invite}/accept", guest["token"]).status_code == 200
    await client.join(channel)


async def test_the_public_socket_id_does_not_open_the_engines_session(pair: tuple[Client, Client], instance: Instance):
    ann, bob = pair
    address = f"{instance.url}/socket.io/?EIO=4&transport=polling&sid={ann.id}"
    for method, body in (("GET", None), ("POST", "41/socket,")):
        answer = await asyncio.to_thread(requests.request, method, address, data=body, timeout=PATIENCE)
        assert answer.status_code == 400
    await talks(ann, bob)
