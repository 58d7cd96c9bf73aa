"""Settles crossing offers (glare) between two peers, so that clients which all offer at once still connect.

Seed 002's sample client offers from both sides; a plain relay hands each its own undoing (6 of 40 pairs connect). Of
two crossing offers the second is held, with its candidates. If the first is answered, the second has rolled itself
back in its browser and is not needed; if the first stays unanswered (a perfect-negotiation client that is impolite
ignores it), the second is released. Nothing is held that does not cross.

Browsers now and then lose their candidates in the rollback. Where, after a glare, one side stays silent, the pair is
introduced anew: one side first, so that its offer is there before the other side could make one.
"""

from dataclasses import dataclass, field

from voice.core.agenda import Agenda
from voice.core.words import Outgoing, Peer, PeerJoined, PeerLeft, Relay, Signal

ANSWER_PATIENCE = 1.0  # seconds an offer may stay unanswered while another is held for it
SETTLE_PATIENCE = 1.5  # seconds after a glare's answer until both sides must have shown a candidate
OFFER_PATIENCE = 2.0  # seconds the first side of a repaired pair has to offer
HELD_CANDIDATES = 64
REPAIRS = 2


@dataclass(slots=True)
class _Held:
    sender: str
    signals: list[Relay]  # the offer, then its candidates


@dataclass(slots=True)
class _Side:
    """One end of a link."""

    peer: Peer
    undone: set[str | None] = field(default_factory=set)  # ufrags of offers that were rolled back
    silent: bool = True  # no candidate of the current description was seen


class Link:
    """What passes between two peers of one room. Answers each signal by what is to be delivered now."""

    def __init__(self, one: Peer, other: Peer, agenda: Agenda) -> None:
        self._sides = {one.id: _Side(one), other.id: _Side(other)}
        self._agenda = agenda
        self._closed = False
        self._start()
        self._repairs = 0

    def _start(self) -> None:
        self._offering: str | None = None  # whose offer was delivered and waits for its answer
        self._deadline = 0.0
        self._held: _Held | None = None
        self._crossed = False
        self._repairing: str | None = None  # who was introduced first and now is to offer
        self._turn = 0  # changes with each offer delivered; deeds of an earlier turn are void

    def close(self) -> None:
        self._closed = True

    def handle(self, sender: str, signal: Relay, now: float) -> list[Outgoing]:
        if self._repairing is not None:
            return self._while_repairing(sender, signal, now)
        match signal.kind:
            case "offer":
                return self._offer(sender, signal, now)
            case "answer":
                return self._answer(sender, signal, now)
            case "candidate":
                return self._candidate(sender, signal)
        return [_deliver(sender, signal)]

    def _offer(self, sender: str, signal: Relay, now: float) -> list[Outgoing]:
        if signal.ufrag is None:  # no SDP that a browser would make: nothing to settle
            return [_deliver(sender, signal)]
        if self._offering not in {None, sender} and now < self._deadline:
            if self._held is None:
                turn = self._turn
                self._agenda.at(self._deadline, lambda now: self._release(turn, now))
            self._held = _Held(sender, [signal])
            self._crossed = True
            return []
        return self._pass_offer(sender, [signal], now)

    def _pass_offer(self, sender: str, signals: list[Relay], now: float) -> list[Outgoing]:
        self._offering = sender
        self._deadline = now + ANSWER_PATIENCE
        self._turn += 1
        self._sides[sender].silent = not (signals[0].complete or len(signals) > 1)
        return [_deliver(sender, signal) for signal in signals]

    def _release(self, turn: int, now: float) -> list[Outgoing]:
        """The first offer was not answered in time: the second gets its chance."""
        held = self._held
        if self._closed or held is None or turn != self._turn:
            return []
        self._held = None
        return self._pass_offer(held.sender, held.signals, now)

    def _answer(self, sender: str, signal: Relay, now: float) -> list[Outgoing]:
        if self._crossed and self._offering == sender:  # it answers the offer that its own, released one has replaced
            return self._repair(now)
        held, self._held = self._held, None
        self._offering = None
        self._sides[sender].silent = not signal.complete
        outgoing = [_deliver(sender, signal)]
        if held is not None:
            offer, *candidates = held.signals
            if offer.ufrag == signal.ufrag:  # a client that keeps its ufrag over a rollback
                outgoing += [_deliver(sender, candidate) for candidate in candidates]
            else:
                self._sides[sender].undone.add(offer.ufrag)
        if self._crossed and signal.ufrag is not None:
            turn = self._turn
            self._agenda.at(now + SETTLE_PATIENCE, lambda now: self._look_after(turn, now))
        return outgoing

    def _candidate(self, sender: str, signal: Relay) -> list[Outgoing]:
        held = self._held
        if held is not None and held.sender == sender and signal.ufrag in {None, held.signals[0].ufrag}:
            if len(held.signals) <= HELD_CANDIDATES:
                held.signals.append(signal)
            return []
        side = self._sides[sender]
        if signal.ufrag in side.undone:
            return []
        side.silent = False
        return [_deliver(sender, signal)]

    def _look_after(self, turn: int, now: float) -> list[Outgoing]:
        """Some time after a glare was settled: has either side lost its candidates?"""
        if self._closed or turn != self._turn or self._offering is not None or self._repairing is not None:
            return []
        return self._repair(now) if any(side.silent for side in self._sides.values()) else []

    def _repair(self, now: float) -> list[Outgoing]:
        """Introduce the pair anew, the longer present side (the first) at once, the other with the first one's offer."""
        if self._repairs == REPAIRS:
            return []
        self._repairs += 1
        turn = self._turn + 1
        self._start()
        self._turn = turn
        first, second = self._sides
        self._repairing = first
        self._agenda.at(now + OFFER_PATIENCE, lambda now: self._introduce_second(turn))
        return self._introduce(to=first, whom=second)

    def _while_repairing(self, sender: str, signal: Relay, now: float) -> list[Outgoing]:
        """What the second side still sends belongs to the link that was given up."""
        if sender != self._repairing or signal.kind != "offer":
            return []
        return [*self._introduce_second(self._turn), *self._offer(sender, signal, now)]

    def _introduce_second(self, turn: int) -> list[Outgoing]:
        if self._closed or turn != self._turn or self._repairing is None:
            return []
        self._repairing = None
        first, second = self._sides
        return self._introduce(to=second, whom=first)

    def _introduce(self, *, to: str, whom: str) -> list[Outgoing]:
        return [Outgoing(to, PeerLeft(whom)), Outgoing(to, PeerJoined(self._sides[whom].peer))]


def _deliver(sender: str, signal: Relay) -> Outgoing:
    return Outgoing(signal.to, Signal(sender, signal.kind, signal.body))
