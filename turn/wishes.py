"""What an Allocate request asks for (RFC 8656 section 7.2, steps 3 to 9), and for how long. Pure."""

from collections.abc import Container
from typing import NamedTuple

from turn.allocations import Reservation
from turn.errors import Refused
from turn.protocol import attributes as a
from turn.protocol.stun import Message
from turn.words import Family

DEFAULT_LIFETIME, LONGEST_LIFETIME = 600, 3600
"""Seconds."""
UDP, TCP = 17, 6


class Wish(NamedTuple):
    """Of two families one alone is a success, too."""

    families: tuple[Family, ...]
    lifetime: int
    tcp: bool = False
    even: bool = False
    pair: bool = False
    reservation: Reservation | None = None


def lifetime_of(wanted: int | None) -> int:
    """Seconds: no less than the default, no more than the longest. In an Allocate request 0 means nothing."""
    return max(DEFAULT_LIFETIME, min(wanted or DEFAULT_LIFETIME, LONGEST_LIFETIME))


def read_wish(
    message: Message, families: Container[Family], reservation: Reservation | None, transports: Container[int]
) -> Wish:
    """`families` and `transports` are those that we relay in, `reservation` is what the token of the request stands for.

    Raises Refused.
    """
    transport = message.get(a.REQUESTED_TRANSPORT)
    if transport is None:  # step 3
        raise Refused(400)
    if transport not in transports:
        raise Refused(442)
    # Step 4, DONT-FRAGMENT: honoured.
    lifetime = lifetime_of(message.get(a.LIFETIME))
    even, token = message.get(a.EVEN_PORT), message.get(a.RESERVATION_TOKEN)
    family = message.get(a.REQUESTED_ADDRESS_FAMILY)
    additional = message.get(a.ADDITIONAL_ADDRESS_FAMILY)
    if additional is None:
        additional = message.get(a.DRAFT_ADDITIONAL_ADDRESS_FAMILY)
    tcp = transport == TCP
    if tcp and not (even is None and token is None and message.get(a.DONT_FRAGMENT) is None):  # RFC 6062 5.1
        raise Refused(400)
    if token is not None:  # step 5
        if even is not None or family is not None or additional is not None:
            raise Refused(400)
        if reservation is None:
            raise Refused(508)
        return Wish((reservation.bound.family,), lifetime, reservation=reservation)
    if additional is None:
        if family is not None and family not in list(Family):
            raise Refused(440)
        wanted = Family(family or Family.IPV4)
        if wanted not in families:  # step 7
            raise Refused(440)
        return Wish((wanted,), lifetime, tcp, even=even is not None, pair=even is True)  # step 8 is taken with the port
    if family is not None or additional != Family.IPV6 or even is True:  # steps 6 and 9
        raise Refused(400)
    return Wish((Family.IPV4, Family.IPV6), lifetime, tcp, even=even is not None)
