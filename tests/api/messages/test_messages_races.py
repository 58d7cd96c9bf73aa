"""Messages, twenty at once on a real PostgreSQL: counts stay true, and each message is there exactly once."""

from functools import partial
from itertools import chain

import pytest
from django.db.models import Sum

from messaging.models import EMOJI_PER_MESSAGE, PINS_PER_CHANNEL, Block, Message, Reaction, ReadState, Tally
from messaging.services import message_create
from tests.api.test_races import AT_ONCE, at_once, statuses
from tests.factories import make_member, make_token

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/messages"


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


def test_two_hundred_posts_are_found_once_over_the_pages(channel, clients):
    """Ten of each client in turn, so twenty at once."""

    def posts(client, first):
        bodies = [{"channelId": channel.pk, "content": f"text {first + n}"} for n in range(10)]
        return [client.post(URL, body).json()["id"] for body in bodies]

    written = chain.from_iterable(at_once(*(partial(posts, client, 10 * n) for n, client in enumerate(clients))))
    pages = [clients[0].get(URL, {"channelId": channel.pk, "page": page, "limit": 30}).json() for page in range(1, 9)]
    found = [message for page in pages for message in page["messages"]]
    assert sorted(message["id"] for message in found) == sorted(written)
    assert {message["content"] for message in found} == {f"text {n}" for n in range(200)}
    assert {page["total"] for page in pages} == {200}


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


def test_one_reaction_twenty_times_is_one(channel, clients):
    message, _ = message_create(channel=channel, user=channel.server.owner, content="text")
    assert statuses([lambda c=c: c.put(f"{URL}/{message.pk}/reactions/👍") for c in clients]) == {200: AT_ONCE}
    assert Reaction.objects.count() == 1


def test_the_twentieth_emoji_is_given_out_once(channel, clients):
    message, _ = message_create(channel=channel, user=channel.server.owner, content="text")
    for number in range(EMOJI_PER_MESSAGE - 1):
        Reaction.objects.create(message=message, user=channel.server.owner, emoji=f"old{number}")
    calls = [lambda c=c, n=n: c.put(f"{URL}/{message.pk}/reactions/new{n}") for n, c in enumerate(clients)]
    assert statuses(calls) == {200: 1, 400: AT_ONCE - 1}
    assert Reaction.objects.count() == EMOJI_PER_MESSAGE


def test_the_last_pin_is_given_out_once(channel, clients):
    owner = channel.server.owner
    written = [message_create(channel=channel, user=owner, content="x")[0] for _ in range(PINS_PER_CHANNEL + AT_ONCE - 1)]
    for message in written[AT_ONCE:]:
        assert clients[0].put(f"{URL}/{message.pk}/pin").status_code == 200
    calls = [lambda c=c, m=m: c.put(f"{URL}/{m.pk}/pin") for c, m in zip(clients, written, strict=False)]
    assert statuses(calls) == {200: 1, 400: AT_ONCE - 1}
    assert Message.objects.filter(pinned_at__isnull=False).count() == PINS_PER_CHANNEL


def test_bulk_deletions_against_single_ones_count_each_message_once(channel, clients):
    owner = channel.server.owner
    written = [message_create(channel=channel, user=owner, content="x")[0].pk for _ in range(AT_ONCE)]
    deleted = []

    def bulk(client):
        answer = client.post(f"{URL}/bulk-delete", {"channelId": channel.pk, "messageIds": written[:-1]})
        deleted.append(answer.json()["deleted"])
        return answer

    half = AT_ONCE // 2
    bulks = [lambda c=c: bulk(c) for c in clients[:half]]
    singles = [lambda c=c, pk=pk: c.delete(f"{URL}/{pk}") for c, pk in zip(clients[half:], written, strict=False)]
    outcome = statuses([*bulks, *singles])
    assert outcome[200] == half
    assert outcome[204] + outcome[404] == AT_ONCE - half
    assert outcome[204] + sum(deleted) == AT_ONCE - 1
    assert counted(channel) == (1, 1, 1)


def test_bulk_deletions_against_deleting_the_channel_end_in_nothing(channel, clients):
    written = [message_create(channel=channel, user=channel.server.owner, content="x")[0].pk for _ in range(AT_ONCE)]
    body = {"channelId": channel.pk, "messageIds": written}
    calls = [lambda c=c: c.post(f"{URL}/bulk-delete", body) for c in clients[1:]]
    outcome = statuses([lambda: clients[0].delete(f"/api/servers/{channel.server_id}"), *calls])
    assert outcome[204] == 1
    assert outcome[200] + outcome[403] + outcome[404] == AT_ONCE - 1
    assert not any(model.objects.exists() for model in (Message, Tally, Block))


def test_reading_from_many_devices_ends_at_the_newest(channel, clients):
    reader = make_member(channel.server)
    written = [message_create(channel=channel, user=channel.server.owner, content="x")[0].pk for _ in range(AT_ONCE)]
    token = make_token(reader.user)
    for client in clients:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    body = {"channelId": channel.pk}
    calls = [lambda c=c, pk=pk: c.put(f"{URL}/read", {**body, "messageId": pk}) for c, pk in zip(clients, written, strict=True)]
    assert statuses(calls) == {200: AT_ONCE}
    assert ReadState.objects.get(user=reader.user).last_read_id == written[-1]


def test_edits_and_reactions_against_the_end_of_the_account(channel, api_as):
    """They hold a message and name the account; the account's end holds the account and lets go of its messages."""
    for _ in range(5):
        author = make_member(channel.server).user
        written = [message_create(channel=channel, user=author, content="x")[0].pk for _ in range(4)]
        token = make_token(author)
        *clients, leaver = [api_as(token=token) for _ in range(9)]
        calls = [lambda c=c, pk=pk: c.put(f"{URL}/{pk}", {"content": "y"}) for c, pk in zip(clients, written, strict=False)]
        calls += [lambda c=c, pk=pk: c.put(f"{URL}/{pk}/reactions/x") for c, pk in zip(clients[4:], written, strict=False)]
        outcome = statuses([*calls, partial(leaver.delete, "/api/users")])
        assert outcome.keys() <= {200, 401, 403, 404}, outcome
        assert not Message.objects.filter(user=author).exists()
