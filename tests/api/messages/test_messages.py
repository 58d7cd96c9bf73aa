"""Messages: seed 002's chapter, through the API."""

import pytest

from messaging.models import BLOCK, Block, Message, MessageRevision, Tally
from servers.permissions import Permission
from tests.factories import make_channel, make_member, make_messages, make_user

pytestmark = pytest.mark.django_db
URL = "/api/messages"


def contents(answer):
    assert answer.status_code == 200, answer.json()
    return [message["content"] for message in answer.json()["messages"]]


def test_a_written_message_has_the_documented_shape(channel, owner):
    user = channel.server.owner
    answer = owner.post(URL, {"channelId": channel.pk, "content": "  Привет 👋  "})
    body = answer.json()
    assert answer.status_code == 201
    assert body == {
        "id": body["id"],
        "content": "Привет 👋",
        "userId": user.pk,
        "channelId": channel.pk,
        "replyToId": None,
        "createdAt": body["createdAt"],
        "updatedAt": body["createdAt"],
        "user": {"id": user.pk, "username": user.username, "avatar": None, "isBot": False},
        "isEdited": False,
        "isPinned": False,
        "reactions": [],
        "attachments": [],
        "mentions": [],
        "mentionsEveryone": False,
    }
    assert owner.get(f"{URL}/{body['id']}").json() == body
    assert owner.get(URL, {"channelId": channel.pk}).json() == {
        "messages": [body],
        "total": 1,
        "page": 1,
        "limit": 50,
        "totalPages": 1,
    }


def test_page_one_is_the_newest_and_inside_a_page_the_oldest_comes_first(channel, owner):
    make_messages(channel, 7)
    page = {"channelId": channel.pk, "limit": 3}
    assert contents(owner.get(URL, page)) == ["text 4", "text 5", "text 6"]
    assert contents(owner.get(URL, {**page, "page": 2})) == ["text 1", "text 2", "text 3"]
    assert contents(owner.get(URL, {**page, "page": 3})) == ["text 0"]
    last = owner.get(URL, {**page, "page": 4}).json()
    assert (last["messages"], last["total"], last["totalPages"]) == ([], 7, 3)


def test_an_empty_channel_has_no_pages(channel, owner):
    assert owner.get(URL, {"channelId": channel.pk}).json() == {
        "messages": [],
        "total": 0,
        "page": 1,
        "limit": 50,
        "totalPages": 0,
    }


def test_cursors_go_both_ways_and_may_name_a_deleted_message(channel, owner):
    written = make_messages(channel, 6)
    owner.delete(f"{URL}/{written[3].pk}")
    page = {"channelId": channel.pk, "limit": 2}
    assert contents(owner.get(URL, {**page, "before": written[3].pk})) == ["text 1", "text 2"]
    assert contents(owner.get(URL, {**page, "after": written[3].pk})) == ["text 4", "text 5"]
    assert contents(owner.get(URL, {**page, "after": written[5].pk})) == []
    assert contents(owner.get(URL, {**page, "before": 2**63 - 1})) == ["text 4", "text 5"]


def test_deep_pages_over_many_blocks_with_holes_equal_a_plain_slice(channel, owner):
    """Positions are set by hand to spread few messages over many blocks."""
    rows = []
    for number in range(60):
        position = 1 + number * 137
        rows.append(Message(channel=channel, position=position, user=channel.server.owner, content=str(number)))
    Message.objects.bulk_create(rows)
    Tally.objects.create(channel=channel, total=60, last_position=60 * 137)
    for number in {row.position // BLOCK for row in rows}:
        left = sum(row.position // BLOCK == number for row in rows)
        Block.objects.create(channel=channel, number=number, left=left)
    for gone in (3, 17, 18, 40):
        assert owner.delete(f"{URL}/{rows[gone].pk}").status_code == 204
    left = [str(number) for number in range(60) if number not in {3, 17, 18, 40}]
    newest_first = left[::-1]
    for limit in (1, 7, 20):
        for page in range(1, 60 // limit + 2):
            expected = newest_first[(page - 1) * limit : page * limit][::-1]
            assert contents(owner.get(URL, {"channelId": channel.pk, "limit": limit, "page": page})) == expected


def test_the_same_nonce_answers_the_same_message(channel, owner, api_as):
    body = {"channelId": channel.pk, "content": "once", "nonce": "n1"}
    first, second = owner.post(URL, body), owner.post(URL, body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    other = make_member(channel.server)
    assert api_as(other.user).post(URL, body).status_code == 201
    assert Tally.objects.get(channel=channel).total == Message.objects.count() == 2


def test_a_reply_names_a_message_of_the_same_channel(channel, owner):
    first = owner.post(URL, {"channelId": channel.pk, "content": "question"}).json()
    reply = {"channelId": channel.pk, "content": "answer", "replyToId": first["id"]}
    assert owner.post(URL, reply).json()["replyToId"] == first["id"]
    elsewhere = make_channel(channel.server, type="text")
    assert owner.post(URL, {**reply, "channelId": elsewhere.pk}).status_code == 400
    owner.delete(f"{URL}/{first['id']}")
    assert [m["replyToId"] for m in owner.get(URL, {"channelId": channel.pk}).json()["messages"]] == [None]


def test_an_edit_is_marked_and_its_past_can_be_read_by_author_and_moderators_only(channel, owner, api_as):
    author = api_as(make_member(channel.server).user)
    message = author.post(URL, {"channelId": channel.pk, "content": "frist"}).json()
    edited = author.put(f"{URL}/{message['id']}", {"content": "first"}).json()
    assert (edited["content"], edited["isEdited"], edited["createdAt"]) == ("first", True, message["createdAt"])
    assert edited["updatedAt"] > message["updatedAt"]
    for reader in (author, owner):
        assert [past["content"] for past in reader.get(f"{URL}/{message['id']}/history").json()] == ["frist"]
    assert api_as(make_member(channel.server).user).get(f"{URL}/{message['id']}/history").status_code == 403


def test_others_messages_are_edited_and_deleted_by_moderators_only_and_the_author_stays(channel, owner, api_as):
    message = owner.post(URL, {"channelId": channel.pk, "content": "mine"}).json()
    url = f"{URL}/{message['id']}"
    member = api_as(make_member(channel.server).user)
    assert (member.put(url, {"content": "x"}).status_code, member.delete(url).status_code) == (403, 403)
    moderator = api_as(make_member(channel.server, role="moderator").user)
    assert moderator.put(url, {"content": "tidied"}).json()["userId"] == channel.server.owner_id
    by_bit = api_as(make_member(channel.server, permissions=Permission.MANAGE_MESSAGES).user)
    assert (by_bit.delete(url).status_code, by_bit.delete(url).status_code) == (204, 404)
    assert Tally.objects.get(channel=channel).total == 0


def test_strangers_read_and_write_nothing_and_unknown_things_are_404(channel, owner, api_as):
    message = make_messages(channel, 1)[0]
    stranger = api_as(make_user())
    calls = [
        ("get", URL, {"channelId": channel.pk}),
        ("post", URL, {"channelId": channel.pk, "content": "x"}),
        ("get", f"{URL}/search", {"channelId": channel.pk, "query": "text"}),
        ("get", f"{URL}/{message.pk}", {}),
        ("put", f"{URL}/{message.pk}", {"content": "x"}),
        ("get", f"{URL}/{message.pk}/history", {}),
        ("delete", f"{URL}/{message.pk}", {}),
    ]
    for method, url, data in calls:
        assert getattr(api_as(), method)(url, data).status_code == 401
        assert getattr(stranger, method)(url, data).status_code == 403, (method, url)
        assert getattr(owner, method)(url, data).status_code in {200, 201, 204}, (method, url)
    assert owner.get(f"{URL}/{message.pk}").status_code == owner.put(f"{URL}/999", {"content": "x"}).status_code == 404
    assert owner.get(URL, {"channelId": 999999}).status_code == 404
    assert owner.post(URL, {"channelId": 999999, "content": "x"}).status_code == 404


def test_messages_belong_into_text_channels(channel, owner):
    voice = make_channel(channel.server, type="voice")
    assert owner.post(URL, {"channelId": voice.pk, "content": "x"}).status_code == 400
    assert contents(owner.get(URL, {"channelId": voice.pk})) == []


def test_a_blocked_server_is_closed(channel, owner):
    channel.server.is_blocked = True
    channel.server.save()
    assert owner.get(URL, {"channelId": channel.pk}).status_code == 403
    assert owner.post(URL, {"channelId": channel.pk, "content": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ПРИВЕТ", 1),
        ("ривет", 1),
        ("Cat", 2),
        ("100%", 1),
        ("a_b", 1),
        ("%", 1),
        ("_", 1),
        ("\\", 1),
        ("'", 1),
        ('"', 1),
        (".*", 0),
        ("нет", 0),
    ],
)
def test_search_is_literal_and_blind_to_case(channel, owner, query, found):
    texts = ["«Привет», мир", "the cat", "CATS", "100% sure", "100 sure", "a_b", "acb", "back\\slash", "it's", 'say "x"']
    for text in texts:
        owner.post(URL, {"channelId": channel.pk, "content": text})
    body = owner.get(f"{URL}/search", {"channelId": channel.pk, "query": query}).json()
    assert (len(body["messages"]), body["total"]) == (found, found)
    assert body["messages"] == sorted(body["messages"], key=lambda message: -message["id"])
    assert {"page", "limit", "totalPages"} <= body.keys()


def test_search_stays_in_its_channel(channel, owner):
    elsewhere = make_channel(channel.server, type="text")
    owner.post(URL, {"channelId": elsewhere.pk, "content": "needle"})
    assert owner.get(f"{URL}/search", {"channelId": channel.pk, "query": "needle"}).json()["total"] == 0
    assert owner.get(f"{URL}/search", {"channelId": elsewhere.pk, "query": "needle"}).json()["total"] == 1


@pytest.mark.parametrize("content", [None, "", "   ", 5, True, [], {}, "x" * 4001, "a\0b"], ids=repr)
def test_odd_content_is_refused_and_stored_nowhere(channel, owner, content):
    answer = owner.post(URL, {"channelId": channel.pk, "content": content})
    assert (answer.status_code, "content" in answer.json()["error"]) == (400, True)
    written = make_messages(channel, 1)[0]
    assert owner.put(f"{URL}/{written.pk}", {"content": content}).status_code == 400
    assert owner.put(f"{URL}/{written.pk}", {"content": "x" * 4000}).status_code == 200
    assert (Message.objects.count(), MessageRevision.objects.count()) == (1, 1)


@pytest.mark.parametrize("channel_id", [None, "1", 1.5, True, 0, -1, 2**63, [1], {}], ids=repr)
def test_odd_channel_ids_are_refused(owner, channel_id):
    assert owner.post(URL, {"channelId": channel_id, "content": "x"}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"page": -1},
        {"page": "x"},
        {"page": "1.5"},
        {"page": "²"},
        {"limit": 0},
        {"limit": "x"},
        {"before": "x"},
        {"after": 0},
    ],
)
def test_odd_paging_is_refused_and_large_numbers_are_capped(channel, owner, query):
    make_messages(channel, 1)
    assert owner.get(URL, {"channelId": channel.pk, **query}).status_code == 400
    large = owner.get(URL, {"channelId": channel.pk, "limit": 10**30}).json()
    assert (large["limit"], len(large["messages"])) == (100, 1)
    for path in (URL, f"{URL}/search"):
        beyond = owner.get(path, {"channelId": channel.pk, "page": 10**30, "query": "text"})
        assert (beyond.status_code, beyond.json()["messages"]) == (200, [])


@pytest.mark.parametrize("query", ["", "  ", "x" * 201, "a\0b"], ids=repr)
def test_odd_search_queries_are_refused(channel, owner, query):
    assert owner.get(f"{URL}/search", {"channelId": channel.pk, "query": query}).status_code == 400


def test_deleting_a_channel_or_a_server_takes_its_messages_along(channel, owner):
    make_messages(channel, 3)
    owner.put(f"{URL}/{Message.objects.first().pk}", {"content": "edited"})
    assert owner.delete(f"/api/servers/{channel.server_id}").status_code == 204
    assert not any(model.objects.exists() for model in (Message, MessageRevision, Tally, Block))


def test_a_deleted_account_leaves_its_messages_without_a_name(channel, owner, api_as):
    member = make_member(channel.server)
    api_as(member.user).post(URL, {"channelId": channel.pk, "content": "I was here"})
    assert api_as(member.user).delete("/api/users").status_code == 200
    message = owner.get(URL, {"channelId": channel.pk}).json()["messages"][0]
    assert (message["content"], message["userId"], message["user"]) == ("I was here", None, None)


def test_a_page_costs_the_same_number_of_queries_whatever_its_size(channel, owner, django_assert_num_queries):
    make_messages(channel, 30)
    for limit, page, queries in [(1, 1, 3), (25, 1, 3), (5, 3, 5)]:
        with django_assert_num_queries(queries):
            owner.get(URL, {"channelId": channel.pk, "limit": limit, "page": page})
