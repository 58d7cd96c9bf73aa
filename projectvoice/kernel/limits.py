"""Counts attempts in fixed windows, in Valkey, so that a limit holds over all processes."""

import hashlib
import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from prometheus_client import Counter
from redis.exceptions import RedisError

from projectvoice.kernel.errors import TooManyRequests
from telemetry.registry import OWN

logger = logging.getLogger(__name__)

THROTTLED = Counter("projectvoice_throttled_total", "Attempts that a limit refused, by the limit.", ["limit"], registry=OWN)


@dataclass(frozen=True)
class Limit:
    """At most `most` attempts per subject in `window` seconds. `RATE_LIMITS=off` switches all limits off."""

    name: str
    most: int
    window: int

    def take(self, subject: str) -> None:
        """Count one attempt before it is made, so that parallel ones cannot slip through. Raises TooManyRequests."""
        if not settings.RATE_LIMITS:
            return
        if self._count(subject, 1) > self.most:
            THROTTLED.labels(self.name).inc()
            raise TooManyRequests(retry_after=self.window - int(time.time()) % self.window)

    def give_back(self, subject: str) -> None:
        """The attempt was a good one and shall not count."""
        if settings.RATE_LIMITS:
            self._count(subject, -1)

    def _count(self, subject: str, step: int) -> int:
        digest = hashlib.sha256(subject.encode()).hexdigest()[:32]  # no e-mail address leaves the database
        key = f"limit:{self.name}:{int(time.time()) // self.window}:{digest}"
        try:
            return self._count_in("default", key, step)
        except (RedisError, OSError):
            logger.warning("Valkey does not answer: this process counts %s by itself", self.name)
            return self._count_in("local", key, step)

    def _count_in(self, alias: str, key: str, step: int) -> int:
        cache = caches[alias]
        cache.add(key, 0, timeout=self.window)
        try:
            return int(cache.incr(key, step))
        except ValueError:  # evicted between the two calls
            return step
