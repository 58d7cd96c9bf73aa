"""Views that do what test_handler.py wants to see done."""

import asyncio
import io
import threading
from collections.abc import Iterator
from contextvars import ContextVar

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.utils.translation import get_language

from projectvoice.kernel.address import current_address
from tests.conftest import PATIENCE

left_behind: ContextVar[str] = ContextVar("left_behind", default="nothing")


class Gate:
    """Holds requests until it is opened; `waiting` tells how many have come."""

    def __init__(self) -> None:
        self.came, self._open = threading.Semaphore(0), threading.Event()

    def hold(self, request: HttpRequest) -> HttpResponse:
        self.came.release()
        assert self._open.wait(PATIENCE)
        return HttpResponse(b"through")

    async def arrived(self, count: int = 1) -> None:
        for _ in range(count):
            assert await asyncio.to_thread(self.came.acquire, timeout=PATIENCE)

    def open(self) -> None:
        self._open.set()


class Pieces:
    """`made`: of a hundred, how many were asked for; `by`: in which threads."""

    def __init__(self) -> None:
        self.made, self.by, self.closed = 0, set[str](), threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        for number in range(100):
            self.made = number + 1
            self.by.add(threading.current_thread().name)
            yield b"%02d" % number

    def close(self) -> None:
        self.closed.set()


gate, pieces = Gate(), Pieces()


def reset() -> None:
    global gate, pieces
    gate, pieces = Gate(), Pieces()


def surroundings(request: HttpRequest) -> JsonResponse:
    """What it finds, before it leaves something behind."""
    found = {"address": current_address(), "language": get_language(), "left": left_behind.get()}
    left_behind.set("something")
    return JsonResponse({**found, "thread": threading.current_thread().name})


urlpatterns = [
    path("hold", lambda request: gate.hold(request)),
    path("pieces", lambda request: StreamingHttpResponse(pieces)),
    path("file", lambda request: FileResponse(io.BytesIO(b"x" * 200_000))),
    path("surroundings", surroundings),
    path("length", lambda request: JsonResponse({"length": len(request.body)})),
    path("thread", lambda request: JsonResponse({"thread": threading.current_thread().name})),
]
