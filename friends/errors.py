"""What can go wrong between people. Seed 002 names the statuses of friends and blocks."""

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


class NotAcquainted(Forbidden):
    message = Text(
        "Only a friend, or somebody of a server you share, can be written to",
        "Написать можно другу или участнику общего сервера",
    )


class NotYourFriend(Forbidden):
    def __init__(self, user_id: int) -> None:
        super().__init__(Text(f"User {user_id} is not your friend", f"Пользователь {user_id} не ваш друг"))


class NotAParticipant(Forbidden):
    message = Text("You do not take part in this conversation", "Вы не участник этой беседы")


class PartnerGone(Forbidden):
    message = Text(
        "The other account was deleted: this conversation can only be read",
        "Аккаунт собеседника удалён: эту беседу можно только читать",
    )


class ParticipantNotFound(NotFound):
    message = Text("This user does not take part in the conversation", "Этот пользователь не участник беседы")


class WithOneself(InvalidInput):
    message = Text("A conversation needs somebody else", "Для беседы нужен кто-то ещё")


class AlreadyParticipant(InvalidInput):
    message = Text("The user takes part already", "Пользователь уже участник беседы")


class DirectStays(InvalidInput):
    message = Text(
        "A conversation of two has no name, and nobody joins or leaves it",
        "У беседы двоих нет названия, в неё не добавляют и из неё не выходят",
    )
