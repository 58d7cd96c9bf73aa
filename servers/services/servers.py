"""Writes of servers themselves."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import users_stay
from events.services import access_changed, announce, announce_to
from servers.access import Access, access_channel, access_server
from servers.announcing import tell_joined, tell_left, tell_server
from servers.errors import OwnsServers, ServerNotFound, TooMany
from servers.journal import record, record_change, state_of, target_of
from servers.models import Member, MemberRole, Role, Server
from servers.permissions import DEFAULT_ROLES

SERVERS_PER_OWNER = 100
FIELDS = ("name", "description", "icon")


@transaction.atomic
def server_create(*, owner: User, name: str, description: str | None = None, icon: str | None = None) -> Server:
    """A server with the five default roles; its maker is its owner."""
    if Server.objects.filter(owner=owner).count() >= SERVERS_PER_OWNER:
        raise TooMany(SERVERS_PER_OWNER)
    server = Server.objects.create(owner=owner, name=name, description=description or None, icon=icon or None)
    Role.objects.bulk_create(Role(server=server, **role._asdict()) for role in DEFAULT_ROLES)
    Member.objects.create(server=server, user=owner, role=MemberRole.OWNER)
    tell_joined(owner.pk, server.pk)
    return server


@transaction.atomic
def server_update(*, access: Access, **changes: str | None) -> Server:
    """Changes name, description or icon; absent keys keep their value."""
    access = access_locked(access)
    server = access.server
    before = state_of(server, *FIELDS)
    for name in changes.keys() & set(FIELDS):
        setattr(server, name, changes[name] or None)
    server.save()
    tell_server(server)
    record_change(access, "server.update", server, before, state_of(server, *FIELDS))
    return server


@transaction.atomic
def server_remove(*, access: Access) -> None:
    access = access_locked(access)
    target = target_of(access.server)
    server_delete(server=access.server)
    record(access, "server.delete", target)


@transaction.atomic
def server_delete(*, server: Server) -> None:
    """Everything in it but its audit log goes along; its calls end."""
    server = server_locked(server.pk)
    # Its members first, in the order in which an account that goes holds its own: what hangs on them is deleted by both.
    user_ids = list(server.members.select_for_update().order_by("pk").values_list("user_id", flat=True))
    announce("gone", server_id=server.pk, payload={})
    access_changed(server_id=server.pk)
    tell_left(user_ids, server.pk, "deleted")
    server.delete()


@transaction.atomic
def server_block(*, server: Server, by: User | None, reason: str) -> Server:
    server = server_locked(server.pk)
    server.is_blocked, server.blocked_at, server.blocked_by, server.block_reason = True, timezone.now(), by, reason
    server.save()
    access_changed(server_id=server.pk)
    tell_left(_members_of(server), server.pk, "blocked")
    return server


@transaction.atomic
def server_unblock(*, server: Server) -> Server:
    server = server_locked(server.pk)
    server.is_blocked, server.blocked_at, server.blocked_by, server.block_reason = False, None, None, None
    server.save()
    access_changed(server_id=server.pk)
    announce_to(_members_of(server), "server-joined", server_id=server.pk, subject_id=server.pk)
    return server


def _members_of(server: Server) -> list[int]:
    return list(server.members.order_by("pk").values_list("user_id", flat=True))


def owned_servers_settle(user: User) -> None:
    """Before an account goes: servers that nobody else is in go along, others hold it back."""
    for server in owned_servers_alone(user):
        server_delete(server=server)


def owned_servers_alone(user: User) -> list[Server]:
    """The user's servers, held until the transaction ends. Raises OwnsServers if anybody else is in one of them."""
    owned = list(Server.objects.select_for_update().filter(owner=user).order_by("pk"))
    shared = [server.name for server in owned if server.members.exclude(user=user).exists()]
    if shared:
        raise OwnsServers(shared)
    return owned


def server_locked(server_id: int) -> Server:
    """The row as it is now, held until the transaction ends: what members, bans and invites of one server wait for."""
    server = Server.objects.select_for_update().filter(pk=server_id).first()
    if server is None:
        raise ServerNotFound
    return server


def access_locked(access: Access, *concerned: int) -> Access:
    """The server's row held, and the same door passed once more: what the caller lost while he waited counts.

    The accounts before it, the caller's (the audit log names him) and those concerned: an account that is deleted is held
    first, and then waits for the servers it owns.
    """
    users_stay(access.member.user_id, *concerned)
    server_locked(access.server.pk)
    user, server_id, need, or_rank = access.member.user, access.server.pk, access.need, access.or_rank
    if access.channel is None:
        again = access_server(user, server_id, need=need, or_rank=or_rank)
    else:
        _, again = access_channel(user, access.channel.pk, server_id=server_id, need=need, or_rank=or_rank)
    return again._replace(reason=access.reason)
