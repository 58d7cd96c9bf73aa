"""Live events in the SDK: in order, each once, over restarts of the server and of the program."""

from itertools import pairwise
from typing import Any

from tests.clients.conftest import Begin, Program
from tests.conftest import Instance


def talk(instance: Instance, owner: dict, *members: dict) -> tuple[int, int]:
    """(server id, id of a text channel) with these people."""
    server, _ = instance.voice_channel(owner, *members)
    return server, instance.api("POST", f"/servers/{server}/channels", owner["token"], name="talk", type="text").json()["id"]


def say(instance: Instance, user: dict, channel: int, text: str) -> None:
    assert instance.api("POST", "/messages", user["token"], channelId=channel, content=text).status_code == 201


def texts(program: Program) -> list[str]:
    return [event["message"]["content"] for event in program.all("message-created")]


async def subscribed(begin: Begin, user: dict, **options: Any) -> Program:
    program = await begin(user, options.pop("instance")) if "instance" in options else await begin(user)
    await program.do("live", options)
    await program.until("subscribed")
    return program


async def test_what_is_said_while_the_server_is_away_is_told_when_it_is_back(begin: Begin, instance: Instance):
    owner, ann = instance.sign_up("owner"), instance.sign_up("ann")
    _, channel = talk(instance, owner, ann)
    own = Instance(instance.env)
    own.start()
    try:
        program = await subscribed(begin, ann, instance=own)
        say(instance, owner, channel, "before")
        await program.until("message-created")
        own.stop()
        say(instance, owner, channel, "meanwhile")
        say(instance, owner, channel, "and again")
        own.start()
        await program.until("resumed")
        say(instance, owner, channel, "after")
        await program.until("message-created", 4)
    finally:
        own.stop()
    assert texts(program) == ["before", "meanwhile", "and again", "after"]
    numbers = [event["seq"] for _, event in program.heard if isinstance(event, dict) and "at" in event]
    assert all(one < other for one, other in pairwise(numbers))


async def test_a_program_that_starts_again_hears_what_came_after_its_number(begin: Begin, instance: Instance):
    owner, ann = instance.sign_up("owner"), instance.sign_up("ann")
    _, channel = talk(instance, owner, ann)
    first = await subscribed(begin, ann)
    say(instance, owner, channel, "known")
    known = await first.until("message-created")
    await first.do("close")
    say(instance, owner, channel, "missed")
    second = await subscribed(begin, ann, since=known["seq"])
    reached = await second.until("resumed")
    assert texts(second) == ["missed"]
    assert reached["seq"] >= second.all("message-created")[0]["seq"] > known["seq"]


async def test_a_number_of_another_instance_is_answered_by_resync_and_events_go_on(begin: Begin, instance: Instance):
    owner, ann = instance.sign_up("owner"), instance.sign_up("ann")
    _, channel = talk(instance, owner, ann)
    program = await subscribed(begin, ann, since=2**60)
    assert (await program.until("resync"))["seq"] < 2**60
    say(instance, owner, channel, "hello")
    await program.until("message-created")
    assert texts(program) == ["hello"]


async def test_others_see_who_is_typing_and_how_he_is_there(begin: Begin, instance: Instance):
    owner, ann = instance.sign_up("owner"), instance.sign_up("ann")
    _, channel = talk(instance, owner, ann)
    listening, speaking = await subscribed(begin, owner), await subscribed(begin, ann)
    await speaking.do("typing", channel)
    typing = await listening.until("typing")
    assert (typing["channelId"], typing["userId"], typing["username"]) == (channel, ann["user"]["id"], ann["user"]["username"])
    await speaking.do("presence", "dnd")
    while {"userId": ann["user"]["id"], "status": "dnd"} not in listening.all("presence"):
        await listening.until("presence", len(listening.all("presence")) + 1)
