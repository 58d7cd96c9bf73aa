"""Whom the doctor examines: the public address and the settings, as one value that tests can vary."""

import time
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings

from turn.keys import secrets
from voice.ice import relay_urls, stun_urls

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Public:
    """The address by which browsers reach the instance."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """Raises ValueError for what is no address of a web page."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError(f"{url!r} is no address like https://voice.example.com")
        return cls(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme])

    @property
    def secure(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """As `Host` and `Origin` have it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True)
class Case:
    """`now` is in seconds since 1970: what is minted and compared goes by it."""

    public: Public
    now: float
    forwarded_https: bool = False
    """A proxy said so whose word does not count."""
    hosts: tuple[str, ...] = ("*",)
    origins: tuple[str, ...] = ()
    redis_url: str = ""
    stun_urls: tuple[str, ...] = ()
    """Those that are no relay of ours."""
    relay_urls: tuple[str, ...] = ()
    """As clients are told."""
    own_relay: bool = True
    """Not one of `TURN_URLS`."""
    turn_secret: str = ""
    turn_realm: str = ""
    turn_ttl: int = 3600
    """Seconds."""


def case_of(public: Public, *, forwarded_https: bool = False) -> Case:
    """As this process is set up, now."""
    relay = relay_urls(public.authority)
    return Case(
        public,
        time.time(),
        forwarded_https,
        hosts=tuple(settings.ALLOWED_HOSTS),
        origins=tuple(settings.ALLOWED_ORIGINS),
        redis_url=settings.REDIS_URL,
        stun_urls=() if settings.STUN_URLS is None and relay else tuple(stun_urls(relay)),
        relay_urls=tuple(relay),
        own_relay=not settings.TURN_URLS,
        turn_secret=secrets()[0],
        turn_realm=settings.TURN_REALM,
        turn_ttl=settings.TURN_TTL,
    )
