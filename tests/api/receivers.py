"""Somebody who takes events, in a process of ours but by his own few lines; and the pusher, running beside a test."""

import asyncio
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from integrations.push.pusher import Pusher
from tests.conftest import PATIENCE


def is_signed(secret: str, header: str, body: bytes, now: float, tolerance: float = 300) -> bool:
    """As docs/protocols/bots.md tells receivers."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    expected = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts["v1"]) and abs(now - int(parts["t"])) <= tolerance


Manner = int | Callable[[BaseHTTPRequestHandler], None]
"""A status to answer with, or something else to do."""


class Receiver:
    """Records each request; treats them by `manners` in turn, and by 200 when there are none left."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.manners: list[Manner] = []
        self._news = threading.Condition()
        self.released = threading.Event()
        self.port = 0
        self.start()

    def start(self) -> None:
        """Again on the same port, after `stop`."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver._news:
                    receiver.requests.append((self.path, dict(self.headers), body))
                    manner = receiver.manners.pop(0) if receiver.manners else 200
                    receiver._news.notify_all()
                if callable(manner):
                    manner(self)
                    return
                self.send_response(manner)
                self.send_header("Content-Length", "2")
                if manner in {301, 302, 307, 308}:
                    self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """Whoever we talked to is gone: that is what some tests want."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events?from=us"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.requests]

    @property
    def events(self) -> list[dict[str, Any]]:
        """All that was told, told twice or not."""
        return [event for body in self.bodies for event in body["events"]]

    def until(self, enough: Callable[["Receiver"], bool]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: enough(self), PATIENCE), self.requests

    def hang(self, handler: BaseHTTPRequestHandler) -> None:
        """No answer while the test runs."""
        self.released.wait()

    @staticmethod
    def close(handler: BaseHTTPRequestHandler) -> None:
        """The connection ends without an answer."""
        handler.close_connection = True

    @staticmethod
    def babble(handler: BaseHTTPRequestHandler) -> None:
        """An answer without an end."""
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            while True:
                handler.wfile.write(b"x" * 65_536)


@contextmanager
def pushing() -> Iterator[Pusher]:
    """The pusher in a thread of its own, until the end of `with`."""
    loop, pusher = asyncio.new_event_loop(), Pusher()
    task = loop.create_task(pusher.run())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield pusher
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()


def eventually(true: Callable[[], object]) -> None:
    """Of what another thread writes to the database."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
