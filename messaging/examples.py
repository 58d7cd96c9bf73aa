"""Examples of messages for the OpenAPI document; seed 002's where it has them."""

from accounts.examples import CREATED, PICTURE, TIMES
from messaging.errors import AttachmentNotFound, AttachmentTooLarge, MessageNotFound, NotAnEmoji, RangeNotSatisfiable
from messaging.serializers import (
    AttachmentInput,
    AttachmentOutput,
    BulkDeletedOutput,
    BulkDeleteInput,
    MessageEditInput,
    MessageInput,
    MessageOutput,
    MessagePageOutput,
    ReadInput,
    ReadStateOutput,
    RevisionOutput,
)
from projectvoice.kernel.catalog import CHAPTERS, DOORS, REFUSALS, SHAPES, ErrorOutput
from projectvoice.kernel.serializers import IntegerField
from servers.examples import INSIDE


class RangeNotSatisfiableOutput(ErrorOutput):
    size = IntegerField(min_value=0, help_text="Bytes that the file has")


ATTACHMENT = {
    "id": 7,
    "filename": "cat.png",
    "contentType": "image/png",
    "size": 5120,
    "url": "/api/attachments/7/cat.png?expires=1704153600&signature=b6589fc6ab0dc82cf12099d1c2d40ab9",
    "width": 640,
    "height": 480,
}
MESSAGE = {
    "id": 1,
    "content": "Hello, world!",
    "userId": 1,
    "channelId": 1,
    "replyToId": None,
    "user": {"id": 1, "username": "testuser", "avatar": PICTURE, "isBot": False},
    "isEdited": False,
    "isPinned": False,
    "reactions": [{"emoji": "👍", "count": 2, "me": True}],
    "attachments": [ATTACHMENT],
    "mentions": [],
    "mentionsEveryone": False,
} | TIMES

SHAPES |= {
    MessageInput: {"content": "Hello, world!", "channelId": 1},
    MessageEditInput: {"content": "Hello, everybody!"},
    BulkDeleteInput: {"channelId": 1, "messageIds": [1, 2, 3]},
    ReadInput: {"channelId": 1, "messageId": 1},
    AttachmentInput: {"channelId": 1, "file": "(the bytes of cat.png)"},
    AttachmentOutput: ATTACHMENT,
    MessageOutput: MESSAGE,
    MessagePageOutput: {"messages": [MESSAGE], "total": 100, "page": 1, "limit": 50, "totalPages": 2},
    BulkDeletedOutput: {"message": "Сообщения удалены", "deleted": 3},
    ReadStateOutput: {"channelId": 1, "lastReadId": 1, "unread": 0, "mentions": 0},
    RevisionOutput: {"id": 1, "content": "Hello!", "editedBy": 1, "createdAt": CREATED},
    RangeNotSatisfiableOutput: {"size": 5120},
}
REFUSALS[RangeNotSatisfiable] = RangeNotSatisfiableOutput
DOORS |= {
    "message_id": (MessageNotFound, *INSIDE),
    "attachment_id": (AttachmentNotFound, *INSIDE),
    "emoji": (NotAnEmoji,),
    "file": (AttachmentTooLarge,),
}
CHAPTERS |= {f"messaging.api.{module}": "messages" for module in ("mentions", "pins", "reactions", "read_state")}
