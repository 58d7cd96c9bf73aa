"""Writes of roles and of who carries them. All of one server wait for its row, as its members do."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from audit.services import State
from events.services import access_changed, announce
from servers.access import Access, access_role, require_handles, require_outranks
from servers.announcing import tell_member, tell_role
from servers.errors import (
    EveryoneKeepsName,
    EveryoneStays,
    PresetByHand,
    PresetOrder,
    PresetStays,
    RoleAssigned,
    RoleNotAssigned,
    RoleNotFound,
    TooMany,
)
from servers.journal import record, record_change, state_of, target_of
from servers.models import Member, Role
from servers.permissions import EVERYONE, position_for_new, presets_in_order
from servers.services.members import member_current
from servers.services.servers import access_locked

ROLES_PER_SERVER = 250
FIELDS = ("name", "color", "permissions", "position", "is_hoisted", "is_mentionable")


@transaction.atomic
def role_create(*, access: Access, **fields: Any) -> Role:
    """Below its maker, with rights he holds. Without a position it goes to the bottom."""
    access = access_locked(access)
    role = Role(server=access.server, **{"position": position_for_new(access.standing), **fields})
    require_handles(access, role)
    if access.server.roles.count() >= ROLES_PER_SERVER:
        raise TooMany(ROLES_PER_SERVER)
    role.save()
    tell_role("role-created", role)
    record(access, "role.create", role, after=state_of(role, *FIELDS))
    return role


@transaction.atomic
def role_update(*, access: Access, role: Role, **changes: Any) -> Role:
    """Wants the role below the caller before and after, and each bit that is switched on or off to be his own."""
    access = access_locked(access)
    role = access_role(access, role.pk)
    name, bits, before = role.name, role.permissions, state_of(role, *FIELDS)
    require_handles(access, role, bits=0)
    for field in changes.keys() & set(FIELDS):
        setattr(role, field, changes[field])
    require_handles(access, role, bits=bits ^ role.permissions)
    if role.preset == EVERYONE and role.name != name:
        raise EveryoneKeepsName
    if role.preset is not None:
        _require_order(role)
    role.save()
    if role.permissions != bits:
        access_changed(server_id=role.server_id)
    tell_role("role-updated", role)
    record_change(access, "role.update", role, before, state_of(role, *FIELDS))
    return role


@transaction.atomic
def role_delete(*, access: Access, role: Role) -> None:
    """Strips it from all who carry it."""
    access = access_locked(access)
    role = access_role(access, role.pk)
    if role.preset == EVERYONE:
        raise EveryoneStays
    require_handles(access, role)
    if role.preset is not None:
        raise PresetStays
    target, before = target_of(role), state_of(role, *FIELDS)
    role.delete()
    access_changed(server_id=access.server.pk)
    announce("role-deleted", server_id=access.server.pk, payload={"roleId": target.id})
    record(access, "role.delete", target, before=before)


@transaction.atomic
def role_assign(*, access: Access, member: Member, role: Role) -> None:
    access = access_locked(access, member.user_id)
    member, role = member_current(member), access_role(access, role.pk)
    _require_hands(access, member, [role])
    if role in member.roles.all():
        raise RoleAssigned
    _carry(access, member, [*member.roles.all(), role])


@transaction.atomic
def role_strip(*, access: Access, member: Member, role: Role) -> None:
    access = access_locked(access, member.user_id)
    member, role = member_current(member), access_role(access, role.pk)
    _require_hands(access, member, [role])
    if role not in member.roles.all():
        raise RoleNotAssigned
    _carry(access, member, [other for other in member.roles.all() if other != role])


@transaction.atomic
def roles_replace(*, access: Access, member: Member, role_ids: Iterable[int]) -> Member:
    """The member carries just these custom roles afterwards. Only those that come or go must be the caller's to handle."""
    access = access_locked(access, member.user_id)
    member = member_current(member)
    wanted = Role.objects.filter(server=access.server).in_bulk(set(role_ids))
    if wanted.keys() != set(role_ids):
        raise RoleNotFound
    carried = {role.pk: role for role in member.roles.all()}
    changed = [role for pk, role in (carried | wanted).items() if (pk in carried) != (pk in wanted)]
    _require_hands(access, member, changed)
    _carry(access, member, list(wanted.values()))
    return member_current(member)


def _require_hands(access: Access, member: Member, roles: list[Role]) -> None:
    """The caller stands over the member, or is himself, and over each role that he gives or takes."""
    require_outranks(access, member, or_self=True)
    for role in roles:
        require_handles(access, role)
    if any(role.preset is not None for role in roles):
        raise PresetByHand


def _carry(access: Access, member: Member, roles: list[Role]) -> None:
    before = _listed(member.roles.all())
    member.roles.set(roles)
    access_changed(user_id=member.user_id, server_id=member.server_id)
    tell_member("member-updated", member)
    record_change(access, "member.roles", member, before, _listed(roles))


def _listed(roles: Iterable[Role]) -> State:
    return {"roles": ", ".join(f"{role.pk} {role.name}" for role in sorted(roles, key=lambda role: role.pk))}


def _require_order(moved: Role) -> None:
    presets = Role.objects.filter(server=moved.server_id, preset__isnull=False)
    positions = {preset or "": position for preset, position in presets.values_list("preset", "position")}
    if not presets_in_order({**positions, moved.preset or "": moved.position}):
        raise PresetOrder
