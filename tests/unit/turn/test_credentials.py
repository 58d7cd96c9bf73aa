"""Time-limited and static users."""

import base64
import hashlib
import hmac

from turn.credentials import Credentials, mint
from turn.protocol.integrity import Algorithm, long_term_key, userhash


def test_minted_credentials_are_those_of_coturns_use_auth_secret():
    username, password = mint("north", "7", 1_800_000_000)
    assert username == "1800000000:7"
    assert password == base64.b64encode(hmac.new(b"north", b"1800000000:7", hashlib.sha1).digest()).decode()


def test_minted_credentials_prove_a_user_until_they_expire():
    credentials = Credentials(realm="r", secrets=["north"])
    username, password = mint("north", "7", 1_800_000_000)
    for algorithm in Algorithm:
        claim = credentials.claim(username, algorithm)
        assert claim == ("7", (long_term_key(username, "r", password, algorithm),), 1_800_000_000.0)


def test_while_secrets_are_rotated_either_proves_it():
    credentials = Credentials(realm="r", secrets=["new", "old"])
    for secret in ("new", "old"):
        username, password = mint(secret, "7", 1_800_000_000)
        assert long_term_key(username, "r", password, Algorithm.MD5) in credentials.claim(username, Algorithm.MD5).keys


def test_a_name_may_hold_colons_or_be_left_out():
    credentials = Credentials(realm="r", secrets=["s"])
    assert credentials.claim("1800000000:a:b", Algorithm.MD5).user == "a:b"
    assert credentials.claim("1800000000", Algorithm.MD5).user == "1800000000"


def test_static_users_never_expire_and_come_before_minted_ones():
    credentials = Credentials(realm="r", secrets=["s"], users={"1800000000:x": "pass"})
    claim = credentials.claim("1800000000:x", Algorithm.SHA256)
    assert claim == ("1800000000:x", (long_term_key("1800000000:x", "r", "pass", Algorithm.SHA256),), None)


def test_who_is_not_known_has_a_key_that_nobody_has():
    with_secret, without = Credentials(realm="r", secrets=["s"]), Credentials(realm="r")
    for credentials, name in [
        (with_secret, "bob"),
        (with_secret, "١٢:bob"),
        (with_secret, "9" * 16),
        (without, "1800000000:7"),
    ]:
        claim = credentials.claim(name, Algorithm.MD5)
        assert claim.user == ""
        assert all(len(key) == 32 for key in claim.keys)


def test_userhash_finds_static_users_only():
    credentials = Credentials(realm="r", users={"bob": "p"})
    assert credentials.name_of(userhash("bob", "r")) == "bob"
    assert credentials.name_of(userhash("eve", "r")) == ""
    assert credentials.anonymous
    assert not Credentials(realm="r", secrets=["s"]).anonymous
