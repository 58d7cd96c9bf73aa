"""Examples of calls for the OpenAPI document; those of seeds 000 and 001 where they have them."""

from accounts.errors import AccountBlocked
from accounts.examples import TOKEN
from projectvoice.kernel.catalog import ANSWERS, CHAPTERS, DOORS, SHAPES
from projectvoice.kernel.errors import InvalidSession
from servers.errors import ChannelNotFound, MissingPermission, NotAMember, NotAVoiceChannel, ServerBlocked
from voice.api.hub_rooms import HubJoinInput, HubLeaveInput, HubPlaceOutput, HubRoomOutput, HubStatsOutput
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
RELAY = {
    "urls": ["turn:voice.example.com:3478?transport=udp", "turn:voice.example.com:3478?transport=tcp"],
    "username": "1704103200:1",
    "credential": "60pdUlSL2aJKK3KIU6SZMn9HJe8=",
}
HUB_ROOM = {"room_id": "room123", "clients": ["clientA", "clientB"]}

SHAPES |= {
    IceServersOutput: {"iceServers": [{"urls": ["stun:voice.example.com:3478"]}, RELAY], "ttl": 3600},
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
    HubJoinInput: {"room_id": "room123"},
    HubLeaveInput: {"room_id": "room123", "client_id": "clientA", "token": TOKEN},
    HubPlaceOutput: {"room_id": "room123", "client_id": "clientA", "status": "joined"},
    HubRoomOutput: HUB_ROOM,
    HubStatsOutput: {"rooms": [HUB_ROOM], "total_rooms": 1, "total_clients": 2},
}
ANSWERS["hub_rooms_leave"] = {"room_id": "room123", "client_id": "clientA", "status": "left"}
ROOM_DOOR = (ChannelNotFound, NotAVoiceChannel, NotAMember, ServerBlocked, MissingPermission, OpenRoomsOff)
ZVONIM_DOOR = (InvalidSession, AccountBlocked, *ROOM_DOOR)
DOORS |= {
    "voice room_id": ROOM_DOOR,
    "voice token": (),
    "zvonim room_id": ZVONIM_DOOR,
    "zvonim meeting_id": ZVONIM_DOOR,
    "zvonim user_id": (),
    "zvonim token": (),
}
CHAPTERS |= {f"voice.api.{module}": "voice" for module in ("hub_rooms", "ice", "rooms")}
