"""Engine.IO as an ASGI application: long polling and WebSockets, on any server."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs

from projectvoice.body_limit import BodyLimit
from voice.transports.carriers import carry, socket_of
from voice.transports.crowd import Crowd, crowd
from voice.transports.link import Application, Link
from voice.transports.origins import Origins, header
from voice.wire.client import CONNECT_TIMEOUT
from voice.wire.engineio import Refusal, Response, Settings, Transport, refusal

Scope = dict[str, Any]
Headers = list[tuple[bytes, bytes]]

ALLOWED_METHODS: Final = b"GET, POST, OPTIONS"
PREFLIGHT_AGE: Final = b"600"


class EngineServer:
    """Serves one engine path. A namespace is an ASGI application, as `SocketIOConsumer.as_asgi()` makes them."""

    def __init__(
        self,
        namespaces: Mapping[str, Application],
        settings: Settings,
        origins: Iterable[str],
        connect_timeout: float = CONNECT_TIMEOUT,
        crowd: Crowd = crowd,
    ) -> None:
        """`origins` are those of pages that may speak to us besides our own; "*" is all."""
        self._namespaces, self._settings, self._connect_timeout = namespaces, settings, connect_timeout
        self._origins, self._crowd = Origins(origins), crowd
        self._links: dict[str, Link] = {}
        self._http: Any = BodyLimit(self._answer, settings.max_payload)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        await (self._http if scope["type"] == "http" else self._carry)(scope, receive, send)

    def close(self) -> None:
        """Who polls is told that his session is over, which he will open anew. WebSockets are closed by who serves them."""
        for link in list(self._links.values()):
            if link.session.live is None:
                link.close()

    # HTTP

    async def _answer(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request, whose body has come whole."""
        origin = header(scope, b"origin")
        if not self._origins.may_speak(scope):
            await _respond(send, Refusal.FORBIDDEN.response, [])
        elif scope["method"] == "OPTIONS":
            await _respond(send, Response(200, b""), [*_cors(origin), *_preflight(scope)])
        elif (response := await self._response(scope, receive)) is not None:
            await _respond(send, response, _cors(origin))

    async def _response(self, scope: Scope, receive: Any) -> Response | None:
        """None if the client went away."""
        query = _query(scope)
        why = refusal(scope["method"], query, websocket=False, transport_of=self._transport_of)
        if why is None and "j" in query:  # JSONP
            why = Refusal.BAD_REQUEST
        if why is not None:
            return why.response
        link = self._links.get(query.get("sid", ""))
        if link is None:
            name = self._crowd.enter(scope)
            if name is None:
                return Refusal.CROWDED.response
            link = self._open(Transport.POLLING, scope, name)
        answer = asyncio.get_running_loop().create_future()
        body = await receive()
        if scope["method"] == "POST":
            await _until_calm(link)
            link.post(answer, body["body"])
        else:
            link.poll(answer)
            if not answer.done():
                await _wait_for_news(link, answer, receive)
        return answer.result() if answer.done() else None

    # WebSocket

    async def _carry(self, scope: Scope, receive: Any, send: Any) -> None:
        await receive()  # that it wants to connect
        query = _query(scope)
        why = refusal("GET", query, websocket=True, transport_of=self._transport_of)
        if not self._origins.may_speak(scope):
            why = Refusal.FORBIDDEN
        socket = socket_of(scope, receive, send, self._settings.max_payload)
        link = self._links.get(query.get("sid", ""))
        if why is None and link is not None and not link.upgrade(socket):
            why = Refusal.BAD_REQUEST
        name = self._crowd.enter(scope) if why is None and link is None else ""
        if why is not None or name is None:
            await deny(scope, send, (why or Refusal.CROWDED).response)
            return
        try:
            await send({"type": "websocket.accept"})
        except BaseException:
            if link is None:
                self._crowd.leave(name)
            else:
                link.lost(socket)
            raise
        if link is None:
            link = self._open(Transport.WEBSOCKET, scope, name)
            link.attach(socket)
        await carry(socket, partial(link.hear, socket), partial(link.lost, socket))

    # Both

    def _open(self, transport: Transport, scope: Scope, name: str) -> Link:
        """`name` is that under which its address is counted."""
        over = partial(self._forget, name)
        link = Link(transport, scope, self._namespaces, self._settings, self._connect_timeout, over)
        self._links[link.sid] = link
        return link

    def _forget(self, name: str, link: Link) -> None:
        del self._links[link.sid]
        self._crowd.leave(name)

    def _transport_of(self, sid: str) -> Transport | None:
        link = self._links.get(sid)
        return None if link is None else link.session.transport


async def _until_calm(link: Link) -> None:
    while link.calm is not None:
        await link.calm.wait()


async def _wait_for_news(link: Link, poll: asyncio.Future[Response], receive: Any) -> None:
    """Until there is something to say, or nobody left to say it to."""
    gone = asyncio.ensure_future(receive())
    try:
        await asyncio.wait({poll, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        if not poll.done():
            link.poll_lost(poll)


async def _respond(send: Any, response: Response, headers: Headers) -> None:
    headers = [
        (b"content-type", response.content_type.encode()),
        (b"content-length", b"%d" % len(response.body)),
        (b"cache-control", b"no-store"),
        *headers,
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


async def deny(scope: Scope, send: Any, response: Response) -> None:
    """Refuses a WebSocket before it opens: with a reason where the server can tell it, else by a plain 403."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        return await send({"type": "websocket.close", "code": 1008})
    headers = [(b"content-type", response.content_type.encode()), (b"content-length", b"%d" % len(response.body))]
    await send({"type": "websocket.http.response.start", "status": response.status, "headers": headers})
    return await send({"type": "websocket.http.response.body", "body": response.body})


def _query(scope: Scope) -> dict[str, str]:
    """What is said twice is said wrong: both together are no known value."""
    fields = parse_qs(scope["query_string"].decode("latin-1"))
    return {name: ",".join(values) for name, values in fields.items()}


def _preflight(scope: Scope) -> Headers:
    asked = header(scope, b"access-control-request-headers").encode("latin-1")
    return [
        (b"access-control-allow-methods", ALLOWED_METHODS),
        (b"access-control-allow-headers", asked),
        (b"access-control-max-age", PREFLIGHT_AGE),
    ]


def _cors(origin: str) -> Headers:
    return [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")] if origin else []
