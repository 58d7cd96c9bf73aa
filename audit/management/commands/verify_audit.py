"""Checks that nobody has touched the audit logs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.models import AuditLog
from audit.selectors import audit_fault, audit_logs


class Command(BaseCommand):
    help = "Walk the audit logs and name the first entry that was changed, removed or reordered. Exit 1 if there is one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--log", help="only this log")

    def handle(self, *args: Any, **options: Any) -> None:
        known = audit_logs()
        if options["log"] and options["log"] not in known:
            raise CommandError(f"There is no audit log {options['log']}")
        faults = []
        for log in [options["log"]] if options["log"] else known:
            if fault := audit_fault(log):
                faults.append(f"{log}: {fault}")
            else:
                head = AuditLog.objects.get(pk=log)
                self.stdout.write(f"{log}: {head.length} entries, unbroken; last hash {head.last_hash}")
        if faults:
            raise CommandError("\n".join(faults))
