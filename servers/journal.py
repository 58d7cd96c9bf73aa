"""The audit log of one server: who of its people changed what, on whom, and why he says he did."""

from typing import Any

from django.db.models import Model

from audit.services import State, Target, audit_record
from servers.access import Access
from servers.models import Category, Channel, Invite, Member, Role, Server


def log_of(server_id: int) -> str:
    return f"server:{server_id}"


def record(access: Access, action: str, on: Model | Target, *, before: State | None = None, after: State | None = None) -> None:
    """Within the act's transaction, as its last step."""
    audit_record(
        log=log_of(access.server.pk),
        actor=access.member.user,
        action=action,
        target=on if isinstance(on, Target) else target_of(on),
        before=before,
        after=after,
        reason=access.reason,
    )


def record_change(access: Access, action: str, on: Model, before: State, after: State) -> None:
    """Only the fields that changed; nothing if none did."""
    changed = [name for name in after if before.get(name) != after[name]]
    if changed:
        record(access, action, on, before={k: before.get(k) for k in changed}, after={k: after[k] for k in changed})


def target_of(row: Model) -> Target:
    """Called before the row is deleted: afterwards it has no id."""
    match row:
        case Member():
            return Target("member", row.user_id, row.user.username)
        case Server() | Category() | Channel() | Role():
            return Target(type(row).__name__.lower(), row.pk, row.name)
        case Invite():
            return Target("invite", row.pk, "")  # its token still opens the door
    raise TypeError(row)


def state_of(row: Model, *fields: str) -> State:
    return {name: _plain(getattr(row, name)) for name in fields}


def _plain(value: Any) -> str | int | bool | None:
    """As the log keeps it: whole numbers beyond JavaScript's as text."""
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 2**53):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
