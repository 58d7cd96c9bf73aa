"""How many connections one address may have."""

import pytest

from voice.transports.crowd import Crowd


def scope(host: str | None) -> dict:
    return {"client": host and (host, 50000)}


def test_an_address_may_have_so_many_and_others_do_not_count():
    crowd = Crowd(2)
    first = crowd.enter(scope("192.0.2.1"))
    assert first is not None
    assert crowd.enter(scope("192.0.2.1")) == first
    assert crowd.enter(scope("192.0.2.1")) is None
    assert crowd.enter(scope("192.0.2.2")) is not None
    crowd.leave(first)
    assert crowd.enter(scope("192.0.2.1")) == first
    assert len(crowd) == 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_who_has_an_ipv6_address_has_all_of_its_network(one: str, other: str, same: bool):
    crowd = Crowd(1)
    assert crowd.enter(scope(one)) is not None
    assert (crowd.enter(scope(other)) is None) == same


@pytest.mark.parametrize("host", [None, "", "unknown"])
def test_who_has_no_address_is_not_limited(host: str | None):
    crowd = Crowd(1)
    names = [crowd.enter(scope(host)) for _ in range(3)]
    assert None not in names


def test_without_a_limit_all_are_counted_and_forgotten():
    crowd = Crowd()
    names = [crowd.enter(scope("192.0.2.1")) for _ in range(1000)]
    assert len(crowd) == 1000
    for name in names:
        assert name is not None
        crowd.leave(name)
    assert len(crowd) == 0
