"""Refuses a body over the limit before it is spooled: Django's own limit looks only after it has read it all."""

from typing import Any, cast

import orjson
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

from projectvoice.kernel.exception_handler import TOO_LARGE, body


class BodyLimit:
    """Hands the body on in one piece of at most `limit` bytes; else answers 413 and closes."""

    def __init__(self, app: ASGI3Application, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        headers = dict(scope["headers"])  # type: ignore[typeddict-item]  # only http scopes come here
        if self._announces_too_much(headers):
            return await self._refuse(headers, send)
        chunks, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return None  # the client went away
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self.limit:
                return await self._refuse(headers, send)
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

    async def _refuse(self, asked: dict[bytes, bytes], send: ASGISendCallable) -> None:
        language = asked.get(b"accept-language", b"").decode("latin-1")
        answer = orjson.dumps(body(413, TOO_LARGE.to(language)))
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers, "trailers": False})
        await send({"type": "http.response.body", "body": answer, "more_body": False})


class UploadLimit(BodyLimit):
    """Hands the body on piece by piece, as Django spools it to a file. Over the limit: 413, and what was spooled is dropped."""

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        headers = dict(scope["headers"])  # type: ignore[typeddict-item]  # only http scopes come here
        if self._announces_too_much(headers):
            return await self._refuse(headers, send)
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
            return await self._refuse(headers, send)


class _TooLargeError(Exception):
    pass
