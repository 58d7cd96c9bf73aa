"""What the doctor says. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from projectvoice.kernel.errors import Text

PROXY = "proxy"
"""In place of a setting: the configuration of the web server in front (deploy/ has examples)."""


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    SKIPPED = "skipped"


class Check(NamedTuple):
    """`setting` is what to change, None where nothing is wrong. `detail` is what was seen, in no language."""

    name: str
    status: Verdict
    finding: Text
    setting: str | None = None
    detail: str = ""


class Report(NamedTuple):
    checks: tuple[Check, ...]

    @property
    def healthy(self) -> bool:
        return all(check.status is not Verdict.ERROR for check in self.checks)


def ok(name: str, en: str, ru: str, detail: str = "") -> Check:
    return Check(name, Verdict.OK, Text(en, ru), None, detail)


def warning(name: str, setting: str, en: str, ru: str, detail: str = "") -> Check:
    return Check(name, Verdict.WARNING, Text(en, ru), setting, detail)


def error(name: str, setting: str, en: str, ru: str, detail: str = "") -> Check:
    return Check(name, Verdict.ERROR, Text(en, ru), setting, detail)


def skipped(name: str, en: str, ru: str, setting: str | None = None) -> Check:
    return Check(name, Verdict.SKIPPED, Text(en, ru), setting)


def skipped_all(names: Iterable[str], en: str, ru: str) -> list[Check]:
    return [skipped(name, en, ru) for name in names]
