"""`GET /metrics`: before Django, so that it answers when all of Django's threads are busy."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any, Final

from telemetry.exchange import Exchange
from telemetry.registry import Snapshot, added_up, exposition

PATIENCE: Final = 3.0  # seconds for what the database knows
HERE: Final = frozenset({b"localhost", b"127.0.0.1", b"[::1]"})
PROXIED: Final = frozenset({b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip", b"forwarded", b"via"})
DENIED: Final = b'{"error":"Metrics are for whoever has METRICS_TOKEN, or without one for this machine alone","code":403}'
WRONG_METHOD: Final = b'{"error":"This method is not allowed here","code":405}'


class MetricsPage:
    """An ASGI application. With a `token` whoever shows it reads it, without one whoever is on this machine."""

    def __init__(self, exchange: Callable[[], Exchange], ask: Callable[[], Snapshot], token: str) -> None:
        """`ask` is called in a thread of its own: what the database knows, or that it does not answer (`silent`)."""
        self._exchange, self._ask, self._token = exchange, ask, token.encode()
        self._thread = ThreadPoolExecutor(1, "metrics")  # and one connection to the database with it
        self._asked: Future[Snapshot] | None = None

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            await _respond(send, 405, WRONG_METHOD, "application/json", (b"allow", b"GET"))
        elif not self._may_read(scope):
            await _respond(send, 403, DENIED, "application/json")
        else:
            everybody, shared = await asyncio.gather(self._exchange().everybody(), self._shared())
            accept = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
            body, content_type = exposition(added_up([everybody, shared]), accept)
            await _respond(send, 200, b"" if scope["method"] == "HEAD" else body, content_type)

    def _may_read(self, scope: Mapping[str, Any]) -> bool:
        if not self._token:
            return _is_here(scope)
        scheme, _, shown = dict(scope["headers"]).get(b"authorization", b"").partition(b" ")
        return scheme.lower() == b"bearer" and compare_digest(shown.strip(), self._token)

    async def _shared(self) -> Snapshot:
        """A question that is still under way is not asked again: its answer is late, and so are the others'."""
        if self._asked is None or self._asked.done():
            self._asked = self._thread.submit(self._ask)
            with suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._asked)), PATIENCE)
        return silent()


def silent() -> Snapshot:
    """The database does not answer."""
    return database_up(0.0)


def database_up(value: float) -> Snapshot:
    name, about = "projectvoice_database_up", "Whether the database answered this scrape."
    return [[name, "gauge", about, [[name, {}, value]]]]


def _is_here(scope: Mapping[str, Any]) -> bool:
    """From this machine, by a name of this machine, and not by way of a proxy on it, whose clients may be anywhere."""
    names = {name for name, _ in scope["headers"]}
    host = dict(scope["headers"]).get(b"host", b"")
    address = (scope.get("client") or ("",))[0]
    with suppress(ValueError):
        client = ip_address(address)
        client = getattr(client, "ipv4_mapped", None) or client
        return client.is_loopback and names.isdisjoint(PROXIED) and _without_port(host) in HERE
    return False


def _without_port(host: bytes) -> bytes:
    name, colon, port = host.rpartition(b":")
    return name if colon and port.isdigit() else host


async def _respond(send: Any, status: int, body: bytes, content_type: str, *more: tuple[bytes, bytes]) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
