"""Acts of the instance's staff. Each is one transaction with its audit entry: a refused or failed act leaves none.

All of them wait for one lock first, so that of two administrators who demote each other one stays.
"""

from django.db import transaction

from accounts.models import User
from accounts.services import (
    admin_must_remain,
    admins_held,
    session_end_all,
    user_appoint,
    user_block,
    user_delete,
    user_locked,
    user_unblock,
)
from audit.services import State, Target, audit_record
from moderation.access import access_admin_now
from moderation.errors import ActsOnOneself, ServerBlockedAlready, ServerNotBlocked, UserBlockedAlready, UserNotBlocked
from projectvoice.kernel.events import MemberMoved, publish_on_commit
from servers.errors import ServerNotFound
from servers.models import Channel, Server
from servers.services.servers import server_block, server_delete, server_locked, server_unblock

LOG = "instance"


@transaction.atomic
def admin_user_update(*, by: User, user: User, role: str | None = None, is_active: bool | None = None) -> None:
    """What is None, or is so already, stays."""
    user = _held_user(by, user)
    if role is not None and role != user.role:
        before: State = {"role": user.role}
        user = user_appoint(user=user, role=role)
        act_record(by, "user.role", _user(user), before, {"role": user.role})
    if is_active is not None and is_active != user.is_active:
        if is_active:
            _unblock(by, user)
        else:
            _block(by, user, None)


@transaction.atomic
def admin_user_block(*, by: User, user: User, reason: str) -> None:
    user = _held_user(by, user)
    if not user.is_active:
        raise UserBlockedAlready
    _block(by, user, reason)


@transaction.atomic
def admin_user_unblock(*, by: User, user: User) -> None:
    user = _held_user(by, user)
    if user.is_active:
        raise UserNotBlocked
    _unblock(by, user)


@transaction.atomic
def admin_user_sign_out(*, by: User, user: User, reason: str | None = None) -> None:
    """Everywhere: all his sessions end, and what the relay carries for him."""
    user = _held_user(by, user)
    session_end_all(user=user)
    act_record(by, "user.sign_out", _user(user), None, None, reason)


@transaction.atomic
def admin_user_delete(*, by: User, user: User) -> None:
    """Refuses, as for oneself, while the user owns a server that others are in."""
    user = _held_user(by, user)
    target, before = _user(user), _state_of_user(user)
    user_delete(user=user)
    act_record(by, "user.delete", target, before, None)


@transaction.atomic
def admin_server_block(*, by: User, server: Server, reason: str) -> None:
    server = _held_server(by, server)
    if server.is_blocked:
        raise ServerBlockedAlready
    before = _state_of_server(server)
    server = server_block(server=server, by=by, reason=reason)
    act_record(by, "server.block", _server(server), before, _state_of_server(server), reason)


@transaction.atomic
def admin_server_unblock(*, by: User, server: Server) -> None:
    server = _held_server(by, server)
    if not server.is_blocked:
        raise ServerNotBlocked
    before = _state_of_server(server)
    server = server_unblock(server=server)
    act_record(by, "server.unblock", _server(server), before, _state_of_server(server))


@transaction.atomic
def admin_server_delete(*, by: User, server: Server) -> None:
    server = _held_server(by, server)
    server_delete(server=server)
    act_record(by, "server.delete", _server(server), _state_of_server(server), None)


@transaction.atomic
def admin_put_out(*, by: User, user: User, channel: Channel, reason: str) -> None:
    """Out of the calls of that channel's server, on whatever node. He may come back: to keep him out, block him."""
    admins_held()
    access_admin_now(by)
    if channel.server_id is None:  # a conversation has no calls that others end
        raise ServerNotFound
    publish_on_commit(MemberMoved(user.pk, channel.server_id, None))
    before: State = {"serverId": channel.server_id, "channelId": channel.pk}
    act_record(by, "user.put_out", _user(user), before, None, reason)


def _held_user(by: User, user: User) -> User:
    admins_held()
    access_admin_now(by)
    user = user_locked(user)
    if user.pk == by.pk:
        raise ActsOnOneself
    return user


def _held_server(by: User, server: Server) -> Server:
    admins_held()
    access_admin_now(by)
    return server_locked(server.pk)


def _block(by: User, user: User, reason: str | None) -> None:
    admin_must_remain(user)
    before = _state_of_user(user)
    user = user_block(user=user, by=by, reason=reason)
    act_record(by, "user.block", _user(user), before, _state_of_user(user), reason)


def _unblock(by: User, user: User) -> None:
    before = _state_of_user(user)
    user = user_unblock(user=user)
    act_record(by, "user.unblock", _user(user), before, _state_of_user(user))


def account_act_record(user: User, action: str) -> None:
    """What somebody did with the locks of his own account; of staff it is everybody's business."""
    if user.is_global_staff:
        act_record(user, action, _user(user), None, None)


def shell_record(user: User, action: str) -> None:
    """What the machine's owner did with the locks of an account."""
    act_record(None, action, _user(user), None, None)


def act_record(
    by: User | None, action: str, target: Target, before: State | None, after: State | None, reason: str | None = None
) -> None:
    audit_record(
        log=LOG,
        actor=by,
        action=action,
        target=target,
        before=before,
        after=after,
        reason=reason,
    )


def _user(user: User) -> Target:
    return Target("user", user.pk, user.username)


def _server(server: Server) -> Target:
    return Target("server", server.pk, server.name)


def _state_of_user(user: User) -> State:
    return {"role": user.role, "isActive": user.is_active, "blockReason": user.block_reason}


def _state_of_server(server: Server) -> State:
    return {"ownerId": server.owner_id, "isBlocked": server.is_blocked, "blockReason": server.block_reason}
