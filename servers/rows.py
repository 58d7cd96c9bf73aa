"""Servers with their channels, roles and members as the wire has them, read as rows: no model is made on the way.

Each function costs a fixed number of queries, whatever the length of its answer. `servers.serializers` describes the shapes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from projectvoice.kernel.serializers import MAX_ID
from projectvoice.kernel.sql import fetch, fetch_planned, fetch_wire
from servers.permissions import EVERYONE, NO_OVERWRITE, Carried, Overwrite, Permission, Rank, Situation, rights

Row = dict[str, Any]
RANKS = {rank.name.lower(): rank for rank in Rank}
Written = Mapping[int | None, Overwrite]  # of one channel: by the id of the role, None for the member's own


class Membership(NamedTuple):
    id: int
    situation: Situation  # on the server as a whole


CHANNEL_FIELDS = (
    "id", "name", "type", "server_id", "description", "position", "category_id", "slowmode", "user_limit",
    "created_at", "updated_at",
)  # fmt: skip
CHANNEL = ", ".join(CHANNEL_FIELDS)
ROLE = "id, name, color, permissions, position, is_hoisted, is_mentionable, server_id, preset"
MEMBER = """
    member.id, member.user_id, member.server_id, member.role, member.nickname, member.is_muted, member.is_deafened,
    member.muted_until, member.muted_until > now(), member.created_at, member.updated_at,
    person.username, person.profile_picture, person.status, person.tag, person.kind <> 'person',
    ARRAY(SELECT role_id FROM servers_member_roles carried WHERE carried.member_id = member.id)
"""


class Roles:
    """All roles of some servers: as the wire has them, and as the rules read them."""

    def __init__(self, server_ids: Sequence[int]) -> None:
        rows = fetch(f"SELECT {ROLE} FROM servers_role WHERE server_id = ANY(%s) ORDER BY position DESC, id", list(server_ids))
        self.rows: dict[int, Row] = {}
        self.briefs: dict[int, Row] = {}  # as members carry them
        self.carried: dict[int, Carried] = {}
        self._place: dict[int, int] = {}
        self._presets: dict[tuple[int, str], Carried] = {}
        self._totals: dict[tuple[Any, ...], str] = {}
        for pk, name, color, permissions, position, is_hoisted, is_mentionable, server_id, preset in rows:
            self.briefs[pk] = {"id": pk, "name": name, "color": color, "permissions": str(permissions), "position": position}
            self.rows[pk] = {
                **self.briefs[pk],
                "isHoisted": is_hoisted,
                "isMentionable": is_mentionable,
                "serverId": server_id,
            }
            self._place[pk] = len(self._place)
            self.carried[pk] = Carried(pk, name, permissions, position, preset)
            if preset:
                self._presets[server_id, preset] = self.carried[pk]

    def of(self, server_id: int) -> list[Row]:
        return [row for row in self.rows.values() if row["serverId"] == server_id]

    def in_order(self, role_ids: Sequence[int]) -> list[Row]:
        """As a member carries them, the highest first."""
        known = [role_id for role_id in role_ids if role_id in self._place]
        known.sort(key=self._place.__getitem__)
        return [self.briefs[role_id] for role_id in known]

    def situation(self, server_id: int, rank: str, role_ids: Iterable[int], timed_out: bool) -> Situation:
        custom = (self.carried[pk] for pk in role_ids if pk in self.carried)
        roles = [self._presets[server_id, EVERYONE], self._presets[server_id, rank], *custom]
        return Situation(RANKS[rank], roles, timed_out=timed_out)

    def total(self, server_id: int, rank: str, role_ids: Sequence[int], timed_out: bool) -> str:
        """What these roles add up to. Most members of a server are alike, so each sum is made once."""
        key = (server_id, rank, timed_out, *role_ids)
        if key not in self._totals:
            situation = self.situation(server_id, rank, role_ids, timed_out)
            self._totals[key] = str(rights(situation))
        return self._totals[key]


def server_rows(user_id: int, server_ids: Sequence[int], most_members: int) -> Iterator[Row]:
    """Servers this user is in, as he sees them: channels he may look into, and the first members, `most_members` of each."""
    ids = list(server_ids)
    roles = Roles(ids)
    channels = _grouped(channel_rows(ids, memberships(user_id, ids, roles)), "serverId")
    members = _grouped(_first_members(ids, most_members, roles), "serverId")
    categories = _grouped(category_rows(ids), "serverId")
    for pk, name, description, icon, owner_id, is_blocked, created_at, updated_at, member_count in fetch_wire(
        """
        SELECT id, name, description, icon, owner_id, is_blocked, created_at, updated_at,
            (SELECT COUNT(*) FROM servers_member member WHERE member.server_id = server.id)
        FROM servers_server server WHERE id = ANY(%s) ORDER BY id
        """,
        ids,
    ):
        yield {
            "id": pk,
            "name": name,
            "description": description,
            "icon": icon,
            "ownerId": owner_id,
            "isBlocked": is_blocked,
            "memberCount": member_count,
            "categories": categories.get(pk, []),
            "channels": channels.get(pk, []),
            "roles": roles.of(pk),
            "members": members.get(pk, []),
            "createdAt": created_at,
            "updatedAt": updated_at,
        }


def memberships(user_id: int, server_ids: Sequence[int], roles: Roles) -> dict[int, Membership]:
    """By the server's id."""
    return {
        server_id: Membership(pk, roles.situation(server_id, rank, role_ids, bool(timed_out)))
        for pk, server_id, rank, timed_out, role_ids in fetch(
            """
            SELECT id, server_id, role, muted_until > now(),
                ARRAY(SELECT role_id FROM servers_member_roles carried WHERE carried.member_id = member.id)
            FROM servers_member member WHERE user_id = %s AND server_id = ANY(%s)
            """,
            user_id,
            list(server_ids),
        )
    }


def channel_rows(
    server_ids: Sequence[int], mine: Mapping[int, Membership], need: Permission = Permission.VIEW_CHANNEL
) -> Iterator[Row]:
    """The channels of these servers in which somebody with these memberships holds what is needed."""
    ids = list(server_ids)
    found = fetch_wire(f"SELECT {CHANNEL} FROM servers_channel WHERE server_id = ANY(%s) ORDER BY position, id", ids)
    written = _written(ids, mine)
    wanted = int(need)
    plain = {server_id: within(membership.situation, {}) for server_id, membership in mine.items()}
    for row in found:
        pk, server_id = row[0], row[3]
        if server_id not in mine:
            continue
        held = within(mine[server_id].situation, written[pk]) if pk in written else plain[server_id]
        if held & wanted == wanted:
            yield channel_row(row)


def channel_row(values: Sequence[Any]) -> Row:
    pk, name, type, server_id, description, position, category_id, slowmode, user_limit, created_at, updated_at = values
    return {
        "id": pk,
        "name": name,
        "type": type,
        "serverId": server_id,
        "description": description,
        "position": position,
        "categoryId": category_id,
        "slowmode": slowmode,
        "userLimit": user_limit,
        "createdAt": created_at,
        "updatedAt": updated_at,
    }


def category_rows(server_ids: Sequence[int]) -> Iterator[Row]:
    for pk, name, position, server_id in fetch(
        "SELECT id, name, position, server_id FROM servers_category WHERE server_id = ANY(%s) ORDER BY position, id",
        list(server_ids),
    ):
        yield {"id": pk, "name": name, "position": position, "serverId": server_id}


def member_rows(server_id: int, *, skip: int = 0, most: int) -> list[Row]:
    """In the order of their joining."""
    since = _id_of(server_id, skip) if skip else 0
    rows = fetch_wire(
        f"""
        SELECT {MEMBER} FROM (
            SELECT * FROM servers_member WHERE server_id = %s AND id >= %s ORDER BY id LIMIT {int(most)}
        ) member JOIN accounts_user person ON person.id = member.user_id ORDER BY member.id
        """,
        server_id,
        since,
    )
    roles = Roles([server_id])
    return [_member(row, roles) for row in rows]


def _id_of(server_id: int, skip: int) -> int:
    """The id of the member who comes after `skip` others; beyond all ids if there is none."""
    rows = fetch_planned("SELECT id FROM servers_member WHERE server_id = %s ORDER BY id OFFSET %s LIMIT 1", server_id, skip)
    return int(rows[0][0]) if rows else MAX_ID


def member_row(server_id: int, member_id: int) -> Row | None:
    rows = fetch_wire(
        f"""
        SELECT {MEMBER} FROM servers_member member JOIN accounts_user person ON person.id = member.user_id
        WHERE member.id = %s AND member.server_id = %s
        """,
        member_id,
        server_id,
    )
    return _member(rows[0], Roles([server_id])) if rows else None


def member_rows_of(member_ids: list[int]) -> list[Row]:
    """These members, of whichever servers."""
    rows = fetch_wire(
        f"""
        SELECT {MEMBER} FROM servers_member member JOIN accounts_user person ON person.id = member.user_id
        WHERE member.id = ANY(%s)
        """,
        member_ids,
    )
    roles = Roles(sorted({row[2] for row in rows}))
    return [_member(row, roles) for row in rows]


def channel_rows_of(channel_ids: list[int]) -> list[Row]:
    """These channels, of whichever servers."""
    return [channel_row(row) for row in fetch_wire(f"SELECT {CHANNEL} FROM servers_channel WHERE id = ANY(%s)", channel_ids)]


def _first_members(server_ids: list[int], most: int, roles: Roles) -> Iterator[Row]:
    for row in fetch_wire(
        f"""
        SELECT {MEMBER} FROM unnest(%s::bigint[]) AS wanted (server_id), LATERAL (
            SELECT * FROM servers_member WHERE server_id = wanted.server_id ORDER BY id LIMIT {int(most)}
        ) member JOIN accounts_user person ON person.id = member.user_id ORDER BY member.id
        """,
        server_ids,
    ):
        yield _member(row, roles)


def _member(values: Sequence[Any], roles: Roles) -> Row:
    pk, user_id, server_id, rank, nickname, is_muted, is_deafened, muted_until, timed_out, created_at, updated_at = values[:11]
    username, profile_picture, status, tag, is_bot, role_ids = values[11:]
    carried = roles.in_order(role_ids)
    return {
        "id": pk,
        "userId": user_id,
        "serverId": server_id,
        "role": rank,
        "user": {
            "id": user_id,
            "username": username,
            "profilePicture": profile_picture,
            "status": status,
            "tag": tag,
            "isBot": is_bot,
        },
        "roles": carried,
        "nickname": nickname,
        "isMuted": is_muted,
        "isDeafened": is_deafened,
        "mutedUntil": muted_until,
        "highestRole": carried[0] if carried else None,
        "totalPermissions": roles.total(server_id, rank, role_ids, bool(timed_out)),
        "createdAt": created_at,
        "updatedAt": updated_at,
    }


def _written(server_ids: list[int], mine: Mapping[int, Membership]) -> dict[int, dict[int | None, Overwrite]]:
    """What the channels of these servers give to and take from this somebody."""
    role_ids = [role.id for membership in mine.values() for role in membership.situation.roles]
    written: dict[int, dict[int | None, Overwrite]] = {}
    for channel_id, role_id, allow, deny in fetch(
        """
        SELECT channel_id, role_id, allow, deny FROM servers_overwrite
        WHERE channel_id IN (SELECT id FROM servers_channel WHERE server_id = ANY(%s))
        AND (role_id = ANY(%s) OR member_id = ANY(%s))
        """,
        server_ids,
        role_ids,
        [membership.id for membership in mine.values()],
    ):
        written.setdefault(channel_id, {})[role_id] = Overwrite(allow, deny)
    return written


def within(situation: Situation, written: Written) -> int:
    """What somebody in this situation may do in a channel that gives and takes this."""
    roles = [role._replace(overwrite=written.get(role.id, NO_OVERWRITE)) for role in situation.roles]
    own = written.get(None, NO_OVERWRITE)
    return rights(situation._replace(roles=roles, in_channel=True, own=own))


def _grouped(rows: Iterable[Row], key: str) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups
