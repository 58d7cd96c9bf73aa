"""Who somebody is at a place, read in one query: the pure rules of permissions.py decide on it."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from projectvoice.kernel.sql import columns, fetch, fetch_row, loaded, width
from servers.errors import ServerNotFound
from servers.models import Channel, Member, Role, Server
from servers.permissions import EVERYONE, NO_OVERWRITE, Carried, Overwrite, Rank, Situation, Standing, resolve

Presets = dict[str, Carried]  # by the preset's name


class Place(NamedTuple):
    """A server, perhaps a channel of it, and what somebody is there: nobody, or a member in a situation."""

    server: Server
    channel: Channel | None
    member: Member | None
    situation: Situation | None


SERVER_WIDTH, CHANNEL_WIDTH, MEMBER_WIDTH = width(Server), width(Channel), width(Member)

# The roles that count for the member: @everyone, the preset of his member role, his custom ones.
ROLES = """
    SELECT array_agg(role.id) ids, array_agg(role.name) names, array_agg(role.permissions) bits,
        array_agg(role.position) positions, array_agg(role.preset) presets,
        array_agg(written.allow) allows, array_agg(written.deny) denies
    FROM (
        SELECT * FROM servers_role WHERE server_id = member.server_id AND preset IN ('everyone', member.role)
        UNION ALL
        SELECT own.* FROM servers_member_roles JOIN servers_role own ON own.id = role_id WHERE member_id = member.id
    ) role LEFT JOIN servers_overwrite written ON written.role_id = role.id AND written.channel_id = {channel}
"""
ON_SERVER = f"""
    SELECT {columns(Server, "server")}, {columns(Member, "member")}, carried.*, NULL, NULL
    FROM servers_server server
    LEFT JOIN servers_member member ON member.server_id = server.id AND member.user_id = %s
    LEFT JOIN LATERAL ({ROLES.format(channel="NULL")}) carried ON true
    WHERE server.id = %s
"""
CHANNEL_PLACE = f"""
    {columns(Server, "server")}, {columns(Member, "member")}, carried.*, own.allow, own.deny, {columns(Channel, "channel")}
"""
AROUND_CHANNEL = f"""
    JOIN servers_server server ON server.id = channel.server_id
    LEFT JOIN servers_member member ON member.server_id = server.id AND member.user_id = {{user}}
    LEFT JOIN servers_overwrite own ON own.channel_id = channel.id AND own.member_id = member.id
    LEFT JOIN LATERAL ({ROLES.format(channel="channel.id")}) carried ON true
"""
IN_CHANNEL = f"""
    SELECT {CHANNEL_PLACE} FROM servers_channel channel {AROUND_CHANNEL.format(user="%s")} WHERE channel.id = %s
"""
IN_CHANNELS = f"""
    SELECT asked.user_id, {CHANNEL_PLACE} FROM unnest(%s::bigint[], %s::bigint[]) asked (user_id, channel_id)
    JOIN servers_channel channel ON channel.id = asked.channel_id {AROUND_CHANNEL.format(user="asked.user_id")}
"""


def place_on_server(user_id: int, server_id: int) -> Place | None:
    """None: there is no such server."""
    row = fetch_row(ON_SERVER, user_id, server_id)
    return None if row is None else _place(row)


def place_in_channel(user_id: int, channel_id: int) -> Place | None:
    """None: there is no such channel on any server."""
    row = fetch_row(IN_CHANNEL, user_id, channel_id)
    return None if row is None else _place(row, loaded(Channel, row[-CHANNEL_WIDTH:]))


def places_in_channels(asked: Collection[tuple[int, int]]) -> dict[tuple[int, int], Place]:
    """Of many at once, by the ids of user and channel; what there is no such channel for is left out."""
    users, channels = [user_id for user_id, _ in asked], [channel_id for _, channel_id in asked]
    places: dict[tuple[int, int], Place] = {}
    servers: dict[int, Server] = {}
    for user_id, *row in fetch(IN_CHANNELS, users, channels):
        server, channel = loaded(Server, row[:SERVER_WIDTH]), loaded(Channel, row[-CHANNEL_WIDTH:])
        with suppress(ServerNotFound):
            places[user_id, channel.pk] = _place(row, channel, servers.setdefault(server.pk, server))
    return places


def _place(row: Sequence[Any], channel: Channel | None = None, server: Server | None = None) -> Place:
    """The server is made from the row, unless there is one for it already."""
    server, rest = server or loaded(Server, row[:SERVER_WIDTH]), row[SERVER_WIDTH:]
    if rest[0] is None:
        return Place(server, channel, None, None)
    member = loaded(Member, rest[:MEMBER_WIDTH])
    member.server = server
    ids, names, bits, positions, presets, allows, denies, allow, deny = rest[MEMBER_WIDTH : MEMBER_WIDTH + 9]
    if not ids:
        raise ServerNotFound  # it is going this moment: every server has its five default roles
    roles = [
        Carried(pk, name, permissions, position, preset, Overwrite(given or 0, taken or 0))
        for pk, name, permissions, position, preset, given, taken in zip(
            ids, names, bits, positions, presets, allows, denies, strict=True
        )
    ]
    roles.sort(key=lambda role: role.preset != EVERYONE)  # it comes first
    own = Overwrite(allow, deny) if allow is not None else NO_OVERWRITE
    rank = Rank[member.role.upper()]
    return Place(server, channel, member, Situation(rank, roles, channel is not None, own, member.is_timed_out))


def standing_of(member: Member) -> Standing:
    """On his server, as it is now."""
    place = place_on_server(member.user_id, member.server_id)
    if place is None or place.situation is None:
        raise ServerNotFound
    return resolve(place.situation)


def presets_of(server_ids: Iterable[int]) -> dict[int, Presets]:
    presets: dict[int, Presets] = {server_id: {} for server_id in server_ids}
    for role in Role.objects.filter(server_id__in=presets, preset__isnull=False):
        presets[role.server_id][role.preset or ""] = Carried(role.pk, role.name, role.permissions, role.position, role.preset)
    return presets
