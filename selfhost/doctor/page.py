"""The page: reached over https, with a good certificate, from an allowed origin, and its WebSockets open."""

import asyncio
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host

from selfhost.doctor import certificate, upgrade
from selfhost.doctor.addresses import Host, resolve
from selfhost.doctor.case import PORTS, Case, Public
from selfhost.doctor.waiting import CONNECT
from selfhost.doctor.words import PROXY, Check, error, ok, skipped_all, warning

CERTIFICATE = "page-certificate"
BEHIND_IT = (CERTIFICATE, *upgrade.ADDRESSES)


async def page(case: Case) -> list[Check]:
    public = case.public
    try:
        address = await resolve(public.host)
    except OSError:
        unknown = error(
            "page",
            "ALLOWED_HOSTS",
            f"The name {public.host} stands for no address",
            f"Имя {public.host} не соответствует никакому адресу",
            public.origin,
        )
        return [unknown, *_not_reached()]
    if problem := await _out_of_reach(address, public):
        unreached = warning(
            "page",
            PROXY,
            "The page does not answer from here: is its port open? A router may also keep its own network from its outer address",
            "Страница отсюда недоступна: открыт ли порт? Маршрутизатор может и не пускать свою сеть на внешний адрес",
            f"{public.origin} ({address}): {problem}",
        )
        return [unreached, *_not_reached()]
    checks = [_secure(case, address)]
    if public.secure:
        shown = await _certificate(case, address)
        if isinstance(shown, str):
            silent = error(CERTIFICATE, PROXY, "The port speaks no TLS", "Порт не говорит на TLS", f"{public.origin}: {shown}")
            return [*checks, silent, *_not_reached(upgrade.ADDRESSES)]
        checks.append(certificate.judge(CERTIFICATE, PROXY, public.host, shown, certificate.moment(case.now)))
    return [*checks, *await asyncio.gather(*(upgrade.examine(name, address, public) for name in upgrade.ADDRESSES))]


def _not_reached(names: Iterable[str] = BEHIND_IT) -> list[Check]:
    return skipped_all(names, "The page was not reached", "Страница недоступна")


async def _out_of_reach(address: Host, public: Public) -> str:
    try:
        async with asyncio.timeout(CONNECT):
            _, writer = await asyncio.open_connection(str(address), public.port)
    except OSError as problem:
        return type(problem).__name__
    writer.transport.abort()
    return ""


def _secure(case: Case, address: Host) -> Check:
    public, detail = case.public, f"{case.public.origin} ({address})"
    if public.secure:
        return ok("page", "The page comes over https", "Страница открывается по https", detail)
    if public.host == "localhost" or public.host.endswith(".localhost") or address.is_loopback:
        return ok(
            "page",
            "On the machine itself browsers give the microphone without https",
            "На самой машине браузеры дают микрофон и без https",
            detail,
        )
    if case.forwarded_https:
        return warning(
            "page",
            "TRUSTED_PROXIES",
            "A proxy says that the page came over https, and is not believed: name its address",
            "Прокси сообщает, что страница открыта по https, но ему нет веры: укажите его адрес",
            detail,
        )
    return error(
        "page",
        PROXY,
        "The page comes without https: browsers will give it no microphone",
        "Страница открывается без https: браузеры не дадут ей микрофон",
        detail,
    )


async def _certificate(case: Case, address: Host) -> certificate.Shown | str:
    """Or why there is none."""
    try:
        return await certificate.look(address, case.public.port, case.public.host)
    except OSError as problem:
        return type(problem).__name__


async def origins(case: Case) -> list[Check]:
    public = case.public
    for origin in case.origins:
        if origin != "*" and not _is_origin(origin):
            return [
                error(
                    "origins",
                    "ALLOWED_ORIGINS",
                    f"{origin} is no origin and allows nothing: it reads https://host, without a path or a slash at the end",
                    f"{origin} ничего не разрешает: пишется https://имя, без пути и косой черты в конце",
                    ", ".join(case.origins),
                )
            ]
    detail = f"{public.origin}: {', '.join(case.origins) or 'none'}"
    if "*" in case.origins and public.secure:
        return [
            warning(
                "origins",
                "ALLOWED_ORIGINS",
                f"Pages of everybody may call this instance. Where that is not meant: {public.origin}",
                f"К серверу могут обращаться любые страницы. Если это не нужно: {public.origin}",
                detail,
            )
        ]
    if "*" not in case.origins and public.origin not in case.origins:
        return [
            warning(
                "origins",
                "ALLOWED_ORIGINS",
                f"{public.origin} is not in the list: its page works only as long as every proxy hands on the header Host",
                f"{public.origin} нет в списке: страница работает, только пока все прокси передают заголовок Host",
                detail,
            )
        ]
    return [ok("origins", "The page's origin is allowed", "Источник страницы разрешён", detail)]


def _is_origin(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        public = Public.of(origin)
    except ValueError:
        return False
    return (
        parts.scheme in PORTS
        and origin == f"{parts.scheme}://{parts.netloc}"
        and "@" not in parts.netloc
        and public.host != "*"
    )


async def hosts(case: Case) -> list[Check]:
    public = case.public
    if validate_host(split_domain_port(public.authority)[0], list(case.hosts)):
        return [ok("hosts", f"Answers to the name {public.host}", f"Отвечает на имя {public.host}", ", ".join(case.hosts))]
    return [
        error(
            "hosts",
            "ALLOWED_HOSTS",
            f"The instance refuses every request for {public.host}",
            f"Сервер отклоняет все запросы к {public.host}",
            ", ".join(case.hosts),
        )
    ]
