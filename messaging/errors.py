"""What can go wrong with a message."""

from messaging.models import EMOJI_LENGTH, EMOJI_PER_MESSAGE, PINS_PER_CHANNEL
from projectvoice.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound, Text, TooManyRequests


class MessageNotFound(NotFound):
    message = Text("Message not found", "Сообщение не найдено")


class NotATextChannel(InvalidInput):
    message = Text("Messages belong into text channels", "Сообщения пишут в текстовых каналах")


class SlowDown(TooManyRequests):
    message = Text("Slow mode: wait before you write here again", "Медленный режим: подождите, прежде чем писать снова")


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


class EmptyMessage(InvalidInput):
    message = Text(
        "content must not be empty: the message has no attachments", "content: у сообщения нет вложений, нужен текст"
    )


class AttachmentNotFound(NotFound):
    message = Text("Attachment not found", "Вложение не найдено")


class LinkRefused(Forbidden):
    message = Text("This link is wrong or no longer holds", "Ссылка неверна или больше не действует")


class NoSuchUploads(InvalidInput):
    message = Text(
        "attachmentIds must name uploads of your own to this channel that no message has taken, each once",
        "attachmentIds: нужны ваши загрузки в этот канал, которых ещё нет ни в одном сообщении, каждая один раз",
    )


class TypeRefused(InvalidInput):
    message = Text("file: files of this type are not taken here", "file: файлы такого типа здесь не принимают")


class OverQuota(InvalidInput):
    message = Text("file: no room left for your files, delete some first", "file: место для ваших файлов закончилось")


class AttachmentTooLarge(DomainError):
    status = 413
    message = Text("The file is too large", "Файл слишком велик")


class RangeNotSatisfiable(DomainError):
    status = 416
    message = Text("The file has no such bytes", "В файле нет таких байтов")

    def __init__(self, size: int) -> None:
        super().__init__(size=size)
