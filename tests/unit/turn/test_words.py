import pytest

from turn.words import Address, Family, Usage


def test_addresses_know_their_family():
    assert Address.of("192.0.2.1", 3478) == Address(bytes([192, 0, 2, 1]), 3478)
    assert Address.of("192.0.2.1", 3478).family is Family.IPV4
    assert Address.of("2001:db8::1", 3478).family is Family.IPV6


@pytest.mark.parametrize("host", ["", "localhost", "192.0.2", "192.0.2.256", "2001:db8::g"])
def test_what_is_no_address_is_refused(host):
    with pytest.raises(ValueError, match="does not appear to be"):
        Address.of(host, 3478)


@pytest.mark.parametrize("text", ["192.0.2.1:3478", "[2001:db8::1]:3478"])
def test_addresses_are_shown_as_urls_show_them(text):
    host, _, port = text.rpartition(":")
    assert str(Address.of(host.strip("[]"), int(port))) == text


def test_usage_adds_up():
    before, after = Usage(1, 100, 2, 200), Usage(3, 300, 7, 700)
    assert after - before == Usage(2, 200, 5, 500)
    assert before + (after - before) == after
    assert sum([before, after], Usage()) == Usage(4, 400, 9, 900)
