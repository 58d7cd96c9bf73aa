"""What of the settings belongs together, and which addresses this machine has."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from turn import keys, machine
from turn.configuration import Configuration
from turn.words import Address, Family


def read(**chosen: Any) -> Configuration:
    return Configuration.read(settings, **chosen)


def packed(host: str) -> bytes:
    return ip_address(host).packed


def test_without_any_setting_it_listens_everywhere_and_relays_where_the_machine_is():
    configuration = read()
    assert configuration.listen == ("0.0.0.0", "::")
    assert (configuration.port, configuration.certificate, configuration.ports) == (3478, None, range(49152, 65536))
    assert {host.bound for host in configuration.hosts.values()} == {packed(host) for host in machine.outward()}
    assert all(host.bound == host.told for host in configuration.hosts.values())
    assert (configuration.private_peers, configuration.loopback_peers) == (False, False)


def test_what_is_chosen_counts_and_none_is_not_chosen():
    assert read(TURN_PORT=4000, TURN_REALM=None).port == 4000
    assert read(TURN_PORT=4000, TURN_REALM=None).realm == "projectvoice"


def test_external_addresses_stand_for_those_of_their_family():
    configuration = read(TURN_RELAY_ADDRESSES=["10.0.0.7", "fd00::7"], TURN_EXTERNAL_ADDRESSES=["192.0.2.7"])
    assert configuration.hosts[Family.IPV4] == (packed("10.0.0.7"), packed("192.0.2.7"))
    assert configuration.hosts[Family.IPV6] == (packed("fd00::7"), packed("fd00::7"))


def test_alternates_are_addresses():
    assert read(TURN_ALTERNATES=[("192.0.2.9", 3478)]).alternates == (Address.of("192.0.2.9", 3478),)


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"TURN_CERTIFICATE_KEY": "key.pem"}, "TURN_CERTIFICATE_KEY needs TURN_CERTIFICATE"),
        ({"TURN_CERTIFICATE": "cert.pem", "TURN_TLS_PORT": 3478}, "TURN_PORT and TURN_TLS_PORT must differ"),
        ({"TURN_RELAY_ADDRESSES": ["192.0.2.7", "192.0.2.8"]}, "TURN_RELAY_ADDRESSES must name at most one address of IPv4"),
        (
            {"TURN_RELAY_ADDRESSES": ["0.0.0.0"]},
            "TURN_RELAY_ADDRESSES must name at most one address of IPv4 and one of IPv6, and",
        ),
        (
            {"TURN_RELAY_ADDRESSES": ["192.0.2.7"], "TURN_EXTERNAL_ADDRESSES": ["2001:db8::7"]},
            "TURN_EXTERNAL_ADDRESSES names an IPV6 address, TURN_RELAY_ADDRESSES has none",
        ),
    ],
)
def test_what_contradicts_itself_is_named(chosen, sentence):
    with pytest.raises(ImproperlyConfigured, match=f"^{sentence}"):
        read(**chosen)


def test_the_machine_has_loopback_and_what_its_routes_lead_out_by():
    found = machine.addresses()
    assert {packed("127.0.0.1"), packed("::1")} <= found
    assert {packed(host) for host in machine.outward()} <= found
    for host in found:
        family = socket.AF_INET if len(host) == 4 else socket.AF_INET6
        with socket.socket(family, socket.SOCK_DGRAM) as own:
            if not ip_address(host).is_link_local:  # which needs an interface beside it
                own.bind((str(ip_address(host)), 0))


def test_secrets_follow_from_the_key_of_the_instance_unless_they_are_set(settings):
    settings.TURN_SECRET = []
    (derived,) = keys.secrets()
    assert derived == keys.secrets()[0]
    assert settings.SECRET_KEY not in derived
    nonces = keys.nonce_key()
    settings.SECRET_KEY = settings.SECRET_KEY[::-1]
    assert keys.secrets() != [derived]
    assert keys.nonce_key() != nonces
    settings.TURN_SECRET = ["new", "old"]
    assert keys.secrets() == ["new", "old"]
