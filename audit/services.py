"""The one way into an audit log."""

from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.chain import hash_of
from audit.models import AuditEntry, AuditLog
from projectvoice.kernel.address import current_address

State = dict[str, str | int | bool | None]  # no fractions: PostgreSQL may write them in another way than they came


class Target(NamedTuple):
    """What was acted upon, by value: the entry outlives it."""

    type: str
    id: int
    name: str


@transaction.atomic
def audit_record(
    *,
    log: str,
    actor: User | None,
    action: str,
    target: Target,
    before: State | None = None,
    after: State | None = None,
    reason: str | None = None,
) -> AuditEntry:
    """Appends within the caller's transaction, so that the act and its entry stand or fall together.

    Call it last: the log's head is held until the transaction ends, and every other act of this log waits for it.
    Without an `actor` the machine's own shell did it. The address is that of the request being answered.
    """
    head = _held(log)
    entry = AuditEntry(
        log=log,
        sequence=head.length + 1,
        at=timezone.now(),
        actor=actor,
        actor_number=actor.pk if actor else None,
        actor_name=actor.username if actor else "shell",
        action=action,
        target_type=target.type,
        target_id=target.id,
        target_name=target.name,
        before=before,
        after=after,
        reason=reason,
        address=current_address(),
        previous_hash=head.last_hash,
    )
    entry.hash = hash_of(entry)
    entry.save(force_insert=True)
    head.length, head.last_hash = entry.sequence, entry.hash
    head.save(force_update=True)
    return entry


def _held(log: str) -> AuditLog:
    heads = AuditLog.objects.select_for_update().filter(pk=log)
    head = heads.first()
    if head is None:
        AuditLog.objects.bulk_create([AuditLog(name=log)], ignore_conflicts=True)
        head = heads.get()
    return head
