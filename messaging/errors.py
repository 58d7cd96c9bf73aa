"""What can go wrong with a message."""

from messaging.models import EMOJI_LENGTH, EMOJI_PER_MESSAGE, PINS_PER_CHANNEL
from projectvoice.kernel.errors import Forbidden, InvalidInput, NotFound, Text


class MessageNotFound(NotFound):
    message = Text("Message not found", "Сообщение не найдено")


class NotATextChannel(InvalidInput):
    message = Text("Messages belong into text channels", "Сообщения пишут в текстовых каналах")


class NobodyModerates(Forbidden):
    message = Text(
        "In a conversation everybody changes only what is his own", "В беседе каждый меняет только то, что принадлежит ему"
    )


class NoSuchReply(InvalidInput):
    message = Text("replyToId names no message of this channel", "replyToId: в этом канале нет такого сообщения")


class NoSuchMessage(InvalidInput):
    message = Text("messageId names no message of this channel", "messageId: в этом канале нет такого сообщения")


class TooManyPins(InvalidInput):
    message = Text(
        f"A channel has at most {PINS_PER_CHANNEL} pinned messages",
        f"В канале не больше {PINS_PER_CHANNEL} закреплённых сообщений",
    )


class TooManyReactions(InvalidInput):
    message = Text(
        f"A message has at most {EMOJI_PER_MESSAGE} different reactions",
        f"У сообщения не больше {EMOJI_PER_MESSAGE} разных реакций",
    )


class NotAnEmoji(InvalidInput):
    message = Text(
        f"A reaction is 1 to {EMOJI_LENGTH} visible characters", f"Реакция: нужно от 1 до {EMOJI_LENGTH} видимых символов"
    )
