"""The frames in tests/wire/projectvoice, which docs/protocols shows, are what the dialect reads and writes."""

import json
from pathlib import Path
from typing import Any

import pytest

from projectvoice.kernel.errors import DomainError, InvalidSession
from servers.errors import NotAMember
from voice.core import words
from voice.core.errors import MalformedFrame
from voice.core.words import Participant, Peer, Room
from voice.dialects.projectvoice import ProjectVoiceDialect

WIRE = Path(__file__).parent.parent.parent / "wire" / "projectvoice"
FILES = {path.stem: json.loads(path.read_text()) for path in sorted(WIRE.glob("*.json"))}
EXAMPLES = [
    pytest.param(file["from"], example, id=f"{name}: {example['note']}")
    for name, file in FILES.items()
    for example in file["examples"]
]
ERRORS: dict[str, DomainError] = {"InvalidSession": InvalidSession(), "NotAMember": NotAMember()}
DIALECT = ProjectVoiceDialect()


def peer(fields: dict[str, Any]) -> Peer:
    return Peer(fields["id"], fields["profile"])


def word(name: str, fields: dict[str, Any]) -> Any:
    """The word of the core that an example spells out in JSON."""
    build = {
        "room": lambda room: room and Room(**room),
        "peer": peer,
        "participants": lambda seats: tuple(Participant(peer(seat["peer"]), seat["mic"]) for seat in seats),
    }
    return getattr(words, name)(**{key: build.get(key, lambda value: value)(value) for key, value in fields.items()})


@pytest.mark.parametrize(("speaker", "example"), EXAMPLES)
def test_a_recorded_frame_is_read_and_written(speaker: str, example: dict[str, Any]):
    name, *args = example["frame"]
    if "refused" in example:
        with pytest.raises(MalformedFrame, match=example["refused"]):
            DIALECT.decode(name, tuple(args))
    elif speaker == "client":
        assert DIALECT.decode(name, tuple(args)) == word(example["word"], example["fields"])
    elif name == "error":
        assert list(DIALECT.encode_error(ERRORS[example["word"]], example["language"])) == example["frame"]
    else:
        assert list(DIALECT.encode(word(example["word"], example["fields"]))) == example["frame"]


def test_every_event_has_a_file():
    frames = {(file["from"], example["frame"][0]) for file in FILES.values() for example in file["examples"]}
    client = {"join-room", "leave-room", "signal", "toggle-mic"}
    server = {"created", "user-connected", "user-disconnected", "signal", "user-mic-toggle", "error"}
    assert frames == {("client", name) for name in client} | {("server", name) for name in server}
