"""The relay and its people: whose access ended is cut off, by news or by the sweep; what was carried is written down."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from django.conf import settings as configured
from django.db import connection
from psycopg import sql
from redis import Redis

from accounts.models import Session, User
from accounts.services import password_change, session_end, session_end_all, session_open, user_block, user_delete
from projectvoice.kernel import events
from projectvoice.kernel.events import AccessEnded, publish_on_commit
from servers.access import access_server
from servers.models import Member
from servers.services.members import member_appoint, member_ban, member_kick
from tests import factories
from tests.factories import PASSWORD, make_member, make_user
from tests.protocol.bus.conftest import Valkey
from tests.turn.probe import Probe, code, peer
from turn import people
from turn.configuration import Configuration
from turn.credentials import mint
from turn.journal import Journal
from turn.keys import secrets as turn_secrets
from turn.models import RelayUsage
from turn.plane import sockets
from turn.process import make_plane, make_server
from turn.protocol.stun import Method
from turn.relay import Relay
from turn.words import Address, Transport

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 15.0  # seconds until what does not come is missed; shorter than the sweep's pause
STRANGERS = ("carol", "007", "9" * 30)
T = TypeVar("T")


class Stand:
    """A relay with its people, on a loop that runs while something is waited for."""

    def __init__(self, configuration: Configuration) -> None:
        self._runner = asyncio.Runner()
        self._clients = AsyncExitStack()
        self.log = logging.getLogger(f"tests.{secrets.token_hex(4)}")
        self.wait(self._start(configuration))

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def until(self, done: Callable[[], Any]) -> None:
        """Lets the relay work until then."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < deadline, "it did not come to that"
            self.wait(asyncio.sleep(0.02))

    def client(self, user: object, minted: float | None = None) -> Probe:
        """Of somebody who holds an allocation."""
        probe = self.stranger(user, minted)
        self.wait(probe.allocate())
        return probe

    def stranger(self, user: object, minted: float | None = None) -> Probe:
        """With credentials, made now or `minted` then, and nothing else."""
        expiry = int(minted or time.time()) + configured.TURN_TTL
        probe = Probe.to(self.address, Transport.UDP, *mint(turn_secrets()[0], str(user), expiry))
        return self.wait(self._clients.enter_async_context(probe))

    def lives(self, client: Probe) -> bool:
        answer = code(self.wait(client.request(Method.REFRESH)))
        assert answer in {None, 401, 437}
        return answer is None

    def stop(self) -> None:
        self.wait(self._stop())

    def close(self) -> None:
        if self._beside is not None:
            self.stop()
        self._runner.close()

    async def _start(self, configuration: Configuration) -> None:
        server, plane = make_server(configuration), make_plane(configuration)
        self.relay = Relay(server, plane, Journal(self.log), hosts=configuration.hosts.values())
        self.relay.start()
        (listener,) = sockets.listen_datagrams(Address.of("127.0.0.1", 0))
        self.relay.listen(0, listener)
        self.address = sockets.local_address(listener)
        self._beside: asyncio.Task[None] | None = asyncio.create_task(people.look_after(self.relay))

    async def _stop(self) -> None:
        """As the process ends."""
        await self._clients.aclose()
        self.relay.stop()
        assert self._beside is not None
        self._beside.cancel()
        with suppress(asyncio.CancelledError):
            await self._beside
        self._beside = None


@pytest.fixture
def begin(settings: Any) -> Iterator[Callable[[], Stand]]:
    begun: list[Stand] = []

    def stand() -> Stand:
        begun.append(Stand(Configuration.read(settings, TURN_RELAY_ADDRESSES=["127.0.0.1"], TURN_ALLOW_LOOPBACK_PEERS=True)))
        return begun[-1]

    yield stand
    for each in begun:
        each.close()


@pytest.fixture
def stand(begin: Callable[[], Stand]) -> Stand:
    """It hears the news."""
    before = listeners()
    stand = begin()
    stand.until(lambda: listeners() > before)
    return stand


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "SWEEP_EVERY", 0.05)
    monkeypatch.setattr(people, "WRITE_EVERY", 0.05)


@pytest.fixture
def anna() -> User:
    return somebody("anna")


@pytest.fixture
def boris() -> User:
    return somebody("boris")


@pytest.fixture
def carol() -> User:
    return somebody("carol")


def somebody(name: str) -> User:
    user = make_user(username=name)
    session_open(user=user)
    return user


def listeners() -> int:
    """How many listen to the news."""
    with Redis.from_url(configured.REDIS_URL) as valkey:
        return sum(count for _, count in valkey.pubsub_numsub(*valkey.pubsub_channels(f"*group__{events.GROUP}")))


# By news


def membership(user: User) -> tuple[Any, Member]:
    server = factories.make_server()
    member = make_member(server, user=user)
    return access_server(server.owner, server.pk), member


def kick(user: User) -> None:
    access, member = membership(user)
    member_kick(access=access, member=member)


def ban(user: User) -> None:
    access, member = membership(user)
    member_ban(access=access, member=member)


def block(user: User) -> None:
    user_block(user=user, by=None, reason="spam")


def delete(user: User) -> None:
    user_delete(user=user)


def log_out_of_one_session(user: User) -> None:
    session_end(user=user, session_id=session_open(user=user).pk)


def log_out_everywhere(user: User) -> None:
    session_end_all(user=user)


def change_password(user: User) -> None:
    keep = session_open(user=user).pk
    password_change(user=user, old_password=PASSWORD, new_password="password124", keep=keep)


DEEDS = [kick, ban, block, delete, log_out_of_one_session, log_out_everywhere, change_password]


@pytest.mark.parametrize("deed", DEEDS)
def test_whose_access_ends_is_cut_off_and_nobody_else(stand, anna, boris, deed):
    one, other, annas = stand.client(boris.pk), stand.client(boris.pk), stand.client(anna.pk)
    unused = stand.stranger(boris.pk)
    assert stand.lives(one)
    deed(boris)
    stand.until(lambda: not stand.relay.server.allocations.count_of(str(boris.pk)))
    assert not stand.lives(one)
    assert not stand.lives(other)
    assert code(stand.wait(unused.request(Method.ALLOCATE))) == 401, "its credentials are of before"
    assert stand.lives(annas)


def test_who_may_still_talk_talks_on_with_new_credentials(stand, boris):
    stand.client(boris.pk)
    kick(boris)
    stand.until(lambda: not stand.relay.server.allocations.count_of(str(boris.pk)))
    again = stand.client(boris.pk, minted=time.time() + 1)
    assert stand.lives(again)


def test_no_packet_passes_after_the_cut(each_plane, stand, boris):
    """What was bound and permitted counts no more, and the relayed address is nobody's."""
    client, stack = stand.client(boris.pk), AsyncExitStack()
    known = stand.wait(stack.enter_async_context(peer()))

    async def echo() -> Address:
        await client.permit(known.address)
        client.send_to(known.address, b"ping")
        data, relayed = await known.receive_from()
        assert data == b"ping"
        known.send(b"pong", relayed)
        assert await client.hear() == (known.address, b"pong")
        return relayed

    relayed = stand.wait(echo())
    kick(boris)
    stand.until(lambda: not stand.relay.server.allocations.count_of(str(boris.pk)))

    async def silence() -> None:
        client.send_to(known.address, b"ping")
        known.send(b"pong", relayed)
        await client.ask(Method.BINDING)  # answered behind it
        with pytest.raises(BlockingIOError):
            known.socket.recv(100)
        assert not client.early

    stand.wait(silence())
    stand.wait(stack.aclose())


def test_rights_that_only_changed_cut_nobody_off(stand, anna, boris):
    boris_stays, anna_goes = stand.client(boris.pk), stand.client(anna.pk)
    access, member = membership(boris)
    member_appoint(access=access, member=member, role="moderator")
    block(anna)
    stand.until(lambda: not stand.relay.server.allocations.count_of(str(anna.pk)))
    assert not stand.lives(anna_goes)
    assert stand.lives(boris_stays), "what was said of him was said before"


@pytest.fixture
def valkey(settings: Any, tmp_path: Path) -> Iterator[Valkey]:
    """One that the news travel over; it is not there yet."""
    server, layer = Valkey(tmp_path), configured.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": {**layer["CONFIG"], "hosts": [server.url]}}}
    yield server
    server.kill()


def test_news_are_heard_once_valkey_is_there_and_after_it_was_away(begin, valkey, anna, boris, caplog):
    with caplog.at_level(logging.INFO):
        stand = begin()
        client = stand.client(anna.pk)
        stand.until(lambda: "bus-away" in caplog.text)
        valkey.start()
        stand.until(lambda: "bus-back" in caplog.text)
        publish_on_commit(AccessEnded(anna.pk))
        stand.until(lambda: not stand.relay.server.allocations.count_of(str(anna.pk)))
        assert not stand.lives(client)
    assert caplog.text.count("bus-away") == 1
    boriss = stand.client(boris.pk)
    valkey.kill()
    valkey.start()

    def told_and_cut_off() -> bool:
        publish_on_commit(AccessEnded(boris.pk))
        return not stand.relay.server.allocations.count_of(str(boris.pk))

    stand.until(told_and_cut_off)
    assert not stand.lives(boriss)


# By the sweep


def sessions_gone(user: User) -> None:
    Session.objects.filter(user=user).delete()


def sessions_expired(user: User) -> None:
    Session.objects.filter(user=user).update(expires_at="2026-01-01T00:00:00Z")


def deactivated(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def account_gone(user: User) -> None:
    User.objects.filter(pk=user.pk).delete()


@pytest.mark.parametrize("loss", [sessions_gone, sessions_expired, deactivated, account_gone])
def test_the_sweep_finds_what_no_news_told(often, stand, anna, boris, loss):
    client, annas = stand.client(boris.pk), stand.client(anna.pk)
    strangers = [stand.client(name) for name in STRANGERS]
    loss(boris)
    stand.until(lambda: not stand.relay.server.allocations.count_of(str(boris.pk)))
    assert not stand.lives(client)
    assert all(stand.lives(each) for each in (annas, *strangers))


def test_the_sweep_asks_about_everybody_however_many(often, stand, monkeypatch, anna, boris, carol):
    monkeypatch.setattr(people, "SWEEP_SIZE", 1)
    clients = [stand.client(user.pk) for user in (anna, boris, carol)]
    sessions_gone(boris)
    sessions_gone(carol)
    stand.until(lambda: stand.relay.server.allocations.users == [str(anna.pk)])
    assert [stand.lives(client) for client in clients] == [True, False, False]


# What was carried


def carry(stand: Stand, client: Probe, up: int, down: int) -> None:
    """So many packets of 100 bytes each way; all have arrived."""

    async def talk() -> None:
        async with peer() as known:
            relayed = await client.allocate()
            await client.permit(known.address)
            for _ in range(up):
                client.send_to(known.address, bytes(100))
                await known.receive()
            for _ in range(down):
                known.send(bytes(100), relayed)
                await client.hear()

    stand.wait(talk())


def rows() -> list[tuple[int, ...]]:
    columns = ("user_id", "packets_up", "bytes_up", "packets_down", "bytes_down")
    return sorted(RelayUsage.objects.values_list(*columns))


def test_what_was_carried_is_written_down_for_each(each_plane, often, stand, anna, boris):
    first, second, hers = stand.stranger(boris.pk), stand.stranger(boris.pk), stand.stranger(anna.pk)
    carry(stand, first, 50, 30)
    carry(stand, second, 5, 0)
    carry(stand, stand.stranger("carol"), 1, 1)
    carry(stand, hers, 0, 7)
    stand.wait(second.request(Method.REFRESH))
    expected = sorted([(boris.pk, 55, 5500, 30, 3000), (anna.pk, 0, 0, 7, 700)])
    stand.until(lambda: rows() == expected)
    carry(stand, stand.stranger(anna.pk), 1, 0)
    stand.until(lambda: (anna.pk, 1, 100, 7, 700) in rows())


def test_what_was_carried_last_is_written_at_the_end(stand, anna):
    carry(stand, stand.stranger(anna.pk), 3, 2)
    stand.stop()
    assert rows() == [(anna.pk, 3, 300, 2, 200)]


class Outage:
    """Nobody gets a connection to the tests' database, and of those there are only this test's lives on."""

    def __init__(self) -> None:
        self._name = sql.Identifier(connection.settings_dict["NAME"])
        parameters = {name: connection.get_connection_params().get(name) for name in ("host", "port", "user", "password")}
        self._elsewhere = psycopg.connect(dbname="postgres", autocommit=True, **parameters)

    def __enter__(self) -> "Outage":
        connection.ensure_connection()
        own = connection.connection.info.backend_pid
        self._allow(False)
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
        self._elsewhere.execute(query, [connection.settings_dict["NAME"], own])
        return self

    def __exit__(self, *error: object) -> None:
        self._allow(True)
        self._elsewhere.close()

    def _allow(self, allowed: bool) -> None:
        self._elsewhere.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(self._name, allowed))


def test_while_the_database_is_away_the_relay_works_and_its_usage_waits(often, stand, anna, caplog):
    with caplog.at_level(logging.INFO):
        carry(stand, stand.stranger(anna.pk), 1, 0)
        stand.until(rows)
        with Outage():
            stand.until(lambda: "database-away" in caplog.text)
            carry(stand, stand.stranger(anna.pk), 10, 10)
            stand.wait(asyncio.sleep(5 * people.WRITE_EVERY))
        stand.until(lambda: rows() == [(anna.pk, 11, 1100, 10, 1000)])
        stand.until(lambda: "database-back" in caplog.text)
    assert caplog.text.count("database-away") == 1
    assert "Traceback" not in caplog.text


def test_without_database_news_still_cut_off(stand, anna, boris):
    annas, client = stand.client(anna.pk), stand.client(boris.pk)
    with Outage():
        publish_on_commit(AccessEnded(boris.pk))
        stand.until(lambda: not stand.relay.server.allocations.count_of(str(boris.pk)))
        assert not stand.lives(client)
        assert stand.lives(annas)


class LayerThatIsAway:
    """As channels_redis is while Valkey is away: what cancels its `flush` is taken for its receiver's end."""

    def __init__(self) -> None:
        self.flushing = asyncio.Event()

    async def new_channel(self) -> str:
        raise ConnectionRefusedError

    async def flush(self) -> None:
        self.flushing.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


def test_an_end_that_comes_while_the_bus_is_let_go_of_is_an_end(stand, monkeypatch):
    layer = LayerThatIsAway()
    monkeypatch.setattr(people, "bus", lambda: layer)

    async def end() -> None:
        looking_after = asyncio.create_task(people.look_after(stand.relay))
        await layer.flushing.wait()
        looking_after.cancel()
        ended, _ = await asyncio.wait([looking_after], timeout=PATIENCE)
        monkeypatch.setattr(layer, "flush", layer.new_channel)  # or nobody could end it
        looking_after.cancel()
        assert ended

    stand.wait(end())
