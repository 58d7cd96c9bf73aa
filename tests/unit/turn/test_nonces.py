"""Nonces: good for one address, an hour, and the features they promise."""

import pytest

from tests.unit.turn.world import START, client
from turn.nonces import LIFETIME, Nonces, promises_algorithms

NONCES = Nonces(b"secret", anonymity=False)


def test_a_nonce_is_good_for_an_hour():
    nonce = NONCES.fresh(client(), START)
    assert NONCES.valid(nonce, client(), START)
    assert NONCES.valid(nonce, client(), START + LIFETIME)
    assert not NONCES.valid(nonce, client(), START + LIFETIME + 1)


def test_a_nonce_is_good_for_one_address():
    nonce = NONCES.fresh(client(), START)
    assert not NONCES.valid(nonce, client(port=4001), START)
    assert not NONCES.valid(nonce, client(host="192.0.2.10"), START)


def test_a_nonce_outlives_a_restart_with_the_same_secret_only():
    nonce = NONCES.fresh(client(), START)
    assert Nonces(b"secret", anonymity=False).valid(nonce, client(), START)
    assert not Nonces(b"other", anonymity=False).valid(nonce, client(), START)


def test_features_cannot_be_changed_on_the_way():
    nonce = NONCES.fresh(client(), START)
    anonymous = Nonces(b"secret", anonymity=True).fresh(client(), START)
    assert anonymous[:13] != nonce[:13]
    assert not NONCES.valid(anonymous[:13] + nonce[13:], client(), START)
    assert not NONCES.valid(anonymous, client(), START)


@pytest.mark.parametrize("nonce", ["", "obMatJos2", "obMatJos2gAAA", "obMatJos2gAAA!!!!", "x" * 40, "obMatJos2gAAAAAAA"])
def test_what_we_did_not_make_is_no_nonce(nonce):
    assert not NONCES.valid(nonce, client(), START)


def test_a_nonce_of_the_future_is_none():
    assert not NONCES.valid(NONCES.fresh(client(), START + 100), client(), START)


def test_algorithms_are_promised_by_a_bit_of_the_cookie():
    assert promises_algorithms(NONCES.fresh(client(), START))
    assert promises_algorithms("obMatJos2gAAAwhatever")
    assert not promises_algorithms("obMatJos2QAAAwhatever")
    assert not promises_algorithms("whatever")
    assert not promises_algorithms("obMatJos2!!!!")
