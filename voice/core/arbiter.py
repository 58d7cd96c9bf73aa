"""Settles crossing offers (glare) between two peers, so that clients which all offer at once still connect.

Seed 002's sample client offers from both sides; a plain relay hands each its own undoing (6 of 40 pairs connect). Of
two crossing offers the second is held, with its candidates. If the first is answered, the second has rolled itself
back in its browser and is not needed; if the first stays unanswered (a perfect-negotiation client that is impolite
ignores it), the second is released. Nothing is held that does not cross.

A browser whose own offer is rolled back in the very moment it begins to gather candidates never gathers any. So an
offer reaches nobody right after he was introduced to its sender, when he may be making one himself, but a moment later.
Where, after a glare, one side stays silent all the same, the pair is introduced anew, one side first.
"""

from dataclasses import dataclass

from voice.core.agenda import Agenda
from voice.core.words import Outgoing, Peer, PeerJoined, PeerLeft, Relay, Signal

MOMENT = 0.15  # seconds between an introduction and the first offer that follows it
ANSWER_PATIENCE = 1.0  # seconds an offer may stay unanswered while another is held for it
SETTLE_PATIENCE = 1.5  # seconds after a glare's answer until both sides must have shown a candidate
OFFER_PATIENCE = 2.0  # seconds the first side of a repaired pair has to offer
KEPT_CANDIDATES = 64
REPAIRS = 2


@dataclass(slots=True)
class _Kept:
    """An offer that is not delivered yet, and the candidates that came after it."""

    sender: str
    signals: list[Relay]

    def renew(self, offer: Relay) -> None:
        """A newer offer of the same side takes the place; candidates that are good for both stay."""
        self.signals = [offer, *(signal for signal in self.signals[1:] if signal.ufrag == offer.ufrag)]

    def add(self, candidate: Relay) -> None:
        if len(self.signals) <= KEPT_CANDIDATES:
            self.signals.append(candidate)


@dataclass(slots=True)
class _Side:
    """One end of a link."""

    peer: Peer
    ready_at: float  # from then on an offer may reach it
    undone: str | None = None  # the ufrag of its offer that was rolled back last
    silent: bool = True  # no candidate of the current description was seen


class Link:
    """What passes between two peers of one room. Answers each signal by what is to be delivered now."""

    def __init__(self, first: Peer, second: Peer, agenda: Agenda, met: tuple[float, float]) -> None:
        """`first` was in the room before `second`; `met` is when each was told of the other, in this order."""
        one, other = _Side(first, met[0] + MOMENT), _Side(second, met[1] + MOMENT)
        self._sides = {first.id: one, second.id: other}
        self._opposite = {first.id: other, second.id: one}
        self._agenda = agenda
        self._closed = False
        self._start()
        self._repairs = 0

    def _start(self) -> None:
        self._offering: str | None = None  # whose offer is on its way and waits for its answer
        self._deadline = 0.0
        self._paused: _Kept | None = None  # that offer, until its receiver's moment has passed
        self._held: _Kept | None = None  # the other side's offer, which crossed it
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
        return [self._deliver(sender, signal)]

    def _offer(self, sender: str, signal: Relay, now: float) -> list[Outgoing]:
        if signal.ufrag is None:  # no SDP that a browser would make: nothing to settle
            return [self._deliver(sender, signal)]
        if self._offering not in {None, sender} and now < self._deadline:
            self._crossed = True
            if self._held is not None:
                self._held.renew(signal)
                return []
            self._held = _Kept(sender, [signal])
            self._plan_release()
            return []
        if self._paused is not None:
            self._paused.renew(signal)
            return []
        return self._pass_offer(_Kept(sender, [signal]), now)

    def _pass_offer(self, kept: _Kept, now: float) -> list[Outgoing]:
        offer, *candidates = kept.signals
        due = max(now, self._opposite[kept.sender].ready_at)
        self._offering, self._deadline = kept.sender, due + ANSWER_PATIENCE
        self._turn += 1
        self._sides[kept.sender].silent = not (offer.complete or candidates)
        if self._held is not None:  # the same side offers again: new patience with it
            self._plan_release()
        if due == now:
            return self._deliver_all(kept)
        turn, self._paused = self._turn, kept
        self._agenda.at(due, lambda _: self._resume(turn))
        return []

    def _resume(self, turn: int) -> list[Outgoing]:
        """The receiver's moment has passed."""
        paused = self._paused
        if self._closed or paused is None or turn != self._turn:
            return []
        self._paused = None
        return self._deliver_all(paused)

    def _plan_release(self) -> None:
        turn = self._turn
        self._agenda.at(self._deadline, lambda now: self._release(turn, now))

    def _release(self, turn: int, now: float) -> list[Outgoing]:
        """The first offer was not answered in time: the second gets its chance."""
        held = self._held
        if self._closed or held is None or turn != self._turn:
            return []
        self._held = None
        return self._pass_offer(held, now)

    def _answer(self, sender: str, signal: Relay, now: float) -> list[Outgoing]:
        if self._crossed and self._offering == sender:  # it answers the offer that its own, released one has replaced
            return self._repair(now)
        held, self._held = self._held, None
        self._offering = None
        self._sides[sender].silent = not signal.complete
        outgoing = [self._deliver(sender, signal)]
        if held is not None:
            offer, *candidates = held.signals
            if offer.ufrag == signal.ufrag:  # a client that keeps its ufrag over a rollback
                outgoing += [self._deliver(sender, candidate) for candidate in candidates]
            else:
                self._sides[sender].undone = offer.ufrag
        if self._crossed and signal.ufrag is not None:
            turn = self._turn
            self._agenda.at(now + SETTLE_PATIENCE, lambda now: self._look_after(turn, now))
        return outgoing

    def _candidate(self, sender: str, signal: Relay) -> list[Outgoing]:
        held, paused, side = self._held, self._paused, self._sides[sender]
        if held is not None and held.sender == sender and signal.ufrag in {None, held.signals[0].ufrag}:
            held.add(signal)
            return []
        if signal.ufrag is not None and signal.ufrag == side.undone:
            return []
        side.silent = False
        if paused is not None and paused.sender == sender:
            paused.add(signal)
            return []
        return [self._deliver(sender, signal)]

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
        self._agenda.at(now + OFFER_PATIENCE, lambda now: self._introduce_second(turn, now))
        return self._introduce(to=first, whom=second, now=now)

    def _while_repairing(self, sender: str, signal: Relay, now: float) -> list[Outgoing]:
        """What the second side still sends belongs to the link that was given up."""
        if sender != self._repairing or signal.kind != "offer":
            return []
        return [*self._introduce_second(self._turn, now), *self._offer(sender, signal, now)]

    def _introduce_second(self, turn: int, now: float) -> list[Outgoing]:
        if self._closed or turn != self._turn or self._repairing is None:
            return []
        self._repairing = None
        first, second = self._sides
        return self._introduce(to=second, whom=first, now=now)

    def _introduce(self, *, to: str, whom: str, now: float) -> list[Outgoing]:
        self._sides[to].ready_at = now + MOMENT
        key, peer = self._sides[to].peer.key, self._sides[whom].peer
        return [Outgoing(key, PeerLeft(peer)), Outgoing(key, PeerJoined(peer))]

    def _deliver_all(self, kept: _Kept) -> list[Outgoing]:
        return [self._deliver(kept.sender, signal) for signal in kept.signals]

    def _deliver(self, sender: str, signal: Relay) -> Outgoing:
        to, kind, body, _, _, dialect = signal
        return Outgoing(self._opposite[sender].peer.key, Signal(sender, kind, body, dialect, to is None))
