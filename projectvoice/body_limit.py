"""Refuses a body over the limit before it is spooled: Django's own limit looks only after it has read it all."""

from typing import Any, cast

import orjson
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.conf import settings

from projectvoice.kernel.errors import Text
from projectvoice.kernel.exception_handler import TOO_LARGE, body


class BodyLimit:
    """Hands the body on in one piece of at most `limit` bytes; else answers 413 and closes."""

    def __init__(self, app: ASGI3Application, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        headers = dict(scope["headers"])  # type: ignore[typeddict-item]  # only http scopes come here
        if self._announces_too_much(headers):
            return await refuse(scope, send, 413, TOO_LARGE)
        chunks, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return None  # the client went away
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self.limit:
                return await refuse(scope, send, 413, TOO_LARGE)
            more = message.get("more_body", False)
        if size and b"content-length" not in headers:  # chunked: Django reads only a body whose length is named
            scope = cast("Any", {**scope, "headers": [*scope["headers"], (b"content-length", b"%d" % size)]})  # type: ignore[typeddict-item]
        whole: list[Any] = [{"type": "http.request", "body": b"".join(chunks), "more_body": False}]

        async def receive_whole() -> Any:
            return whole.pop() if whole else await receive()

        return await self.app(scope, receive_whole, send)

    def _announces_too_much(self, headers: dict[bytes, bytes]) -> bool:
        length = headers.get(b"content-length", b"0")
        return not length.isdigit() or int(length) > self.limit


class UploadLimit(BodyLimit):
    """Hands the body on piece by piece, as Django spools it to a file. Over the limit: 413, and what was spooled is dropped."""

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        headers = dict(scope["headers"])  # type: ignore[typeddict-item]  # only http scopes come here
        if self._announces_too_much(headers):
            return await refuse(scope, send, 413, TOO_LARGE)
        named = list(scope["headers"])  # type: ignore[typeddict-item]
        size = 0

        async def receive_counted() -> Any:
            nonlocal size
            message = await receive()
            if message["type"] != "http.request":
                return message
            size += len(message.get("body", b""))
            if size > self.limit:
                raise _TooLargeError
            if not message.get("more_body") and b"content-length" not in headers:
                named.append((b"content-length", b"%d" % size))  # Django reads the headers after the body
            return message

        try:
            return await self.app(cast("Any", {**scope, "headers": named}), receive_counted, send)
        except _TooLargeError:
            return await refuse(scope, send, 413, TOO_LARGE)


class _TooLargeError(Exception):
    pass


async def refuse(scope: Scope, send: ASGISendCallable, status: int, text: Text, retry_after: int | None = None) -> None:
    """An answer for which Django is not asked. The connection is closed: there may be a body that nobody reads."""
    asked = dict(scope["headers"])  # type: ignore[typeddict-item]
    answer = orjson.dumps(body(status, text.to(asked.get(b"accept-language", b"").decode("latin-1"))))
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer)), (b"connection", b"close")]
    if retry_after is not None:
        headers.append((b"retry-after", b"%d" % retry_after))
    headers += _cors(asked.get(b"origin", b""))
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": answer, "more_body": False})


def _cors(origin: bytes) -> list[tuple[bytes, bytes]]:
    """What corsheaders says in Django's answers: without it a page of another origin is not even told the status."""
    if not origin:
        return []
    if settings.CORS_ALLOW_ALL_ORIGINS:
        origin = b"*"
    elif origin.decode("latin-1") not in settings.CORS_ALLOWED_ORIGINS:
        return []
    exposed = ", ".join(settings.CORS_EXPOSE_HEADERS).encode()
    return [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", exposed), (b"vary", b"origin")]
