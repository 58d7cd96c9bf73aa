"""Engine.IO session ids say who keeps the session: `3.kY…` does worker 3; `m1-3.kY…` does that of machine `m1`."""

import re
from random import randrange
from secrets import token_urlsafe
from typing import Final

from django.conf import settings

ENGINE_PATHS: Final = frozenset({b"/socket", b"/socket.io"})
RANDOM_BYTES: Final = 15
_SID: Final = re.compile(rb"(?:^|&)sid=([^&]*)")
_KEEPER: Final = re.compile(rb"(?:([a-z0-9]+)-)?([0-9]{1,2})\.")


def new_sid() -> str:
    machine = f"{settings.VOICE_MACHINE}-" if settings.VOICE_MACHINE else ""
    return f"{machine}{settings.VOICE_WORKER}.{token_urlsafe(RANDOM_BYTES)}"


def keeper_for(target: bytes) -> int | None:
    """The other worker of this machine that a request with this target is for; None: it may stay where it is.

    Who keeps a new session is drawn by lot: of clients that come all at once, one worker would accept most.
    """
    path, _, query = target.partition(b"?")
    if path.rstrip(b"/") not in ENGINE_PATHS:
        return None
    sid = _SID.search(query)
    number = _keeper_of(sid[1]) if sid else randrange(settings.VOICE_WORKERS)  # noqa: S311  no secret
    return None if number == settings.VOICE_WORKER else number


def _keeper_of(sid: bytes) -> int | None:
    said = _KEEPER.match(sid)
    if said is None or (said[1] or b"") != settings.VOICE_MACHINE.encode():
        return None
    return int(said[2]) if int(said[2]) < settings.VOICE_WORKERS else None
