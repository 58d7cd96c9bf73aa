"""Rights that end, end at once in the running call: out within a second, told once, and no way back."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from servers.permissions import Permission
from tests.conftest import Instance
from tests.protocol.conftest import ADDRESSES, Address, Cast, Client, Connect, talks
from tests.protocol.test_audit import APPOINT

AT_ONCE = 10.0  # seconds: by the bus; the sweep would take longer. docs/performance.md has the figure


class Stage(NamedTuple):
    """A server of one test: `bob` is about to lose something, `ann` and the owner are not."""

    instance: Instance
    owner: dict
    ann: dict
    bob: dict
    server: int
    channel: int

    def owner_does(self, method: str, path: str, **body: object) -> None:
        answer = self.instance.api(method, path, self.owner["token"], **body)
        assert answer.status_code in {200, 204}, answer.text

    def member_id(self) -> int:
        members = self.instance.api("GET", f"/serverMembers/{self.server}/members", self.owner["token"]).json()
        return next(member["id"] for member in members if member["userId"] == self.bob["user"]["id"])

    def sign_in(self, user: dict) -> dict:
        answer = self.instance.api("POST", "/auth/login", email=user["user"]["email"], password="password123")
        return answer.json()


@pytest.fixture
def stage(instance: Instance, cast: Cast) -> Stage:
    bob = instance.sign_up("bob")
    server, channel = instance.voice_channel(cast.owner, cast.ann, bob)
    return Stage(instance, cast.owner, cast.ann, bob, server, channel)


def kick(stage: Stage) -> None:
    stage.owner_does("DELETE", f"/serverMembers/{stage.server}/members/{stage.member_id()}")


def ban(stage: Stage) -> None:
    stage.owner_does("POST", f"/serverMembers/{stage.server}/members/{stage.member_id()}/ban", reason="noise")


def leave(stage: Stage) -> None:
    answer = stage.instance.api("DELETE", f"/serverMembers/{stage.server}/members/me", stage.bob["token"])
    assert answer.status_code == 204


def block(stage: Stage) -> None:
    stage.instance.manage("block_user", stage.bob["user"]["email"])


def log_out(stage: Stage) -> None:
    assert stage.instance.api("DELETE", "/auth/sessions/current", stage.bob["token"]).status_code == 204


def log_out_everywhere(stage: Stage) -> None:
    assert stage.instance.api("DELETE", "/auth/sessions", stage.bob["token"]).status_code == 204


def delete_account(stage: Stage) -> None:
    assert stage.instance.api("DELETE", "/users", stage.bob["token"]).status_code == 200


def time_out(stage: Stage) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    stage.owner_does("PATCH", f"/serverMembers/{stage.server}/members/{stage.member_id()}/timeout", mutedUntil=until)


def overwrite(stage: Stage, bit: Permission, whom: str) -> None:
    path = f"/servers/{stage.server}/channels/{stage.channel}/permissions/{whom}"
    stage.owner_does("PUT", path, deny=str(int(bit)))


def hide_from_him(stage: Stage) -> None:
    overwrite(stage, Permission.VIEW_CHANNEL, f"members/{stage.member_id()}")


def shut_to_his_role(stage: Stage) -> None:
    made = stage.instance.api("POST", f"/servers/{stage.server}/roles", stage.owner["token"], name="noisy").json()["id"]
    stage.owner_does("PUT", f"/serverMembers/{stage.server}/members/{stage.member_id()}/roles", roleIds=[made])
    overwrite(stage, Permission.CONNECT, f"roles/{made}")


PERSONAL = [kick, ban, leave, time_out, hide_from_him, shut_to_his_role]
ENDING = [block, log_out, log_out_everywhere, delete_account]


async def call(connect: Connect, stage: Stage, address: Address) -> tuple[Client, Client, Client]:
    owner, ann, bob = await connect(stage.owner), await connect(stage.ann), await connect(stage.bob, address)
    for client in (owner, ann, bob):
        await client.join(stage.channel)
    await owner.until("user-connected", 2)
    return owner, ann, bob


async def is_out(bob: Client, others: list[Client]) -> None:
    """He and the others know it within a second; the others once."""
    for other in others:
        assert await other.until("user-disconnected", within=AT_ONCE) == bob.id
    assert (await bob.until("error", within=AT_ONCE))["message"]


async def do(deed: Callable[[Stage], None], stage: Stage) -> None:
    await asyncio.to_thread(deed, stage)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("deed", PERSONAL)
async def test_who_may_not_be_there_any_more_is_out_of_the_call(
    connect: Connect, stage: Stage, deed: Callable[[Stage], None], address: Address
):
    owner, ann, bob = await call(connect, stage, address)
    await do(deed, stage)
    await is_out(bob, [owner, ann])
    for name in (stage.channel, f"channel-{stage.channel}"):
        before = len(bob.all("error"))
        await bob.say("join-room", name, stage.bob["token"])
        await bob.until("error", before + 1)
    await ann.say("signal", {"to": bob.id, "type": "after"})
    await bob.say("signal", {"to": ann.id, "type": "after"})
    assert not [name for name, _ in await bob.settled(ann) if name == "signal"]
    await talks(owner, ann)
    assert len(bob.all("created")) == len(owner.all("user-disconnected")) == len(ann.all("user-disconnected")) == 1
    assert bob.io.connected, "his session goes on: only this door is shut"
    await bob.join(f"open-{secrets.token_hex(4)}")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("deed", ENDING)
async def test_the_sockets_of_an_ended_session_are_closed(
    connect: Connect, stage: Stage, deed: Callable[[Stage], None], address: Address
):
    owner, ann, bob = await call(connect, stage, address)
    idle = await connect(stage.bob, address)
    await idle.settled()
    await do(deed, stage)
    await is_out(bob, [owner, ann])
    for ended in (bob, idle):
        await ended.until("disconnect")
        assert (await ended.until("error"))["message"]
    again = await connect(None, address)
    await again.say("join-room", stage.channel, stage.bob["token"])
    await again.until("error")
    await talks(owner, ann)
    assert not again.all("created")
    assert len(owner.all("user-disconnected")) == len(ann.all("user-disconnected")) == 1


async def test_a_new_password_ends_every_session_but_the_one_that_set_it(connect: Connect, stage: Stage):
    elsewhere = stage.sign_in(stage.bob)
    owner, ann, bob = await call(connect, stage, ADDRESSES[1].values[0])
    other = await connect(elsewhere)
    await other.join(stage.channel)
    await bob.until("user-connected")
    path = f"/auth/users/{stage.bob['user']['id']}/password"
    body = {"oldPassword": "password123", "newPassword": "password456"}
    answer = await asyncio.to_thread(stage.instance.api, "PUT", path, stage.bob["token"], **body)
    assert answer.status_code == 200
    await is_out(other, [owner, ann, bob])
    await other.until("disconnect")
    await talks(ann, bob)
    assert bob.all("user-disconnected") == [other.id]


def delete_channel(stage: Stage) -> None:
    stage.owner_does("DELETE", f"/servers/{stage.server}/channels/{stage.channel}")


def turn_to_text(stage: Stage) -> None:
    stage.owner_does("PUT", f"/servers/{stage.server}/channels/{stage.channel}", type="text")


def delete_server(stage: Stage) -> None:
    stage.owner_does("DELETE", f"/servers/{stage.server}")


def block_server(stage: Stage) -> None:
    chief = stage.instance.sign_up("chief")
    stage.instance.manage("shell", "-v0", "-c", APPOINT.format(chief["user"]["id"]))
    answer = stage.instance.api("POST", f"/admin/servers/{stage.server}/block", chief["token"], reason="spam")
    assert answer.status_code == 200, answer.text


def hide_from_everyone(stage: Stage) -> None:
    roles = stage.instance.api("GET", f"/servers/{stage.server}/roles", stage.owner["token"]).json()
    everyone = next(role["id"] for role in roles if role["name"] == "@everyone")
    overwrite(stage, Permission.VIEW_CHANNEL, f"roles/{everyone}")


async def test_a_channel_hidden_from_everyone_keeps_the_owner(connect: Connect, stage: Stage):
    owner, ann, bob = await call(connect, stage, ADDRESSES[1].values[0])
    await do(hide_from_everyone, stage)
    for client in (ann, bob):
        assert (await client.until("error", within=AT_ONCE))["message"] == "You lack the permission for this"
    await owner.until("user-disconnected", 2, within=AT_ONCE)
    created = await (await connect(stage.owner)).join(stage.channel)
    assert len(created["participants"]) == 2, "both are the owner's"


@pytest.mark.parametrize("deed", [delete_channel, turn_to_text, delete_server, block_server])
async def test_a_room_that_ends_empties_and_no_other_does(
    connect: Connect, stage: Stage, pair: tuple[Client, Client], deed: Callable[[Stage], None]
):
    clients = await call(connect, stage, ADDRESSES[1].values[0])
    await do(deed, stage)
    for client in clients:
        assert (await client.until("error", within=AT_ONCE))["message"]
        before = len(client.all("error"))
        await client.say("join-room", stage.channel)
        await client.until("error", before + 1)
        assert len(client.all("created")) == 1
        assert client.io.connected
    await clients[0].say("signal", {"to": clients[1].id, "type": "after"})
    assert not [name for name, _ in await clients[1].settled(clients[0]) if name == "signal"]
    await talks(*pair)


async def test_a_renamed_channel_keeps_its_call(connect: Connect, stage: Stage):
    owner, ann, bob = await call(connect, stage, ADDRESSES[1].values[0])
    stage.owner_does("PUT", f"/servers/{stage.server}/channels/{stage.channel}", name="renamed")
    await do(kick, stage)  # handled after the renaming
    await is_out(bob, [owner, ann])
    await talks(owner, ann)


async def test_joining_against_a_kick_leaves_nobody_inside(connect: Connect, stage: Stage):
    ann = await connect(stage.ann)
    await ann.join(stage.channel)
    bobs = [await connect(stage.bob) for _ in range(10)]

    async def knock(bob: Client) -> None:
        for _ in range(20):
            await bob.say("join-room", stage.channel)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(knock(bob) for bob in bobs), do(kick, stage))
    for bob in bobs:
        await bob.say("join-room", stage.channel)
        await bob.settled()
    await ann.settled()
    told = ann.all("user-connected")
    if told:  # who was quicker than the news is put out by it
        await ann.until("user-disconnected", len(told))
    for bob in bobs:
        await ann.say("signal", {"to": bob.id, "type": "anybody?"})
        await bob.say("signal", {"to": ann.id, "type": "still-here?"})
    for bob in bobs:
        assert not [name for name, _ in await bob.settled(ann) if name == "signal"]
    assert not ann.all("signal")
    assert sorted(one["socketId"] for one in told) == sorted(ann.all("user-disconnected"))
    created = await (await connect(stage.owner)).join(stage.channel)
    assert len(created["participants"]) == 2
