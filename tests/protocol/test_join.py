"""Joining, leaving, the microphone: who hears of it, and what."""

import asyncio
from time import monotonic

import pytest

from tests.conftest import Instance
from tests.protocol.conftest import ADDRESSES, REAL, SAMPLE, Address, Cast, Client, Connect

ALIASES = ["{0}", "channel-{0}"]
OTHER_SPELLINGS = ["0{0}", " {0}", "{0} ", "{0}.0", "{0}\n", "+{0}", "Channel-{0}"]
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def seated(created: dict) -> list[str]:
    return [participant["socketId"] for participant in created["participants"]]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_created_holds_the_joiner_and_the_room_as_it_was_named(
    connect: Connect, cast: Cast, channel: int, address: Address
):
    ann = await connect(cast.ann, address)
    created = await ann.join(channel)
    assert created == {
        "roomId": channel,
        "participants": [
            {
                "micToggle": True,
                "socketId": ann.id,
                "userData": {
                    "id": cast.ann["user"]["id"],
                    "username": cast.ann["user"]["username"],
                    "profilePicture": None,
                    "role": "user",
                    "status": created["participants"][0]["userData"]["status"],
                    "tag": created["participants"][0]["userData"]["tag"],
                    "isBot": False,
                },
            }
        ],
    }


async def test_nobody_sees_an_e_mail_or_a_token(pair: tuple[Client, Client], cast: Cast):
    ann, bob = pair
    said = str(ann.heard + bob.heard)
    assert cast.ann["user"]["username"] in said
    for secret in (cast.ann["token"], cast.bob["token"], "@example.com"):
        assert secret not in said


async def test_number_text_and_alias_are_one_room(connect: Connect, cast: Cast, channel: int):
    first = await connect(cast.owner)
    await first.join(channel)
    ann = await connect(cast.ann)
    for alias in (alias.format(channel) for alias in ALIASES):
        created = await ann.join(alias)
        assert created["roomId"] == alias
        assert seated(created) == [first.id, ann.id]
    assert [name for name, _ in await first.settled(ann)] == ["created", "user-connected"]


async def test_other_spellings_of_a_channel_are_not_the_channel(connect: Connect, cast: Cast, channel: int):
    ann, bob = await connect(cast.ann), await connect(cast.bob)
    await ann.join(channel)
    for name in [*(name.format(channel) for name in OTHER_SPELLINGS), str(channel).translate(FULL_WIDTH)]:
        assert seated(await bob.join(name)) == [bob.id], name
    for name in ([channel], {"id": channel}, channel + 0.5, True, -channel, 0, None, "", "  ", "\0", "x" * 129):
        before = len(bob.all("error"))
        await bob.say("join-room", name)
        await bob.until("error", before + 1)
    assert [name for name, _ in await ann.settled(bob)] == ["created"]
    assert seated(await bob.join(channel)) == [ann.id, bob.id]


async def test_both_addresses_meet_in_one_room(connect: Connect, cast: Cast, channel: int):
    ann, bob = await connect(cast.ann, REAL), await connect(cast.bob, SAMPLE)
    await ann.join(str(channel))
    assert seated(await bob.join(f"channel-{channel}")) == [ann.id, bob.id]
    assert (await ann.until("user-connected"))["socketId"] == bob.id
    await bob.say("signal", {"to": ann.id, "type": "hello"})
    assert (await ann.until("signal"))["from"] == bob.id


async def test_the_web_client_is_announced_late_and_the_sample_at_once(connect: Connect, cast: Cast, channel: int):
    ann = await connect(cast.ann)
    await ann.join(channel)
    prompt, late = await connect(cast.bob, SAMPLE), await connect(cast.bob, REAL)
    await prompt.join(channel)
    assert [name for name, _ in await ann.settled(prompt)] == ["created", "user-connected"]
    await late.join(channel)
    joined = monotonic()
    assert [name for name, _ in await ann.settled(late)] == ["created", "user-connected"]
    told = await ann.until("user-connected", 2)
    assert told["socketId"] == late.id
    assert monotonic() - joined > 0.4


async def test_who_signals_before_the_announcement_is_announced_first(connect: Connect, cast: Cast, channel: int):
    ann, late = await connect(cast.ann), await connect(cast.bob, REAL)
    await ann.join(channel)
    await late.join(channel)
    await late.say("signal", {"to": ann.id, "type": "early"})
    await ann.until("signal")
    await asyncio.sleep(0.8)  # the announcement would come a second time by now
    assert [name for name, _ in await ann.settled(late)] == ["created", "user-connected", "signal"]


async def test_who_leaves_before_the_announcement_was_never_there(connect: Connect, cast: Cast, channel: int):
    ann, hasty, late = await connect(cast.ann), await connect(cast.bob, REAL), await connect(cast.bob, REAL)
    await ann.join(channel)
    await hasty.join(channel)
    await hasty.say("leave-room", channel)
    await hasty.settled()
    await late.join(channel)  # announced after the hasty one would have been
    assert (await ann.until("user-connected"))["socketId"] == late.id
    assert [name for name, _ in ann.heard] == ["created", "user-connected"]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_joining_twice_adds_nobody(connect: Connect, cast: Cast, channel: int, address: Address):
    ann, bob = await connect(cast.ann), await connect(cast.bob, address)
    await ann.join(channel)
    for _ in range(20):
        await bob.say("join-room", channel)
    assert seated(await bob.until("created", 20)) == [ann.id, bob.id]
    await ann.until("user-connected")
    await bob.say("leave-room")
    assert await ann.until("user-disconnected") == bob.id
    assert [name for name, _ in await ann.settled(bob)] == ["created", "user-connected", "user-disconnected"]


async def test_joining_another_room_leaves_the_first(pair: tuple[Client, Client], cast: Cast, instance: Instance):
    ann, bob = pair
    await bob.join("elsewhere")
    assert await ann.until("user-disconnected") == bob.id
    await ann.say("signal", {"to": bob.id, "type": "gone"})
    await bob.say("signal", {"to": ann.id, "type": "gone"})
    assert not [data for name, data in [*await ann.settled(bob), *await bob.settled(ann)] if name == "signal"]


async def test_a_refused_join_leaves_one_where_he_was(pair: tuple[Client, Client], cast: Cast):
    ann, bob = pair
    await bob.say("join-room", cast.foreign_channel)
    await bob.until("error")
    await bob.say("signal", {"to": ann.id, "type": "here"})
    await ann.until("signal")
    assert not ann.all("user-disconnected")


async def test_two_sockets_of_one_user_are_two_participants(connect: Connect, cast: Cast, channel: int):
    one, two = await connect(cast.ann), await connect(cast.ann)
    await one.join(channel)
    assert seated(await two.join(channel)) == [one.id, two.id]
    await one.say("signal", {"to": two.id, "type": "hello"})
    assert (await two.until("signal"))["from"] == one.id
    await two.leave()
    assert await one.until("user-disconnected") == two.id


async def test_another_user_on_the_same_socket_is_shown_as_himself(pair: tuple[Client, Client], cast: Cast, channel: int):
    ann, bob = pair
    await bob.join(channel, cast.owner["token"])
    assert await ann.until("user-disconnected") == bob.id
    assert (await ann.until("user-connected", 2))["userData"]["id"] == cast.owner["user"]["id"]


async def test_leave_and_join_without_waiting_end_as_the_last_call_says(pair: tuple[Client, Client], channel: int):
    ann, bob = pair
    for _ in range(5):
        await bob.say("leave-room")
        await bob.say("join-room", channel)
    await bob.say("leave-room")
    await bob.settled()
    await ann.settled(bob)
    assert ann.heard[-1] == ("user-disconnected", bob.id)
    assert len(ann.all("user-connected")) == len(ann.all("user-disconnected")) == 6


@pytest.mark.parametrize("room", ["own", "alias", "none", "null"])
async def test_leave_room_tells_the_others_once(pair: tuple[Client, Client], channel: int, room: str):
    ann, bob = pair
    await bob.say("leave-room", *{"own": (channel,), "alias": (f"channel-{channel}",), "none": (), "null": (None,)}[room])
    await bob.say("leave-room")
    assert await ann.until("user-disconnected") == bob.id
    await ann.say("signal", {"to": bob.id, "type": "after"})
    assert not [name for name, _ in await bob.settled(ann) if name in {"signal", "error"}]
    assert len(ann.all("user-disconnected")) == 1
    assert bob.io.connected


async def test_leaving_another_room_changes_nothing(pair: tuple[Client, Client]):
    ann, bob = pair
    await bob.say("leave-room", "elsewhere")
    await bob.say("leave-room", 999_999)
    await bob.say("signal", {"to": ann.id, "type": "here"})
    assert (await ann.until("signal"))["from"] == bob.id
    assert not ann.all("user-disconnected")


async def test_mic_toggle_is_told_to_the_others_and_stays_true(
    pair: tuple[Client, Client], connect: Connect, cast: Cast, channel: int
):
    ann, bob = pair
    # boolean, toggling object as the web client sends it, explicit object, nothing
    for says, then in (((False,), False), (({"roomId": channel},), True), (({"micToggle": False},), False), ((), True)):
        before = len(ann.all("user-mic-toggle"))
        await bob.say("toggle-mic", *says)
        assert await ann.until("user-mic-toggle", before + 1) == {"socketId": bob.id, "micToggle": then}
    await bob.say("toggle-mic", False)
    await bob.settled()
    assert not bob.all("user-mic-toggle")
    owner = await connect(cast.owner)
    created = await owner.join(channel)
    assert {seat["socketId"]: seat["micToggle"] for seat in created["participants"]} == {
        ann.id: True,
        bob.id: False,
        owner.id: True,
    }


async def test_a_microphone_switched_before_the_announcement_is_told_with_it(connect: Connect, cast: Cast, channel: int):
    ann, late = await connect(cast.ann), await connect(cast.bob, REAL)
    await ann.join(channel)
    await late.join(channel)
    await late.say("toggle-mic", False)
    assert await ann.until("user-mic-toggle") == {"socketId": late.id, "micToggle": False}
    assert [name for name, _ in ann.heard] == ["created", "user-connected", "user-mic-toggle"]
