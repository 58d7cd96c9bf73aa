"""What rooms tell the running calls, over the channel layer, once the transaction is committed."""

import asyncio
import logging
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from functools import partial

from asgiref.sync import async_to_sync
from channels.layers import BaseChannelLayer, get_channel_layer
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

GROUP = "access"
PATIENCE = 2.0  # seconds that a request waits for the bus
_loop: ContextVar[asyncio.AbstractEventLoop | None] = ContextVar("bus_loop", default=None)


@dataclass(frozen=True)
class AccessChanged:
    """Somebody's rights may be other than before: whoever holds a seat concerned asks the doors again.

    A field that is None does not narrow the circle down. The event says nothing about what was changed, so that kick,
    ban, block, log-out, role change and deletion need no rule of their own in the calls.
    """

    user_id: int | None = None
    server_id: int | None = None
    channel_id: int | None = None


def publish_on_commit(event: AccessChanged) -> None:
    """Nothing is said of a write that was rolled back. While the bus is away, the calls' own sweep finds the change."""
    transaction.on_commit(partial(_publish, event))


def bus() -> BaseChannelLayer:
    layer = get_channel_layer()
    if layer is None:
        raise ImproperlyConfigured("CHANNEL_LAYERS has no default")
    return layer


def use_loop(loop: asyncio.AbstractEventLoop) -> None:
    """What is published from here on goes over the bus connection of this loop, which runs in another thread."""
    _loop.set(loop)


def _publish(event: AccessChanged) -> None:
    loop = _loop.get()
    try:
        if loop is None:
            async_to_sync(_send)(event)
        else:
            asyncio.run_coroutine_threadsafe(_send(event), loop).result()
    except (TimeoutError, OSError, RedisError):
        logger.warning("The bus does not answer: %s is left to the sweep", event)


async def _send(event: AccessChanged) -> None:
    async with asyncio.timeout(PATIENCE):
        await bus().group_send(GROUP, {"type": "access.changed", **asdict(event)})
