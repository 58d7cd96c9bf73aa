"""Patience, and threads for what cannot be waited for otherwise."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

T = TypeVar("T")

CONNECT: Final = 2.0
"""Seconds to resolve a name, to connect, or for an answer that has one round trip to make."""
ALTOGETHER: Final = 9.0
"""Seconds that one probe may take with all its steps."""


async def in_thread(function: Callable[[], T]) -> T:
    """Runs it in a thread of its own, which nobody waits for at the end, as the loop would for one of its executor."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # None only where T is

    def work() -> None:
        result, error = None, None
        try:
            result = function()
        except Exception as raised:
            error = raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=work, name="doctor", daemon=True).start()
    return await done
