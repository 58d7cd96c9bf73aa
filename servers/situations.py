"""What counts for a member at a place, read from the rows: the pure rules of permissions.py decide on it."""

from collections.abc import Iterable

from django.db import connection

from servers.errors import ServerNotFound
from servers.models import Channel, Member, Role
from servers.permissions import EVERYONE, NO_OVERWRITE, Carried, Overwrite, Rank, Situation, Standing, resolve

Presets = dict[str, Carried]  # by the preset's name


def situation_at(member: Member, channel: Channel | None = None) -> Situation:
    """On his server, or in that channel of it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT role.id, role.name, role.permissions, role.position, role.preset, written.allow, written.deny
            FROM servers_role role
            LEFT JOIN servers_overwrite written ON written.role_id = role.id AND written.channel_id = %(channel)s
            WHERE role.server_id = %(server)s AND (
                role.preset IN (%(everyone)s, %(preset)s)
                OR role.id IN (SELECT role_id FROM servers_member_roles WHERE member_id = %(member)s)
            )
            UNION ALL
            SELECT NULL, NULL, NULL, NULL, NULL, allow, deny
            FROM servers_overwrite WHERE channel_id = %(channel)s AND member_id = %(member)s
            """,
            {
                "channel": channel.pk if channel else None,
                "server": member.server_id,
                "everyone": EVERYONE,
                "preset": member.role,
                "member": member.pk,
            },
        )
        rows = cursor.fetchall()
    own, roles = NO_OVERWRITE, []
    for pk, name, permissions, position, preset, allow, deny in rows:
        overwrite = Overwrite(allow or 0, deny or 0)
        if pk is None:
            own = overwrite
        else:
            roles.append(Carried(pk, name, permissions, position, preset, overwrite))
    if not roles:
        raise ServerNotFound  # deleted since the member was read: every server has its five default roles
    roles.sort(key=lambda role: role.preset != EVERYONE)
    return Situation(Rank[member.role.upper()], roles, channel is not None, own, member.is_timed_out)


def situation_among(member: Member, presets: Presets) -> Situation:
    """On his server, without a query: `presets` of `presets_of`, `roles` of the member prefetched."""
    if not presets:
        raise ServerNotFound
    custom = (carried(role) for role in member.roles.all())
    return Situation(
        Rank[member.role.upper()], [presets[EVERYONE], presets[member.role], *custom], timed_out=member.is_timed_out
    )


def standing_of(member: Member, presets: Presets | None = None) -> Standing:
    return resolve(situation_at(member) if presets is None else situation_among(member, presets))


def presets_of(server_ids: Iterable[int]) -> dict[int, Presets]:
    presets: dict[int, Presets] = {server_id: {} for server_id in server_ids}
    for role in Role.objects.filter(server_id__in=presets, preset__isnull=False):
        presets[role.server_id][role.preset or ""] = carried(role)
    return presets


def carried(role: Role) -> Carried:
    return Carried(role.pk, role.name, role.permissions, role.position, role.preset)
