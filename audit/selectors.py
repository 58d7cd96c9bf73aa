"""Reads of audit logs, and the check of their chains and signatures."""

from collections.abc import Iterable, Iterator

from django.db.models import Max

from audit.chain import hash_of
from audit.models import CHECKPOINT_EVERY, GENESIS, AuditCheckpoint, AuditEntry, AuditLog
from audit.signing import Keys, is_signed, trusted_keys
from projectvoice.kernel.pagination import Page

BATCH = 1000


def audit_page(log: str, page: Page, **only: object) -> tuple[list[AuditEntry], int]:
    """A page, newest first, and the number of entries. `only`: what fields of theirs are to be."""
    if only:
        entries = AuditEntry.objects.filter(log=log, **only)
        return list(entries.order_by("-sequence")[page.rows]), entries.count()
    total = AuditLog.objects.filter(pk=log).values_list("length", flat=True).first() or 0
    newest = total - (page.number - 1) * page.limit
    rows = AuditEntry.objects.filter(log=log, sequence__lte=newest, sequence__gt=newest - page.limit)
    return list(rows.order_by("-sequence")), total


def audit_newest_checkpoint(log: str) -> AuditCheckpoint | None:
    return AuditCheckpoint.objects.filter(log=log).order_by("-sequence", "-pk").first()


def audit_checkpoints() -> Iterator[AuditCheckpoint]:
    return AuditCheckpoint.objects.order_by("log", "sequence", "pk").iterator()


def audit_logs() -> list[str]:
    """Every log there is: those with a head, and those of which somebody left entries or signatures only."""
    heads = AuditLog.objects.values("name")
    headless = (
        table.objects.exclude(log__in=heads).values_list("log", flat=True).distinct() for table in (AuditEntry, AuditCheckpoint)
    )
    return sorted({*AuditLog.objects.values_list("name", flat=True)}.union(*headless))


def audit_fault(log: str, keys: Keys | None = None, kept: Iterable[AuditCheckpoint] = ()) -> str | None:
    """The first thing that is wrong with a log, in words; None if nothing is.

    `keys` are those whose signatures count: without them `trusted_keys`. `kept` are checkpoints of this log that
    were kept elsewhere: a tail that was cut together with its checkpoints shows only against them.
    Entries that are added meanwhile do not disturb it.
    """
    keys = keys or trusted_keys()
    head = AuditLog.objects.filter(pk=log).first() or AuditLog(name=log)
    signed = _by_sequence([*AuditCheckpoint.objects.filter(log=log), *kept])
    sequence, last_hash = 0, GENESIS
    for entry in _entries(log, head.length):
        sequence += 1
        if entry.sequence != sequence:
            return f"entry {sequence} was removed"
        if entry.hash != hash_of(entry):
            return f"entry {sequence} was changed"
        if entry.previous_hash != last_hash:
            return f"entry {sequence} does not follow the one before it: changed, replaced or reordered"
        last_hash = entry.hash
        for checkpoint in signed.pop(sequence, ()):
            if fault := _signature_fault(checkpoint, keys):
                return fault
            if checkpoint.hash != entry.hash:
                return f"entry {sequence} is not the one that was signed: the log was rewritten up to there"
        if sequence % CHECKPOINT_EVERY == 0 and not AuditCheckpoint.objects.filter(log=log, sequence=sequence).exists():
            return f"the checkpoint of entry {sequence} was removed"
    if sequence != head.length:
        return f"entry {sequence + 1} was removed: the log ends at {sequence}, its head counts {head.length}"
    if last_hash != head.last_hash:
        return f"entry {sequence} is not the one that the log's head knows"
    newest = AuditEntry.objects.filter(log=log).aggregate(newest=Max("sequence"))["newest"] or 0
    length = AuditLog.objects.filter(pk=log).values_list("length", flat=True).first() or 0
    if newest > length:  # in this order: an entry that is being added comes with its head
        return f"entry {length + 1} is not counted by the log's head"
    for checkpoint in (checkpoint for at in sorted(signed) if at > length for checkpoint in signed[at]):
        fault = _signature_fault(checkpoint, keys)
        return fault or f"entry {length + 1} was removed: the log ends at {length}, entry {checkpoint.sequence} was signed"
    return None


def _by_sequence(checkpoints: Iterable[AuditCheckpoint]) -> dict[int, list[AuditCheckpoint]]:
    found: dict[int, list[AuditCheckpoint]] = {}
    for checkpoint in checkpoints:
        found.setdefault(checkpoint.sequence, []).append(checkpoint)
    return found


def _signature_fault(checkpoint: AuditCheckpoint, keys: Keys) -> str | None:
    key = keys.get(checkpoint.key_id)
    if key is None:
        return f"the checkpoint of entry {checkpoint.sequence} is signed with a key that is not trusted: {checkpoint.key_id}"
    if not is_signed(checkpoint, key):
        return f"the checkpoint of entry {checkpoint.sequence} was forged: its signature is wrong"
    return None


def _entries(log: str, length: int) -> Iterator[AuditEntry]:
    """In their order, a bounded number at a time."""
    done = None
    while True:
        rows = AuditEntry.objects.filter(log=log, sequence__lte=length).order_by("sequence")
        batch = list((rows if done is None else rows.filter(sequence__gt=done))[:BATCH])
        if not batch:
            return
        yield from batch
        done = batch[-1].sequence
