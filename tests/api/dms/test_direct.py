"""`/api/dms`: conversations of two."""

import secrets

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Status
from accounts.services import user_block, user_delete, user_update
from friends.conversations import CONVERSATIONS_PER_USER, direct_open
from friends.models import Conversation, ConversationKind, Friendship, Participant
from friends.services import block_create, block_lift
from messaging.models import Message
from projectvoice.kernel.limits import Limit
from projectvoice.kernel.serializers import iso
from servers.errors import ChannelNotFound
from servers.models import Channel
from servers.services.servers import server_block
from tests.api.dms.conftest import UNKNOWN, URL, person
from tests.api.world import is_error
from tests.factories import make_direct, make_group, make_member, make_messages, make_server, make_user
from voice.access import access_room
from voice.core.words import Room

pytestmark = pytest.mark.django_db


def said(answer):
    return answer.status_code, answer.json().get("error")


def test_a_direct_conversation_is_one_for_both(api_as, people):
    anna, boris = people.anna, people.boris
    user_update(user=boris, profile_picture="https://x.test/b.png", status=Status.DND)
    boris.refresh_from_db()
    made = api_as(anna).post(URL, {"userId": boris.pk})
    channel = Channel.objects.get()
    assert made.status_code == 201
    assert made.json() == {
        "id": channel.pk,
        "type": "direct",
        "name": "",
        "ownerId": None,
        "participants": [person(anna), person(boris)],
        "lastMessageId": None,
        "unread": 0,
        "createdAt": iso(channel.created_at),
    }
    for caller, partner in ((anna, boris), (boris, anna)):
        again = api_as(caller).post(URL, {"userId": partner.pk})
        assert (again.status_code, again.json()) == (200, made.json())
        assert api_as(caller).get(f"{URL}/{channel.pk}").json() == made.json()
        assert api_as(caller).get(URL).json() == [made.json()]
    assert (Conversation.objects.count(), Participant.objects.count()) == (1, 2)


def test_friends_and_people_of_a_common_server_may_write_to_each_other_and_nobody_else(api_as, people):
    anna, dora = people.anna, people.dora
    refused = (403, "Only a friend, or somebody of a server you share, can be written to")
    assert said(api_as(anna).post(URL, {"userId": dora.pk})) == refused
    Friendship.objects.create(sender=dora, receiver=anna)  # asked, not yet accepted
    assert said(api_as(anna).post(URL, {"userId": dora.pk})) == refused
    server = make_server(anna)
    assert said(api_as(anna).post(URL, {"userId": dora.pk})) == refused
    member = make_member(server, user=dora)
    server_block(server=server, by=None, reason="spam")
    assert said(api_as(anna).post(URL, {"userId": dora.pk})) == refused
    assert not Conversation.objects.exists()
    server.is_blocked = False
    server.save()
    assert api_as(dora).post(URL, {"userId": anna.pk}).status_code == 201
    member.delete()
    assert api_as(anna).post(URL, {"userId": dora.pk}).status_code == 200, "what is there stays"


def test_nobody_writes_to_himself_to_nobody_or_past_a_block(api_as, people):
    anna, boris = people.anna, people.boris
    a, b = api_as(anna), api_as(boris)
    assert said(a.post(URL, {"userId": anna.pk})) == (400, "A conversation needs somebody else")
    assert said(a.post(URL, {"userId": UNKNOWN})) == (404, "User not found")
    make_member(make_server(anna), user=boris)
    block_create(user=anna, target_id=boris.pk)
    for api, partner in ((a, boris), (b, anna)):
        assert said(api.post(URL, {"userId": partner.pk})) == (403, "The user is blocked")
    assert not Conversation.objects.exists()
    block_lift(user=anna, target_id=boris.pk)
    assert b.post(URL, {"userId": anna.pk}).status_code == 201
    block_create(user=boris, target_id=anna.pk)
    assert said(a.post(URL, {"userId": boris.pk})) == (403, "The user is blocked"), "though it is there"


def test_a_direct_conversation_has_no_name_and_nobody_joins_or_leaves_it(api_as, people):
    anna, boris, carol = people.anna, people.boris, people.carol
    direct = direct_open(user=anna, user_id=boris.pk)[0]
    a, url = api_as(anna), f"{URL}/{direct.pk}"
    stays = (400, "A conversation of two has no name, and nobody joins or leaves it")
    assert said(a.put(url, {"name": "us"})) == stays
    assert said(a.put(f"{url}/participants/{carol.pk}")) == stays
    assert said(a.delete(f"{url}/participants/{anna.pk}")) == stays
    assert said(a.delete(f"{url}/participants/{boris.pk}")) == stays
    assert said(a.delete(f"{url}/participants/{carol.pk}")) == (404, "This user does not take part in the conversation")
    assert [row["id"] for row in a.get(url).json()["participants"]] == [anna.pk, boris.pk]


def test_the_list_shows_what_was_said_last_first_and_what_is_unread(api_as, people):
    anna, boris, carol = people.anna, people.boris, people.carol
    direct = direct_open(user=anna, user_id=boris.pk)[0]
    group = make_group(anna, make_user(), name="group")
    make_direct(boris, carol)
    make_member(make_server(anna))
    a = api_as(anna)
    assert [row["id"] for row in a.get(URL).json()] == [group.pk, direct.pk], "without messages the newest first"
    messages = make_messages(direct.channel, 3, boris)
    rows = a.get(URL).json()
    assert [(row["id"], row["lastMessageId"], row["unread"]) for row in rows] == [
        (direct.pk, messages[-1].pk, 3),
        (group.pk, None, 0),
    ]
    mine = a.post("/api/messages", {"channelId": group.pk, "content": "hi"}).json()["id"]
    assert [(row["id"], row["lastMessageId"], row["unread"]) for row in a.get(URL).json()] == [
        (group.pk, mine, 0),
        (direct.pk, messages[-1].pk, 3),
    ]
    assert a.get(f"{URL}/{direct.pk}").json() == a.get(URL).json()[1]


def test_the_list_ends_at_its_bound(api_as, people, monkeypatch):
    monkeypatch.setattr("messaging.conversations.MOST_CONVERSATIONS", 2)
    groups = [make_group(people.anna, make_user()).pk for _ in range(3)]
    api = api_as(people.anna)
    assert [row["id"] for row in api.get(URL).json()] == groups[:0:-1]
    assert [row["channelId"] for row in api.get("/api/messages/unread").json()] == groups[:0:-1]


def test_the_list_costs_the_same_for_one_row_and_for_many(api_as, people, django_assert_num_queries):
    api = api_as(people.anna)
    make_messages(make_group(people.anna, make_user()).channel, 1, people.anna)
    with django_assert_num_queries(1 + 3):
        assert len(api.get(URL).json()) == 1
    for _ in range(4):
        make_messages(make_group(people.anna, make_user(), make_user()).channel, 2, people.anna)
        make_direct(people.anna, make_user())
    with django_assert_num_queries(1 + 3):
        assert len(api.get(URL).json()) == 9


def test_a_deleted_account_leaves_its_words_and_an_empty_place(api_as, people):
    anna, boris = people.anna, people.boris
    direct = direct_open(user=anna, user_id=boris.pk)[0]
    other = make_direct(make_user(), boris)
    make_messages(direct.channel, 2, anna)
    message = make_messages(direct.channel, 1, boris)[0]
    user_delete(user=anna)
    user_delete(user=other.one)  # a second empty place beside the same person
    b, url = api_as(boris), f"/api/messages/{message.pk}"
    found = b.get(f"{URL}/{direct.pk}").json()
    assert (found["participants"], found["lastMessageId"]) == ([person(boris)], message.pk)
    page = b.get("/api/messages", {"channelId": direct.pk}).json()
    assert [row["userId"] for row in page["messages"]] == [None, None, boris.pk]
    gone = (403, "The other account was deleted: this conversation can only be read")
    assert said(b.post("/api/messages", {"channelId": direct.pk, "content": "there?"})) == gone
    assert said(b.put(url, {"content": "there?"})) == gone
    assert said(b.put(f"{url}/reactions/👍")) == gone
    assert said(b.put(f"{url}/pin")) == gone
    assert said(b.post(URL, {"userId": anna.pk})) == (404, "User not found")
    assert b.delete(url).status_code == 204
    user_delete(user=boris)
    assert not any(model.objects.exists() for model in (Conversation, Participant, Channel, Message)), "nobody is left"


def test_a_deactivated_account_can_be_written_to(api_as, people):
    anna, boris = people.anna, people.boris
    direct = direct_open(user=anna, user_id=boris.pk)[0]
    user_block(user=boris, by=None, reason="spam")
    assert api_as(anna).post("/api/messages", {"channelId": direct.pk, "content": "later"}).status_code == 201
    assert api_as(boris).get(f"{URL}/{direct.pk}").status_code == 403


def test_no_email_is_told(api_as, people):
    direct_open(user=people.anna, user_id=people.boris.pk)
    answer = api_as(people.anna).get(URL).content.decode()
    assert "tag" in answer
    assert "mail" not in answer
    assert "example.com" not in answer


def test_a_conversation_is_no_room_for_calls(people):
    direct, group = direct_open(user=people.anna, user_id=people.boris.pk)[0], make_group(people.anna, make_user())
    for conversation in (direct, group):
        with pytest.raises(ChannelNotFound):
            access_room(people.anna, Room(str(conversation.pk), channel=True))


def test_no_door_of_servers_leads_into_a_conversation(api_as, people):
    direct, server = direct_open(user=people.anna, user_id=people.boris.pk)[0], make_server(people.anna)
    url, api = f"/api/servers/{server.pk}/channels/{direct.pk}", api_as(people.anna)
    assert [is_error(api.get(url), 404), is_error(api.put(url, {"name": "n"}), 404), is_error(api.delete(url), 404)] == [
        True
    ] * 3
    assert api.get(f"/api/servers/{server.pk}/channels").json() == []
    figures = api_as(make_user(role="admin")).get("/api/admin/stats").json()
    assert figures["channels"]["total"] == 0


def test_the_database_itself_keeps_one_conversation_of_two_people(people):
    direct_open(user=people.anna, user_id=people.boris.pk)

    def row(**fields):
        with transaction.atomic():
            Conversation.objects.create(channel=Channel.objects.create(type="text"), **fields)

    wrong = [
        {"kind": "direct", "one": people.anna, "other": people.boris},
        {"kind": "direct", "one": people.boris, "other": people.anna},
        {"kind": "direct", "one": people.carol, "other": people.carol},
        {"kind": "group", "one": people.anna},
        {"kind": "crowd"},
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError):
            row(**fields)
    row(kind=ConversationKind.DIRECT, one=people.anna)
    row(kind=ConversationKind.DIRECT, other=people.anna)
    assert Conversation.objects.count() == 3


def test_new_conversations_are_limited_per_user_and_old_ones_do_not_count(api_as, people, settings, monkeypatch):
    assert (CONVERSATIONS_PER_USER.most, CONVERSATIONS_PER_USER.window) == (60, 600)
    settings.RATE_LIMITS = True  # the counters outlive the test, so their name is fresh
    limit = Limit(secrets.token_hex(4), most=2, window=86_400)
    monkeypatch.setattr("messaging.api.conversations.CONVERSATIONS_PER_USER", limit)
    api, body = api_as(people.anna), {"userId": people.boris.pk}
    assert [api.post(URL, body).status_code for _ in range(4)] == [201, 200, 200, 200]
    assert api.post(f"{URL}/groups", {"userIds": [people.boris.pk]}).status_code == 201
    assert is_error(api.post(f"{URL}/groups", {"userIds": [people.boris.pk]}), 429)
    assert is_error(api.post(URL, {"userId": people.carol.pk}), 429)
    assert api_as(people.carol).post(URL, {"userId": people.anna.pk}).status_code == 201
