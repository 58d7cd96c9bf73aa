import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.turn.messages import RECORDED, TRANSACTION, parts, written
from turn.protocol.attributes import (
    MESSAGE_INTEGRITY,
    MESSAGE_INTEGRITY_SHA256,
    PASSWORD_ALGORITHM,
    REALM,
    SOFTWARE,
    USERHASH,
    USERNAME,
    PasswordAlgorithm,
)
from turn.protocol.integrity import Algorithm, Key, long_term_key, seal, userhash, verify
from turn.protocol.stun import Kind, Method, decode, encode

USER, PASSWORD = "マトリックス", "TheMatrIX"
SHORT_TERM = b"VOkJxbRl1RmTxUk/WvJxBt"


def message(*attributes, key=None, fingerprint=False):
    return encode(Method.ALLOCATE, Kind.REQUEST, TRANSACTION, attributes, integrity=key, fingerprint=fingerprint)


@pytest.mark.parametrize("name", ["2.1-request", "2.2-response-ipv4", "2.3-response-ipv6"])
def test_rfc5769_short_term(name):
    recorded = decode(RECORDED[f"rfc5769-{name}"])
    assert verify(recorded, SHORT_TERM)
    assert not verify(recorded, SHORT_TERM.lower())


def test_rfc5769_long_term():
    request = decode(RECORDED["rfc5769-2.4-request-long-term"])
    key = long_term_key(request.get(USERNAME), request.get(REALM), PASSWORD, Algorithm.MD5)
    assert request.get(USERNAME) == USER
    assert verify(request, key)
    assert not verify(request, long_term_key(USER, "example.com", PASSWORD, Algorithm.MD5))


def test_rfc8489_long_term():
    """As erratum 6268 corrects it: the RFC forgot PASSWORD-ALGORITHM."""
    request = decode(RECORDED["rfc8489-b.1-request-sha256"])
    assert request.get(PASSWORD_ALGORITHM) == PasswordAlgorithm(Algorithm.SHA256)
    assert request.get(USERHASH) == userhash(USER, "example.org")
    assert verify(request, long_term_key(USER, "example.org", PASSWORD, Algorithm.SHA256))
    assert not verify(request, long_term_key(USER, "example.org", PASSWORD, Algorithm.MD5))


def test_we_write_what_the_rfc_shows():
    shown = RECORDED["rfc8489-b.1-request-sha256"]
    sealed = decode(shown)
    key = Key(long_term_key(USER, "example.org", PASSWORD, Algorithm.SHA256), sha256=True)
    assert seal(shown[: -4 - 32], key) == sealed.get(MESSAGE_INTEGRITY_SHA256)


@given(parts.filter(lambda said: said[-2] is not None))
def test_what_is_protected_is_verified(said):
    key = said[-2]
    received = decode(written(said))
    assert verify(received, key.secret)
    assert not verify(received, key.secret + b"x")


@given(parts.filter(lambda said: said[-2] is not None), st.data())
def test_no_bit_can_be_altered(said, draw):
    *_, key, _ = said
    data = bytearray(written((*said[:-1], False)))
    whole = decode(bytes(data))
    ((_, start),) = whole.integrity
    at = draw.draw(st.integers(0, start - 1) | st.integers(start + 4, len(data) - 1))
    data[at] ^= draw.draw(st.integers(1, 255))
    altered = whole._replace(data=bytes(data))  # as if the reading had not noticed
    covered = at not in (2, 3)  # the length is of what is read, not of what was written there
    assert verify(altered, key.secret) is not covered


def test_without_integrity_nothing_is_verified():
    assert not verify(decode(message(fingerprint=True)), b"")


def test_what_follows_integrity_does_not_matter():
    key = Key(b"secret")
    sealed = message((SOFTWARE, "ours"), key=key)
    length = len(sealed) - 20 + 8
    longer = sealed[:2] + length.to_bytes(2, "big") + sealed[4:] + bytes.fromhex("8022000178000000")
    assert verify(decode(longer), b"secret")


def two(first: Key, second: Key) -> bytes:
    """MESSAGE-INTEGRITY and, behind it, MESSAGE-INTEGRITY-SHA256."""
    once = message(key=first)
    sealed = seal(once, second)
    return message((MESSAGE_INTEGRITY, once[24:]), (MESSAGE_INTEGRITY_SHA256, sealed))


def test_of_two_the_stronger_decides():
    good, bad = b"right", b"wrong"
    assert verify(decode(two(Key(good), Key(good, sha256=True))), good)
    assert verify(decode(two(Key(bad), Key(good, sha256=True))), good)
    assert not verify(decode(two(Key(good), Key(bad, sha256=True))), good)


@pytest.mark.parametrize(
    ("size", "enough"), [(12, False), (16, True), (18, False), (20, True), (28, True), (32, True), (36, False)]
)
def test_sha256_may_be_shortened_to_16_bytes(size, enough):
    head = bytearray(message())
    # The length that is covered ends with the shortened value, so the whole digest is of another message.
    head[2:4] = (4 + size).to_bytes(2, "big")
    value = (hmac.digest(b"secret", bytes(head), "sha256") + bytes(4))[:size]
    padded = value + bytes(-size % 4)
    head[2:4] = (4 + len(padded)).to_bytes(2, "big")
    received = decode(bytes(head) + b"\0\x1c" + size.to_bytes(2, "big") + padded)
    assert verify(received, b"secret") is enough


@pytest.mark.parametrize("size", [0, 16, 24])
def test_sha1_may_not(size):
    value = bytes(size)
    head = message()
    received = decode(head[:2] + (4 + size).to_bytes(2, "big") + head[4:] + b"\0\x08" + size.to_bytes(2, "big") + value)
    assert not verify(received, b"secret")


# Keys


def test_keys_of_long_term_credentials():
    assert long_term_key("user", "realm", "pass", Algorithm.MD5).hex() == "8493fbc53ba582fb4c044c456bdc40eb"
    sha256 = long_term_key("user", "realm", "pass", Algorithm.SHA256)
    assert sha256.hex() == "07e934117abd40836e7c6329b54731b2b2d2a5f9a71f544922d75e0730d8251b"


def test_texts_are_compared_as_people_read_them():
    composed, decomposed, spaced = "caf\u00e9 bar", "cafe\u0301 bar", "cafe\u0301\u00a0bar"
    keys = {
        long_term_key("user", realm, password, Algorithm.MD5)
        for realm in (composed, spaced)
        for password in (composed, decomposed)
    }
    assert len(keys) == 1
    assert userhash(composed, "realm") == userhash(spaced, "realm")
    assert userhash("cafe bar", "realm") != userhash(composed, "realm")


def test_the_name_goes_into_the_key_as_it_was_sent():
    assert long_term_key("caf\u00e9", "r", "p", Algorithm.MD5) != long_term_key("cafe\u0301", "r", "p", Algorithm.MD5)
