"""What the core and the dialects refuse. Sockets answer in their dialect's words, and live on."""

from projectvoice.kernel.errors import DomainError, Text


class MalformedFrame(DomainError):
    message = Text("Cannot understand this message", "Непонятное сообщение")


class NotInRoom(DomainError):
    message = Text("You are not in a room", "Вы не в комнате")


class UnknownPeer(DomainError):
    message = Text("Nobody has this id here", "Здесь нет никого с этим идентификатором")


class RoomFull(DomainError):
    message = Text("The room is full", "Комната заполнена")


class IdTaken(DomainError):
    message = Text("This id is taken", "Этот идентификатор занят")


class SatDownElsewhere(DomainError):
    message = Text("You have joined from elsewhere", "Вы вошли с другого устройства")
