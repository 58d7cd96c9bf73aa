"""Codes of authenticator apps: the vectors of RFC 6238, and when a code counts."""

from base64 import b32decode
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from accounts import totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("moment", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(moment, code):
    """Appendix B, its last six digits."""
    assert totp.code_at(SECRET, moment) == code


@pytest.mark.parametrize(("off", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_counts_for_one_step_before_and_after_its_own(off, counts):
    now = 1_234_567_890.9
    step = int(now) // totp.STEP + off
    code = totp.code_at(SECRET, step * totp.STEP)
    assert totp.step_of(code, SECRET, now) == (step if counts else None)


@pytest.mark.parametrize("wrong", ["", "28708", "2870822", "28708a", "٢٨٧٠٨٢", "287082\n", "-28708"])
def test_what_is_not_six_digits_is_no_code(wrong):
    assert totp.step_of("287082", SECRET, 59) == 1
    assert totp.step_of(wrong, SECRET, 59) is None


def test_an_app_learns_the_same_from_the_text_the_address_and_the_picture():
    secret = totp.new_secret()
    assert len(secret) == 20
    assert b32decode(totp.readable(secret)) == secret
    uri = urlsplit(totp.uri(secret, "Анна & Ко"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    said = {name: value for name, [value] in parse_qs(uri.query).items()}
    assert said == {
        "secret": totp.readable(secret),
        "digits": "6",
        "period": "30",
        "algorithm": "SHA1",
        "issuer": "ProjectVoice",
    }
    picture = ElementTree.fromstring(totp.qr(totp.uri(secret, "a" * 25)))
    assert picture.tag == "svg"
    assert {child.tag for child in picture} == {"path"}  # nothing that runs or loads
    side = int(picture.get("viewBox").split()[2])
    assert 21 + 8 <= side <= 177 + 8
