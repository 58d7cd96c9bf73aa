"""uvicorn that ends without anybody losing a request (docs/decisions/0068-drained.md)."""

import asyncio
import socket
from typing import Final

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import Server

from projectvoice.kernel.draining import draining
from voice.transports.protocol import WireProtocol

LAST_REQUESTS: Final = 1.0  # seconds that a connection without a request is left open after we have stopped to accept any
MOMENT: Final = 0.05


class DrainingServer(Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """After DRAIN_SECONDS, in which it says that it is not ready and serves all the same, it takes no new connection. All sockets
        are told to come back, which is elsewhere. Requests that were on their way when we stopped are still answered, and their
        connections closed by the answer; then, as uvicorn does it, what is unfinished has its time.
        """
        draining.set()
        await asyncio.sleep(settings.DRAIN_SECONDS)
        await self._stop_accepting()
        self._send_away()
        await self._answer_the_last()
        await super().shutdown(sockets)

    async def _stop_accepting(self) -> None:
        for server in self.servers:
            server.close()
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        for connection in self.server_state.connections:
            if isinstance(connection, HttpToolsProtocol) and connection.cycle is not None:
                connection.cycle.keep_alive = False  # of a request that began before

    def _send_away(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, WireProtocol):
                connection.shutdown()
        from voice.transports.socketio import (
            engines,  # Django is set up by the application, which uvicorn imports later than us
        )

        for engine in engines().values():
            engine.close()

    async def _answer_the_last(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LAST_REQUESTS
        while self.server_state.connections and loop.time() < deadline:  # noqa: ASYNC110 - which tell nobody that they went
            await asyncio.sleep(MOMENT)
