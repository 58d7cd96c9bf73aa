"""What subscribers and the server say to each other. Pure; docs/protocols/events.md."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import orjson

from events.words import KINDS
from projectvoice.kernel.errors import Text
from voice.core.errors import MalformedFrame

MAX_ID: Final = 2**63 - 1
TOKEN_LENGTH: Final = 4096
MOST_SERVERS: Final = 1000

BAD_SUBSCRIBE = Text(
    "subscribe takes `token` (a string), `since` (a whole number) and `servers` (a list of ids)",
    "subscribe: `token` — строка, `since` — целое число, `servers` — список id",
)
BAD_TYPING = Text("typing needs `channelId`, a whole number", "typing: нужен `channelId`, целое число")
BAD_PRESENCE = Text(
    "presence needs `status`: online, idle, dnd or invisible", "presence: нужен `status`: online, idle, dnd или invisible"
)


class Status(IntEnum):
    """The more somebody is there, the greater. To others INVISIBLE is OFFLINE."""

    OFFLINE = 0
    INVISIBLE = 1
    IDLE = 2
    DND = 3
    ONLINE = 4

    @property
    def shown(self) -> str:
        return "offline" if self <= Status.INVISIBLE else self.name.lower()


CHOSEN: Final = {status.name.lower(): status for status in Status if status is not Status.OFFLINE}


@dataclass(frozen=True, slots=True)
class Subscribe:
    token: str | None = None  # None: that of the handshake
    since: int | None = None
    servers: frozenset[int] | None = None  # None: all


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    pass


@dataclass(frozen=True, slots=True)
class Typing:
    channel_id: int


@dataclass(frozen=True, slots=True)
class SetPresence:
    status: Status


Command = Subscribe | Unsubscribe | Typing | SetPresence


def read(name: str, args: Sequence[Any]) -> Command:
    """Raises MalformedFrame, and nothing else."""
    return READERS[name](args[0] if args else None)


def _subscribe(said: Any) -> Subscribe:
    match {} if said is None else said:
        case dict() as fields:
            token, since, servers = fields.get("token"), fields.get("since"), fields.get("servers")
        case _:
            raise MalformedFrame(BAD_SUBSCRIBE)
    if token is not None and not (isinstance(token, str) and 0 < len(token) <= TOKEN_LENGTH):
        raise MalformedFrame(BAD_SUBSCRIBE)
    if since is not None and not _is_number(since):
        raise MalformedFrame(BAD_SUBSCRIBE)
    if servers is None:
        return Subscribe(token, since)
    if not isinstance(servers, list) or len(servers) > MOST_SERVERS or not all(map(_is_number, servers)):
        raise MalformedFrame(BAD_SUBSCRIBE)
    return Subscribe(token, since, frozenset(servers))


def _typing(said: Any) -> Typing:
    channel_id = said.get("channelId") if isinstance(said, dict) else None
    if channel_id is None or not _is_number(channel_id):
        raise MalformedFrame(BAD_TYPING)
    return Typing(channel_id)


def _presence(said: Any) -> SetPresence:
    status = said.get("status") if isinstance(said, dict) else None
    if not isinstance(status, str) or status not in CHOSEN:
        raise MalformedFrame(BAD_PRESENCE)
    return SetPresence(CHOSEN[status])


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_ID


READERS: Final[Mapping[str, Callable[[Any], Command]]] = {
    "subscribe": _subscribe,
    "unsubscribe": lambda said: Unsubscribe(),
    "typing": _typing,
    "presence": _presence,
}


# What the server says: a Socket.IO event's JSON, to follow the head of whichever socket.


def frame(name: str, payload: Any) -> bytes:
    return orjson.dumps((name, payload))


# Which ids of the row stand beside the payload: those that it does not name itself.
_BESIDE: Final = {name: ("serverId" not in kind.payload, "channelId" not in kind.payload) for name, kind in KINDS.items()}


def event(kind: str, seq: int, at: str, server_id: int | None, channel_id: int | None, payload: str) -> bytes:
    """An entry of the log. `payload` is a JSON object with at least one key; it is not read, but copied."""
    beside_server, beside_channel = _BESIDE[kind]
    server = f'"serverId":{server_id},' if beside_server and server_id is not None else ""
    channel = f'"channelId":{channel_id},' if beside_channel and channel_id is not None else ""
    return f'["{kind}",{{"seq":{seq},"at":"{at}",{server}{channel}{payload[1:]}]'.encode()
