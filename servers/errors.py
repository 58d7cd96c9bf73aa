"""What can go wrong with servers, channels, members, roles and invites."""

from projectvoice.kernel.errors import Forbidden, InvalidInput, NotFound, Text


class ServerNotFound(NotFound):
    message = Text("Server not found", "Сервер не найден")


class ChannelNotFound(NotFound):
    message = Text("Channel not found", "Канал не найден")


class CategoryNotFound(NotFound):
    message = Text("Category not found", "Категория не найдена")


class OverwriteNotFound(NotFound):
    message = Text("The channel says nothing about them", "В канале нет для них особых прав")


class MemberNotFound(NotFound):
    message = Text("Member not found", "Участник не найден")


class InviteNotFound(NotFound):
    message = Text("Invite not found", "Приглашение не найдено")


class RoleNotFound(NotFound):
    message = Text("Role not found", "Роль не найдена")


class RoleNotAssigned(NotFound):
    message = Text("The member does not have this role", "У участника нет этой роли")


class BanNotFound(NotFound):
    message = Text("Ban not found", "Бан не найден")


class NotAMember(Forbidden):
    message = Text("You are not a member of this server", "Вы не участник этого сервера")


class ServerBlocked(Forbidden):
    message = Text("This server is blocked", "Сервер заблокирован")


class MissingPermission(Forbidden):
    """`details` names the permission and the rules that denied it."""

    message = Text("You lack the permission for this", "Недостаточно прав")


class TimedOut(MissingPermission):
    message = Text("You are timed out here: until it ends you can only read", "Вы пока можете только читать: у вас тайм-аут")


class MayNotEnter(MissingPermission):
    """Said to who would move him there; `details` is about him."""

    message = Text("The member may not enter this channel", "Участнику нельзя войти в этот канал")


class TooHigh(Forbidden):
    message = Text("You cannot act on a role at or above your own", "Нельзя управлять ролью выше или равной вашей")


class Banned(Forbidden):
    message = Text("You are banned from this server", "Вы забанены на этом сервере")


class UserBanned(Forbidden):
    """Said to who would add him; `Banned` is said to himself."""

    message = Text("The user is banned from this server", "Пользователь забанен на этом сервере")


class OwnerOnly(Forbidden):
    message = Text("Only the owner may do this", "Это может только владелец")


class OwnerKeepsRole(Forbidden):
    message = Text(
        "The owner's role changes only by transferring the server", "Роль владельца меняется только передачей сервера"
    )


class AlreadyMember(InvalidInput):
    message = Text("Already a member of this server", "Пользователь уже участник сервера")


class OwnerStays(Forbidden):
    message = Text("The owner cannot leave; transfer the server first", "Владелец не может уйти: сначала передайте сервер")


class NotTheirMember(InvalidInput):
    message = Text("The new owner must be a member of this server", "Новый владелец должен быть участником этого сервера")


class AlreadyOwner(InvalidInput):
    message = Text("This user is the owner already", "Этот пользователь уже владелец")


class NotForChannels(InvalidInput):
    message = Text(
        "allow, deny: a channel gives and takes only permissions that work inside it",
        "allow, deny: канал даёт и отнимает только права, действующие внутри него",
    )


class OverwriteBothWays(InvalidInput):
    message = Text("allow, deny: no permission can be in both", "allow, deny: право не может быть в обоих")


class NotAVoiceChannel(InvalidInput):
    message = Text("This is not a voice channel", "Это не голосовой канал")


class BanInThePast(InvalidInput):
    message = Text("expiresAt: the ban would be over already", "expiresAt: бан уже закончился бы")


class Untouchable(Forbidden):
    message = Text("An administrator cannot be timed out", "Администратора нельзя лишить голоса на время")


class TimeoutTooLong(InvalidInput):
    def __init__(self, days: int) -> None:
        super().__init__(Text(f"mutedUntil: at most {days} days from now", f"mutedUntil: не дальше {days} дней"))


class RoleAssigned(InvalidInput):
    message = Text("The member has this role already", "У участника уже есть эта роль")


class EveryoneStays(InvalidInput):
    message = Text("The role @everyone cannot be deleted", "Нельзя удалить роль @everyone")


class EveryoneKeepsName(InvalidInput):
    message = Text("The role @everyone cannot be renamed", "Нельзя переименовать роль @everyone")


class PresetStays(InvalidInput):
    message = Text(
        "A default role cannot be deleted: member roles rest on it",
        "Нельзя удалить роль по умолчанию: на ней держатся роли участников",
    )


class PresetOrder(InvalidInput):
    message = Text(
        "@everyone stays at 0, and the default roles keep their order",
        "@everyone остаётся на 0, а роли по умолчанию сохраняют свой порядок",
    )


class PresetByHand(InvalidInput):
    message = Text(
        "A default role comes with the member role, not by hand",
        "Роль по умолчанию даётся вместе с ролью участника, а не вручную",
    )


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
