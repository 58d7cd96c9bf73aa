"""What a channel gives and takes: `/api/servers/:id/channels/:channelId/permissions/**`, and what follows from it everywhere."""

import pytest

from servers.models import Overwrite
from servers.permissions import EVERYTHING, OVERWRITABLE, Permission
from servers.services.channels import OVERWRITES_PER_CHANNEL
from tests.api.world import is_error
from tests.factories import make_channel, make_member, make_messages, make_role, make_server
from voice.access import enter
from voice.core.words import Room

pytestmark = pytest.mark.django_db
P = Permission


@pytest.fixture
def channel():
    return make_channel(make_server(), type="text", name="general")


@pytest.fixture
def owner(api_as, channel):
    return api_as(channel.server.owner)


def url(channel, role=None, member=None):
    path = f"/api/servers/{channel.server_id}/channels/{channel.pk}/permissions"
    return f"{path}/roles/{role.pk}" if role else f"{path}/members/{member.pk}" if member else path


def everyone(channel):
    return channel.server.roles.get(preset="everyone")


def test_an_overwrite_is_put_changed_listed_and_deleted(channel, owner):
    role, member = make_role(channel.server), make_member(channel.server)
    for whom, ids in (
        ({"role": role}, {"roleId": role.pk, "memberId": None}),
        ({"member": member}, {"roleId": None, "memberId": member.pk}),
    ):
        assert owner.put(url(channel, **whom), {"allow": "1024", "deny": 2048}).json() == {
            **ids,
            "allow": "1024",
            "deny": "2048",
        }
        assert owner.put(url(channel, **whom), {"deny": 1024}).json() == {**ids, "allow": "0", "deny": "1024"}
        assert owner.get(url(channel)).json() == [{**ids, "allow": "0", "deny": "1024"}]
        answer = owner.delete(url(channel, **whom))
        assert (answer.status_code, answer.content) == (204, b"")
        assert is_error(owner.delete(url(channel, **whom)), 404)
        assert owner.get(url(channel)).json() == []


@pytest.mark.parametrize("bit", [bit for bit in P if not bit & OVERWRITABLE], ids=lambda bit: bit.name)
def test_what_is_about_the_whole_server_is_not_for_channels(channel, owner, bit):
    for field in ("allow", "deny"):
        refused = owner.put(url(channel, everyone(channel)), {field: str(int(bit))})
        assert is_error(refused, 400)
        assert "inside it" in refused.json()["error"]
    assert owner.put(url(channel, everyone(channel)), {"deny": str(int(P.SPEAK))}).status_code == 200
    assert Overwrite.objects.get().deny == P.SPEAK


@pytest.mark.parametrize("bit", [1 << 41, 1 << 62])
def test_a_bit_without_a_meaning_is_not_for_channels(channel, owner, bit):
    assert is_error(owner.put(url(channel, everyone(channel)), {"allow": str(bit)}), 400)
    assert owner.put(url(channel, everyone(channel)), {"allow": str(int(OVERWRITABLE))}).status_code == 200


def test_no_permission_goes_both_ways(channel, owner):
    refused = owner.put(url(channel, everyone(channel)), {"allow": "3072", "deny": "1024"})
    assert is_error(refused, 400)
    assert "both" in refused.json()["error"]
    assert not Overwrite.objects.exists()


def test_one_overwrites_only_those_below_and_only_bits_one_has(channel, api_as):
    server = channel.server
    keeper = make_member(server, permissions=P.MANAGE_ROLES, position=5)
    api = api_as(keeper.user)
    below, level, above = (make_role(server, position=position) for position in (4, 5, 6))
    speak, stream = {"deny": str(int(P.SPEAK))}, {"deny": str(int(P.STREAM))}
    assert api.put(url(channel, below), speak).status_code == 200
    for role in (level, above):
        refused = api.put(url(channel, role), speak)
        assert is_error(refused, 403)
        assert refused.json()["error"] == "You cannot act on a role at or above your own"
    assert api.put(url(channel, member=make_member(server)), speak).status_code == 200
    for peer in (make_member(server, permissions=P.SPEAK, position=5), server.members.get(role="owner")):
        assert is_error(api.put(url(channel, member=peer), speak), 403)
    refused = api.put(url(channel, below), stream)
    assert is_error(refused, 403)
    assert refused.json()["details"] == {"permission": "STREAM", "chain": []}
    assert Overwrite.objects.count() == 2


def test_what_was_taken_from_oneself_one_does_not_give_back(channel, owner, api_as):
    keeper = make_member(channel.server, permissions=P.MANAGE_ROLES, position=5)
    api = api_as(keeper.user)
    assert owner.put(url(channel, member=keeper), {"deny": str(int(P.SPEAK))}).status_code == 200
    for refused in (api.put(url(channel, member=keeper), {}), api.delete(url(channel, member=keeper))):
        assert is_error(refused, 403)
        assert refused.json()["details"]["permission"] == "SPEAK"
    assert api.put(url(channel, member=keeper), {"deny": str(int(P.SPEAK | P.CONNECT))}).status_code == 200
    assert owner.delete(url(channel, member=keeper)).status_code == 204


def test_the_right_to_overwrite_can_itself_come_from_the_channel(channel, owner, api_as):
    """As on Discord: MANAGE_ROLES in a channel is the right to say who may do what in it, and in it alone."""
    keeper, other = make_member(channel.server, permissions=P.SPEAK, position=5), make_channel(channel.server)
    api, role = api_as(keeper.user), make_role(channel.server)
    assert is_error(api.put(url(channel, role), {"deny": str(int(P.SPEAK))}), 403)
    owner.put(url(channel, member=keeper), {"allow": str(int(P.MANAGE_ROLES))})
    assert api.put(url(channel, role), {"deny": str(int(P.SPEAK))}).status_code == 200
    assert is_error(api.put(url(other, role), {"deny": str(int(P.SPEAK))}), 403)
    assert is_error(api.post(f"/api/servers/{channel.server_id}/roles", {"name": "r"}), 403)


def test_the_overwrites_of_a_channel_are_bounded(channel, owner):
    roles = [make_role(channel.server) for _ in range(OVERWRITES_PER_CHANNEL + 1)]
    Overwrite.objects.bulk_create(Overwrite(channel=channel, role=role) for role in roles[2:])
    assert owner.put(url(channel, roles[0]), {"deny": "2048"}).status_code == 200
    assert is_error(owner.put(url(channel, roles[1]), {"deny": "2048"}), 400)
    assert owner.put(url(channel, roles[0]), {"deny": "1024"}).status_code == 200, "changing one adds none"
    assert owner.put(url(make_channel(channel.server), roles[1]), {}).status_code == 200


def test_an_overwrite_goes_with_its_role_its_member_and_its_channel(channel, owner):
    role, member, kept = make_role(channel.server), make_member(channel.server), make_member(channel.server)
    for whom in ({"role": role}, {"member": member}, {"member": kept}):
        owner.put(url(channel, **whom), {"deny": "2048"})
    owner.delete(f"/api/servers/{channel.server_id}/roles/{role.pk}")
    owner.delete(f"/api/serverMembers/{channel.server_id}/members/{member.pk}")
    assert [row["memberId"] for row in owner.get(url(channel)).json()] == [kept.pk]
    owner.delete(f"/api/servers/{channel.server_id}/channels/{channel.pk}")
    assert not Overwrite.objects.exists()


def test_a_hidden_channel_is_hidden_everywhere_and_from_nobody_else(channel, owner, api_as):
    server, shown = channel.server, make_channel(channel.server, type="text")
    outsider, insider = make_member(server), make_member(server)
    api, inside = api_as(outsider.user), api_as(insider.user)
    (message,) = make_messages(channel, 1)
    owner.put(url(channel, everyone(channel)), {"deny": str(int(P.VIEW_CHANNEL))})
    owner.put(url(channel, member=insider), {"allow": str(int(P.VIEW_CHANNEL))})
    lists = {
        f"/api/servers/{server.pk}/channels": lambda body: body,
        f"/api/servers/{server.pk}": lambda body: body["channels"],
        "/api/servers": lambda body: body[0]["channels"],
        "/api/messages/unread": lambda body: [{"id": row["channelId"]} for row in body],
    }
    for path, channels in lists.items():
        seen = [sorted(row["id"] for row in channels(client.get(path).json())) for client in (api, inside, owner)]
        assert seen == [[shown.pk], [channel.pk, shown.pk], [channel.pk, shown.pk]], path
    doors = [
        ("get", f"/api/servers/{server.pk}/channels/{channel.pk}", {}),
        ("get", url(channel), {}),
        ("get", "/api/messages", {"channelId": channel.pk}),
        ("get", "/api/messages/search", {"channelId": channel.pk, "query": "text"}),
        ("get", "/api/messages/pins", {"channelId": channel.pk}),
        ("get", f"/api/messages/{message.pk}", {}),
        ("put", f"/api/messages/{message.pk}/reactions/x", {}),
        ("put", "/api/messages/read", {"channelId": channel.pk, "messageId": message.pk}),
        ("post", "/api/messages", {"channelId": channel.pk, "content": "x"}),
    ]
    for method, path, body in doors:
        refused = getattr(api, method)(path, body)
        assert is_error(refused, 403), path
        assert refused.json()["details"]["permission"] == "VIEW_CHANNEL"
        assert getattr(inside, method)(path, body).status_code in {200, 201}, path


def test_moderators_do_not_see_what_is_hidden_from_them(channel, owner, api_as):
    """Their rank opens doors on the server, and only what they see is there for them."""
    moderator, admin = (make_member(channel.server, rank) for rank in ("moderator", "admin"))
    path = f"/api/servers/{channel.server_id}/channels/{channel.pk}"
    assert api_as(moderator.user).put(path, {"name": "x"}).status_code == 200
    owner.put(url(channel, everyone(channel)), {"deny": str(int(P.VIEW_CHANNEL))})
    assert is_error(api_as(moderator.user).put(path, {"name": "y"}), 403)
    assert api_as(admin.user).put(path, {"name": "y"}).status_code == 200


@pytest.mark.parametrize("bit", [P.VIEW_CHANNEL, P.CONNECT], ids=lambda bit: bit.name)
def test_a_voice_channel_is_shut_by_an_overwrite_and_its_calls_are_told(channel, owner, api_as, told, bit):
    voice, member = make_channel(channel.server), make_member(channel.server)
    token = api_as(member.user)._credentials["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    room = Room(str(voice.pk), channel=True)
    assert enter(token, room, guests=False).standing.server_id == channel.server_id
    with told:
        owner.put(url(voice, everyone(voice)), {"deny": str(int(bit))})
    assert [event.channel_id for event in told] == [voice.pk]
    with pytest.raises(Exception, match="You lack the permission") as refused:
        enter(token, room, guests=False)
    assert refused.value.extra["details"]["permission"] == bit.name
    with told:
        owner.delete(url(voice, everyone(voice)))
    assert [event.channel_id for event in told] == [voice.pk]
    assert enter(token, room, guests=False).standing.server_id == channel.server_id


def test_a_right_given_in_one_channel_is_given_there_alone(channel, owner, api_as):
    role = make_role(channel.server)
    silent = make_channel(channel.server, type="text")
    member = make_member(channel.server)
    member.roles.add(role)
    api = api_as(member.user)
    for place in (channel, silent):
        owner.put(url(place, everyone(place)), {"deny": str(int(P.SEND_MESSAGES))})
    owner.put(url(channel, role), {"allow": str(int(P.SEND_MESSAGES))})
    answers = [api.post("/api/messages", {"channelId": place.pk, "content": "x"}) for place in (channel, silent)]
    assert [answer.status_code for answer in answers] == [201, 403]


def test_nothing_is_taken_from_administrators(channel, owner, api_as):
    admin = make_member(channel.server, "admin")
    owner.put(url(channel, member=admin), {"deny": str(int(EVERYTHING & OVERWRITABLE))})
    assert api_as(admin.user).post("/api/messages", {"channelId": channel.pk, "content": "x"}).status_code == 201
