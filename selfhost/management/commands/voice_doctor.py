"""Tries what browsers will try, and names the setting that stands in the way."""

import asyncio
import json
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from selfhost.doctor.case import Public, case_of
from selfhost.doctor.examine import examine
from selfhost.doctor.words import Report


class Command(BaseCommand):
    help = "Try the page, its WebSockets, the relay, the database and Valkey. Exit code 1 if anything is an error."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", help="the public address, as browsers open it; default: http://localhost with PORT")
        parser.add_argument("--json", action="store_true", help="the answer of GET /api/voice/doctor, in English")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            public = Public.of(options["url"] or f"http://localhost:{os.environ.get('PORT', '5000')}")
        except ValueError as problem:
            raise CommandError(f"--url: {problem}") from problem
        report = asyncio.run(examine(case_of(public)))
        self.stdout.write(as_json(report) if options["json"] else as_text(report))
        if not report.healthy:
            sys.exit(1)


def as_json(report: Report) -> str:
    checks = [check._asdict() | {"finding": check.finding.en} for check in report.checks]
    return json.dumps({"checks": checks, "healthy": report.healthy}, indent=1, ensure_ascii=False)


def as_text(report: Report) -> str:
    lines = []
    for check in report.checks:
        lines.append(f"{check.status:<8} {check.name}: {check.finding.en}")
        if check.setting:
            lines.append(f"{'':<8} change {check.setting}")
        if check.detail:
            lines.append(f"{'':<8} ({check.detail})")
    lines.append("Healthy." if report.healthy else "Not healthy: see the errors above.")
    return "\n".join(lines)
