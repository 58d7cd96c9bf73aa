"""What can go wrong in the admin panel."""

from projectvoice.kernel.errors import Forbidden, InvalidInput, Text


class StaffOnly(Forbidden):
    message = Text("You lack the rights for this", "Недостаточно прав")


class ActsOnOneself(InvalidInput):
    message = Text("You cannot do this to yourself", "Нельзя сделать это с самим собой")


class UserBlockedAlready(InvalidInput):
    message = Text("The user is blocked already", "Пользователь уже заблокирован")


class UserNotBlocked(InvalidInput):
    message = Text("The user is not blocked", "Пользователь не заблокирован")


class ServerBlockedAlready(InvalidInput):
    message = Text("The server is blocked already", "Сервер уже заблокирован")


class ServerNotBlocked(InvalidInput):
    message = Text("The server is not blocked", "Сервер не заблокирован")
