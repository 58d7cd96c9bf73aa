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

Days = tuple[float, float]
"""After now: from when it holds until when."""
LONG: Days = (-1, 90)


class Pair(NamedTuple):
    certificate: Path
    key: Path


class Signer(NamedTuple):
    name: str
    key: EllipticCurvePrivateKey


class Authority:
    """Signs certificates; `root` is what one has to trust."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._signer = folder, Signer("Test authority", generate_private_key(SECP256R1()))
        self.root = folder / "root.pem"
        root = _signed(self._signer.name, self._signer.key, self._signer, (), LONG)
        self.root.write_bytes(root.public_bytes(Encoding.PEM))

    def issue(self, *names: str, days: Days = LONG, self_signed: bool = False) -> Pair:
        """For these names, of which the first names the files too."""
        return _issued(names, days, None if self_signed else self._signer, self._folder, f"{names[0]}.pem", f"{names[0]}.key")


def self_signed(folder: Path, *names: str, certificate: str = "cert.pem", key: str = "key.pem") -> Pair:
    """Into files of these names; who trusts it trusts it alone."""
    return _issued(names, LONG, None, folder, certificate, key)


def _issued(names: Sequence[str], days: Days, signer: Signer | None, folder: Path, certificate: str, key: str) -> Pair:
    own = generate_private_key(SECP256R1())
    signed = _signed(names[0], own, signer or Signer(names[0], own), names, days)
    pair = Pair(folder / certificate, folder / key)
    pair.certificate.write_bytes(signed.public_bytes(Encoding.PEM))
    pair.key.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pair


def _signed(subject: str, key: EllipticCurvePrivateKey, signer: Signer, names: Sequence[str], days: Days) -> x509.Certificate:
    """Of an authority, if it is for no names."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_called(subject))
        .issuer_name(_called(signer.name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_alternative, names))), critical=False)
    return builder.sign(signer.key, SHA256())


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
