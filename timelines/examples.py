"""Examples for the OpenAPI document."""

from projectvoice.kernel.catalog import CHAPTERS, DOORS, SHAPES
from servers.errors import ChannelNotFound, MissingPermission, NotAMember, ServerBlocked
from timelines.errors import NotYourSession, SessionNotFound
from timelines.serializers import (
    CallerOutput,
    MomentOutput,
    PeerOutput,
    TimelineOutput,
    VoiceSessionOutput,
    VoiceSessionPageOutput,
)

ALICE, BOB = {"id": 1, "username": "alice"}, {"id": 2, "username": "bob"}
PEER = {"socketId": "0.Yv0Zq3f2", "user": BOB}
SESSION = {
    "id": "7c0f4a1e-52b8-4f0e-9a68-0b3f8f0d2c11",
    "user": ALICE,
    "serverId": 1,
    "channelId": 5,
    "dialect": "projectvoice",
    "socketId": "0.kJ2mQw8x",
    "startedAt": "2024-01-01T00:00:00.000Z",
    "endedAt": "2024-01-01T00:10:00.000Z",
    "reason": "left",
}
MOMENT = {
    "at": "2024-01-01T00:00:01.000Z",
    "kind": "candidates-sent",
    "peer": PEER,
    "details": {"host": 2, "srflx": 1, "relay": 2},
}

SHAPES |= {
    CallerOutput: ALICE,
    PeerOutput: PEER,
    VoiceSessionOutput: SESSION,
    VoiceSessionPageOutput: {"sessions": [SESSION], "total": 1, "page": 1, "limit": 20, "totalPages": 1},
    MomentOutput: MOMENT,
    TimelineOutput: {"session": SESSION, "moments": [MOMENT], "omitted": 0},
}
DOORS |= {
    "voice session_id": (SessionNotFound, NotYourSession),
    "voice channelId": (ChannelNotFound, NotAMember, ServerBlocked, MissingPermission),
}
CHAPTERS |= {"timelines.api.sessions": "voice"}
