"""Django behind ASGI with one hop: middleware and view run in one go, in a thread that keeps its database connection.

Django's own handler hops once per middleware and direction, each time into a thread made for the request
(docs/decisions/0012-one-hop.md).
"""

import asyncio
import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from io import BytesIO
from typing import IO, Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from projectvoice.body_limit import refuse
from projectvoice.kernel.errors import Unavailable
from projectvoice.kernel.events import use_loop

WAITING_PER_THREAD = 64


class ThreadedDjango(ASGIHandler):
    """Works on `threads` requests at a time. A bounded number waits for its turn; whoever comes then gets 503."""

    def __init__(self, threads: int) -> None:
        BaseHandler.__init__(self)  # not Django's ASGI one: that would load the middleware for coroutines
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="rest")
        self._inside, self._most = 0, threads * WAITING_PER_THREAD

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:  # type: ignore[override]
        if self._inside >= self._most:
            return await refuse(scope, send, Unavailable.status, Unavailable.message, retry_after=5)
        self._inside += 1
        try:
            body = await self.read_body(receive)
            try:
                response = await self._hop(self._respond, scope, body)
                await self._deliver(response, send)
            finally:
                body.close()
        except RequestAborted:
            pass  # the client went away before it had said all
        finally:
            self._inside -= 1
        return None

    async def read_body(self, receive: Any) -> Any:
        """In memory what came in one piece, as all but uploads do; the rest in a file once it is large."""
        first: Any = await receive()
        if first["type"] == "http.request" and not first.get("more_body"):
            return BytesIO(first.get("body", b""))
        pending = [first]

        async def receive_again() -> Any:
            return pending.pop() if pending else await receive()

        return await super().read_body(receive_again)

    def _respond(self, scope: HTTPScope, body: IO[bytes]) -> Any:
        """In a thread: what a WSGI server would do. A response that is no stream is closed, and so is the request."""
        drop_dead_connection()
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, error = self.create_request(scope, body)
        response: Any = error if request is None else self.get_response(request)
        response._handler_class = self.__class__  # who is told that the request is finished
        if not response.streaming:
            response.close()
        return response

    async def _deliver(self, response: HttpResponseBase, send: ASGISendCallable) -> None:
        if not response.streaming:
            return await self.send_response(response, send)  # type: ignore[arg-type]  # Django's type is the wider one
        try:
            parts = iter(response)
            headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers, "trailers": False})
            while (part := await self._hop(next, parts, None)) is not None:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await self._hop(response.close)
        return None

    async def _hop(self, call: Callable[..., Any], *arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        context = copy_context()
        context.run(use_loop, loop)
        return await loop.run_in_executor(self._threads, context.run, call, *arguments)


def drop_dead_connection() -> None:
    """Lets go of a connection that the server has closed. It has something to say only then: no query is needed to ask."""
    if connection.connection is not None and not connection.connection.closed:
        readable, _, _ = select.select([connection.connection.pgconn.socket], [], [], 0)
        if readable:
            connection.close()
