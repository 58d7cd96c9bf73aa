"""Examples of calls for the OpenAPI document; those of seeds 000 and 001 where they have them."""

from accounts.examples import TOKEN
from projectvoice.kernel.catalog import ANSWERS, CHAPTERS, DOORS, SHAPES
from servers.errors import ChannelNotFound, MissingPermission, NotAMember, NotAVoiceChannel, ServerBlocked
from voice.api.hub_rooms import HubJoinInput, HubLeaveInput, HubPlaceOutput, HubRoomOutput, HubStatsOutput
from voice.api.ice import IceServersOutput
from voice.api.rooms import RoomsOutput
from voice.errors import OpenRoomsOff

HUB_ROOM = {"room_id": "room123", "clients": ["clientA", "clientB"]}

SHAPES |= {
    IceServersOutput: {"iceServers": [{"urls": ["stun:stun.l.google.com:19302"]}], "ttl": 3600},
    RoomsOutput: {"rooms": {"room1": ["Alice", "Bob"]}, "total_rooms": 1, "total_users": 2},
    HubJoinInput: {"room_id": "room123"},
    HubLeaveInput: {"room_id": "room123", "client_id": "clientA", "token": TOKEN},
    HubPlaceOutput: {"room_id": "room123", "client_id": "clientA", "status": "joined"},
    HubRoomOutput: HUB_ROOM,
    HubStatsOutput: {"rooms": [HUB_ROOM], "total_rooms": 1, "total_clients": 2},
}
ANSWERS["hub_rooms_leave"] = {"room_id": "room123", "client_id": "clientA", "status": "left"}
DOORS |= {
    "voice room_id": (ChannelNotFound, NotAVoiceChannel, NotAMember, ServerBlocked, MissingPermission, OpenRoomsOff),
    "voice token": (),
}
CHAPTERS |= {f"voice.api.{module}": "voice" for module in ("hub_rooms", "ice", "rooms")}
