"""Writes of servers themselves."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from projectvoice.kernel.events import AccessChanged, publish_on_commit
from servers.access import Access, access_server
from servers.errors import OwnsServers, ServerNotFound, TooMany
from servers.models import Member, MemberRole, Role, Server
from servers.permissions import DEFAULT_ROLES

SERVERS_PER_OWNER = 100


@transaction.atomic
def server_create(*, owner: User, name: str, description: str | None = None, icon: str | None = None) -> Server:
    """A server with the five default roles; its maker is its owner."""
    if Server.objects.filter(owner=owner).count() >= SERVERS_PER_OWNER:
        raise TooMany(SERVERS_PER_OWNER)
    server = Server.objects.create(owner=owner, name=name, description=description or None, icon=icon or None)
    Role.objects.bulk_create(Role(server=server, **role._asdict()) for role in DEFAULT_ROLES)
    Member.objects.create(server=server, user=owner, role=MemberRole.OWNER)
    return server


@transaction.atomic
def server_update(*, server: Server, **changes: str | None) -> Server:
    """Changes name, description or icon; absent keys keep their value."""
    server = server_locked(server.pk)
    for name in changes.keys() & {"name", "description", "icon"}:
        setattr(server, name, changes[name] or None)
    server.save()
    return server


@transaction.atomic
def server_delete(*, server: Server) -> None:
    """Everything in it goes along; its calls end."""
    server_locked(server.pk).delete()
    publish_on_commit(AccessChanged(server_id=server.pk))


@transaction.atomic
def server_block(*, server: Server, by: User | None, reason: str) -> Server:
    server = server_locked(server.pk)
    server.is_blocked, server.blocked_at, server.blocked_by, server.block_reason = True, timezone.now(), by, reason
    server.save()
    publish_on_commit(AccessChanged(server_id=server.pk))
    return server


@transaction.atomic
def server_unblock(*, server: Server) -> Server:
    server = server_locked(server.pk)
    server.is_blocked, server.blocked_at, server.blocked_by, server.block_reason = False, None, None, None
    server.save()
    publish_on_commit(AccessChanged(server_id=server.pk))
    return server


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


def access_locked(access: Access) -> Access:
    """The server's row held, and the same door passed once more: what the caller lost while he waited counts."""
    server_locked(access.server.pk)
    return access_server(access.member.user, access.server.pk, need=access.need, or_rank=access.or_rank)
