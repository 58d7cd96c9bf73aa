"""Each act upon messages tells what it did, as REST shows it."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from events.models import Announcement, Event
from messaging.models import Message
from messaging.services import messages_erase
from tests.factories import make_channel, make_direct, make_member, make_messages, make_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(anna):
    return make_channel(make_server(anna), type="text")


@pytest.fixture
def boris(channel, boris):
    make_member(channel.server, user=boris)
    return boris


def post(api, channel, **fields):
    answer = api.post("/api/messages", {"channelId": channel.pk, "content": "hello", **fields})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_a_new_message_is_told_as_its_author_reads_it(api_as, anna, channel, heard):
    heard()
    message = post(api_as(anna), channel)
    assert heard() == [("message-created", channel.server_id, channel.pk, None, {"message": message})]


def test_a_message_of_a_conversation_is_told_without_a_server(api_as, anna, carol, heard):
    channel = make_direct(anna, carol).channel
    heard()
    message = post(api_as(carol), channel)
    assert heard() == [("message-created", None, channel.pk, None, {"message": message})]


def test_the_same_nonce_again_tells_nothing(api_as, anna, channel, heard):
    post(api_as(anna), channel, nonce="n")
    heard()
    api_as(anna).post("/api/messages", {"channelId": channel.pk, "content": "hello", "nonce": "n"})
    assert heard() == []


def test_an_edit_a_pin_and_an_unpin_tell_the_message_anew(api_as, anna, channel, heard, answer):
    api = api_as(anna)
    url = f"/api/messages/{post(api, channel)['id']}"
    heard()
    for act in (
        lambda: api.put(url, {"content": "better"}),
        lambda: api.put(f"{url}/pin"),
        lambda: api.delete(f"{url}/pin"),
    ):
        act()
        now = answer(anna, url.removeprefix("/api"))
        assert heard() == [("message-updated", channel.server_id, channel.pk, None, {"message": now})]
    api.delete(f"{url}/pin")
    api.put(f"{url}/pin")
    heard()
    api.put(f"{url}/pin")
    assert heard() == []  # it was pinned


def test_reactions_are_told_with_their_number(api_as, anna, boris, channel, heard):
    [message] = make_messages(channel, 1)
    url = f"/api/messages/{message.pk}/reactions/👍"
    heard()
    counted = []
    for act, user in (("put", anna), ("put", boris), ("put", boris), ("delete", anna), ("delete", anna)):
        getattr(api_as(user), act)(url)
        for told in heard():
            assert told[1:4] == (channel.server_id, channel.pk, None)
            assert (told.payload["messageId"], told.payload["emoji"]) == (message.pk, "👍")
            counted.append((told.kind, told.payload["userId"], told.payload["count"]))
    assert counted == [
        ("reaction-added", anna.pk, 1),
        ("reaction-added", boris.pk, 2),
        ("reaction-removed", anna.pk, 1),
    ]


def test_nobodys_reaction_is_marked_as_the_readers(api_as, anna, channel, heard, answer):
    [message] = make_messages(channel, 1)
    api_as(anna).put(f"/api/messages/{message.pk}/reactions/👍")
    heard()
    api_as(anna).put(f"/api/messages/{message.pk}/pin")
    [told] = heard()
    assert told.payload["message"]["reactions"] == [{"emoji": "👍", "count": 1, "me": False}]
    assert answer(anna, f"/messages/{message.pk}")["reactions"] == [{"emoji": "👍", "count": 1, "me": True}]


def test_one_deletion_and_many(api_as, anna, channel, heard):
    one, *many = [message.pk for message in make_messages(channel, 3)]
    heard()
    api_as(anna).delete(f"/api/messages/{one}")
    assert heard() == [("message-deleted", channel.server_id, channel.pk, None, {"messageId": one})]
    api_as(anna).post("/api/messages/bulk-delete", {"channelId": channel.pk, "messageIds": [one, *many]})
    [told] = heard()
    assert told[:4] == ("messages-deleted", channel.server_id, channel.pk, None)
    assert sorted(told.payload["messageIds"]) == many


def test_messages_of_an_account_that_is_erased_are_told_as_deleted(anna, channel, heard):
    ids = [message.pk for message in make_messages(channel, 2)]
    heard()
    messages_erase(user=anna)
    [told] = heard()
    assert sorted(told.payload["messageIds"]) == ids


def test_how_far_one_has_read_is_told_to_oneself_and_only_forwards(api_as, boris, channel, heard):
    first, second, _ = make_messages(channel, 3)
    heard()
    state = api_as(boris).put("/api/messages/read", {"channelId": channel.pk, "messageId": second.pk}).json()
    assert heard() == [("read-state", channel.server_id, channel.pk, boris.pk, state)]
    assert state["unread"] == 1
    api_as(boris).put("/api/messages/read", {"channelId": channel.pk, "messageId": first.pk})
    assert heard() == []


def test_a_message_that_is_gone_before_it_was_told_is_not_told(api_as, anna, channel, heard):
    heard()
    message = post(api_as(anna), channel)["id"]
    api_as(anna).delete(f"/api/messages/{message}")
    assert [told.kind for told in heard()] == ["message-deleted"]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_told(anna, channel):
    Announcement.objects.all().delete()
    with transaction.atomic():
        make_messages(channel, 2)
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert not Announcement.objects.exists()


def test_many_messages_cost_as_many_queries_as_one(channel, heard):
    def cost(messages):
        heard()
        make_messages(channel, messages)
        with CaptureQueriesContext(connection) as queries:
            assert len(heard()) == messages
        return len(queries)

    assert cost(20) == cost(1)


def test_whoever_is_named_is_told_once(api_as, anna, boris, carol, channel, heard, answer):
    make_member(channel.server, user=carol)
    api = api_as(anna)
    heard()
    message = post(api, channel, content="@boris")
    where = (channel.server_id, channel.pk)
    assert heard() == [
        ("message-created", *where, None, {"message": message}),
        ("mention", *where, boris.pk, {"message": message}),
    ]
    api.put(f"/api/messages/{message['id']}", {"content": "@boris @carol"})
    now = answer(anna, f"/messages/{message['id']}")
    assert heard() == [
        ("message-updated", *where, None, {"message": now}),
        ("mention", *where, carol.pk, {"message": now}),
    ]
    api.delete(f"/api/messages/{message['id']}")
    heard()
    assert not Event.objects.filter(kind="mention").exists()


def test_everyone_is_called_by_the_message_itself(api_as, anna, boris, channel, heard):
    heard()
    message = post(api_as(anna), channel, content="@everyone")
    assert message["mentionsEveryone"]
    assert [told.kind for told in heard()] == ["message-created"]
