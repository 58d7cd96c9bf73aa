"""Many messages deleted at once: what goes, what is passed over, and the counts that must stay exact."""

import pytest
from django.db.models import Sum

from messaging.models import BLOCK, Block, Message, Tally
from servers.permissions import Permission
from tests.factories import make_channel, make_member, make_messages, make_user

pytestmark = pytest.mark.django_db
URL = "/api/messages/bulk-delete"


def write(channel, count):
    return [message.pk for message in make_messages(channel, count)]


def body(channel, ids):
    return {"channelId": channel.pk, "messageIds": ids}


def counted(channel):
    """(rows, the tally's total, the blocks' sum)."""
    blocks = Block.objects.filter(channel=channel).aggregate(left=Sum("left"))["left"]
    return Message.objects.filter(channel=channel).count(), Tally.objects.get(channel=channel).total, blocks


def test_named_messages_go_and_all_others_stay(channel, owner):
    ids = write(channel, 5)
    elsewhere = make_channel(channel.server, type="text")
    foreign = write(elsewhere, 1)
    answer = owner.post(URL, body(channel, [ids[0], ids[3], ids[3], *foreign, 999999]))
    assert (answer.status_code, answer.json()) == (200, {"message": "Messages deleted", "deleted": 2})
    assert set(Message.objects.filter(channel=channel).values_list("pk", flat=True)) == {ids[1], ids[2], ids[4]}
    assert (counted(channel), counted(elsewhere)) == ((3, 3, 3), (1, 1, 1))
    assert owner.post(URL, body(channel, [ids[0], ids[3]])).json()["deleted"] == 0
    assert counted(channel) == (3, 3, 3)


def test_each_block_loses_its_own(channel, owner):
    """Positions are set by hand to spread few messages over three blocks."""
    rows = Message.objects.bulk_create(
        Message(channel=channel, position=position, user=channel.server.owner, content="x")
        for position in (1, 2, 3, BLOCK, BLOCK + 1, 2 * BLOCK + 5)
    )
    Tally.objects.create(channel=channel, total=6, last_position=2 * BLOCK + 5)
    for number, left in enumerate((3, 2, 1)):
        Block.objects.create(channel=channel, number=number, left=left)
    assert owner.post(URL, body(channel, [rows[at].pk for at in (0, 2, 4, 5)])).json()["deleted"] == 4
    assert list(Block.objects.order_by("number").values_list("left", flat=True)) == [1, 1, 0]
    assert counted(channel) == (2, 2, 2)


def test_a_reply_outlives_what_it_answered(channel, owner):
    (question,) = write(channel, 1)
    reply = {"channelId": channel.pk, "content": "answer", "replyToId": question}
    reply = owner.post("/api/messages", reply).json()["id"]
    assert owner.post(URL, body(channel, [question])).json()["deleted"] == 1
    assert owner.get(f"/api/messages/{reply}").json()["replyToId"] is None


def test_only_moderators_may(channel, api_as):
    ids = write(channel, 2)
    refused = [
        (api_as(), 401),
        (api_as(make_user()), 403),
        (api_as(make_member(channel.server).user), 403),
    ]
    for client, status in refused:
        assert client.post(URL, body(channel, ids)).status_code == status
    assert counted(channel) == (2, 2, 2)
    by_rank = make_member(channel.server, role="moderator")
    by_bit = make_member(channel.server, permissions=Permission.MANAGE_MESSAGES)
    for member, pk in zip((by_rank, by_bit), ids, strict=True):
        assert api_as(member.user).post(URL, body(channel, [pk])).json()["deleted"] == 1


def test_a_blocked_server_and_an_unknown_channel_are_refused_before_the_ids_are_read(channel, owner):
    assert owner.post(URL, {"channelId": 999999, "messageIds": "x"}).status_code == 404
    channel.server.is_blocked = True
    channel.server.save()
    assert owner.post(URL, {"channelId": channel.pk, "messageIds": "x"}).status_code == 403


ODD = [None, [], "1", 1, {}, {"0": 1}, ["1"], [1.5], [True], [None], [0], [-1], [2**63], [[1]], list(range(1, 102))]


@pytest.mark.parametrize("ids", ODD, ids=lambda ids: repr(ids)[:20])
def test_odd_ids_are_refused_and_delete_nothing(channel, owner, ids):
    kept = write(channel, 1)
    answer = owner.post(URL, body(channel, [*kept, *ids] if isinstance(ids, list) and ids else ids))
    assert (answer.status_code, "messageIds" in answer.json()["error"]) == (400, True)
    assert counted(channel) == (1, 1, 1)
    assert owner.post(URL, {"channelId": channel.pk}).status_code == 400
    assert owner.post(URL, {"messageIds": kept}).status_code == 400
    assert owner.post(URL, body(channel, [*kept, *range(10**6, 10**6 + 99)])).json()["deleted"] == 1


def test_what_hangs_on_a_message_goes_with_it(channel, owner):
    (pk,) = write(channel, 1)
    owner.put(f"/api/messages/{pk}", {"content": "edited"})
    owner.put(f"/api/messages/{pk}/pin")
    owner.put(f"/api/messages/{pk}/reactions/👍")
    assert owner.post(URL, body(channel, [pk])).json()["deleted"] == 1
    assert owner.get("/api/messages/pins", {"channelId": channel.pk}).json() == []
