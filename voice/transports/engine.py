"""Engine.IO by python-engineio, with what the library leaves open closed: its queues get a size, garbage ends the session
that sent it, and no request stays without an answer or gets a 5xx. Goes when our own engine comes.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Any

import engineio
from engineio.async_socket import AsyncSocket
from engineio.exceptions import EngineIOError, UnknownPacketError
from engineio.packet import CLOSE, NOOP, Packet, packet_names
from engineio.payload import Payload

logger = logging.getLogger(__name__)

QUEUE = 15  # packets held for one connection, more wait in its outbox; a poll takes one more than these, and the
# library's own client gives up on a poll of more than 16
# A browser posts a burst of candidates in one piece; the library would throw away a piece of more than 16.
Payload.max_decode_packets = 10_000


class Queue(asyncio.Queue[Any]):
    """The engine's packets for one connection. A full one makes writers wait; the end overtakes whatever is queued."""

    def __init__(self) -> None:
        super().__init__(QUEUE)

    async def put(self, item: Any) -> None:
        if item is not None and item.packet_type == NOOP and not self.empty():
            return  # it lets a poll go, and so does what is there already; an upgrade must not wait for room
        if item is None or item.packet_type == CLOSE:
            while self.full():
                self.get_nowait()
                self.task_done()
        await super().put(item)

    async def join(self) -> None:
        """Closing waits for a reader, but not for one that never comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await super().join()


class Socket(AsyncSocket):
    polled = False  # a poll is open

    async def handle_get_request(self, environ: dict[str, Any]) -> Any:
        if "HTTP_UPGRADE" in environ:
            return await super().handle_get_request(environ)
        if self.polled:  # the protocol ends a session that polls twice at once
            await self.close(wait=False, reason=self.server.reason.TRANSPORT_ERROR)
            raise EngineIOError("two polls at once")
        self.polled = True
        try:
            return await super().handle_get_request(environ)
        finally:
            self.polled = False

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """The body was measured before it came here; its Content-Length, if any, says nothing new."""
        try:
            body = (await environ["wsgi.input"].read()).decode()
            packets = Payload(encoded_payload=body).packets
        except (ValueError, LookupError) as error:
            await self._end(error)
            raise EngineIOError from error
        for packet in packets:
            await self.receive(packet)

    async def receive(self, pkt: Packet) -> None:
        if pkt.packet_type >= len(packet_names):
            raise UnknownPacketError
        await super().receive(pkt)

    async def close(self, wait: bool = True, abort: bool = False, reason: Any = None) -> None:
        await super().close(wait, abort, reason)
        if abort and self.polled:
            await self.queue.put(Packet(NOOP))  # lets the open poll go

    async def _websocket_handler(self, ws: Any) -> None:
        try:
            await super()._websocket_handler(ws)
        except OSError:
            logger.info("A WebSocket went away")
        except (ValueError, LookupError) as error:
            await self._end(error)
            await self.queue.put(None)  # the writer ends, and closes the WebSocket
        finally:
            self.upgrading = False  # an upgrade that came to nothing must not leave the polls mute

    async def _end(self, error: Exception) -> None:
        logger.info("No Engine.IO: %s", type(error).__name__)
        await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)


class Engine(engineio.AsyncServer):
    def create_queue(self, *args: Any, **kwargs: Any) -> Queue:
        return Queue()

    async def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        if event == "connect":  # the library has no other place to say which class its sockets are of
            self.sockets[args[0]].__class__ = Socket
        return await super()._trigger_event(event, *args, **kwargs)


class Answered:
    """No request ends in a 5xx or without an answer."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        started = False

        async def send_and_note(message: Any) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except (LookupError, ValueError, TypeError, OSError, UnboundLocalError) as error:
            logger.info("A request that is no Engine.IO: %s", type(error).__name__)
            if scope["type"] == "http" and not started:
                headers = [(b"content-type", b"application/json")]
                await send({"type": "http.response.start", "status": 400, "headers": headers})
                await send({"type": "http.response.body", "body": b'{"error":"Bad request","code":400}'})
