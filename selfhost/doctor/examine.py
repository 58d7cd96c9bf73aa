"""One examination: all probes side by side, each with an end, one examination at a time in a process."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Final

from projectvoice.kernel.errors import Unavailable
from selfhost.doctor.case import Case
from selfhost.doctor.page import hosts, origins, page
from selfhost.doctor.reach import stun
from selfhost.doctor.relay import relay
from selfhost.doctor.storage import database, valkey
from selfhost.doctor.waiting import ALTOGETHER
from selfhost.doctor.words import Check, Report, error

logger = logging.getLogger(__name__)

Probe = Callable[[Case], Awaitable[list[Check]]]
PROBES: Final[dict[Probe, tuple[str, str]]] = {
    database: ("database", "DATABASE_URL"),
    valkey: ("valkey", "REDIS_URL"),
    hosts: ("hosts", "ALLOWED_HOSTS"),
    origins: ("origins", "ALLOWED_ORIGINS"),
    page: ("page", "ALLOWED_HOSTS"),
    stun: ("stun", "STUN_URLS"),
    relay: ("turn", "TURN_URLS"),
}
"""In the order of the report; each with the name and the setting that stand for it if it does not come to an end."""
FRESH: Final = 5.0
"""Seconds that an answer is repeated to whoever asks the same."""

_one_at_a_time = threading.Lock()
_last: tuple[float, object, Report] | None = None


async def examine(case: Case) -> Report:
    """Never raises: a probe that fails is a finding. Takes ALTOGETHER seconds at most."""
    found = await asyncio.gather(*(_bounded(probe, case) for probe in PROBES))
    return Report(tuple(check for checks in found for check in checks))


async def _bounded(probe: Probe, case: Case) -> list[Check]:
    name, setting = PROBES[probe]
    try:
        async with asyncio.timeout(ALTOGETHER):
            return await probe(case)
    except TimeoutError:
        return [
            error(
                name,
                setting,
                "The examination took too long: something answers very slowly",
                "Проверка не уложилась в срок: что-то отвечает очень медленно",
            )
        ]
    except Exception as problem:
        logger.exception("the probe %s failed", name)
        return [error(name, setting, "The examination itself failed", "Проверка не удалась", type(problem).__name__)]


def examined(case: Case) -> Report:
    """For a request: whoever comes while another is examined waits for that, and shares its answer if he asks the same.

    Raises Unavailable if too many wait.
    """
    global _last
    asked = (case.public, case.forwarded_https)
    if not _one_at_a_time.acquire(timeout=ALTOGETHER + 1):
        raise Unavailable
    try:
        if _last is not None and time.monotonic() - _last[0] < FRESH and _last[1] == asked:
            return _last[2]
        report = asyncio.run(examine(case))
        _last = time.monotonic(), asked, report
        return report
    finally:
        _one_at_a_time.release()
