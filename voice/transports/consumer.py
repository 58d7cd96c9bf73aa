"""Channels consumers for Socket.IO: one lives for each client in each namespace."""

from typing import Any

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer

from voice.transports.membership import Membership, Message, message_of
from voice.wire.client import EventCame


class SocketIOConsumer(AsyncConsumer):
    """Handles `socketio.connect` (auth), `socketio.event` (name, args, id) and `socketio.disconnect`; whatever `at_once`
    answers comes as a message, too. Sends `socketio.accept`, `.refuse` (message), `.emit` (name, args), `.ack` (id, args).

    Messages are handled one after another. Channels would make a task for each, and close database connections around it;
    here that is done around database work, by `database_sync_to_async`. There is no channel layer.
    """

    membership: Membership

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        self.base_send = send
        self.membership = scope["membership"]
        self.membership.at_once = self.at_once
        try:
            while True:
                message = await receive()
                await getattr(self, get_handler_name(message))(message)
        except StopConsumer:
            pass

    def at_once(self, event: EventCame) -> Message | None:
        """Called while this consumer has nothing else to do, and must not wait for anything.

        Answers None if all is done, else the message to be handled as soon as possible.
        """
        return message_of(event)

    async def socketio_connect(self, message: Message) -> None:
        await self.accept()

    async def socketio_event(self, message: Message) -> None:
        pass

    async def socketio_disconnect(self, message: Message) -> None:
        raise StopConsumer

    async def accept(self) -> None:
        await self.send({"type": "socketio.accept"})

    async def refuse(self, message: str) -> None:
        await self.send({"type": "socketio.refuse", "message": message})

    async def emit(self, name: str, *args: Any) -> None:
        await self.send({"type": "socketio.emit", "name": name, "args": args})

    async def ack(self, id: int, *args: Any) -> None:
        await self.send({"type": "socketio.ack", "id": id, "args": args})
