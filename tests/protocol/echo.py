"""The server that the public suites of Engine.IO and Socket.IO ask for: open to all, and it says things back.

Impatient, too, as they want it. Under `/patient/` it waits longer, so that a busy machine loses no session but for its own reasons.
"""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "projectvoice.settings")

import django

django.setup()

from voice.transports.consumer import SocketIOConsumer  # noqa: E402 - needs the line above
from voice.transports.engine import EngineServer  # noqa: E402
from voice.wire.engineio import Settings  # noqa: E402


class EchoConsumer(SocketIOConsumer):
    async def socketio_connect(self, message: dict[str, Any]) -> None:
        await self.accept()
        await self.emit("auth", message["auth"])

    async def socketio_event(self, message: dict[str, Any]) -> None:
        if message["name"] == "message":
            await self.emit("message-back", *message["args"])
        elif message["name"] == "message-with-ack":
            await self.ack(message["id"], *message["args"])


def engine(ping_interval: float, ping_timeout: float) -> EngineServer:
    consumer: Any = EchoConsumer.as_asgi()
    settings = Settings(ping_interval=ping_interval, ping_timeout=ping_timeout, max_payload=1_000_000)
    return EngineServer({"/": consumer, "/custom": consumer}, settings, origins=["*"], connect_timeout=1.0)


patient, impatient = engine(25, 20), engine(0.3, 0.2)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await (patient if scope["path"] == "/patient/" else impatient)(scope, receive, send)
