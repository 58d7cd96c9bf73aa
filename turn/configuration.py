"""What the operator wants of this relay process, read from the settings once and held together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from turn import machine
from turn.policy import Network
from turn.server import Host
from turn.words import Address, Family

UNSPECIFIED = frozenset({bytes(4), bytes(16)})


@dataclass(frozen=True)
class Configuration:
    port: int
    tls_port: int
    listen: tuple[str, ...]
    hosts: dict[Family, Host]
    """Addresses that relay sockets are bound at, and what clients are told instead."""
    ports: range
    certificate: Path | None
    certificate_key: Path | None
    realm: str
    users: dict[str, str]
    ttl: int
    """Seconds."""
    private_peers: bool
    loopback_peers: bool
    allowed_peers: tuple[Network, ...]
    denied_peers: tuple[Network, ...]
    allocations: int
    allocations_per_user: int
    bandwidth: int
    alternates: tuple[Address, ...]
    rfc5766_channels: bool
    tcp_relay: bool
    workers: int
    plane: str
    coalesce: float
    """Seconds."""
    drain_seconds: int
    metrics_port: int

    @classmethod
    def read(cls, settings: Any, **chosen: Any) -> "Configuration":
        """`chosen` are settings by their names that count instead; None is not chosen. Raises ImproperlyConfigured."""
        overridden = {name: value for name, value in chosen.items() if value is not None}

        def get(name: str) -> Any:
            return overridden.get(name, getattr(settings, name))

        certificate, key = get("TURN_CERTIFICATE"), get("TURN_CERTIFICATE_KEY")
        if key and not certificate:
            raise ImproperlyConfigured("TURN_CERTIFICATE_KEY needs TURN_CERTIFICATE")
        if certificate and get("TURN_PORT") == get("TURN_TLS_PORT"):
            raise ImproperlyConfigured("TURN_PORT and TURN_TLS_PORT must differ; both take TLS and plain TCP")
        return cls(
            port=get("TURN_PORT"),
            tls_port=get("TURN_TLS_PORT"),
            listen=tuple(get("TURN_LISTEN_ADDRESSES")),
            hosts=_hosts(get("TURN_RELAY_ADDRESSES"), get("TURN_EXTERNAL_ADDRESSES")),
            ports=get("TURN_PORTS"),
            certificate=Path(certificate) if certificate else None,
            certificate_key=Path(key) if key else None,
            realm=get("TURN_REALM"),
            users=get("TURN_USERS"),
            ttl=get("TURN_TTL"),
            private_peers=get("TURN_ALLOW_PRIVATE_PEERS"),
            loopback_peers=get("TURN_ALLOW_LOOPBACK_PEERS"),
            allowed_peers=tuple(get("TURN_ALLOWED_PEERS")),
            denied_peers=tuple(get("TURN_DENIED_PEERS")),
            allocations=get("TURN_ALLOCATIONS"),
            allocations_per_user=get("TURN_ALLOCATIONS_PER_USER"),
            bandwidth=get("TURN_BANDWIDTH"),
            alternates=tuple(Address.of(*endpoint) for endpoint in get("TURN_ALTERNATES")),
            rfc5766_channels=get("TURN_RFC5766_CHANNELS"),
            tcp_relay=get("TURN_TCP_RELAY"),
            workers=get("TURN_WORKERS"),
            plane=get("TURN_PLANE"),
            coalesce=get("TURN_COALESCE_US") / 1_000_000,
            drain_seconds=get("TURN_DRAIN_SECONDS"),
            metrics_port=get("TURN_METRICS_PORT"),
        )

    @property
    def stream_ports(self) -> tuple[int, ...]:
        """Both take TLS and plain TCP: a firewall may let only one of them through."""
        return (self.port, self.tls_port) if self.certificate else (self.port,)


def _hosts(bound: list[str], external: list[str]) -> dict[Family, Host]:
    """At most one of a family, and the external address of that family in front of it."""
    inner = _by_family("TURN_RELAY_ADDRESSES", bound or machine.outward())
    outer = _by_family("TURN_EXTERNAL_ADDRESSES", external)
    for family in outer.keys() - inner.keys():
        raise ImproperlyConfigured(f"TURN_EXTERNAL_ADDRESSES names an {family.name} address, TURN_RELAY_ADDRESSES has none")
    return {family: Host(host, outer.get(family, host)) for family, host in inner.items()}


def _by_family(name: str, hosts: list[str]) -> dict[Family, bytes]:
    found: dict[Family, bytes] = {}
    for host in hosts:
        address = Address.of(host, 0)
        if address.family in found or address.host in UNSPECIFIED:
            raise ImproperlyConfigured(f"{name} must name at most one address of IPv4 and one of IPv6, and none for all")
        found[address.family] = address.host
    return found
