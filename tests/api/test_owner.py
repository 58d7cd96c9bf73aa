"""`POST /api/serverMembers/:serverId/owner`: the server goes to somebody else."""

import pytest

from projectvoice.kernel import events
from servers.models import Member
from servers.permissions import EVERYTHING
from servers.services import members
from tests.api.world import is_error, rows
from tests.factories import make_member, make_role, make_server, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    return make_server()


def transfer(server):
    return f"/api/serverMembers/{server.pk}/owner"


def test_the_server_goes_over_whole(api_as, server):
    old, new = server.owner, make_member(server)
    role = make_role(server, holder=new)
    answer = api_as(old).post(transfer(server), {"userId": new.user_id})
    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("message") == "Owner changed"
    assert body == api_as(new.user).get(f"/api/servers/{server.pk}").json()
    assert body["ownerId"] == new.user_id
    assert {member["userId"]: member["role"] for member in body["members"]} == {old.pk: "admin", new.user_id: "owner"}
    assert list(new.roles.all()) == [role]  # custom roles stay
    total = api_as(new.user).get(f"/api/serverMembers/{server.pk}/members/me").json()["totalPermissions"]
    assert total == str(int(EVERYTHING))


def test_the_old_owner_cannot_take_it_back_and_may_leave(api_as, server):
    old, new = server.owner, make_member(server)
    api = api_as(old)
    assert api.post(transfer(server), {"userId": new.user_id}).status_code == 200
    assert is_error(api.post(transfer(server), {"userId": old.pk}), 403)
    for call in (api.delete, api.put):
        assert is_error(call(f"/api/serverMembers/{server.pk}/members/{new.pk}", {"role": "member"}), 403)
    assert is_error(api_as(new.user).delete(f"/api/serverMembers/{server.pk}/members/me"), 403)
    assert api.delete(f"/api/serverMembers/{server.pk}/members/me").status_code == 204
    assert api.delete("/api/users").status_code == 200
    assert Member.objects.get(server=server, role="owner") == new


def test_only_a_member_becomes_owner(api_as, server):
    api = api_as(server.owner)
    strangers = [make_user().pk, make_member(make_server()).user_id, 2**31]
    before = rows()
    for user_id in (*strangers, server.owner_id):
        assert is_error(api.post(transfer(server), {"userId": user_id}), 400)
    assert rows() == before
    assert api.post(transfer(server), {"userId": make_member(server).user_id}).status_code == 200


def test_only_the_owner_gives_the_server_away(api_as, server):
    target = make_member(server)
    for who in ("admin", "moderator", "member"):
        refused = api_as(make_member(server, who, permissions=8, position=9).user).post(
            transfer(server), {"userId": target.user_id}
        )
        assert is_error(refused, 403)
        assert refused.json()["error"] == "Only the owner may do this"
    assert api_as(server.owner).post(transfer(server), {"userId": target.user_id}).status_code == 200


def test_nobody_is_given_more_servers_than_one_may_own(api_as, server, monkeypatch):
    monkeypatch.setattr(members, "SERVERS_PER_OWNER", 1)
    full, free = make_server().owner, make_user()
    for user in (full, free):
        make_member(server, user=user)
    assert is_error(api_as(server.owner).post(transfer(server), {"userId": full.pk}), 400)
    assert api_as(server.owner).post(transfer(server), {"userId": free.pk}).status_code == 200


def test_running_calls_hear_of_both(api_as, server, told):
    old, new = server.owner, make_member(server)
    with told:
        api_as(old).post(transfer(server), {"userId": new.user_id})
    assert told == [events.AccessChanged(user_id=user_id, server_id=server.pk) for user_id in (old.pk, new.user_id)]
