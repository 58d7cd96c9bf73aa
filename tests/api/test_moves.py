"""`POST …/members/:memberId/move`: from call to call, or out of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from projectvoice.kernel.events import MemberMoved
from projectvoice.kernel.serializers import iso
from servers.models import Channel, Overwrite
from servers.permissions import Permission
from servers.services.servers import server_block
from tests.api.world import is_error
from tests.factories import make_channel, make_member, make_role, make_server

pytestmark = pytest.mark.django_db
P = Permission


@pytest.fixture
def server():
    return make_server()


@pytest.fixture
def channel(server):
    return make_channel(server)


@pytest.fixture
def owner(api_as, server):
    return api_as(server.owner)


def move(client, member, channel_id, **body):
    return client.post(f"/api/serverMembers/{member.server_id}/members/{member.pk}/move", {"channelId": channel_id, **body})


def mover_of(server, bits=P.MOVE_MEMBERS, position=5):
    return make_member(server, permissions=bits, position=position)


def write(channel, allow=0, deny=0, **whom):
    return Overwrite.objects.create(channel=channel, allow=allow, deny=deny, **whom)


def moves_of(server):
    return AuditEntry.objects.filter(log=f"server:{server.pk}", action="member.move")


@pytest.mark.parametrize("out", [False, True])
def test_a_move_is_answered_and_the_calls_are_told(server, channel, owner, told, out):
    member, channel_id = make_member(server), None if out else channel.pk
    with told:
        answer = move(owner, member, channel_id)
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "Member moved", "userId": member.user_id, "channelId": channel_id},
    )
    assert told == [MemberMoved(member.user_id, server.pk, channel_id)]


def test_a_refused_move_is_told_to_nobody(server, channel, owner, told):
    text, foreign = make_channel(server, type="text"), make_channel(make_server())
    member = make_member(server)
    with told:
        assert is_error(move(owner, member, text.pk), 400)
        for nowhere in (foreign.pk, 2**31, 2**63 - 1):
            assert is_error(move(owner, member, nowhere), 404)
    assert told == []
    assert not moves_of(server).exists()


def test_the_channel_must_be_named_and_null_is_a_name(server, owner):
    member = make_member(server)
    refused = owner.post(f"/api/serverMembers/{server.pk}/members/{member.pk}/move", {})
    assert is_error(refused, 400)
    assert refused.json()["error"].startswith("channelId:")
    assert move(owner, member, None).status_code == 200


def test_the_mover_may_move_and_enter_in_that_channel(server, channel, api_as):
    mover, member, elsewhere = mover_of(server), make_member(server), make_channel(server)
    api = api_as(mover.user)
    for bit in (P.MOVE_MEMBERS, P.CONNECT, P.VIEW_CHANNEL):
        taken = write(channel, deny=bit, member=mover)
        refused = move(api, member, channel.pk)
        assert is_error(refused, 403)
        assert refused.json()["error"] == "You lack the permission for this"
        assert refused.json()["details"]["permission"] == bit.name
        assert move(api, member, elsewhere.pk).status_code == 200
        taken.delete()
    assert move(api, member, channel.pk).status_code == 200


def test_a_right_given_in_one_channel_moves_there_and_does_not_put_out(server, channel, api_as):
    mover, member, elsewhere = mover_of(server, P.STREAM), make_member(server), make_channel(server)
    api = api_as(mover.user)
    assert is_error(move(api, member, channel.pk), 403)
    write(channel, allow=P.MOVE_MEMBERS, member=mover)
    assert move(api, member, channel.pk).status_code == 200
    assert is_error(move(api, member, elsewhere.pk), 403)
    refused = move(api, member, None)
    assert is_error(refused, 403)
    assert refused.json()["details"] == {"permission": "MOVE_MEMBERS", "chain": []}


@pytest.mark.parametrize("bit", [P.CONNECT, P.VIEW_CHANNEL], ids=lambda bit: bit.name)
def test_the_member_must_be_able_to_enter_himself(server, channel, owner, bit):
    member, role = make_member(server), make_role(server)
    member.roles.add(role)
    shut = write(channel, deny=bit, role=role)
    refused = move(owner, member, channel.pk)
    assert is_error(refused, 403)
    assert refused.json()["error"] == "The member may not enter this channel"
    details = refused.json()["details"]
    assert details["permission"] == bit.name
    assert {"rule": "channel-role", "effect": "deny", "role": {"id": role.pk, "name": "custom"}} in details["chain"]
    assert move(owner, member, None).status_code == 200
    shut.delete()
    assert move(owner, member, channel.pk).status_code == 200


def test_who_is_timed_out_is_not_moved_into_a_call(server, channel, owner):
    member = make_member(server)
    url = f"/api/serverMembers/{server.pk}/members/{member.pk}/timeout"
    assert owner.patch(url, {"mutedUntil": iso(timezone.now() + timedelta(hours=1))}).status_code == 200
    refused = move(owner, member, channel.pk)
    assert is_error(refused, 403)
    assert refused.json()["error"] == "The member may not enter this channel", "not what is said to himself"
    assert refused.json()["details"]["chain"][-1]["rule"] == "timeout"
    assert move(owner, member, None).status_code == 200


def test_one_moves_those_below_and_oneself(server, channel, api_as):
    mover, equal, above, below = mover_of(server), mover_of(server), mover_of(server, position=6), make_member(server)
    api = api_as(mover.user)
    for target in (channel.pk, None):
        for member in (equal, above, server.members.get(role="owner")):
            refused = move(api, member, target)
            assert is_error(refused, 403)
            assert refused.json()["error"] == "You cannot act on a role at or above your own"
        for member in (below, mover):
            assert move(api, member, target).status_code == 200


def test_to_move_oneself_takes_the_right_too_and_is_no_moderation(server, channel, api_as):
    mover, member = mover_of(server), make_member(server)
    assert is_error(move(api_as(member.user), member, channel.pk), 403)
    assert is_error(move(api_as(member.user), member, None), 403)
    assert move(api_as(mover.user), mover, channel.pk).status_code == 200
    assert not moves_of(server).exists()


def test_a_full_channel_takes_in_who_is_moved(server, channel, owner):
    Channel.objects.filter(pk=channel.pk).update(user_limit=1)
    for _ in range(2):
        assert move(owner, make_member(server), channel.pk).status_code == 200


def test_the_log_says_who_moved_whom_where_and_why(server, channel, owner):
    member = make_member(server)
    move(owner, member, channel.pk, reason="wrong room")
    move(owner, member, None)
    there, out = moves_of(server).order_by("sequence")
    assert (there.actor_number, there.target_id, there.reason) == (server.owner_id, member.user_id, "wrong room")
    assert (there.before, there.after) == (None, {"channel": f"{channel.pk} lobby"})
    assert (out.after, out.reason) == ({"channel": None}, None)


def test_on_a_blocked_server_nobody_is_moved(server, channel, owner, told):
    member = make_member(server)
    server_block(server=server, by=None, reason="spam")
    with told:
        for target in (channel.pk, None):
            assert is_error(move(owner, member, target), 403)
    assert told == []
