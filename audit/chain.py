"""What an entry's hash is made of: every field as canonical JSON, the hash of the entry before it included."""

import hashlib
from datetime import UTC

import orjson

from audit.models import AuditEntry

FIELDS = (
    "log",
    "sequence",
    "actor_number",
    "actor_name",
    "action",
    "target_type",
    "target_id",
    "target_name",
    "before",
    "after",
    "reason",
    "address",
    "previous_hash",
)


def hash_of(entry: AuditEntry) -> str:
    fields = {name: getattr(entry, name) for name in FIELDS}
    fields["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).hexdigest()
