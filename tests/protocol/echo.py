"""The server that the public suites of Engine.IO and Socket.IO ask for: impatient, open to all, and it says things back."""

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


consumer: Any = EchoConsumer.as_asgi()
application = EngineServer(
    {"/": consumer, "/custom": consumer},
    Settings(ping_interval=0.3, ping_timeout=0.2, max_payload=1_000_000),
    origins=["*"],
    connect_timeout=1.0,
)
