"""The signature under what is pushed."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.push.signing import signature


def test_it_is_what_others_compute() -> None:
    """By `printf '1763805600.{}' | openssl dgst -sha256 -hmac secret`."""
    expected = "ff6477d978bdb5ee5938c095272f3b0633dc3f87efeb08a6546588276e43505a"
    assert signature("secret", 1763805600, b"{}") == f"t=1763805600,v1={expected}"


@given(st.text(min_size=1), st.integers(0, 2**40), st.binary(), st.binary(min_size=1))
def test_it_holds_for_this_body_at_this_time_alone(secret: str, at: int, body: bytes, more: bytes) -> None:
    signed = signature(secret, at, body)
    assert signature(secret, at, body) == signed
    assert signature(secret, at, body + more) != signed
    assert signature(secret, at + 1, body).partition("v1=")[2] != signed.partition("v1=")[2]
