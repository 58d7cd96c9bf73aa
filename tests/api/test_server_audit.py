"""The audit log of a server: one entry for each act of moderation, with who, on whom, what, and why."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from audit.models import AuditEntry
from projectvoice.kernel.serializers import iso
from servers.permissions import Permission
from tests.api.world import is_error
from tests.factories import make_invite, make_member, make_server

pytestmark = pytest.mark.django_db
P = Permission
ANY = object()

# name → method, path, body, action, target (type, id of the world), before, after
ACTS = {
    "server": ("put", "/servers/{server}", {"name": "New"}, "server.update", ("server", "server"), {"name": "Ours"}, {"name": "New"}),
    "channel made": ("post", "/servers/{server}/channels", {"name": "c"}, "channel.create", ("channel", ANY), None, {"name": "c", "type": "text", "description": None, "position": 1, "category_id": None, "slowmode": 0, "user_limit": 0}),
    "channel changed": ("put", "/servers/{server}/channels/{channel}", {"name": "d", "slowmode": 5, "userLimit": 9}, "channel.update", ("channel", "channel"), {"name": "lobby", "slowmode": 0, "user_limit": 0}, {"name": "d", "slowmode": 5, "user_limit": 9}),
    "channel deleted": ("delete", "/servers/{server}/channels/{channel}", {}, "channel.delete", ("channel", "channel"), ANY, None),
    "channels moved": ("put", "/servers/{server}/channels/order", {"channels": [{"id": "{channel}", "position": 3, "categoryId": "{category}"}]}, "channel.arrange", ("server", "server"), ANY, ANY),
    "category made": ("post", "/servers/{server}/categories", {"name": "c"}, "category.create", ("category", ANY), None, {"name": "c", "position": 1}),
    "category changed": ("put", "/servers/{server}/categories/{category}", {"name": "d"}, "category.update", ("category", "category"), {"name": "Talk"}, {"name": "d"}),
    "category deleted": ("delete", "/servers/{server}/categories/{category}", {}, "category.delete", ("category", "category"), {"name": "Talk", "position": 0}, None),
    "overwrite made": ("put", "/servers/{server}/channels/{channel}/permissions/roles/{role}", {"deny": "1024"}, "overwrite.put", ("channel", "channel"), None, {"for": "role {role} custom", "allow": "0", "deny": "1024"}),
    "overwrite changed": ("put", "/servers/{server}/channels/{channel}/permissions/roles/{held_role}", {"allow": "1024"}, "overwrite.put", ("channel", "channel"), {"for": "role {held_role} custom", "allow": "0", "deny": "2097152"}, {"for": "role {held_role} custom", "allow": "1024", "deny": "0"}),
    "overwrite deleted": ("delete", "/servers/{server}/channels/{channel}/permissions/members/{member}", {}, "overwrite.delete", ("channel", "channel"), ANY, None),
    "role made": ("post", "/servers/{server}/roles", {"name": "r"}, "role.create", ("role", ANY), None, ANY),
    "role changed": ("patch", "/servers/{server}/roles/{role}", {"permissions": "8"}, "role.update", ("role", "role"), {"permissions": 0}, {"permissions": 8}),
    "role deleted": ("delete", "/servers/{server}/roles/{role}", {}, "role.delete", ("role", "role"), ANY, None),
    "role given": ("post", "/servers/{server}/roles/members/{member}/roles/{role}", {}, "member.roles", ("member", "user"), {"roles": "{held_role} custom"}, {"roles": "{role} custom, {held_role} custom"}),
    "role taken": ("delete", "/servers/{server}/roles/members/{member}/roles/{held_role}", {}, "member.roles", ("member", "user"), {"roles": "{held_role} custom"}, {"roles": ""}),
    "roles replaced": ("put", "/serverMembers/{server}/members/{member}/roles", {"roleIds": ["{role}"]}, "member.roles", ("member", "user"), {"roles": "{held_role} custom"}, {"roles": "{role} custom"}),
    "member added": ("post", "/serverMembers/{server}/members", {"userId": "{fresh_user}"}, "member.add", ("member", "fresh_user"), None, {"role": "member"}),
    "member role": ("put", "/serverMembers/{server}/members/{member}", {"role": "moderator"}, "member.role", ("member", "user"), {"role": "member"}, {"role": "moderator"}),
    "nickname": ("patch", "/serverMembers/{server}/members/{member}", {"nickname": "n"}, "member.nickname", ("member", "user"), {"nickname": None}, {"nickname": "n"}),
    "muted": ("patch", "/serverMembers/{server}/members/{member}/voice", {"isMuted": True}, "member.voice", ("member", "user"), {"is_muted": False}, {"is_muted": True}),
    "moved": ("post", "/serverMembers/{server}/members/{member}/move", {"channelId": "{channel}"}, "member.move", ("member", "user"), None, {"channel": "{channel} lobby"}),
    "put out of calls": ("post", "/serverMembers/{server}/members/{member}/move", {"channelId": None}, "member.move", ("member", "user"), None, {"channel": None}),
    "timed out": ("patch", "/serverMembers/{server}/members/{member}/timeout", {"mutedUntil": iso(timezone.now() + timedelta(days=1))}, "member.timeout", ("member", "user"), {"muted_until": None}, ANY),
    "kicked": ("delete", "/serverMembers/{server}/members/{member}", {}, "member.kick", ("member", "user"), {"role": "member"}, None),
    "banned": ("post", "/serverMembers/{server}/members/{member}/ban", {}, "member.ban", ("member", "user"), {"role": "member"}, {"expires_at": None}),
    "ban lifted": ("delete", "/servers/{server}/bans/{banned}", {}, "ban.lift", ("member", "banned"), {"reason": None, "expires_at": None}, None),
    "owner": ("post", "/serverMembers/{server}/owner", {"userId": "{user}"}, "server.owner", ("member", "user"), ANY, ANY),
    "invite deleted": ("delete", "/invite/{invite}", {}, "invite.delete", ("invite", "invite"), ANY, None),
    "server deleted": ("delete", "/servers/{server}", {}, "server.delete", ("server", "server"), None, None),
}  # fmt: skip


@pytest.fixture
def ours(world):
    world.ids["user"] = world.victim.user_id
    return world


def written(world):
    return list(AuditEntry.objects.filter(log=f"server:{world.server.pk}").order_by("sequence"))


def filled(world, state):
    """ "{role}" becomes its id."""
    if not isinstance(state, dict):
        return state
    return {key: value.format(**world.ids) if isinstance(value, str) else value for key, value in state.items()}


@pytest.mark.parametrize("name", ACTS)
def test_each_act_leaves_one_entry(ours, api_as, name):
    method, path, body, action, (kind, target), before, after = ACTS[name]
    earlier, owner = len(written(ours)), ours.server.owner
    answer = getattr(api_as(owner), method)(ours.path(path), {**ours.body(body), "reason": "because"})
    assert answer.status_code < 300, answer.content
    (entry,) = written(ours)[earlier:]
    assert (entry.action, entry.actor_number, entry.actor_name) == (action, owner.pk, owner.username)
    assert (entry.target_type, entry.reason) == (kind, "because")
    assert entry.target_id == (entry.target_id if target is ANY else ours.ids[target])
    for stored, expected in ((entry.before, before), (entry.after, after)):
        assert stored if expected is ANY else stored == filled(ours, expected)


@pytest.mark.parametrize("name", ACTS)
def test_a_refused_act_leaves_none(ours, api_as, name):
    method, path, body, *_ = ACTS[name]
    earlier = written(ours)
    for who, status in (("member", 403), ("stranger", 403), (None, 401)):
        client = api_as(ours.who[who]) if who else api_as()
        assert is_error(getattr(client, method)(ours.path(path), ours.body(body)), status)
    assert written(ours) == earlier


@pytest.mark.parametrize("name", ACTS)
def test_a_reason_of_more_than_500_letters_is_refused_and_nothing_is_done(ours, api_as, name):
    method, path, body, *_ = ACTS[name]
    client, url, body = api_as(ours.server.owner), ours.path(path), ours.body(body)
    earlier = written(ours)
    for odd in ("a" * 501, 1, [], "a\0"):
        refused = getattr(client, method)(url, {**body, "reason": odd})
        assert is_error(refused, 400)
        assert refused.json()["error"].startswith("reason:")
    assert is_error(getattr(client, method)(f"{url}?reason={'a' * 501}", body), 400)
    assert written(ours) == earlier
    assert getattr(client, method)(f"{url}?reason={'a' * 500}", body).status_code < 300
    assert written(ours)[-1].reason == "a" * 500


@pytest.mark.parametrize(("body", "query", "kept"), [({}, "", None), ({"reason": ""}, "?reason=x", None), ({}, "?reason=x", "x"), ({"reason": "y"}, "?reason=x", "y"), ({"reason": None}, "", None)])  # fmt: skip
def test_a_reason_is_optional_and_the_body_goes_first(ours, api_as, body, query, kept):
    api_as(ours.server.owner).delete(ours.path("/servers/{server}/roles/{role}") + query, body)
    assert written(ours)[-1].reason == kept


UNSAID = {
    "one's own nickname": ("patch", "/serverMembers/{server}/members/{own}", {"nickname": "n"}),
    "leaving": ("delete", "/serverMembers/{server}/members/me", None),
    "leaving by one's id": ("delete", "/serverMembers/{server}/members/{own}", None),
}


@pytest.mark.parametrize("name", UNSAID)
def test_what_one_does_to_oneself_is_no_moderation(ours, api_as, name):
    method, path, body = UNSAID[name]
    ours.ids["own"] = ours.members["member"].pk
    earlier = written(ours)
    assert getattr(api_as(ours.who["member"]), method)(ours.path(path), body).status_code < 300
    assert written(ours) == earlier


UNCHANGED = [
    ("put", "/servers/{server}", {"name": "Ours"}),
    ("put", "/servers/{server}/channels/{channel}", {}),
    ("put", "/servers/{server}/channels/order", {"channels": [{"id": "{channel}", "position": 0}]}),
    ("put", "/servers/{server}/categories/{category}", {"name": "Talk"}),
    ("put", "/servers/{server}/channels/{channel}/permissions/roles/{held_role}", {"deny": str(int(P.SPEAK))}),
    ("patch", "/servers/{server}/roles/{role}", {"permissions": "0"}),
    ("put", "/serverMembers/{server}/members/{member}", {"role": "member"}),
    ("put", "/serverMembers/{server}/members/{member}/roles", {"roleIds": ["{held_role}"]}),
    ("patch", "/serverMembers/{server}/members/{member}", {"nickname": None}),
    ("patch", "/serverMembers/{server}/members/{member}/voice", {"isMuted": False}),
    ("patch", "/serverMembers/{server}/members/{member}/timeout", {"mutedUntil": None}),
]


@pytest.mark.parametrize(("method", "path", "body"), UNCHANGED)
def test_what_changes_nothing_leaves_none(ours, api_as, method, path, body):
    earlier = written(ours)
    assert getattr(api_as(ours.server.owner), method)(ours.path(path), ours.body(body)).status_code == 200
    assert written(ours) == earlier


def test_the_log_is_read_newest_first_by_who_may(api_as):
    server = make_server()
    owner, url = api_as(server.owner), f"/api/servers/{server.pk}/audit"
    empty = {"entries": [], "total": 0, "page": 1, "limit": 20, "totalPages": 0}
    assert owner.get(url).json() == empty
    for name in "abc":
        owner.put(f"/api/servers/{server.pk}", {"name": name, "reason": f"for {name}"})
    page = owner.get(url, {"limit": 2}).json()
    assert {**page, "entries": []} == {**empty, "total": 3, "limit": 2, "totalPages": 2}
    newest, middle = page["entries"]
    assert newest == {
        "id": 3,
        "at": newest["at"],
        "actorId": server.owner_id,
        "actorName": server.owner.username,
        "action": "server.update",
        "targetType": "server",
        "targetId": server.pk,
        "targetName": "c",
        "before": {"name": "b"},
        "after": {"name": "c"},
        "reason": "for c",
        "hash": newest["hash"],
    }
    assert [entry["id"] for entry in (middle, *owner.get(url, {"limit": 2, "page": 2}).json()["entries"])] == [2, 1]
    reader = api_as(make_member(server, permissions=P.VIEW_AUDIT_LOG).user)
    assert reader.get(url).json()["total"] == 3
    assert is_error(api_as(make_member(server, "moderator").user).get(url), 403)
    assert is_error(api_as(make_server().owner).get(url), 403)
    assert is_error(owner.get(url, {"page": "0"}), 400)


def test_the_log_is_asked_for_what_one_did_and_for_one_kind_of_act(api_as):
    server = make_server()
    manager = make_member(server, permissions=P.MANAGE_GUILD | P.MANAGE_ROLES).user
    owner, url = api_as(server.owner), f"/api/servers/{server.pk}/audit"
    for who, name in ((owner, "a"), (api_as(manager), "b"), (owner, "c")):
        assert who.put(f"/api/servers/{server.pk}", {"name": name}).status_code == 200
    assert owner.post(f"/api/servers/{server.pk}/roles", {"name": "r"}).status_code == 201

    def asked(**query):
        answer = owner.get(url, query).json()
        return [entry["id"] for entry in answer["entries"]], answer["total"]

    assert asked(actorId=manager.pk) == ([2], 1)
    assert asked(action="server.update", limit=2) == ([3, 2], 3)
    assert asked(action="server.update", limit=2, page=2) == ([1], 3)
    assert asked(actorId=server.owner_id, action="role.create") == ([4], 1)
    assert asked(action="nothing") == asked(action="\0") == ([], 0)
    assert is_error(owner.get(url, {"actorId": "x"}), 400)


def test_each_server_has_a_log_of_its_own_that_checks_out(api_as):
    ours, theirs = make_server(), make_server()
    for number, server in enumerate((ours, theirs, ours)):
        api_as(server.owner).put(f"/api/servers/{server.pk}", {"name": f"name {number}"})
        api_as(server.owner).delete(f"/api/invite/{make_invite(server).pk}")
    assert [api_as(one.owner).get(f"/api/servers/{one.pk}/audit").json()["total"] for one in (ours, theirs)] == [4, 2]
    said = StringIO()
    call_command("verify_audit", stdout=said)
    for server, entries in ((ours, 4), (theirs, 2)):
        assert f"server:{server.pk}: {entries} entries, 0 checkpoints, unbroken" in said.getvalue()
