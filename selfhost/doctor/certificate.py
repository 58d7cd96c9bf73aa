"""What a browser will think of the certificate that a server shows."""

import asyncio
import ssl
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import NamedTuple

from cryptography import x509

from selfhost.doctor.addresses import Host
from selfhost.doctor.waiting import CONNECT
from selfhost.doctor.words import Check, error, ok, warning

SOON = timedelta(days=14)  # certificates of 90 days are renewed a month before their end


class Shown(NamedTuple):
    certificate: x509.Certificate
    distrust: str
    """Why this machine does not trust who signed it; empty if it does."""


def trusting() -> ssl.SSLContext:
    """Takes any certificate: what is wrong with it is told elsewhere."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def look(address: Host, port: int, name: str) -> Shown:
    """Raises OSError (an ssl.SSLError is one) if there is no TLS, TimeoutError."""
    certificate = await _shown(address, port, name, trusting())
    strict = ssl.create_default_context()
    strict.check_hostname = False
    try:
        await _shown(address, port, name, strict)
    except ssl.SSLCertVerificationError as refused:
        return Shown(certificate, refused.verify_message)
    return Shown(certificate, "")


async def _shown(address: Host, port: int, name: str, context: ssl.SSLContext) -> x509.Certificate:
    async with asyncio.timeout(CONNECT):
        _, writer = await asyncio.open_connection(str(address), port, ssl=context, server_hostname=name)
    try:
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
    return x509.load_der_x509_certificate(der)


def judge(check: str, setting: str, host: str, shown: Shown, now: datetime) -> Check:
    """The first thing that is wrong with it, in the order in which one would mend them."""
    certificate, distrust = shown
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    names = list(names_of(certificate))
    detail = f"{host}: {', '.join(names) or 'no names'}; {begin:%Y-%m-%d} – {end:%Y-%m-%d}"
    if distrust:
        detail += f"; {distrust}"
    if end < now:
        return error(check, setting, "The certificate has expired", "Срок действия сертификата истёк", detail)
    if begin > now:
        return error(
            check,
            setting,
            "The certificate is not valid yet: or this machine's clock is wrong",
            "Сертификат ещё не действует: или неверны часы этой машины",
            detail,
        )
    if not any(covers(name, host) for name in names):
        return error(
            check, setting, f"The certificate is for other names than {host}", f"Сертификат выдан не на имя {host}", detail
        )
    if distrust and certificate.issuer == certificate.subject:
        return error(
            check,
            setting,
            "The certificate is self-signed: browsers refuse it",
            "Сертификат самоподписанный: браузеры его отвергают",
            detail,
        )
    if distrust:
        return error(
            check,
            setting,
            "Nobody known has signed the certificate: is the chain of intermediate certificates in the file?",
            "Сертификат подписан неизвестно кем: есть ли в файле цепочка промежуточных сертификатов?",
            detail,
        )
    if end < now + SOON:
        days = (end - now).days
        return warning(
            check, setting, f"The certificate expires in {days} days", f"До конца срока действия сертификата {days} дн.", detail
        )
    return ok(check, "Browsers take the certificate", "Браузеры примут сертификат", detail)


def names_of(certificate: x509.Certificate) -> Iterable[str]:
    """Those that browsers look at: the common name is not among them."""
    with suppress(x509.ExtensionNotFound):
        told = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        yield from told.get_values_for_type(x509.DNSName)
        yield from map(str, told.get_values_for_type(x509.IPAddress))


def covers(name: str, host: str) -> bool:
    """RFC 6125 section 6.4: a wildcard stands for the whole leftmost label."""
    try:
        return ip_address(name) == ip_address(host)
    except ValueError:
        pass
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    if name.startswith("*."):
        return name[2:] == host.partition(".")[2]
    return name == host


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
