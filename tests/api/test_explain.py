"""`GET /api/servers/:id/permissions/explain` says what the doors do, and every refused permission says why."""

from datetime import timedelta

import pytest
from django.utils import timezone

from servers.models import Overwrite, Role
from servers.permissions import Permission
from tests.api.world import is_error
from tests.factories import make_channel, make_member, make_role, make_server

pytestmark = pytest.mark.django_db
P = Permission
SPEAKING, SEEING = int(P.SEND_MESSAGES), int(P.VIEW_CHANNEL)


@pytest.fixture
def channel():
    return make_channel(make_server(), type="text", name="general")


@pytest.fixture
def explain(channel):
    def ask(client, permission, **query):
        answer = client.get(f"/api/servers/{channel.server_id}/permissions/explain", {"permission": permission, **query})
        assert answer.status_code == 200, answer.content
        return answer.json()

    return ask


def preset(channel, name):
    return channel.server.roles.get(preset=name)


def step(rule, effect, role=None):
    return {"rule": rule, "effect": effect, "role": role and {"id": role.pk, "name": role.name}}


def write(client, channel):
    return client.post("/api/messages", {"channelId": channel.pk, "content": "x"})


def timed_out(member):
    member.muted_until = timezone.now() + timedelta(hours=1)
    member.save()


def test_a_chain_names_each_rule_and_the_last_one_decides(channel, explain, api_as):
    everyone, own = preset(channel, "everyone"), preset(channel, "member")
    member = make_member(channel.server)
    role, api = make_role(channel.server, holder=member), api_as(member.user)
    chain = [step("role", "allow", everyone), step("role", "allow", own)]
    expected = {
        "permission": "SEND_MESSAGES",
        "granted": True,
        "memberId": member.pk,
        "channelId": channel.pk,
        "chain": chain,
    }
    assert explain(api, "SEND_MESSAGES", channelId=channel.pk) == expected
    for whom, bits, added in (
        ({"role": everyone}, {"deny": SPEAKING}, step("channel-role", "deny", everyone)),
        ({"role": role}, {"allow": SPEAKING}, step("channel-role", "allow", role)),
        ({"member": member}, {"deny": SPEAKING}, step("channel-member", "deny")),
    ):
        Overwrite.objects.create(channel=channel, **whom, **bits)
        chain.append(added)
        told = explain(api, "SEND_MESSAGES", channelId=channel.pk)
        assert (told["chain"], told["granted"]) == (chain, added["effect"] == "allow")
        assert write(api, channel).status_code == (201 if told["granted"] else 403)
    elsewhere = explain(api, "SEND_MESSAGES")
    assert (elsewhere["granted"], elsewhere["channelId"], elsewhere["chain"]) == (True, None, chain[:2])


def test_owner_and_administrators_have_one_reason(channel, explain, api_as):
    admin = make_member(channel.server, "admin")
    Overwrite.objects.create(channel=channel, member=admin, deny=SPEAKING)
    assert explain(api_as(channel.server.owner), "BAN_MEMBERS")["chain"] == [step("owner", "allow")]
    told = explain(api_as(admin.user), "SEND_MESSAGES", channelId=channel.pk)
    assert told["chain"][-1] == step("administrator", "allow", preset(channel, "admin"))
    assert told["granted"]


def test_what_nobody_granted_has_no_chain(channel, explain, api_as):
    told = explain(api_as(make_member(channel.server).user), "BAN_MEMBERS")
    assert (told["granted"], told["chain"]) == (False, [])


def test_a_hidden_channel_is_explained_to_who_does_not_see_it(channel, explain, api_as):
    member = make_member(channel.server)
    everyone, api = preset(channel, "everyone"), api_as(member.user)
    Overwrite.objects.create(channel=channel, role=everyone, deny=SEEING)
    seeing = explain(api, "VIEW_CHANNEL", channelId=channel.pk)
    assert seeing["chain"][-2:] == [step("channel-role", "deny", everyone), step("hidden-channel", "deny")]
    assert explain(api, "SEND_MESSAGES", channelId=channel.pk)["chain"][-1] == step("hidden-channel", "deny")


DEEDS = {
    "KICK_MEMBERS": ("delete", "/serverMembers/{server}/members/{victim}", None),
    "BAN_MEMBERS": ("get", "/servers/{server}/bans", None),
    "MANAGE_GUILD": ("put", "/servers/{server}", {"name": "x"}),
    "MANAGE_CHANNELS": ("post", "/servers/{server}/channels", {"name": "x"}),
    "MANAGE_ROLES": ("post", "/servers/{server}/roles", {"name": "x", "position": 0}),
    "VIEW_AUDIT_LOG": ("get", "/servers/{server}/audit", None),
    "CREATE_INSTANT_INVITE": ("post", "/invite/{server}/invite", None),
    "MODERATE_MEMBERS": ("patch", "/serverMembers/{server}/members/{victim}/timeout", {"mutedUntil": None}),
    "VIEW_CHANNEL": ("get", "/servers/{server}/channels/{channel}", None),
    "SEND_MESSAGES": ("post", "/messages", {"channelId": "{channel}", "content": "x"}),
    "READ_MESSAGE_HISTORY": ("get", "/messages?channelId={channel}", None),
}


@pytest.mark.parametrize("name", DEEDS)
def test_the_explanation_is_what_the_door_does(channel, explain, api_as, name):
    """Of members with and without the permission, with it taken or given in the channel, and timed out."""
    method, path, body = DEEDS[name]
    bit, server = int(P[name]), channel.server
    Role.objects.filter(server=server, preset__in=["everyone", "member"]).update(permissions=SEEING & ~bit)
    in_channel = name in {"VIEW_CHANNEL", "SEND_MESSAGES", "READ_MESSAGE_HISTORY"}
    people = [make_member(server, permissions=bits, position=5) for bits in (bit, bit, bit, 1 << 31, 1 << 31)]
    Overwrite.objects.create(channel=channel, member=people[1], deny=bit)
    Overwrite.objects.create(channel=channel, member=people[3], allow=bit)
    timed_out(people[2])
    found = []
    for member in people:
        ids = {"server": server.pk, "channel": channel.pk, "victim": make_member(server).pk}
        filled = body and {key: channel.pk if value == "{channel}" else value for key, value in body.items()}
        told = explain(api_as(member.user), name, **({"channelId": channel.pk} if in_channel else {}))
        answer = getattr(api_as(member.user), method)("/api" + path.format(**ids), filled)
        assert told["granted"] is (answer.status_code < 300), (told, answer.content)
        if not told["granted"]:
            assert is_error(answer, 403)
            assert answer.json()["details"] == {"permission": name, "chain": told["chain"][-3:]}
        found.append(told["granted"])
    readers = name in {"VIEW_CHANNEL", "READ_MESSAGE_HISTORY"}
    assert found == [True, not in_channel, readers, in_channel, False]


def refusal(answer):
    assert is_error(answer, 403)
    return answer.json()["error"], answer.json()["details"]


def test_a_refusal_says_which_permission_and_why(channel, api_as):
    lacking, resting = "You lack the permission for this", "You are timed out here: until it ends you can only read"
    everyone = preset(channel, "everyone")
    member = make_member(channel.server)
    role, api = make_role(channel.server, holder=member), api_as(member.user)
    bans = f"/api/servers/{channel.server_id}/bans"
    assert refusal(api.get(bans)) == (lacking, {"permission": "BAN_MEMBERS", "chain": []}), "never granted"
    assert write(api, channel).status_code == 201
    Overwrite.objects.create(channel=channel, role=role, deny=SPEAKING)
    granted = [step("role", "allow", everyone), step("role", "allow", preset(channel, "member"))]
    chain = [*granted, step("channel-role", "deny", role)]
    assert refusal(write(api, channel)) == (lacking, {"permission": "SEND_MESSAGES", "chain": chain})
    Overwrite.objects.create(channel=channel, member=member, deny=SPEAKING)
    chain = [*chain[1:], step("channel-member", "deny")]
    assert refusal(write(api, channel)) == (lacking, {"permission": "SEND_MESSAGES", "chain": chain}), "the last three"
    timed_out(member)
    chain = [*chain[1:], step("timeout", "deny")]
    assert refusal(write(api, channel)) == (resting, {"permission": "SEND_MESSAGES", "chain": chain})
    assert refusal(api.get(bans)) == (resting, {"permission": "BAN_MEMBERS", "chain": [step("timeout", "deny")]})


def test_others_are_explained_to_who_manages_roles(channel, explain, api_as):
    member, other = make_member(channel.server), make_member(channel.server)
    keeper = api_as(make_member(channel.server, permissions=P.MANAGE_ROLES).user)
    api, path = api_as(member.user), f"/api/servers/{channel.server_id}/permissions/explain"
    query = {"permission": "SPEAK", "memberId": other.pk}
    assert explain(keeper, **query)["memberId"] == other.pk
    assert refusal(api.get(path, query))[1]["permission"] == "MANAGE_ROLES"
    assert explain(api, "SPEAK", memberId=member.pk) == explain(api, "SPEAK")


@pytest.mark.parametrize("odd", ["", "speak", "EVERYTHING", "NOTHING", "8", "SPEAK|CONNECT", "name", "\0"])
def test_a_permission_that_there_is_not_is_400(channel, explain, api_as, odd):
    api, path = api_as(channel.server.owner), f"/api/servers/{channel.server_id}/permissions/explain"
    refused = api.get(path, {"permission": odd})
    assert is_error(refused, 400)
    assert refused.json()["error"].startswith("permission:")
    assert is_error(api.get(path), 400)
    assert explain(api, "SPEAK")["granted"]


@pytest.mark.parametrize("name", ["memberId", "channelId"])
def test_odd_ids_are_the_last_thing_to_be_wrong(channel, api_as, name):
    path = f"/api/servers/{channel.server_id}/permissions/explain"
    stranger, owner = api_as(make_server().owner), api_as(channel.server.owner)
    for odd in ("", "0", "-1", "a", "1.5", "٣"):
        assert is_error(owner.get(path, {"permission": "SPEAK", name: odd}), 400)
        assert is_error(stranger.get(path, {"permission": "SPEAK", name: odd}), 403)
    assert is_error(owner.get(path, {"permission": "SPEAK", name: "9" * 40}), 404)
