"""`/api/servers` and `/api/servers/:id`."""

import pytest

from servers.models import Ban, Channel, Invite, Member, Role, Server
from servers.permissions import DEFAULT_ROLES
from servers.services.servers import SERVERS_PER_OWNER
from tests.api.world import is_error
from tests.factories import make_channel, make_invite, make_member, make_server, make_user

pytestmark = pytest.mark.django_db
SERVER = {
    *("id", "name", "description", "icon", "ownerId", "isBlocked", "memberCount", "categories"),
    *("channels", "roles", "members", "createdAt", "updatedAt"),
}


def test_a_new_server_is_answered_flat_with_its_roles_and_its_owner(api_as):
    user = make_user()
    answer = api_as(user).post("/api/servers", {"name": "Hall", "icon": "https://example.com/i.png", "isPrivate": True})
    assert answer.status_code == 201
    server = answer.json()
    assert set(server) == SERVER
    assert server.items() >= {"name": "Hall", "description": None, "icon": "https://example.com/i.png"}.items()
    assert server.items() >= {"ownerId": user.pk, "isBlocked": False, "memberCount": 1, "channels": []}.items()
    assert [(member["userId"], member["role"]) for member in server["members"]] == [(user.pk, "owner")]
    assert [
        (role["name"], role["permissions"], role["position"], role["color"], role["isHoisted"])
        for role in reversed(server["roles"])
    ] == [(role.name, str(int(role.permissions)), role.position, role.color, role.is_hoisted) for role in DEFAULT_ROLES]
    assert {role["serverId"] for role in server["roles"]} == {server["id"]}


def test_the_list_holds_ones_own_servers_and_no_others(api_as):
    user = make_user()
    mine, joined, foreign = make_server(user), make_server(), make_server()
    make_member(joined, user=user)
    listed = api_as(user).get("/api/servers").json()
    assert [server["id"] for server in listed] == [mine.pk, joined.pk]
    assert all(set(server) == SERVER for server in listed)
    assert [server["id"] for server in api_as(foreign.owner).get("/api/servers").json()] == [foreign.pk]
    assert api_as(make_user()).get("/api/servers").json() == []


def test_inside_a_server_are_the_shapes_of_the_lists(api_as):
    server = make_server()
    make_channel(server)
    make_member(server, permissions=2)
    api = api_as(server.owner)
    whole = api.get(f"/api/servers/{server.pk}").json()
    assert whole["channels"] == api.get(f"/api/servers/{server.pk}/channels").json()
    assert whole["members"] == api.get(f"/api/serverMembers/{server.pk}/members").json()
    assert api.get("/api/servers").json() == [whole]
    assert whole["memberCount"] == 2


def test_a_big_server_shows_its_first_hundred_members_and_counts_all(api_as):
    server = make_server()
    for _ in range(104):
        make_member(server)
    api = api_as(server.owner)
    for answer in (api.get(f"/api/servers/{server.pk}").json(), api.get("/api/servers").json()[0]):
        assert (len(answer["members"]), answer["memberCount"]) == (100, 105)
    assert len(api.get(f"/api/serverMembers/{server.pk}/members").json()) == 105


def test_a_server_changes_by_the_keys_that_are_there(api_as):
    server = make_server(name="Hall")
    api, url = api_as(server.owner), f"/api/servers/{server.pk}"
    changed = api.put(url, {"description": "for all", "icon": "https://example.com/i.png"})
    assert changed.status_code == 200
    assert set(changed.json()) == SERVER
    assert changed.json()["name"] == "Hall"
    assert api.put(url, {"name": "Room"}).json().items() >= {"name": "Room", "description": "for all"}.items()
    assert api.put(url, {}).json()["name"] == "Room"
    assert api.put(url).json()["name"] == "Room"  # no body at all
    assert api.put(url, {"description": None, "icon": ""}).json().items() >= {"description": None, "icon": None}.items()
    assert is_error(api.put(url, {"name": None}), 400)
    assert api.get(url).json()["name"] == "Room"


def test_everything_in_a_server_goes_with_it(api_as):
    server, other = make_server(), make_server()
    member = make_member(server, permissions=2)
    channel, invite = make_channel(server), make_invite(server)
    Ban.objects.create(server=server, user=make_user())
    owner = api_as(server.owner)
    answer = owner.delete(f"/api/servers/{server.pk}")
    assert (answer.status_code, answer.content) == (204, b"")
    for table in (Channel, Role, Member, Ban, Invite):
        assert not table.objects.filter(server_id=server.pk).exists()
    assert Server.objects.get() == other
    assert other.roles.count() == 5
    for path in (f"/servers/{server.pk}", f"/servers/{server.pk}/channels/{channel.pk}", f"/invite/invite/{invite.token}"):
        assert is_error(owner.get(f"/api{path}"), 404)
    assert is_error(owner.delete(f"/api/servers/{server.pk}"), 404)
    assert api_as(member.user).get("/api/servers").json() == []


def test_nobody_owns_servers_without_end(api_as):
    user = make_user()
    Server.objects.bulk_create(Server(owner=user, name="s") for _ in range(SERVERS_PER_OWNER - 1))
    api = api_as(user)
    assert api.post("/api/servers", {"name": "last"}).status_code == 201
    assert is_error(api.post("/api/servers", {"name": "one too many"}), 400)
