"""Peers that speak TCP (RFC 6062): connections to them and from them, each joined with a stream of the client's own."""

import asyncio
import logging
import random
import re
import shutil
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network

import pytest
import uvloop

from bench.ports import free_port
from tests.turn.probe import PATIENCE, TCP, UDP, Probe, Stream, code, where
from tests.turn.relays import certificate
from tests.turn.rig import HOST, PASSWORD, Rig, rig, until
from turn import connections, metrics
from turn.guests import Guests
from turn.plane import sockets
from turn.protocol.attributes import (
    ADDITIONAL_ADDRESS_FAMILY,
    ALTERNATE_SERVER,
    CONNECTION_ID,
    LIFETIME,
    REQUESTED_ADDRESS_FAMILY,
    XOR_RELAYED_ADDRESS,
)
from turn.protocol.stun import Method
from turn.tcp_peers import Pace
from turn.tls import Certificate
from turn.words import Address, Transport, Usage

pytestmark = pytest.mark.usefixtures("each_plane")
EVERY = pytest.mark.parametrize("transport", [Transport.TCP, Transport.TLS])
MANY = 10_000_000
EXTERNAL = "192.0.2.77"
"""Nobody's (RFC 5737)."""


@pytest.fixture(autouse=True)
def switched_on(settings):
    settings.TURN_TCP_RELAY = True


@pytest.fixture
def tls(tmp_path):
    """A relay's certificate, and what trusts it."""
    trust = certificate(tmp_path)
    return Certificate(tmp_path / "cert.pem", tmp_path / "key.pem"), trust


class Friend:
    """Somebody at a TCP port, who does nothing by himself."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._visits: asyncio.Queue[Stream] = asyncio.Queue()

    async def visited(self) -> Stream:
        return await asyncio.wait_for(self._visits.get(), PATIENCE)

    def welcome(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._visits.put_nowait(Stream(reader, writer))


@asynccontextmanager
async def friend(host: str = HOST) -> AsyncIterator[Friend]:
    listener = sockets.listen_streams(Address.of(host, 0))
    it = Friend(sockets.local_address(listener))
    server = await asyncio.start_server(it.welcome, sock=listener)
    try:
        yield it
    finally:
        server.close()


async def number_of(anna: Probe, to: Address) -> int:
    answer = await anna.connect(to)
    assert code(answer) is None
    number = answer.get(CONNECTION_ID)
    assert number is not None
    return number


@asynccontextmanager
async def joined(it: Rig, transport: Transport = Transport.TCP, **more: object) -> AsyncIterator[tuple[Probe, Stream, Stream]]:
    """anna, her stream to a friend, and his to her."""
    async with it.probe(Transport.TCP) as anna, it.probe(transport, **more) as data, friend() as boris:
        await anna.listen()
        number = await number_of(anna, boris.address)
        his = await boris.visited()
        assert await data.bind_connection(number) is None
        yield anna, data.wire, his
        his.close()


async def told(stream: Stream) -> bytes:
    """All, until its end."""
    return await asyncio.wait_for(stream.reader.read(-1), PATIENCE)


async def is_over(stream: Stream) -> bool:
    with suppress(ConnectionError):
        await told(stream)
    return True


async def tell(stream: Stream, data: bytes) -> None:
    stream.send(data)
    await asyncio.wait_for(stream.writer.drain(), PATIENCE)
    stream.writer.write_eof()


def free(address: Address) -> bool:
    """Whether nobody listens there."""
    try:
        sockets.listen_streams(address).close()
    except OSError:
        return False
    return True


@EVERY
async def test_much_is_carried_both_ways_at_once_and_counted(transport, tls):
    context, trust = tls
    up, down = random.randbytes(MANY), random.randbytes(MANY)
    async with rig(context) as it, joined(it, transport, trust=trust) as (_, hers, his):
        hers.send(up)
        his.send(down)
        assert await asyncio.gather(his.exactly(MANY), hers.exactly(MANY)) == [up, down]
        assert it.relay.carried() == {"anna": Usage(bytes_up=MANY, bytes_down=MANY)}
        hers.close()
        assert await told(his) == b""
        his.close()
        await until(lambda: not it.relay.tcp_peers.connections)
        assert it.relay.usage == Usage(bytes_up=MANY, bytes_down=MANY)
        assert it.journal.failures == 0


async def test_who_has_said_all_may_still_listen():
    async with rig() as it, joined(it) as (_, hers, his):
        await tell(hers, b"question")
        assert await told(his) == b"question"
        await tell(his, b"answer")
        assert await told(hers) == b"answer"
        await until(lambda: not it.relay.tcp_peers.connections)


async def test_over_tls_the_last_words_of_a_peer_arrive(tls):
    context, trust = tls
    async with rig(context) as it, joined(it, Transport.TLS, trust=trust) as (_, hers, his):
        await tell(his, b"farewell")
        assert await told(hers) == b"farewell"
        assert await told(his) == b""
        await until(lambda: not it.relay.tcp_peers.connections)


@EVERY
async def test_who_does_not_read_holds_up_the_other_and_nothing_is_lost(transport, tls):
    context, trust = tls
    much = random.randbytes(1_000_000) * 48
    async with rig(context) as it, joined(it, transport, trust=trust) as (_, hers, his):
        for talker, listener in ((hers, his), (his, hers)):
            listener.reader._limit = 1  # type: ignore[attr-defined]  # asyncio: stops reading at twice that
            before = it.relay.usage
            talking = asyncio.create_task(talker.writer.drain())
            talker.send(much)
            await stalled(it)
            assert sum(it.relay.usage - before) < len(much)
            got = await listener.exactly(len(much))
            assert got == much
            await asyncio.wait_for(talking, PATIENCE)


async def stalled(it: Rig) -> None:
    """Until nothing moves any more."""
    seen = Usage()
    async with asyncio.timeout(PATIENCE):
        while not any(it.relay.usage) or it.relay.usage != seen:
            seen = it.relay.usage
            await asyncio.sleep(0.3)


async def test_a_peer_comes_in_by_permission_and_what_he_says_first_waits():
    async with rig() as it, it.probe(Transport.TCP) as anna, it.probe(Transport.TCP) as data:
        relayed = await anna.listen()
        stranger = Stream(*await asyncio.open_connection(*where(relayed)))
        assert await told(stranger) == b""
        stranger.close()
        assert it.relay.tcp_peers.refused == 1

        assert await anna.permit(Address.of(HOST, 0)) is None
        his = Stream(*await asyncio.open_connection(*where(relayed)))
        await tell(his, b"early words")
        number, source = await anna.attempted()
        assert source == his.address
        assert it.relay.tcp_peers.connections == {"waiting": 1}
        told_to_operators = metrics.exposition(it.relay, it.listeners, it.guests)
        assert 'projectvoice_turn_peer_connections{state="waiting"} 1\n' in told_to_operators
        assert "projectvoice_turn_peer_connections_refused_total 1\n" in told_to_operators
        assert await data.bind_connection(number) is None
        assert await told(data.wire) == b"early words"
        await tell(data.wire, b"and mine")
        assert await told(his) == b"and mine"
        his.close()


async def test_what_each_request_may_hear():
    async with rig() as it, it.probe(Transport.TCP) as anna, it.probe(Transport.TCP) as data, friend() as boris:
        assert code(await anna.connect(boris.address)) == 437
        await anna.listen()
        assert code(await anna.connect(Address.of("10.0.0.1", 80))) == 403
        with socket.socket() as silent:
            silent.bind((HOST, 0))
            assert code(await anna.connect(sockets.local_address(silent))) == 447
        number = await number_of(anna, boris.address)
        assert code(await anna.connect(boris.address)) == 446
        assert await data.bind_connection(number ^ 1) == 400
        assert await data.bind_connection(number) is None
        (await boris.visited()).close()
        assert await told(data.wire) == b""
        data.wire.close()
        await until(lambda: not it.relay.tcp_peers.connections)
        assert code(await anna.connect(boris.address)) is None


@asynccontextmanager
async def deaf() -> AsyncIterator[Address]:
    """Where a connection is neither taken nor refused: its queue is full."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind((HOST, 0))
        listener.listen(0)
        for caller in (first, second):
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield sockets.local_address(listener)


async def test_a_peer_that_never_answers_is_given_up(monkeypatch):
    async with rig() as it, it.probe(Transport.TCP) as anna, deaf() as address:
        await anna.listen()
        monkeypatch.setattr(connections, "PATIENCE", 0.2)
        assert code(await anna.connect(address)) == 447
        assert not it.relay.tcp_peers.connections


async def test_a_connection_that_nobody_binds_is_closed(monkeypatch):
    monkeypatch.setattr(connections, "PATIENCE", 1.0)
    async with rig() as it, it.probe(Transport.TCP) as anna, it.probe(Transport.TCP) as data, friend() as boris:
        await anna.listen()
        number = await number_of(anna, boris.address)
        assert await is_over(await boris.visited())
        assert await data.bind_connection(number) == 400
        assert not it.relay.tcp_peers.connections


@EVERY
@pytest.mark.parametrize("hastily", [b"too early", b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)])
async def test_who_speaks_before_the_answer_is_hung_up_on(transport, tls, hastily):
    context, trust = tls
    async with rig(context) as it, it.probe(Transport.TCP) as anna, it.probe(transport, trust=trust) as data, friend() as boris:
        await anna.listen()
        number = await number_of(anna, boris.address)
        his = await boris.visited()
        with suppress(EOFError, ConnectionError):
            await data.bind_connection(number, hastily=hastily)
        assert await is_over(his)
        assert await is_over(data.wire)
        assert not it.relay.tcp_peers.connections
        assert it.relay.usage == Usage()


@EVERY
@pytest.mark.parametrize("how", ["refresh", "cut", "hang up"])
async def test_with_the_allocation_everything_ends_at_once(transport, tls, how):
    context, trust = tls
    async with rig(context) as it, joined(it, transport, trust=trust) as (anna, hers, his):
        relayed = next(iter(it.relay.server.allocations)).relays[1].told
        hers.send(bytes(MANY))
        assert await his.exactly(1000) == bytes(1000)
        if how == "refresh":
            assert code(await anna.request(Method.REFRESH, (LIFETIME, 0))) is None
        elif how == "cut":
            it.relay.cut("anna")
        else:
            anna.wire.close()
        assert await is_over(his)
        assert await is_over(hers)
        await until(lambda: not it.relay.users() and not it.relay.tcp_peers.connections)
        assert free(relayed)
        assert it.relay.carried()["anna"].bytes_up >= 1000
        assert it.journal.failures == 0


async def test_bandwidth_is_kept_by_waiting():
    much = random.randbytes(300_000)
    async with rig(TURN_BANDWIDTH=200_000) as it, joined(it) as (_, hers, his):
        hers.send(much)
        his.send(much)
        assert await asyncio.gather(his.exactly(len(much)), hers.exactly(len(much))) == [much, much]
    pace = Pace(1000)
    assert pace.spend(900) == 0
    assert 0 < pace.spend(2100) <= 2
    assert 2 < pace.spend(1000) <= 3


async def test_a_bound_stream_is_no_stranger():
    guests = Guests(patience=2.0)
    async with rig(guests=guests) as it, joined(it) as (_, hers, his), it.probe(Transport.TCP) as stranger:
        assert len(guests) <= 1
        with pytest.raises((EOFError, ConnectionError)):
            await stranger.wire.receive()
        hers.send(b"still here")
        assert await his.exactly(10) == b"still here"
        assert it.relay.connections == {Transport.TCP: 1}


@pytest.mark.parametrize("chosen", [{}, {"TURN_EXTERNAL_ADDRESSES": [EXTERNAL], "TURN_ALLOW_LOOPBACK_PEERS": False}])
async def test_two_clients_reach_each_other_by_what_they_were_told(chosen):
    async with rig(**chosen) as it, it.probe(Transport.TCP) as anna, it.probe(Transport.TCP, user="boris") as boris:
        hers, his = await anna.listen(), await boris.listen()
        assert str(his).startswith(EXTERNAL if chosen else HOST)
        assert await boris.permit(hers) is None
        number = await number_of(anna, his)
        incoming, source = await boris.attempted()
        assert source == hers
        async with it.probe(Transport.TCP) as one, it.probe(Transport.TCP, user="boris") as other:
            assert await one.bind_connection(incoming) == 400
            assert await one.bind_connection(number) is None
            assert await other.bind_connection(incoming) is None
            one.wire.send(b"hello")
            assert await other.wire.exactly(5) == b"hello"


async def test_at_our_own_address_only_relayed_ports_are_peers():
    outside = {"TURN_EXTERNAL_ADDRESSES": [EXTERNAL], "TURN_ALLOWED_PEERS": [ip_network(EXTERNAL), ip_network(HOST)]}
    async with rig(**outside) as it, it.probe(Transport.TCP) as anna, friend() as boris:
        relayed = await anna.listen()
        assert await anna.permit(Address.of(HOST, 0), Address.of(EXTERNAL, 0)) is None
        for name in (HOST, EXTERNAL):
            assert code(await anna.connect(Address.of(name, boris.address.port))) == 447
        program = Stream(*await asyncio.open_connection(HOST, relayed.port))
        assert await told(program) == b""
        program.close()


async def test_a_port_that_another_program_has_is_passed_over():
    port = free_port(together=2)
    free_one = port + 1
    with socket.socket() as taken:
        taken.bind((HOST, port))
        async with (
            rig(TURN_PORTS=range(port, port + 2)) as it,
            it.probe(Transport.TCP) as anna,
            it.probe(Transport.TCP) as again,
        ):
            assert (await anna.listen()).port == free_one
            assert not free(Address.of(HOST, free_one))
            assert code(await again.request(Method.ALLOCATE, TCP)) == 508
            assert it.relay.users() == {"anna"}


async def test_one_of_two_families_is_given_back_with_its_connections():
    async with rig(TURN_RELAY_ADDRESSES=[HOST, "::1"]) as it, it.probe(Transport.TCP) as anna, friend("::1") as boris:
        answer = await anna.request(Method.ALLOCATE, TCP, (ADDITIONAL_ADDRESS_FAMILY, 2))
        four, six = answer.all(XOR_RELAYED_ADDRESS)
        await number_of(anna, boris.address)
        his = await boris.visited()
        assert Address.of(*his.writer.get_extra_info("peername")[:2]) == six
        assert code(await anna.request(Method.REFRESH, (LIFETIME, 0), (REQUESTED_ADDRESS_FAMILY, 2))) is None
        assert await is_over(his)
        assert free(six)
        assert not free(four)
        assert code(await anna.connect(boris.address)) == 443


@pytest.mark.parametrize(
    "scenario",
    [
        test_who_has_said_all_may_still_listen,
        test_a_peer_comes_in_by_permission_and_what_he_says_first_waits,
        test_what_each_request_may_hear,
        test_bandwidth_is_kept_by_waiting,
    ],
)
def test_so_it_is_on_uvloop_where_the_relay_runs(scenario):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scenario())


@EVERY
@pytest.mark.parametrize(
    "scenario",
    [test_much_is_carried_both_ways_at_once_and_counted, test_who_does_not_read_holds_up_the_other_and_nothing_is_lost],
)
def test_so_it_is_on_uvloop_with_tls_too(scenario, transport, tls):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scenario(transport, tls))


async def test_it_is_off_unless_it_is_switched_on():
    async with rig(TURN_TCP_RELAY=False) as it, it.probe(Transport.TCP) as anna:
        assert code(await anna.request(Method.ALLOCATE, TCP)) == 442


async def test_while_draining_clients_are_sent_elsewhere():
    elsewhere = [("192.0.2.7", 3478), ("2001:db8::7", 3478)]
    async with rig(TURN_ALTERNATES=elsewhere) as it, it.probe(Transport.TCP) as anna:
        it.relay.drain()
        answer = await anna.request(Method.ALLOCATE, UDP)
        assert code(answer) == 300
        assert answer.get(ALTERNATE_SERVER) == Address.of("192.0.2.7", 3478)


async def test_who_spoke_to_whom_is_told_without_the_key_to_it(caplog):
    caplog.set_level(logging.INFO)
    async with rig() as it:
        async with joined(it) as (_, _, his):
            peer = Address.of(*his.writer.get_extra_info("sockname")[:2])
        await until(lambda: not it.relay.users())
        lines = [record.getMessage() for record in caplog.records if record.name == it.logger.name]
        about = f"allocation=1 user=anna peer={peer} by=client"
        assert f"peer-joined {about}" in lines
        assert any(line.startswith(f"peer-left {about} seconds=") for line in lines)


@pytest.mark.skipif(shutil.which("turnutils_uclient") is None, reason="coturn is not installed")
@pytest.mark.parametrize("more", [(), ("-S",)], ids=["tcp", "tls"])
async def test_coturns_client(tls, more):
    context, _ = tls
    async with rig(context) as it:
        command = ["turnutils_uclient", "-u", "anna", "-w", PASSWORD, "-p", str(it.streams.port), "-n", "20", "-m", "4", "-T"]
        process = await asyncio.create_subprocess_exec(*command, *more, HOST, stdout=asyncio.subprocess.PIPE)
        output = (await asyncio.wait_for(process.communicate(), 3 * PATIENCE))[0].decode()
        assert process.returncode == 0, output
        sent, received = re.findall(r"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)", output)[-1]
        assert sent == received == "80", output
        assert re.search(r"Total lost packets 0\b", output), output
        assert it.journal.failures == 0
