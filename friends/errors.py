"""What can go wrong between two people. Seed 002 names the statuses."""

from projectvoice.kernel.errors import Forbidden, InvalidInput, NotFound, Text


class BefriendsOneself(InvalidInput):
    message = Text("You cannot add yourself", "Нельзя добавить себя")


class AlreadyFriends(InvalidInput):
    message = Text("You are friends already", "Вы уже друзья")


class RequestPending(InvalidInput):
    """In either direction: who was asked accepts instead of asking back."""

    message = Text("There is a request already", "Запрос уже отправлен")


class BlocksOneself(InvalidInput):
    message = Text("You cannot block yourself", "Нельзя заблокировать себя")


class UserBlocked(Forbidden):
    """Said in both directions: to the blocked one, and to the blocker until he lifts the block."""

    message = Text("The user is blocked", "Пользователь заблокирован")


class NotTheReceiver(Forbidden):
    message = Text("Only the one who was asked accepts a request", "Принять запрос может только его получатель")


class RequestNotFound(NotFound):
    message = Text("Friend request not found", "Запрос в друзья не найден")


class FriendNotFound(NotFound):
    message = Text("No such friend or request", "Друг или запрос не найден")


class BlockNotFound(NotFound):
    message = Text("This user is not blocked by you", "Вы не блокировали этого пользователя")


class ListFull(InvalidInput):
    """Every list is bounded."""

    def __init__(self, most: int) -> None:
        super().__init__(Text(f"The limit is reached: {most}", f"Достигнут предел: {most}"))
