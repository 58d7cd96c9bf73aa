"""Examples of friends for the OpenAPI document; seed 002's where it has them."""

from accounts.errors import UserNotFound
from accounts.examples import CREATED, PICTURE
from friends.errors import FriendNotFound, NotTheReceiver, RequestNotFound, UserBlocked
from friends.serializers import (
    FriendOutput,
    FriendRequestInput,
    FriendRequestListOutput,
    FriendRequestSentOutput,
    PersonOutput,
)
from projectvoice.kernel.catalog import ANSWERS, DOORS, SHAPES

PERSON = {"id": 2, "username": "user2", "profilePicture": PICTURE, "tag": "#1234"}
REQUEST = {"id": 1099511627776, "user": PERSON, "createdAt": CREATED}

SHAPES |= {
    FriendRequestInput: {"friendId": 2},
    PersonOutput: PERSON,
    FriendOutput: PERSON | {"status": "online"},
    FriendRequestListOutput: {"incoming": [REQUEST], "outgoing": []},
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
}
