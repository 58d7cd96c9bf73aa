"""Subscribers on a real instance, and a server with a text channel for people to write in."""

import time
from typing import Any, NamedTuple

import psycopg
import pytest

from events.words import KINDS
from tests.conftest import Instance
from tests.protocol.conftest import Client, Connect


class Stage(NamedTuple):
    """A server of its own for each test. Ann and Bob are members, the stranger is not."""

    instance: Instance
    owner: dict
    ann: dict
    bob: dict
    stranger: dict
    server: int
    channel: int

    def write(self, content: str, by: dict | None = None, channel: int | None = None, at: Instance | None = None) -> int:
        """The id of a new message."""
        answer = (at or self.instance).api(
            "POST", "/messages", (by or self.owner)["token"], channelId=channel or self.channel, content=content
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def kick(self, user: dict) -> None:
        members = self.instance.api("GET", f"/serverMembers/{self.server}/members", self.owner["token"]).json()
        member = next(one["id"] for one in members if one["userId"] == user["user"]["id"])
        answer = self.instance.api("DELETE", f"/serverMembers/{self.server}/members/{member}", self.owner["token"])
        assert answer.status_code in {200, 204}, answer.text

    def let_in(self, user: dict) -> None:
        invite = self.instance.api("POST", f"/invite/{self.server}/invite", self.owner["token"]).json()["invite"]["token"]
        assert self.instance.api("POST", f"/invite/invite/{invite}/accept", user["token"]).status_code == 200

    def new_channel(self, name: str = "notes") -> int:
        answer = self.instance.api("POST", f"/servers/{self.server}/channels", self.owner["token"], name=name, type="text")
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]


@pytest.fixture
def stage(instance: Instance) -> Stage:
    owner, ann, bob, stranger = (instance.sign_up(name) for name in ("owner", "ann", "bob", "stranger"))
    server, _ = instance.voice_channel(owner, ann, bob)
    stage = Stage(instance, owner, ann, bob, stranger, server, 0)
    stage = stage._replace(channel=stage.new_channel("talk"))
    while log_of(instance, "SELECT 1 FROM events_announcement"):  # what made the stage is not part of the play
        time.sleep(0.05)
    return stage


async def subscribed(client: Client, since: int | None = None, **wish: Any) -> dict:
    """Of the next `subscribed`."""
    before = len(client.all("subscribed"))
    await client.say("subscribe", {**({} if since is None else {"since": since}), **wish})
    return await client.until("subscribed", before + 1)


async def subscriber(connect: Connect, user: dict, since: int | None = None, **where: Any) -> Client:
    client = await connect(user, **where)
    await subscribed(client, since)
    return client


def told(client: Client) -> list[tuple[str, dict]]:
    """The events of the log that it heard, in their order."""
    return [(name, data) for name, data in client.heard if name in KINDS and "seq" in (data or {})]


def sequences(client: Client) -> list[int]:
    return [data["seq"] for _, data in told(client)]


def contents(client: Client) -> list[str]:
    return [data["message"]["content"] for name, data in told(client) if name == "message-created"]


def database_of(instance: Instance) -> str:
    """As libpq reads it."""
    return instance.env["DATABASE_URL"]


def log_of(instance: Instance, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Straight from or into the instance's database."""
    with psycopg.connect(database_of(instance)) as connection:
        cursor = connection.execute(query, values)
        return cursor.fetchall() if cursor.description else []
