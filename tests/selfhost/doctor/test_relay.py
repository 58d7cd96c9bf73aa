"""The relay, set up well and in every way that goes wrong. Each ill is named with its setting, and nothing else is."""

import asyncio
import socket
import time
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from selfhost.doctor.addresses import server_of
from selfhost.doctor.exchange import Passage
from selfhost.doctor.handed_out import judge_address, judge_mapped
from selfhost.doctor.reach import Reach, judge_name
from selfhost.doctor.relay import judge_passage, relay
from tests.conftest import PATIENCE
from tests.selfhost.doctor.conftest import OTHER_SECRET, case, ills, of
from tests.selfhost.doctor.relays import Place
from turn.words import Address

HOUR = 3600
# An address of Docker's networks that this machine surely has not.
CONTAINER = "172.31.255.254"


@contextmanager
def deaf(port: int, kind: socket.SocketKind):
    """A port behind a firewall: what is sent to it is never answered."""
    with socket.socket(type=kind) as hole:
        hole.bind(("127.0.0.1", port))
        if kind is socket.SOCK_STREAM:
            hole.listen()
        yield


async def test_a_good_relay_is_well_over_udp_tcp_and_tls(start, trusted):
    with start(pair=trusted.issue("localhost")) as place:
        found = await relay(case(place=place, tls=True))
    assert ills(found) == set(), found
    assert {check.name for check in found} == {
        *("turn-udp", "turn-tcp", "turn-tls", "turn-certificate", "turn-credentials"),
        *("turn-realm", "turn-clock", "turn-address", "turn-mapped", "turn-ports"),
    }
    assert of(found, "turn-ports").finding.en == "Packets pass the relayed ports both ways"


async def test_it_leaves_no_allocation_behind(start):
    """There is room for six of them and one examination takes four, which would last for ten minutes."""
    with start(per_user=6) as place:
        assert ills(await relay(case(place=place))) == set()
        deadline = time.monotonic() + PATIENCE
        while found := ills(await relay(case(place=place))):  # coturn lets go of them a moment later
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.2)


async def test_without_a_certificate_tls_is_not_tried(start):
    with start() as place:
        found = await relay(case(place=place))
    assert ills(found) == set()
    check = of(found, "turn-tls")
    assert (check.status, check.setting) == ("skipped", "TURN_CERTIFICATE")


async def test_another_secret(start):
    with start(secret=OTHER_SECRET) as place:
        found = await relay(case(place=place))
    assert ills(found) == {("turn-credentials", "error", "TURN_SECRET")}


async def test_another_realm(start):
    with start(realm="elsewhere.test") as place:
        found = await relay(case(place=place))
    assert ills(found) == {("turn-realm", "warning", "TURN_REALM")}


async def test_the_relay_s_clock_is_ahead_by_more_than_credentials_hold(start):
    with start() as place:
        found = await relay(case(place=place, now=time.time() - 2 * HOUR))
    assert ills(found) == {("turn-credentials", "error", "TURN_TTL")}
    assert "clock is ahead" in of(found, "turn-credentials").finding.en


@pytest.mark.parametrize(("shift", "how"), [(-HOUR / 2, "ahead"), (HOUR / 2, "behind")])
async def test_the_relay_s_clock_is_wrong_by_less(start, shift, how):
    with start() as place:
        found = await relay(case(place=place, now=time.time() + shift))
    assert ills(found) == {("turn-clock", "warning", "TURN_TTL")}
    assert how in of(found, "turn-clock").finding.en


async def test_with_another_secret_the_clock_is_not_blamed(start):
    with start(secret=OTHER_SECRET) as place:
        found = await relay(case(place=place, now=time.time() - 2 * HOUR))
    assert ills(found) == {("turn-credentials", "error", "TURN_SECRET")}


async def test_a_firewall_stops_udp(coturn):
    with coturn(udp=False) as place, deaf(place.port, socket.SOCK_DGRAM):
        found = await relay(case(place=place))
    assert ills(found) == {("turn-udp", "error", "TURN_PORT")}
    assert "firewall stops UDP" in of(found, "turn-udp").finding.en


async def test_nothing_listens_for_udp(coturn):
    with coturn(udp=False) as place:
        found = await relay(case(place=place))
    assert ills(found) == {("turn-udp", "error", "TURN_PORT")}
    assert "Nothing listens for UDP" in of(found, "turn-udp").finding.en


async def test_a_firewall_stops_tcp(coturn):
    with coturn(tcp=False) as place, deaf(place.port, socket.SOCK_STREAM):
        found = await relay(case(place=place))
    assert ills(found) == {("turn-tcp", "error", "TURN_PORT")}
    assert "firewall stops TCP" in of(found, "turn-tcp").finding.en


async def test_nothing_listens_for_tls(start):
    with start() as place:
        found = await relay(case(place=place, tls=True))
    assert ills(found) == {("turn-tls", "error", "TURN_TLS_PORT")}


async def test_the_port_of_tls_speaks_something_else(start):
    with start() as place:
        found = await relay(case(place=Place(place.port, place.port), tls=True))
    ((name, status, setting),) = ills(found)
    assert (name, status) == ("turn-tls", "error")
    assert setting in {"TURN_CERTIFICATE", "TURN_TLS_PORT"}  # it refuses, or hangs up


async def test_a_firewall_stops_everything():
    place = Place()
    with deaf(place.port, socket.SOCK_STREAM), deaf(place.port, socket.SOCK_DGRAM):
        found = await relay(case(place=place))
    assert ills(found) == {("turn-udp", "error", "TURN_PORT"), ("turn-tcp", "error", "TURN_PORT")}
    assert of(found, "turn-credentials").status == "skipped"


async def test_the_relay_does_not_run():
    found = await relay(case(place=Place()))
    assert ills(found) == {("turn", "error", "TURN_PORT")}
    assert "does not run" in of(found, "turn").finding.en


async def test_the_relay_is_switched_off():
    found = await relay(case())
    assert [(check.name, check.status, check.setting) for check in found] == [("turn", "skipped", "TURN")]


async def test_something_else_answers_at_the_relay_s_port():
    async def greet(_, writer):
        writer.write(b"220 mail.example.com ESMTP\r\n" * 8)
        await writer.drain()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        found = await relay(case(place=Place(server.sockets[0].getsockname()[1])))
    assert ("turn-tcp", "error", "TURN_PORT") in ills(found)
    assert "no relay answers over TCP" in of(found, "turn-tcp").finding.en


async def test_a_container_s_address_is_handed_out(start):
    with start(external=CONTAINER) as place:
        found = await relay(case(place=place))
    assert ("turn-address", "error", "TURN_EXTERNAL_ADDRESSES") in ills(found)
    assert "container" in of(found, "turn-address").finding.en


async def test_the_relayed_ports_are_closed(coturn):
    """Nobody is at the address that it hands out, as if a firewall stood there."""
    with coturn(external="127.0.0.99") as place:
        found = await relay(case(place=place))
    assert of(found, "turn-ports").setting == "TURN_PORTS"
    assert of(found, "turn-ports").status == "error"
    assert "firewall" in of(found, "turn-ports").finding.en


async def test_the_relay_s_own_address_is_denied(start):
    with start(denied="127.0.0.2") as place:
        found = await relay(case(place=place))
    assert ills(found) == {("turn-ports", "error", "TURN_DENIED_PEERS")}
    assert "forbids its own" in of(found, "turn-ports").finding.en


async def test_on_the_relay_s_own_machine_nothing_is_said_about_firewalls(ours):
    """By default our relay lets nobody on its machine in but other relayed ports."""
    with ours(relayed="127.0.0.1", loopback_peers=False) as place:
        found = await relay(case(place=place))
    assert ills(found) == set()
    assert "cannot be seen from here" in of(found, "turn-ports").finding.en


async def test_the_relay_has_no_room(start):
    with start(per_user=1) as place:
        found = await relay(case(place=place))
    assert ("turn-ports", "warning", "TURN_ALLOCATIONS_PER_USER") in ills(found)


async def test_the_relay_serves_everybody(coturn):
    with coturn(everybody=True) as place:
        found = await relay(case(place=place))
    assert ("turn-credentials", "error", "TURN_SECRET") in ills(found)


@pytest.mark.parametrize(
    ("names", "options", "why"),
    [
        (["localhost"], {"days": (-90, -1)}, "has expired"),
        (["localhost"], {"days": (1, 90)}, "not valid yet"),
        (["other.test", "127.0.0.1"], {}, "other names than localhost"),
        (["localhost"], {"self_signed": True}, "self-signed"),
    ],
)
async def test_a_certificate_that_browsers_refuse(coturn, trusted, names, options, why):
    with coturn(pair=trusted.issue(*names, **options)) as place:
        found = await relay(case(place=place, tls=True))
    assert ills(found) == {("turn-certificate", "error", "TURN_CERTIFICATE")}
    assert why in of(found, "turn-certificate").finding.en


async def test_a_certificate_that_nobody_known_has_signed(coturn, authority):
    with coturn(pair=authority.issue("localhost")) as place:
        found = await relay(case(place=place, tls=True))
    assert ills(found) == {("turn-certificate", "error", "TURN_CERTIFICATE")}
    assert "Nobody known" in of(found, "turn-certificate").finding.en


async def test_a_certificate_that_ends_soon(coturn, trusted):
    with coturn(pair=trusted.issue("localhost", days=(-80, 5.5))) as place:
        found = await relay(case(place=place, tls=True))
    assert ills(found) == {("turn-certificate", "warning", "TURN_CERTIFICATE")}
    assert "expires in 5 days" in of(found, "turn-certificate").finding.en


async def test_the_relay_s_name_stands_for_nothing():
    found = await relay(case(place=Place(), host="relay.invalid"))
    assert ills(found) == {("turn-host", "error", "TURN_HOST")}


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("turn:localhost:99999", "port that does not exist"),
        ("turns:localhost?transport=udp", "DTLS"),
        ("turn://localhost", "does not read"),
        ("turn:localhost?transport=sctp", "transport that does not exist"),
    ],
)
async def test_a_malformed_url_of_another_s_relay(url, why):
    found = await relay(case(urls=(url,)))
    assert ills(found) == {("turn-urls", "error", "TURN_URLS")}
    assert why in of(found, "turn-urls").finding.en


async def test_another_s_relay_is_examined_by_its_urls(coturn):
    with coturn(realm="elsewhere.test") as place:
        urls = (f"turn:localhost:{place.port}", f"turn:localhost:{place.port}?transport=tcp", "turn:nowhere.invalid")
        found = await relay(case(urls=urls))
    assert ills(found) == {("turn-urls", "error", "TURN_URLS")}
    assert {"turn-udp", "turn-tcp", "turn-ports"} <= {check.name for check in found}


async def test_what_is_wrong_with_another_s_relay_is_changed_there(coturn):
    with coturn(external=CONTAINER) as place:
        found = await relay(case(urls=(f"turn:localhost:{place.port}?transport=tcp",)))
    assert ("turn-address", "error", "TURN_URLS") in ills(found)


@pytest.mark.parametrize(
    ("reached", "relayed", "status", "setting"),
    [
        ("8.8.8.8", "8.8.8.8", "ok", None),
        ("8.8.8.8", "9.9.9.9", "ok", None),
        ("8.8.8.8", "10.0.0.4", "error", "TURN_EXTERNAL_ADDRESSES"),
        ("8.8.8.8", "172.17.0.2", "error", "TURN_EXTERNAL_ADDRESSES"),
        ("8.8.8.8", "100.64.0.1", "error", "TURN_EXTERNAL_ADDRESSES"),
        ("2606:4700::1", "fd00::2", "error", "TURN_EXTERNAL_ADDRESSES"),
        ("8.8.8.8", "127.0.0.1", "error", "TURN_RELAY_ADDRESSES"),
        ("8.8.8.8", "0.0.0.0", "error", "TURN_RELAY_ADDRESSES"),
        ("192.168.1.10", "192.168.1.10", "ok", None),
        ("192.168.1.10", "127.0.0.1", "error", "TURN_RELAY_ADDRESSES"),
        ("192.168.1.10", "172.18.0.3", "error", "TURN_EXTERNAL_ADDRESSES"),
        ("192.168.1.10", "192.168.7.10", "warning", "TURN_EXTERNAL_ADDRESSES"),
        ("192.168.1.10", "8.8.8.8", "ok", None),
        ("172.17.0.2", "172.17.0.2", "ok", None),
        ("127.0.0.1", "127.0.0.1", "ok", None),
    ],
)
def test_the_address_that_is_handed_out(reached, relayed, status, setting):
    check = judge_address(ip_address(reached), ip_address(relayed), own=True)
    assert (check.status, check.setting) == (status, setting)


@pytest.mark.parametrize(
    ("mapped", "local", "status"),
    [
        ("127.0.0.1", "127.0.0.1", "ok"),
        ("8.8.8.8", "10.0.0.4", "ok"),
        ("172.17.0.1", "127.0.0.1", "warning"),
        ("172.17.0.1", "10.0.0.4", "warning"),
    ],
)
def test_how_the_relay_sees_its_clients(mapped, local, status):
    server = server_of("turn:localhost")
    way = Reach(server, ip_address("127.0.0.1"), None, "", Address.of(mapped, 5), Address.of(local, 5))
    check = judge_mapped(way, own=True)
    assert (check.status, check.setting) == (status, None if status == "ok" else "TURN_LISTEN_ADDRESSES")


@pytest.mark.parametrize(
    ("between", "direct", "setting"),
    [
        (True, True, None),
        (True, None, None),
        (True, False, "TURN_PORTS"),
        (False, True, "TURN_EXTERNAL_ADDRESSES"),
        (False, None, "TURN_PORTS"),
        (False, False, "TURN_PORTS"),
    ],
)
def test_what_passes_the_relayed_ports(between, direct, setting):
    check = judge_passage(Passage(between, direct), Address.of("8.8.8.8", 50000), own=True)
    assert (check.setting, check.status) == (setting, "error" if setting else "ok")


@pytest.mark.parametrize(
    ("address", "page", "ill"),
    [
        ("172.17.0.2", "8.8.8.8", True),
        ("10.0.0.4", "8.8.8.8", True),
        ("9.9.9.9", "8.8.8.8", False),
        ("10.0.0.4", "10.0.0.4", False),
        ("10.0.0.4", None, False),
    ],
)
def test_the_relay_s_name_of_a_public_page_is_public(address, page, ill):
    check = judge_name("TURN_HOST", server_of("turn:x"), ip_address(address), page and ip_address(page))
    assert (check is not None) is ill
    assert check is None or check.setting == "TURN_HOST"
