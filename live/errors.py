"""What a subscriber is refused. He is told in an `error` frame, and his socket survives."""

from projectvoice.kernel.errors import DomainError, Text


class NotSubscribed(DomainError):
    message = Text("Subscribe first", "Сначала нужна подписка")
