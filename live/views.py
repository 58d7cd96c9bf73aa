"""Views, read from the database: many users in a fixed number of queries, by the rules that the doors go by."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from accounts.selectors import sessions_alive
from events import log
from live.rights import Sight, View
from projectvoice.kernel.sql import fetch
from servers.permissions import Overwrite, Permission, Situation, rights
from servers.rows import Roles, Written, within

Sights = dict[int, dict[int, Sight]]
"""By user, then by server."""

MEMBERS = """
    SELECT member.id, member.user_id, member.server_id, member.role, member.muted_until, member.muted_until > now(),
        ARRAY(SELECT role_id FROM servers_member_roles carried WHERE carried.member_id = member.id ORDER BY role_id)
    FROM servers_member member JOIN servers_server server ON server.id = member.server_id
    WHERE member.user_id = ANY(%s) AND NOT server.is_blocked
"""
OVERWRITES = """
    SELECT channel_id, role_id, member_id, allow, deny FROM servers_overwrite
    WHERE channel_id IN (SELECT id FROM servers_channel WHERE server_id = ANY(%s))
    AND (role_id IS NOT NULL OR member_id = ANY(%s))
"""
THERE = "SELECT user_id, server_id FROM servers_member WHERE server_id = ANY(%s) AND user_id = ANY(%s)"
FRIENDS = """
    SELECT sender_id, receiver_id FROM friends_friendship
    WHERE status = 'accepted' AND (sender_id = ANY(%s) OR receiver_id = ANY(%s))
"""


class Looked(NamedTuple):
    """`ends`: when the first timeout of somebody ends."""

    sights: Sights
    ends: dict[int, datetime]


class Doubt(NamedTuple):
    """Whose rights may be other than before."""

    users: set[int]  # in whole
    members: set[tuple[int, int]]  # a user on a server
    servers: set[int]  # all who are there now
    channels: set[int]  # likewise, be it a server's or a conversation


class Answer(NamedTuple):
    views: dict[int, View]  # of those asked about in whole; who is left out may not come in any more
    sights: Mapping[tuple[int, int], Sight | None]  # of a user on a server
    ends: dict[int, datetime]
    alive: set[UUID]


def views_of(user_ids: Collection[int]) -> dict[int, View]:
    """Who is blocked or gone is left out."""
    ids = list(user_ids)
    people = fetch("SELECT id, username FROM accounts_user WHERE id = ANY(%s) AND is_active", ids)
    looked = sights_of(ids)
    conversations = _pairs(fetch("SELECT user_id, conversation_id FROM friends_participant WHERE user_id = ANY(%s)", ids))
    friendships = fetch(FRIENDS, ids, ids)
    friends = _pairs([*friendships, *((other, one) for one, other in friendships)])
    return {
        pk: View(
            pk,
            username,
            looked.sights.get(pk, {}),
            frozenset(conversations.get(pk, ())),
            frozenset(friends.get(pk, ())),
            looked.ends.get(pk),
        )
        for pk, username in people
    }


def sights_of(user_ids: Collection[int], server_ids: Collection[int] | None = None) -> Looked:
    """On these servers, or on all of theirs; blocked ones left out."""
    if server_ids is None:
        members = fetch(MEMBERS, list(user_ids))
    else:
        members = fetch(f"{MEMBERS} AND member.server_id = ANY(%s)", list(user_ids), list(server_ids))
    ids = list({row[2] for row in members})
    roles = Roles(ids)
    channels = _pairs(fetch("SELECT server_id, id FROM servers_channel WHERE server_id = ANY(%s)", ids))
    for_roles: dict[int, dict[int | None, Overwrite]] = {}
    own: dict[int, dict[int, Overwrite]] = {}
    for channel_id, role_id, member_id, allow, deny in fetch(OVERWRITES, ids, [row[0] for row in members]):
        if role_id is not None:
            for_roles.setdefault(channel_id, {})[role_id] = Overwrite(allow, deny)
        else:
            own.setdefault(member_id, {})[channel_id] = Overwrite(allow, deny)
    alike: dict[tuple[object, ...], Sight] = {}  # a server's members mostly are
    looked = Looked({}, {})
    for member_id, user_id, server_id, rank, muted_until, timed_out, role_ids in members:
        if timed_out:
            looked.ends[user_id] = min(muted_until, looked.ends.get(user_id, muted_until))
        key = (server_id, rank, timed_out, *role_ids)
        sight = None if member_id in own else alike.get(key)
        if sight is None:
            try:
                situation = roles.situation(server_id, rank, role_ids, bool(timed_out))
            except KeyError:  # the server is going this moment: every one has its default roles
                continue
            sight = _sight(situation, channels.get(server_id, []), for_roles, own.get(member_id, {}))
            if member_id not in own:
                alike[key] = sight
        looked.sights.setdefault(user_id, {})[server_id] = sight
    return looked


def _sight(
    situation: Situation, channels: Iterable[int], for_roles: Mapping[int, Written], own: Mapping[int, Overwrite]
) -> Sight:
    everywhere, plain = rights(situation), within(situation, {})
    seen: dict[int, int] = {}
    for channel_id in channels:
        held = plain
        if channel_id in for_roles or channel_id in own:
            written = dict(for_roles.get(channel_id, {}))
            if channel_id in own:
                written[None] = own[channel_id]
            held = within(situation, written)
        if held & Permission.VIEW_CHANNEL:
            seen[channel_id] = held
    return Sight(everywhere, seen)


def look(user_ids: Collection[int], session_ids: set[UUID]) -> tuple[log.Span, dict[int, View], set[UUID]]:
    """The log's span first: what comes after its head is not in the views for sure, what is before it is."""
    span = log.span()
    return span, views_of(user_ids), sessions_alive(session_ids)


def look_again(doubt: Doubt, here: Collection[int], session_ids: set[UUID]) -> Answer:
    """`here`: who subscribes at all, and is worth asking about."""
    here = set(here)
    users, members, servers = doubt.users & here, set(doubt.members), set(doubt.servers)
    if doubt.channels:
        of_servers = fetch("SELECT server_id FROM servers_channel WHERE id = ANY(%s)", list(doubt.channels))
        servers |= {server_id for (server_id,) in of_servers if server_id is not None}
        takers = fetch("SELECT user_id FROM friends_participant WHERE conversation_id = ANY(%s)", list(doubt.channels))
        users |= {user_id for (user_id,) in takers} & here
    if servers:
        members |= set(fetch(THERE, list(servers), list(here)))
    members = {(user_id, server_id) for user_id, server_id in members if user_id in here and user_id not in users}
    looked = sights_of({pair[0] for pair in members}, {pair[1] for pair in members}) if members else Looked({}, {})
    sights = {(user_id, server_id): looked.sights.get(user_id, {}).get(server_id) for user_id, server_id in members}
    return Answer(views_of(users) if users else {}, sights, looked.ends, sessions_alive(session_ids) if session_ids else set())


def _pairs(rows: Iterable[tuple[int, ...]]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for key, value in rows:
        groups.setdefault(key, []).append(value)
    return groups
