"""Examples of calls for the OpenAPI document; seed 000's where it has them."""

from projectvoice.kernel.catalog import CHAPTERS, SHAPES
from voice.api.ice import IceServersOutput
from voice.api.rooms import RoomsOutput

SHAPES |= {
    IceServersOutput: {"iceServers": [{"urls": ["stun:stun.l.google.com:19302"]}], "ttl": 3600},
    RoomsOutput: {"rooms": {"room1": ["Alice", "Bob"]}, "total_rooms": 1, "total_users": 2},
}
CHAPTERS |= {"voice.api.ice": "voice", "voice.api.rooms": "voice"}
