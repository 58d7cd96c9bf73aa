"""What REST asks the calls, from its threads: the hub lives in the event loop of the sockets."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from asgiref.sync import async_to_sync

from projectvoice.kernel.errors import Unavailable
from projectvoice.kernel.events import loop_of_sockets
from voice.core.hub import Absent, Roster
from voice.core.words import Room
from voice.transports.switchboard import switchboard

T = TypeVar("T")
PATIENCE = 5.0  # seconds


def rosters(room: Room | None = None) -> dict[Room, Roster]:
    """Who sits where, on all nodes: in one room, or in all open ones that have a name."""
    return _wait(switchboard.rosters(room))


def calls() -> dict[Room, Roster]:
    """Who sits where, on all nodes, voice channels among them: for staff."""
    return _wait(switchboard.rosters(None, channels=True))


def expect(room: Room, absent: Absent) -> Roster:
    """Somebody is to come; answers who is there beside. Raises IdTaken and RoomFull."""
    return _wait(switchboard.expect(room, absent))


def see_off(room: Room, peer_id: str) -> bool:
    """Whoever it is, on whatever node, leaves the room; False if he is not there."""
    return _wait(switchboard.see_off(room, peer_id))


def _wait(answer: Coroutine[Any, Any, T]) -> T:
    loop = loop_of_sockets() or switchboard.others.loop

    async def beside_sockets() -> T:
        await switchboard.others.start()
        return await answer

    async def alone() -> T:  # in a command or a test
        return await answer

    if loop is None or not loop.is_running():
        return async_to_sync(alone)()
    try:
        return asyncio.run_coroutine_threadsafe(beside_sockets(), loop).result(PATIENCE)
    except TimeoutError as error:
        raise Unavailable from error
