"""The long-term credential mechanism (RFC 8489 section 9.2.4), with its nonces and users. Pure."""

from collections import OrderedDict
from typing import NamedTuple

from turn.credentials import Claim, Credentials
from turn.errors import Refused
from turn.nonces import Nonces, promises_algorithms
from turn.protocol import attributes as a
from turn.protocol.integrity import Algorithm, Key, verify
from turn.protocol.stun import Message
from turn.words import Client, Moment

ALGORITHMS = ((Algorithm.SHA256, b""), (Algorithm.MD5, b""))
MOST_CUT = 100_000


class Proof(NamedTuple):
    user: str
    key: Key
    """Answers are protected by it, as the request was."""


class Authentication:
    """`ttl`: seconds from the minting of time-limited credentials to their expiry, so that it can be told when they were."""

    def __init__(self, credentials: Credentials, nonces: Nonces, *, ttl: float) -> None:
        self._credentials, self._nonces, self._ttl = credentials, nonces, ttl
        self._cut: OrderedDict[str, float] = OrderedDict()

    def cut(self, user: str, wall: float) -> None:
        """What was minted for this user until now is good for nothing. Static users are the operator's, and stay."""
        self._cut[user] = wall
        self._cut.move_to_end(user)
        while self._cut and (len(self._cut) > MOST_CUT or next(iter(self._cut.values())) < wall - self._ttl):
            self._cut.popitem(last=False)

    def check(self, message: Message, client: Client, now: Moment, served: str | None, control: Client | None = None) -> Proof:
        """Who asks. `served` is the user of the allocation this client has: it is served on when its credentials expire.

        On a stream for data the nonce of its `control` connection is good, too. Raises Refused.
        """
        sha256 = message.get(a.MESSAGE_INTEGRITY_SHA256) is not None
        if not sha256 and message.get(a.MESSAGE_INTEGRITY) is None:
            raise self._challenge(401, client, now)
        username, hashed = message.get(a.USERNAME), message.get(a.USERHASH)
        nonce = message.get(a.NONCE)
        if (username is None and hashed is None) or message.get(a.REALM) is None or nonce is None:
            raise Refused(400)
        algorithm = self._algorithm(message, nonce)
        if username is None:
            username = self._credentials.name_of(hashed or b"")
        # The name, then the integrity, then the nonce, in this order; the first two are told apart by nobody.
        claim = self._credentials.claim(username, algorithm)
        key = next((key for key in claim.keys if verify(message, key)), None)
        if key is None or not self._stands(claim, now, served):
            raise self._challenge(401, client, now)
        if not any(self._nonces.valid(nonce, holder, now.wall) for holder in (client, control) if holder is not None):
            raise self._challenge(438, client, now)
        return Proof(claim.user, Key(key, sha256))

    def _algorithm(self, message: Message, nonce: str) -> Algorithm:
        """Nobody on the way can take the better algorithm out unseen: the nonce says that it was offered."""
        chosen, offered = message.get(a.PASSWORD_ALGORITHM), message.get(a.PASSWORD_ALGORITHMS)
        if not promises_algorithms(nonce) or (chosen is None and offered is None):
            return Algorithm.MD5
        if chosen is None or offered != ALGORITHMS or chosen not in ALGORITHMS:
            raise Refused(400)
        return Algorithm(chosen[0])

    def _stands(self, claim: Claim, now: Moment, served: str | None) -> bool:
        if claim.expiry is None:
            return True
        if claim.expiry - self._ttl <= self._cut.get(claim.user, float("-inf")):
            return False
        return now.wall <= claim.expiry or served == claim.user

    def _challenge(self, code: int, client: Client, now: Moment) -> Refused:
        return Refused(
            code,
            (a.REALM, self._credentials.realm),
            (a.NONCE, self._nonces.fresh(client, now.wall)),
            (a.PASSWORD_ALGORITHMS, ALGORITHMS),
        )
