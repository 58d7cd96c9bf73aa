"""What the arbiter wants to know of a description or a candidate, whichever shape it comes in."""

import re
from typing import Any

_UFRAG = re.compile(r"^a=ice-ufrag:(\S+)", re.MULTILINE)
_CANDIDATE_UFRAG = re.compile(r"\bufrag (\S+)")


def sdp_text(sdp: Any) -> str:
    """The text of a description given as text or as RTCSessionDescriptionInit; else empty."""
    text = sdp.get("sdp") if isinstance(sdp, dict) else sdp
    return text if isinstance(text, str) else ""


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
