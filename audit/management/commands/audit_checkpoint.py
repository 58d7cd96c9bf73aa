"""Signs the audit logs as they stand."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit.lines import line_of
from audit.models import AuditLog
from audit.selectors import audit_checkpoints, audit_fault
from audit.services import audit_checkpoint
from audit.signing import own_public_key
from projectvoice.kernel.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Sign the end of every audit log. A log that somebody has touched is not signed: exit 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--export", action="store_true", help="print all checkpoints as lines of JSON, to keep elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        faults, signed = [], []
        for log in AuditLog.objects.order_by("name").values_list("name", flat=True):
            if fault := audit_fault(log):
                faults.append(f"{log}: {fault}")
            elif checkpoint := audit_checkpoint(log):
                signed.append(checkpoint)
        if options["export"]:
            for checkpoint in audit_checkpoints():
                self.stdout.write(line_of(checkpoint))
        else:
            for checkpoint in signed:
                self.stdout.write(f"{checkpoint.log}: entry {checkpoint.sequence} signed by {checkpoint.key_id}")
            self.stdout.write(f"Public key: {own_public_key().public_bytes_raw().hex()}")
        if faults:
            raise CommandError("\n".join(["Not signed:", *faults]))
