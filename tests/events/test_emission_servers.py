"""Each act upon a server tells what it did, to those who may hear of it, as REST shows it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events import log, sequencer
from events.models import Event
from servers.models import Member
from servers.permissions import Permission
from tests.factories import make_channel, make_invite, make_member, make_role, make_server, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(anna):
    return make_server(anna)


@pytest.fixture
def member(server, boris):
    return make_member(server, user=boris)


@pytest.fixture
def api(api_as, anna, server, member):
    return api_as(anna)


def head(server):
    return {name: value for name, value in server.items() if name not in {"categories", "channels", "roles", "members"}}


def test_a_new_server_is_told_to_its_maker(api_as, anna, heard):
    heard()
    made = api_as(anna).post("/api/servers", {"name": "Mine"}).json()
    assert heard() == [("server-joined", made["id"], None, anna.pk, {"server": head(made)})]


def test_a_server_that_changes(api, server, heard):
    heard()
    changed = api.put(f"/api/servers/{server.pk}", {"name": "Other"}).json()
    assert heard() == [("server-updated", server.pk, None, None, {"server": head(changed)})]


def test_a_server_that_is_deleted_leaves_nothing_but_the_farewell(api, anna, boris, server, heard):
    make_channel(server, type="text")
    heard()
    api.delete(f"/api/servers/{server.pk}")
    payload = {"serverId": server.pk, "reason": "deleted"}
    assert heard() == [("server-left", None, None, who.pk, payload) for who in (anna, boris)]


def test_a_block_and_its_end(server, member, anna, boris, api_as, heard):
    admin = api_as(make_user(role="admin"))
    heard()
    admin.post(f"/api/admin/servers/{server.pk}/block", {"reason": "spam"})
    payload = {"serverId": server.pk, "reason": "blocked"}
    assert heard() == [("server-left", None, None, who.pk, payload) for who in (anna, boris)]
    admin.post(f"/api/admin/servers/{server.pk}/unblock")
    now = head(api_as(anna).get(f"/api/servers/{server.pk}").json())
    assert heard() == [("server-joined", server.pk, None, who.pk, {"server": now}) for who in (anna, boris)]


def test_channels(api, server, heard):
    url = f"/api/servers/{server.pk}/channels"
    heard()
    made = api.post(url, {"name": "one"}).json()
    assert heard() == [("channel-created", server.pk, made["id"], None, {"channel": made})]
    changed = api.put(f"{url}/{made['id']}", {"name": "two"}).json()
    assert heard() == [("channel-updated", server.pk, made["id"], None, {"channel": changed})]
    api.delete(f"{url}/{made['id']}")
    assert heard() == [("channel-deleted", server.pk, None, None, {"channelId": made["id"]})]


@pytest.mark.parametrize("hidden_by", ["everyone", "role", "member"])
def test_nobody_is_told_the_end_of_a_channel_that_not_everybody_saw(api, server, member, heard, hidden_by):
    channel = make_channel(server)
    role = server.roles.get(preset="everyone") if hidden_by == "everyone" else make_role(server)
    whom = {"member": member} if hidden_by == "member" else {"role": role}
    channel.overwrites.create(**whom, deny=Permission.VIEW_CHANNEL)
    heard()
    api.delete(f"/api/servers/{server.pk}/channels/{channel.pk}")
    assert heard() == [("channel-deleted", server.pk, channel.pk, None, {"channelId": channel.pk})]


def test_what_was_said_in_a_channel_goes_with_it(api, server, heard):
    channel = make_channel(server, type="text")
    api.post("/api/messages", {"channelId": channel.pk, "content": "hello"})
    assert "message-created" in [told.kind for told in heard()]
    api.delete(f"/api/servers/{server.pk}/channels/{channel.pk}")
    heard()
    assert not Event.objects.filter(channel_id=channel.pk).exclude(kind="access").exclude(kind="gone").exists()


def test_only_channels_that_move_are_told(api, server, heard):
    one, two = (make_channel(server) for _ in range(2))
    places = [{"id": one.pk, "position": 7}, {"id": two.pk, "position": two.position}]
    heard()
    api.put(f"/api/servers/{server.pk}/channels/order", {"channels": places})
    now = api.get(f"/api/servers/{server.pk}/channels/{one.pk}").json()
    assert heard() == [("channel-updated", server.pk, one.pk, None, {"channel": now})]


def test_categories(api, server, heard):
    url = f"/api/servers/{server.pk}/categories"
    heard()
    made = api.post(url, {"name": "one"}).json()
    assert heard() == [("category-created", server.pk, None, None, {"category": made})]
    changed = api.put(f"{url}/{made['id']}", {"name": "two"}).json()
    assert heard() == [("category-updated", server.pk, None, None, {"category": changed})]
    api.delete(f"{url}/{made['id']}")
    assert heard() == [("category-deleted", server.pk, None, None, {"categoryId": made["id"]})]


def test_roles(api, server, heard):
    url = f"/api/servers/{server.pk}/roles"
    heard()
    made = api.post(url, {"name": "one"}).json()
    assert heard() == [("role-created", server.pk, None, None, {"role": made})]
    changed = api.patch(f"{url}/{made['id']}", {"name": "two", "permissions": "1024"}).json()
    assert heard() == [("role-updated", server.pk, None, None, {"role": changed})]
    api.delete(f"{url}/{made['id']}")
    assert heard() == [("role-deleted", server.pk, None, None, {"roleId": made["id"]})]


def test_whoever_joins_is_told_and_told_of(api_as, anna, boris, server, heard):
    invite = make_invite(server)
    heard()
    joined = api_as(boris).post(f"/api/invite/invite/{invite.token}/accept").json()
    assert heard() == [
        ("server-joined", server.pk, None, boris.pk, {"server": head(joined["server"])}),
        ("member-joined", server.pk, None, None, {"member": joined["member"]}),
    ]


def test_whoever_is_added(api, server, carol, heard):
    heard()
    added = api.post(f"/api/serverMembers/{server.pk}/members", {"userId": carol.pk}).json()
    assert [told.kind for told in heard()] == ["server-joined", "member-joined"]
    assert added["userId"] == carol.pk


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("put", "", {"role": "moderator"}),
        ("patch", "/voice", {"isMuted": True}),
        ("patch", "/timeout", {"mutedUntil": (timezone.now() + timedelta(days=1)).isoformat()}),
        ("patch", "", {"nickname": "Bo"}),
        ("put", "/roles", {"roleIds": []}),
    ],
)
def test_a_member_who_changes(api, server, member, heard, method, path, body):
    heard()
    answer = getattr(api, method)(f"/api/serverMembers/{server.pk}/members/{member.pk}{path}", body)
    assert answer.status_code == 200, answer.json()
    now = api.get(f"/api/serverMembers/{server.pk}/members/{member.pk}").json()
    assert heard() == [("member-updated", server.pk, None, None, {"member": now})]


def test_a_new_owner(api, server, member, boris, heard):
    heard()
    api.post(f"/api/serverMembers/{server.pk}/owner", {"userId": boris.pk})
    told = heard()
    assert [one.kind for one in told] == ["member-updated", "member-updated", "server-updated"]
    assert [one.payload["member"]["role"] for one in told[:2]] == ["admin", "owner"]
    assert told[2].payload["server"]["ownerId"] == boris.pk


def test_whoever_goes_or_is_put_out(api, api_as, boris, server, member, heard):
    url = f"/api/serverMembers/{server.pk}/members"

    def farewell(reason):
        member = Member.objects.get(user=boris).pk
        gone = ("member-left", server.pk, None, None, {"memberId": member, "userId": boris.pk})
        return [gone, ("server-left", None, None, boris.pk, {"serverId": server.pk, "reason": reason})]

    heard()
    expected = farewell("left")
    api_as(boris).delete(f"{url}/me")
    assert heard() == expected
    make_member(server, user=boris)
    heard()
    expected = farewell("kicked")
    api.delete(f"{url}/{Member.objects.get(user=boris).pk}")
    assert heard() == expected
    make_member(server, user=boris)
    heard()
    expected = farewell("banned")
    api.post(f"{url}/{Member.objects.get(user=boris).pk}/ban", {})
    assert heard() == [*expected, ("member-banned", server.pk, None, None, {"userId": boris.pk})]
    api.delete(f"/api/servers/{server.pk}/bans/{boris.pk}")
    assert heard() == [("member-unbanned", server.pk, None, None, {"userId": boris.pk})]


def test_invites(api, server, heard):
    heard()
    made = api.post(f"/api/invite/{server.pk}/invite").json()["invite"]
    assert heard() == [("invite-created", server.pk, None, None, {"invite": made})]
    api.delete(f"/api/invite/{made['id']}")
    assert heard() == [("invite-deleted", server.pk, None, None, {"inviteId": made["id"]})]


def test_rights_are_told_before_what_follows_from_them(api, boris, server, member):
    start = log.span().head
    api.delete(f"/api/serverMembers/{server.pk}/members/{member.pk}")
    while sequencer.drain():
        pass
    kinds = [entry.kind for entry in log.tail(start, 100)]
    assert kinds[-3:] == ["access", "member-left", "server-left"]
