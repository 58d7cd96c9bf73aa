"""Examples of friends for the OpenAPI document; seed 002's where it has them."""

from accounts.errors import UserNotFound
from accounts.examples import CREATED, PICTURE
from friends.errors import (
    FriendNotFound,
    NotAcquainted,
    NotAParticipant,
    NotTheReceiver,
    NotYourFriend,
    RequestNotFound,
    UserBlocked,
)
from friends.serializers import (
    ConversationOutput,
    DirectInput,
    FriendOutput,
    FriendRequestInput,
    FriendRequestListOutput,
    FriendRequestSentOutput,
    GroupInput,
    GroupRenameInput,
    PersonOutput,
)
from projectvoice.kernel.catalog import ANSWERS, DOORS, SHAPES
from servers.errors import ChannelNotFound

PERSON = {"id": 2, "username": "user2", "profilePicture": PICTURE, "tag": "#1234", "isBot": False}
REQUEST = {"id": 1099511627776, "user": PERSON, "createdAt": CREATED}

SHAPES |= {
    FriendRequestInput: {"friendId": 2},
    PersonOutput: PERSON,
    FriendOutput: PERSON | {"status": "online"},
    FriendRequestListOutput: {"incoming": [REQUEST], "outgoing": []},
    DirectInput: {"userId": 2},
    GroupInput: {"userIds": [2, 3], "name": "Weekend"},
    GroupRenameInput: {"name": "Weekend"},
    ConversationOutput: {
        "id": 12,
        "type": "direct",
        "name": "",
        "ownerId": None,
        "participants": [PERSON | {"status": "online"}],
        "lastMessageId": 345,
        "unread": 2,
        "createdAt": CREATED,
    },
    FriendRequestSentOutput: {
        "message": "Запрос в друзья отправлен.",
        "request": {"id": 1099511627776, "userId": 1, "friendId": 2, "status": "pending"},
    },
}
ANSWERS |= {
    "friend_request_accept": {"message": "Запрос в друзья принят."},
    "friend_remove": {"message": "Друг удален или запрос отклонен."},
    "friend_block": {"message": "Пользователь заблокирован."},
}
DOORS |= {
    "friend_id": (UserNotFound, UserBlocked),
    "request_id": (RequestNotFound, NotTheReceiver),
    "id": (FriendNotFound,),
    "conversations channel_id": (ChannelNotFound, NotAParticipant),
    "conversations user_id": (UserNotFound, NotAcquainted, UserBlocked),
    "conversations user_ids": (UserNotFound, NotYourFriend),
}
