"""Examples of calls for the OpenAPI document; seed 000's where it has them."""

from accounts.errors import AccountBlocked
from projectvoice.kernel.catalog import CHAPTERS, DOORS, SHAPES
from projectvoice.kernel.errors import InvalidSession
from servers.errors import ChannelNotFound, NotAVoiceChannel
from servers.examples import INSIDE
from voice.api.ice import IceServersOutput
from voice.api.rooms import RoomsOutput
from voice.api.zvonim import (
    LeftOutput,
    MeetingInfoOutput,
    MeetingJoinedOutput,
    MeetingJoinInput,
    MeetingLeaveInput,
    PlaceOutput,
    RoomInfoOutput,
    RoomJoinedOutput,
    RoomJoinInput,
    RoomLeaveInput,
)
from voice.errors import OpenRoomsOff

USER_ID = "Vb1xq0Zr6cXh2mWnT4pY"
PLACE = {"user_id": USER_ID, "user_name": "Alice", "is_online": True}
NAMES = ["Bob", "Alice"]
MEETING = {"meeting_id": "standup", "meeting_name": "standup"}
CREATED = "2024-01-01T00:00:00.000Z"

SHAPES |= {
    IceServersOutput: {"iceServers": [{"urls": ["stun:stun.l.google.com:19302"]}], "ttl": 3600},
    RoomsOutput: {"rooms": {"room1": ["Alice", "Bob"]}, "total_rooms": 1, "total_users": 2},
    RoomJoinInput: {"room_id": "standup", "user_name": "Alice"},
    RoomJoinedOutput: {"room_id": "standup", "user_id": USER_ID, "users_in_room": NAMES},
    RoomLeaveInput: {"room_id": "standup", "user_id": USER_ID},
    RoomInfoOutput: {"room_id": "standup", "users": [PLACE], "created_at": CREATED},
    MeetingJoinInput: {"meeting_id": "standup", "user_name": "Alice"},
    MeetingJoinedOutput: MEETING | {"user_id": USER_ID, "users_in_meeting": NAMES},
    MeetingLeaveInput: {"meeting_id": "standup", "user_id": USER_ID},
    MeetingInfoOutput: MEETING | {"users": [PLACE], "created_at": CREATED},
    PlaceOutput: PLACE,
    LeftOutput: {"success": True},
}
CHAPTERS |= {"voice.api.ice": "voice", "voice.api.rooms": "voice"}
ROOM_DOOR = (InvalidSession, AccountBlocked, OpenRoomsOff, ChannelNotFound, *INSIDE, NotAVoiceChannel)
DOORS |= {"zvonim room_id": ROOM_DOOR, "zvonim meeting_id": ROOM_DOOR, "zvonim user_id": (), "zvonim token": ()}
