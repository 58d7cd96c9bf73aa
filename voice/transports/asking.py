"""How sockets ask the database: in a thread, and not for longer than REST_PATIENCE, their turn included."""

import asyncio
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError

from projectvoice.kernel.errors import DomainError, Unavailable
from projectvoice.kernel.patience import waiting_at_most

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


async def ask(question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Raises Unavailable, beside what the question raises."""
    patience = settings.REST_PATIENCE
    try:
        with waiting_at_most(patience):
            async with asyncio.timeout(patience):
                return await database_sync_to_async(question, thread_sensitive=False)(*args, **kwargs)
    except DomainError as error:
        error.__traceback__ = None  # it is an answer; of the frames that it came through one holds the future that holds it
        raise
    except (OperationalError, InterfaceError, TimeoutError) as error:
        logger.error("The database does not answer a socket: %s", error or "it takes too long")
        raise Unavailable from error
