"""What an offer, an answer or a candidate means, whichever shape it comes in: for the arbiter, and for other dialects.

Clients lay descriptions and candidates in as many ways as there are dialects: as text, as RTCSessionDescriptionInit or
RTCIceCandidateInit (WebRTC), flat or in an envelope, now and then as JSON within JSON. All of them are read alike.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from voice.core.words import Relay, new

_UFRAG = re.compile(r"^a=ice-ufrag:(\S+)", re.MULTILINE)
_CANDIDATE_UFRAG = re.compile(r"\bufrag (\S+)")
_ENVELOPES = ("payload", "data")
DESCRIPTIONS = frozenset({"offer", "answer"})


@dataclass(frozen=True, slots=True)
class Description:
    """`kind` is offer or answer."""

    kind: str
    sdp: str

    @property
    def init(self) -> dict[str, Any]:
        """RTCSessionDescriptionInit."""
        return {"type": self.kind, "sdp": self.sdp}


@dataclass(frozen=True, slots=True)
class Candidate:
    """`init` is an RTCIceCandidateInit; without any word on the media section it belongs to the first."""

    init: Mapping[str, Any]

    @property
    def text(self) -> str:
        return str(self.init["candidate"])


def relay(to: str | None, kind: str, body: Mapping[str, Any], dialect: str) -> Relay:
    """A signal with all that the arbiter wants to know of it."""
    if kind == "candidate":  # most are
        return new(Relay, (to, kind, body, _ufrag_in(_content_of(body)), False, dialect))
    if kind in DESCRIPTIONS:
        sdp = sdp_text(_content_of(body))
        return Relay(to, kind, body, ufrag_of_sdp(sdp), has_candidates(sdp), dialect)
    return Relay(to, kind, body, dialect=dialect)


def meaning_of(kind: str, body: Mapping[str, Any]) -> Description | Candidate | None:
    """None: it is neither, or cannot be understood."""
    content = _content_of(body)
    if kind in DESCRIPTIONS:
        sdp = sdp_text(content)
        return Description(kind, sdp) if sdp else None
    return _candidate(content) if kind == "candidate" else None


def sdp_text(content: Any) -> str:
    """The text of a description given as text, as RTCSessionDescriptionInit, or as either's `sdp`; else empty."""
    for _ in range(2):
        content = _object_in(content)
        if isinstance(content, dict):
            content = content.get("sdp")
    return content if isinstance(content, str) else ""


def ufrag_of_sdp(sdp: str) -> str | None:
    found = _UFRAG.search(sdp)
    return found and found[1]


def has_candidates(sdp: str) -> bool:
    return "\na=candidate:" in sdp


def ufrag_of_candidate(candidate: Any) -> str | None:
    """From RTCIceCandidateInit's `usernameFragment`, else from the candidate line's `ufrag` extension."""
    if isinstance(candidate, dict):
        ufrag = candidate.get("usernameFragment")
        if isinstance(ufrag, str):
            return ufrag
        candidate = candidate.get("candidate")
    found = _CANDIDATE_UFRAG.search(candidate) if isinstance(candidate, str) else None
    return found and found[1]


def _content_of(body: Mapping[str, Any]) -> Any:
    """What an envelope holds, or the body itself where it is none."""
    for name in _ENVELOPES:
        content = body.get(name)
        if content is not None:
            return _object_in(content)
    return body


def _ufrag_in(content: Any) -> str | None:
    """Of a candidate, in whatever it is wrapped."""
    ufrag = ufrag_of_candidate(content)
    if ufrag is None and isinstance(content, dict):
        return ufrag_of_candidate(content.get("candidate"))
    return ufrag


def _candidate(content: Any) -> Candidate | None:
    init = content
    if isinstance(content, dict):
        init = _object_in(content.get("candidate"))
        if isinstance(init, str):  # the object around it is the init
            init = {"candidate": init, **{name: content[name] for name in _INIT if content.get(name) is not None}}
    elif isinstance(content, str):
        init = {"candidate": content}
    if not isinstance(init, dict) or not isinstance(init.get("candidate"), str):
        return None
    if init.get("sdpMid") is None and init.get("sdpMLineIndex") is None:
        init = {**init, "sdpMLineIndex": 0}
    return Candidate(init)


_INIT = ("sdpMid", "sdpMLineIndex", "usernameFragment")


def _object_in(content: Any) -> Any:
    """What a text holds that is a JSON object; everything else as it is."""
    if isinstance(content, str) and content.startswith("{"):
        with suppress(ValueError, RecursionError):
            return json.loads(content)
    return content
