"""Why somebody may not sit in a call, or may no longer."""

from projectvoice.kernel.errors import Forbidden, NotFound, Text


class OpenRoomsOff(Forbidden):
    message = Text("Open rooms are switched off here", "Открытые комнаты здесь отключены")


class ForeignOrigin(Forbidden):
    message = Text("Pages of this origin may not speak to us", "Страницам этого источника сюда нельзя")


class Crowded(Forbidden):
    message = Text("Too many connections from this address", "Слишком много соединений с этого адреса")


class TooFast(Forbidden):
    message = Text("Too many messages, the connection is closed", "Слишком много сообщений, соединение закрыто")


class TooManyJoins(Forbidden):
    message = Text("Too many joins, the connection is closed", "Слишком много входов, соединение закрыто")


class TooManyRooms(Forbidden):
    message = Text("You are in too many rooms", "Вы в слишком многих комнатах")


class Moved(Forbidden):
    message = Text("A moderator has moved you out of this call", "Модератор переместил вас из этого звонка")


class Dismissed(Forbidden):
    message = Text("You have left the room by another way", "Вы покинули комнату другим способом")


class RoomNotFound(NotFound):
    message = Text("Nobody is in this room", "В этой комнате никого нет")


class PlaceNotFound(NotFound):
    message = Text("Nobody has this place in this room", "Такого места в этой комнате нет")


class NotYourPlace(Forbidden):
    message = Text("This place is somebody else's", "Это чужое место")
