"""Two nodes on one database and a Valkey of their own, all of which may suffer."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Instance
from tests.protocol.bus.conftest import Valkey, own_valkey
from tests.protocol.conftest import Cast, Client, Connect

__all__ = ["own_valkey"]


class Nodes:
    def __init__(self, env: dict[str, str]) -> None:
        self._env = env
        self.running: list[Instance] = []

    def start(self, **env: str) -> Instance:
        node = Instance({**self._env, **env})
        self.running.append(node)
        node.start()
        return node

    def kill(self, node: Instance) -> None:
        node.process.kill()
        node.process.wait()

    def freeze(self, node: Instance) -> None:
        os.kill(node.process.pid, signal.SIGSTOP)

    def thaw(self, node: Instance) -> None:
        os.kill(node.process.pid, signal.SIGCONT)


@pytest.fixture
def nodes(instance: Instance, own_valkey: Valkey) -> Iterator[Nodes]:
    found = Nodes({**instance.env, "REDIS_URL": own_valkey.url})
    yield found
    for node in found.running:
        if node.process.poll() is None:
            found.thaw(node)
            node.stop()


@pytest.fixture
def east(nodes: Nodes) -> Instance:
    return nodes.start()


@pytest.fixture
def west(nodes: Nodes) -> Instance:
    return nodes.start()


@pytest.fixture
async def call(east: Instance, west: Instance, connect: Connect, cast: Cast, channel: int) -> tuple[Client, Client]:
    """Ann on one node and Bob on the other, in one channel; Ann knows of Bob."""
    ann, bob = await connect(cast.ann, instance=east), await connect(cast.bob, instance=west)
    await ann.join(channel)
    created = await bob.join(channel)
    assert [seat["socketId"] for seat in created["participants"]] == [ann.id, bob.id]
    await ann.until("user-connected")
    return ann, bob


Join = Callable[..., Client]
