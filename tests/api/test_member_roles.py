"""Adding members, their member role, their custom roles, mute and nickname."""

import pytest

from projectvoice.kernel import events
from servers.models import Ban, Member
from servers.permissions import Permission
from tests.api.test_roles import TOO_HIGH, manager_of
from tests.api.world import is_error
from tests.factories import make_member, make_role, make_server, make_user

pytestmark = pytest.mark.django_db
P = Permission


@pytest.fixture
def server():
    return make_server()


def url_of(member, rest=""):
    return f"/api/serverMembers/{member.server_id}/members/{member.pk}{rest}"


def assigned(member, role):
    return f"/api/servers/{member.server_id}/roles/members/{member.pk}/roles/{role.pk}"


def carried(member):
    return set(member.roles.values_list("pk", flat=True))


# Adding


def test_an_added_member_is_answered_whole_and_is_in(api_as, server):
    user, url = make_user(), f"/api/serverMembers/{server.pk}/members"
    made = api_as(server.owner).post(url, {"userId": user.pk})
    assert made.status_code == 201
    assert made.json() == api_as(user).get(f"{url}/me").json()
    assert made.json().items() >= {"userId": user.pk, "serverId": server.pk, "role": "member", "roles": []}.items()
    assert "email" not in made.json()["user"]


def test_adding_refuses_the_unknown_the_present_and_the_banned(api_as, server):
    owner, url = api_as(server.owner), f"/api/serverMembers/{server.pk}/members"
    present, banned = make_member(server).user, make_user()
    Ban.objects.create(server=server, user=banned)
    assert is_error(owner.post(url, {"userId": 2**31}), 404)
    assert is_error(owner.post(url, {"userId": present.pk}), 400)
    assert is_error(owner.post(url, {"userId": server.owner_id}), 400)
    refused = owner.post(url, {"userId": banned.pk})
    assert is_error(refused, 403)
    assert refused.json()["error"] == "The user is banned from this server"
    assert server.members.count() == 2
    Ban.objects.all().delete()
    assert owner.post(url, {"userId": banned.pk}).status_code == 201


def test_a_stranger_does_not_add_himself(api_as, server):
    user, url = make_user(), f"/api/serverMembers/{server.pk}/members"
    for role in ("member", "admin"):
        assert is_error(api_as(user).post(url, {"userId": user.pk, "role": role}), 403)
    assert not server.members.filter(user=user).exists()


# Member role


def test_a_promotion_gives_the_rights_of_the_default_role_and_leaves_custom_roles_alone(api_as, server):
    member = make_member(server, permissions=P.STREAM)
    custom, owner = carried(member), api_as(server.owner)
    promoted = owner.put(url_of(member), {"role": "moderator"})
    assert promoted.status_code == 200
    assert promoted.json()["role"] == "moderator"
    assert int(promoted.json()["totalPermissions"]) & (P.KICK_MEMBERS | P.STREAM) == P.KICK_MEMBERS | P.STREAM
    assert promoted.json() == owner.get(url_of(member)).json()
    demoted = owner.put(url_of(member), {"role": "member"}).json()
    assert (demoted["role"], int(demoted["totalPermissions"]) & P.KICK_MEMBERS) == ("member", 0)
    assert carried(member) == custom


def test_nobody_appoints_his_equal_or_touches_one(api_as, server):
    admin, equal, moderator = (make_member(server, role) for role in ("admin", "admin", "moderator"))
    api = api_as(admin.user)
    assert api.put(url_of(moderator), {"role": "member"}).status_code == 200
    assert api.put(url_of(moderator), {"role": "moderator"}).status_code == 200
    for target, role in ((moderator, "admin"), (equal, "member"), (admin, "moderator"), (admin, "admin")):
        refused = api.put(url_of(target), {"role": role})
        assert is_error(refused, 403)
        assert refused.json()["error"] == TOO_HIGH


def test_the_owner_keeps_his_role_whoever_asks(api_as, server):
    own = server.members.get()
    for user in (server.owner, make_member(server, "admin").user):
        for role in ("member", "moderator", "admin"):
            assert is_error(api_as(user).put(url_of(own), {"role": role}), 403)
    assert is_error(api_as(server.owner).put(url_of(make_member(server)), {"role": "owner"}), 400)
    assert Member.objects.get(server=server, role="owner") == own


def test_a_manager_of_roles_sets_no_member_role(api_as, server):
    target, manager = make_member(server), manager_of(server)
    assert is_error(api_as(manager.user).put(url_of(target), {"role": "member"}), 403)
    assert api_as(manager.user).put(url_of(target, "/roles"), {"roleIds": []}).status_code == 200


# Custom roles, one by one


def test_a_role_is_assigned_once_and_stripped_once(api_as, server):
    member, role, owner = make_member(server), make_role(server, P.KICK_MEMBERS, position=3), api_as(server.owner)
    first = owner.post(assigned(member, role))
    assert (first.status_code, first.json()) == (201, {"message": "Role assigned."})
    assert is_error(owner.post(assigned(member, role)), 400)
    assert carried(member) == {role.pk}
    assert [shown["id"] for shown in owner.get(url_of(member)).json()["roles"]] == [role.pk]
    gone = owner.delete(assigned(member, role))
    assert (gone.status_code, gone.content) == (204, b"")
    assert is_error(owner.delete(assigned(member, role)), 404)
    russian = owner.post(assigned(member, role), HTTP_ACCEPT_LANGUAGE="")
    assert russian.json() == {"message": "Роль успешно назначена."}


def test_an_assigned_role_works_at_the_next_request_and_a_stripped_one_no_longer(api_as, server):
    member, role, owner = make_member(server), make_role(server, P.MANAGE_CHANNELS), api_as(server.owner)
    api, url = api_as(member.user), f"/api/servers/{server.pk}/channels"
    assert is_error(api.post(url, {"name": "c"}), 403)
    owner.post(assigned(member, role))
    assert api.post(url, {"name": "c"}).status_code == 201
    owner.delete(assigned(member, role))
    assert is_error(api.post(url, {"name": "c"}), 403)


def test_a_default_role_is_not_given_or_taken_by_hand(api_as, server):
    member, owner = make_member(server), api_as(server.owner)
    for role in server.roles.all():
        assert is_error(owner.post(assigned(member, role)), 400)
        assert is_error(owner.delete(assigned(member, role)), 400)
        assert is_error(owner.put(url_of(member, "/roles"), {"roleIds": [role.pk]}), 400)
    assert carried(member) == set()


@pytest.mark.parametrize(
    ("position", "bits", "allowed"),
    [(4, 0, True), (4, P.MANAGE_ROLES, True), (5, 0, False), (6, 0, False), (1, P.BAN_MEMBERS, False), (1, 1 << 45, False)],
)
def test_a_manager_gives_and_takes_only_roles_below_with_bits_he_holds(api_as, server, position, bits, allowed):
    api, role = api_as(manager_of(server, position=5).user), make_role(server, bits, position)
    fresh, bearer, other = make_member(server), make_member(server), make_member(server)
    bearer.roles.add(role)
    other.roles.add(role)
    answers = [
        api.post(assigned(fresh, role)),
        api.delete(assigned(bearer, role)),
        api.put(url_of(other, "/roles"), {"roleIds": []}),
        api.put(url_of(make_member(server), "/roles"), {"roleIds": [role.pk]}),
    ]
    if allowed:
        assert [answer.status_code for answer in answers] == [201, 204, 200, 200]
        assert (carried(fresh), carried(bearer), carried(other)) == ({role.pk}, set(), set())
    else:
        assert [answer.status_code for answer in answers] == [403] * 4
        assert (carried(fresh), carried(bearer), carried(other)) == (set(), {role.pk}, {role.pk})


def test_a_manager_acts_on_those_below_and_on_himself_but_never_rises(api_as, server):
    manager, equal = manager_of(server, position=5), manager_of(server, position=5)
    low, high, strong = make_role(server), make_role(server, position=6), make_role(server, P.ADMINISTRATOR)
    api = api_as(manager.user)
    assert is_error(api.post(assigned(equal, low)), 403)
    assert is_error(api.put(url_of(equal, "/roles"), {"roleIds": []}), 403)
    assert is_error(api.post(assigned(server.members.get(role="owner"), low)), 403)
    assert api.post(assigned(manager, low)).status_code == 201
    for role in (high, strong):
        assert is_error(api.post(assigned(manager, role)), 403)
        assert is_error(api.put(url_of(manager, "/roles"), {"roleIds": [role.pk]}), 403)
    own = api_as(server.owner)
    assert own.post(assigned(server.members.get(role="owner"), high)).status_code == 201


# Custom roles, all at once


def test_custom_roles_are_replaced_as_a_whole(api_as, server):
    member, owner = make_member(server, permissions=P.STREAM), api_as(server.owner)
    first, second = make_role(server, P.KICK_MEMBERS, 3), make_role(server, position=2)
    answer = owner.put(url_of(member, "/roles"), {"roleIds": [first.pk, second.pk, first.pk]})
    assert answer.status_code == 200
    assert {role["id"] for role in answer.json()["roles"]} == {first.pk, second.pk} == carried(member)
    assert answer.json()["highestRole"]["id"] == first.pk
    assert answer.json() == owner.get(url_of(member)).json()
    assert owner.put(url_of(member, "/roles"), {"roleIds": []}).json()["roles"] == []


def test_one_bad_id_changes_none_of_the_roles(api_as, server):
    member, owner = make_member(server, permissions=P.STREAM), api_as(server.owner)
    before, good, foreign = carried(member), make_role(server), make_role(make_server(server.owner))
    for ids, status in (
        ([good.pk, foreign.pk], 404),
        ([good.pk, 2**31], 404),
        ([good.pk, server.roles.get(preset="admin").pk], 400),
        ([good.pk, "1"], 400),
        ([good.pk, 0], 400),
        ([None], 400),
    ):
        assert is_error(owner.put(url_of(member, "/roles"), {"roleIds": ids}), status), ids
    assert carried(member) == before


def test_roles_that_stay_need_not_be_below_the_manager(api_as, server):
    """He could otherwise not add a low role to somebody with one that only the owner gives."""
    strong, low = make_role(server, P.BAN_MEMBERS, position=3), make_role(server)
    member = make_member(server)
    member.roles.add(strong)
    api = api_as(manager_of(server, position=5).user)
    assert api.put(url_of(member, "/roles"), {"roleIds": [strong.pk, low.pk]}).status_code == 200
    assert is_error(api.put(url_of(member, "/roles"), {"roleIds": [low.pk]}), 403)
    assert carried(member) == {strong.pk, low.pk}


# Voice


def test_mute_and_deafen_each_want_their_own_permission(api_as, server):
    target = make_member(server)
    muter, deafener = (manager_of(server, bit) for bit in (P.MUTE_MEMBERS, P.DEAFEN_MEMBERS))
    muted = api_as(muter.user).patch(url_of(target, "/voice"), {"isMuted": True})
    assert (muted.status_code, muted.json()["isMuted"], muted.json()["isDeafened"]) == (200, True, False)
    assert is_error(api_as(muter.user).patch(url_of(target, "/voice"), {"isDeafened": True}), 403)
    assert is_error(api_as(muter.user).patch(url_of(target, "/voice"), {"isMuted": False, "isDeafened": True}), 403)
    deafened = api_as(deafener.user).patch(url_of(target, "/voice"), {"isDeafened": True}).json()
    assert (deafened["isMuted"], deafened["isDeafened"]) == (True, True)
    assert is_error(api_as(deafener.user).patch(url_of(target, "/voice"), {"isMuted": False}), 403)
    both = api_as(server.owner).patch(url_of(target, "/voice"), {"isMuted": False, "isDeafened": False}).json()
    assert (both["isMuted"], both["isDeafened"]) == (False, False)


def test_a_muted_member_does_not_unmute_himself_and_nobody_mutes_his_equal(api_as, server):
    member, one, other = make_member(server), make_member(server, "moderator"), make_member(server, "moderator")
    assert api_as(one.user).patch(url_of(member, "/voice"), {"isMuted": True}).status_code == 200
    assert is_error(api_as(member.user).patch(url_of(member, "/voice"), {"isMuted": False}), 403)
    assert is_error(api_as(one.user).patch(url_of(other, "/voice"), {"isMuted": True}), 403)
    assert is_error(api_as(one.user).patch(url_of(server.members.get(role="owner"), "/voice"), {"isMuted": True}), 403)
    assert api_as(one.user).patch(url_of(one, "/voice"), {"isMuted": True}).status_code == 200


# Nickname


def test_a_nickname_is_ones_own_to_change_unless_the_right_is_taken(api_as, server):
    member = make_member(server)
    api = api_as(member.user)
    assert api.patch(url_of(member), {"nickname": "  Ян 🎙️ "}).json()["nickname"] == "Ян 🎙️"
    assert api.patch(url_of(member), {}).json()["nickname"] == "Ян 🎙️"
    assert is_error(api.patch(url_of(make_member(server)), {"nickname": "x"}), 403)
    assert api.patch(url_of(member), {"nickname": None}).json()["nickname"] is None
    server.roles.filter(preset="member").update(permissions=0)
    assert is_error(api.patch(url_of(member), {"nickname": "x"}), 403)


def test_others_nicknames_want_the_permission_and_the_rank(api_as, server):
    manager, equal = (manager_of(server, P.MANAGE_NICKNAMES) for _ in range(2))
    member, api = make_member(server), api_as(manager.user)
    assert api.patch(url_of(member), {"nickname": "x"}).status_code == 200
    assert is_error(api.patch(url_of(equal), {"nickname": "x"}), 403)
    assert is_error(api.patch(url_of(server.members.get(role="owner")), {"nickname": "x"}), 403)


# What the running calls hear


def test_running_calls_hear_whose_rights_changed(api_as, server, told):
    member, role, owner = make_member(server), make_role(server), api_as(server.owner)
    event = events.AccessChanged(user_id=member.user_id, server_id=server.pk)
    for call in (
        lambda: owner.put(url_of(member), {"role": "moderator"}),
        lambda: owner.post(assigned(member, role)),
        lambda: owner.delete(assigned(member, role)),
        lambda: owner.put(url_of(member, "/roles"), {"roleIds": [role.pk]}),
        lambda: owner.patch(url_of(member, "/voice"), {"isMuted": True}),
    ):
        with told:
            assert call().status_code < 300
        assert told == [event]
    with told:
        assert is_error(owner.post(assigned(member, role)), 400)
        assert owner.patch(url_of(member), {"nickname": "x"}).status_code == 200
    assert told == []
