"""Django behind ASGI with one hop: middleware and view run in one go, in a thread that keeps its database connection.

Django's own handler hops once per middleware and direction, each time into a thread made for the request
(docs/decisions/0012-one-hop.md).
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from io import BytesIO
from typing import IO, Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.urls import set_script_prefix

from projectvoice.body_limit import refuse
from projectvoice.kernel.errors import NoRoom, Unavailable, is_no_room
from projectvoice.kernel.events import use_loop
from projectvoice.kernel.patience import waiting_at_most
from projectvoice.seen import Seen

WAITING_PER_THREAD = 64


class ThreadedDjango(ASGIHandler):
    """Works on `threads` requests at a time. A bounded number waits for its turn; whoever comes then gets 503, and so does whoever
    waits longer than REST_PATIENCE, for his turn and for the database together.

    Who sends or reads slowly holds no thread and no turn.
    """

    def __init__(self, threads: int) -> None:
        BaseHandler.__init__(self)  # not Django's ASGI one: that would load the middleware for coroutines
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="rest")
        self.threads, self.asked = threads, 0
        """Requests that are worked on, or wait for that."""
        self._most = threads * WAITING_PER_THREAD

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:  # type: ignore[override]
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return None  # the client went away before it had said all
        except OSError as error:
            if not is_no_room(error):
                raise
            return await refuse(scope, send, NoRoom.status, NoRoom.message, retry_after=5)
        with body:
            if self.asked >= self._most:
                return await refuse(scope, send, Unavailable.status, Unavailable.message, retry_after=5)
            with Seen(scope) as seen:
                self.asked += 1
                try:
                    response = await self._in_turn(scope, body, seen)
                except _NoTurnError:
                    return await refuse(scope, send, Unavailable.status, Unavailable.message, retry_after=5)
                finally:
                    self.asked -= 1
                if response.streaming:
                    return await self._stream(response, receive, send)
                return await self.send_response(response, send)  # type: ignore[arg-type]  # Django's type is the wider one

    async def read_body(self, receive: Any) -> Any:
        """In memory what came in one piece, as all but uploads do; the rest in a file once it is large."""
        first: Any = await receive()
        if first["type"] == "http.request" and not first.get("more_body"):
            return BytesIO(first.get("body", b""))
        pending = [first]

        async def receive_again() -> Any:
            return pending.pop() if pending else await receive()

        return await super().read_body(receive_again)

    async def _in_turn(self, scope: HTTPScope, body: IO[bytes], seen: Seen) -> Any:
        turn = self._threads.submit(self._in_context(self._respond, scope, body, seen, time.monotonic()))
        too_late = asyncio.get_running_loop().call_later(settings.REST_PATIENCE, turn.cancel)  # does nothing once it is begun
        try:
            return await asyncio.wrap_future(turn)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise _NoTurnError from None
        finally:
            too_late.cancel()

    def _respond(self, scope: HTTPScope, body: IO[bytes], seen: Seen, came: float) -> Any:
        """In a thread: what a WSGI server would do. A response that is no stream is closed, and so is the request."""
        with waiting_at_most(settings.REST_PATIENCE - (time.monotonic() - came)):
            return self._answer(scope, body, seen)

    def _answer(self, scope: HTTPScope, body: IO[bytes], seen: Seen) -> Any:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, error = self.create_request(scope, body)
        response: Any = error if request is None else self.get_response(request)
        seen.found(request, response)
        response._handler_class = self.__class__  # who is told that the request is finished
        if not response.streaming:
            response.close()
            _part(response)
        return response

    async def _stream(self, response: Any, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Piece by piece as the client takes them, each made in a thread; none once it has gone."""
        gone = asyncio.ensure_future(receive())  # the body was read: all there is left to hear is that
        try:
            headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers, "trailers": False})
            pieces = iter(response)
            while not gone.done() and (piece := await self._hop(next, pieces, None)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            await self._hop(response.close)

    async def _hop(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._in_context(call, *arguments))

    def _in_context(self, call: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
        context = copy_context()
        context.run(use_loop, asyncio.get_running_loop())
        return partial(context.run, call, *arguments)


def _part(response: Any) -> None:
    """DRF's view, request and response know each other: apart they are gone at once, and nothing of them waits for a collector."""
    context = getattr(response, "renderer_context", None)
    if context:
        view = context["view"]
        view.request.parser_context.clear()
        vars(view).clear()
        context.clear()


class _NoTurnError(Exception):
    pass
