"""Checkpoints as lines of JSON, to be kept where nobody who owns the database can reach them."""

from collections.abc import Iterable
from datetime import UTC, datetime

import orjson

from audit.models import AuditCheckpoint

TEXTS = {"log": "log", "hash": "hash", "keyId": "key_id", "signature": "signature"}


class NotACheckpoint(Exception):
    pass


def line_of(checkpoint: AuditCheckpoint) -> str:
    texts = {name: getattr(checkpoint, field) for name, field in TEXTS.items()}
    at = checkpoint.at.astimezone(UTC).isoformat(timespec="microseconds")
    return orjson.dumps({"sequence": checkpoint.sequence, "at": at, **texts}, option=orjson.OPT_SORT_KEYS).decode()


def checkpoints_of(lines: Iterable[str]) -> list[AuditCheckpoint]:
    """Not saved ones; blank lines are passed over. Raises NotACheckpoint with the number of the line."""
    return [_checkpoint_of(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def _checkpoint_of(line: str, number: int) -> AuditCheckpoint:
    try:
        read = orjson.loads(line)
        texts = {field: read[name] for name, field in TEXTS.items()}
        checkpoint = AuditCheckpoint(sequence=read["sequence"], at=datetime.fromisoformat(read["at"]).astimezone(UTC), **texts)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise NotACheckpoint(f"line {number} is no checkpoint") from error
    if type(checkpoint.sequence) is not int or checkpoint.sequence < 1 or {*map(type, texts.values())} != {str}:
        raise NotACheckpoint(f"line {number} is no checkpoint")
    return checkpoint
