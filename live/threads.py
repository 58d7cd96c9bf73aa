"""Where the loop of the sockets has its database work done: in a few threads, each with a connection of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    def __init__(self, most: int) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="live")
        self.most, self.asked = most, 0
        """Threads, and what is worked on or waits for one."""

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In its turn. What is cancelled meanwhile is done nevertheless."""

        def beside() -> T:
            close_old_connections()
            try:
                return work(*args, **kwargs)
            finally:
                close_old_connections()

        self.asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, beside)
        finally:
            self.asked -= 1

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
