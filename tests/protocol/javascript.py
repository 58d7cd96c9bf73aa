"""The JavaScript client from npm, driven through a pipe."""

import asyncio
import json
from collections import defaultdict
from typing import Any

from tests.conftest import PATIENCE, Instance
from tests.protocol.addresses import REAL, Address

MODES = {"upgrade": ["polling", "websocket"], "websocket": ["websocket"], "polling": ["polling"]}


class Script:
    """tests/js/client.mjs: any number of clients in one process of node."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: dict[str, list[tuple[str, Any]]] = defaultdict(list)
        self.news = asyncio.Condition()
        self.reading = asyncio.create_task(self.read())

    async def read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            told = json.loads(line)
            async with self.news:
                self.heard[told["client"]].append((told["event"], told["data"]))
                self.news.notify_all()

    def do(self, client: str, deed: str, **rest: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"client": client, "do": deed, **rest}).encode() + b"\n")

    def connect(self, client: str, instance: Instance, user: dict | None, address: Address, mode: str) -> None:
        self.connect_by(MODES[mode], client, instance, user, address)

    def connect_by(self, transports: list[str], client: str, instance: Instance, user: dict | None, address: Address) -> None:
        """In this order."""
        options: dict[str, Any] = {"path": address.path, "transports": transports}
        token = user and user["token"]
        if token:
            options |= {"query": {"token": token}} if address == REAL else {"auth": {"token": token}}
        options["extraHeaders"] = {"Accept-Language": "en"}
        self.do(client, "connect", url=instance.url + address.namespace.rstrip("/"), options=options)

    def emit(self, client: str, *args: Any) -> None:
        self.do(client, "emit", args=args)

    def all(self, client: str, event: str) -> list[Any]:
        return [data for name, data in self.heard[client] if name == event]

    async def until(self, client: str, event: str, count: int = 1) -> Any:
        async def heard() -> Any:
            async with self.news:
                await self.news.wait_for(lambda: len(self.all(client, event)) >= count)
            return self.all(client, event)[count - 1]

        try:
            return await asyncio.wait_for(heard(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"{client}: no {event} number {count}, but {str(self.heard)[:2000]}") from None
