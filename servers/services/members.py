"""Writes of members and bans. All of one server wait for its row, so each outcome is a serial one."""

from django.db import IntegrityError, transaction

from accounts.models import User
from projectvoice.kernel.events import AccessChanged, publish_on_commit
from servers.access import Access, require_outranks
from servers.errors import AlreadyMember, Banned, BanNotFound, MemberNotFound, OwnerStays
from servers.models import Ban, Member, MemberRole, Server
from servers.services.servers import server_locked


def member_add(*, server: Server, user: User, role: str = MemberRole.MEMBER) -> Member:
    """Within a transaction that holds the server's row. A banned user is refused whichever way he comes."""
    if Ban.objects.filter(server=server, user=user).exists():
        raise Banned
    try:
        with transaction.atomic():
            return Member.objects.create(server=server, user=user, role=role)
    except IntegrityError as error:
        raise AlreadyMember from error


@transaction.atomic
def member_kick(*, access: Access, member: Member) -> None:
    server_locked(access.server.pk)
    member = _current(member)
    require_outranks(access, member)
    _remove(member)


@transaction.atomic
def member_leave(*, member: Member) -> None:
    server_locked(member.server_id)
    member = _current(member)
    if member.role == MemberRole.OWNER:
        raise OwnerStays
    _remove(member)


@transaction.atomic
def member_ban(*, access: Access, member: Member, reason: str | None = None) -> Ban:
    """Removes the member and keeps him out: invites and being added are refused until the ban is lifted."""
    server_locked(access.server.pk)
    member = _current(member)
    require_outranks(access, member)
    ban, _ = Ban.objects.get_or_create(
        server=access.server, user=member.user, defaults={"reason": reason or None, "banned_by": access.member.user}
    )
    _remove(member)
    return ban


@transaction.atomic
def ban_lift(*, ban: Ban) -> None:
    gone, _ = Ban.objects.filter(pk=ban.pk).delete()
    if not gone:
        raise BanNotFound


def _current(member: Member) -> Member:
    current = Member.objects.select_related("user").prefetch_related("roles").filter(pk=member.pk).first()
    if current is None:
        raise MemberNotFound
    return current


def _remove(member: Member) -> None:
    server_id, user_id = member.server_id, member.user_id
    member.delete()
    publish_on_commit(AccessChanged(user_id=user_id, server_id=server_id))
