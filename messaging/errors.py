"""What can go wrong with a message."""

from projectvoice.kernel.errors import InvalidInput, NotFound, Text


class MessageNotFound(NotFound):
    message = Text("Message not found", "Сообщение не найдено")


class NotATextChannel(InvalidInput):
    message = Text("Messages belong into text channels", "Сообщения пишут в текстовых каналах")


class NoSuchReply(InvalidInput):
    message = Text("replyToId names no message of this channel", "replyToId: в этом канале нет такого сообщения")
