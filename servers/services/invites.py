"""Writes of invites."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.models import User
from accounts.services import users_stay
from projectvoice.kernel.limits import Limit
from servers.access import Access, server_blocked
from servers.announcing import tell_invite_gone, tell_invite_made
from servers.errors import AlreadyMember, InviteExpired, InviteNotFound, InviteUsedUp, TooMany
from servers.journal import record, state_of
from servers.models import Invite, Member
from servers.services.members import member_add
from servers.services.servers import access_locked, server_locked

INVITES_PER_SERVER = 1000
INVITES_PER_USER = Limit("invite", most=60, window=600)


@transaction.atomic
def invite_create(*, access: Access, max_uses: int | None = None, expires_at: datetime | None = None) -> Invite:
    """A past `expires_at` is taken as it is: the invite is unusable from the start."""
    access = access_locked(access)
    if access.server.invites.count() >= INVITES_PER_SERVER:
        raise TooMany(INVITES_PER_SERVER)
    invite = Invite.objects.create(
        server=access.server, created_by=access.member.user, max_uses=max_uses, expires_at=expires_at
    )
    tell_invite_made(invite)
    return invite


@transaction.atomic
def invite_accept(*, token: UUID, user: User) -> Member:
    """One membership and one use, or neither. Accepts of one server queue on its row, so `max_uses` holds."""
    server_id = Invite.objects.filter(token=token).values_list("server_id", flat=True).first()
    if server_id is None:
        raise InviteNotFound
    users_stay(user.pk)
    server = server_locked(server_id)
    invite = Invite.objects.filter(token=token).first()
    if invite is None:
        raise InviteNotFound
    if server.is_blocked:
        raise server_blocked(server)
    if Member.objects.filter(server=server, user=user).exists():
        raise AlreadyMember
    if invite.is_expired:
        raise InviteExpired
    if invite.is_used_up:
        raise InviteUsedUp
    member = member_add(server=server, user=user)
    Invite.objects.filter(pk=invite.pk).update(uses=F("uses") + 1)
    return member


@transaction.atomic
def invite_delete(*, access: Access, invite: Invite) -> None:
    access = access_locked(access)
    gone, _ = Invite.objects.filter(pk=invite.pk).delete()
    if not gone:
        raise InviteNotFound
    tell_invite_gone(invite)
    record(access, "invite.delete", invite, before=state_of(invite, "created_by_id", "uses", "max_uses"))
