"""What the clients of all dialects say: understood or refused by one exception, and sayable in every other dialect."""

from collections.abc import Mapping
from typing import Any

import orjson

from tests.fuzz.draw import Draw
from voice.core.errors import MalformedFrame
from voice.core.words import Join, Leave, Nothing, Peer, PeerJoined, Relay, SetMic, SetName, Signal
from voice.dialects.addresses import dialect_of
from voice.dialects.base import Dialect
from voice.dialects.game_signaling import GameSignalingDialect
from voice.dialects.hub_signaling import HubSignalingDialect
from voice.dialects.projectvoice import ProjectVoiceDialect
from voice.dialects.room_signaling import RoomSignalingDialect
from voice.dialects.zvonim import ZvonimDialect, ZvonimEnvelopeDialect

EVENTS: Mapping[type[Dialect], list[str]] = {
    ProjectVoiceDialect: ["signal", "join-room", "leave-room", "toggle-mic"],
    RoomSignalingDialect: ["offer", "answer", "candidate", "join", "leave"],
}
PATHS = ["/ws", "/ws/", "/api/room/x/ws", "/api/meeting/6/ws", "/elsewhere"]
FIELDS = ["client_id", "user_id", "room_id", "id", "room", "token"]


def socketio_events(data: bytes) -> None:
    """An event's name and JSON, to the dialects that travel by Socket.IO."""
    draw = Draw(data)
    dialect_class = draw.one(list(EVENTS))
    name = draw.one([*EVENTS[dialect_class], "other"])
    arguments = _json(draw.rest())
    _understood(dialect_class(), name, arguments if isinstance(arguments, list) else [arguments])


def websocket_frames(data: bytes) -> None:
    """An address and JSON frames, to the dialects that have their own WebSockets."""
    draw = Draw(data)
    query = {field: draw.piece().decode("utf-8", "replace") for field in FIELDS if draw.number(2)}
    found = dialect_of(draw.one(PATHS), query)
    frames = [frame for line in draw.rest().split(b"\n") if isinstance(frame := _json(line), dict)]
    if found is None:
        return
    dialect_class, said = found
    try:
        opening = dialect_class.open(said, None) or dialect_class.open(said, frames[0] if frames else {})
    except MalformedFrame as error:
        _told(dialect_class.encode_error(error, "en"))
        return
    assert opening is not None
    assert len(opening.peer_id) <= 128
    _join(opening.join)
    for frame in frames:
        _understood(opening.dialect, frame.get("type"), [frame])


def _understood(dialect: Dialect, name: Any, arguments: list[Any]) -> None:
    try:
        command = dialect.decode(name, arguments)
    except MalformedFrame as error:
        for language in ("en", "ru"):
            _told(dialect.encode_error(error, language))
        return
    match command:
        case Join():
            _join(command)
        case Relay():
            _signal(command)
        case Leave(_, parting):
            if parting is not None:
                _signal(parting)
        case SetMic() | Nothing():
            pass
        case SetName(name):
            assert 0 < len(name) <= 64


def _join(join: Join) -> None:
    assert len(join.room.name) <= 128
    assert not join.room.channel or 0 < int(join.room.name) < 10**19
    assert join.token is None or isinstance(join.token, str)
    _told(str(join.shown_as))


def _signal(relay: Relay) -> None:
    """What one says, all understand or pass over; who says it is the server's to tell, in every one of them."""
    assert 0 < len(relay.kind) <= 64
    assert relay.to is None or isinstance(relay.to, str)
    signal = Signal("true sender", relay.kind, relay.body, relay.dialect, relay.to is None)
    readers = [
        ProjectVoiceDialect(),
        RoomSignalingDialect(),
        GameSignalingDialect(in_room=True, named=True),
        HubSignalingDialect(room_id="6", client_id="me"),
        ZvonimDialect("me"),
        ZvonimEnvelopeDialect("me"),
    ]
    for reader in readers:
        reader.encode(PeerJoined(Peer("true sender", {"username": "x", "id": None})))
        frame = reader.encode(signal)
        _told(frame)
        if frame is not None:
            message = frame[1] if isinstance(frame, tuple) else frame
            assert message.get("from", message.get("sender")) == "true sender"


def _told(frame: Any) -> None:
    """It goes over the wire. As deep as what came may be, it need not be sayable: then its sender hears that."""
    try:
        orjson.dumps(frame)
    except TypeError:
        assert _depth(frame) > 250


def _depth(frame: Any) -> int:
    depth, level = 0, [frame]
    while level:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list | tuple)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def _json(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
