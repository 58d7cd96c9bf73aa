"""Ports, and the order in which things expire."""

from collections import Counter
from itertools import count

from tests.unit.turn.world import OUR4, OUR6, PEER, client
from turn.allocations import REST, Allocations, Channel, Ports, Relay
from turn.words import Address, Family, Forbid, Narrow, Unbind


def relays(*, v4=600.0, v6=None, port=50000):
    found = {Family.IPV4: Relay(Address(OUR4, port), Address(OUR4, port), v4)}
    if v6 is not None:
        found[Family.IPV6] = Relay(Address(OUR6, port), Address(OUR6, port), v6)
    return found


def in_turn():
    numbers = count()
    return lambda below: next(numbers) % below


def test_ports_are_those_chosen_and_each_only_once():
    ports = Ports(range(100, 104), in_turn())
    assert sorted(ports.take(0.0) for _ in range(4)) == [100, 101, 102, 103]
    assert ports.take(0.0) is None


def test_a_port_rests_before_it_is_used_again():
    ports = Ports(range(100, 101), in_turn())
    assert ports.take(0.0) == 100
    ports.rest(100, 5.0)
    assert ports.take(5.0 + REST - 1) is None
    assert ports.take(5.0 + REST) == 100


def test_even_ports_and_pairs():
    ports = Ports(range(101, 107), lambda below: 0)
    assert ports.take(0.0, even=True, pair=True) == 102
    assert ports.take(0.0, even=True) == 104
    assert ports.take(0.0, even=True, pair=True) is None  # 106 is there, 107 is not of the range
    assert ports.take(0.0, even=True) == 106
    assert {ports.take(0.0), ports.take(0.0)} == {101, 105}


def test_a_pair_needs_both_of_its_ports():
    ports = Ports(range(100, 104), lambda below: 1)
    assert ports.take(0.0) == 101
    assert ports.take(0.0, even=True, pair=True) == 102


def test_ports_follow_no_order_that_can_be_foretold():
    chosen = []
    ports = Ports(range(50000, 60000), lambda below: chosen.append(below) or 7 * len(chosen) % below)
    assert [ports.take(0.0) for _ in range(3)] == [50007, 50014, 50021]
    assert chosen == [10000] * 3


def test_allocations_are_found_by_whom_they_serve():
    table = Allocations()
    mine = table.add("7", client(), relays(), b"id")
    second = table.add("7", client(port=4001), relays(port=50001), b"id")
    assert table.of_client(client()) is mine is table.of_number(mine.number)
    assert table.of_user("7") == [mine, second] == list(table)
    assert (table.count_of("7"), table.count_of("8"), len(table), table.users) == (2, 0, 2, ["7"])
    assert table.relayed(Address(OUR4, 50001))
    table.remove(second)
    assert table.of_client(client(port=4001)) is table.of_number(second.number) is None
    assert not table.relayed(Address(OUR4, 50001))
    table.remove(mine)
    assert (table.users, len(table), table.of_user("7")) == ([], 0, [])


def test_what_expires_first_is_due_first():
    table = Allocations()
    late, early = table.add("a", client(), relays(v4=900.0), b""), table.add("b", client(port=4001), relays(v4=600.0), b"")
    assert table.deadline() == 600.0
    late.permissions[PEER.host] = 300.0
    table.schedule(late)
    assert table.deadline() == 300.0
    assert list(table.take_due(299.0)) == []
    assert list(table.take_due(300.0)) == [late]
    late.permissions.clear()
    table.schedule(late)
    assert list(table.take_due(600.0)) == [early]
    assert list(table.take_due(10_000.0)) == [late]
    assert table.deadline() is None


def test_the_queue_of_deadlines_does_not_grow_with_the_dead():
    table = Allocations()
    for number in range(1000):
        table.remove(table.add("a", client(port=number), relays(v4=600.0 - number / 10), b""))
    kept = table.add("a", client(port=1), relays(v4=700.0), b"")
    for number in range(100):
        table.remove(table.add("a", client(port=2 + number), relays(), b""))
    assert len(table._due) < 200
    assert list(table.take_due(10_000.0)) == [kept]


def test_an_allocation_loses_what_has_expired_and_keeps_its_last_relay():
    allocation = Allocations().add("a", client(), relays(v4=600.0, v6=700.0), b"")
    other = Address(PEER.host, PEER.port + 1)
    allocation.permissions = {PEER.host: 300.0, b"\1\1\1\1": 900.0}
    allocation.channels = {0x4000: Channel(PEER, 600.0), 0x4001: Channel(other, 901.0)}
    assert allocation.earliest() == 300.0
    number = allocation.number
    assert allocation.expired(300.0) == [Forbid(number, PEER.host)]
    assert allocation.earliest() == 600.0
    assert Counter(allocation.expired(600.0)) == Counter([Narrow(number, Address(OUR4, 50000)), Unbind(number, 0x4000)])
    assert (allocation.channel_of(PEER), allocation.channel_of(other)) == (None, 0x4001)
    allocation.expired(1000.0)
    assert list(allocation.relays) == [Family.IPV6]
