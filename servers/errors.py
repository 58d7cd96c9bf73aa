"""What can go wrong with servers, channels, members and invites."""

from projectvoice.kernel.errors import Forbidden, InvalidInput, NotFound, Text


class ServerNotFound(NotFound):
    message = Text("Server not found", "Сервер не найден")


class ChannelNotFound(NotFound):
    message = Text("Channel not found", "Канал не найден")


class MemberNotFound(NotFound):
    message = Text("Member not found", "Участник не найден")


class InviteNotFound(NotFound):
    message = Text("Invite not found", "Приглашение не найдено")


class BanNotFound(NotFound):
    message = Text("Ban not found", "Бан не найден")


class NotAMember(Forbidden):
    message = Text("You are not a member of this server", "Вы не участник этого сервера")


class ServerBlocked(Forbidden):
    message = Text("This server is blocked", "Сервер заблокирован")


class MissingPermission(Forbidden):
    message = Text("You lack the permission for this", "Недостаточно прав")


class TooHigh(Forbidden):
    message = Text("You cannot act on a role at or above your own", "Нельзя управлять ролью выше или равной вашей")


class Banned(Forbidden):
    message = Text("You are banned from this server", "Вы забанены на этом сервере")


class AlreadyMember(InvalidInput):
    message = Text("Already a member of this server", "Пользователь уже участник сервера")


class OwnerStays(Forbidden):
    message = Text("The owner cannot leave; transfer the server first", "Владелец не может уйти: сначала передайте сервер")


class InviteExpired(InvalidInput):
    message = Text("This invite has expired", "Срок действия приглашения истёк")


class InviteUsedUp(InvalidInput):
    message = Text("This invite is used up", "Приглашение исчерпано")


class OwnsServers(InvalidInput):
    """The account cannot go while others live on its servers."""

    def __init__(self, names: list[str]) -> None:
        listed = ", ".join(names)
        super().__init__(
            Text(f"Transfer or delete your servers first: {listed}", f"Сначала передайте или удалите серверы: {listed}")
        )


class TooMany(InvalidInput):
    """Every list is bounded."""

    def __init__(self, most: int) -> None:
        super().__init__(Text(f"The limit is reached: {most}", f"Достигнут предел: {most}"))
