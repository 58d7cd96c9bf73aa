"""What can go wrong with an account. Texts are contract: seed 002 names the statuses."""

from projectvoice.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound, Text


class UserNotFound(NotFound):
    message = Text("User not found", "Пользователь не найден")


class SessionNotFound(NotFound):
    message = Text("Session not found", "Сеанс не найден")


class WrongPassword(InvalidInput):
    message = Text("Wrong password", "Неверный пароль")


class BadCredentials(DomainError):
    """Of `/api/login` alone, where seed 004's clients expect a 401."""

    status = 401
    message = Text("Wrong login or password", "Неверный логин или пароль")


class EmailTaken(InvalidInput):
    message = Text("A user with this e-mail already exists", "Пользователь с таким e-mail уже существует")


class UsernameTaken(InvalidInput):
    message = Text("This username is taken", "Это имя пользователя уже занято")


class AccountBlocked(Forbidden):
    message = Text("This account is blocked", "Аккаунт заблокирован")


class LastAdmin(InvalidInput):
    message = Text("The last administrator stays", "Последний администратор должен остаться")


class ScopeMissing(Forbidden):
    """`details` names the scopes of which one would do."""

    message = Text("This bot's token lacks the scope for this", "У токена этого бота нет нужного разрешения")


class NotForBots(Forbidden):
    message = Text("Bots may not do this", "Ботам это недоступно")


class NotAPerson(InvalidInput):
    message = Text("This takes a person, not a bot", "Для этого нужен человек, а не бот")


class NotYourself(Forbidden):
    message = Text("You may change only your own account", "Можно изменять только свой аккаунт")
