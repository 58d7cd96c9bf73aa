"""Real clients against a real server process: each records what it hears, and waits for it a bounded time."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import socketio

from tests.conftest import PATIENCE, SERVERS, Instance
from tests.protocol.addresses import ADDRESSES as ADDRESSES
from tests.protocol.addresses import REAL, SAMPLE, Address
from tests.protocol.javascript import Script

JS = Path(__file__).parent.parent / "js"
ECHO = "The token must be a string"  # the server's answer to `settled`, in order with all else it says


EVERY_SERVER = pytest.mark.parametrize("instance", SERVERS, indirect=True)
TWO_WORKERS = pytest.mark.parametrize("instance", ["workers"], indirect=True)
BOTH_WAYS = pytest.mark.parametrize("instance", ["run", "uvicorn"], indirect=True)  # our own WebSockets, and plain ASGI


@pytest.fixture(scope="session")
def instance(instance: Instance, request: pytest.FixtureRequest) -> Iterator[Instance]:
    """The instance as `./run` serves it, or a second one on the same database: another server, or two workers."""
    server = getattr(request, "param", "run")
    if server == "run":
        yield instance
        return
    other = Instance(instance.env, workers=2) if server == "workers" else Instance(instance.env, server)
    try:
        other.start()
        yield other
    finally:
        other.stop()


class Client:
    """One Socket.IO connection. `heard` is all that came, in order."""

    def __init__(self, instance: Instance, user: dict | None, address: Address, transports: list[str]) -> None:
        self.instance, self.user, self.address, self.transports = instance, user, address, transports
        self.heard: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        self.io = socketio.AsyncClient(reconnection=False)
        self.io.on("*", self._hear, namespace=address.namespace)
        self.io.on("disconnect", lambda *_: self._hear("disconnect"), namespace=address.namespace)

    def _hear(self, name: str, *args: Any) -> None:
        self.heard.append((name, args[0] if args else None))
        self._news.set()

    @property
    def token(self) -> str | None:
        return self.user and self.user["token"]

    @property
    def worker(self) -> int:
        """Who keeps its session."""
        return int(self.io.eio.sid.partition(".")[0])

    async def connect(self, token: Any = None) -> "Client":
        """`token` is the handshake's; by default the user's own."""
        token = token or self.token
        path, namespace = self.address
        query = f"?token={token}" if token and self.address == REAL else ""
        await self.io.connect(
            self.instance.url + query,
            headers={"Accept-Language": "en"},
            auth={"token": token} if token and self.address != REAL else None,
            socketio_path=path,
            namespaces=[namespace],
            transports=self.transports,
            wait_timeout=PATIENCE,
        )
        self.id = str(self.io.get_sid(namespace))
        return self

    async def say(self, name: str, *args: Any) -> None:
        await self.io.emit(name, args or None, namespace=self.address.namespace)

    async def join(self, room: Any, *token: Any) -> dict:
        """Into a room, and see it `created`."""
        before = len(self.all("created"))
        await self.say("join-room", room, *token)
        return await self.until("created", before + 1)

    def all(self, name: str) -> list[Any]:
        return [data for heard, data in self.heard if heard == name]

    async def until(self, name: str, count: int = 1, within: float = PATIENCE) -> Any:
        """The `count`th event of that name."""
        try:
            async with asyncio.timeout(within):
                while len(found := self.all(name)) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {name} number {count} within {within} s, but {str(self.heard)[:2000]}") from None
        return found[count - 1]

    async def settled(self, *before: "Client") -> list[tuple[str, Any]]:
        """All heard so far, surely with everything that `before` and oneself have caused: an answered frame follows it."""
        for client in (*before, self):
            await client._echo()
        return self.heard

    async def _echo(self) -> None:
        await self.say("join-room", "echo", 0)
        async with asyncio.timeout(PATIENCE):
            while ("error", {"message": ECHO}) not in self.heard:
                self._news.clear()
                await self._news.wait()
        self.heard.remove(("error", {"message": ECHO}))

    async def leave(self) -> None:
        await self.io.disconnect()


Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
async def connect(instance: Instance) -> AsyncIterator[Connect]:
    """`await connect(user)`: a connected client; all are closed in the end. `worker` is the one that is to keep its session."""
    clients: list[Client] = []

    async def opened(
        user: dict | None = None,
        address: Address = SAMPLE,
        *,
        token: Any = None,
        transports: tuple[str, ...] = ("websocket",),
        instance: Instance = instance,
        worker: int | None = None,
    ) -> Client:
        while True:
            clients.append(client := Client(instance, user, address, list(transports)))
            await client.connect(token)
            if worker is None or client.worker == worker:
                return client
            await client.leave()  # it was drawn by lot

    yield opened
    await asyncio.gather(*(client.io.shutdown() for client in clients), return_exceptions=True)


class Cast(NamedTuple):
    """People whose rights no test changes, on one server; `stranger` owns another."""

    owner: dict
    ann: dict
    bob: dict
    stranger: dict
    server: int
    foreign_channel: int


@pytest.fixture(scope="session")
def cast(instance: Instance) -> Cast:
    owner, ann, bob, stranger = (instance.sign_up(name) for name in ("owner", "ann", "bob", "stranger"))
    server, _ = instance.voice_channel(owner, ann, bob)
    _, foreign = instance.voice_channel(stranger)
    return Cast(owner, ann, bob, stranger, server, foreign)


@pytest.fixture
def channel(instance: Instance, cast: Cast) -> int:
    """An empty voice channel on the cast's server."""
    answer = instance.api("POST", f"/servers/{cast.server}/channels", cast.owner["token"], name="call", type="voice")
    return answer.json()["id"]


@pytest.fixture
async def pair(connect: Connect, cast: Cast, channel: int) -> tuple[Client, Client]:
    """Ann and Bob in one channel, and Ann knows of Bob."""
    ann, bob = await connect(cast.ann), await connect(cast.bob)
    await ann.join(channel)
    await bob.join(channel)
    await ann.until("user-connected")
    return ann, bob


async def talks(one: Client, other: Client) -> None:
    """Both directions of a call still work."""
    for sender, receiver in ((one, other), (other, one)):
        before = len(receiver.all("signal"))
        await sender.say("signal", {"to": receiver.id, "type": "still-there", "number": before})
        assert (await receiver.until("signal", before + 1))["number"] == before


@pytest.fixture(scope="session")
def node() -> str:
    """The node program, with socket.io-client beside the scripts."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed: the JavaScript client cannot run")
    if not (JS / "node_modules" / "socket.io-client").is_dir():
        pytest.skip(f"socket.io-client is not installed: run `npm ci` in {JS}")
    wanted = json.loads((JS / "package.json").read_text())["dependencies"]["socket.io-client"]
    found = json.loads((JS / "node_modules" / "socket.io-client" / "package.json").read_text())["version"]
    if found != wanted:
        pytest.skip(f"socket.io-client is {found}, not {wanted}: run `npm ci` in {JS}")
    return program


@pytest.fixture
async def js(node: str) -> AsyncIterator[Script]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(node, "client.mjs", cwd=JS, stdin=pipe, stdout=pipe, limit=2**22)
    script = Script(process)
    yield script
    assert process.stdin
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), 3)
    except TimeoutError:
        process.kill()
        await process.wait()
    await script.reading
