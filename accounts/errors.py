"""What can go wrong with an account. Texts are contract: seed 002 names the statuses."""

from datetime import datetime

from projectvoice.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound, Text
from projectvoice.kernel.serializers import iso


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


class SecondFactorNeeded(Forbidden):
    """The password was right; with the ticket and a code one is in."""

    message = Text("Enter the code of your authenticator app", "Введите код из приложения-аутентификатора")

    def __init__(self, ticket: str, expires_at: datetime) -> None:
        super().__init__(twoFactor={"ticket": ticket, "expiresAt": iso(expires_at)})


class SecondFactorRequired(Forbidden):
    message = Text(
        "Set up two-factor authentication first: this instance requires it of you",
        "Сначала включите двухфакторную аутентификацию: здесь она для вас обязательна",
    )

    def __init__(self) -> None:
        super().__init__(twoFactor={"required": True})


class EmailUnconfirmed(Forbidden):
    message = Text("Confirm your e-mail address first", "Сначала подтвердите адрес e-mail")

    def __init__(self) -> None:
        super().__init__(emailConfirmation={"required": True})


class WrongCode(InvalidInput):
    message = Text("Wrong code, or it was used already", "Неверный код, или он уже использован")


class EnrolledAlready(InvalidInput):
    message = Text("Two-factor authentication is on already", "Двухфакторная аутентификация уже включена")


class NotEnrolled(InvalidInput):
    message = Text("Two-factor authentication is off", "Двухфакторная аутентификация выключена")


class TicketSpent(InvalidInput):
    message = Text("This link is no longer good, ask for a new one", "Ссылка больше не действует, запросите новую")


class SignInLapsed(TicketSpent):
    message = Text("Enter your password again", "Введите пароль ещё раз")


class EmailConfirmedAlready(InvalidInput):
    message = Text("This e-mail address is confirmed already", "Этот адрес e-mail уже подтверждён")


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
