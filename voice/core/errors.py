"""What the core and the dialects refuse. Sockets answer by `error`, and live on."""

from projectvoice.kernel.errors import DomainError, Text


class MalformedFrame(DomainError):
    message = Text("Cannot understand this message", "Непонятное сообщение")


class NotInRoom(DomainError):
    message = Text("You are not in a room", "Вы не в комнате")


class RoomFull(DomainError):
    message = Text("The room is full", "Комната заполнена")
