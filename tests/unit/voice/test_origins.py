"""Whose page may speak to us."""

import pytest

from voice.transports.origins import Origins, header


def scope(origin: str | None = None, host: str | None = "voice.example.com") -> dict:
    headers = [(b"accept", b"*/*"), (b"host", host and host.encode()), (b"origin", origin and origin.encode())]
    return {"headers": [(name, value) for name, value in headers if value is not None]}


@pytest.mark.parametrize(
    "origin",
    [None, "https://app.example.com", "https://voice.example.com", "http://voice.example.com"],
    ids=["no page", "allowed", "our own", "our own behind a proxy"],
)
def test_who_may_speak(origin: str | None):
    assert Origins(["https://app.example.com"]).may_speak(scope(origin))


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://voice.example.com.evil.example",
        "https://voice.example.com:444",
        "voice.example.com",
        "null",
        "http://[",
    ],
)
def test_who_may_not(origin: str):
    assert not Origins(["https://app.example.com"]).may_speak(scope(origin))


def test_a_port_belongs_to_the_name():
    assert Origins([]).may_speak(scope("http://localhost:5000", "localhost:5000"))
    assert not Origins([]).may_speak(scope("http://localhost:3000", "localhost:5000"))


@pytest.mark.parametrize("origin", ["https://anybody.example", "null", "http://["])
def test_a_star_is_for_all(origin: str):
    assert Origins(["*"]).may_speak(scope(origin))


def test_without_a_host_there_is_no_page_of_our_own():
    assert not Origins([]).may_speak(scope("null", host=None))
    assert Origins([]).may_speak(scope(host=None))


def test_a_header_is_found_by_its_name():
    assert header(scope("https://a.example"), b"origin") == "https://a.example"
    assert header(scope(), b"origin") == ""
