"""Checks that nobody has touched the audit logs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management.base import CommandError

from audit.lines import NotACheckpoint, checkpoints_of
from audit.models import AuditCheckpoint, AuditLog
from audit.selectors import audit_fault, audit_logs
from audit.signing import Keys, by_id
from projectvoice.kernel.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Walk the audit logs and name the first entry that was changed, removed or reordered. Exit 1 if there is one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--log", help="only this log")
        parser.add_argument(
            "--checkpoints",
            metavar="FILE",
            nargs="+",
            type=Path,
            default=[],
            help="what audit_checkpoint --export wrote, kept elsewhere: finds a log that was forged or cut as a whole",
        )
        parser.add_argument(
            "--public-key",
            metavar="HEX",
            action="append",
            default=[],
            help="trust signatures of this key, and of no other that is not given too: needs no private key",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keys, kept = _keys(options["public_key"]), _kept(options["checkpoints"])
        known = sorted({*audit_logs(), *(checkpoint.log for checkpoint in kept)})
        if options["log"] and options["log"] not in known:
            raise CommandError(f"There is no audit log {options['log']}")
        faults = []
        for log in [options["log"]] if options["log"] else known:
            if fault := audit_fault(log, keys, [checkpoint for checkpoint in kept if checkpoint.log == log]):
                faults.append(f"{log}: {fault}")
            else:
                head, signed = AuditLog.objects.get(pk=log), AuditCheckpoint.objects.filter(log=log).count()
                self.stdout.write(f"{log}: {head.length} entries, {signed} checkpoints, unbroken; last hash {head.last_hash}")
        if faults:
            raise CommandError("\n".join(faults))


def _keys(given: list[str]) -> Keys | None:
    try:
        return by_id(*(Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in given)) or None
    except ValueError as error:
        raise CommandError("--public-key must be 64 hexadecimal digits, as audit_checkpoint prints them") from error


def _kept(files: list[Path]) -> list[AuditCheckpoint]:
    kept = []
    for file in files:
        try:
            kept += checkpoints_of(file.read_text().splitlines())
        except (OSError, UnicodeDecodeError, NotACheckpoint) as error:
            raise CommandError(f"{file}: {error}") from error
    return kept
