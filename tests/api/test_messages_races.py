"""Messages, twenty at once on a real PostgreSQL: counts stay true, and each message is there exactly once."""

import pytest
from django.db.models import Sum

from messaging.models import Block, Message, Tally
from messaging.services import message_create
from tests.api.test_races import AT_ONCE, statuses
from tests.factories import make_channel, make_server, make_token

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/messages"


@pytest.fixture
def channel():
    return make_channel(make_server(), type="text")


@pytest.fixture
def clients(channel, api_as):
    """One per thread: the same person, the same session."""
    token = make_token(channel.server.owner)
    return [api_as(token=token) for _ in range(AT_ONCE)]


def counted(channel):
    """(rows, the tally's total, the blocks' sum)."""
    blocks = Block.objects.filter(channel=channel).aggregate(left=Sum("left"))["left"]
    return Message.objects.filter(channel=channel).count(), Tally.objects.get(channel=channel).total, blocks


def test_twenty_posts_are_twenty_messages(channel, clients):
    calls = [lambda c=c, n=n: c.post(URL, {"channelId": channel.pk, "content": f"text {n}"}) for n, c in enumerate(clients)]
    assert statuses(calls) == {201: AT_ONCE}
    assert counted(channel) == (AT_ONCE, AT_ONCE, AT_ONCE)
    in_order = list(Message.objects.order_by("position").values_list("pk", flat=True))
    assert in_order == sorted(in_order), "ids and positions grow together"


def test_one_nonce_is_one_message(channel, clients):
    calls = [lambda c=c: c.post(URL, {"channelId": channel.pk, "content": "once", "nonce": "n"}) for c in clients]
    assert statuses(calls) == {201: 1, 200: AT_ONCE - 1}
    assert counted(channel) == (1, 1, 1)


def test_deleting_one_message_twenty_times_counts_once(channel, clients):
    kept, gone = (message_create(channel=channel, user=channel.server.owner, content=text)[0] for text in ("kept", "gone"))
    assert statuses([lambda c=c: c.delete(f"{URL}/{gone.pk}") for c in clients]) == {204: 1, 404: AT_ONCE - 1}
    assert counted(channel) == (1, 1, 1)
    assert Message.objects.get() == kept


def test_edits_against_a_deletion_have_a_serial_outcome(channel, clients):
    message, _ = message_create(channel=channel, user=channel.server.owner, content="text")
    edits = [lambda c=c: c.put(f"{URL}/{message.pk}", {"content": "edited"}) for c in clients[1:]]
    outcome = statuses([lambda: clients[0].delete(f"{URL}/{message.pk}"), *edits])
    assert outcome[204] == 1
    assert outcome[200] + outcome[404] == AT_ONCE - 1
    assert counted(channel) == (0, 0, 0)
