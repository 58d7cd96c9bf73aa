"""Reads of audit logs, and the check of their chains."""

from collections.abc import Iterator

from django.db.models import Max

from audit.chain import hash_of
from audit.models import GENESIS, AuditEntry, AuditLog
from projectvoice.kernel.pagination import Page

BATCH = 1000


def audit_page(log: str, page: Page) -> tuple[list[AuditEntry], int]:
    """A page, newest first, and the number of entries."""
    total = AuditLog.objects.filter(pk=log).values_list("length", flat=True).first() or 0
    newest = total - (page.number - 1) * page.limit
    rows = AuditEntry.objects.filter(log=log, sequence__lte=newest, sequence__gt=newest - page.limit)
    return list(rows.order_by("-sequence")), total


def audit_logs() -> list[str]:
    """Every log there is: those with a head, and those whose head somebody took away."""
    headless = AuditEntry.objects.exclude(log__in=AuditLog.objects.values("name")).values_list("log", flat=True).distinct()
    return sorted({*AuditLog.objects.values_list("name", flat=True), *headless})


def audit_fault(log: str) -> str | None:
    """The first thing that is wrong with a log's chain, in words; None if nothing is.

    Entries that are added meanwhile do not disturb it. Who may write to the database can also forge a whole new chain:
    that shows only against a last hash kept elsewhere.
    """
    head = AuditLog.objects.filter(pk=log).first() or AuditLog(name=log)
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
    if sequence != head.length:
        return f"entry {sequence + 1} was removed: the log ends at {sequence}, its head counts {head.length}"
    if last_hash != head.last_hash:
        return f"entry {sequence} is not the one that the log's head knows"
    newest = AuditEntry.objects.filter(log=log).aggregate(newest=Max("sequence"))["newest"] or 0
    length = AuditLog.objects.filter(pk=log).values_list("length", flat=True).first() or 0
    if newest > length:  # in this order: an entry that is being added comes with its head
        return f"entry {length + 1} is not counted by the log's head"
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
