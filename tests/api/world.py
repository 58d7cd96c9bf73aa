"""One arrangement for the matrices: a server with somebody of every rank, a stranger, and a server of somebody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from rest_framework.response import Response

from accounts.models import Session, User
from audit.models import AuditEntry
from servers.models import Ban, Category, Channel, Invite, Member, Overwrite, Role, Server
from servers.permissions import Permission
from tests.factories import make_channel, make_invite, make_member, make_role, make_server, make_user

TABLES = (
    *(User, Session, Server, Category, Channel, Role, Member, Member.roles.through, Overwrite, Ban, Invite),
    AuditEntry,
)
UNKNOWN_TOKEN = "00000000-0000-4000-8000-000000000000"


@dataclass
class World:
    """`who[...]`: stranger, member, moderator, admin, owner. `ids`: what the paths of a matrix are filled with."""

    who: dict[str, User] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server, self.other = make_server(name="Ours"), make_server(name="Theirs")
        self.who = {"stranger": make_user(), "owner": self.server.owner}
        self.members = {role: make_member(self.server, role) for role in ("member", "moderator", "admin")}
        self.who |= {role: member.user for role, member in self.members.items()}
        self.victim = make_member(self.server)
        for prefix, server in (("", self.server), ("foreign_", self.other)):
            somebody = self.victim if prefix == "" else make_member(server)
            self.ids |= {
                f"{prefix}server": server.pk,
                f"{prefix}channel": make_channel(server).pk,
                f"{prefix}member": somebody.pk,
                f"{prefix}owner_member": server.members.get(role="owner").pk,
                f"{prefix}banned": Ban.objects.create(server=server, user=make_user()).user_id,
                f"{prefix}role": make_role(server).pk,
                f"{prefix}held_role": make_role(server, holder=somebody).pk,
                f"{prefix}everyone_role": server.roles.get(preset="everyone").pk,
                f"{prefix}moderator_role": server.roles.get(preset="moderator").pk,
                f"{prefix}invite": make_invite(server).pk,
                f"{prefix}token": server.invites.get().token,
                f"{prefix}category": Category.objects.create(server=server, name="Talk").pk,
            }
            for whom in ({"role_id": self.ids[f"{prefix}held_role"]}, {"member": somebody}):
                Overwrite.objects.create(channel_id=self.ids[f"{prefix}channel"], deny=Permission.SPEAK, **whom)
        self.ids |= {
            "me": self.who["member"].pk,
            "other_user": self.who["admin"].pk,
            "fresh_user": make_user().pk,
            "member_user": self.who["member"].pk,
            "unknown": 2**31,
            "no_token": UNKNOWN_TOKEN,
        }

    def path(self, template: str) -> str:
        return f"/api{template.format(**self.ids)}"

    def body(self, template: dict[str, Any] | None) -> dict[str, Any] | None:
        """Texts like "{fresh_user}" become ids."""
        return template and {name: self._filled(value) for name, value in template.items()}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        return self.ids[value[1:-1]] if isinstance(value, str) and value[1:-1] in self.ids else value


def rows() -> dict[str, list[dict[str, Any]]]:
    """Everything that these rooms have stored, but for when a session was last seen."""
    return {
        table.__name__: [
            {name: value for name, value in row.items() if name != "last_seen_at"}
            for row in table.objects.order_by("pk").values()
        ]
        for table in TABLES
    }


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no trace, so that every rank tries the same thing on the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def is_error(answer: Response, status: int) -> bool:
    """The one form of every refusal."""
    body = answer.json()
    return answer.status_code == status and isinstance(body["error"], str) and body["error"] != "" and body["code"] == status
