"""Timeouts: until they end a member only reads. And bans that end by themselves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projectvoice.kernel.errors import Forbidden
from projectvoice.kernel.serializers import iso
from servers.models import Ban, Member
from servers.permissions import LEFT_IN_TIMEOUT, Permission
from tests.api.world import is_error
from tests.factories import make_channel, make_invite, make_member, make_messages, make_server
from voice.access import access_room
from voice.core.words import Room

pytestmark = pytest.mark.django_db
P = Permission


@pytest.fixture
def channel():
    return make_channel(make_server(), type="text", name="general")


@pytest.fixture
def owner(api_as, channel):
    return api_as(channel.server.owner)


def url(member, rest=""):
    return f"/api/serverMembers/{member.server_id}/members/{member.pk}{rest}"


def ahead(**span):
    return iso(timezone.now() + timedelta(**span))


def time_out(client, member, until):
    return client.patch(url(member, "/timeout"), {"mutedUntil": until})


def test_whoever_is_timed_out_only_reads_until_it_ends(channel, owner, api_as):
    member, voice = make_member(channel.server), make_channel(channel.server)
    api = api_as(member.user)
    mine = api.post("/api/messages", {"channelId": channel.pk, "content": "mine"}).json()["id"]
    (message,) = make_messages(channel, 1)
    until = ahead(hours=1)
    answer = time_out(owner, member, until)
    assert (answer.status_code, answer.json()["mutedUntil"]) == (200, until)
    assert answer.json()["totalPermissions"] == str(int(LEFT_IN_TIMEOUT))
    deeds = [
        ("post", "/api/messages", {"channelId": channel.pk, "content": "x"}),
        ("put", f"/api/messages/{message.pk}/reactions/x", {}),
        ("put", f"/api/messages/{mine}", {"content": "a word by the back door"}),
        ("patch", url(member), {"nickname": "a word as a name"}),
    ]
    for method, path, body in deeds:
        refused = getattr(api, method)(path, body)
        assert is_error(refused, 403), path
        assert refused.json()["error"].startswith("You are timed out here")
        assert refused.json()["details"]["chain"][-1] == {"rule": "timeout", "effect": "deny", "role": None}
    with pytest.raises(Forbidden, match="timed out"):
        access_room(member.user, Room(str(voice.pk), channel=True))
    assert api.get("/api/messages", {"channelId": channel.pk}).json()["total"] == 2
    assert api.get("/api/messages/unread").status_code == 200

    Member.objects.filter(pk=member.pk).update(muted_until=timezone.now())
    for method, path, body in deeds:
        assert getattr(api, method)(path, body).status_code in {200, 201}, path
    assert access_room(member.user, Room(str(voice.pk), channel=True)).server_id == channel.server_id


@pytest.mark.parametrize("until", [None, "2020-01-02T03:04:05.678Z"])
def test_a_timeout_is_lifted(channel, owner, api_as, until):
    member = make_member(channel.server)
    api, body = api_as(member.user), {"channelId": channel.pk, "content": "x"}
    time_out(owner, member, ahead(hours=1))
    assert is_error(api.post("/api/messages", body), 403)
    assert time_out(owner, member, until).json()["mutedUntil"] == until
    assert api.post("/api/messages", body).status_code == 201


def test_a_timeout_lasts_28_days_at_most(channel, owner):
    member = make_member(channel.server)
    refused = time_out(owner, member, ahead(days=28, minutes=1))
    assert is_error(refused, 400)
    assert refused.json()["error"].startswith("mutedUntil: at most 28 days")
    assert not Member.objects.get(pk=member.pk).muted_until
    assert time_out(owner, member, ahead(days=27, hours=23)).status_code == 200


def test_administrators_are_not_timed_out(channel, owner):
    admin, by_role = make_member(channel.server, "admin"), make_member(channel.server, permissions=P.ADMINISTRATOR)
    for member in (admin, by_role):
        refused = time_out(owner, member, ahead(hours=1))
        assert is_error(refused, 403)
        assert refused.json()["error"] == "An administrator cannot be timed out"
        assert time_out(owner, member, None).status_code == 200
    assert time_out(owner, make_member(channel.server, "moderator"), ahead(hours=1)).status_code == 200


def test_the_rank_of_somebody_timed_out_opens_nothing_and_still_protects(channel, owner, api_as):
    moderator, other, member = (make_member(channel.server, rank) for rank in ("moderator", "moderator", "member"))
    api, path = api_as(moderator.user), f"/api/servers/{channel.server_id}"
    deeds = [
        ("post", f"{path}/channels", {"name": "c"}),
        ("delete", f"/api/messages/{make_messages(channel, 1)[0].pk}", {}),
        ("post", f"/api/invite/{channel.server_id}/invite", {}),
        ("patch", url(member, "/timeout"), {"mutedUntil": None}),
        ("patch", url(moderator, "/timeout"), {"mutedUntil": None}),
    ]
    time_out(owner, moderator, ahead(hours=1))
    for method, where, body in deeds:
        assert is_error(getattr(api, method)(where, body), 403), where
    assert is_error(api_as(other.user).delete(url(moderator)), 403)
    time_out(owner, moderator, None)
    assert [getattr(api, method)(where, body).status_code for method, where, body in deeds] == [201, 204, 201, 200, 403]


def test_calls_are_told_of_a_timeout(channel, owner, told):
    member = make_member(channel.server)
    with told:
        time_out(owner, member, ahead(hours=1))
    assert [(event.user_id, event.server_id) for event in told] == [(member.user_id, channel.server_id)]


def ban(client, member, **body):
    return client.post(url(member, "/ban"), body)


def expire(server):
    """The hour has come."""
    Ban.objects.filter(server=server).update(expires_at=timezone.now())


@pytest.fixture
def banned(channel, owner):
    """A user, banned for an hour."""
    member = make_member(channel.server)
    assert ban(owner, member, expiresAt=ahead(hours=1), reason="noise").status_code == 200
    return member.user


def test_an_expired_ban_is_over_by_itself(channel, owner, banned, api_as):
    server = channel.server
    accept = f"/api/invite/invite/{make_invite(server).token}/accept"
    add, bans = f"/api/serverMembers/{server.pk}/members", f"/api/servers/{server.pk}/bans"
    assert [row["userId"] for row in owner.get(bans).json()] == [banned.pk]
    assert is_error(api_as(banned).post(accept), 403)
    assert is_error(owner.post(add, {"userId": banned.pk}), 403)
    expire(server)
    assert owner.get(bans).json() == []
    assert is_error(owner.delete(f"{bans}/{banned.pk}"), 404)
    assert api_as(banned).post(accept).status_code == 200


def test_whose_ban_expired_can_be_added_and_banned_again(channel, owner, banned):
    server = channel.server
    expire(server)
    added = owner.post(f"/api/serverMembers/{server.pk}/members", {"userId": banned.pk})
    assert added.status_code == 201
    before = timezone.now()
    assert ban(owner, Member.objects.get(pk=added.json()["id"]), reason="again").status_code == 200
    (row,) = owner.get(f"/api/servers/{server.pk}/bans").json()
    assert (row["reason"], row["expiresAt"], row["bannedBy"]) == ("again", None, server.owner_id)
    assert row["bannedAt"] >= iso(before), "not the old one's"
    assert Ban.objects.count() == 1


def test_the_end_of_a_ban_is_shown_and_lies_ahead(channel, owner):
    member, until = make_member(channel.server), ahead(days=400)
    for past in (iso(timezone.now()), "2020-01-02T03:04:05.678Z"):
        refused = ban(owner, member, expiresAt=past)
        assert is_error(refused, 400)
        assert refused.json()["error"].startswith("expiresAt: ")
    assert Member.objects.filter(pk=member.pk).exists()
    assert ban(owner, member, expiresAt=until).status_code == 200
    assert owner.get(f"/api/servers/{channel.server_id}/bans").json()[0]["expiresAt"] == until
