"""Requests in, effects out (RFC 8656)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.turn.world import (
    LISTENER,
    OTHER_PEER,
    OUR4,
    OUR6,
    PEER,
    PEER6,
    Person,
    answer_of,
    at,
    client,
    new_id,
    server,
)
from turn.policy import Peers, Policy
from turn.protocol import attributes as a
from turn.protocol.stun import Kind, Method, encode
from turn.server import Host
from turn.words import Address, Bind, Close, Family, Forbid, Narrow, Open, Permit, Release, Reply, Transport, Unbind

UDP = (a.REQUESTED_TRANSPORT, 17)
V6 = (a.REQUESTED_ADDRESS_FAMILY, 2)
BOTH = (a.ADDITIONAL_ADDRESS_FAMILY, 2)


@pytest.fixture
def relay():
    return server()


@pytest.fixture
def person(relay):
    return Person(relay)


@pytest.fixture
def served(person):
    assert person.allocate().code == 0
    return person


def opened(answer):
    (effect,) = [effect for effect in answer.effects if isinstance(effect, Open)]
    return effect


# Binding, and what is no request


def test_binding_says_where_one_is_seen(person):
    answer = person.bare(Method.BINDING)
    assert answer.get(a.XOR_MAPPED_ADDRESS) == person.client.remote
    assert answer.message.attributes == ((0x20, answer.message.attributes[0][1]),)


def test_a_fingerprint_is_answered_by_one(person):
    assert person.bare(Method.BINDING, fingerprint=True).get(a.FINGERPRINT) is not None


def test_unknown_attributes_are_named(person):
    unknown = a.Attribute(0x7F01, "X", lambda value, _: value, lambda value, _: value)
    answer = person.bare(Method.BINDING, [(unknown, b"")])
    assert (answer.code, answer.get(a.UNKNOWN_ATTRIBUTES)) == (420, (0x7F01,))
    optional = a.Attribute(0xFF01, "X", lambda value, _: value, lambda value, _: value)
    assert person.bare(Method.BINDING, [(optional, b"")]).code == 0


def test_unknown_attributes_of_a_proved_sender_are_answered_with_integrity(person):
    unknown = a.Attribute(0x7F01, "X", lambda value, _: value, lambda value, _: value)
    assert person.ask(Method.ALLOCATE, [UDP, (unknown, b"")]).code == 420


def test_drafts_of_long_ago_are_ignored(person):
    bandwidth = a.Attribute(0x0010, "BANDWIDTH", lambda value, _: value, lambda value, _: value)
    assert person.allocate((bandwidth, bytes(4))).code == 0


@pytest.mark.parametrize("kind", [Kind.INDICATION, Kind.SUCCESS, Kind.ERROR])
def test_what_is_no_request_is_not_answered(person, kind):
    assert person.raw(Method.BINDING, kind=kind) == []
    assert person.raw(Method.ALLOCATE, kind=kind) == []


@pytest.mark.parametrize("method", [Method.SEND, Method.DATA, 0x0FF])
def test_methods_that_are_nothing_to_ask_for_are_not_answered(person, method):
    assert person.raw(method) == []


@given(st.binary(max_size=200))
def test_any_bytes_do_no_harm(data):
    relay = server()
    assert relay.receive(data, client(), at()) == []
    assert relay.malformed == 1


@given(st.data())
def test_any_change_of_a_request_does_no_harm(data):
    person = Person(server())
    person.allocate(BOTH)
    request = bytearray(
        encode(
            Method.CHANNEL_BIND,
            Kind.REQUEST,
            new_id(),
            [(a.CHANNEL_NUMBER, 0x4000), (a.XOR_PEER_ADDRESS, PEER), *person.credentials()],
            integrity=person.key,
        )
    )
    for _ in range(data.draw(st.integers(1, 3))):
        request[data.draw(st.integers(0, len(request) - 1))] = data.draw(st.integers(0, 255))
    effects = person.server.receive(bytes(request), person.client, person.now)
    assert all(isinstance(effect, Reply | Permit | Bind) for effect in effects)


def test_strangers_are_answered_so_often_over_udp_and_always_over_streams():
    relay = server(strangers_burst=2.0)
    person, tcp = Person(relay), Person(relay, client(transport=Transport.TCP))
    assert [len(person.raw(Method.ALLOCATE)) for _ in range(3)] == [1, 1, 0]
    assert relay.unanswered == 1
    assert all(tcp.raw(Method.ALLOCATE) for _ in range(5))
    person.seconds = 1
    assert person.allocate().code == 0
    assert relay.refusals[401] == 3 + 5 + 1


# Allocate


def test_an_allocation_is_opened_and_then_told(person):
    answer = person.allocate((a.LIFETIME, 1200))
    effect = opened(answer)
    assert (effect.client, effect.reserved) == (person.client, None)
    (bound,) = effect.relays
    assert bound.host == OUR4
    assert answer.get(a.XOR_RELAYED_ADDRESS) == bound
    assert answer.get(a.XOR_MAPPED_ADDRESS) == person.client.remote
    assert (answer.get(a.LIFETIME), answer.get(a.SOFTWARE)) == (1200, "ProjectVoice")


def test_behind_a_nat_of_one_to_one_clients_are_told_the_outer_address():
    outer = Address.of("203.0.113.99", 0).host
    person = Person(server(hosts={Family.IPV4: Host(OUR4, outer)}))
    answer = person.allocate()
    assert opened(answer).relays[0].host == OUR4
    assert answer.get(a.XOR_RELAYED_ADDRESS).host == outer


def test_a_second_allocation_of_one_client_is_a_mismatch_and_a_repeated_request_is_not(person):
    first = person.allocate(transaction_id=bytes(12))
    assert person.allocate().code == 437
    (again,) = person.raw(Method.ALLOCATE, [UDP, *person.credentials()], transaction_id=bytes(12), integrity=person.key)
    assert again.data == first.message.data
    assert len(person.server.allocations) == 1


def test_each_five_tuple_has_its_own(relay):
    people = [
        Person(relay),
        Person(relay, client(port=4001)),
        Person(relay, client(transport=Transport.TCP)),
        Person(relay, client()._replace(link=1)),
        Person(relay, client()._replace(local=Address(LISTENER.host, 3479))),
    ]
    assert [person.allocate().code for person in people] == [0] * 5
    assert len({relay_.told for allocation in relay.allocations for relay_ in allocation.relays.values()}) == 5


@pytest.mark.parametrize(
    ("attributes", "code"),
    [([], 400), ([(a.REQUESTED_TRANSPORT, 6)], 442), ([UDP, V6, BOTH], 400), ([UDP, (a.MOBILITY_TICKET, b"")], 405)],
)
def test_what_cannot_be_allocated(person, attributes, code):
    assert person.ask(Method.ALLOCATE, attributes).code == code
    assert len(person.server.allocations) == 0


def test_both_families(person):
    answer = person.allocate(BOTH)
    assert [address.host for address in answer.message.all(a.XOR_RELAYED_ADDRESS)] == [OUR4, OUR6]
    assert [address.host for address in opened(answer).relays] == [OUR4, OUR6]


def test_one_family_of_two_is_a_success_with_a_reason():
    answer = Person(server(hosts={Family.IPV4: Host(OUR4, OUR4)})).allocate(BOTH)
    assert len(answer.message.all(a.XOR_RELAYED_ADDRESS)) == 1
    assert answer.get(a.ADDRESS_ERROR_CODE) == (Family.IPV6, 440, "Address Family not Supported")


def test_without_ports_there_is_no_capacity():
    relay = server(ports=range(50000, 50001))
    assert Person(relay).allocate().code == 0
    assert Person(relay, client(port=4001)).allocate().code == 508
    answer = Person(relay, client(port=4002)).allocate(BOTH)
    assert answer.get(a.ADDRESS_ERROR_CODE) == (Family.IPV4, 508, "Insufficient Capacity")
    assert answer.get(a.XOR_RELAYED_ADDRESS).host == OUR6


def test_quotas_of_a_user_and_of_all():
    relay = server(allocations=3, allocations_per_user=2)
    codes = [Person(relay, client(port=4000 + n), user=user).allocate().code for n, user in enumerate("7778899")]
    assert codes == [0, 0, 486, 0, 508, 508, 508]


def test_who_drains_takes_nobody_in(served):
    served.server.drain()
    assert Person(served.server, client(port=4001)).allocate().code == 508
    assert served.refresh().code == 0


def test_while_it_drains_or_is_full_clients_are_sent_to_another_relay():
    alternates = (Address.of("2001:db8::77", 3478), Address.of("198.51.100.77", 3478))
    for relay in (server(alternates=alternates), server(alternates=alternates, allocations=0)):
        relay.draining = bool(relay.policy.allocations)
        answer = Person(relay).allocate()
        assert (answer.code, answer.get(a.ALTERNATE_SERVER)) == (300, alternates[1])
        assert Person(relay, client(host="2001:db8::9")).allocate().get(a.ALTERNATE_SERVER) == alternates[0]
    relay = server(alternates=alternates[:1], allocations=0)
    assert Person(relay).allocate().code == 508


def test_a_port_that_another_program_has_is_replaced(person):
    answer = person.allocate()
    (taken,) = opened(answer).relays
    again = answer_of(person.server.unavailable(opened(answer).allocation, taken, person.now))
    assert again.code == 0
    assert again.message.transaction_id == answer.message.transaction_id
    assert again.get(a.XOR_RELAYED_ADDRESS) != taken
    assert len(person.server.allocations) == 1


def test_after_some_tries_there_is_no_capacity(person):
    answer, tries = person.allocate(), 1
    while not answer.code:
        effect = opened(answer)
        answer = answer_of(person.server.unavailable(effect.allocation, effect.relays[0], person.now))
        tries += 1
    assert (answer.code, tries) == (508, 9)
    assert len(person.server.allocations) == 0


def test_when_ports_run_out_meanwhile_there_is_no_capacity():
    person = Person(server(ports=range(50000, 50001)))
    effect = opened(person.allocate())
    assert answer_of(person.server.unavailable(effect.allocation, effect.relays[0], person.now)).code == 508


def test_an_open_of_before_cannot_fail_any_more(person):
    relay = person.server
    assert relay.unavailable(1, PEER, person.now) == []
    first = opened(person.allocate())
    Person(relay, client(port=4001)).allocate()
    assert relay.unavailable(first.allocation, first.relays[0], person.now) == []
    assert len(relay.allocations) == 2


# EVEN-PORT and RESERVATION-TOKEN


def test_an_even_port(person):
    assert person.allocate((a.EVEN_PORT, False)).get(a.XOR_RELAYED_ADDRESS).port % 2 == 0


def reserve(person):
    answer = person.allocate((a.EVEN_PORT, True))
    return answer, answer.get(a.RESERVATION_TOKEN)


def test_the_next_port_is_held_for_whoever_has_the_token(person):
    answer, token = reserve(person)
    told = answer.get(a.XOR_RELAYED_ADDRESS)
    assert told.port % 2 == 0
    assert opened(answer).reserved == Address(OUR4, told.port + 1)
    second = Person(person.server, client(port=4001))
    assert second.allocate((a.RESERVATION_TOKEN, token)).get(a.XOR_RELAYED_ADDRESS) == Address(OUR4, told.port + 1)
    assert Person(person.server, client(port=4002)).allocate((a.RESERVATION_TOKEN, token)).code == 508


def test_a_token_is_good_for_its_user_only(person):
    _, token = reserve(person)
    other = Person(person.server, client(port=4001), user="8")
    assert other.allocate((a.RESERVATION_TOKEN, token)).code == 508


def test_a_reservation_ends_after_half_a_minute(person):
    _, token = reserve(person)
    assert person.server.deadline() == at(30).steady
    assert person.server.expire(at(29)) == []
    second = Person(person.server, client(port=4001))
    second.seconds = 30
    answer = second.allocate((a.RESERVATION_TOKEN, token))
    assert (answer.code, person.server.deadline()) == (508, at(600).steady)


def test_an_address_that_nobody_came_for_is_released(person):
    reserved = opened(reserve(person)[0]).reserved
    assert person.server.expire(at(30)) == [Release(reserved)]


def test_reserved_ports_count_among_a_users_allocations():
    relay = server(allocations_per_user=3)
    _, token = reserve(Person(relay))
    assert Person(relay, client(port=4001)).allocate().code == 0
    assert Person(relay, client(port=4002)).allocate().code == 486
    assert Person(relay, client(port=4003)).allocate((a.RESERVATION_TOKEN, token)).code == 0


def test_reservations_are_bounded(monkeypatch, person):
    monkeypatch.setattr("turn.server.MOST_RESERVATIONS", 1)
    reserve(person)
    assert Person(person.server, client(port=4001)).allocate((a.EVEN_PORT, True)).code == 508


def test_a_pair_that_cannot_be_bound_is_given_back(person):
    answer, token = reserve(person)
    effect = opened(answer)
    again = answer_of(person.server.unavailable(effect.allocation, effect.reserved, person.now))
    assert again.get(a.RESERVATION_TOKEN) not in {None, token}
    second = Person(person.server, client(port=4001))
    assert second.allocate((a.RESERVATION_TOKEN, token)).code == 508


def test_a_reserved_address_that_is_gone_is_no_capacity(person):
    _, token = reserve(person)
    second = Person(person.server, client(port=4001))
    effect = opened(second.allocate((a.RESERVATION_TOKEN, token)))
    assert answer_of(person.server.unavailable(effect.allocation, effect.relays[0], person.now)).code == 508


# Refresh


def test_an_allocation_lives_as_long_as_it_is_refreshed(served):
    relay = served.server
    served.seconds = 590
    assert served.refresh(700).get(a.LIFETIME) == 700
    assert relay.expire(at(600)) == []
    assert relay.deadline() == at(590 + 700).steady
    (closing,) = relay.expire(at(590 + 700))
    assert isinstance(closing, Close)
    served.seconds = 1291
    assert served.refresh().code == 437
    assert relay.deadline() is None


@pytest.mark.parametrize(("asked", "given"), [(None, 600), (1, 600), (1800, 1800), (99999, 3600)])
def test_lifetimes_are_bounded(served, asked, given):
    assert served.refresh(asked).get(a.LIFETIME) == given


def test_a_lifetime_of_zero_ends_it_at_once(served):
    answer = served.refresh(0)
    assert (answer.get(a.LIFETIME), [type(effect) for effect in answer.effects]) == (0, [Close])
    assert served.refresh(0).code == 437
    assert served.allocate().code == 0


def test_another_users_allocation_is_not_mine(served):
    other = Person(served.server, user="8")
    for answer in (other.refresh(), other.permit(PEER), other.bind(0x4000)):
        assert answer.code == 441


def test_new_credentials_of_the_same_user_go_on(served):
    from turn.credentials import mint

    username, password = mint("north", "7", 1_800_009_999)
    assert Person(served.server, username=username, password=password).refresh().code == 0


def test_families_are_refreshed_and_ended_one_by_one(person):
    v4, v6 = opened(person.allocate(BOTH)).relays
    person.seconds = 100
    assert person.refresh(1200, V6).code == 0
    (narrowed,) = person.server.expire(at(600))
    assert (narrowed.relay, v6.host) == (v4, OUR6)
    assert person.permit(PEER).code == 443
    assert person.permit(PEER6).code == 0
    assert person.refresh(600, (a.REQUESTED_ADDRESS_FAMILY, 1)).code == 443


def test_a_family_is_ended_by_a_lifetime_of_zero(person):
    v4, _ = opened(person.allocate(BOTH)).relays
    answer = person.refresh(0, (a.REQUESTED_ADDRESS_FAMILY, 1))
    assert answer.effects == [Narrow(1, v4)]
    assert not person.server.allocations.relayed(v4)
    assert [type(effect) for effect in person.refresh(0, V6).effects] == [Close]


def test_a_family_one_does_not_have(served):
    assert served.refresh(600, V6).code == 443
    assert served.refresh(600, (a.REQUESTED_ADDRESS_FAMILY, 9)).code == 443


# Permissions


def test_permissions_are_for_addresses_and_five_minutes(served):
    answer = served.permit(PEER, OTHER_PEER, Address(PEER.host, 1))
    assert answer.effects == [Permit(1, PEER.host), Permit(1, OTHER_PEER.host)]
    served.seconds = 200
    assert served.permit(PEER).effects == []
    assert served.server.expire(at(300)) == [Forbid(1, OTHER_PEER.host)]
    assert served.server.expire(at(500)) == [Forbid(1, PEER.host)]


@pytest.mark.parametrize(
    ("peers", "code"),
    [
        ([], 400),
        ([PEER, Address.of("127.0.0.1", 80)], 403),
        ([PEER, Address.of("10.0.0.1", 80)], 403),
        ([PEER, PEER6], 443),
    ],
)
def test_all_peers_or_none(served, peers, code):
    answer = served.permit(*peers)
    assert (answer.code, answer.effects) == (code, [])


def test_permissions_and_channels_are_bounded():
    person = Person(server(permissions=2, channels=2))
    person.allocate()
    third = Address.of("203.0.113.7", 1)
    assert person.permit(PEER, OTHER_PEER).code == 0
    assert person.permit(third).code == 508
    assert person.permit(PEER).code == 0
    assert person.bind(0x4000, third).code == 508
    assert [person.bind(number, Address(PEER.host, number)).code for number in (0x4000, 0x4001, 0x4002)] == [0, 0, 508]
    assert person.bind(0x4001, Address(PEER.host, 0x4001)).code == 0


def test_without_an_allocation_there_is_nothing_to_permit(person):
    for answer in (person.permit(PEER), person.bind(0x4000), person.refresh()):
        assert answer.code == 437


# Channels


def test_a_channel_brings_its_permission_and_lives_for_ten_minutes(served):
    assert served.bind(0x4000).effects == [Permit(1, PEER.host), Bind(1, 0x4000, PEER)]
    served.seconds = 290
    served.refresh(3600)
    assert served.bind(0x4000).effects == []  # renewed, and the permission with it
    assert served.server.expire(at(589)) == []
    assert served.server.expire(at(590)) == [Forbid(1, PEER.host)]
    assert served.server.expire(at(890)) == [Unbind(1, 0x4000)]
    served.seconds = 900
    assert served.bind(0x4000, OTHER_PEER).effects == [Permit(1, OTHER_PEER.host), Bind(1, 0x4000, OTHER_PEER)]


def test_number_and_peer_belong_to_each_other(served):
    assert served.bind(0x4000).code == 0
    assert served.bind(0x4001).code == 400
    assert served.bind(0x4000, OTHER_PEER).code == 400
    assert served.bind(0x4000, Address(PEER.host, 1)).code == 400
    assert served.bind(0x4001, Address(PEER.host, 1)).code == 0


@pytest.mark.parametrize("number", [0, 0x3FFF, 0x5000, 0x7FFF, 0x8000, 0xFFFF])
def test_numbers_outside_of_the_range(served, number):
    assert served.bind(number).code == 400


def test_numbers_of_rfc_5766_by_a_switch():
    person = Person(server(rfc5766_channels=True))
    person.allocate()
    assert person.bind(0x7FFF).code == 0
    assert person.bind(0x8000).code == 400


def test_a_channel_needs_number_and_peer(served):
    assert served.ask(Method.CHANNEL_BIND, [(a.CHANNEL_NUMBER, 0x4000)]).code == 400
    assert served.ask(Method.CHANNEL_BIND, [(a.XOR_PEER_ADDRESS, PEER)]).code == 400


@pytest.mark.parametrize(("peer", "code"), [(Address.of("192.168.0.1", 1), 403), (PEER6, 443)])
def test_peers_that_no_channel_leads_to(served, peer, code):
    answer = served.bind(0x4000, peer)
    assert (answer.code, answer.effects) == (code, [])


def test_a_channel_to_ourselves_leads_to_a_relayed_address_only(served):
    other = Person(served.server, client(port=4001)).allocate().get(a.XOR_RELAYED_ADDRESS)
    assert served.permit(other).code == 0
    assert served.bind(0x4000, other).code == 0
    assert served.bind(0x4001, Address(OUR4, 3478)).code == 403


# The end


def test_a_connection_takes_its_allocation_with_it(relay):
    tcp = client(transport=Transport.TCP)
    Person(relay, tcp).allocate()
    assert relay.hung_up(tcp, at()) == [Close(1)]
    assert relay.hung_up(tcp, at()) == []


def test_a_cut_ends_all_of_one_user(relay):
    for number in range(3):
        Person(relay, client(port=4000 + number), user="7" if number else "8").allocate()
    assert relay.cut("7", at()) == [Close(2), Close(3)]
    assert [allocation.user for allocation in relay.allocations] == ["8"]


def test_the_policy_can_be_read():
    policy = Policy(Peers())
    assert server(policy).policy is policy
