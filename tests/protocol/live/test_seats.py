"""Who sits in a voice channel is seen by who sees the channel, whatever node he is on."""

from tests.protocol.conftest import TWO_WORKERS, Client, Connect
from tests.protocol.live.conftest import Stage, subscribed, subscriber


def voice(stage: Stage, name: str = "lounge") -> int:
    answer = stage.instance.api("POST", f"/servers/{stage.server}/channels", stage.owner["token"], name=name, type="voice")
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def taken(state: dict) -> list[tuple[str, bool]]:
    return [(seat["user"]["username"], seat["micToggle"]) for seat in state["seats"]]


async def until_taken(client: Client, channel: int, *seats: tuple[str, bool]) -> dict:
    while True:
        states = [state for state in client.all("voice-seats") if state["channelId"] == channel]
        if states and taken(states[-1]) == list(seats):
            return states[-1]
        await client.until("voice-seats", len(client.all("voice-seats")) + 1)


@TWO_WORKERS
async def test_seats_are_seen_over_all_workers(connect: Connect, stage: Stage):
    channel = voice(stage)
    ann, stranger = await subscriber(connect, stage.ann, worker=0), await subscriber(connect, stage.stranger, worker=0)
    bob = await connect(stage.bob, worker=1)
    await bob.join(channel)
    name = stage.bob["user"]["username"]
    state = await until_taken(ann, channel, (name, True))
    assert state == {
        "serverId": stage.server,
        "channelId": channel,
        "seats": [
            {
                "userId": stage.bob["user"]["id"],
                "user": {"id": stage.bob["user"]["id"], "username": name, "avatar": None},
                "socketId": bob.id,
                "micToggle": True,
                "isMuted": False,
                "isDeafened": False,
                "canSpeak": True,
            }
        ],
    }
    for worker in (0, 1):
        newcomer = await connect(stage.owner, worker=worker)
        assert (await subscribed(newcomer))["voiceSeats"] == [state]
    await bob.say("toggle-mic", False)
    await until_taken(ann, channel, (name, False))
    await bob.leave()
    await until_taken(ann, channel)
    await stranger.settled()
    assert not stranger.all("voice-seats")
    assert (await subscribed(stranger))["voiceSeats"] == []


async def test_who_comes_to_see_a_channel_sees_who_sits_there(connect: Connect, stage: Stage):
    channel = voice(stage)
    bob = await connect(stage.bob)
    await bob.join(channel)
    stranger = await subscriber(connect, stage.stranger)
    stage.let_in(stage.stranger)
    await until_taken(stranger, channel, (stage.bob["user"]["username"], True))


async def test_what_a_moderator_takes_from_a_voice_is_seen(connect: Connect, stage: Stage):
    channel = voice(stage)
    ann, bob = await subscriber(connect, stage.ann), await connect(stage.bob)
    await bob.join(channel)
    members = stage.instance.api("GET", f"/serverMembers/{stage.server}/members", stage.owner["token"]).json()
    member = next(one["id"] for one in members if one["userId"] == stage.bob["user"]["id"])
    path = f"/serverMembers/{stage.server}/members/{member}/voice"
    assert stage.instance.api("PATCH", path, stage.owner["token"], isMuted=True).status_code == 200
    while not (states := ann.all("voice-seats")) or not states[-1]["seats"][0]["isMuted"]:
        await ann.until("voice-seats", len(states) + 1)
    assert states[-1]["seats"][0]["canSpeak"] is False
