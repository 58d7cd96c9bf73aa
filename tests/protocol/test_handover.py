"""How a connection goes from one worker to another, without any server around it."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from voice.transports import handover
from voice.transports.handover import LONGEST, Inbox, hand_over


class Guests:
    def __init__(self) -> None:
        self.came: asyncio.Queue[tuple[socket.socket, bytes]] = asyncio.Queue()

    async def welcome(self, connection: socket.socket, received: bytes) -> None:
        await self.came.put((connection, received))


@pytest.fixture
async def guests(tmp_path: Path) -> AsyncIterator[Guests]:
    guests = Guests()
    inbox = Inbox(tmp_path / "1.sock", guests.welcome)
    yield guests
    await inbox.close()
    assert not (tmp_path / "1.sock").exists()


@pytest.mark.parametrize("size", [0, 1, 70_000, LONGEST])
async def test_the_connection_comes_with_all_that_was_read(guests: Guests, tmp_path: Path, size: int):
    ours, theirs = socket.socketpair()
    received = os.urandom(size)
    with ours, theirs:
        assert await hand_over(theirs.fileno(), received, tmp_path / "1.sock")
        theirs.close()
        connection, came = await guests.came.get()
        with connection:
            assert came == received
            connection.send(b"hello")
        assert (ours.recv(9), ours.recv(9)) == (b"hello", b"")


async def test_a_hundred_at_once_all_come(guests: Guests, tmp_path: Path):
    pairs = [socket.socketpair() for _ in range(100)]
    numbers = [str(number).encode() * 5000 for number in range(100)]
    given = [
        hand_over(theirs.fileno(), number, tmp_path / "1.sock") for (_, theirs), number in zip(pairs, numbers, strict=True)
    ]
    assert all(await asyncio.gather(*given))
    came = [await guests.came.get() for _ in pairs]
    assert sorted(received for _, received in came) == sorted(numbers)
    for connection in [*(connection for connection, _ in came), *(end for pair in pairs for end in pair)]:
        connection.close()


async def test_nobody_there_is_no_way_to_lose_a_connection(tmp_path: Path):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not await hand_over(theirs.fileno(), b"x", tmp_path / "nobody.sock")
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(tmp_path / "dead.sock"))
            assert not await hand_over(theirs.fileno(), b"x", tmp_path / "dead.sock")
        theirs.send(b"still here")
        assert ours.recv(99) == b"still here"


async def test_waiting_for_who_never_takes_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Neither a full queue nor a full buffer is waited for longer than that."""
    monkeypatch.setattr(handover, "PATIENCE", 0.05)
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.socket(socket.AF_UNIX) as busy:
        busy.bind(str(tmp_path / "busy.sock"))
        busy.listen(1)
        assert not await hand_over(theirs.fileno(), b"x" * LONGEST, tmp_path / "busy.sock")
        for _ in range(3):
            last = await hand_over(theirs.fileno(), b"x", tmp_path / "busy.sock")
        assert not last


async def test_what_does_not_come_whole_is_closed(guests: Guests, tmp_path: Path):
    for said in (b"x", b"\x00\x00\x00\x09abc", b"\xff" * 100):
        ours, theirs = socket.socketpair()
        with ours, socket.socket(socket.AF_UNIX) as way:
            ours.setblocking(False)
            way.connect(str(tmp_path / "1.sock"))
            with theirs:
                socket.send_fds(way, [said], [theirs.fileno()])
            way.shutdown(socket.SHUT_WR)
            assert await asyncio.get_running_loop().sock_recv(ours, 9) == b""
    assert guests.came.empty()
