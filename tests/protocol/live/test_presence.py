"""Who is there is known to friends and to members of the same servers, over all nodes; one who reloads was never away."""

import asyncio

from tests.protocol.conftest import TWO_WORKERS, Client, Connect
from tests.protocol.live.conftest import Stage, subscribed, subscriber


def statuses(client: Client, user: dict) -> list[str]:
    return [said["status"] for said in client.all("presence") if said["userId"] == user["user"]["id"]]


async def until_status(client: Client, user: dict, status: str) -> None:
    while status not in statuses(client, user)[-1:]:
        await client.until("presence", len(client.all("presence")) + 1)


@TWO_WORKERS
async def test_members_of_a_server_hear_who_comes_and_goes(connect: Connect, stage: Stage):
    ann = await subscriber(connect, stage.ann, worker=0)
    stranger = await subscriber(connect, stage.stranger, worker=0)
    bob = await connect(stage.bob, worker=1)
    snapshot = await subscribed(bob)
    await until_status(ann, stage.bob, "online")
    assert {"userId": stage.ann["user"]["id"], "status": "online"} in snapshot["presences"]
    await bob.leave()
    await until_status(ann, stage.bob, "offline")
    assert statuses(ann, stage.bob) == ["online", "offline"]
    await stranger.settled()
    assert {said["userId"] for said in stranger.all("presence")} == {stage.stranger["user"]["id"]}


@TWO_WORKERS
async def test_the_most_present_device_counts(connect: Connect, stage: Stage):
    ann = await subscriber(connect, stage.ann, worker=0)
    laptop = await subscriber(connect, stage.bob, worker=1)
    phone = await subscriber(connect, stage.bob, worker=0)
    await until_status(ann, stage.bob, "online")
    await laptop.say("presence", {"status": "idle"})
    await laptop.settled()
    await phone.say("presence", {"status": "invisible"})
    await until_status(ann, stage.bob, "idle")
    await laptop.say("presence", {"status": "invisible"})
    await until_status(ann, stage.bob, "offline")
    await phone.say("presence", {"status": "dnd"})
    await until_status(ann, stage.bob, "dnd")
    assert statuses(ann, stage.bob) == ["online", "idle", "offline", "dnd"]


async def test_a_reload_is_no_absence(connect: Connect, stage: Stage):
    ann = await subscriber(connect, stage.ann)
    for _ in range(3):
        bob = await subscriber(connect, stage.bob)
        await until_status(ann, stage.bob, "online")
        await bob.leave()
    bob = await subscriber(connect, stage.bob)
    await bob.say("presence", {"status": "idle"})
    await until_status(ann, stage.bob, "idle")
    assert statuses(ann, stage.bob) == ["online", "idle"]


async def test_rest_shows_it(connect: Connect, stage: Stage):
    bob = await subscriber(connect, stage.bob)
    await until_rest(stage, "online")
    await bob.say("presence", {"status": "dnd"})
    await until_rest(stage, "dnd")
    await bob.leave()
    await until_rest(stage, "offline")


async def until_rest(stage: Stage, status: str) -> None:
    path, token = f"/users/{stage.bob['user']['id']}", stage.ann["token"]
    async with asyncio.timeout(60):
        while stage.instance.api("GET", path, token).json()["status"] != status:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


@TWO_WORKERS
async def test_who_writes_is_told_to_who_reads(connect: Connect, stage: Stage):
    ann, bob = await subscriber(connect, stage.ann, worker=0), await subscriber(connect, stage.bob, worker=1)
    stranger = await subscriber(connect, stage.stranger, worker=0)
    for _ in range(3):  # more often than it is passed on
        await bob.say("typing", {"channelId": stage.channel})
    said = await ann.until("typing")
    assert said == {
        "channelId": stage.channel,
        "serverId": stage.server,
        "userId": stage.bob["user"]["id"],
        "username": stage.bob["user"]["username"],
    }
    await stranger.say("typing", {"channelId": stage.channel})
    await stranger.until("error")
    await ann.settled(bob, stranger)
    assert (ann.all("typing"), bob.all("typing"), stranger.all("typing")) == ([said], [], [])


async def test_what_needs_a_subscription_is_refused_without_one(connect: Connect, stage: Stage):
    ann = await connect(stage.ann)
    await ann.say("typing", {"channelId": stage.channel})
    await ann.say("presence", {"status": "online"})
    assert await ann.until("error", 2) == {"message": "Subscribe first"}
