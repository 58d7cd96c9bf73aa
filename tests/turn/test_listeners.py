"""Who knocks over TCP: strangers are bounded in number and time, and the first byte says where they belong."""

import asyncio
import logging
import os
import resource
import socket
from contextlib import AsyncExitStack

import pytest

from tests.turn.probe import PATIENCE, Stream, code, where
from tests.turn.rig import Rig, rig, until
from turn import doors, listeners
from turn.guests import Guests
from turn.protocol.attributes import LIFETIME, XOR_MAPPED_ADDRESS
from turn.protocol.stun import Method
from turn.words import Transport

pytestmark = pytest.mark.usefixtures("each_plane")


async def knock(it: Rig) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*where(it.streams))


async def hung_up(reader: asyncio.StreamReader) -> bool:
    """Whether the relay ends it, perhaps with a reset."""
    try:
        return await asyncio.wait_for(reader.read(1), PATIENCE) == b""
    except ConnectionError:
        return True


async def test_stun_is_answered_where_it_came_from():
    async with rig() as it, it.probe(Transport.TCP) as anna:
        answer = await anna.ask(Method.BINDING)
        assert answer.get(XOR_MAPPED_ADDRESS) == anna.address
        assert it.relay.connections == {Transport.TCP: 1}


@pytest.mark.parametrize("method", [b"GET", b"POST", b"HEAD", b"OPTIONS", b"CONNECT"])
async def test_a_browser_is_told_that_it_is_wrong_here(method):
    async with rig() as it:
        reader, writer = await knock(it)
        writer.write(method + b" / HTTP/1.1\r\nHost: relay\r\n\r\n")
        head, _, body = (await asyncio.wait_for(reader.read(), PATIENCE)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
        assert body == b"This port is for TURN and speaks no HTTP.\n"
        await until(lambda: it.listeners.refused == {"no-turn": 1})
        assert len(it.guests) == 0
        writer.close()


async def test_tls_without_a_certificate_is_turned_away():
    async with rig() as it:
        reader, writer = await knock(it)
        writer.write(b"\x16\x03\x01\x00\x05hello")
        assert await hung_up(reader)
        assert it.listeners.refused == {"no-certificate": 1}
        writer.close()


async def test_who_says_nothing_goes(monkeypatch):
    monkeypatch.setattr(listeners, "FIRST_BYTE", 0.1)
    async with rig() as it:
        reader, writer = await knock(it)
        assert await hung_up(reader)
        assert it.listeners.refused == {"silent": 1}
        assert len(it.guests) == 0
        writer.close()


async def test_who_knocks_and_runs_is_forgotten():
    async with rig() as it:
        _, writer = await knock(it)
        writer.close()
        await until(lambda: it.listeners.refused == {"gone": 1})
        assert len(it.guests) == 0


async def test_strangers_have_so_long_and_who_has_an_allocation_stays():
    async with rig(guests=Guests(patience=0.5)) as it, it.probe(Transport.TCP) as anna, it.probe(Transport.TCP) as stranger:
        await anna.allocate()
        await stranger.ask(Method.BINDING)
        with pytest.raises((EOFError, ConnectionError)):
            await stranger.wire.receive()
        assert code(await anna.request(Method.REFRESH)) is None
        assert it.relay.connections == {Transport.TCP: 1}

        assert code(await anna.request(Method.REFRESH, (LIFETIME, 0))) is None
        with pytest.raises((EOFError, ConnectionError)):
            await anna.wire.receive()
        assert len(it.guests) == 0


async def test_one_host_may_have_so_many_strangers():
    async with rig(guests=Guests(most_of_host=2)) as it, AsyncExitStack() as stack:
        anna = await stack.enter_async_context(it.probe(Transport.TCP))
        other = await stack.enter_async_context(it.probe(Transport.TCP))
        for client in (anna, other):
            await client.ask(Method.BINDING)
        reader, writer = await knock(it)
        assert await hung_up(reader)
        assert it.listeners.refused == {"too-many": 1}
        writer.close()

        await anna.allocate()  # and is a stranger no more
        third = await stack.enter_async_context(it.probe(Transport.TCP))
        await third.ask(Method.BINDING)
        assert it.listeners.refused == {"too-many": 1}


async def test_where_there_are_too_many_strangers_who_has_waited_longest_makes_room():
    async with rig(guests=Guests(most=2)) as it, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(it.probe(Transport.TCP)) for _ in range(2)]
        for client in clients:
            await client.ask(Method.BINDING)
        clients.append(await stack.enter_async_context(it.probe(Transport.TCP)))
        await clients[2].ask(Method.BINDING)
        with pytest.raises((EOFError, ConnectionError)):
            await clients[0].wire.receive()
        await clients[1].ask(Method.BINDING)
        assert len(it.guests) == 2


async def test_a_frame_that_never_ends_ends_the_connection():
    async with rig() as it, it.probe(Transport.TCP) as anna:
        anna.wire.send(b"\x00\x01\x00")
        with pytest.raises((EOFError, ConnectionError)):
            await anna.wire.receive()
        await until(lambda: not it.relay.connections)
        assert len(it.guests) == 0


async def test_without_descriptors_it_rests_and_goes_on(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(doors, "REST", 0.05)
    async with rig() as it:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with socket.socket() as client:
            client.setblocking(False)
            lowest = os.dup(0)
            os.close(lowest)
            resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
            try:
                await asyncio.get_running_loop().sock_connect(client, where(it.streams))
                await until(lambda: "accepting-rests" in caplog.text)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            wire = Stream(*await asyncio.open_connection(sock=client))
            wire.send(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12))
            assert (await wire.receive())[:2] == b"\x01\x01"
            wire.close()


async def test_when_it_stops_nobody_is_let_in_and_those_waiting_are_let_go():
    async with rig() as it:
        reader, writer = await knock(it)
        await until(lambda: len(it.guests) == 1)
        await it.listeners.stop()
        assert await hung_up(reader)
        with pytest.raises(ConnectionRefusedError):
            await knock(it)
        assert len(it.guests) == 0
        writer.close()
