"""Asks for a WebSocket as a browser does, and reads no more of the answer than its head."""

import asyncio
import re
import secrets
from base64 import b64encode
from typing import Final, NamedTuple

from selfhost.doctor.addresses import Host
from selfhost.doctor.case import Public
from selfhost.doctor.certificate import trusting
from selfhost.doctor.waiting import CONNECT
from selfhost.doctor.words import PROXY, Check, error, ok
from voice.wire.handshake import VERSION, accept_key

ADDRESSES: Final = {
    "websocket-socketio": "/socket.io/?EIO=4&transport=websocket",
    "websocket-socket": "/socket/?EIO=4&transport=websocket",
    "websocket-bare": "/ws",
}
LONGEST_HEAD: Final = 16_384
SWITCHING: Final = 101
UNREACHED: Final = frozenset({502, 503, 504})


class Answer(NamedTuple):
    status: int
    """0: something that is no HTTP, or nothing before the connection ended."""
    upgraded: bool
    """With the one answer that only who understood the question can give."""


async def ask(address: Host, public: Public, path: str, *, origin: bool) -> Answer:
    """Raises OSError, TimeoutError."""
    key = b64encode(secrets.token_bytes(16)).decode()
    headers = {
        "Host": public.authority,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": VERSION,
        "Sec-WebSocket-Key": key,
    }
    if origin:
        headers["Origin"] = public.origin
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    context = trusting() if public.secure else None
    async with asyncio.timeout(CONNECT):
        reader, writer = await asyncio.open_connection(
            str(address), public.port, limit=LONGEST_HEAD, ssl=context, server_hostname=context and public.host
        )
        try:
            writer.write(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
            return _read(await reader.readuntil(b"\r\n\r\n"), accept_key("GET", headers))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return Answer(0, upgraded=False)
        finally:
            writer.transport.abort()


def _read(head: bytes, accept: str) -> Answer:
    status = re.match(rb"HTTP/1\.[01] ([0-9]{3})", head)
    accepted = re.search(rb"\r\nsec-websocket-accept:[ \t]*([^\r\n]*?)[ \t]*\r\n", head, re.IGNORECASE)
    code = int(status[1]) if status else 0
    return Answer(code, code == SWITCHING and accepted is not None and accepted[1] == accept.encode())


async def examine(name: str, address: Host, public: Public) -> Check:
    path = ADDRESSES[name].partition("?")[0]
    try:
        answer = await ask(address, public, ADDRESSES[name], origin=True)
        homeless = answer if answer.upgraded else await ask(address, public, ADDRESSES[name], origin=False)
    except OSError as problem:  # TimeoutError is one
        return error(
            name,
            PROXY,
            f"The connection ends or falls silent when a WebSocket is asked for at {path}",
            f"Соединение обрывается или молчит в ответ на запрос WebSocket по адресу {path}",
            type(problem).__name__,
        )
    return judge(name, public, path, answer, homeless)


def judge(name: str, public: Public, path: str, answer: Answer, homeless: Answer) -> Check:
    """`homeless` is the answer to the same question without an `Origin`."""
    detail = f"{public.origin}{path}: HTTP {answer.status}"
    if answer.upgraded:
        return ok(name, f"WebSockets open at {path}", f"WebSocket открывается по адресу {path}", detail)
    if homeless.upgraded:
        return error(
            name,
            "ALLOWED_ORIGINS",
            f"WebSockets at {path} are refused to pages of {public.origin}: name it, or let the proxy hand on the header Host",
            f"WebSocket по адресу {path} закрыт для страниц {public.origin}: разрешите их или пусть прокси передаёт заголовок Host",
            detail,
        )
    if answer.status == 403:
        return error(
            name,
            "TRUSTED_PROXIES",
            f"WebSockets at {path} are refused: the proxy's address has as many as MAX_CONNECTIONS_PER_ADDRESS allows",
            f"WebSocket по адресу {path} отклонён: у адреса прокси уже MAX_CONNECTIONS_PER_ADDRESS соединений",
            detail,
        )
    if answer.status == 404:
        return error(
            name,
            PROXY,
            f"The proxy answers {path} itself: it must hand it on to the instance",
            f"На {path} отвечает сам прокси: он должен передавать запросы серверу",
            detail,
        )
    if answer.status in UNREACHED:
        return error(
            name,
            PROXY,
            f"The proxy does not reach the web process at {path}",
            f"Прокси не достигает сервера по адресу {path}",
            detail,
        )
    return error(
        name,
        PROXY,
        f"WebSockets do not open at {path}: the proxy must hand on the headers Upgrade and Connection",
        f"WebSocket по адресу {path} не открывается: прокси должен передавать заголовки Upgrade и Connection",
        detail,
    )
