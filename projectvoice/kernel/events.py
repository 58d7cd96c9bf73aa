"""What rooms tell the running calls and the relay, over the channel layer, once the transaction is committed."""

import asyncio
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

from asgiref.sync import async_to_sync
from channels.layers import BaseChannelLayer, get_channel_layer
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

GROUP = "news"
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


@dataclass(frozen=True)
class MemberMoved:
    """If he sits in a call of that server, he goes on in this voice channel of it, however full; None: he is put out."""

    user_id: int
    server_id: int
    channel_id: int | None


@dataclass(frozen=True)
class AccessEnded:
    """He was kicked, banned, blocked or deleted, or a session of his was ended: the relay carries nothing more for him.

    Said beside AccessChanged, which also tells of rights that are merely other than before.
    """

    user_id: int


Event = AccessChanged | MemberMoved | AccessEnded
KINDS: Final[dict[str, type[Event]]] = {kind.__name__: kind for kind in (AccessChanged, MemberMoved, AccessEnded)}


def event_of(message: Mapping[str, Any]) -> Event:
    """What a message of the group says."""
    return KINDS[message["type"]](**{name: value for name, value in message.items() if name != "type"})


def publish_on_commit(event: Event) -> None:
    """Nothing is said of a write that was rolled back. While the bus is away, the calls' own sweep finds changed rights;
    a move is lost.
    """
    transaction.on_commit(partial(_publish, event))


def bus() -> BaseChannelLayer:
    layer = get_channel_layer()
    if layer is None:
        raise ImproperlyConfigured("CHANNEL_LAYERS has no default")
    return layer


def use_loop(loop: asyncio.AbstractEventLoop) -> None:
    """What is published from here on goes over the bus connection of this loop, which runs in another thread."""
    _loop.set(loop)


def loop_of_sockets() -> asyncio.AbstractEventLoop | None:
    """The loop that this thread's request came in by; None where there are no sockets beside it."""
    return _loop.get()


def _publish(event: Event) -> None:
    loop = _loop.get()
    try:
        if loop is None:
            async_to_sync(_send)(event)
        else:
            asyncio.run_coroutine_threadsafe(_send(event), loop).result()
    except (TimeoutError, OSError, RedisError):
        logger.warning("The bus does not answer: nobody hears of %s", event)


async def _send(event: Event) -> None:
    async with asyncio.timeout(PATIENCE):
        await bus().group_send(GROUP, {"type": type(event).__name__, **asdict(event)})
