"""Bots over sockets: what their tokens' scopes open, and that an end of a token is an end of its socket."""

import asyncio
import os
import re
import secrets
import sys
from contextlib import suppress

import pytest
from socketio.exceptions import BadNamespaceError, ConnectionError

from tests.conftest import ROOT, Instance
from tests.protocol.addresses import REAL, SAMPLE
from tests.protocol.conftest import Connect
from tests.protocol.live.conftest import Stage, contents, subscribed

NEEDS = "This bot's token lacks the scope for this"


class Bot:
    """A bot of the stage's owner, on his server."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.instance, self.token = stage, stage.instance, stage.owner["token"]
        name = f"bot{secrets.token_hex(4)}"
        self.id = self.api("POST", "/bots", username=name).json()["id"]
        assert self.api("POST", f"/servers/{stage.server}/bots", botId=self.id).status_code == 201

    def api(self, method: str, path: str, **body: object):
        return self.instance.api(method, path, self.token, **body)

    def sign_in(self, *scopes: str) -> dict:
        """As `Instance.sign_up` answers, with the token's own id."""
        made = self.api("POST", f"/bots/{self.id}/tokens", name="test", scopes=scopes).json()
        return {"token": made["token"], "user": {"id": self.id}, "id": made["id"]}


@pytest.fixture
def bot(stage: Stage) -> Bot:
    return Bot(stage)


@pytest.fixture
def call(instance: Instance, stage: Stage) -> int:
    answer = instance.api("POST", f"/servers/{stage.server}/channels", stage.owner["token"], name="call", type="voice")
    return answer.json()["id"]


@pytest.mark.parametrize("address", [REAL, SAMPLE])
async def test_a_bot_hears_what_happens_with_events_and_not_without(connect: Connect, stage: Stage, bot: Bot, address) -> None:
    hearing = await connect(bot.sign_in("events"), address)
    assert (await subscribed(hearing))["user"]["id"] == bot.id
    stage.write("hello")
    await hearing.until("message-created")
    assert contents(hearing) == ["hello"]
    deaf = await connect(bot.sign_in("voice"), address)
    await deaf.say("subscribe", {})
    assert await deaf.until("error") == {"message": NEEDS}


async def test_a_bot_hears_only_what_its_roles_show(connect: Connect, stage: Stage, bot: Bot) -> None:
    hidden = stage.new_channel("hidden")
    everyone = next(
        role["id"] for role in bot.api("GET", f"/servers/{stage.server}/roles").json() if role["name"] == "@everyone"
    )
    shut = bot.api("PUT", f"/servers/{stage.server}/channels/{hidden}/permissions/roles/{everyone}", deny=str(1 << 10))
    assert shut.status_code == 200
    hearing = await connect(bot.sign_in("events"))
    await subscribed(hearing)
    stage.write("secret", channel=hidden)
    stage.write("public")
    await hearing.until("message-created")
    assert contents(hearing) == ["public"]


async def test_a_bot_joins_a_call_with_voice_and_not_without(connect: Connect, stage: Stage, bot: Bot, call: int) -> None:
    ann = await connect(stage.ann)
    await ann.join(call)
    talking = await connect(bot.sign_in("voice"))
    created = await talking.join(call)
    seats = {seat["userData"]["id"]: seat["userData"]["isBot"] for seat in created["participants"]}
    assert seats == {stage.ann["user"]["id"]: False, bot.id: True}
    await ann.until("user-connected")
    silent = await connect(bot.sign_in("events"))
    await silent.say("join-room", call)
    assert await silent.until("error") == {"message": NEEDS}


async def test_a_token_that_opens_neither_does_not_connect(connect: Connect, bot: Bot) -> None:
    with pytest.raises(ConnectionError):
        await connect(bot.sign_in("messages.read"))


async def test_a_revoked_token_hears_and_says_nothing_more(connect: Connect, stage: Stage, bot: Bot, call: int) -> None:
    ann, user = await connect(stage.ann), bot.sign_in("voice", "events")
    await ann.join(call)
    talking = await connect(user)
    await talking.join(call)
    await subscribed(talking)
    assert bot.api("DELETE", f"/bots/{bot.id}/tokens/{user['id']}").status_code == 204
    assert await ann.until("user-disconnected") == talking.id
    stage.write("later")
    with suppress(BadNamespaceError):  # the line is cut already
        await talking.say("subscribe", {})
    await talking.until("error")
    assert contents(talking) == []


async def test_a_webhooks_words_are_heard_under_its_name(connect: Connect, stage: Stage) -> None:
    token = stage.owner["token"]
    path = f"/servers/{stage.server}/channels/{stage.channel}/webhooks"
    hook = stage.instance.api("POST", path, token, name="Builds").json()
    ann = await connect(stage.ann)
    await subscribed(ann)
    said = stage.instance.api("POST", hook["url"].removeprefix("/api"), content="green", username="main")
    assert said.status_code == 204
    message = (await ann.until("message-created"))["message"]
    assert message["user"] == {"id": hook["userId"], "username": "main", "avatar": None, "isBot": True}


async def test_the_bot_of_the_page_answers(connect: Connect, stage: Stage, bot: Bot) -> None:
    page = (ROOT / "docs/protocols/bots.md").read_text()
    script = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0].replace("https://voice.example.com", stage.instance.url)
    env = {**os.environ, "BOT_TOKEN": bot.sign_in("messages.read", "messages.write", "events")["token"]}
    ann = await connect(stage.ann)
    await subscribed(ann)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, env=env)
    try:
        await ann.until("presence", 2)  # hers, then the bot's
        stage.write("!ping")
        answer = (await ann.until("message-created", 2))["message"]
    finally:
        process.kill()
        await process.wait()
    assert (answer["content"], answer["userId"]) == ("pong", bot.id)
