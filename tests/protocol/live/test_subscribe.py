"""Who subscribes hears what happens where he may see it, in order, and nobody else does."""

import pytest

from tests.protocol.addresses import ADDRESSES, Address
from tests.protocol.conftest import BOTH_WAYS, Connect
from tests.protocol.live.conftest import Stage, contents, sequences, subscribed, subscriber, told


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_message_is_told_to_who_may_read_it(connect: Connect, stage: Stage, address: Address):
    ann = await connect(stage.ann, address)
    snapshot = await subscribed(ann)
    stranger, silent = await subscriber(connect, stage.stranger), await connect(stage.bob)
    message = stage.write("hello")
    told_her = await ann.until("message-created")
    assert told_her["message"]["id"] == message
    assert (told_her["serverId"], told_her["channelId"]) == (stage.server, stage.channel)
    assert told_her["seq"] > snapshot["seq"]
    assert snapshot["user"] == {"id": stage.ann["user"]["id"], "username": stage.ann["user"]["username"]}
    assert stage.channel in {channel["id"] for channel in snapshot["servers"][0]["channels"]}
    assert not snapshot["replaying"]
    assert contents(stranger) == []
    assert [name for name, _ in await silent.settled()] == []


async def test_events_come_in_the_order_of_their_sequence(connect: Connect, stage: Stage):
    ann = await subscriber(connect, stage.ann)
    for number in range(20):
        stage.write(str(number))
    await ann.until("message-created", 20)
    assert contents(ann) == [str(number) for number in range(20)]
    assert sequences(ann) == sorted(set(sequences(ann)))


async def test_who_unsubscribes_hears_no_more(connect: Connect, stage: Stage):
    ann, bob = await subscriber(connect, stage.ann), await subscriber(connect, stage.bob)
    await ann.say("unsubscribe")
    await ann.settled()
    stage.write("later")
    await bob.until("message-created")
    await ann.settled()
    assert told(ann) == []


async def test_the_same_token_may_come_with_the_frame(connect: Connect, stage: Stage):
    ann = await connect(None)
    snapshot = await subscribed(ann, token=stage.ann["token"])
    assert snapshot["user"]["id"] == stage.ann["user"]["id"]
    stage.write("hello")
    await ann.until("message-created")


async def test_without_a_token_nobody_subscribes(connect: Connect, stage: Stage):
    nobody = await connect(None)
    await nobody.say("subscribe")
    assert "signed in" in (await nobody.until("error"))["message"].lower()
    await nobody.say("subscribe", {"token": "abc"})
    await nobody.until("error", 2)
    assert nobody.all("subscribed") == []


BAD = [
    None, "", "x", 5, 1.5, True, [], [[]], {"since": "5"}, {"since": -1}, {"since": 1.5}, {"since": True}, {"since": 2**63},
    {"since": 10**30}, {"since": []}, {"since": {}}, {"servers": 5}, {"servers": {}}, {"servers": ["5"]}, {"servers": [None]},
    {"servers": [-1]}, {"servers": [True]}, {"servers": list(range(1001))}, {"token": 5}, {"token": ""}, {"token": []},
    {"token": "x" * 5000}, {"token": "\x00"},
]  # fmt: skip


@pytest.mark.parametrize("word", ["subscribe", "typing", "presence"])
async def test_a_malformed_frame_hurts_only_its_sender(connect: Connect, stage: Stage, word: str):
    ann, bob = await subscriber(connect, stage.ann), await subscriber(connect, stage.bob)
    refused = 0
    for said in BAD:
        if word == "subscribe" and said in (None, {}):
            continue
        await ann.say(word, said)
        refused += 1
    await ann.until("error", refused)
    stage.write("still here")
    assert (await bob.until("message-created"))["message"]["content"] == "still here"


async def test_the_servers_may_be_narrowed_down(connect: Connect, stage: Stage, instance):
    other, _ = instance.voice_channel(stage.owner, stage.ann)
    answer = instance.api("POST", f"/servers/{other}/channels", stage.owner["token"], name="text", type="text")
    ann = await connect(stage.ann)
    snapshot = await subscribed(ann, servers=[other])
    assert [server["id"] for server in snapshot["servers"]] == [other]
    stage.write("not for this socket")
    stage.write("for it", channel=answer.json()["id"])
    await ann.until("message-created")
    assert contents(ann) == ["for it"]


@BOTH_WAYS
async def test_over_polling_too(connect: Connect, stage: Stage):
    ann = await subscriber(connect, stage.ann, transports=("polling",))
    for number in range(30):
        stage.write(str(number))
    await ann.until("message-created", 30)
    assert contents(ann) == [str(number) for number in range(30)]
