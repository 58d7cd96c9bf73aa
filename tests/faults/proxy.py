"""A way to a server that a test makes long, or closes. It runs beside the test, in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote, urlsplit

from projectvoice.environment import database

HOST = "127.0.0.1"


class Proxy:
    """`latency`: seconds that everything takes on its way to the server. While `is_open` is false it takes for ever."""

    def __init__(self, host: str, port: int) -> None:
        """`host` may be a folder, as with PostgreSQL: then the server's Unix socket is in it."""
        self.latency = 0.0
        self.port = 0
        self._upstream = host, port
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._ways: set[asyncio.Task[None]] = set()
        self._listening = threading.Event()

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    @is_open.setter
    def is_open(self, value: bool) -> None:
        self._loop.call_soon_threadsafe(self._open.set if value else self._open.clear)

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        thread.start()
        self._listening.wait()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._over.set)
            thread.join()
            self._loop.close()

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._lead, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._over.wait()
        server.close()
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._ways.add(task)
        host, port = self._upstream
        there = None
        try:
            with suppress(OSError):
                from_there, there = await (
                    asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
                    if host.startswith("/")
                    else asyncio.open_connection(host, port)
                )
                back = asyncio.create_task(self._copy(from_there, writer))
                try:
                    await self._copy(reader, there, slowly=True)
                finally:
                    back.cancel()
        finally:
            self._ways.discard(task)
            writer.close()
            if there is not None:
                there.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slowly: bool = False) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if slowly:
                    await asyncio.sleep(self.latency)
                    await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@contextmanager
def slow_database(url: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before the database of this URL, and the URL by which it is reached over it."""
    server = database(url)
    with Proxy(server["HOST"] or "localhost", int(server["PORT"] or 5432)).running() as proxy:
        user, password = quote(server["USER"]), quote(server["PASSWORD"])
        name = urlsplit(url).path
        yield proxy, f"postgresql://{user}:{password}@{HOST}:{proxy.port}{name}?sslmode=disable&gssencmode=disable"
