"""UDP at all addresses of the machine: whom one asked, one hears."""

import asyncio
import socket
from ipaddress import ip_address

import pytest

from bench.ports import free_port
from tests.turn.probe import PATIENCE
from tests.turn.rig import Rig, rig, until
from turn import datagrams, machine
from turn.datagrams import Datagrams
from turn.plane import sockets
from turn.protocol.stun import Kind, Method, decode, encode
from turn.words import Address

REQUEST = encode(Method.BINDING, Kind.REQUEST, bytes(12))


def listening(it: Rig) -> Datagrams:
    return Datagrams(it.relay, free_port(), it.journal)


async def answers(at: Address) -> bool:
    """A connected socket hears nobody but whom it asked."""
    with socket.socket(sockets.FAMILIES[at.family], socket.SOCK_DGRAM) as asking:
        asking.setblocking(False)
        asking.connect(sockets.to_sockaddr(at))
        asking.send(REQUEST)
        heard = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(asking, 2048), PATIENCE)
    return decode(heard).kind is Kind.SUCCESS


async def test_each_address_of_the_machine_answers_for_itself():
    async with rig() as it:
        everywhere = listening(it)
        for host in ("0.0.0.0", "::"):
            everywhere.listen(ip_address(host).packed)
        asked = [host for host in machine.addresses() if not ip_address(host).is_link_local]
        assert everywhere._hosts <= set(asked)
        assert ip_address("127.0.0.1").packed in everywhere._hosts
        for host in everywhere._hosts:
            assert await answers(Address(host, everywhere._port))


async def test_one_address_is_one_address():
    async with rig() as it:
        here = listening(it)
        here.listen(ip_address("127.0.0.1").packed)
        sockets.listen_datagrams(Address.of("127.0.0.2", here._port))[0].close()  # still free
        assert await answers(Address.of("127.0.0.1", here._port))


async def test_an_address_that_the_machine_gets_later_is_listened_to(monkeypatch):
    present = {ip_address("127.0.0.1").packed}
    monkeypatch.setattr(machine, "addresses", lambda: present)
    monkeypatch.setattr(datagrams, "LOOK", 0.01)
    async with rig() as it:
        everywhere = listening(it)
        everywhere.listen(bytes(4))
        following = asyncio.create_task(everywhere.follow())
        try:
            present = {*present, ip_address("127.0.0.7").packed, ip_address("192.0.2.200").packed}  # the last is not ours
            await until(lambda: len(everywhere._hosts) == 2)
            assert await answers(Address.of("127.0.0.7", everywhere._port))
        finally:
            following.cancel()


async def test_a_port_that_is_taken_is_an_error_at_first_and_a_line_later(monkeypatch, caplog):
    monkeypatch.setattr(machine, "addresses", lambda: {ip_address("127.0.0.1").packed})
    monkeypatch.setattr(datagrams, "LOOK", 0.01)
    async with rig() as it:
        everywhere = listening(it)
        (taken,) = sockets.listen_datagrams(Address.of("127.0.0.1", everywhere._port))
        with taken:
            with pytest.raises(OSError, match="in use"):
                everywhere.listen(bytes(4))
            following = asyncio.create_task(everywhere.follow())
            try:
                await until(lambda: "not-listening" in caplog.text)
            finally:
                following.cancel()
