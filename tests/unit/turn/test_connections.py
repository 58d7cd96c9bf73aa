"""Allocations whose peers speak TCP (RFC 6062)."""

import pytest

from tests.unit.turn.world import OTHER_PEER, OUR4, PEER, PEER6, Person, answer_of, at, client, server
from turn.connections import PATIENCE
from turn.protocol import attributes as a
from turn.protocol.stun import Kind, Method, decode
from turn.words import Address, Close, Connect, Disconnect, Listen, Reply, Splice, Transport

TCP = 6


@pytest.fixture
def relay():
    return server(tcp_relay=True, connections=2)


def stream(port=4000):
    return client(port=port, transport=Transport.TCP)


@pytest.fixture
def person(relay):
    person = Person(relay, stream())
    assert person.allocate(transport=TCP).code == 0
    return person


def connect(person, peer=PEER, **encoding):
    return person.ask(Method.CONNECT, [(a.XOR_PEER_ADDRESS, peer)], **encoding)


def connecting(person, peer=PEER):
    """The number of a connection that the peer has not answered yet."""
    person.nonce = person.bare(Method.REFRESH).get(a.NONCE)
    effects = person.raw(
        Method.CONNECT, [(a.XOR_PEER_ADDRESS, peer), *person.credentials()], integrity=person.key, transaction_id=bytes(12)
    )
    (effect,) = effects
    assert effect == Connect(1, effect.connection, peer)
    return effect.connection


def bind(person, number):
    return person.ask(Method.CONNECTION_BIND, [(a.CONNECTION_ID, number)])


def test_an_allocation_for_tcp_listens_and_opens_no_udp_socket(relay):
    answer = Person(relay, stream()).allocate(transport=TCP)
    (effect,) = answer.effects
    assert isinstance(effect, Listen)
    assert effect.relays == (answer.get(a.XOR_RELAYED_ADDRESS),)


def test_tcp_is_relayed_over_streams_only_and_only_if_switched_on(relay):
    assert Person(relay).allocate(transport=TCP).code == 400
    assert Person(server(), stream()).allocate(transport=TCP).code == 442


def test_a_port_that_another_program_has_is_replaced(relay):
    answer = Person(relay, stream()).allocate(transport=TCP)
    again = relay.unavailable(1, answer.effects[0].relays[0], at())
    assert [type(effect) for effect in again] == [Listen]


def test_the_client_connects_to_a_peer_and_binds_a_stream_of_its_own(person):
    number = connecting(person)
    (reply,) = person.server.connections.connected(number, person.now)
    answer = answer_of([reply])
    assert (answer.message.kind, answer.get(a.CONNECTION_ID)) == (Kind.SUCCESS, number)
    data = Person(person.server, stream(4001))
    assert_spliced(bind(data, number), number, data)
    assert person.server.deadline() == at(600).steady
    assert person.server.connections.over(number) == []
    assert connect_code(person) == 0


def assert_spliced(answer, number, data):
    (effect,) = answer.effects
    assert isinstance(effect, Splice)
    assert effect[:2] == (number, data.client)
    assert answer.message.kind is Kind.SUCCESS


def connect_code(person, peer=PEER):
    """0 while the peer is being asked."""
    effects = person.raw(Method.CONNECT, [(a.XOR_PEER_ADDRESS, peer), *person.credentials()], integrity=person.key)
    return 0 if isinstance(effects[0], Connect) else answer_of(effects).code


def test_a_peer_that_does_not_answer_is_a_failure(person):
    number = connecting(person)
    assert answer_of(person.server.connections.over(number)).code == 447
    assert person.server.connections.connected(number, person.now) == [Disconnect(number)]


def test_a_peer_that_takes_too_long_is_a_failure_too(person):
    number = connecting(person)
    assert person.server.deadline() == at(PATIENCE).steady
    reply, gone = person.server.expire(at(PATIENCE))
    assert (answer_of([reply]).code, gone) == (447, Disconnect(number))


def test_a_client_that_never_binds_loses_the_connection(person):
    number = connecting(person)
    person.server.connections.connected(number, at(10))
    assert person.server.expire(at(PATIENCE)) == []
    assert person.server.expire(at(10 + PATIENCE)) == [Disconnect(number)]
    assert bind(Person(person.server, stream(4001)), number).code == 400


def test_a_repeated_connect_is_not_a_second_one(person):
    connecting(person)
    fields = [(a.XOR_PEER_ADDRESS, PEER), *person.credentials()]
    assert person.raw(Method.CONNECT, fields, integrity=person.key, transaction_id=bytes(12)) == []
    assert connect(person).code == 446


def test_after_it_stands_there_is_one_to_each_peer(person):
    person.server.connections.connected(connecting(person), person.now)
    assert connect(person).code == 446
    connecting(person, OTHER_PEER)
    assert connect(person, Address.of("203.0.113.7", 1)).code == 508


@pytest.mark.parametrize(
    ("peer", "code"), [(None, 400), (PEER6, 0), (Address.of("10.0.0.1", 80), 403), (Address(OUR4, 22), 403)]
)
def test_peers_that_no_connection_leads_to(person, peer, code):
    fields = [] if peer is None else [(a.XOR_PEER_ADDRESS, peer)]
    assert person.ask(Method.CONNECT, fields).code == (code or 443)


def test_relayed_addresses_of_others_are_peers(person):
    other = Person(person.server, stream(4001)).allocate(transport=TCP).get(a.XOR_RELAYED_ADDRESS)
    udp = Person(person.server, client(port=4002)).allocate().get(a.XOR_RELAYED_ADDRESS)
    assert connect_code(person, other) == 0
    assert connect_code(person, udp) == 403


def test_connect_needs_an_allocation_for_tcp(relay):
    udp = Person(relay, stream())
    assert connect(udp).code == 437
    udp.allocate()
    assert connect(udp).code == 437


def test_a_peer_with_permission_is_announced(person):
    relay = person.server
    assert relay.connections.attempted(1, PEER, person.now) == (None, [])
    assert person.permit(PEER).effects == []
    number, (told,) = relay.connections.attempted(1, PEER, person.now)
    assert isinstance(told, Reply)
    message = decode(told.data)
    assert (message.method, message.kind) == (Method.CONNECTION_ATTEMPT, Kind.INDICATION)
    assert (message.get(a.CONNECTION_ID), message.get(a.XOR_PEER_ADDRESS)) == (number, PEER)
    data = Person(relay, stream(4001))
    assert_spliced(bind(data, number), number, data)
    assert relay.connections.attempted(2, PEER, person.now) == (None, [])


def test_permission_ends_for_those_who_come_later(person):
    person.permit(PEER)
    assert person.server.expire(at(300)) == []
    assert person.server.connections.attempted(1, PEER, at(300)) == (None, [])


def test_no_more_peers_than_connections_are_let_in(person):
    person.permit(PEER)
    numbers = [person.server.connections.attempted(1, Address(PEER.host, port), person.now)[0] for port in (1, 2, 3)]
    assert None not in numbers[:2]
    assert numbers[2] is None


def test_a_connection_is_bound_once_by_its_user_on_a_stream(person):
    relay, number = person.server, connecting(person)
    data, other, udp = Person(relay, stream(4001)), Person(relay, stream(4002), user="8"), Person(relay, client(port=4003))
    assert bind(data, number).code == 400  # not connected yet
    relay.connections.connected(number, person.now)
    assert bind(other, number).code == 400
    assert bind(udp, number).code == 400
    assert bind(person, number).code == 400  # this stream carries messages
    assert data.ask(Method.CONNECTION_BIND).code == 400
    assert bind(data, number).code == 0
    assert bind(Person(relay, stream(4004)), number).code == 400


def test_the_nonce_of_the_control_connection_is_good_on_the_stream(person):
    relay, number = person.server, connecting(person)
    relay.connections.connected(number, person.now)
    data, other = Person(relay, stream(4001)), Person(relay, stream(4002))
    data.nonce = other.nonce = person.nonce
    assert other.refresh().code == 438
    assert bind(other, number ^ 1).code == 438
    assert bind(data, number).code == 0


def test_with_the_allocation_its_connections_end(person):
    waiting = connecting(person)
    assert person.server.connections.connected(waiting, person.now)
    second = connecting(person, OTHER_PEER)
    assert person.refresh(0).effects == [Disconnect(waiting), Disconnect(second), Close(1)]
    assert person.server.connections.over(waiting) == []
    assert person.server.deadline() is None


def test_there_are_no_channels(person):
    assert person.bind(0x4000).code == 400


def test_numbers_are_one_of_a_kind(person):
    person.server.random = lambda size: b"\xff" * size
    assert connecting(person) == 2**32 - 1
    assert connecting(person, OTHER_PEER) == 0
