"""Who loses a right hears nothing that came after; who gains one hears from then on. `rights` says so to him alone."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from servers.permissions import Permission
from tests.protocol.conftest import TWO_WORKERS, Client, Connect
from tests.protocol.live.conftest import Stage, contents, sequences, subscribed, subscriber, told

NO_VIEW = {"allow": "0", "deny": str(int(Permission.VIEW_CHANNEL))}


def everyone(stage: Stage) -> int:
    roles = stage.instance.api("GET", f"/servers/{stage.server}/roles", stage.owner["token"]).json()
    return next(role["id"] for role in roles if role["name"] == "@everyone")


def hide(stage: Stage, channel: int, role: int, **change: str) -> None:
    path = f"/servers/{stage.server}/channels/{channel}/permissions/roles/{role}"
    answer = stage.instance.api("PUT", path, stage.owner["token"], **(change or NO_VIEW))
    assert answer.status_code == 200, answer.text


@TWO_WORKERS
async def test_after_a_kick_not_even_the_next_message_is_told(connect: Connect, stage: Stage):
    """Many times over: the kick and the message follow each other as closely as they can. Ann shows how far Bob's worker is."""
    ann, bob = await subscriber(connect, stage.ann, worker=1), await subscriber(connect, stage.bob, worker=1)
    for round in range(50):
        stage.write(f"before {round}")
        await bob.until("message-created", round + 1)
        stage.kick(stage.bob)
        stage.write(f"secret {round}")
        await ann.until("message-created", 2 * round + 2)
        stage.let_in(stage.bob)
    await bob.until("server-joined", 50)
    assert contents(bob) == [f"before {round}" for round in range(50)]
    left = [said for said in bob.all("rights") if said["permissions"] is None]
    assert [said["serverId"] for said in left] == [stage.server] * 50


@TWO_WORKERS
async def test_who_writes_while_somebody_is_kicked_is_heard_until_then(connect: Connect, stage: Stage):
    """A message that was begun after the kick was answered is never told."""
    bob = await subscriber(connect, stage.bob, worker=1)
    ann = await subscriber(connect, stage.ann, worker=1)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(3) as pool:
        for round in range(10):
            writing = [loop.run_in_executor(pool, stage.write, "meanwhile", who) for who in (stage.ann, stage.owner)]
            await loop.run_in_executor(pool, stage.kick, stage.bob)
            stage.write("secret")
            await asyncio.gather(*writing)
            await ann.until("message-created", 3 * round + 3)
            stage.let_in(stage.bob)
    await bob.until("server-joined", 10)
    stage.write("last")
    while "last" not in contents(bob):
        await bob.until("message-created", len(bob.all("message-created")) + 1)
    assert "secret" not in contents(bob)
    assert sequences(bob) == sorted(set(sequences(bob)))


async def test_a_channel_that_is_hidden_falls_silent_and_comes_back(connect: Connect, stage: Stage):
    ann, owner = await subscriber(connect, stage.ann), await subscriber(connect, stage.owner)
    role = everyone(stage)
    stage.write("open")
    hide(stage, stage.channel, role)
    stage.write("hidden")
    # Told before it is shown again: whoever may see a channel then hears what was written while he might not.
    await owner.until("message-created", 2)
    hide(stage, stage.channel, role, allow="0", deny="0")
    stage.write("open again")
    await owner.until("message-created", 3)
    await ann.until("message-created", 2)
    assert contents(ann) == ["open", "open again"]
    hidden, shown = ann.all("rights")[-2:]
    assert stage.channel not in {channel["id"] for channel in hidden["channels"]}
    assert stage.channel in {channel["id"] for channel in shown["channels"]}
    assert owner.all("rights") == []


async def test_a_new_channel_and_a_new_server_are_heard_of_at_once(connect: Connect, stage: Stage, instance):
    ann, stranger = await subscriber(connect, stage.ann), await subscriber(connect, stage.stranger)
    channel = stage.new_channel("fresh")
    stage.write("first", channel=channel)
    assert (await ann.until("channel-created"))["channel"]["id"] == channel
    await ann.until("message-created")
    stage.let_in(stage.stranger)
    stage.write("welcome", channel=channel)
    await stranger.until("message-created")
    assert contents(stranger) == ["welcome"]
    assert [name for name, _ in told(stranger)] == ["server-joined", "member-joined", "message-created"]
    presence = [said["userId"] for said in stranger.all("presence")]
    assert stage.ann["user"]["id"] in presence, "who joins a server learns who is there"
    gained = stranger.all("rights")[-1]
    assert gained["serverId"] == stage.server
    assert int(gained["permissions"]) & Permission.VIEW_CHANNEL


@pytest.mark.parametrize("ending", ["logout", "blocked", "deleted"])
async def test_with_the_session_the_subscription_ends(connect: Connect, stage: Stage, instance, ending: str):
    ann, owner = await subscriber(connect, stage.ann), await subscriber(connect, stage.owner)
    stage.write("before")
    await ann.until("message-created")
    match ending:
        case "logout":
            assert instance.api("DELETE", "/auth/sessions/current", stage.ann["token"]).ok
        case "blocked":
            instance.manage("block_user", stage.ann["user"]["email"], "--reason", "for the test")
        case "deleted":
            assert instance.api("DELETE", "/users/", stage.ann["token"]).status_code == 200
    stage.write("secret")
    await owner.until("message-created", 2)
    await ann.until("disconnect")
    assert contents(ann) == ["before"]


async def test_conversations_are_heard_by_who_takes_part(connect: Connect, stage: Stage, instance):
    ann, bob = await subscriber(connect, stage.ann), await subscriber(connect, stage.bob)
    owner = await subscriber(connect, stage.owner)
    answer = instance.api("POST", "/dms", stage.ann["token"], userId=stage.bob["user"]["id"])
    assert answer.status_code in {200, 201}, answer.text
    channel = answer.json()["id"]
    stage.write("psst", by=stage.ann, channel=channel)
    for one in (ann, bob):
        said = await one.until("message-created")
        assert said["channelId"] == channel
        assert "serverId" not in said
    await bob.say("typing", {"channelId": channel})
    assert (await ann.until("typing"))["serverId"] is None
    await owner.settled()
    assert contents(owner) == []
    assert channel in (await subscribed(ann))["conversations"]
    assert [name for name, _ in told(bob)] == ["conversation-updated", "message-created"]


async def test_what_is_for_moderators_only_they_hear(connect: Connect, stage: Stage):
    ann, owner = await subscriber(connect, stage.ann), await subscriber(connect, stage.owner)
    stage.instance.api("POST", f"/invite/{stage.server}/invite", stage.owner["token"])
    stage.write("after")
    await owner.until("invite-created")
    await ann.until("message-created")
    assert [name for name, _ in told(ann)] == ["message-created"]


def invisible(client: Client) -> list[str]:
    return [name for name, _ in client.heard if name in {"access", "gone"}]


async def test_internal_rows_are_told_to_nobody(connect: Connect, stage: Stage):
    owner = await subscriber(connect, stage.owner)
    stage.kick(stage.ann)
    await owner.until("member-left")
    assert invisible(owner) == []
