"""What is to be pushed to whom, and what came of it. All of it is called in one thread, on the connection that holds the lock."""

import random
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import NamedTuple

import orjson
from django.db import connection, transaction
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from accounts.models import User
from accounts.tokens import account_blocked
from events.log import Entry, missed, span, tail
from integrations.models import Delivery, EventHook
from integrations.push.client import Answer
from live.rights import View
from live.views import sights_of
from projectvoice.kernel.errors import DomainError
from projectvoice.kernel.serializers import iso
from servers.access import access_server
from servers.errors import ServerBlocked
from servers.permissions import Permission

LOCK = 0x707670757368  # "pvpush"
AT_ONCE = 50  # events in one request
LOOKED_AT = 500  # of the log at a time
KEPT = 50  # attempts of each hook
GIVEN_UP_AFTER = timedelta(hours=24)
LONGEST_PAUSE = 3600.0  # seconds
GONE = 410
MAKER_LEFT = "Its maker may no longer manage webhooks here"


class Parcel(NamedTuple):
    hook_id: int
    url: str
    secret: str
    body: bytes
    events: int
    first_seq: int | None
    last_seq: int | None
    upto: int
    """Where the cursor stands when this has arrived."""


class LockLost(Exception):
    """With the connection that held it."""


def lead() -> int | None:
    """The connection by which this process is the one that pushes; None: another one is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        return _backend() if cursor.fetchone()[0] else None


def wake_all() -> int:
    """At the beginning: every hook looks for what it missed. Answers where the log ends."""
    head = span().head
    EventHook.objects.filter(disabled_at=None, next_at=None).update(next_at=Now())
    return head


def wake(leader: int, after: int) -> int:
    """The hooks of servers on which something has happened since; where the log ends now. Raises LockLost."""
    if _backend() != leader:
        raise LockLost
    while entries := tail(after, LOOKED_AT):
        servers = {entry.server_id for entry in entries if entry.server_id is not None}
        EventHook.objects.filter(server__in=servers, disabled_at=None, next_at=None).update(next_at=Now())
        after = entries[-1].seq
    return after


def due(but: Collection[int], most: int) -> list[int]:
    """Ids of hooks whose time has come, the longest waiting first."""
    hooks = EventHook.objects.filter(disabled_at=None, next_at__lte=Now()).exclude(pk__in=but)
    return list(hooks.order_by("next_at").values_list("pk", flat=True)[:most])


def take(hook_id: int) -> Parcel | None:
    """What it is to be told next; None: nothing waits. News that come from here on wake it again."""
    EventHook.objects.filter(pk=hook_id).update(next_at=None)
    hook = EventHook.objects.select_related("created_by").filter(pk=hook_id, disabled_at=None).first()
    if hook is None:
        return None
    head = span().head
    while hook.cursor < head:
        entries = missed(after=hook.cursor, upto=head, servers=[hook.server_id], conversations=[], user_id=0, most=LOOKED_AT)
        upto = entries[-1].seq if len(entries) == LOOKED_AT else head
        try:
            told = visible(hook.created_by, hook.server_id, [entry for entry in entries if entry.kind in hook.kinds])
        except ServerBlocked:
            return None
        except DomainError:
            disable(hook_id, MAKER_LEFT)
            return None
        if told:
            upto = told[AT_ONCE - 1].seq if len(told) > AT_ONCE else upto
            return parcel(hook, told[:AT_ONCE], upto)
        hook.cursor = upto
        EventHook.objects.filter(pk=hook_id).update(cursor=Greatest("cursor", upto))
    return None


def visible(user: User, server_id: int, entries: Sequence[Entry]) -> list[Entry]:
    """Those that he would hear of if he listened now. Raises as `access_server` does where he may not manage webhooks at all."""
    if not user.is_active:
        raise account_blocked(user)
    access_server(user, server_id, need=Permission.MANAGE_WEBHOOKS)
    sights = sights_of([user.pk], [server_id]).sights.get(user.pk, {})
    view = View(user.pk, user.username, sights)
    return [entry for entry in entries if view.hears(entry.kind, entry.server_id, entry.channel_id, entry.user_id)]


def parcel(hook: EventHook, entries: Sequence[Entry], upto: int) -> Parcel:
    """Without entries: a ping."""
    events = [
        {"kind": one.kind, "seq": one.seq, "at": iso(one.at), "channelId": one.channel_id, **orjson.loads(one.payload)}
        for one in entries
    ]
    body = orjson.dumps({"hookId": hook.pk, "serverId": hook.server_id, "events": events})
    first, last = (entries[0].seq, entries[-1].seq) if entries else (None, None)
    return Parcel(hook.pk, hook.url, hook.secret, body, len(entries), first, last, upto)


@transaction.atomic
def settle(sent: Parcel, answer: Answer) -> None:
    """After an attempt: the cursor goes on, or it is tried again later, or no more."""
    hook = EventHook.objects.select_for_update().filter(pk=sent.hook_id).first()
    if hook is None:
        return
    log(hook, sent, answer)
    if answer.is_good:
        hook.cursor, hook.failures, hook.failing_since = max(hook.cursor, sent.upto), 0, None
    elif hook.disabled_at is None:
        hook.failures, hook.failing_since = hook.failures + 1, hook.failing_since or timezone.now()
        hook.next_at = timezone.now() + timedelta(seconds=pause(hook.failures))
        if why := _hopeless(hook, answer):
            hook.disabled_at, hook.disabled_reason = timezone.now(), why
    hook.save()


def log(hook: EventHook, sent: Parcel, answer: Answer) -> None:
    Delivery.objects.create(
        hook=hook,
        status=answer.status,
        error=answer.error,
        latency_ms=answer.latency_ms,
        events=sent.events,
        first_seq=sent.first_seq,
        last_seq=sent.last_seq,
    )
    kept = hook.deliveries.order_by("-pk").values_list("pk", flat=True)[:KEPT]
    hook.deliveries.filter(pk__lt=min(kept)).delete()


def pause(failures: int) -> float:
    """Seconds until the next attempt: doubled each time, and never all at the same moment."""
    return min(2.0 ** min(failures - 1, 20), LONGEST_PAUSE) * random.uniform(0.5, 1)  # noqa: S311 - spreads, hides nothing


def disable(hook_id: int, why: str) -> None:
    EventHook.objects.filter(pk=hook_id, disabled_at=None).update(disabled_at=timezone.now(), disabled_reason=why)


def _backend() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def _hopeless(hook: EventHook, answer: Answer) -> str | None:
    if answer.status == GONE:
        return "The receiver says it is gone for good (HTTP 410)"
    if hook.failing_since and timezone.now() - hook.failing_since >= GIVEN_UP_AFTER:
        return f"No success for 24 hours; last: {answer}"
    return None
