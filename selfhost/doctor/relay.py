"""The relay: reached by every way, opened by the credentials that we mint, at an address and ports that the world reaches."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from ipaddress import ip_address
from itertools import groupby
from typing import Final

from projectvoice.kernel.errors import Text
from selfhost.doctor import reach as ways
from selfhost.doctor.addresses import Host, resolve
from selfhost.doctor.case import Case
from selfhost.doctor.client import WRONG_CREDENTIALS, Allocated, Forged, Refused, Session, dial
from selfhost.doctor.exchange import Passage, exchange
from selfhost.doctor.handed_out import judge_address, judge_mapped
from selfhost.doctor.reach import Reach
from selfhost.doctor.words import Check, Verdict, error, ok, skipped, skipped_all, warning
from turn.credentials import mint
from turn.words import Address, Transport

USER: Final = "doctor"
FAR: Final = 10 * 365 * 86_400
"""Seconds: no clock is as wrong as that."""
NEAR: Final = 60
"""Seconds that two clocks may differ without a word."""
QUOTAS: Final = {300: "TURN_ALTERNATES", 486: "TURN_ALLOCATIONS_PER_USER", 508: "TURN_ALLOCATIONS"}
DEEPER: Final = ("turn-credentials", "turn-realm", "turn-clock", "turn-address", "turn-mapped", "turn-ports")


async def relay(case: Case) -> list[Check]:
    if not case.relay_urls:
        return [skipped("turn", "The relay is switched off", "Ретранслятор выключен", "TURN")]
    own = case.own_relay
    setting = "TURN_HOST" if own else "TURN_URLS"
    servers, checks = ways.read(case.relay_urls, "turn-urls", setting)
    (addresses, unknown), page = await asyncio.gather(
        ways.look_up(servers, "turn-host" if own else "turn-urls", setting), _page(case)
    )
    names = {server.host: server for server in servers if server.host in addresses}
    private = [ways.judge_name(setting, server, addresses[host], page) for host, server in names.items()]
    checks += [*unknown, *filter(None, private)]
    if own and all(server.transport is not Transport.TLS for server in servers):
        checks.append(
            skipped(
                "turn-tls",
                "No certificate: clients whose network lets only TLS through find no way",
                "Сертификата нет: клиенты, чья сеть пропускает только TLS, не пройдут",
                "TURN_CERTIFICATE",
            )
        )
    reached = await asyncio.gather(
        *(ways.reach(server, addresses[server.host]) for server in servers if server.host in addresses)
    )
    by_host = groupby(reached, lambda each: each.server.host)
    found = await asyncio.gather(*(_examine(case, list(group), own=own) for _, group in by_host))
    return [*checks, *(check for group in found for check in group)]


async def _page(case: Case) -> Host | None:
    try:
        return await resolve(case.public.host)
    except OSError:
        return None


async def _examine(case: Case, reached: Sequence[Reach], *, own: bool) -> list[Check]:
    """One relay by all its ways, and by the first that is open all that lies behind."""
    checks = ways.judge(reached, own=own)
    certificates = [
        ways.tls_certificate(case, each, own=own)
        for each in reached
        if each.server.transport is Transport.TLS and each.trouble is None
    ]
    best = next((each for each in reached if each.trouble is None), None)
    if best is None:
        return [*checks, *skipped_all(DEEPER, "The relay was not reached", "Ретранслятор недоступен")]
    found = await asyncio.gather(*certificates, _behind(case, best, own=own))
    return [*checks, *(check for each in found for check in each)]


async def _behind(case: Case, way: Reach, *, own: bool) -> list[Check]:
    async with AsyncExitStack() as stack:
        try:
            session = await _session(case, way, case.now + case.turn_ttl, stack)
            allocated = await session.allocate()
        except (Refused, Forged, OSError) as problem:
            opened = await _why(case, way, problem, own=own)
            return [opened, *skipped_all(DEEPER[1:], "The relay does not let us in", "Ретранслятор нас не пускает")]
        checks = [_opened(session)]
        if own:
            checks.append(_realm(case, session.realm))
        checks.append(await _clock(case, way, own=own))
        checks.append(judge_address(way.address, ip_address(allocated.relayed.host), own=own))
        checks.append(judge_mapped(way, own=own))
        checks.append(await _ports(case, way, session, allocated, stack, own=own))
        return checks


async def _session(case: Case, way: Reach, expiry: float, stack: AsyncExitStack) -> Session:
    """With credentials that hold until then; its allocation ends with the stack."""
    line = await stack.enter_async_context(dial(way.address, way.server.port, way.server.transport, way.server.host))
    return await stack.enter_async_context(Session(line, *mint(case.turn_secret, USER, int(expiry))))


async def _lets_in(case: Case, way: Reach, expiry: float) -> bool:
    """Raises OSError, Refused if it is not because of the credentials."""
    async with AsyncExitStack() as stack:
        session = await _session(case, way, expiry, stack)
        try:
            await session.allocate()
        except Refused as refused:
            if refused.code != WRONG_CREDENTIALS:
                raise
            return False
        except Forged:
            return False
        return True


async def _why(case: Case, way: Reach, problem: Exception, *, own: bool) -> Check:
    """Why an allocation was refused to somebody whose credentials were minted just now."""
    name, detail = "turn-credentials", f"{way.server.url}: {problem or type(problem).__name__}"
    if isinstance(problem, Forged):
        return error(
            name,
            "TURN_SECRET",
            "The relay's answers are signed with another secret: something else stands at its address",
            "Ответы ретранслятора подписаны другим секретом: по его адресу стоит что-то другое",
            detail,
        )
    if not isinstance(problem, Refused):
        return error(
            name,
            "TURN_PORT" if own else "TURN_URLS",
            "A STUN server answers, but no relay: it does not know Allocate",
            "STUN-сервер отвечает, но это не ретранслятор: он не знает Allocate",
            detail,
        )
    if problem.code in QUOTAS:
        return error(
            name,
            QUOTAS[problem.code] if own else "TURN_URLS",
            "The relay is full, or about to stop: it has no allocation for us",
            "Ретранслятор заполнен или останавливается: места для нас нет",
            detail,
        )
    if problem.code != WRONG_CREDENTIALS or not problem.realm:
        return error(
            name,
            "TURN_PORT" if own else "TURN_URLS",
            "The relay refuses allocations, and not because of the credentials",
            "Ретранслятор отказывает, и не из-за учётных данных",
            detail,
        )
    try:
        by_clock = await _lets_in(case, way, case.now + FAR)
    except (Refused, OSError):
        by_clock = False
    if by_clock:
        return error(
            name,
            "TURN_TTL",
            "The relay's clock is ahead of ours: credentials have ended for it when they are minted. Set both clocks by NTP",
            "Часы ретранслятора спешат: для него учётные данные истекли ещё до выдачи. Сверяйте часы обеих машин по NTP",
            f"{detail}; TTL {case.turn_ttl} s",
        )
    return error(
        name,
        "TURN_SECRET",
        "The relay refuses what is minted with our secret: it has another one",
        "Ретранслятор не принимает учётные данные по нашему секрету: у него другой",
        f"{detail}; realm {problem.realm}",
    )


def _opened(session: Session) -> Check:
    if session.open_to_all:
        return error(
            "turn-credentials",
            "TURN_SECRET",
            "The relay serves everybody without credentials: strangers will use it",
            "Ретранслятор обслуживает всех без учётных данных: им воспользуются чужие",
        )
    return ok("turn-credentials", "The relay takes the credentials that we mint", "Ретранслятор принимает наши учётные данные")


def _realm(case: Case, realm: str) -> Check:
    if realm == case.turn_realm:
        return ok("turn-realm", "The relay names our realm", "Ретранслятор называет наш realm", realm)
    return warning(
        "turn-realm",
        "TURN_REALM",
        "The relay names another realm: it was started with other settings, or it is another one",
        "Ретранслятор называет другой realm: он запущен с другими настройками, или это другой ретранслятор",
        f"{realm} instead of {case.turn_realm}",
    )


async def _clock(case: Case, way: Reach, *, own: bool) -> Check:
    """Credentials that end in a minute must be taken, and those that ended a minute ago must not."""
    try:
        near, gone = await asyncio.gather(
            _lets_in(case, way, case.now + NEAR), _lets_in(case, way, case.now - NEAR), return_exceptions=False
        )
    except (Refused, OSError) as problem:
        return skipped("turn-clock", f"Could not be tried: {problem}", f"Проверить не удалось: {problem}")
    setting, detail = "TURN_TTL", f"TTL {case.turn_ttl} s"
    if not near:
        return warning(
            "turn-clock",
            setting,
            "The relay's clock is more than a minute ahead: credentials end that much earlier. Set both clocks by NTP",
            "Часы ретранслятора спешат больше чем на минуту: учётные данные истекают раньше. Сверяйте часы по NTP",
            detail,
        )
    if gone:
        return warning(
            "turn-clock",
            setting,
            "The relay's clock is more than a minute behind: credentials outlive their end. Set both clocks by NTP",
            "Часы ретранслятора отстают больше чем на минуту: учётные данные живут дольше срока. Сверяйте часы по NTP",
            detail,
        )
    return ok("turn-clock", "The clocks agree", "Часы идут одинаково", detail)


async def _ports(case: Case, way: Reach, session: Session, allocated: Allocated, stack: AsyncExitStack, *, own: bool) -> Check:
    name, setting = "turn-ports", "TURN_PORTS" if own else "TURN_URLS"
    try:
        other = await _session(case, way, case.now + case.turn_ttl, stack)
        passage = await exchange((session, allocated), (other, await other.allocate()), way)
    except Refused as refused:
        return _ports_refused(refused, allocated.relayed, own=own)
    except (Forged, OSError) as problem:
        return error(
            name, setting, "A second allocation fails", "Второе выделение не удалось", str(problem) or type(problem).__name__
        )
    return judge_passage(passage, allocated.relayed, own=own)


def _ports_refused(refused: Refused, relayed: Address, *, own: bool) -> Check:
    name, detail = "turn-ports", f"{relayed}: {refused}"
    if refused.code in QUOTAS:
        setting = QUOTAS[refused.code] if own else "TURN_URLS"
        return warning(name, setting, "There is no room for a second allocation", "Нет места для второго выделения", detail)
    return error(
        name,
        "TURN_DENIED_PEERS" if own else "TURN_URLS",
        "The relay forbids its own relayed address: two clients that both need it cannot hear each other",
        "Ретранслятор запрещает собственный адрес: два клиента, которым он нужен, не услышат друг друга",
        detail,
    )


def judge_passage(passage: Passage, relayed: Address, *, own: bool) -> Check:
    """What passed between two relayed ports, and from here to one."""
    name, detail = "turn-ports", str(relayed)
    if passage.between and passage.direct is None:
        return ok(
            name,
            "Two clients reach each other through the relay. A firewall before the machine cannot be seen from here",
            "Два клиента слышат друг друга через ретранслятор. Межсетевой экран перед машиной отсюда не виден",
            detail,
        )
    if passage.between and passage.direct:
        return ok(name, "Packets pass the relayed ports both ways", "Пакеты проходят через порты в обе стороны", detail)
    if passage.between:
        text = Text(
            "Packets from here do not reach the relayed ports: the firewall must let UDP to the whole range through",
            "Пакеты отсюда не доходят до портов: межсетевой экран должен пропускать UDP на весь диапазон",
        )
    elif passage.direct:
        return error(
            name,
            "TURN_EXTERNAL_ADDRESSES" if own else "TURN_URLS",
            "The relay does not reach its own outer address: two clients that both need it cannot hear each other",
            "Ретранслятор не достигает собственного внешнего адреса: два клиента, которым он нужен, не услышат друг друга",
            detail,
        )
    else:
        text = Text(
            "Nothing passes the relayed ports: the firewall must let UDP to the whole range through, also from the machine itself",
            "Через порты ничего не проходит: межсетевой экран должен пропускать UDP на весь диапазон, и с самой машины",
        )
    return Check(name, Verdict.ERROR, text, "TURN_PORTS" if own else "TURN_URLS", detail)
