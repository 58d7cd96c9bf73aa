"""What RFC 8489 and RFC 8656 want of a relay, seen from outside, as one client after another."""

import asyncio
import hmac
import os
import random
import socket
import time
from base64 import b64encode
from itertools import pairwise

import pytest

from tests.turn.probe import PATIENCE, UDP, Probe, code, peer, where
from tests.turn.relays import Relay, coturn, native, portable
from turn.protocol.attributes import (
    ADDITIONAL_ADDRESS_FAMILY,
    CHANNEL_NUMBER,
    DATA,
    DONT_FRAGMENT,
    EVEN_PORT,
    FINGERPRINT,
    LIFETIME,
    NONCE,
    PASSWORD_ALGORITHM,
    PASSWORD_ALGORITHMS,
    REALM,
    REQUESTED_ADDRESS_FAMILY,
    REQUESTED_TRANSPORT,
    RESERVATION_TOKEN,
    SOFTWARE,
    UNKNOWN_ATTRIBUTES,
    USERNAME,
    XOR_MAPPED_ADDRESS,
    XOR_PEER_ADDRESS,
    XOR_RELAYED_ADDRESS,
    Attribute,
    PasswordAlgorithm,
)
from turn.protocol.channel_data import encode as channel_data
from turn.protocol.integrity import Algorithm
from turn.protocol.stun import Kind, Method, decode, encode
from turn.words import Address, Family, Transport

STRANGE = Attribute(0x7FFF, "STRANGE", DATA.read, DATA.write)
CHANNEL = 0x4001
NOBODY = Address.of("127.0.0.1", 9)
EVERY_TRANSPORT = pytest.mark.parametrize("transport", list(Transport))


@pytest.fixture(scope="module", params=[native, portable, coturn], ids=["native", "portable", "coturn"])
def running(request, tmp_path_factory):
    with request.param(tmp_path_factory.mktemp("relay")) as relay:
        yield relay


@pytest.fixture
def relay(running, request):
    test = request.node.name.replace(f"[{running.name}]", "").replace(f"[{running.name}-", "[")
    if {test, request.node.originalname} & running.lacks:
        pytest.skip(f"{running.name} does otherwise")
    return running


@pytest.fixture
async def client(relay: Relay):
    async with relay.probe() as probe:
        yield probe


@pytest.fixture
async def peer_a():
    async with peer() as someone:
        yield someone


@pytest.fixture
async def peer_b():
    async with peer() as someone:
        yield someone


async def vacated(relayed: Address) -> None:
    """Returns once the port is free again."""
    with socket.socket(type=socket.SOCK_DGRAM) as successor:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    successor.bind(where(relayed))
                except OSError:
                    await asyncio.sleep(0.01)
                else:
                    return


def raw(method: int, *attributes, **how) -> bytes:
    return encode(method, Kind.REQUEST, os.urandom(12), attributes, **how)


# Binding and the shape of messages (RFC 8489 sections 5, 6, 14)


@EVERY_TRANSPORT
async def test_binding_tells_a_client_its_address(relay, transport):
    async with relay.probe(transport) as client:
        answer = await client.ask(Method.BINDING)
        assert (answer.kind, answer.get(XOR_MAPPED_ADDRESS)) == (Kind.SUCCESS, client.address)


async def test_a_fingerprint_is_answered_by_one(client):
    answer = await client.ask(Method.BINDING, fingerprint=True)
    assert answer.get(FINGERPRINT) is not None


@pytest.mark.parametrize("spoil", [
    lambda message: message[:-1] + bytes([message[-1] ^ 1]),
    lambda message: b"\x80" + message[1:],
    lambda message: b"\xc0" + message[1:],
    lambda message: message[:4] + b"\x21\x12\xa4\x43" + message[8:],
    lambda message: message[:3] + bytes([message[3] + 4]) + message[4:],
    lambda message: message[:3] + bytes([message[3] + 1]) + message[4:],
    lambda message: message[:-4],
    lambda message: message[:19],
    lambda message: message[:1],
], ids=["fingerprint", "10", "11", "cookie", "too long", "odd", "cut", "header", "byte"])  # fmt: skip
async def test_what_is_no_message_is_not_answered(client, spoil):
    assert await client.unanswered(spoil(raw(Method.BINDING, fingerprint=True)))


@pytest.mark.parametrize("kind", [Kind.INDICATION, Kind.SUCCESS, Kind.ERROR])
async def test_only_requests_are_answered(client, kind):
    assert await client.unanswered(encode(Method.BINDING, kind, os.urandom(12)))


async def test_an_attribute_that_must_be_understood_is_named(client):
    answer = await client.ask(Method.BINDING, (STRANGE, b"1"))
    assert code(answer) == 420
    assert answer.get(UNKNOWN_ATTRIBUTES) == (STRANGE.number,)


async def test_what_is_not_understood_is_told_to_users_with_integrity(client):
    answer = await client.request(Method.ALLOCATE, UDP, (STRANGE, b"1"))
    assert (code(answer), answer.get(UNKNOWN_ATTRIBUTES)) == (420, (STRANGE.number,))


async def test_padding_is_zero(client, peer_a):
    relayed = await client.allocate()
    assert await client.permit(peer_a.address) is None
    peer_a.send(b"12345", relayed)
    data = await client.wire.receive()
    for answer in (decode(data), await client.ask(Method.ALLOCATE), await client.ask(Method.BINDING, (STRANGE, b"1"))):
        at = 20
        while at < len(answer.data):
            end = at + 4 + int.from_bytes(answer.data[at + 2 : at + 4], "big")
            at = end + -end % 4
            assert not any(answer.data[end:at])


async def test_what_need_not_be_understood_is_ignored(client):
    optional = Attribute(0xFFF0, "OPTIONAL", DATA.read, DATA.write)
    assert code(await client.ask(Method.BINDING, (optional, b"1"), (SOFTWARE, "probe"))) is None


async def test_what_stands_behind_integrity_is_ignored(client):
    await client.request(Method.REFRESH)  # a challenge
    signed = client.signed(Method.ALLOCATE, UDP)
    length = len(signed) - 20 + 8
    longer = signed[:2] + length.to_bytes(2, "big") + signed[4:] + b"\x7f\xff\x00\x01x\0\0\0"
    assert code(await client.answer_to(longer)) is None


async def test_of_two_alike_the_first_counts(client):
    await client.allocate()
    answer = await client.request(Method.REFRESH, (LIFETIME, 700), (LIFETIME, 0))
    assert answer.get(LIFETIME) == 700
    assert code(await client.request(Method.REFRESH)) is None


# Credentials (RFC 8489 section 9.2)


async def test_a_stranger_is_challenged(client):
    challenge = await client.ask(Method.ALLOCATE, UDP)
    assert code(challenge) == 401
    assert challenge.get(REALM) == "projectvoice"
    assert challenge.get(NONCE)
    assert not challenge.integrity


async def test_a_stranger_cannot_have_much_sent_to_somebody_else(client):
    request = raw(Method.ALLOCATE, UDP)
    assert len((await client.answer_to(request)).data) <= 5 * len(request)


async def test_credentials_that_end_by_themselves(relay):
    for user, ends, secret, answered in (
        (relay.user, time.time() + 600, relay.secret, None),
        (relay.user, time.time() - 600, relay.secret, 401),
        (relay.user, time.time() + 600, "another secret", 401),
    ):
        name = f"{int(ends)}:{user}"
        password = b64encode(hmac.digest(secret.encode(), name.encode(), "sha1")).decode()
        async with relay.probe(user=name, password=password) as client:
            assert code(await client.request(Method.ALLOCATE, UDP)) == answered


async def test_a_wrong_password_and_an_unknown_user_look_alike(relay):
    bodies = []
    for strange in ({"password": "wrong"}, {"user": "carol"}):
        async with relay.probe(**strange) as client:
            answer = await client.request(Method.ALLOCATE, UDP)
            assert code(answer) == 401
            bodies.append([(number, len(value)) for number, value in answer.attributes])
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("without", [USERNAME, REALM, NONCE], ids=str)
async def test_credentials_that_lack_a_piece_are_a_bad_request(client, without):
    client.learn(await client.ask(Method.ALLOCATE, UDP))
    pieces = [(USERNAME, client.user), (REALM, client.realm), (NONCE, client.nonce)]
    said = [(attribute, value) for attribute, value in pieces if attribute is not without]
    assert code(await client.ask(Method.ALLOCATE, UDP, *said, integrity=client.key)) == 400


async def test_a_nonce_of_somebody_else_is_stale(relay, client):
    async with relay.probe() as other:
        client.learn(await other.ask(Method.ALLOCATE, UDP))
    for foreign in client.nonce, "", "made up", "obMatJos2AAAC":
        client.nonce = foreign
        stale = await client.answer_to(client.signed(Method.ALLOCATE, UDP))
        assert code(stale) == 438
        assert stale.get(NONCE) not in (None, "", foreign)
    client.learn(stale)
    assert code(await client.answer_to(client.signed(Method.ALLOCATE, UDP))) is None


async def test_another_realm_is_none_of_ours(client):
    client.learn(await client.ask(Method.ALLOCATE, UDP))
    client.realm = "elsewhere"
    assert code(await client.answer_to(client.signed(Method.ALLOCATE, UDP))) == 401


async def test_the_challenge_offers_algorithms(client):
    challenge = await client.ask(Method.ALLOCATE, UDP)
    assert (challenge.get(NONCE) or "").startswith("obMatJos2")
    assert set(challenge.get(PASSWORD_ALGORITHMS) or ()) == {
        PasswordAlgorithm(Algorithm.MD5),
        PasswordAlgorithm(Algorithm.SHA256),
    }


async def test_sha256_and_a_hashed_name(client, peer_a):
    client.sha256 = True
    relayed = await client.allocate()
    assert await client.permit(peer_a.address) is None
    client.send_to(peer_a.address, b"hello")
    assert await peer_a.receive_from() == (b"hello", relayed)


async def test_an_altered_offer_of_algorithms_is_noticed(client):
    client.sha256 = True
    client.learn(await client.ask(Method.ALLOCATE, UDP))
    client.offered = client.offered[:1]
    assert code(await client.answer_to(client.signed(Method.ALLOCATE, UDP))) == 400


async def test_a_forgotten_offer_of_algorithms_is_noticed(client):
    client.learn(await client.ask(Method.ALLOCATE, UDP))
    chosen = (PASSWORD_ALGORITHM, PasswordAlgorithm(Algorithm.MD5))
    assert code(await client.answer_to(client.signed(Method.ALLOCATE, UDP, chosen))) == 400


# Allocations (RFC 8656 sections 7 and 8)


@EVERY_TRANSPORT
async def test_an_allocation(relay, transport):
    async with relay.probe(transport) as client:
        answer = await client.request(Method.ALLOCATE, UDP)
        assert code(answer) is None
        assert answer.get(XOR_MAPPED_ADDRESS) == client.address
        assert answer.get(LIFETIME) == 600
        relayed = answer.get(XOR_RELAYED_ADDRESS)
        assert relayed.host == relay.plain.host
        assert 49152 <= relayed.port <= 65535


@pytest.mark.parametrize(("asked", "given"), [(0, 600), (1, 600), (700, 700), (3600, 3600), (3601, 3600), (2**32 - 1, 3600)])
async def test_lifetimes_stay_within_bounds(client, asked, given):
    answer = await client.request(Method.ALLOCATE, UDP, (LIFETIME, asked))
    assert answer.get(LIFETIME) == given
    refreshed = await client.request(Method.REFRESH, (LIFETIME, asked or 1))
    assert refreshed.get(LIFETIME) == given


async def test_an_allocation_must_name_its_transport(client):
    assert code(await client.request(Method.ALLOCATE)) == 400


async def test_another_transport_than_udp_is_not_supported(client):
    assert code(await client.request(Method.ALLOCATE, (REQUESTED_TRANSPORT, 132))) == 442


async def test_one_client_has_one_allocation(client):
    await client.allocate()
    assert code(await client.request(Method.ALLOCATE, UDP)) == 437


async def test_the_same_request_has_the_same_answer(client):
    client.learn(await client.ask(Method.ALLOCATE, UDP))
    request = client.signed(Method.ALLOCATE, UDP)
    first, again = await client.answer_to(request), await client.answer_to(request)
    assert code(first) is None
    assert again.get(XOR_RELAYED_ADDRESS) == first.get(XOR_RELAYED_ADDRESS)


async def test_ports_are_not_given_in_turn(relay):
    ports = []
    for _ in range(6):
        async with relay.probe() as client:
            ports.append((await client.allocate()).port)
            await client.request(Method.REFRESH, (LIFETIME, 0))
    steps = {after - before for before, after in pairwise(ports)}
    assert len(steps) > 1


async def test_a_lifetime_of_zero_ends_the_allocation(client, peer_a):
    relayed = await client.allocate()
    assert await client.permit(peer_a.address) is None
    answer = await client.request(Method.REFRESH, (LIFETIME, 0))
    assert (code(answer), answer.get(LIFETIME)) == (None, 0)
    await vacated(relayed)


async def test_after_its_end_nothing_is_left(client, peer_a):
    await client.allocate()
    await client.request(Method.REFRESH, (LIFETIME, 0))
    assert code(await client.request(Method.REFRESH)) == 437
    assert await client.permit(peer_a.address) == 437
    await client.allocate()


async def test_without_an_allocation_there_is_nothing_to_change(client):
    assert code(await client.request(Method.REFRESH)) == 437
    assert await client.permit(NOBODY) == 437
    assert await bind(client, CHANNEL, NOBODY) == 437


async def test_the_allocation_of_another_user(relay, client, peer_a):
    await client.allocate()
    thief = Probe(client.wire, relay.other, relay.password)
    assert code(await thief.request(Method.REFRESH, (LIFETIME, 0))) == 441
    assert await thief.permit(peer_a.address) == 441
    assert code(await client.request(Method.REFRESH)) is None


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.TLS])
async def test_a_connection_takes_its_allocation_with_it(relay, transport):
    async with relay.probe(transport) as client:
        relayed = await client.allocate()
    await vacated(relayed)


# Families, even ports, reservations (RFC 8656 section 7.2)


async def test_an_unknown_family_is_not_supported(client):
    assert code(await client.request(Method.ALLOCATE, UDP, (REQUESTED_ADDRESS_FAMILY, 7))) == 440


async def test_a_relay_of_the_other_family(client):
    relayed = await client.allocate((REQUESTED_ADDRESS_FAMILY, Family.IPV6))
    assert relayed.family is Family.IPV6
    async with peer("::1") as six:
        assert await client.permit(six.address) is None
        client.send_to(six.address, b"hello")
        assert await six.receive_from() == (b"hello", relayed)
        six.send(b"back", relayed)
        assert await client.hear() == (six.address, b"back")


async def test_a_peer_of_the_other_family_cannot_be_reached(client):
    await client.allocate()
    assert await client.permit(Address.of("2001:db8::1", 9)) == 443
    bind = await client.request(
        Method.CHANNEL_BIND, (CHANNEL_NUMBER, CHANNEL), (XOR_PEER_ADDRESS, Address.of("2001:db8::1", 9))
    )
    assert code(bind) == 443


async def test_two_families_at_once(client, peer_a):
    answer = await client.request(Method.ALLOCATE, UDP, (ADDITIONAL_ADDRESS_FAMILY, Family.IPV6))
    assert code(answer) is None
    four, six = answer.all(XOR_RELAYED_ADDRESS)
    assert (four.family, six.family) == (Family.IPV4, Family.IPV6)
    async with peer("::1") as other:
        assert await client.permit(peer_a.address, other.address) is None
        for someone, relayed in ((peer_a, four), (other, six)):
            client.send_to(someone.address, b"hello")
            assert await someone.receive_from() == (b"hello", relayed)


async def test_one_family_can_be_given_back(client, peer_a):
    four = await client.allocate((ADDITIONAL_ADDRESS_FAMILY, Family.IPV6))
    answer = await client.request(Method.REFRESH, (REQUESTED_ADDRESS_FAMILY, Family.IPV6), (LIFETIME, 0))
    assert code(answer) is None
    assert await client.permit(Address.of("::1", 9)) == 443
    assert await client.permit(peer_a.address) is None
    client.send_to(peer_a.address, b"still here")
    assert await peer_a.receive_from() == (b"still here", four)


async def test_a_family_that_is_not_there_cannot_be_refreshed(client):
    await client.allocate()
    assert code(await client.request(Method.REFRESH, (REQUESTED_ADDRESS_FAMILY, Family.IPV6))) == 443


@pytest.mark.parametrize("said", [
    [(REQUESTED_ADDRESS_FAMILY, 1), (ADDITIONAL_ADDRESS_FAMILY, 2)],
    [(ADDITIONAL_ADDRESS_FAMILY, 1)],
    [(RESERVATION_TOKEN, bytes(8)), (EVEN_PORT, False)],
    [(RESERVATION_TOKEN, bytes(8)), (REQUESTED_ADDRESS_FAMILY, 1)],
    [(RESERVATION_TOKEN, bytes(8)), (ADDITIONAL_ADDRESS_FAMILY, 2)],
    [(EVEN_PORT, True), (ADDITIONAL_ADDRESS_FAMILY, 2)],
], ids=str)  # fmt: skip
async def test_wishes_that_exclude_each_other(client, said):
    assert code(await client.request(Method.ALLOCATE, UDP, *said)) == 400


async def test_an_even_port(client):
    assert (await client.allocate((EVEN_PORT, False))).port % 2 == 0


async def test_the_port_above_is_reserved_for_who_knows_the_token(relay, client):
    answer = await client.request(Method.ALLOCATE, UDP, (EVEN_PORT, True))
    even, token = answer.get(XOR_RELAYED_ADDRESS), answer.get(RESERVATION_TOKEN)
    assert even.port % 2 == 0
    async with relay.probe() as second, relay.probe() as third:
        odd = await second.allocate((RESERVATION_TOKEN, token))
        assert odd == (even.host, even.port + 1)
        assert code(await third.request(Method.ALLOCATE, UDP, (RESERVATION_TOKEN, token))) == 508


async def test_an_unknown_token(client):
    assert code(await client.request(Method.ALLOCATE, UDP, (RESERVATION_TOKEN, b"unknown!"))) == 508


# Permissions and indications (RFC 8656 sections 9, 10, 11)


@EVERY_TRANSPORT
async def test_indications_both_ways(relay, transport, peer_a):
    async with relay.probe(transport) as client:
        relayed = await client.allocate()
        assert await client.permit(peer_a.address) is None
        for data in (b"1", b"voice", b"voice" * 200):
            client.send_to(peer_a.address, data)
            assert await peer_a.receive_from() == (data, relayed)
            peer_a.send(data, relayed)
            assert await client.hear() == (peer_a.address, data)


async def test_a_permission_is_for_an_address_and_every_port_of_it(client, peer_a, peer_b):
    relayed = await client.allocate()
    assert await client.permit(Address(peer_a.address.host, 0)) is None
    for someone in (peer_a, peer_b):
        someone.send(b"hello", relayed)
        assert await client.hear() == (someone.address, b"hello")


async def test_without_permission_nothing_passes(client, peer_a):
    relayed = await client.allocate()
    client.send_to(peer_a.address, b"too early")
    peer_a.send(b"too early", relayed)
    async with peer("127.0.0.2") as permitted:
        assert await client.permit(permitted.address) is None
        peer_a.send(b"another address", relayed)
        client.send_to(peer_a.address, b"another address")
        permitted.send(b"hello", relayed)
        assert await client.hear() == (permitted.address, b"hello")
        assert await client.permit(peer_a.address) is None
        client.send_to(peer_a.address, b"now")
        assert await peer_a.receive() == b"now"


async def test_a_permission_needs_a_peer(client):
    await client.allocate()
    assert await client.permit() == 400


@pytest.mark.parametrize("host", ["224.0.0.1", "239.255.255.250"])
async def test_denied_peers(client, host):
    await client.allocate()
    assert await client.permit(Address.of(host, 9)) == 403
    said = (CHANNEL_NUMBER, CHANNEL), (XOR_PEER_ADDRESS, Address.of(host, 9))
    assert code(await client.request(Method.CHANNEL_BIND, *said)) == 403


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "255.255.255.255", "169.254.1.1", "10.0.0.1", "192.168.0.1", "100.64.0.1", "240.0.0.1"]
)
async def test_peers_denied_by_default(client, host):
    await client.allocate()
    assert await client.permit(Address.of(host, 9)) == 403


async def test_permissions_are_given_all_or_none(client, peer_a):
    relayed = await client.allocate()
    assert await client.permit(peer_a.address, Address.of("224.0.0.1", 9)) == 403
    client.send_to(peer_a.address, b"not yet")
    assert await client.permit(peer_a.address) is None
    peer_a.send(b"now", relayed)
    client.send_to(peer_a.address, b"now")
    assert await client.hear() == (peer_a.address, b"now")
    assert await peer_a.receive() == b"now"


async def test_indications_that_lack_something_are_dropped(client, peer_a):
    await client.allocate()
    assert await client.permit(peer_a.address) is None
    to = (XOR_PEER_ADDRESS, peer_a.address)
    client.indicate(to)
    client.indicate((DATA, b"to nobody"))
    client.indicate(to, (DATA, b"strange"), (STRANGE, b""))
    client.indicate(to, (DATA, b"good"))
    assert await peer_a.receive() == b"good"
    await client.ask(Method.BINDING)
    assert not client.early


async def test_dont_fragment_is_honoured_or_refused(client, peer_a):
    assert code(await client.request(Method.ALLOCATE, UDP, (DONT_FRAGMENT, True))) in (None, 420)
    if code(await client.request(Method.REFRESH)) is None:
        assert await client.permit(peer_a.address) is None
        client.indicate((XOR_PEER_ADDRESS, peer_a.address), (DONT_FRAGMENT, True), (DATA, b"whole"))
        assert await peer_a.receive() == b"whole"


async def test_two_clients_talk_through_their_relays(relay, client):
    async with relay.probe(user=relay.other) as other:
        here, there = await client.allocate(), await other.allocate()
        assert await client.permit(there) is None
        assert await other.permit(here) is None
        client.send_to(there, b"hello")
        assert await other.hear() == (here, b"hello")


# Channels (RFC 8656 section 12)


async def bind(client: Probe, number: int, address: Address) -> int | None:
    return code(await client.request(Method.CHANNEL_BIND, (CHANNEL_NUMBER, number), (XOR_PEER_ADDRESS, address)))


@EVERY_TRANSPORT
async def test_channels_both_ways(relay, transport, peer_a):
    async with relay.probe(transport) as client:
        relayed = await client.allocate()
        assert await bind(client, CHANNEL, peer_a.address) is None
        for data in (b"1", b"voice", b"voice" * 200):
            client.send_by(CHANNEL, data)
            assert await peer_a.receive_from() == (data, relayed)
            peer_a.send(data, relayed)
            assert await client.hear() == (CHANNEL, data)


async def test_a_channel_brings_its_permission(client, peer_a, peer_b):
    relayed = await client.allocate()
    assert await bind(client, CHANNEL, peer_a.address) is None
    peer_b.send(b"same address, no channel", relayed)
    assert await client.hear() == (peer_b.address, b"same address, no channel")
    client.send_to(peer_a.address, b"by indication")
    assert await peer_a.receive() == b"by indication"


@pytest.mark.parametrize("number", [0, 0x3FFF, 0x5000, 0x7FFF, 0x8000, 0xFFFF])
async def test_channels_have_numbers_of_their_own(client, number):
    await client.allocate()
    assert await bind(client, number, NOBODY) == 400


@pytest.mark.parametrize("number", [0x4000, 0x4FFF])
async def test_the_first_and_the_last_channel(client, number):
    await client.allocate()
    assert await bind(client, number, NOBODY) is None


async def test_a_channel_needs_a_number_and_a_peer(client):
    await client.allocate()
    for said in [(CHANNEL_NUMBER, CHANNEL)], [(XOR_PEER_ADDRESS, NOBODY)], []:
        assert code(await client.request(Method.CHANNEL_BIND, *said)) == 400


async def test_a_channel_has_one_peer_and_a_peer_one_channel(client, peer_a, peer_b):
    await client.allocate()
    assert await bind(client, CHANNEL, peer_a.address) is None
    assert await bind(client, CHANNEL, peer_a.address) is None
    assert await bind(client, CHANNEL, peer_b.address) == 400
    assert await bind(client, CHANNEL + 1, peer_a.address) == 400
    assert await bind(client, CHANNEL + 1, peer_b.address) is None


async def test_channel_data_that_cannot_be_is_dropped(client, peer_a):
    await client.allocate()
    assert await bind(client, CHANNEL, peer_a.address) is None
    good = channel_data(CHANNEL, b"good", padded=False)
    client.wire.send(channel_data(CHANNEL + 1, b"bound by nobody", padded=False))
    client.wire.send(channel_data(CHANNEL, b"too long", padded=False)[:-1])
    client.wire.send(good[:3])
    client.wire.send(good + b"\0\0\0")
    assert await peer_a.receive() == b"good"


@EVERY_TRANSPORT
async def test_data_may_be_empty(relay, transport, peer_a):
    async with relay.probe(transport) as client:
        relayed = await client.allocate()
        assert await client.permit(peer_a.address) is None
        client.send_to(peer_a.address, b"")
        assert await peer_a.receive_from() == (b"", relayed)
        peer_a.send(b"", relayed)
        assert await client.hear() == (peer_a.address, b"")
        assert await bind(client, CHANNEL, peer_a.address) is None
        client.send_by(CHANNEL, b"")
        assert await peer_a.receive_from() == (b"", relayed)
        peer_a.send(b"", relayed)
        assert await client.hear() == (CHANNEL, b"")


@pytest.mark.parametrize("seed", range(4))
async def test_what_strangers_send_hurts_nobody(relay, client, peer_a, seed):
    await client.allocate()
    assert await bind(client, CHANNEL, peer_a.address) is None
    dice = random.Random(seed)
    client_says = [
        client.signed(Method.ALLOCATE, UDP, (LIFETIME, 600), (EVEN_PORT, True)),
        client.signed(Method.CHANNEL_BIND, (CHANNEL_NUMBER, CHANNEL), (XOR_PEER_ADDRESS, peer_a.address)),
        encode(Method.SEND, Kind.INDICATION, bytes(12), [(XOR_PEER_ADDRESS, peer_a.address), (DATA, b"forged")]),
        channel_data(CHANNEL, b"forged", padded=True),
        raw(Method.BINDING, fingerprint=True),
    ]
    async with relay.probe(user=relay.other) as stranger:
        for n in range(50):
            spoiled = bytearray(dice.choice(client_says))
            for _ in range(dice.randrange(4)):
                spoiled[dice.randrange(len(spoiled))] = dice.randrange(256)
            stranger.wire.send(bytes(spoiled[: dice.choice([len(spoiled), dice.randrange(len(spoiled))])]))
            client.send_by(CHANNEL, b"%d" % n)
            assert await peer_a.receive() == b"%d" % n
        await stranger.ask(Method.BINDING)


# Streams (RFC 8656 section 3.1; RFC 8489 section 6.2.2)


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.TLS])
async def test_frames_are_cut_anywhere_and_glued(relay, transport, peer_a):
    async with relay.probe(transport) as client:
        await client.allocate()
        assert await bind(client, CHANNEL, peer_a.address) is None
        together = b"".join(channel_data(CHANNEL, bytes([48 + n]) * n, padded=True) for n in range(6))
        client.wire.send(together)
        for n in range(6):
            assert await peer_a.receive() == bytes([48 + n]) * n
        for byte in channel_data(CHANNEL, b"voice", padded=True):
            client.wire.send(bytes([byte]))
            await client.wire.writer.drain()
        assert await peer_a.receive() == b"voice"


async def test_a_stream_of_something_else_ends(relay):
    async with relay.probe(Transport.TCP) as client:
        client.wire.send(b"\xff" * 64)
        with pytest.raises((EOFError, ConnectionError)):
            await client.wire.receive()


async def test_tls_is_known_by_its_first_byte(relay):
    async with Probe.to(relay.plain, Transport.TLS, relay.user, relay.password, relay.trust) as client:
        await client.allocate()


async def test_two_connections_are_two_clients(relay):
    async with relay.probe(Transport.TCP) as one, relay.probe(Transport.TCP) as two:
        assert await one.allocate() != await two.allocate()
