"""How long a kicked person stays in a call: from the request until the others are told. Against a running instance.

RATE_LIMITS=off ./run --port 5001 &
.venv/bin/python bench/enforcement/run.py --url http://127.0.0.1:5001
"""

import argparse
import asyncio
import secrets
import statistics
import time
from typing import Any

import requests
import socketio


class Person:
    def __init__(self, url: str) -> None:
        self.url, name = url, f"kick-{secrets.token_hex(5)}"
        body = {"username": name, "email": f"{name}@example.com", "password": "password123"}
        self.token = requests.post(f"{url}/api/auth/register", json=body, timeout=10).json()["token"]

    def ask(self, method: str, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, f"{self.url}/api{path}", json=body or None, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None


async def sit_down(person: Person, channel: int) -> tuple[socketio.AsyncClient, asyncio.Queue[float]]:
    client, told = socketio.AsyncClient(), asyncio.Queue[float]()
    seated = asyncio.Event()
    client.on("created", lambda _: seated.set(), namespace="/socket")
    client.on("user-disconnected", lambda _: told.put_nowait(time.perf_counter()), namespace="/socket")
    await client.connect(person.url, namespaces=["/socket"], auth={"token": person.token}, transports=["websocket"])
    await client.emit("join-room", channel, namespace="/socket")
    await asyncio.wait_for(seated.wait(), 10)
    return client, told


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:5000")
    parser.add_argument("--kicks", type=int, default=50)
    options = parser.parse_args()
    owner, member = Person(options.url), Person(options.url)
    server = owner.ask("POST", "/servers", name="bench")["id"]
    channel = owner.ask("POST", f"/servers/{server}/channels", name="call", type="voice")["id"]
    invite = owner.ask("POST", f"/invite/{server}/invite")["invite"]["token"]
    watcher, told = await sit_down(owner, channel)
    times = []
    for _ in range(options.kicks):
        membership = member.ask("POST", f"/invite/invite/{invite}/accept")["member"]["id"]
        seat, _ = await sit_down(member, channel)
        started = time.perf_counter()
        await asyncio.to_thread(owner.ask, "DELETE", f"/serverMembers/{server}/members/{membership}")
        times.append(await asyncio.wait_for(told.get(), 30) - started)
        await seat.disconnect()
    await watcher.disconnect()
    times.sort()
    print(f"{len(times)} kicks: median {statistics.median(times) * 1000:.0f} ms, slowest {times[-1] * 1000:.0f} ms")


asyncio.run(main())
