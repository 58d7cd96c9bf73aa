"""`/api/serverMembers/:serverId/members` and `/api/servers/:id/bans`."""

import pytest

from servers.models import Ban, Member
from servers.permissions import EVERYTHING, Permission
from tests.api.world import is_error
from tests.factories import make_invite, make_member, make_server, make_user

pytestmark = pytest.mark.django_db
EVERYONE_AND_MEMBER = 3214400 | 70323264


@pytest.fixture
def server():
    return make_server()


def members_of(server):
    return f"/api/serverMembers/{server.pk}/members"


def test_a_member_is_answered_whole(api_as, server):
    member = make_member(server, permissions=Permission.KICK_MEMBERS, position=7)
    shown = api_as(member.user).get(f"{members_of(server)}/{member.pk}").json()
    role = {**shown["highestRole"]}
    assert {role.pop("id")} == set(member.roles.values_list("pk", flat=True))
    assert role == {"name": "custom", "color": "#123456", "permissions": "2", "position": 7}
    assert shown["roles"] == [shown["highestRole"]]
    assert shown["user"] == {
        "id": member.user_id,
        "username": member.user.username,
        "profilePicture": None,
        "status": "offline",
        "tag": member.user.tag,
        "isBot": False,
    }
    flat = {"id": member.pk, "userId": member.user_id, "serverId": server.pk, "role": "member", "nickname": None}
    assert shown.items() >= {**flat, "isMuted": False, "isDeafened": False}.items()
    assert shown["totalPermissions"] == str(EVERYONE_AND_MEMBER | 2)
    assert {"createdAt", "updatedAt"} <= set(shown)


@pytest.mark.parametrize(
    ("role", "total"),
    [
        ("member", EVERYONE_AND_MEMBER),
        ("moderator", 3214400 | 32582726),
        ("admin", EVERYTHING),
        ("owner", EVERYTHING),
    ],
)
def test_ones_own_membership_tells_ones_rights(api_as, server, role, total):
    user = server.owner if role == "owner" else make_member(server, role).user
    me = api_as(user).get(f"{members_of(server)}/me")
    assert me.status_code == 200
    assert (
        me.json().items() >= {"userId": user.pk, "serverId": server.pk, "role": role, "roles": [], "highestRole": None}.items()
    )
    assert me.json()["totalPermissions"] == str(int(total))


def test_members_come_in_the_order_of_their_joining_page_by_page(api_as, server):
    ids = [server.members.get().pk] + [make_member(server).pk for _ in range(6)]
    api, url = api_as(server.owner), members_of(server)

    def page(query=""):
        return [member["id"] for member in api.get(f"{url}{query}").json()]

    assert page() == ids
    assert page("?page=1&limit=3") == ids[:3]
    assert page("?page=3&limit=3") == ids[6:]
    assert page("?limit=2") == ids[:2]
    assert page("?page=2") == []  # beyond the end
    assert page("?page=999999999") == []


def test_a_member_leaves_by_either_address_but_the_owner_stays(api_as, server):
    first, second = make_member(server), make_member(server)
    assert api_as(first.user).delete(f"{members_of(server)}/me").status_code == 204
    assert api_as(second.user).delete(f"{members_of(server)}/{second.pk}").status_code == 204
    owner, own = api_as(server.owner), server.members.get()
    for path in (f"{members_of(server)}/me", f"{members_of(server)}/{own.pk}"):
        refused = owner.delete(path)
        assert is_error(refused, 403)
        assert refused.json()["error"] == "The owner cannot leave; transfer the server first"
    assert server.members.get().role == "owner"


def test_a_kicked_member_may_come_back_by_invite(api_as, server):
    member, invite = make_member(server), make_invite(server)
    assert api_as(server.owner).delete(f"{members_of(server)}/{member.pk}").status_code == 204
    api = api_as(member.user)
    assert is_error(api.get(f"/api/servers/{server.pk}"), 403)
    assert is_error(api_as(server.owner).delete(f"{members_of(server)}/{member.pk}"), 404)
    assert api.post(f"/api/invite/invite/{invite.token}/accept").status_code == 200


def test_a_ban_removes_and_keeps_out_until_it_is_lifted(api_as, server):
    member, invite = make_member(server), make_invite(server)
    owner, api, accept = api_as(server.owner), api_as(member.user), f"/api/invite/invite/{invite.token}/accept"
    banned = owner.post(f"{members_of(server)}/{member.pk}/ban", {"reason": "spam"})
    assert (banned.status_code, banned.json()) == (200, {"message": "Member banned"})
    assert not Member.objects.filter(pk=member.pk).exists()
    assert is_error(api.get(f"/api/servers/{server.pk}"), 403)
    assert is_error(api.post(accept), 403)
    assert server.invites.get().uses == 0

    [ban] = owner.get(f"/api/servers/{server.pk}/bans").json()
    assert set(ban) == {"id", "userId", "serverId", "reason", "bannedBy", "bannedAt", "expiresAt", "user"}
    assert (ban["userId"], ban["reason"], ban["bannedBy"]) == (member.user_id, "spam", server.owner_id)
    assert ban["user"]["username"] == member.user.username
    assert "email" not in ban["user"]

    lifted = owner.delete(f"/api/servers/{server.pk}/bans/{member.user_id}")
    assert (lifted.status_code, lifted.content) == (204, b"")
    assert is_error(owner.delete(f"/api/servers/{server.pk}/bans/{member.user_id}"), 404)
    assert api.post(accept).status_code == 200


def test_a_ban_needs_no_reason(api_as, server):
    owner = api_as(server.owner)
    for body in (None, {}, {"reason": None}, {"reason": ""}):
        member = make_member(server)
        assert owner.post(f"{members_of(server)}/{member.pk}/ban", body).status_code == 200
        assert Ban.objects.get(user=member.user).reason is None


def test_a_ban_on_one_server_is_none_on_another(api_as, server):
    user, other = make_user(), make_server()
    Ban.objects.create(server=server, user=user)
    tokens = [make_invite(place).token for place in (server, other)]
    statuses = [api_as(user).post(f"/api/invite/invite/{token}/accept").status_code for token in tokens]
    assert statuses == [403, 200]
