"""What can go wrong in the admin panel and with reports."""

from projectvoice.kernel.errors import Forbidden, InvalidInput, NotFound, Text


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


class ReportNotFound(NotFound):
    message = Text("Report not found", "Жалоба не найдена")


class OwnCase(Forbidden):
    message = Text("A report by you or about you is for others to handle", "Жалобу от вас или на вас рассматривают другие")


class ReportedAlready(InvalidInput):
    message = Text("You have reported this already", "Вы уже пожаловались на это")


class DecidedAlready(InvalidInput):
    message = Text("This report is decided already", "По этой жалобе уже принято решение")


class AppealedAlready(InvalidInput):
    message = Text("There is one appeal, and it was made already", "Обжаловать можно один раз, и это уже сделано")


class NothingToDelete(InvalidInput):
    message = Text("There is no message to delete", "Сообщения, которое нужно удалить, нет")


class NobodyToBlock(InvalidInput):
    message = Text("The account is gone: there is nobody to block", "Аккаунта больше нет: блокировать некого")
