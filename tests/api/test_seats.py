"""Who may sit in a room, and how: what the calls ask before somebody sits down, and again when rights changed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.services import session_open, user_block, user_delete
from accounts.tokens import token_for
from projectvoice.kernel import events
from projectvoice.kernel.errors import DomainError, Forbidden, InvalidSession
from projectvoice.kernel.events import GROUP, AccessChanged, AccessEnded, MemberMoved, bus, event_of
from servers.models import Channel, Member, Overwrite
from servers.permissions import Permission
from servers.services.servers import server_block
from tests.api.world import is_error
from tests.factories import make_channel, make_direct, make_member, make_server, make_token, make_user
from voice.access import OPEN, Claim, Granted, Refusal, Standing, access_room, enter, review
from voice.core.words import Room

P = Permission
LOBBY = Room("lobby")
db = pytest.mark.django_db


@pytest.fixture
def channel():
    """With nine seats."""
    channel = make_channel(make_server())
    Channel.objects.filter(pk=channel.pk).update(user_limit=9)
    return channel


def room_of(channel):
    return Room(str(channel.pk), channel=True)


def claim_of(user, room, peer_id="peer"):
    return Claim(peer_id, user.pk, session_open(user=user).pk, room)


def deny(channel, bit, **whom):
    Overwrite.objects.create(channel=channel, deny=bit, **whom)


# The limit of a channel


@db
def test_a_channel_has_as_many_seats_as_it_says(api_as):
    server = make_server()
    api, url = api_as(server.owner), f"/api/servers/{server.pk}/channels"
    made = api.post(url, {"name": "talk", "type": "voice", "userLimit": 5})
    assert (made.status_code, made.json()["userLimit"]) == (201, 5)
    assert api.post(url, {"name": "chat"}).json()["userLimit"] == 0
    one = f"{url}/{made.json()['id']}"
    for given, kept in ((99, 99), (None, 0), (1, 1), (0, 0), (7, 7)):
        assert api.put(one, {"userLimit": given}).json()["userLimit"] == kept
        assert api.get(one).json()["userLimit"] == kept
    for odd in (-1, 100, 1.5, "5", True, [], 2**63):
        assert is_error(api.put(one, {"userLimit": odd}), 400)
    assert [channel["userLimit"] for channel in api.get(url).json()] == [7, 0]
    assert [channel["userLimit"] for channel in api.get(f"/api/servers/{server.pk}").json()["channels"]] == [7, 0]
    assert api.put(one, {"type": "text"}).json()["userLimit"] == 7, "as slow mode stays with a voice channel"


@db
def test_the_calls_hear_of_a_new_limit(api_as, channel, told):
    url = f"/api/servers/{channel.server_id}/channels/{channel.pk}"
    with told:
        assert api_as(channel.server.owner).put(url, {"userLimit": 2}).status_code == 200
    assert told == [AccessChanged(channel_id=channel.pk)]


# Where somebody stands


def plain(member, channel):
    return Standing(channel.server_id, 9, muted=False, deafened=False, may_speak=True)


def muted(member, channel):
    Member.objects.filter(pk=member.pk).update(is_muted=True)
    return plain(member, channel)._replace(muted=True)


def deafened(member, channel):
    Member.objects.filter(pk=member.pk).update(is_deafened=True)
    return plain(member, channel)._replace(deafened=True)


def silenced(member, channel):
    deny(channel, P.SPEAK, member=member)
    return plain(member, channel)._replace(may_speak=False)


def silenced_by_role(member, channel):
    deny(channel, P.SPEAK, role=channel.server.roles.get(preset="member"))
    return plain(member, channel)._replace(may_speak=False)


def mover_here(member, channel):
    Overwrite.objects.create(channel=channel, member=member, allow=P.MOVE_MEMBERS)
    return plain(member, channel)._replace(limit=0)


def mover_elsewhere(member, channel):
    Overwrite.objects.create(channel=make_channel(channel.server), member=member, allow=P.MOVE_MEMBERS)
    return plain(member, channel)


def administrator(member, channel):
    Member.objects.filter(pk=member.pk).update(role="admin")
    deny(channel, P.SPEAK | P.MOVE_MEMBERS, member=member)
    return plain(member, channel)._replace(limit=0)


def unlimited(member, channel):
    Channel.objects.filter(pk=channel.pk).update(user_limit=0)
    return plain(member, channel)._replace(limit=0)


@db
@pytest.mark.parametrize(
    "becomes",
    [plain, muted, deafened, silenced, silenced_by_role, mover_here, mover_elsewhere, administrator, unlimited],
)
def test_a_seat_is_as_the_channel_and_the_moderators_have_it(channel, becomes):
    member, room = make_member(channel.server), room_of(channel)
    standing = becomes(member, channel)
    assert access_room(member.user, room) == standing
    assert enter(make_token(member.user), room, guests=True).standing == standing
    assert review([claim_of(member.user, room)]) == [Granted("peer", room, standing)]


# Who gets no seat


def kicked(member, channel):
    member.delete()


def hidden(member, channel):
    deny(channel, P.VIEW_CHANNEL, member=member)


def shut(member, channel):
    deny(channel, P.CONNECT, member=member)


def timed_out(member, channel):
    Member.objects.filter(pk=member.pk).update(muted_until=timezone.now() + timedelta(hours=1))


def written(member, channel):
    Channel.objects.filter(pk=channel.pk).update(type="text")


def deleted(member, channel):
    Channel.objects.filter(pk=channel.pk).delete()


def blocked(member, channel):
    server_block(server=channel.server, by=make_user(), reason="spam")


@db
@pytest.mark.parametrize("becomes", [kicked, hidden, shut, timed_out, written, deleted, blocked])
def test_review_refuses_with_the_doors_own_reason(channel, becomes):
    member, other, room = make_member(channel.server), make_member(channel.server), room_of(channel)
    elsewhere = room_of(make_channel(make_server(member.user)))
    claims = [claim_of(member.user, room, "here"), claim_of(member.user, elsewhere, "there")]
    assert [type(answer) for answer in review(claims)] == [Granted, Granted]
    becomes(member, channel)
    with pytest.raises(DomainError) as door:
        access_room(member.user, room)
    refused, granted = review(claims)
    assert (refused.peer_id, refused.room, refused.signed_out) == ("here", room, False)
    assert (type(refused.reason), str(refused.reason)) == (type(door.value), str(door.value))
    assert refused.reason.extra == door.value.extra
    assert granted == Granted("there", elsewhere, access_room(member.user, elsewhere))
    (of_other,) = review([claim_of(other.user, room)])
    assert isinstance(of_other, Granted) == (becomes in {kicked, hidden, shut, timed_out})


@db
def test_a_conversation_is_no_room(channel):
    member = make_member(channel.server)
    direct = room_of(make_direct(member.user, channel.server.owner).channel)
    (refused,) = review([claim_of(member.user, direct)])
    with pytest.raises(DomainError) as door:
        access_room(member.user, direct)
    assert type(refused.reason) is type(door.value)


@db
def test_ended_sessions_are_signed_out_wherever_they_sit(channel):
    user, staying = make_member(channel.server).user, make_member(channel.server).user
    gone, idle = make_member(channel.server).user, make_user()
    room = room_of(channel)
    claims = [
        claim_of(user, room, "blocked"),
        claim_of(gone, LOBBY, "gone"),
        Claim("unknown session", staying.pk, uuid4(), room),
        Claim("elsewhere", staying.pk, uuid4(), None),
        claim_of(staying, room, "staying"),
        claim_of(idle, None, "idle"),
    ]
    user_block(user=user, by=None, reason="spam")
    user_delete(user=gone)
    answers = review(claims)
    assert [(answer.peer_id, isinstance(answer, Refusal)) for answer in answers] == [
        ("blocked", True),
        ("gone", True),
        ("unknown session", True),
        ("elsewhere", True),
        ("staying", False),
    ], "who sits nowhere and is signed in needs no answer"
    for answer in answers[:-1]:
        assert answer.signed_out
        assert isinstance(answer.reason, InvalidSession)


@db
def test_review_costs_the_same_for_one_seat_and_for_many(channel, django_assert_num_queries):
    members = [make_member(channel.server, permissions=P.SPEAK) for _ in range(5)]
    channels = [channel, *(make_channel(make_server(member.user)) for member in members)]
    deny(channel, P.CONNECT, member=members[0])
    claims = [
        claim_of(member.user, room_of(where), f"{member.pk} in {where.pk}, socket {socket}")
        for member in members
        for where in channels
        for socket in range(2)
    ]
    claims += [claim_of(member.user, LOBBY) for member in members]
    with django_assert_num_queries(3):
        review(claims[2:3])
    with django_assert_num_queries(3):
        answers = review(claims)
    assert [answer.peer_id for answer in answers] == [claim.peer_id for claim in claims]
    granted = [isinstance(answer, Granted) for answer in answers]
    assert sum(granted) == 2 * (5 - 1) + 2 * 5 + 5  # the lobby of all but one, each in his own, and the open room
    server_block(server=channel.server, by=make_user(), reason="spam")
    with django_assert_num_queries(4):
        review(claims)
    assert review([]) == []


# Open rooms and guests


@db
def test_open_rooms_are_for_users_and_where_a_dialect_says_so_for_guests(channel):
    user = make_user()
    identity, standing = enter(make_token(user), LOBBY, guests=False)
    assert (identity.user, standing) == (user, OPEN)
    assert standing == (None, 0, False, False, True)
    assert enter(make_token(user), LOBBY, guests=True).identity.user == user
    for nothing in (None, ""):
        assert enter(nothing, LOBBY, guests=True) == (None, OPEN)
        with pytest.raises(InvalidSession):
            enter(nothing, LOBBY, guests=False)
        with pytest.raises(InvalidSession):
            enter(nothing, room_of(channel), guests=True)


@db
def test_a_bad_token_makes_nobody_a_guest(channel):
    user = make_user()
    token = token_for(session_open(user=user))
    head, body, signature = token.split(".")
    for guests in (True, False):
        for bad in ("garbage", "a.b.c", f"{head}.{body}.{signature[::-1]}", "\0", " "):
            for room in (LOBBY, room_of(channel)):
                with pytest.raises(InvalidSession):
                    enter(bad, room, guests=guests)
    user_block(user=user, by=None, reason="spam")
    with pytest.raises(DomainError):
        enter(token, LOBBY, guests=True)


@db
def test_without_open_rooms_neither_users_nor_guests_get_one(channel, settings):
    user, member = make_user(), make_member(channel.server)
    claims = [claim_of(user, LOBBY, "open"), claim_of(member.user, room_of(channel), "channel")]
    settings.OPEN_ROOMS = False
    for token in (make_token(user), None):
        with pytest.raises(Forbidden, match="Open rooms are switched off"):
            enter(token, LOBBY, guests=True)
    refused, granted = review(claims)
    assert (refused.peer_id, str(refused.reason), refused.signed_out) == ("open", "Open rooms are switched off here", False)
    assert granted.peer_id == "channel"
    assert enter(make_token(member.user), room_of(channel), guests=False).standing == plain(member, channel)


# The bus


@pytest.mark.parametrize(
    "event",
    [
        AccessChanged(),
        AccessChanged(1, 2, 3),
        AccessChanged(server_id=2),
        MemberMoved(1, 2, 3),
        MemberMoved(1, 2, None),
        AccessEnded(1),
    ],
)
async def test_what_is_said_on_the_bus_is_heard_as_it_was_said(event):
    layer = bus()
    channel = await layer.new_channel()
    await layer.group_add(GROUP, channel)
    await events._send(event)
    assert event_of(await layer.receive(channel)) == event
