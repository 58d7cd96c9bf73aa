"""What several dialects say alike: tokens, types, and the envelope `{type, to, payload}`."""

from collections.abc import Mapping
from typing import Any

from projectvoice.kernel.errors import Text
from voice.core.errors import MalformedFrame
from voice.core.words import Relay, Signal
from voice.dialects.description import meaning_of, relay

KIND_LENGTH = 64
BAD_TOKEN = Text("The token must be a string", "Токен должен быть строкой")
NO_TYPE = Text("A message needs a `type`", "У сообщения должен быть `type`")


def token_of(token: Any) -> str | None:
    """None: there is none. Raises MalformedFrame."""
    if token is not None and not isinstance(token, str):
        raise MalformedFrame(BAD_TOKEN)
    return token


def from_envelope(name: Any, message: Mapping[str, Any], dialect: str, bad_target: Text) -> Relay:
    """To everybody where no `to` is said. A payload of any kind travels on, and none as none. Raises MalformedFrame."""
    to = message.get("to")
    if not isinstance(name, str) or not 0 < len(name) <= KIND_LENGTH:
        raise MalformedFrame(NO_TYPE)
    if not isinstance(to, str | None):
        raise MalformedFrame(bad_target)
    return relay(to or None, name, {"payload": message["payload"]} if "payload" in message else {}, dialect)


def for_envelope(signal: Signal, dialect: str) -> Mapping[str, Any] | None:
    """What goes beside its head: of its own dialect as it came, of another by its meaning. None: it has none here."""
    if signal.dialect == dialect:
        return signal.body
    meaning = meaning_of(signal.kind, signal.body)
    return None if meaning is None else {"payload": meaning.init}
