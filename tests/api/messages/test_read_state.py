"""How far one has read, and how many messages came since."""

import pytest

from messaging import selectors
from messaging.models import ReadState
from servers.models import Role
from servers.permissions import Permission
from tests.factories import make_channel, make_member, make_messages, make_server, make_user

pytestmark = pytest.mark.django_db
READ, UNREAD = "/api/messages/read", "/api/messages/unread"


@pytest.fixture
def member(channel):
    return make_member(channel.server).user


@pytest.fixture
def reader(member, api_as):
    return api_as(member)


def write(channel, count, user=None):
    return [message.pk for message in make_messages(channel, count, user)]


def state(channel, last_read_id, unread):
    return {"channelId": channel.pk, "lastReadId": last_read_id, "unread": unread, "mentions": 0}


def body(channel, message_id):
    return {"channelId": channel.pk, "messageId": message_id}


def test_reading_moves_forward_and_never_back(channel, reader):
    ids = write(channel, 5)
    assert reader.get(UNREAD).json() == [state(channel, None, 5)]
    answer = reader.put(READ, body(channel, ids[2]))
    assert (answer.status_code, answer.json()) == (200, state(channel, ids[2], 2))
    assert reader.put(READ, body(channel, ids[0])).json() == state(channel, ids[2], 2)
    assert reader.put(READ, body(channel, ids[4])).json() == state(channel, ids[4], 0)
    write(channel, 1)
    assert reader.get(UNREAD).json() == [state(channel, ids[4], 1)]
    assert ReadState.objects.filter(channel=channel).count() == 2, "the writer's and the reader's"


def test_ones_own_message_is_read(channel, member, reader, api_as):
    write(channel, 3)
    mine = reader.post("/api/messages", {"channelId": channel.pk, "content": "mine"}).json()["id"]
    assert reader.get(UNREAD).json() == [state(channel, mine, 0)]
    assert api_as(channel.server.owner).get(UNREAD).json()[0]["unread"] == 1


def test_deleted_messages_are_not_unread(channel, reader, api_as):
    ids = write(channel, 4)
    reader.put(READ, body(channel, ids[1]))
    owner = api_as(channel.server.owner)
    for pk in ids[1:3]:
        assert owner.delete(f"/api/messages/{pk}").status_code == 204
    assert reader.get(UNREAD).json() == [state(channel, ids[1], 1)]


def test_unread_lists_the_text_channels_one_may_read(channel, member, reader):
    make_channel(channel.server, type="voice")
    second = make_channel(channel.server, type="text")
    make_channel(make_server(), type="text")
    blocked, hidden = make_server(), make_server()
    for server in (blocked, hidden):
        make_member(server, user=member)
        write(make_channel(server, type="text"), 1)
    assert len(reader.get(UNREAD).json()) == 4
    blocked.is_blocked = True
    blocked.save()
    assert len(reader.get(UNREAD).json()) == 3
    for role in Role.objects.filter(server=hidden):
        Role.objects.filter(pk=role.pk).update(permissions=role.permissions & ~int(Permission.VIEW_CHANNEL))
    assert reader.get(UNREAD).json() == [state(channel, None, 0), state(second, None, 0)]


def test_the_count_stops_at_its_cap_and_the_list_at_its_own(channel, reader, monkeypatch):
    ids = write(channel, 6)
    monkeypatch.setattr(selectors, "MOST_UNREAD", 4)
    assert reader.get(UNREAD).json() == [state(channel, None, 4)]
    assert reader.put(READ, body(channel, ids[2])).json()["unread"] == 3
    monkeypatch.setattr("messaging.access.MOST_CHANNELS", 2)
    for _ in range(2):
        make_channel(channel.server, type="text")
    assert len(reader.get(UNREAD).json()) == 2


def test_refusals_beside_a_success(channel, reader, api_as):
    (pk,) = write(channel, 1)
    elsewhere = make_channel(channel.server, type="text")
    assert api_as().put(READ, body(channel, pk)).status_code == api_as().get(UNREAD).status_code == 401
    assert api_as(make_user()).put(READ, body(channel, pk)).status_code == 403
    assert reader.put(READ, {"channelId": 999999, "messageId": "x"}).status_code == 404
    assert reader.put(READ, body(elsewhere, pk)).status_code == 400, "a message of another channel"
    assert reader.put(READ, body(channel, 999999)).status_code == 400
    assert reader.put(READ, body(channel, pk)).status_code == 200
    channel.server.is_blocked = True
    channel.server.save()
    assert reader.put(READ, body(channel, pk)).status_code == 403
    assert reader.get(UNREAD).json() == []
    assert api_as(make_user()).get(UNREAD).json() == []


def test_what_may_not_be_read_cannot_be_marked(channel, reader):
    (pk,) = write(channel, 1)
    for role in Role.objects.filter(server=channel.server):
        bits = role.permissions & ~int(Permission.READ_MESSAGE_HISTORY)
        Role.objects.filter(pk=role.pk).update(permissions=bits)
    assert reader.put(READ, body(channel, pk)).status_code == 403
    assert reader.get(UNREAD).json() == []


@pytest.mark.parametrize("odd", [None, "1", 1.5, True, 0, -1, 2**63, [1], {}], ids=repr)
def test_odd_ids_are_refused(channel, reader, odd):
    (pk,) = write(channel, 1)
    for wrong in ({"channelId": odd, "messageId": pk}, {"channelId": channel.pk, "messageId": odd}):
        assert reader.put(READ, wrong).status_code == 400
    assert reader.get(UNREAD).json() == [state(channel, None, 1)]


def test_the_list_costs_the_same_whatever_its_length(channel, member, reader, django_assert_num_queries):
    with django_assert_num_queries(8):
        assert len(reader.get(UNREAD).json()) == 1
    for _ in range(4):
        server = make_server()
        make_member(server, user=member, permissions=Permission.SPEAK)
        for _ in range(2):
            write(make_channel(server, type="text"), 2)
    with django_assert_num_queries(8):
        assert sum(row["unread"] for row in reader.get(UNREAD).json()) == 16


def test_read_states_go_with_their_channel_and_their_reader(channel, member, reader):
    (pk,) = write(channel, 1)
    reader.put(READ, body(channel, pk))
    assert reader.delete("/api/users").status_code == 200
    assert list(ReadState.objects.values_list("user_id", flat=True)) == [channel.server.owner_id]
    channel.delete()
    assert not ReadState.objects.exists()
