"""The whole chain: credentials by REST, a relay that is a process of its own, and an end that comes by REST."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

import pytest

from bench.ports import free_port
from tests.conftest import ROOT, Instance
from tests.turn.probe import UDP, Probe, code, peer
from turn.protocol.stun import Method
from turn.words import Address, Transport

PATIENCE = 15.0  # seconds until what does not come is missed; the relay's sweep would not find what is done here


class Relay:
    """`manage.py runturn`, beside web processes that tell of it."""

    def __init__(self, instance: Instance) -> None:
        self.port = free_port()
        loopback = {
            "TURN_LISTEN_ADDRESSES": "127.0.0.1",
            "TURN_RELAY_ADDRESSES": "127.0.0.1",
            "TURN_ALLOW_LOOPBACK_PEERS": "on",
        }
        env = {**instance.env, **loopback, "TURN": "on", "TURN_PORT": str(self.port), "TURN_HOST": "127.0.0.1"}
        self.web = Instance(env)
        self._env = env

    def start(self) -> None:
        reader, writer = os.pipe()
        command = [sys.executable, "manage.py", "runturn", "--ready-fd", str(writer)]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._env, pass_fds=[writer])
        os.close(writer)
        with open(reader, "rb") as ready:
            assert ready.read() == b"ready\n"

    def end(self) -> None:
        """At once."""
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(PATIENCE) == 0

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    async def credentials(self, user: dict) -> tuple[str, str]:
        """As this user's browser gets them now."""
        answer = await asyncio.to_thread(self.web.api, "GET", "/voice/ice-servers", user["token"])
        (turn,) = answer.json()["iceServers"]
        assert f"turn:127.0.0.1:{self.port}?transport=udp" in turn["urls"]
        return turn["username"], turn["credential"]

    def client(self, credentials: tuple[str, str]) -> AbstractAsyncContextManager[Probe]:
        return Probe.to(Address.of("127.0.0.1", self.port), Transport.UDP, *credentials)

    async def does(self, method: str, path: str, user: dict, **body: object) -> None:
        answer = await asyncio.to_thread(self.web.api, method, path, user["token"], **body)
        assert answer.status_code in {200, 204}, answer.text


@pytest.fixture(scope="module")
def resting(instance: Instance) -> Iterator[Relay]:
    """Its web processes are up already."""
    relay = Relay(instance)
    relay.web.start()
    yield relay
    relay.web.stop()


@pytest.fixture
def relay(resting: Relay) -> Iterator[Relay]:
    resting.start()
    yield resting
    resting.stop()


async def lives(client: Probe) -> bool:
    answer = code(await client.request(Method.REFRESH))
    assert answer in {None, 401, 437}
    return answer is None


async def is_cut_off(client: Probe) -> None:
    async with asyncio.timeout(PATIENCE):
        while await lives(client):  # noqa: ASYNC110 - the relay is another process
            await asyncio.sleep(0.02)


async def test_who_is_kicked_is_cut_off_by_the_running_relay(relay: Relay) -> None:
    owner, boris = relay.web.sign_up("owner"), relay.web.sign_up("boris")
    server, _ = relay.web.voice_channel(owner, boris)
    members = relay.web.api("GET", f"/serverMembers/{server}/members", owner["token"]).json()
    member = next(member["id"] for member in members if member["userId"] == boris["user"]["id"])
    async with relay.client(await relay.credentials(boris)) as his, relay.client(await relay.credentials(owner)) as hers:
        for client in (his, hers):
            await client.allocate()
        assert await lives(his)
        await relay.does("DELETE", f"/serverMembers/{server}/members/{member}", owner)
        await is_cut_off(his)
        assert await lives(hers)


async def test_who_signed_out_elsewhere_talks_on_with_new_credentials(relay: Relay) -> None:
    boris = relay.web.sign_up("boris")
    email = boris["user"]["email"]
    elsewhere = relay.web.api("POST", "/auth/login", email=email, password="password123").json()
    old = await relay.credentials(boris)
    async with relay.client(old) as client:
        await client.allocate()
        await relay.does("DELETE", "/auth/sessions/current", elsewhere)
        await is_cut_off(client)
    async with asyncio.timeout(PATIENCE):
        while True:  # what is made within the second of the cut counts as made before
            async with relay.client(await relay.credentials(boris)) as again:
                if code(await again.request(Method.ALLOCATE, UDP)) is None:
                    break
            await asyncio.sleep(0.1)
    async with relay.client(old) as client:
        assert code(await client.request(Method.ALLOCATE, UDP)) == 401


async def test_what_a_relay_carried_is_shown_to_staff_when_it_has_ended(relay: Relay) -> None:
    boris, staff = relay.web.sign_up("boris"), relay.web.sign_up("staff")
    appoint = f"from accounts.models import User; User.objects.filter(pk={staff['user']['id']}).update(role='moderator')"
    relay.web.manage("shell", "-v0", "-c", appoint)
    async with relay.client(await relay.credentials(boris)) as client, peer() as friend:
        relayed = await client.allocate()
        await client.permit(friend.address)
        for _ in range(100):
            client.send_to(friend.address, bytes(160))
            await friend.receive()
            friend.send(bytes(40), relayed)
            await client.hear()
    await asyncio.to_thread(relay.end)
    users = relay.web.api("GET", "/admin/relay?limit=100", staff["token"]).json()["users"]
    (his,) = [user for user in users if user["id"] == boris["user"]["id"]]
    assert (his["packetsUp"], his["bytesUp"], his["packetsDown"], his["bytesDown"]) == (100, 16_000, 100, 4_000)
