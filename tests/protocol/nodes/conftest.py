"""Two nodes on one database; and others with a Valkey of their own, which may suffer."""

import signal
from collections.abc import Iterator

import pytest

from tests.conftest import Instance
from tests.protocol.bus.conftest import Valkey, own_valkey
from tests.protocol.conftest import Cast, Client, Connect

__all__ = ["own_valkey"]

ONE_SEAT = {"SEATS_PER_USER": "1"}  # as by default


@pytest.fixture(scope="package")
def east(instance: Instance) -> Iterator[Instance]:
    yield from running(Instance(instance.env | ONE_SEAT))


@pytest.fixture(scope="package")
def west(instance: Instance) -> Iterator[Instance]:
    yield from running(Instance(instance.env | ONE_SEAT))


def running(node: Instance) -> Iterator[Instance]:
    node.start()
    yield node
    thaw(node)
    node.stop()


@pytest.fixture
def frail_east(instance: Instance, own_valkey: Valkey) -> Iterator[Instance]:
    yield from running(Instance(instance.env | ONE_SEAT | {"REDIS_URL": own_valkey.url}))


@pytest.fixture
def frail_west(instance: Instance, own_valkey: Valkey) -> Iterator[Instance]:
    yield from running(Instance(instance.env | ONE_SEAT | {"REDIS_URL": own_valkey.url}))


def freeze(node: Instance) -> None:
    node.processes[0].send_signal(signal.SIGSTOP)


def thaw(node: Instance) -> None:
    node.processes[0].send_signal(signal.SIGCONT)  # nothing, if it has ended


Pair = tuple[Client, Client]


@pytest.fixture
async def call(east: Instance, west: Instance, connect: Connect, cast: Cast, channel: int) -> Pair:
    """Ann on one node and Bob on the other, in one channel; Ann knows of Bob."""
    return await call_between(east, west, connect, cast, channel)


@pytest.fixture
async def frail_call(frail_east: Instance, frail_west: Instance, connect: Connect, cast: Cast, channel: int) -> Pair:
    return await call_between(frail_east, frail_west, connect, cast, channel)


async def call_between(one: Instance, other: Instance, connect: Connect, cast: Cast, channel: int) -> Pair:
    ann, bob = await connect(cast.ann, instance=one), await connect(cast.bob, instance=other)
    await ann.join(channel)
    assert roster(await bob.join(channel)) == [ann.id, bob.id]
    await ann.until("user-connected")
    return ann, bob


def roster(created: dict) -> list[str]:
    return [seat["socketId"] for seat in created["participants"]]
