"""Which peers may be relayed to, and how often strangers are answered."""

from ipaddress import ip_address, ip_network

import pytest

from turn.policy import Peers, Strangers


def host(name):
    return ip_address(name).packed


SHUT = [
    "0.0.0.0",
    "0.1.2.3",
    "127.0.0.1",
    "127.101.0.1",
    "169.254.169.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd12::1",
    "ff02::1",
]
DISGUISED = [
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "64:ff9b:1::808:808",
    "2002:7f00:1::1",
    "2002:a00:1::",
    "2002:c0a8:101::1",
    "::ffff:0.0.0.0",
    "::ffff:192.168.1.1",
    "::ffff:169.254.169.254",
    "2001:0:7f00:1::1",
    "2001:0:808:808:0:0:80ff:fffe",
]
OPEN = ["8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "203.0.113.5", "2606:4700::1111"]
OPEN_INSIDE = ["64:ff9b::8.8.8.8", "2002:808:808::1", "2001:0:808:808:0:0:f7f7:f7f7", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("name", SHUT + DISGUISED)
def test_by_default_nothing_inside_is_reached(name):
    assert not Peers().allows(host(name))


@pytest.mark.parametrize("name", OPEN + OPEN_INSIDE)
def test_the_public_network_is_reached(name):
    assert Peers().allows(host(name))


def test_switches_open_what_they_say_and_no_disguise_of_it():
    private, loopback = Peers(private=True), Peers(loopback=True)
    for name in ("10.0.0.1", "192.168.1.1", "100.64.0.1", "fd12::1"):
        assert private.allows(host(name))
        assert not loopback.allows(host(name))
    for name in ("127.0.0.1", "127.101.0.1", "::1"):
        assert loopback.allows(host(name))
        assert not private.allows(host(name))
    both = Peers(private=True, loopback=True)
    for name in [*DISGUISED, "0.0.0.0", "::", "169.254.169.254", "fe80::1", "224.0.0.1", "255.255.255.255"]:
        assert not both.allows(host(name)), name


def test_lists_open_and_shut_and_the_shutting_one_wins():
    peers = Peers(allowed=[ip_network("10.1.0.0/16")], denied=[ip_network("10.1.2.0/24"), ip_network("8.8.8.8/32")])
    assert peers.allows(host("10.1.1.1"))
    assert not peers.allows(host("10.1.2.1"))
    assert not peers.allows(host("10.2.0.1"))
    assert not peers.allows(host("8.8.8.8"))
    assert peers.allows(host("8.8.4.4"))


def test_an_operator_may_name_what_no_switch_opens():
    assert Peers(allowed=[ip_network("169.254.0.0/16")]).allows(host("169.254.1.1"))


def test_our_own_relay_addresses_are_reached_but_guarded():
    peers = Peers(own=[host("10.0.0.2")], machine=[host("203.0.113.77")])
    assert peers.allows(host("10.0.0.2"))
    assert peers.guards(host("10.0.0.2"))
    assert not peers.allows(host("10.0.0.3"))
    assert not peers.allows(host("203.0.113.77"))
    assert peers.allows(host("203.0.113.78"))
    assert not peers.guards(host("203.0.113.78"))


def test_who_opens_loopback_opens_all_of_it():
    peers = Peers(loopback=True, own=[host("127.0.0.1")], machine=[host("127.0.0.1")])
    assert peers.allows(host("127.0.0.1"))
    assert not peers.guards(host("127.0.0.1"))


def test_denied_own_addresses_are_denied():
    assert not Peers(own=[host("10.0.0.2")], denied=[ip_network("10.0.0.0/8")]).allows(host("10.0.0.2"))


def test_strangers_are_answered_so_many_times_and_then_at_a_rate():
    strangers = Strangers(rate=2, burst=3)
    assert [strangers.admit(b"a", 10.0) for _ in range(4)] == [True, True, True, False]
    assert strangers.admit(b"b", 10.0)
    assert [strangers.admit(b"a", 10.5) for _ in range(2)] == [True, False]
    assert [strangers.admit(b"a", 99.0) for _ in range(4)] == [True, True, True, False]


def test_those_seen_long_ago_are_forgotten():
    strangers = Strangers(rate=0, burst=1)
    strangers.MOST = 2
    assert [strangers.admit(name, 0.0) for name in (b"a", b"b", b"a", b"c", b"a")] == [True, True, False, True, False]
    assert strangers.admit(b"b", 0.0)
