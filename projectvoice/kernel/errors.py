"""The errors any layer may raise. Nothing here knows Django; HTTP is no more than a number.

DomainError (400)
├── InvalidInput       400  a field of the request is wrong
├── InvalidSession     401  the session token is missing, bad, expired or revoked; else only /api/login answers 401
├── Forbidden          403
├── NotFound           404
├── TooManyRequests    429
├── Unavailable        503
└── NoRoom             507  a disk of ours is full
"""

import errno
from typing import ClassVar, Final, NamedTuple

FULL: Final = {errno.ENOSPC, errno.EDQUOT}


class Text(NamedTuple):
    """A sentence for people, in both languages the interface speaks."""

    en: str
    ru: str

    def to(self, language: str | None) -> str:
        return self.en if (language or "").startswith("en") else self.ru


class DomainError(Exception):
    """`extra` goes into the answer beside `error` and `code`."""

    status: ClassVar[int] = 400
    message: ClassVar[Text] = Text("Bad request", "Неверный запрос")

    def __init__(self, message: Text | None = None, **extra: object) -> None:
        self.text = message or self.message
        self.extra = extra
        super().__init__(self.text.en)


class InvalidInput(DomainError):
    pass


class InvalidSession(DomainError):
    status = 401
    message = Text("Not signed in: the token is missing or invalid", "Не авторизован: токен отсутствует или неверен")


class Forbidden(DomainError):
    status = 403
    message = Text("Access denied", "Доступ запрещён")


class NotFound(DomainError):
    status = 404
    message = Text("Not found", "Ресурс не найден")


class TooManyRequests(DomainError):
    status = 429
    message = Text("Too many attempts, try again later", "Слишком много попыток, попробуйте позже")

    def __init__(self, retry_after: int) -> None:
        """`retry_after` is in seconds."""
        super().__init__(retryAfter=retry_after)
        self.retry_after = retry_after


class Unavailable(DomainError):
    status = 503
    message = Text("The service is briefly unavailable, try again", "Сервис временно недоступен, повторите попытку")


class NoRoom(DomainError):
    status = 507
    message = Text("The server has no room left for this", "На сервере закончилось место")


def is_no_room(error: BaseException | None) -> bool:
    """Whether a file could not be written because the disk is full."""
    return isinstance(error, OSError) and error.errno in FULL
