"""Certificates, good ones and others."""

from collections.abc import Sequence
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
        self.root = folder / "root.pem"
        root = _signed("Test authority", self._key, "Test authority", self._key, (), (-1, 365))
        self.root.write_bytes(root.public_bytes(Encoding.PEM))

    def issue(self, *names: str, days: tuple[float, float] = (-1, 90), self_signed: bool = False) -> Pair:
        """For these names, from so many days after now until so many."""
        key = generate_private_key(SECP256R1())
        signer, signed_by = (names[0], key) if self_signed else ("Test authority", self._key)
        certificate = _signed(names[0], key, signer, signed_by, names, days)
        pair = Pair(self._folder / f"{names[0]}.pem", self._folder / f"{names[0]}.key")
        pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return pair


def _signed(
    subject: str,
    key: EllipticCurvePrivateKey,
    signer: str,
    signed_by: EllipticCurvePrivateKey,
    names: Sequence[str],
    days: tuple[float, float],
) -> x509.Certificate:
    """Of an authority, if it is for no names."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_called(subject))
        .issuer_name(_called(signer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_alternative, names))), critical=False)
    return builder.sign(signed_by, SHA256())


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
