"""Writes of event hooks by those who manage them. What deliveries write is in integrations/push/deliveries.py."""

import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.services import Target
from events.log import span
from integrations.errors import EventHookNotFound
from integrations.models import EventHook
from projectvoice.kernel.limits import Limit
from servers.access import Access
from servers.errors import TooMany
from servers.journal import record, state_of
from servers.services.servers import access_locked

HOOKS_PER_SERVER = 10
PINGS_PER_HOOK = Limit("event-hook-ping", most=10, window=60)
FIELDS = ("url", "kinds")


@transaction.atomic
def event_hook_create(*, access: Access, url: str, kinds: list[str]) -> EventHook:
    """Tells what happens from now on."""
    access = access_locked(access)
    if access.server.event_hooks.count() >= HOOKS_PER_SERVER:
        raise TooMany(HOOKS_PER_SERVER)
    hook = EventHook.objects.create(
        server=access.server,
        created_by=access.member.user,
        url=url,
        kinds=sorted(set(kinds)),
        secret=secrets.token_urlsafe(32),
        cursor=span().head,
    )
    record(access, "event-hook.create", _target(hook), after=state_of(hook, *FIELDS))
    return hook


@transaction.atomic
def event_hook_update(*, access: Access, hook: EventHook, is_enabled: bool | None = None, **changes: Any) -> EventHook:
    """What waited is tried at once. Enabled again it tells what happens from then on."""
    access = access_locked(access)
    hook = _held(hook)
    before = state_of(hook, *FIELDS, "disabled_reason")
    hook.url = changes.get("url", hook.url)
    hook.kinds = sorted(set(changes.get("kinds", hook.kinds)))
    if is_enabled and hook.disabled_at:
        hook.disabled_at, hook.disabled_reason, hook.cursor = None, None, span().head
    elif is_enabled is False and not hook.disabled_at:
        hook.disabled_at, hook.disabled_reason = timezone.now(), f"By {access.member.user.username}"
    hook.failures, hook.failing_since, hook.next_at = 0, None, timezone.now()
    hook.save()
    after = state_of(hook, *FIELDS, "disabled_reason")
    if after != before:
        record(access, "event-hook.update", _target(hook), before=before, after=after)
    return hook


@transaction.atomic
def event_hook_delete(*, access: Access, hook: EventHook) -> None:
    access = access_locked(access)
    hook = _held(hook)
    target, before = _target(hook), state_of(hook, *FIELDS)
    hook.delete()
    record(access, "event-hook.delete", target, before=before)


def _held(hook: EventHook) -> EventHook:
    held = EventHook.objects.select_for_update().filter(pk=hook.pk).first()
    if held is None:
        raise EventHookNotFound
    return held


def _target(hook: EventHook) -> Target:
    return Target("event-hook", hook.pk, "")  # its address may hold a secret of the receiver's
