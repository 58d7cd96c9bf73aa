"""Tells a subscriber what he has missed: from the log, in pages, no faster than he reads. What happens meanwhile is held."""

import asyncio
from collections.abc import Callable
from typing import Final

from events import log
from events.log import Entry
from live import words
from live.audiences import Subscription
from live.delivery import Delivery, body_of
from live.outage import Outage
from live.threads import Threads

PAGE: Final = 200
UNREAD: Final = 512 * 1024  # bytes that may lie unread before we wait
GULP: Final = 64 * 1024  # bytes that are written without looking
WAIT: Final = 0.05

Resync = Callable[[Subscription], None]


async def replay(subscription: Subscription, delivery: Delivery, threads: Threads, resync: Resync) -> None:
    """From `subscription.after` on. In the end it is live, or told to load anew if the log no longer reaches back so far."""
    while not subscription.over:
        upto = delivery.position
        subscription.held, subscription.missed = [], False  # up to there the log has it
        if not await _tell(subscription, upto, threads):
            resync(subscription)
            return
        subscription.after = upto
        await _read(subscription)
        if not subscription.missed:
            break
    # Nothing waits from here on.
    go_live(subscription)
    if not subscription.over:
        subscription.write(subscription.head + words.frame("resumed", {"seq": delivery.position}))


def go_live(subscription: Subscription) -> None:
    for frame in subscription.held:
        subscription.write(frame)
    subscription.held = []
    subscription.live = True


async def _tell(subscription: Subscription, upto: int, threads: Threads) -> bool:
    """False: some of it is no longer kept."""
    outage = Outage("Nobody hears what he has missed")
    while not subscription.over:
        try:
            page, floor = await threads.run(_page, subscription, upto)
        except Exception as error:
            await outage.wait(error)
            continue
        outage.over()
        if floor > subscription.after:
            return False
        await _tell_page(subscription, page)
        if len(page) < PAGE:
            break
    return True


def _page(subscription: Subscription, upto: int) -> tuple[list[Entry], int]:
    """What may concern him, and then what is kept at all."""
    view = subscription.view
    if subscription.after >= upto:
        return [], 0
    entries = log.missed(
        after=subscription.after,
        upto=upto,
        servers=[server_id for server_id in view.servers if subscription.wants(server_id)],
        conversations=view.conversations,
        user_id=view.user_id,
        most=PAGE,
    )
    return entries, log.span().floor


async def _tell_page(subscription: Subscription, page: list[Entry]) -> None:
    written = 0
    for entry in page:
        if subscription.over:
            return
        if subscription.view.hears(entry.kind, entry.server_id, entry.channel_id, entry.user_id):
            frame = subscription.head + body_of(entry)
            subscription.write(frame)
            written += len(frame)
        subscription.after = entry.seq
        if written > GULP:
            written = 0
            await _read(subscription)
    await _read(subscription)


async def _read(subscription: Subscription) -> None:
    """Until he has read most of what was written."""
    await asyncio.sleep(0)
    while not subscription.over and subscription.connection.socket.backlog > UNREAD:  # noqa: ASYNC110 - no carrier tells
        await asyncio.sleep(WAIT)
