"""`/api/servers/:serverId/roles`."""

import pytest

from projectvoice.kernel import events
from servers.models import Role
from servers.permissions import DEFAULT_ROLES, Permission
from servers.services.roles import ROLES_PER_SERVER
from tests.api.world import is_error
from tests.factories import make_member, make_role, make_server

pytestmark = pytest.mark.django_db
P = Permission
ROLE = {"id", "name", "color", "permissions", "position", "isHoisted", "isMentionable", "serverId"}
TOO_HIGH = "You cannot act on a role at or above your own"


@pytest.fixture
def server():
    return make_server()


def roles_of(server):
    return f"/api/servers/{server.pk}/roles"


def manager_of(server, permissions=P.MANAGE_ROLES, position=5):
    return make_member(server, permissions=permissions, position=position)


def test_a_server_starts_with_its_five_roles_the_highest_first(api_as, server):
    shown = api_as(make_member(server).user).get(roles_of(server)).json()
    assert all(set(role) == ROLE for role in shown)
    assert [(role["name"], role["permissions"], role["position"], role["color"], role["isHoisted"]) for role in shown] == [
        (role.name, str(int(role.permissions)), role.position, role.color, role.is_hoisted) for role in reversed(DEFAULT_ROLES)
    ]
    assert {role["serverId"] for role in shown} == {server.pk}


def test_a_new_role_has_the_documented_defaults(api_as, server):
    made = api_as(server.owner).post(roles_of(server), {"name": "r"})
    assert made.status_code == 201
    answer = made.json()
    assert set(answer) == ROLE
    assert answer.items() >= {"name": "r", "color": "#99AAB5", "permissions": "0", "position": 1, "serverId": server.pk}.items()
    assert (answer["isHoisted"], answer["isMentionable"]) == (False, False)
    assert answer in api_as(server.owner).get(roles_of(server)).json()


@pytest.mark.parametrize("bits", [0, 8, 3214400, 2**40, 2**53 + 1, 2**63 - 1])
def test_permissions_come_as_number_or_text_and_go_as_text(api_as, server, bits):
    api = api_as(server.owner)
    for sent in (bits, str(bits)):
        role = api.post(roles_of(server), {"name": "r", "permissions": sent}).json()
        assert role["permissions"] == str(bits)
        changed = api.patch(f"{roles_of(server)}/{role['id']}", {"permissions": "0"}).json()
        assert changed["permissions"] == "0"
        assert api.patch(f"{roles_of(server)}/{role['id']}", {"permissions": sent}).json()["permissions"] == str(bits)


def test_a_role_changes_by_the_keys_that_are_there(api_as, server):
    api = api_as(server.owner)
    body = {"name": "a", "color": "#FF0000", "permissions": "8", "position": 7, "isHoisted": True, "isMentionable": True}
    role = api.post(roles_of(server), body).json()
    assert role == {**body, "id": role["id"], "serverId": server.pk}
    url = f"{roles_of(server)}/{role['id']}"
    for change in ({"name": "b"}, {"color": "#00ff00"}, {"permissions": "3"}, {"position": 2}, {"isHoisted": False}):
        role |= change
        changed = api.patch(url, change)
        assert (changed.status_code, changed.json()) == (200, role)
    assert api.patch(url, {}).json() == role
    assert api.patch(url, role).json() == role  # a client that sends everything back


def test_a_deleted_role_is_gone_from_all_who_carried_it(api_as, server):
    role = make_role(server, P.KICK_MEMBERS, position=3)
    bearer, victim = make_member(server), make_member(server)
    bearer.roles.add(role)
    owner, url = api_as(server.owner), f"{roles_of(server)}/{role.pk}"
    kick = f"/api/serverMembers/{server.pk}/members"
    assert api_as(bearer.user).delete(f"{kick}/{victim.pk}").status_code == 204
    answer = owner.delete(url)
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_error(owner.delete(url), 404)
    assert is_error(owner.patch(url, {"name": "x"}), 404)
    assert owner.get(f"{kick}/{bearer.pk}").json()["roles"] == []
    assert is_error(api_as(bearer.user).delete(f"{kick}/{make_member(server).pk}"), 403)


def test_a_manager_touches_only_roles_strictly_below_his_own(api_as, server):
    api = api_as(manager_of(server, position=5).user)
    for position, allowed in ((1, True), (4, True), (5, False), (6, False), (2**31 - 1, False)):
        made = api.post(roles_of(server), {"name": "r", "position": position})
        role = make_role(server, position=position)
        moved = api.patch(f"{roles_of(server)}/{make_role(server).pk}", {"position": position})
        changed = api.patch(f"{roles_of(server)}/{role.pk}", {"name": "x"})
        lowered = api.patch(f"{roles_of(server)}/{role.pk}", {"position": 1})
        deleted = api.delete(f"{roles_of(server)}/{make_role(server, position=position).pk}")
        expected = [201, 200, 200, 200, 204] if allowed else [403] * 5
        answers = [made, moved, changed, lowered, deleted]
        assert [answer.status_code for answer in answers] == expected, position
        if not allowed:
            assert {answer.json()["error"] for answer in answers} == {TOO_HIGH}
            role.refresh_from_db()
            assert (role.name, role.position) == ("custom", position)


def test_the_refusal_is_in_russian_where_no_language_is_asked_for(api_as, server):
    api, role = api_as(manager_of(server).user), make_role(server, position=5)
    answer = api.patch(f"{roles_of(server)}/{role.pk}", {"name": "x"}, HTTP_ACCEPT_LANGUAGE="")
    assert answer.json() == {"error": "Нельзя управлять ролью выше или равной вашей", "code": 403}
    everyone = server.roles.get(preset="everyone")
    answer = api.delete(f"{roles_of(server)}/{everyone.pk}", HTTP_ACCEPT_LANGUAGE="")
    assert answer.json() == {"error": "Нельзя удалить роль @everyone", "code": 400}


def test_a_manager_at_the_very_bottom_still_makes_roles_below_himself(api_as, server):
    api = api_as(manager_of(server, position=1).user)
    made = api.post(roles_of(server), {"name": "r"})
    assert (made.status_code, made.json()["position"]) == (201, 0)
    assert is_error(api.post(roles_of(server), {"name": "r", "position": 1}), 403)
    assert api.patch(f"{roles_of(server)}/{made.json()['id']}", {"name": "x"}).status_code == 200


def test_nobody_puts_bits_into_a_role_that_he_does_not_hold(api_as, server):
    api = api_as(manager_of(server, P.MANAGE_ROLES | P.KICK_MEMBERS).user)
    own = make_role(server)
    everyone = server.roles.get(preset="everyone")
    start = everyone.permissions
    for bits, allowed in (
        (P.KICK_MEMBERS, True),
        (P.SPEAK | P.CHANGE_NICKNAME, True),  # held by way of @everyone and Member
        (P.BAN_MEMBERS, False),
        (P.ADMINISTRATOR, False),
        (P.KICK_MEMBERS | P.BAN_MEMBERS, False),
        (1 << 41, False),  # no meaning yet
        (1 << 62, False),
    ):
        made = api.post(roles_of(server), {"name": "r", "permissions": str(int(bits))})
        changed = api.patch(f"{roles_of(server)}/{own.pk}", {"permissions": str(int(bits))})
        general = api.patch(f"{roles_of(server)}/{everyone.pk}", {"permissions": str(start | int(bits))})
        expected = [201, 200, 200] if allowed else [403] * 3
        assert [made.status_code, changed.status_code, general.status_code] == expected, bits
        Role.objects.filter(pk=everyone.pk).update(permissions=start)
    own.refresh_from_db()
    assert own.permissions == P.SPEAK | P.CHANGE_NICKNAME


def test_an_administrator_by_custom_role_holds_every_bit(api_as, server):
    api = api_as(manager_of(server, P.ADMINISTRATOR).user)
    for bits in (P.BAN_MEMBERS, P.ADMINISTRATOR, 2**63 - 1):
        assert api.post(roles_of(server), {"name": "r", "permissions": str(int(bits))}).status_code == 201


def test_bits_that_stay_as_they_are_need_not_be_ones_own(api_as, server):
    api, role = api_as(manager_of(server).user), make_role(server, P.BAN_MEMBERS)
    url = f"{roles_of(server)}/{role.pk}"
    assert api.patch(url, {"name": "x"}).status_code == 200
    assert api.patch(url, {"name": "y", "permissions": str(int(P.BAN_MEMBERS))}).status_code == 200
    assert api.patch(url, {"permissions": str(int(P.BAN_MEMBERS | P.SPEAK))}).status_code == 200
    assert is_error(api.patch(url, {"permissions": "0"}), 403)  # taking is as much as giving
    assert is_error(api.delete(url), 403)


def test_everyone_keeps_its_place_and_name_and_gets_new_rights(api_as, server):
    owner, everyone = api_as(server.owner), server.roles.get(preset="everyone")
    url = f"{roles_of(server)}/{everyone.pk}"
    assert is_error(owner.delete(url), 400)
    assert is_error(owner.patch(url, {"name": "all"}), 400)
    assert is_error(owner.patch(url, {"position": 1}), 400)
    same = owner.patch(url, {"name": "@everyone", "position": 0, "permissions": "0", "color": "#000000"})
    assert same.status_code == 200
    assert same.json().items() >= {"name": "@everyone", "permissions": "0", "color": "#000000"}.items()
    assert is_error(api_as(make_member(server).user).delete(url), 403)


def test_default_roles_cannot_be_deleted_but_renamed_and_given_other_rights(api_as, server):
    owner, moderator = api_as(server.owner), make_member(server, "moderator")
    for preset in ("member", "moderator", "admin", "owner"):
        url = f"{roles_of(server)}/{server.roles.get(preset=preset).pk}"
        assert is_error(owner.delete(url), 400)
        assert owner.patch(url, {"name": f"my {preset}"}).json()["name"] == f"my {preset}"
    me = f"/api/serverMembers/{server.pk}/members/me"
    assert api_as(moderator.user).get(me).status_code == 200
    url = f"{roles_of(server)}/{server.roles.get(preset='moderator').pk}"
    assert owner.patch(url, {"permissions": str(int(P.MANAGE_GUILD))}).status_code == 200
    total = int(api_as(moderator.user).get(me).json()["totalPermissions"])
    assert total & P.MANAGE_GUILD
    assert not total & P.KICK_MEMBERS


def test_a_server_admin_does_not_delete_what_is_above_him_and_gets_400_below(api_as, server):
    admin = api_as(make_member(server, "admin").user)
    found = {
        preset: admin.delete(f"{roles_of(server)}/{server.roles.get(preset=preset).pk}").status_code
        for preset in ("everyone", "member", "moderator", "admin", "owner")
    }
    assert found == {"everyone": 400, "member": 400, "moderator": 400, "admin": 403, "owner": 403}


def test_default_roles_move_but_keep_their_order(api_as, server):
    owner = api_as(server.owner)
    urls = {role.preset: f"{roles_of(server)}/{role.pk}" for role in server.roles.all()}
    for preset, position in (("admin", 4), ("admin", 2), ("member", 0), ("moderator", 1), ("owner", 3)):
        assert is_error(owner.patch(urls[preset], {"position": position}), 400)
    for preset, position in (("owner", 40), ("admin", 30), ("moderator", 20)):
        assert owner.patch(urls[preset], {"position": position}).json()["position"] == position
    between = make_member(server, permissions=P.KICK_MEMBERS, position=25)
    kick = f"/api/serverMembers/{server.pk}/members/{make_member(server, 'moderator').pk}"
    assert api_as(between.user).delete(kick).status_code == 204


def test_the_roles_of_a_server_are_bounded(api_as, server):
    present = server.roles.count()
    Role.objects.bulk_create(
        Role(server=server, name="r", color="#000000", position=1) for _ in range(ROLES_PER_SERVER - present - 1)
    )
    api = api_as(server.owner)
    last = api.post(roles_of(server), {"name": "last"})
    assert last.status_code == 201
    assert is_error(api.post(roles_of(server), {"name": "one too many"}), 400)
    assert api.delete(f"{roles_of(server)}/{last.json()['id']}").status_code == 204
    assert api.post(roles_of(server), {"name": "again"}).status_code == 201


def test_running_calls_hear_of_changed_rights_and_of_nothing_else(api_as, server, told):
    owner, role = api_as(server.owner), make_role(server, P.CONNECT)
    url, event = f"{roles_of(server)}/{role.pk}", events.AccessChanged(server_id=server.pk)
    with told:
        owner.patch(url, {"name": "x", "color": "#000000", "permissions": str(int(P.CONNECT))})
    assert told == []
    with told:
        owner.patch(url, {"permissions": 0})
    assert told == [event]
    with told:
        owner.delete(url)
    assert told == [event]
