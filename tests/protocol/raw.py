"""Engine.IO spoken by hand, for all that no client library would send."""

import asyncio
import json
import secrets
import socket
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket
from websockets.exceptions import ConnectionClosed

from tests.conftest import Instance
from tests.protocol.conftest import PATIENCE, SAMPLE, Address

ENGLISH = {"Accept-Language": "en"}


def frame(name: str, *args: Any, address: Address = SAMPLE) -> str:
    """A Socket.IO event as an Engine.IO message."""
    namespace = "" if address.namespace == "/" else f"{address.namespace},"
    return f"42{namespace}{json.dumps([name, *args])}"


def websocket_url(instance: Instance, path: str = "/socket.io", **query: str) -> str:
    return f"ws://127.0.0.1:{instance.port}{path}/?{urlencode({'EIO': '4', 'transport': 'websocket', **query})}"


async def open_websocket(instance: Instance, token: str, **options: Any) -> ClientConnection:
    """Connected to namespace `/socket`."""
    raw = await websocket(websocket_url(instance), compression=None, max_size=None, additional_headers=ENGLISH, **options)
    assert str(await raw.recv()).startswith("0{")
    await raw.send(f"40/socket,{json.dumps({'token': token})}")
    answer = str(await raw.recv())
    assert answer.startswith("40/socket,{"), answer
    return raw


async def answered(raw: ClientConnection) -> list[str]:
    """All that comes until something said now is answered: he goes to a room that nobody else knows."""
    room = f"echo-{secrets.token_hex(4)}"
    await raw.send(frame("join-room", room))
    heard: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while not heard or room not in heard[-1]:
            heard.append(str(await raw.recv()))
    return heard[:-1]


async def closed(raw: ClientConnection) -> int | None:
    """Waits for the end; its code, None where there is none."""
    async with asyncio.timeout(PATIENCE):
        try:
            while True:
                await raw.recv()
        except ConnectionClosed as end:
            return end.rcvd and end.rcvd.code


class Polling:
    """One polling session on namespace `/socket`."""

    def __init__(self, instance: Instance) -> None:
        self.base = f"{instance.url}/socket.io/?EIO=4&transport=polling"
        self.opening = json.loads(self.get(sid=None).text[1:])
        self.sid = self.opening["sid"]

    def address(self, sid: str | None) -> str:
        return self.base if sid is None else f"{self.base}&sid={sid}"

    def get(self, sid: str | None = "") -> requests.Response:
        return requests.get(self.address(self.sid if sid == "" else sid), headers=ENGLISH, timeout=PATIENCE)

    def post(self, data: Any, **headers: str) -> requests.Response:
        data = data.encode() if isinstance(data, str) else data
        return requests.post(self.address(self.sid), data=data, headers=ENGLISH | headers, timeout=PATIENCE)

    def sign_in(self, token: str) -> None:
        assert self.post(f"40/socket,{json.dumps({'token': token})}").status_code == 200
        assert self.get().text.startswith("40/socket,{")


def http(instance: Instance, head: bytes) -> int:
    """The status of the answer to these very bytes; 0 if the connection is closed without one."""
    address = urlsplit(instance.url)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as connection:
        connection.sendall(head)
        try:
            line = connection.recv(4096).split(b"\r\n")[0]
        except ConnectionResetError:
            return 0
    return int(line.split()[1]) if line else 0
