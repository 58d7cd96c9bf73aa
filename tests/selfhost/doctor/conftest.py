"""A case in which all is well, and how to make it worse."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

import pytest
from django.conf import settings

from selfhost.doctor.case import Case, Public
from selfhost.doctor.words import Check, Report, Verdict
from tests.certificates import Authority
from tests.selfhost.doctor.relays import REALM, SECRET, Place, Wishes, running

OTHER_SECRET = "Of-the-relay-alone-9FgS2aE4q8Zr1vXy"
SHARED = {Wishes(), Wishes(secret=OTHER_SECRET)}
Start = Callable[..., AbstractContextManager[Place]]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Whom this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    return authority


@pytest.fixture(scope="module")
def kept() -> Iterator[Callable[[str, Wishes], AbstractContextManager[Place]]]:
    """Relays that several tests of a file ask for go on running."""
    places: dict[tuple[str, Wishes], Place] = {}
    with ExitStack() as stack:

        def start(kind: str, wishes: Wishes) -> AbstractContextManager[Place]:
            if wishes not in SHARED:
                return running(kind, wishes)
            if (kind, wishes) not in places:
                places[kind, wishes] = stack.enter_context(running(kind, wishes))
            return nullcontext(places[kind, wishes])

        yield start


@pytest.fixture(params=["coturn", "ours"])
def start(request: pytest.FixtureRequest, kept: Any) -> Start:
    """`with start(secret="other") as place`: a relay runs."""
    return lambda **wishes: kept(request.param, Wishes(**wishes))


@pytest.fixture
def coturn(kept: Any) -> Start:
    """For what is the same whoever's the relay is, and what ours does not do."""
    return lambda **wishes: kept("coturn", Wishes(**wishes))


@pytest.fixture
def ours(kept: Any) -> Start:
    return lambda **wishes: kept("ours", Wishes(**wishes))


HOME = Public("http", "localhost", 1)


def case(
    public: Public = HOME,
    place: Place | None = None,
    *,
    host: str = "localhost",
    tls: bool = False,
    urls: tuple[str, ...] = (),
    **changed: Any,
) -> Case:
    """Set up as in relays.py, with what is changed. `urls` are of another's relay; without them and a place there is none."""
    own = [f"turn:{host}:{place.port}?transport={transport}" for transport in ("udp", "tcp")] if place else []
    own += [f"turns:{host}:{place.tls_port}?transport=tcp"] if place and tls else []
    return Case(
        public=public,
        **{
            "now": time.time(),
            "origins": (public.origin,),
            "redis_url": settings.REDIS_URL,
            "relay_urls": urls or tuple(own),
            "own_relay": not urls,
            "turn_secret": SECRET,
            "turn_realm": REALM,
            **changed,
        },
    )


def ills(found: Report | list[Check]) -> set[tuple[str, str, str | None]]:
    """All that is not well: name, status, the setting to change. What is only skipped is not ill."""
    checks = found.checks if isinstance(found, Report) else found
    return {
        (check.name, check.status.value, check.setting) for check in checks if check.status in {Verdict.WARNING, Verdict.ERROR}
    }


def of(found: Report | list[Check], name: str) -> Check:
    checks = found.checks if isinstance(found, Report) else found
    (check,) = (check for check in checks if check.name == name)
    return check
