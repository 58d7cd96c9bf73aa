"""What the operator wants of this relay process, read from the settings once and held together."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from turn import machine
from turn.policy import Network
from turn.words import Address


@dataclass(frozen=True)
class Configuration:
    port: int
    tls_port: int
    listen: tuple[str, ...]
    relays: tuple[tuple[str, str], ...]
    """Addresses that relay sockets are bound at, and what clients are told instead (the same, but for a 1:1 NAT)."""
    ports: range
    certificate: Path | None
    certificate_key: Path | None
    realm: str
    users: dict[str, str]
    private_peers: bool
    loopback_peers: bool
    allowed_peers: tuple[Network, ...]
    denied_peers: tuple[Network, ...]
    allocations: int
    allocations_per_user: int
    bandwidth: int
    rfc5766_channels: bool
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
            relays=_relays(get("TURN_RELAY_ADDRESSES"), get("TURN_EXTERNAL_ADDRESSES")),
            ports=get("TURN_PORTS"),
            certificate=Path(certificate) if certificate else None,
            certificate_key=Path(key) if key else None,
            realm=get("TURN_REALM"),
            users=get("TURN_USERS"),
            private_peers=get("TURN_ALLOW_PRIVATE_PEERS"),
            loopback_peers=get("TURN_ALLOW_LOOPBACK_PEERS"),
            allowed_peers=tuple(get("TURN_ALLOWED_PEERS")),
            denied_peers=tuple(get("TURN_DENIED_PEERS")),
            allocations=get("TURN_ALLOCATIONS"),
            allocations_per_user=get("TURN_ALLOCATIONS_PER_USER"),
            bandwidth=get("TURN_BANDWIDTH"),
            rfc5766_channels=get("TURN_RFC5766_CHANNELS"),
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

    def told(self, relay: Address) -> Address:
        """As clients know this address of ours."""
        by_host = {ip_address(bound).packed: ip_address(outer).packed for bound, outer in self.relays}
        return Address(by_host[relay.host], relay.port)


def _relays(bound: list[str], external: list[str]) -> tuple[tuple[str, str], ...]:
    """External addresses belong to those bound of the same family, in order."""
    bound = bound or machine.outward()
    pairs = []
    for version in (4, 6):
        inner = [host for host in bound if ip_address(host).version == version]
        outer = [host for host in external if ip_address(host).version == version]
        if len(inner) > 1:
            raise ImproperlyConfigured(f"TURN_RELAY_ADDRESSES must name at most one IPv{version} address, not {','.join(inner)}")
        if len(outer) > len(inner):
            raise ImproperlyConfigured(f"TURN_EXTERNAL_ADDRESSES names IPv{version} addresses that no relay address stands behind")
        pairs += zip(inner, outer or inner, strict=True)
    return tuple(pairs)
