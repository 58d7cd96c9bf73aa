"""What the server decides, carried out: sockets, tables, timers, usage. With a real plane and real clients."""

import asyncio
import logging
import socket
from contextlib import AsyncExitStack

import pytest

from bench.ports import free_port
from tests.turn.probe import PATIENCE, UDP, Probe, code, peer
from tests.turn.rig import HOST, PASSWORD, Rig, rig, until
from turn import relay as relays
from turn.plane import sockets
from turn.protocol.attributes import (
    ADDITIONAL_ADDRESS_FAMILY,
    CHANNEL_NUMBER,
    EVEN_PORT,
    LIFETIME,
    REQUESTED_ADDRESS_FAMILY,
    RESERVATION_TOKEN,
    XOR_PEER_ADDRESS,
    XOR_RELAYED_ADDRESS,
)
from turn.protocol.stun import Method
from turn.server import Server
from turn.words import Address, Client, Effect, Moment, Transport, Usage

pytestmark = pytest.mark.usefixtures("each_plane")
EVERY = pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])


def free(address: Address) -> bool:
    """Whether nobody is bound there."""
    try:
        sockets.bind_relay(address).close()
    except OSError:
        return False
    return True


async def bind(client: Probe, channel: int, to: Address) -> int | None:
    return code(await client.request(Method.CHANNEL_BIND, (CHANNEL_NUMBER, channel), (XOR_PEER_ADDRESS, to)))


async def part(client: Probe) -> int | None:
    return code(await client.request(Method.REFRESH, (LIFETIME, 0)))


@EVERY
async def test_media_flow_both_ways_and_are_counted_for_their_user(transport):
    async with rig() as it, it.probe(transport) as anna, peer() as friend:
        relayed = await anna.allocate()
        assert it.relay.users() == {"anna"}
        assert await bind(anna, 0x4000, friend.address) is None
        anna.send_by(0x4000, b"12345")
        assert await friend.receive_from() == (b"12345", relayed)
        friend.send(b"789", relayed)
        assert await anna.hear() == (0x4000, b"789")
        assert it.relay.carried() == {"anna": Usage(1, 5, 1, 3)}

        async with peer() as other:
            assert await anna.permit(other.address) is None
            anna.send_to(other.address, b"ab")
            assert await other.receive_from() == (b"ab", relayed)
        assert await part(anna) is None
        assert it.relay.carried() == {"anna": Usage(1, 2, 0, 0)}
        assert it.relay.carried() == {}
        assert it.relay.users() == set()
        assert it.relay.usage == Usage(2, 7, 1, 3)
        assert free(relayed)
        assert it.journal.failures == 0


async def test_usage_beyond_so_many_users_is_nobodys(monkeypatch):
    monkeypatch.setattr(relays, "MOST_USERS", 1)
    async with rig() as it, it.probe() as anna, it.probe(user="boris") as boris, peer() as friend:
        for client in (anna, boris):
            await client.allocate()
            assert await client.permit(friend.address) is None
            client.send_to(friend.address, b"12")
            await friend.receive()
        assert it.relay.carried() == {"anna": Usage(1, 2), "": Usage(1, 2)}


async def test_a_port_that_another_program_has_is_passed_over(monkeypatch):
    port = free_port(together=2)
    free_one = port + 1
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind((HOST, port))
        async with rig(TURN_PORTS=range(port, port + 2)) as it, it.probe() as anna, it.probe(user="boris") as boris:
            assert (await anna.allocate()).port == free_one
            answer = await boris.request(Method.ALLOCATE, UDP)
            assert code(answer) == 508
            assert it.relay.users() == {"anna"}
            assert await part(anna) is None
        assert free(Address.of(HOST, free_one))


async def test_a_client_that_hangs_up_leaves_nothing_behind():
    async with rig() as it, peer() as friend:
        async with it.probe(Transport.TCP) as anna:
            relayed = await anna.allocate()
            assert await bind(anna, 0x4000, friend.address) is None
            assert it.relay.connections == {Transport.TCP: 1}
        await until(lambda: not it.relay.connections)
        assert it.relay.users() == set()
        assert free(relayed)


@EVERY
async def test_who_is_cut_off_is_heard_no_more(transport):
    async with rig() as it, it.probe(transport) as anna, it.probe(user="boris") as boris, peer() as friend:
        for client in (anna, boris):
            await client.allocate()
            assert await client.permit(friend.address) is None
        it.relay.cut("anna")
        assert it.relay.users() == {"boris"}
        anna.send_to(friend.address, b"anna")
        assert code(await anna.request(Method.REFRESH)) == 437
        boris.send_to(friend.address, b"boris")
        assert await friend.receive() == b"boris"


async def test_the_port_above_is_held_until_who_knows_the_token_comes():
    async with rig() as it, it.probe() as anna, it.probe() as again:
        answer = await anna.request(Method.ALLOCATE, UDP, (EVEN_PORT, True))
        relayed, token = answer.get(XOR_RELAYED_ADDRESS), answer.get(RESERVATION_TOKEN)
        above = Address(relayed.host, relayed.port + 1)
        assert not free(above)
        assert await again.allocate((RESERVATION_TOKEN, token)) == above
        assert await part(anna) is None
        assert not free(above)
        assert await part(again) is None
        assert free(above)


async def test_what_nobody_comes_for_is_given_back_in_time(monkeypatch):
    monkeypatch.setattr("turn.server.RESERVATION_LIFETIME", 0.2)
    async with rig() as it, it.probe() as anna:
        answer = await anna.request(Method.ALLOCATE, UDP, (EVEN_PORT, True))
        relayed = answer.get(XOR_RELAYED_ADDRESS)
        await until(lambda: free(Address(relayed.host, relayed.port + 1)))
        assert not free(relayed)


async def test_an_allocation_ends_by_itself(monkeypatch):
    monkeypatch.setattr("turn.wishes.DEFAULT_LIFETIME", 0)
    async with rig() as it, it.probe() as anna:
        relayed = await anna.allocate()
        await until(lambda: not it.relay.users())
        assert free(relayed)


class Faulty(Server):
    """With a bug that a certain user name wakes."""

    def receive(self, data: bytes, client: Client, now: Moment) -> list[Effect]:
        if b"boris" in data:
            raise ArithmeticError("a bug")
        return super().receive(data, client, now)


async def test_a_bug_that_one_client_wakes_is_told_once_and_ends_nothing(caplog):
    async with rig(server=Faulty) as it, it.probe() as anna, it.probe(user="boris") as boris:
        boris.learn(await boris.ask(Method.ALLOCATE, UDP))
        for _ in range(3):
            boris.wire.send(boris.signed(Method.ALLOCATE, UDP))
        await anna.allocate()
        await until(lambda: it.journal.failures == 3)
        told = [record for record in caplog.records if record.name == it.logger.name and record.exc_info]
        assert len(told) == 1
        assert "a control message" in told[0].getMessage()


async def test_allocations_and_refusals_are_told_in_a_line_each_without_credentials(caplog):
    caplog.set_level(logging.INFO)
    async with rig() as it, it.probe() as anna, it.probe(user="boris", password="not his\nnor hers") as boris:
        await anna.allocate()
        assert code(await boris.request(Method.ALLOCATE, UDP)) == 401
        assert await part(anna) is None
        lines = [record.getMessage() for record in caplog.records if record.name == it.logger.name]
        client = f"client={anna.address} transport=udp"
        number = lines[0].split()[1]  # not the first, if another program had the port that was drawn for it
        assert [line.split(" relays=")[0].split(" seconds=")[0] for line in lines] == [
            f"allocation-opened {number} user=anna {client}",
            f"refused code=401 user=boris client={boris.address} transport=udp",
            f"allocation-closed {number} user=anna {client}",
        ]
        said = "\n".join(lines)
        assert PASSWORD not in said
        assert anna.nonce not in said


async def test_while_draining_nobody_comes_in_and_those_there_live_on():
    async with rig() as it, it.probe() as anna, it.probe(user="boris") as boris, peer() as friend:
        await anna.allocate()
        it.relay.drain()
        assert code(await boris.request(Method.ALLOCATE, UDP)) == 508
        assert await anna.permit(friend.address) is None
        anna.send_to(friend.address, b"still here")
        assert await friend.receive() == b"still here"
        empty = asyncio.create_task(it.relay.emptied())
        await asyncio.sleep(0)
        assert not empty.done()
        assert await part(anna) is None
        await asyncio.wait_for(empty, PATIENCE)


async def test_one_of_two_families_can_be_given_back_with_its_channels():
    async with rig(TURN_RELAY_ADDRESSES=[HOST, "::1"]) as it, it.probe() as anna, peer() as four, peer("::1") as six:
        answer = await anna.request(Method.ALLOCATE, UDP, (ADDITIONAL_ADDRESS_FAMILY, 2))
        inner, outer = answer.all(XOR_RELAYED_ADDRESS)
        assert (str(inner).startswith(HOST), str(outer).startswith("[::1]")) == (True, True)
        assert await bind(anna, 0x4000, four.address) is None
        assert await bind(anna, 0x4001, six.address) is None
        assert code(await anna.request(Method.REFRESH, (LIFETIME, 0), (REQUESTED_ADDRESS_FAMILY, 2))) is None
        assert free(outer)
        assert not free(inner)
        anna.send_by(0x4000, b"four")
        assert await four.receive() == b"four"
        assert await part(anna) is None
        assert it.journal.failures == 0


@pytest.mark.parametrize("external", [HOST, "192.0.2.99"])
async def test_at_our_own_address_only_those_who_relay_here_are_reached(external):
    """Also where clients know it by another name, behind a 1:1 NAT."""
    closed = {"TURN_ALLOW_LOOPBACK_PEERS": False, "TURN_EXTERNAL_ADDRESSES": [external]}
    async with rig(**closed) as it, it.probe() as anna, it.probe(Transport.TCP, user="boris") as boris, peer() as stranger:
        to_anna, to_boris = await anna.allocate(), await boris.allocate()
        assert to_anna.host == Address.of(external, 0).host
        elsewhere = Address(to_anna.host, stranger.address.port)
        assert await bind(anna, 0x4000, to_boris) is None
        assert await bind(anna, 0x4001, elsewhere) == 403
        assert await boris.permit(to_anna) is None
        anna.send_to(elsewhere, b"for a stranger")
        anna.send_by(0x4000, b"from anna")
        assert await boris.hear() == (to_anna, b"from anna")
        boris.send_to(to_anna, b"from boris")
        assert await anna.hear() == (0x4000, b"from boris")
        assert it.relay.plane.counters().forbidden == 1
        async with peer() as other:
            other.send(b"the first thing that came", stranger.address)
            assert await stranger.receive() == b"the first thing that came"


async def test_clients_are_dealt_out_to_workers_and_meet_all_the_same():
    async with rig(TURN_WORKERS=2) as it, AsyncExitStack() as stack, peer() as friend:
        clients = [await stack.enter_async_context(it.probe(kind)) for kind in [Transport.UDP, Transport.TCP] * 6]
        for number, client in enumerate(clients):
            await client.allocate()
            assert await bind(client, 0x4000 + number, friend.address) is None
            client.send_by(0x4000 + number, b"%d" % number)
            data, relayed = await friend.receive_from()
            assert data == b"%d" % number
            friend.send(b"back", relayed)
            assert await client.hear() == (0x4000 + number, b"back")
        assert it.relay.carried() == {"anna": Usage(12, 14, 12, 48)}
        assert len({client.link for client in links(it)}) >= it.relay.plane.workers


def links(it: Rig) -> list[Client]:
    return [allocation.client for allocation in it.relay.server.allocations]
