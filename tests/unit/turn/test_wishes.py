"""What an Allocate request asks for."""

import pytest

from tests.unit.turn.world import OUR6
from turn.allocations import Reservation
from turn.errors import Refused
from turn.protocol import attributes as a
from turn.protocol.stun import Kind, Method, decode, encode
from turn.wishes import Wish, read_wish
from turn.words import Address, Family

BOTH = (Family.IPV4, Family.IPV6)
UDP = (a.REQUESTED_TRANSPORT, 17)
TOKEN = (a.RESERVATION_TOKEN, bytes(8))
HELD = Reservation(Address(OUR6, 50001), Address(OUR6, 50001), "7", 30.0)


def wish(*attributes, families=BOTH, reservation=None, transports=(17,)):
    message = decode(encode(Method.ALLOCATE, Kind.REQUEST, bytes(12), attributes))
    return read_wish(message, families, reservation, transports)


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ([], Wish((Family.IPV4,), 600)),
        ([(a.LIFETIME, 0)], Wish((Family.IPV4,), 600)),
        ([(a.LIFETIME, 10)], Wish((Family.IPV4,), 600)),
        ([(a.LIFETIME, 1800)], Wish((Family.IPV4,), 1800)),
        ([(a.LIFETIME, 2**32 - 1)], Wish((Family.IPV4,), 3600)),
        ([(a.DONT_FRAGMENT, True)], Wish((Family.IPV4,), 600)),
        ([(a.REQUESTED_ADDRESS_FAMILY, 1)], Wish((Family.IPV4,), 600)),
        ([(a.REQUESTED_ADDRESS_FAMILY, 2)], Wish((Family.IPV6,), 600)),
        ([(a.ADDITIONAL_ADDRESS_FAMILY, 2)], Wish(BOTH, 600)),
        ([(a.DRAFT_ADDITIONAL_ADDRESS_FAMILY, 2)], Wish(BOTH, 600)),
        ([(a.EVEN_PORT, False)], Wish((Family.IPV4,), 600, even=True)),
        ([(a.EVEN_PORT, True)], Wish((Family.IPV4,), 600, even=True, pair=True)),
        ([(a.EVEN_PORT, False), (a.ADDITIONAL_ADDRESS_FAMILY, 2)], Wish(BOTH, 600, even=True)),
    ],
)
def test_wishes(attributes, wanted):
    assert wish(UDP, *attributes) == wanted


def test_a_token_is_a_wish_for_what_it_reserved():
    assert wish(UDP, TOKEN, reservation=HELD) == Wish((Family.IPV6,), 600, reservation=HELD)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ([], 400),
        ([(a.REQUESTED_TRANSPORT, 6)], 442),
        ([(a.REQUESTED_TRANSPORT, 99)], 442),
        ([UDP, TOKEN], 508),
        ([UDP, TOKEN, (a.EVEN_PORT, False)], 400),
        ([UDP, TOKEN, (a.REQUESTED_ADDRESS_FAMILY, 1)], 400),
        ([UDP, TOKEN, (a.ADDITIONAL_ADDRESS_FAMILY, 2)], 400),
        ([UDP, (a.REQUESTED_ADDRESS_FAMILY, 0)], 440),
        ([UDP, (a.REQUESTED_ADDRESS_FAMILY, 3)], 440),
        ([UDP, (a.REQUESTED_ADDRESS_FAMILY, 1), (a.ADDITIONAL_ADDRESS_FAMILY, 2)], 400),
        ([UDP, (a.ADDITIONAL_ADDRESS_FAMILY, 1)], 400),
        ([UDP, (a.ADDITIONAL_ADDRESS_FAMILY, 2), (a.EVEN_PORT, True)], 400),
    ],
)
def test_wishes_that_cannot_be(attributes, code):
    with pytest.raises(Refused) as refused:
        wish(*attributes)
    assert refused.value.code == code


def test_peers_that_speak_tcp_if_that_is_relayed():
    tcp = (a.REQUESTED_TRANSPORT, 6)
    assert wish(tcp, transports=(17, 6)) == Wish((Family.IPV4,), 600, tcp=True)
    assert wish(tcp, (a.ADDITIONAL_ADDRESS_FAMILY, 2), transports=(17, 6)) == Wish(BOTH, 600, tcp=True)
    for nonsense in ((a.EVEN_PORT, False), TOKEN, (a.DONT_FRAGMENT, True)):
        with pytest.raises(Refused) as refused:
            wish(tcp, nonsense, transports=(17, 6), reservation=HELD)
        assert refused.value.code == 400


def test_a_family_that_we_do_not_relay_in():
    with pytest.raises(Refused) as refused:
        wish(UDP, (a.REQUESTED_ADDRESS_FAMILY, 2), families=(Family.IPV4,))
    assert refused.value.code == 440
    with pytest.raises(Refused):
        wish(UDP, families=(Family.IPV6,))
