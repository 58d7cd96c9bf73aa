"""A random walk: people write and change things, subscribers come and go, workers are killed. In the end each has heard
exactly what the log holds for him: by its number, once, in order, however often he was away.
"""

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import requests

from events.words import KINDS, Audience
from tests.conftest import Instance
from tests.protocol.conftest import Client, Connect
from tests.protocol.live.conftest import Stage, log_of, told

STEPS = 150
WRITTEN = "SELECT id FROM events_event WHERE subject_id = %s AND kind = 'message-created'"
MODERATORS = {"BAN_MEMBERS", "MANAGE_GUILD"}  # what plain members do not hold


@pytest.fixture
def workers(instance: Instance) -> Iterator[Instance]:
    own = Instance(instance.env, workers=2)
    own.start()
    yield own
    own.stop()


class Follower:
    """A user's device that remembers, as a client should, how far it has heard."""

    def __init__(self, connect: Connect, workers: Instance, user: dict) -> None:
        self._connect, self._workers, self.user = connect, workers, user
        self.heard: list[tuple[str, dict]] = []
        self.since: int | None = None
        self._client: Client | None = None

    async def come(self) -> None:
        """Connected for some time, until `go` or the worker's death."""
        if self._client is not None:
            return
        try:
            client = self._client = await self._connect(self.user, instance=self._workers)
            await client.say("subscribe", {} if self.since is None else {"since": self.since})
            if self.since is None:
                self.since = (await client.until("subscribed"))["seq"]
        except Exception:  # the worker died under it
            await self.go()

    async def go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.io.shutdown()
            assert client.all("resync") == []
            for name, data in client.heard:
                if name in KINDS and "seq" in data:
                    self.heard.append((name, data))
                    self.since = data["seq"]
                elif name == "resumed":
                    self.since = max(self.since or 0, data["seq"])

    async def until(self, seq: int) -> None:
        while self._client is None:
            await self.come()
        async with asyncio.timeout(60):
            while not any(data["seq"] >= seq for _, data in told(self._client)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await self.go()


class Writer:
    """Does things over REST, each as it finds them possible; what a dying worker leaves unanswered may be done or not."""

    def __init__(self, stage: Stage, workers: Instance, chance: random.Random) -> None:
        self.stage, self.workers, self.chance = stage, workers, chance
        self.messages: list[int] = []
        self.roles: list[int] = []

    def act(self) -> None:
        deed = self.chance.choice(
            [self.write, self.write, self.write, self.edit, self.delete, self.react, self.role, self.guest]
        )
        with suppress(requests.RequestException):
            deed()

    def ask(self, method: str, path: str, user: dict | None = None, **body: Any) -> Any:
        answer = self.workers.api(method, path, (user or self.stage.owner)["token"], **body)
        assert answer.status_code < 500, answer.text
        return answer.json() if answer.ok and answer.content else {}

    def write(self) -> None:
        by = self.chance.choice([self.stage.owner, self.stage.ann, self.stage.bob])
        said = self.ask("POST", "/messages", by, channelId=self.stage.channel, content=f"{self.chance.random()}")
        self.messages += [said["id"]] if said else []

    def edit(self) -> None:
        if self.messages:
            self.ask("PUT", f"/messages/{self.chance.choice(self.messages)}", content="changed")

    def delete(self) -> None:
        if len(self.messages) > 5:
            self.ask("DELETE", f"/messages/{self.messages.pop(self.chance.randrange(len(self.messages)))}")

    def react(self) -> None:
        if self.messages:
            self.ask("PUT", f"/messages/{self.chance.choice(self.messages)}/reactions/👍", self.stage.ann)

    def role(self) -> None:
        """One that nobody carries: whose rights are followed stays who he is."""
        if len(self.roles) > 3:
            self.ask("DELETE", f"/servers/{self.stage.server}/roles/{self.roles.pop()}")
        else:
            role = self.ask("POST", f"/servers/{self.stage.server}/roles", name="new")
            self.roles += [role["id"]] if role else []

    def guest(self) -> None:
        """The stranger comes, or is put out."""
        members = self.ask("GET", f"/serverMembers/{self.stage.server}/members")
        found = [one["id"] for one in members or [] if one["userId"] == self.stage.stranger["user"]["id"]]
        if found:
            self.ask("DELETE", f"/serverMembers/{self.stage.server}/members/{found[0]}")
        elif invite := self.ask("POST", f"/invite/{self.stage.server}/invite").get("invite"):
            self.ask("POST", f"/invite/invite/{invite['token']}/accept", self.stage.stranger)


def may_hear(user: dict, stage: Stage, row: tuple[Any, ...]) -> bool:
    """By what is known of these people, not by what the server knows."""
    _, kind, server_id, _, user_id = row
    known = KINDS[kind]
    if known.audience is Audience.NOBODY:
        return False
    if user_id is not None:
        return user_id == user["user"]["id"]
    return server_id == stage.server and (user is stage.owner or known.need not in MODERATORS)


@pytest.mark.parametrize("seed", [1, 2])
async def test_everybody_hears_what_the_log_holds_for_him(connect: Connect, stage: Stage, workers: Instance, seed: int):
    chance = random.Random(seed)
    writer = Writer(stage, workers, random.Random(seed + 1000))
    followers = [Follower(connect, workers, user) for user in (stage.owner, stage.ann, stage.bob, stage.ann)]
    starts = []
    for follower in followers:
        await follower.come()
        starts.append(follower.since)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as pool:
        dead: int | None = None
        for _ in range(STEPS):
            acting = loop.run_in_executor(pool, writer.act)
            follower = chance.choice(followers)
            await (follower.come if chance.random() < 0.6 else follower.go)()
            if dead is not None:
                await loop.run_in_executor(None, workers.revive, dead)
                dead = None
            elif chance.random() < 0.03:
                dead = chance.randrange(2)
                workers.kill(dead)
                for one in followers:
                    await one.go()
            await acting
        if dead is not None:
            workers.revive(dead)
    last = stage.write("the last one", at=workers)
    async with asyncio.timeout(60):
        while not (found := log_of(stage.instance, WRITTEN, last)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    for follower, start in zip(followers, starts, strict=True):
        await follower.until(found[0][0])
        check(follower, stage, start)


def check(follower: Follower, stage: Stage, start: int | None) -> None:
    heard = [data["seq"] for _, data in follower.heard]
    assert heard == sorted(set(heard))
    rows = log_of(
        stage.instance, "SELECT id, kind, server_id, channel_id, user_id FROM events_event WHERE id > %s ORDER BY id", start
    )
    kept = {row[0]: row[1] for row in rows if may_hear(follower.user, stage, row)}
    missing = {seq: kind for seq, kind in kept.items() if seq not in set(heard)}
    assert missing == {}
    deleted = {data["messageId"] for name, data in follower.heard if name == "message-deleted"}
    for name, data in follower.heard:  # what was deleted has left the log
        if data["seq"] not in kept and not KINDS[name].latest:
            assert (data.get("messageId") or data["message"]["id"]) in deleted, name
