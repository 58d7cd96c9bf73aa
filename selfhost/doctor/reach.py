"""Does a STUN or TURN server answer, by each way that clients may take to it."""

import asyncio
import ssl
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from selfhost.doctor import certificate
from selfhost.doctor.addresses import Host, Server, is_contained, is_public, resolve, server_of
from selfhost.doctor.case import Case
from selfhost.doctor.client import NotStun, Refused, binding, dial
from selfhost.doctor.words import Check, Verdict, error, ok, skipped, warning
from turn.words import Address, Transport

MOST: Final = 8
"""Servers of one list that are looked at."""
NAMES: Final = {Transport.UDP: "turn-udp", Transport.TCP: "turn-tcp", Transport.TLS: "turn-tls"}


class Trouble(Enum):
    REFUSED = auto()
    SILENT = auto()
    FOREIGN = auto()
    """Something else answers."""
    NO_TLS = auto()
    NO_ROUTE = auto()


class Reach(NamedTuple):
    """`mapped` is how the server sees our socket, `local` what the socket calls itself."""

    server: Server
    address: Host
    trouble: Trouble | None
    detail: str
    mapped: Address | None = None
    local: Address | None = None


async def reach(server: Server, address: Host) -> Reach:
    def failed(trouble: Trouble, problem: Exception) -> Reach:
        return Reach(server, address, trouble, f"{server.url} ({address}): {type(problem).__name__}")

    try:
        async with dial(address, server.port, server.transport, server.host) as line:
            try:
                mapped = await binding(line)
            except Refused:  # at least it is one
                mapped = None
            return Reach(server, address, None, f"{server.url} ({address})", mapped, line.local)
    except TimeoutError as problem:
        return failed(Trouble.SILENT, problem)
    except ConnectionRefusedError as problem:
        return failed(Trouble.REFUSED, problem)
    except (NotStun, ConnectionError) as problem:
        return failed(Trouble.FOREIGN, problem)
    except ssl.SSLError as problem:
        return failed(Trouble.NO_TLS, problem)
    except OSError as problem:
        return failed(Trouble.NO_ROUTE, problem)


def read(urls: Sequence[str], name: str, setting: str) -> tuple[list[Server], list[Check]]:
    """Those that can be read, and a finding for each that cannot."""
    servers, checks = [], []
    for url in urls[:MOST]:
        try:
            servers.append(server_of(url))
        except ValueError as why:
            checks.append(error(name, setting, f"No address of a server: {why}", f"Не адрес сервера: {why}", url))
    return servers, checks


async def look_up(servers: Sequence[Server], name: str, setting: str) -> tuple[dict[str, Host], list[Check]]:
    """By name; and a finding for each name that stands for nothing."""
    names = list(dict.fromkeys(server.host for server in servers))
    found = await asyncio.gather(*map(resolve, names), return_exceptions=True)
    addresses = {host: address for host, address in zip(names, found, strict=True) if not isinstance(address, BaseException)}
    checks = [
        error(name, setting, f"The name {host} stands for no address", f"Имя {host} не соответствует никакому адресу", host)
        for host in names
        if host not in addresses
    ]
    return addresses, checks


async def stun(case: Case) -> list[Check]:
    """The servers of `STUN_URLS`; that the relay is one too is seen elsewhere."""
    name, setting = "stun", "STUN_URLS"
    if not case.stun_urls:
        return [skipped(name, "No STUN server is named", "STUN-серверы не указаны")]
    servers, checks = read(case.stun_urls, name, setting)
    addresses, unknown = await look_up(servers, name, setting)
    there = [server for server in servers if server.host in addresses]
    reached = await asyncio.gather(*(reach(server, addresses[server.host]) for server in there))
    # A browser opens no call at all with a malformed URL, and goes without a server that is not there.
    missing = [check._replace(status=Verdict.WARNING) for check in unknown]
    return [*checks, *missing, *map(_stun, reached)]


def _stun(reached: Reach) -> Check:
    if reached.trouble is None:
        return ok("stun", "The STUN server answers", "STUN-сервер отвечает", reached.detail)
    return warning(
        "stun",
        "STUN_URLS",
        f"The STUN server {reached.server.url} does not answer from here",
        f"STUN-сервер {reached.server.url} отсюда не отвечает",
        reached.detail,
    )


def judge_name(setting: str, server: Server, address: Host, page: Host | None) -> Check | None:
    """A relay at an address that only its own machine or network knows, for a page that the world may open."""
    if page is None or not is_public(page) or is_public(address):
        return None
    whose = ("a container's address", "адрес контейнера") if is_contained(address) else ("a private address", "частный адрес")
    return error(
        "turn-host",
        setting,
        f"The relay's name {server.host} stands for {whose[0]}: clients from outside cannot reach it",
        f"Имя ретранслятора {server.host} — {whose[1]}: клиентам снаружи он недоступен",
        str(address),
    )


def judge(reached: Sequence[Reach], *, own: bool) -> list[Check]:
    """All ways to one relay together: what is silent on one while another answers is behind a firewall."""
    answers = any(each.trouble is None for each in reached)
    if own and all(each.trouble is Trouble.REFUSED for each in reached):
        return [
            error(
                "turn",
                "TURN_PORT",
                "The relay does not run: nothing listens at its ports. Start manage.py runturn",
                "Ретранслятор не запущен: на его портах никого нет. Запустите manage.py runturn",
                "; ".join(each.detail for each in reached),
            )
        ]
    return [_way(each, own=own, answers=answers) for each in reached]


def _way(reached: Reach, *, own: bool, answers: bool) -> Check:
    server, detail = reached.server, reached.detail
    name, way = NAMES[server.transport], server.transport.value.upper()
    secure = server.transport is Transport.TLS
    setting = ("TURN_TLS_PORT" if secure else "TURN_PORT") if own else "TURN_URLS"
    match reached.trouble:
        case None:
            return ok(name, f"The relay answers over {way}", f"Ретранслятор отвечает по {way}", detail)
        case Trouble.REFUSED:
            text = (
                f"Nothing listens for {way} at port {server.port}",
                f"На порту {server.port} никто не принимает {way}",
            )
        case Trouble.SILENT if answers:
            text = (
                f"A firewall stops {way} to port {server.port}: the relay answers otherwise, and not here",
                f"Межсетевой экран не пропускает {way} на порт {server.port}: иначе ретранслятор отвечает",
            )
        case Trouble.SILENT:
            text = (
                f"Silence over {way} at port {server.port}: a firewall, or the relay is not there",
                f"Молчание по {way} на порту {server.port}: межсетевой экран, или ретранслятора там нет",
            )
        case Trouble.FOREIGN:
            text = (
                f"Something that is no relay answers over {way} at port {server.port}",
                f"По {way} на порту {server.port} отвечает не ретранслятор",
            )
        case Trouble.NO_TLS:
            setting = "TURN_CERTIFICATE" if own else setting
            text = (f"Port {server.port} speaks no TLS", f"Порт {server.port} не говорит на TLS")
        case Trouble.NO_ROUTE:
            text = (f"No way from here to {reached.address}", f"Отсюда нет пути к {reached.address}")
    return error(name, setting, *text, detail)


async def tls_certificate(case: Case, reached: Reach, *, own: bool) -> list[Check]:
    name, setting = "turn-certificate", "TURN_CERTIFICATE" if own else "TURN_URLS"
    server = reached.server
    try:
        shown = await certificate.look(reached.address, server.port, server.host)
    except OSError as problem:
        text = ("The certificate could not be looked at", "Не удалось рассмотреть сертификат")
        return [warning(name, setting, *text, type(problem).__name__)]
    return [certificate.judge(name, setting, server.host, shown, certificate.moment(case.now))]
