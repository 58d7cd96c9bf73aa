"""The frames in tests/wire, which docs/protocols shows, are what the dialects read and write.

A file holds examples of one frame: who says it (`from`), the `frame` itself, and the word of the core that it stands for
(`word`, `fields`) or why it is `refused`. `made` is how the dialect of that connection was made, `after` the words that it
has been told before.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from projectvoice.kernel.errors import DomainError, InvalidSession
from servers.errors import NotAMember
from voice.core import errors, words
from voice.core.errors import MalformedFrame
from voice.core.words import Participant, Peer, Room, Voice
from voice.dialects.game_signaling import GameSignalingDialect
from voice.dialects.hub_signaling import HubSignalingDialect
from voice.dialects.projectvoice import ProjectVoiceDialect
from voice.dialects.room_signaling import RoomSignalingDialect
from voice.dialects.zvonim import ZvonimDialect, ZvonimEnvelopeDialect

WIRE = Path(__file__).parent.parent.parent / "wire"
FOLDERS: dict[str, Any] = {
    "projectvoice": ProjectVoiceDialect,
    "room-signaling": RoomSignalingDialect,
    "hub-signaling": HubSignalingDialect,
    "game-signaling": GameSignalingDialect,
    "zvonim": ZvonimDialect,
    "zvonim-envelope": ZvonimEnvelopeDialect,
}
FILES = {
    (folder, path.stem): json.loads(path.read_text())
    for folder in sorted(FOLDERS)
    for path in sorted((WIRE / folder).glob("*.json"))
}
EXAMPLES = [
    pytest.param(dialect, file["from"], example, id=f"{dialect} {name}: {example['note']}")
    for (dialect, name), file in FILES.items()
    for example in file["examples"]
]
ERRORS: dict[str, DomainError] = {"InvalidSession": InvalidSession(), "NotAMember": NotAMember()}


def error_of(name: str) -> DomainError:
    return ERRORS.get(name) or getattr(errors, name)()


def peer(fields: dict[str, Any]) -> Peer:
    return Peer(fields["id"], fields["profile"])


BUILD = {
    "room": lambda room: room and Room(**room),
    "peer": peer,
    "you": peer,
    "voice": lambda voice: Voice(**voice),
    "reason": error_of,
    "participants": lambda seats: tuple(Participant(peer(seat["peer"]), seat["mic"]) for seat in seats),
    "parting": lambda parting: parting and words.Relay(**parting),
}


def word(dialect: str, name: str, fields: dict[str, Any]) -> Any:
    """The word of the core that an example spells out in JSON; a signal is of the same dialect, if nothing else is said."""
    if name in {"Relay", "Signal"}:
        fields = {"dialect": dialect, **fields}
    return getattr(words, name)(**{key: BUILD.get(key, lambda value: value)(value) for key, value in fields.items()})


def heard(frame: Any) -> tuple[Any, tuple[Any, ...]]:
    """As transports hand it on: a Socket.IO event, or a JSON object with its type."""
    return (frame[0], tuple(frame[1:])) if isinstance(frame, list) else (frame.get("type"), (frame,))


@pytest.mark.parametrize(("name", "speaker", "example"), EXAMPLES)
def test_a_recorded_frame_is_read_and_written(name: str, speaker: str, example: dict[str, Any]):
    dialect, frame = FOLDERS[name](**example.get("made", {})), example["frame"]
    for before in example.get("after", []):
        dialect.encode(word(name, before["word"], before["fields"]))
    if "refused" in example:
        with pytest.raises(MalformedFrame, match=example["refused"]):
            dialect.decode(*heard(frame))
    elif speaker == "client":
        assert dialect.decode(*heard(frame)) == word(name, example["word"], example["fields"])
    elif "language" in example:
        assert as_json(dialect.encode_error(error_of(example["word"]), example["language"])) == frame
    else:
        assert as_json(dialect.encode(word(name, example["word"], example["fields"]))) == frame


def as_json(frame: Any) -> Any:
    return json.loads(json.dumps(frame))


SAID = {
    "projectvoice": (
        {"join-room", "leave-room", "link-state", "signal", "toggle-mic"},
        {"created", "user-connected", "user-disconnected", "signal", "user-mic-toggle", "voice-state", "error"},
    ),
    "room-signaling": (
        {"join", "leave", "offer", "answer", "candidate"},
        {"room_users", "user_joined", "user_left", "getOffer", "getAnswer", "getCandidate", "error"},
    ),
    "hub-signaling": (
        {"offer", "answer", "candidate", "custom", "bye"},
        {"offer", "answer", "candidate", "custom", "bye", "peer-joined", "peer-left", "error"},
    ),
    "game-signaling": (
        {"offer", "answer", "candidate"},
        {"offer", "answer", "candidate", "welcome", "peer-joined", "peer-left", "error"},
    ),
    "zvonim": (
        {"join", "offer", "answer", "ice-candidate"},
        {"offer", "answer", "ice-candidate", "user-joined", "user-left", "error"},
    ),
    "zvonim-envelope": (
        {"join", "offer", "answer", "ice_candidate"},
        {"offer", "answer", "ice_candidate", "user_joined", "user_left", "error"},
    ),
}


@pytest.mark.parametrize("dialect", FOLDERS)
def test_every_frame_has_a_file(dialect: str):
    frames = {
        (file["from"], heard(example["frame"])[0])
        for (folder, _), file in FILES.items()
        if folder == dialect
        for example in file["examples"]
        if "refused" not in example and example["frame"] is not None
    }
    client, server = SAID[dialect]
    assert frames == {("client", name) for name in client} | {("server", name) for name in server}
