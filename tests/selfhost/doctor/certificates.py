"""Certificates, good ones and others."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


class Pair(NamedTuple):
    certificate: Path
    key: Path


class Authority:
    """Signs certificates; `root` is what one has to trust."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, generate_private_key(SECP256R1())
        self._name = _called("Test authority")
        self.root = folder / "root.pem"
        root = self._sign("Test authority", self._key, [], (-1, 365), authority=True)
        self.root.write_bytes(root.public_bytes(Encoding.PEM))

    def issue(self, *names: str, days: tuple[float, float] = (-1, 90), self_signed: bool = False) -> Pair:
        """For these names, from so many days after now until so many."""
        key = generate_private_key(SECP256R1())
        authority = Authority.__new__(Authority) if self_signed else self
        if self_signed:
            authority._key, authority._name = key, _called(names[0])
        certificate = authority._sign(names[0], key, list(names), days)
        pair = Pair(self._folder / f"{names[0]}.pem", self._folder / f"{names[0]}.key")
        pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return pair

    def _sign(
        self, name: str, key: EllipticCurvePrivateKey, names: list[str], days: tuple[float, float], authority: bool = False
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_called(name))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_alternative, names))), critical=False)
        return builder.sign(self._key, SHA256())


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
