"""The one way into an audit log, and the signatures under it."""

from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.chain import hash_of
from audit.models import CHECKPOINT_EVERY, AuditCheckpoint, AuditEntry, AuditLog
from audit.signing import key_id_of, own_public_key, sign
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
    if head.length % CHECKPOINT_EVERY == 0:
        _sign(head)
    return entry


@transaction.atomic
def audit_checkpoint(log: str) -> AuditCheckpoint | None:
    """Signs the log's end as its head has it; None if it is empty, or if this key has signed there already.

    Whether the chain is sound is for the caller to know.
    """
    head = _held(log)
    signed = AuditCheckpoint.objects.filter(log=log, sequence=head.length, key_id=key_id_of(own_public_key()))
    return None if head.length == 0 or signed.exists() else _sign(head)


def _sign(head: AuditLog) -> AuditCheckpoint:
    checkpoint = AuditCheckpoint(log=head.name, sequence=head.length, hash=head.last_hash, at=timezone.now())
    sign(checkpoint)
    checkpoint.save(force_insert=True)
    return checkpoint


def _held(log: str) -> AuditLog:
    heads = AuditLog.objects.select_for_update().filter(pk=log)
    head = heads.first()
    if head is None:
        AuditLog.objects.bulk_create([AuditLog(name=log)], ignore_conflicts=True)
        head = heads.get()
    return head
