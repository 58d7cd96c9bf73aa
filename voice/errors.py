"""Why somebody may not sit in a call, or may no longer."""

from projectvoice.kernel.errors import Forbidden, Text


class OpenRoomsOff(Forbidden):
    message = Text("Open rooms are switched off here", "Открытые комнаты здесь отключены")


class TooFast(Forbidden):
    message = Text("Too many messages, the connection is closed", "Слишком много сообщений, соединение закрыто")
