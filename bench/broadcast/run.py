"""What it costs to tell all who listen: a message in a channel of 1 000 subscribers, beside socket.io's broadcast on Node.

    .venv/bin/python -m bench.broadcast.run [--listeners 1000] [--rounds 4] [--json FILE]

Ours does the whole of it: POST /api/messages with its rights and its rows, the log, everybody's rights, the frames. Node
is handed the finished event in a POST and calls `io.to(room).emit`. PostgreSQL's own time is told apart.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import resource
import selectors
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.report import keep, machine
from bench.rest.run import folder_for
from bench.signaling.clients import Client
from bench.signaling.servers import OURS, PYTHON, SOCKET_IO, Running, stage
from launch.bootstrap import DEVELOPMENT, RUNTIME, ensure_venv
from launch.console import LaunchError, complain, say
from launch.crew import Crew

NAMESPACE = "/socket,"
AT_ONCE = 100
RATE = 10.0  # messages a second
PING = b"\x81\x012"  # Engine.IO's, as a frame
MARK = b'"message-created"'
WORDS = "The quick brown fox jumps over the lazy dog. " * 4
SILENCE = 5.0
CPUS = sorted(os.sched_getaffinity(0))


class Listeners:
    """Clients that have said what they want to hear; a thread counts the events that come."""

    def __init__(self, port: int, tokens: Sequence[str], subscribe: list[Any], answer: str) -> None:
        self.heard = 0
        self._selector = selectors.DefaultSelector()
        self._going = True
        self._clients = [Client(port, "", "") for _ in tokens]
        for start in range(0, len(tokens), AT_ONCE):
            some = self._clients[start : start + AT_ONCE]
            for client in some:
                client.connect("/socket.io/?EIO=4&transport=websocket")
            for client, token in zip(some, tokens[start:], strict=False):
                client.connected()
                client.say(f"40{NAMESPACE}" + json.dumps({"token": token}))
            for client in some:
                client.until(f"40{NAMESPACE}")
                client.say(f"42{NAMESPACE}" + json.dumps(subscribe))
            for client in some:
                client.until(answer)
        for client in self._clients:
            client.socket.setblocking(False)
            self._selector.register(client.socket, selectors.EVENT_READ, client)
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        """A mark that is cut in two by a read is rare and is looked for in what was kept of the read before."""
        rests: dict[int, bytes] = {}
        while self._going:
            for key, _ in self._selector.select(0.2):
                came = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]  # a socket
                if not came:  # closed: its events are missing in the count
                    self._selector.unregister(key.fileobj)
                    continue
                data = rests.get(key.fd, b"") + came
                self.heard += data.count(MARK)
                last = data.rfind(MARK)
                rests[key.fd] = data[max(last + len(MARK), len(data) - len(MARK) + 1) :] if last >= 0 else data[1 - len(MARK) :]
                if PING in came:
                    with contextlib.suppress(OSError):
                        key.data.say("3")
                        key.fileobj.setblocking(False)  # type: ignore[union-attr]

    def close(self) -> None:
        self._going = False
        self._thread.join()
        for client in self._clients:
            client.socket.close()


async def bench(count: int, rounds: int, seconds: float, folder: Path, file: Path | None) -> bool:
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    os.sched_setaffinity(0, {CPUS[0]})
    crew = Crew()
    crew.obey_signals()
    async with stage(crew, folder) as where:
        where.environment["RATE_LIMITS"] = "off"
        script, output = Path(__file__).with_name("population.py").read_text(), folder / "population"
        told = where.environment | {"PEOPLE": str(count), "OUTPUT": str(output)}
        await crew.run("population", [PYTHON, "manage.py", "shell", "-c", script], told)
        channel, *tokens = output.read_text().split()
        await where.prepare(SOCKET_IO)
        async with where.start(OURS) as ours, where.start(SOCKET_IO) as node:
            os.sched_setaffinity(0, {CPUS[-1]})
            found = await asyncio.to_thread(measure, ours, node, int(channel), tokens, rounds, seconds)
    figures = {"machine": machine(("node", "--version")), "listeners": count, "contenders": found}
    keep(figures, file)
    mine, theirs = (statistics.median(one["cpu"]) for one in found.values())
    say(f"CPU per 1 000 messages to {count}: ours {mine:.2f} s, Node {theirs:.2f} s: {mine / theirs:.2f} x")
    return all(not one["lost"] for one in found.values())


def measure(
    ours: Running, node: Running, channel: int, tokens: Sequence[str], rounds: int, seconds: float
) -> dict[str, dict[str, Any]]:
    owner, *listening = tokens
    document: dict[str, Any] = {}

    def speak(connection: http.client.HTTPConnection, number: int) -> None:
        body = json.dumps({"channelId": channel, "content": f"{number} {WORDS}"})
        head = {"Content-Type": "application/json", "Authorization": f"Bearer {owner}"}
        connection.request("POST", "/api/messages", body, head)
        answer = connection.getresponse()
        document.update(json.loads(answer.read()))

    def hand_over(connection: http.client.HTTPConnection, number: int) -> None:
        event = {"seq": number, "at": document["createdAt"], "serverId": 1, "channelId": channel, "message": document}
        connection.request("POST", "/broadcast", json.dumps(event), {"Content-Type": "application/json"})
        connection.getresponse().read()

    contenders = [
        ("ProjectVoice", ours, ["subscribe", {}], '"subscribed"', speak),
        ("socket.io on Node", node, ["subscribe"], '"subscribed"', hand_over),
    ]
    found: dict[str, dict[str, Any]] = {}
    with contextlib.ExitStack() as stack:
        seated = []
        for name, server, subscribe, answer, say_it in contenders:
            listeners = Listeners(server.ports[0], listening, subscribe, answer)
            stack.callback(listeners.close)
            seated.append((name, server, listeners, say_it))
            found[name] = {"cpu": [], "lost": 0}
        for turn in range(rounds + 1):
            for name, server, listeners, say_it in seated:
                server.wait_until_calm()
                cpu, lost = paced(server, listeners, say_it, len(listening), seconds)
                if turn:  # the first warms up
                    found[name]["cpu"].append(cpu)
                    found[name]["lost"] += lost
                    say(f"{name}: {cpu:.2f} s of CPU per 1 000 messages{f', {lost} lost' if lost else ''}")
    return found


def paced(
    server: Running, listeners: Listeners, say_it: Callable[[http.client.HTTPConnection, int], None], count: int, seconds: float
) -> tuple[float, int]:
    messages, before, cpu = int(RATE * seconds), listeners.heard, server.cpu_seconds()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.ports[0])) as connection:
        begun = time.monotonic()
        for number in range(messages):
            say_it(connection, number)
            time.sleep(max(0.0, begun + (number + 1) / RATE - time.monotonic()))
    deadline = time.monotonic() + SILENCE
    while listeners.heard - before < messages * count and time.monotonic() < deadline:
        time.sleep(0.05)
    return (server.cpu_seconds() - cpu) / messages * 1000, messages * count - (listeners.heard - before)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listeners", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each turn")
    parser.add_argument("--json", type=Path, help="write all figures there")
    options = parser.parse_args()
    try:
        ensure_venv([RUNTIME, DEVELOPMENT])
        with folder_for(None) as folder:
            whole = asyncio.run(bench(options.listeners, options.rounds, options.seconds, folder, options.json))
    except LaunchError as error:
        complain(str(error))
        return 1
    return 0 if whole else 1


if __name__ == "__main__":
    raise SystemExit(main())
