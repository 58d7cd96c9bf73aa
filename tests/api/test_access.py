"""Who may do what, endpoint by endpoint (CONTRACT 4), and in which order a request is refused: 401, 404, 403, 400."""

import pytest
from django.utils import timezone

from accounts.services import user_block, user_unblock
from servers.permissions import Permission, Rank
from servers.services.servers import server_block
from tests.api.world import is_error, rows, undone
from tests.factories import make_member, make_user

P = Permission
WHO = ("stranger", "member", "moderator", "admin", "owner")
READ = (403, 200, 200, 200, 200)
OVERWRITES = "/servers/{server}/channels/{channel}/permissions"
MUTED = {"deny": str(int(P.SPEAK))}

# method, path, body → the status for each of WHO
MATRIX = [
    ("get", "/servers/{server}", None, READ),
    ("put", "/servers/{server}", {"name": "New"}, (403, 403, 403, 200, 200)),
    ("delete", "/servers/{server}", None, (403, 403, 403, 204, 204)),
    ("get", "/servers/{server}/channels", None, READ),
    ("post", "/servers/{server}/channels", {"name": "c", "type": "text"}, (403, 403, 201, 201, 201)),
    ("get", "/servers/{server}/channels/{channel}", None, READ),
    ("put", "/servers/{server}/channels/{channel}", {"name": "d"}, (403, 403, 200, 200, 200)),
    ("delete", "/servers/{server}/channels/{channel}", None, (403, 403, 204, 204, 204)),
    ("get", "/serverMembers/{server}/members", None, READ),
    ("get", "/serverMembers/{server}/members/me", None, READ),
    ("delete", "/serverMembers/{server}/members/me", None, (403, 204, 204, 204, 403)),
    ("get", "/serverMembers/{server}/members/{member}", None, READ),
    ("delete", "/serverMembers/{server}/members/{member}", None, (403, 403, 204, 204, 204)),
    ("delete", "/serverMembers/{server}/members/{owner_member}", None, (403, 403, 403, 403, 403)),
    ("post", "/serverMembers/{server}/members/{member}/ban", {"reason": "r"}, (403, 403, 200, 200, 200)),
    ("post", "/serverMembers/{server}/members/{owner_member}/ban", {}, (403, 403, 403, 403, 403)),
    ("get", "/servers/{server}/bans", None, (403, 403, 200, 200, 200)),
    ("delete", "/servers/{server}/bans/{banned}", None, (403, 403, 204, 204, 204)),
    ("post", "/serverMembers/{server}/members", {"userId": "{fresh_user}"}, (403, 403, 201, 201, 201)),
    ("post", "/serverMembers/{server}/members", {"userId": "{fresh_user}", "role": "moderator"}, (403, 403, 403, 201, 201)),
    ("post", "/serverMembers/{server}/members", {"userId": "{fresh_user}", "role": "admin"}, (403, 403, 403, 403, 201)),
    ("post", "/serverMembers/{server}/members", {"userId": "{fresh_user}", "role": "owner"}, (403, 403, 400, 400, 400)),
    ("put", "/serverMembers/{server}/members/{member}", {"role": "member"}, (403, 403, 403, 200, 200)),
    ("put", "/serverMembers/{server}/members/{member}", {"role": "moderator"}, (403, 403, 403, 200, 200)),
    ("put", "/serverMembers/{server}/members/{member}", {"role": "admin"}, (403, 403, 403, 403, 200)),
    ("put", "/serverMembers/{server}/members/{member}", {"role": "owner"}, (403, 403, 403, 400, 400)),
    ("put", "/serverMembers/{server}/members/{owner_member}", {"role": "member"}, (403, 403, 403, 403, 403)),
    ("patch", "/serverMembers/{server}/members/{member}", {"nickname": "n"}, (403, 403, 403, 200, 200)),
    ("patch", "/serverMembers/{server}/members/{owner_member}", {"nickname": "n"}, (403, 403, 403, 403, 200)),
    ("put", "/serverMembers/{server}/members/{member}/roles", {"roleIds": ["{role}"]}, (403, 403, 403, 200, 200)),
    ("put", "/serverMembers/{server}/members/{owner_member}/roles", {"roleIds": ["{role}"]}, (403, 403, 403, 403, 200)),
    ("patch", "/serverMembers/{server}/members/{member}/voice", {"isMuted": True}, (403, 403, 200, 200, 200)),
    ("patch", "/serverMembers/{server}/members/{member}/voice", {"isDeafened": True}, (403, 403, 200, 200, 200)),
    ("patch", "/serverMembers/{server}/members/{owner_member}/voice", {"isMuted": True}, (403, 403, 403, 403, 200)),
    ("post", "/serverMembers/{server}/members/{member}/move", {"channelId": "{channel}"}, (403, 403, 200, 200, 200)),
    ("post", "/serverMembers/{server}/members/{member}/move", {"channelId": None}, (403, 403, 200, 200, 200)),
    ("post", "/serverMembers/{server}/members/{member}/move", {"channelId": "{foreign_channel}"}, (403, 404, 404, 404, 404)),
    ("post", "/serverMembers/{server}/members/{owner_member}/move", {"channelId": None}, (403, 403, 403, 403, 200)),
    ("post", "/serverMembers/{server}/owner", {"userId": "{member_user}"}, (403, 403, 403, 403, 200)),
    ("get", "/servers/{server}/roles", None, READ),
    ("post", "/servers/{server}/roles", {"name": "r"}, (403, 403, 403, 201, 201)),
    ("patch", "/servers/{server}/roles/{role}", {"name": "r"}, (403, 403, 403, 200, 200)),
    ("patch", "/servers/{server}/roles/{everyone_role}", {"permissions": "8"}, (403, 403, 403, 200, 200)),
    ("patch", "/servers/{server}/roles/{everyone_role}", {"name": "r"}, (403, 403, 403, 400, 400)),
    ("delete", "/servers/{server}/roles/{role}", None, (403, 403, 403, 204, 204)),
    ("delete", "/servers/{server}/roles/{everyone_role}", None, (403, 403, 403, 400, 400)),
    ("delete", "/servers/{server}/roles/{moderator_role}", None, (403, 403, 403, 400, 400)),
    ("post", "/servers/{server}/roles/members/{member}/roles/{role}", None, (403, 403, 403, 201, 201)),
    ("post", "/servers/{server}/roles/members/{member}/roles/{moderator_role}", None, (403, 403, 403, 400, 400)),
    ("post", "/servers/{server}/roles/members/{owner_member}/roles/{role}", None, (403, 403, 403, 403, 201)),
    ("delete", "/servers/{server}/roles/members/{member}/roles/{held_role}", None, (403, 403, 403, 204, 204)),
    ("post", "/invite/{server}/invite", {"maxUses": 1}, (403, 403, 201, 201, 201)),
    ("get", "/invite/{server}/invites", None, (403, 403, 200, 200, 200)),
    ("delete", "/invite/{invite}", None, (403, 403, 403, 204, 204)),
    ("post", "/invite/invite/{token}/accept", None, (200, 400, 400, 400, 400)),
    ("put", "/servers/{server}/channels/order", {"channels": [{"id": "{channel}", "position": 3}]}, (403, 403, 200, 200, 200)),
    ("get", "/servers/{server}/categories", None, READ),
    ("post", "/servers/{server}/categories", {"name": "c"}, (403, 403, 201, 201, 201)),
    ("put", "/servers/{server}/categories/{category}", {"name": "d"}, (403, 403, 200, 200, 200)),
    ("delete", "/servers/{server}/categories/{category}", None, (403, 403, 204, 204, 204)),
    ("get", OVERWRITES, None, READ),
    ("put", OVERWRITES + "/roles/{role}", MUTED, (403, 403, 403, 200, 200)),
    ("put", OVERWRITES + "/roles/{everyone_role}", MUTED, (403, 403, 403, 200, 200)),
    ("delete", OVERWRITES + "/roles/{held_role}", None, (403, 403, 403, 204, 204)),
    ("delete", OVERWRITES + "/roles/{role}", None, (403, 403, 403, 404, 404)),
    ("put", OVERWRITES + "/members/{member}", MUTED, (403, 403, 403, 200, 200)),
    ("put", OVERWRITES + "/members/{owner_member}", MUTED, (403, 403, 403, 403, 200)),
    ("delete", OVERWRITES + "/members/{member}", None, (403, 403, 403, 204, 204)),
    ("get", "/servers/{server}/permissions/explain?permission=SPEAK", None, READ),
    ("get", "/servers/{server}/permissions/explain?permission=SPEAK&memberId={member}", None, (403, 403, 403, 200, 200)),
    ("get", "/servers/{server}/audit", None, (403, 403, 403, 200, 200)),
    ("patch", "/serverMembers/{server}/members/{member}/timeout", {"mutedUntil": None}, (403, 403, 200, 200, 200)),
    ("patch", "/serverMembers/{server}/members/{owner_member}/timeout", {"mutedUntil": None}, (403, 403, 403, 403, 403)),
]
OWN = [
    ("get", "/auth/me"),
    ("put", "/auth/users/{me}"),
    ("put", "/auth/users/{me}/password"),
    ("get", "/auth/sessions"),
    ("delete", "/auth/sessions"),
    ("delete", "/auth/sessions/current"),
    ("delete", "/auth/sessions/{no_token}"),
    ("get", "/users"),
    ("put", "/users"),
    ("delete", "/users"),
    ("get", "/users/{me}"),
    ("get", "/servers"),
    ("post", "/servers"),
]
ALL = [(method, path) for method, path, _, _ in MATRIX] + OWN


@pytest.mark.parametrize(("method", "path", "body", "statuses"), MATRIX)
def test_each_rank_may_do_what_the_contract_says(world, api_as, method, path, body, statuses):
    before = rows()
    found = {}
    for who in WHO:
        api = api_as(world.who[who])
        with undone():
            answer = getattr(api, method)(world.path(path), world.body(body))
            found[who] = answer.status_code
            if answer.status_code >= 400:
                assert is_error(answer, answer.status_code)
                assert answer.json().keys() <= {"error", "code", "details"}
    assert found == dict(zip(WHO, statuses, strict=True))
    assert drop_sessions(rows()) == drop_sessions(before)


@pytest.mark.parametrize(("method", "path", "body", "statuses"), MATRIX)
def test_a_refused_call_changes_nothing(world, api_as, method, path, body, statuses):
    for who, status in zip(WHO, statuses, strict=True):
        if status >= 400:
            api = api_as(world.who[who])
            before = rows()
            getattr(api, method)(world.path(path), world.body(body))
            assert rows() == before


def drop_sessions(tables):
    return {name: rows for name, rows in tables.items() if name != "Session"}


@pytest.mark.parametrize(("method", "path"), ALL)
def test_nobody_unknown_gets_in(world, api_as, method, path):
    before = rows()
    answer = getattr(api_as(), method)(world.path(path), {})
    assert is_error(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"
    assert rows() == before


# The bit that suffices for a plain member, and the one beside it that does not.
BITS = [
    ("put", "/servers/{server}", {"name": "New"}, P.MANAGE_GUILD, 200),
    ("delete", "/servers/{server}", None, P.ADMINISTRATOR, 204),
    ("post", "/servers/{server}/channels", {"name": "c"}, P.MANAGE_CHANNELS, 201),
    ("put", "/servers/{server}/channels/{channel}", {"name": "d"}, P.MANAGE_CHANNELS, 200),
    ("delete", "/servers/{server}/channels/{channel}", None, P.MANAGE_CHANNELS, 204),
    ("delete", "/serverMembers/{server}/members/{member}", None, P.KICK_MEMBERS, 204),
    ("post", "/serverMembers/{server}/members/{member}/ban", None, P.BAN_MEMBERS, 200),
    ("get", "/servers/{server}/bans", None, P.BAN_MEMBERS, 200),
    ("delete", "/servers/{server}/bans/{banned}", None, P.BAN_MEMBERS, 204),
    ("post", "/serverMembers/{server}/members", {"userId": "{fresh_user}"}, P.MANAGE_GUILD, 201),
    ("put", "/serverMembers/{server}/members/{member}", {"role": "member"}, P.ADMINISTRATOR, 200),
    ("patch", "/serverMembers/{server}/members/{member}", {"nickname": "n"}, P.MANAGE_NICKNAMES, 200),
    ("put", "/serverMembers/{server}/members/{member}/roles", {"roleIds": ["{role}"]}, P.MANAGE_ROLES, 200),
    ("patch", "/serverMembers/{server}/members/{member}/voice", {"isMuted": True}, P.MUTE_MEMBERS, 200),
    ("patch", "/serverMembers/{server}/members/{member}/voice", {"isDeafened": True}, P.DEAFEN_MEMBERS, 200),
    ("post", "/serverMembers/{server}/members/{member}/move", {"channelId": "{channel}"}, P.MOVE_MEMBERS, 200),
    ("post", "/serverMembers/{server}/members/{member}/move", {"channelId": None}, P.MOVE_MEMBERS, 200),
    ("post", "/servers/{server}/roles", {"name": "r"}, P.MANAGE_ROLES, 201),
    ("patch", "/servers/{server}/roles/{role}", {"name": "r"}, P.MANAGE_ROLES, 200),
    ("delete", "/servers/{server}/roles/{role}", None, P.MANAGE_ROLES, 204),
    ("delete", "/servers/{server}/roles/{everyone_role}", None, P.MANAGE_ROLES, 400),
    ("post", "/servers/{server}/roles/members/{member}/roles/{role}", None, P.MANAGE_ROLES, 201),
    ("delete", "/servers/{server}/roles/members/{member}/roles/{held_role}", None, P.MANAGE_ROLES, 204),
    ("post", "/invite/{server}/invite", None, P.CREATE_INSTANT_INVITE, 201),
    ("get", "/invite/{server}/invites", None, P.CREATE_INSTANT_INVITE, 200),
    ("delete", "/invite/{invite}", None, P.ADMINISTRATOR, 204),
    ("put", "/servers/{server}/channels/order", {"channels": [{"id": "{channel}", "position": 3}]}, P.MANAGE_CHANNELS, 200),
    ("post", "/servers/{server}/categories", {"name": "c"}, P.MANAGE_CHANNELS, 201),
    ("put", "/servers/{server}/categories/{category}", {"name": "d"}, P.MANAGE_CHANNELS, 200),
    ("delete", "/servers/{server}/categories/{category}", None, P.MANAGE_CHANNELS, 204),
    ("put", OVERWRITES + "/roles/{role}", MUTED, P.MANAGE_ROLES, 200),
    ("delete", OVERWRITES + "/roles/{held_role}", None, P.MANAGE_ROLES, 204),
    ("put", OVERWRITES + "/members/{member}", MUTED, P.MANAGE_ROLES, 200),
    ("delete", OVERWRITES + "/members/{member}", None, P.MANAGE_ROLES, 204),
    ("get", "/servers/{server}/permissions/explain?permission=SPEAK&memberId={member}", None, P.MANAGE_ROLES, 200),
    ("get", "/servers/{server}/audit", None, P.VIEW_AUDIT_LOG, 200),
    ("patch", "/serverMembers/{server}/members/{member}/timeout", {"mutedUntil": None}, P.MODERATE_MEMBERS, 200),
]


@pytest.mark.parametrize(("method", "path", "body", "bit", "status"), BITS)
def test_a_custom_role_opens_with_exactly_its_bit(world, api_as, method, path, body, bit, status):
    role_less = api_as(make_member(world.server, permissions=0).user)
    every_other = ~bit & ~P.ADMINISTRATOR & (2**41 - 1)
    with_others = api_as(make_member(world.server, permissions=every_other, position=9).user)
    with_bit = api_as(make_member(world.server, permissions=bit, position=9).user)
    for api in (role_less, with_others):
        assert is_error(getattr(api, method)(world.path(path), world.body(body)), 403)
    assert getattr(with_bit, method)(world.path(path), world.body(body)).status_code == status


def test_a_demoted_or_removed_member_is_stopped_at_the_next_request(world, api_as):
    moderator = world.members["moderator"]
    api, path = api_as(moderator.user), world.path("/servers/{server}/channels")
    assert api.post(path, {"name": "a"}).status_code == 201
    moderator.role = "member"
    moderator.save()
    assert is_error(api.post(path, {"name": "b"}), 403)
    assert api.get(path).status_code == 200
    moderator.delete()
    assert is_error(api.get(path), 403)


HIERARCHY = [
    ("delete", "/serverMembers/{server}/members/{target}", 204),
    ("post", "/serverMembers/{server}/members/{target}/ban", 200),
    ("patch", "/serverMembers/{server}/members/{target}/timeout", 200),
]


@pytest.mark.parametrize(("method", "path", "success"), HIERARCHY)
def test_one_kicks_and_bans_only_those_below(world, api_as, method, path, success):
    ranks = ("member", "moderator", "admin", "owner")
    for actor in ranks[1:]:
        for target in ranks:
            member = (
                world.server.members.get(user=world.who["owner"]) if target == "owner" else make_member(world.server, target)
            )
            world.ids["target"] = member.pk
            allowed = Rank[target.upper()] < Rank[actor.upper()]
            answer = getattr(api_as(world.who[actor]), method)(world.path(path), {"mutedUntil": None})
            assert (actor, target, answer.status_code) == (actor, target, success if allowed else 403)
            if not allowed and target != "owner":
                assert answer.json()["error"] == "You cannot act on a role at or above your own"


def test_a_custom_role_lifts_its_bearer_above_a_moderator(world, api_as):
    lifted = make_member(world.server, permissions=P.SPEAK, position=3)
    path = f"/api/serverMembers/{world.server.pk}/members/{lifted.pk}"
    assert is_error(api_as(world.who["moderator"]).delete(path), 403)
    assert is_error(api_as(world.who["admin"]).delete(path), 403)
    assert api_as(world.who["owner"]).delete(path).status_code == 204


FOREIGN = [
    ("get", "/servers/{server}/channels/{foreign_channel}"),
    ("put", "/servers/{server}/channels/{foreign_channel}"),
    ("delete", "/servers/{server}/channels/{foreign_channel}"),
    ("get", "/serverMembers/{server}/members/{foreign_member}"),
    ("delete", "/serverMembers/{server}/members/{foreign_member}"),
    ("post", "/serverMembers/{server}/members/{foreign_member}/ban"),
    ("delete", "/servers/{server}/bans/{foreign_banned}"),
    ("put", "/serverMembers/{server}/members/{foreign_member}"),
    ("patch", "/serverMembers/{server}/members/{foreign_member}"),
    ("put", "/serverMembers/{server}/members/{foreign_member}/roles"),
    ("patch", "/serverMembers/{server}/members/{foreign_member}/voice"),
    ("patch", "/servers/{server}/roles/{foreign_role}"),
    ("delete", "/servers/{server}/roles/{foreign_role}"),
    ("delete", "/servers/{server}/roles/{foreign_everyone_role}"),
    ("post", "/servers/{server}/roles/members/{member}/roles/{foreign_role}"),
    ("post", "/servers/{server}/roles/members/{foreign_member}/roles/{role}"),
    ("post", "/servers/{server}/roles/members/{foreign_member}/roles/{foreign_role}"),
    ("delete", "/servers/{server}/roles/members/{foreign_member}/roles/{foreign_held_role}"),
    ("put", "/servers/{server}/categories/{foreign_category}"),
    ("delete", "/servers/{server}/categories/{foreign_category}"),
    ("get", "/servers/{server}/channels/{foreign_channel}/permissions"),
    ("put", "/servers/{server}/channels/{foreign_channel}/permissions/roles/{role}"),
    ("put", "/servers/{server}/channels/{foreign_channel}/permissions/members/{member}"),
    ("put", OVERWRITES + "/roles/{foreign_role}"),
    ("put", OVERWRITES + "/members/{foreign_member}"),
    ("delete", OVERWRITES + "/roles/{foreign_held_role}"),
    ("delete", OVERWRITES + "/members/{foreign_member}"),
    ("patch", "/serverMembers/{server}/members/{foreign_member}/timeout"),
    ("post", "/serverMembers/{server}/members/{foreign_member}/move"),
]
UNKNOWN = [
    ("put", "/servers/{unknown}/channels/order"),
    ("get", "/servers/{unknown}/categories"),
    ("post", "/servers/{unknown}/categories"),
    ("put", "/servers/{server}/categories/{unknown}"),
    ("delete", "/servers/{server}/categories/{unknown}"),
    ("get", "/servers/{server}/channels/{unknown}/permissions"),
    ("put", OVERWRITES + "/roles/{unknown}"),
    ("put", OVERWRITES + "/members/{unknown}"),
    ("delete", OVERWRITES + "/roles/{unknown}"),
    ("delete", OVERWRITES + "/members/{unknown}"),
    ("get", "/servers/{unknown}/permissions/explain?permission=SPEAK"),
    ("get", "/servers/{server}/permissions/explain?permission=SPEAK&channelId={unknown}"),
    ("get", "/servers/{server}/permissions/explain?permission=SPEAK&channelId={foreign_channel}"),
    ("get", "/servers/{server}/permissions/explain?permission=SPEAK&memberId={unknown}"),
    ("get", "/servers/{server}/permissions/explain?permission=SPEAK&memberId={foreign_member}"),
    ("get", "/servers/{unknown}/audit"),
    ("patch", "/serverMembers/{server}/members/{unknown}/timeout"),
    ("post", "/serverMembers/{server}/members/{unknown}/move"),
    ("get", "/users/{unknown}"),
    ("put", "/auth/users/{unknown}"),
    ("put", "/auth/users/{unknown}/password"),
    ("delete", "/auth/sessions/{no_token}"),
    ("get", "/servers/{unknown}"),
    ("put", "/servers/{unknown}"),
    ("delete", "/servers/{unknown}"),
    ("get", "/servers/{unknown}/channels"),
    ("post", "/servers/{unknown}/channels"),
    ("get", "/servers/{server}/channels/{unknown}"),
    ("put", "/servers/{server}/channels/{unknown}"),
    ("delete", "/servers/{server}/channels/{unknown}"),
    ("get", "/servers/{unknown}/channels/{channel}"),
    ("get", "/serverMembers/{unknown}/members"),
    ("get", "/serverMembers/{unknown}/members/me"),
    ("delete", "/serverMembers/{unknown}/members/me"),
    ("get", "/serverMembers/{server}/members/{unknown}"),
    ("delete", "/serverMembers/{server}/members/{unknown}"),
    ("delete", "/serverMembers/{unknown}/members/{member}"),
    ("post", "/serverMembers/{server}/members/{unknown}/ban"),
    ("get", "/servers/{unknown}/bans"),
    ("delete", "/servers/{server}/bans/{unknown}"),
    ("delete", "/servers/{server}/bans/{me}"),  # a user, but not a banned one
    ("post", "/serverMembers/{unknown}/members"),
    ("put", "/serverMembers/{server}/members/{unknown}"),
    ("put", "/serverMembers/{unknown}/members/{member}"),
    ("patch", "/serverMembers/{server}/members/{unknown}"),
    ("put", "/serverMembers/{server}/members/{unknown}/roles"),
    ("patch", "/serverMembers/{server}/members/{unknown}/voice"),
    ("post", "/serverMembers/{unknown}/owner"),
    ("get", "/servers/{unknown}/roles"),
    ("post", "/servers/{unknown}/roles"),
    ("patch", "/servers/{server}/roles/{unknown}"),
    ("patch", "/servers/{unknown}/roles/{role}"),
    ("delete", "/servers/{server}/roles/{unknown}"),
    ("post", "/servers/{server}/roles/members/{member}/roles/{unknown}"),
    ("post", "/servers/{server}/roles/members/{unknown}/roles/{role}"),
    ("post", "/servers/{unknown}/roles/members/{member}/roles/{role}"),
    ("delete", "/servers/{server}/roles/members/{member}/roles/{unknown}"),
    ("delete", "/servers/{server}/roles/members/{unknown}/roles/{held_role}"),
    ("post", "/invite/{unknown}/invite"),
    ("get", "/invite/{unknown}/invites"),
    ("delete", "/invite/{unknown}"),
    ("get", "/invite/invite/{no_token}"),
    ("post", "/invite/invite/{no_token}/accept"),
]


@pytest.mark.parametrize(("method", "path"), FOREIGN)
def test_what_belongs_to_another_server_is_not_found_under_ones_own(world, api_as, method, path):
    """Not even by somebody who owns both."""
    world.other.members.filter(role="owner").update(role="admin")
    make_member(world.other, "owner", user=world.who["owner"])
    api = api_as(world.who["owner"])
    before = rows()
    assert is_error(getattr(api, method)(world.path(path), {"name": "x"}), 404)
    assert rows() == before


@pytest.mark.parametrize(("method", "path"), UNKNOWN)
def test_what_does_not_exist_is_not_found(world, api_as, method, path):
    api = api_as(world.who["owner"])
    before = rows()
    assert is_error(getattr(api, method)(world.path(path), {}), 404)
    assert rows() == before


BODIES = [
    ("put", "/servers/{server}", {"name": 1}),
    ("post", "/servers/{server}/channels", {"name": 1}),
    ("put", "/servers/{server}/channels/{channel}", {"name": 1}),
    ("post", "/serverMembers/{server}/members/{member}/ban", {"reason": 1}),
    ("post", "/invite/{server}/invite", {"maxUses": "1"}),
    ("post", "/serverMembers/{server}/members", {"userId": "1"}),
    ("put", "/serverMembers/{server}/members/{member}", {"role": "owner"}),
    ("patch", "/serverMembers/{server}/members/{member}", {"nickname": 1}),
    ("put", "/serverMembers/{server}/members/{member}/roles", {"roleIds": 1}),
    ("patch", "/serverMembers/{server}/members/{member}/voice", {"isMuted": 1}),
    ("post", "/serverMembers/{server}/owner", {"userId": "1"}),
    ("post", "/servers/{server}/roles", {"name": 1}),
    ("patch", "/servers/{server}/roles/{role}", {"name": 1}),
    ("put", "/servers/{server}/channels/order", {"channels": 1}),
    ("post", "/servers/{server}/categories", {"name": 1}),
    ("put", "/servers/{server}/categories/{category}", {"name": 1}),
    ("put", OVERWRITES + "/roles/{role}", {"allow": "x"}),
    ("put", OVERWRITES + "/roles/{role}", {"allow": str(int(P.KICK_MEMBERS))}),
    ("put", OVERWRITES + "/members/{member}", {"allow": "1024", "deny": "1024"}),
    ("patch", "/serverMembers/{server}/members/{member}/timeout", {"mutedUntil": 1}),
    ("delete", "/serverMembers/{server}/members/{member}", {"reason": "a" * 501}),
    ("post", "/serverMembers/{server}/members/{member}/move", {"channelId": None, "reason": "a" * 501}),
]


@pytest.mark.parametrize(("method", "path", "body"), BODIES)
def test_refusals_come_in_the_order_401_404_403_400(world, api_as, method, path, body):
    nowhere = path.replace("{server}", "{unknown}")
    call = {who: getattr(api_as(user), method) for who, user in world.who.items()}
    assert is_error(getattr(api_as(), method)(world.path(nowhere), body), 401)
    assert is_error(call["stranger"](world.path(nowhere), body), 404)
    assert is_error(call["stranger"](world.path(path), body), 403)
    assert is_error(call["member"](world.path(path), body), 403)
    assert is_error(call["owner"](world.path(path), body), 400)


@pytest.mark.parametrize("path", ["/auth/users/{other_user}", "/auth/users/{other_user}/password"])
def test_only_ones_own_account_is_changed_there(world, api_as, path):
    api = api_as(world.who["member"])
    before = rows()
    assert is_error(api.put(world.path(path), {"username": 1}), 403)
    assert rows() == before


INSIDE = [row[:3] for row in MATRIX if row[1] != "/invite/invite/{token}/accept"]


@pytest.mark.parametrize(("method", "path", "body"), INSIDE)
def test_a_blocked_server_is_closed_to_all_but_global_staff_reading(world, api_as, method, path, body):
    operator = make_user(username="operator", role="admin")
    server_block(server=world.server, by=operator, reason="spam")
    owner, stranger = api_as(world.who["owner"]), api_as(world.who["stranger"])
    before = rows()
    body = world.body(body)
    answer = getattr(owner, method)(world.path(path), body)
    assert is_error(answer, 403)
    told = answer.json()["server"]
    at = told["blockedAt"]
    assert at.endswith("Z")
    assert told == {
        "id": world.server.pk,
        "name": "Ours",
        "isBlocked": True,
        "blockReason": "spam",
        "blockedAt": at,
        "blockedBy": {"id": operator.pk, "username": "operator"},
    }
    refused = getattr(stranger, method)(world.path(path), body)
    assert is_error(refused, 403)
    assert "server" not in refused.json()  # the reason is for those inside
    assert rows() == before

    staff = make_member(world.server, "admin", user=make_user(role="moderator"))
    inside = getattr(api_as(staff.user), method)(world.path(path), body)
    assert inside.status_code == (200 if method == "get" else 403)


def test_invites_of_a_blocked_server_do_not_let_in(world, api_as):
    page, accept = world.path("/invite/invite/{token}"), world.path("/invite/invite/{token}/accept")
    assert api_as().get(page).status_code == 200
    server_block(server=world.server, by=None, reason="spam")
    assert is_error(api_as().get(page), 403)
    assert "spam" not in api_as().get(page).content.decode()
    assert is_error(api_as(world.who["stranger"]).post(accept), 403)
    assert not world.server.members.filter(user=world.who["stranger"]).exists()
    assert world.server.invites.get().uses == 0


def test_a_blocked_server_is_hidden_from_the_list_and_comes_back(world, api_as):
    owner = api_as(world.who["owner"])
    assert [server["id"] for server in owner.get("/api/servers").json()] == [world.server.pk]
    server_block(server=world.server, by=None, reason="spam")
    assert owner.get("/api/servers").json() == []
    world.server.is_blocked = False
    world.server.save()
    assert owner.get(world.path("/servers/{server}")).status_code == 200


@pytest.mark.parametrize(("method", "path"), ALL)
def test_a_blocked_user_is_told_so_everywhere(world, api_as, method, path):
    user = world.who["owner"]
    api = api_as(user)
    operator = make_user()
    user_block(user=user, by=operator, reason="spam")
    before = rows()
    answer = getattr(api, method)(world.path(path), {})
    assert is_error(answer, 403)
    body = answer.json()
    assert (body["blockedBy"], body["blockReason"]) == (operator.pk, "spam")
    assert body["blockedAt"].startswith(f"{timezone.now():%Y-%m-%dT%H}")
    assert rows() == before
    user_unblock(user=user)
    assert api.get("/api/auth/me").status_code == 200
