"""`/api/messages/**` in conversations: as in a channel, but nobody moderates, and a block closes a direct one for writing."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from friends.conversations import participant_remove
from friends.models import Block
from friends.services import block_create, block_lift
from messaging.access import enter
from messaging.entry import IN_CONVERSATION
from messaging.errors import NobodyModerates
from messaging.models import Message, Reaction
from messaging.services import message_pin, reaction_add
from servers.permissions import Permission
from tests.api.dms.conftest import UNKNOWN, URL
from tests.api.world import is_error, undone
from tests.factories import make_direct, make_group, make_messages, make_user

pytestmark = pytest.mark.django_db

BLOCKED = "The user is blocked"
# method, path, body → the status for the author, for another participant, and while one of two blocks the other
MATRIX = [
    ("get", "/dms/{channel}", None, (200, 200, 200)),
    ("get", "/messages?channelId={channel}", None, (200, 200, 200)),
    ("get", "/messages?channelId={channel}&before={message}", None, (200, 200, 200)),
    ("get", "/messages?channelId={channel}&after={message}", None, (200, 200, 200)),
    ("get", "/messages/search?channelId={channel}&query=text", None, (200, 200, 200)),
    ("get", "/messages/pins?channelId={channel}", None, (200, 200, 200)),
    ("get", "/messages/{message}", None, (200, 200, 200)),
    ("get", "/messages/{message}/history", None, (200, 403, 200)),
    ("put", "/messages/read", {"channelId": "{channel}", "messageId": "{message}"}, (200, 200, 200)),
    ("post", "/messages", {"channelId": "{channel}", "content": "x"}, (201, 201, 403)),
    ("post", "/messages", {"channelId": "{channel}", "content": "x", "replyToId": "{message}"}, (201, 201, 403)),
    ("put", "/messages/{message}", {"content": "x"}, (200, 403, 403)),
    ("delete", "/messages/{message}", None, (204, 403, 204)),
    ("put", "/messages/{message}/reactions/👍", None, (200, 200, 403)),
    ("delete", "/messages/{message}/reactions/👍", None, (204, 204, 403)),
    ("delete", "/messages/{message}/reactions/👍/{author}", None, (403, 403, 403)),
    ("delete", "/messages/{message}/reactions/👍/{reader}", None, (403, 403, 403)),
    ("put", "/messages/{message}/pin", None, (200, 200, 403)),
    ("delete", "/messages/{message}/pin", None, (204, 204, 403)),
    ("post", "/messages/bulk-delete", {"channelId": "{channel}", "messageIds": ["{message}"]}, (403, 403, 403)),
]
GROUP_ONLY = [
    ("put", "/dms/{channel}", {"name": "n"}, (200, 200)),
    ("put", "/dms/{channel}/participants/{author}", None, (400, 400)),
    ("delete", "/dms/{channel}/participants/{author}", None, (204, 403)),
]


@pytest.fixture(params=["direct", "group"])
def place(request, people):
    """`author` wrote the message that everything is tried on; `reader` takes part too; `former` did until now."""
    author, reader, former = people.dora, make_user(), make_user()
    kind = request.param
    if kind == "direct":
        conversation, former = make_direct(author, reader), None
    else:
        conversation = make_group(author, reader, former)
        participant_remove(conversation=conversation, user=former, user_id=former.pk)
    message = make_messages(conversation.channel, 1, author)[0]
    for user in (author, reader):
        reaction_add(entry=enter(user, message.channel_id), message=message, emoji="👍")
    return SimpleNamespace(kind=kind, author=author, reader=reader, former=former, channel=conversation.pk, message=message.pk)


def send(api, place, method, path, body, **other):
    ids = {"channel": place.channel, "message": place.message, "author": place.author.pk, "reader": place.reader.pk, **other}

    def filled(value):
        if isinstance(value, list):
            return [filled(item) for item in value]
        return ids.get(value[1:-1], value) if isinstance(value, str) else value

    return getattr(api, method)("/api" + path.format(**ids), body and {name: filled(value) for name, value in body.items()})


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (Message, Reaction)]


@pytest.mark.parametrize(("method", "path", "body", "statuses"), [(*row[:3], row[3][:2]) for row in MATRIX])
def test_participants_may_do_all_but_moderate(place, api_as, method, path, body, statuses):
    for who, status in zip((place.author, place.reader), statuses, strict=True):
        before = rows()
        with undone():
            answer = send(api_as(who), place, method, path, body)
            assert answer.status_code == status, answer.content
            if status == 403:
                assert answer.json()["error"] == "In a conversation everybody changes only what is his own"
                assert rows() == before


@pytest.mark.parametrize(("method", "path", "body", "statuses"), GROUP_ONLY)
@pytest.mark.parametrize("place", ["group"], indirect=True)
def test_participants_of_a_group(place, api_as, method, path, body, statuses):
    for who, status in zip((place.author, place.reader), statuses, strict=True):
        with undone():
            assert send(api_as(who), place, method, path, body).status_code == status


@pytest.mark.parametrize(("method", "path", "body"), [row[:3] for row in MATRIX + GROUP_ONLY])
def test_strangers_former_participants_and_staff_get_403_and_nobody_unknown_gets_in(place, api_as, method, path, body):
    before = rows()
    for who in (make_user(), make_user(role="admin"), place.former):
        if who is not None:
            answer = send(api_as(who), place, method, path, body)
            assert is_error(answer, 403), (who, answer.content)
            assert answer.json()["error"] == "You do not take part in this conversation"
    assert is_error(send(api_as(), place, method, path, body), 401)
    assert rows() == before


@pytest.mark.parametrize(("method", "path", "body"), [row[:3] for row in MATRIX + GROUP_ONLY])
def test_what_is_not_there_is_404(place, api_as, method, path, body):
    answer = send(api_as(place.author), place, method, path, body, channel=UNKNOWN, message=UNKNOWN)
    assert is_error(answer, 404)


@pytest.mark.parametrize("blocker", ["author", "reader"])
@pytest.mark.parametrize("place", ["direct"], indirect=True)
@pytest.mark.parametrize(("method", "path", "body", "status"), [(*row[:3], row[3][2]) for row in MATRIX])
def test_a_block_closes_a_direct_conversation_for_writing_on_both_sides(place, api_as, blocker, method, path, body, status):
    one, other = (place.author, place.reader) if blocker == "author" else (place.reader, place.author)
    block_create(user=one, target_id=other.pk)
    before = rows()
    with undone():
        answer = send(api_as(place.author), place, method, path, body)
        assert answer.status_code == status, answer.content
        if status == 403:
            assert answer.json()["error"] in (BLOCKED, "In a conversation everybody changes only what is his own")
            assert rows() == before
    with undone():
        assert send(api_as(place.reader), place, method, path, body).status_code == (
            200 if status == 200 and "history" not in path else 403
        )
    block_lift(user=one, target_id=other.pk)
    assert api_as(place.author).post("/api/messages", {"channelId": place.channel, "content": "again"}).status_code == 201


@pytest.mark.parametrize("place", ["group"], indirect=True)
def test_a_block_changes_nothing_inside_a_group(place, api_as):
    block_create(user=place.author, target_id=place.reader.pk)
    for who in (place.author, place.reader):
        assert api_as(who).post("/api/messages", {"channelId": place.channel, "content": "x"}).status_code == 201
    assert api_as(place.reader).put(f"/api/messages/{place.message}/reactions/🎙️").status_code == 200


def test_a_block_that_comes_after_the_door_still_wins(people, api_as, monkeypatch):
    """The worst moment, made certain: the door was passed, and then comes the block."""
    direct = make_direct(people.dora, people.boris)
    message = make_messages(direct.channel, 1, people.dora)[0]
    writes = {
        "message_post": ("messages", lambda api: api.post("/api/messages", {"channelId": direct.pk, "content": "x"})),
        "message_update": ("messages", lambda api: api.put(f"/api/messages/{message.pk}", {"content": "x"})),
        "reaction_add": ("reactions", lambda api: api.put(f"/api/messages/{message.pk}/reactions/👍")),
        "message_pin": ("pins", lambda api: api.put(f"/api/messages/{message.pk}/pin")),
    }
    before, api = rows(), api_as(people.dora)
    for service, (module, call) in writes.items():
        where = f"messaging.api.{module}.{service}"
        write = __import__("messaging.services", fromlist=[service]).__dict__[service]

        def late(write=write, **fields):
            Block.objects.create(blocker=people.boris, blocked=people.dora)
            return write(**fields)

        with monkeypatch.context() as patch:
            patch.setattr(where, late)
            assert is_error(call(api), 403), service
        Block.objects.all().delete()
        assert rows() == before
        assert call(api).status_code in (200, 201)
        before = rows()


def test_a_conversation_reads_like_a_channel(place, api_as):
    author, reader = api_as(place.author), api_as(place.reader)
    body = {"channelId": place.channel, "content": "answer", "nonce": "n", "replyToId": place.message}
    first, again = reader.post("/api/messages", body), reader.post("/api/messages", body)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert first.json()["replyToId"] == place.message
    page = author.get("/api/messages", {"channelId": place.channel}).json()
    assert ([row["content"] for row in page["messages"]], page["total"]) == (["text 0", "answer"], 2)
    before = author.get("/api/messages", {"channelId": place.channel, "before": first.json()["id"]}).json()
    assert [row["id"] for row in before["messages"]] == [place.message]
    found = author.get("/api/messages/search", {"channelId": place.channel, "query": "ANSW"}).json()
    assert [row["id"] for row in found["messages"]] == [first.json()["id"]]
    assert author.put(f"/api/messages/{place.message}", {"content": "changed"}).json()["isEdited"]
    assert [row["content"] for row in author.get(f"/api/messages/{place.message}/history").json()] == ["text 0"]
    reader.put(f"/api/messages/{place.message}/pin")
    pins = author.get("/api/messages/pins", {"channelId": place.channel}).json()
    assert [row["id"] for row in pins] == [place.message]
    assert pins[0]["reactions"] == [{"emoji": "👍", "count": 2, "me": True}]


def test_unread_counts_conversations_too(place, api_as):
    reader = api_as(place.reader)
    state = {"channelId": place.channel, "lastReadId": None, "unread": 1, "mentions": 0}
    assert reader.get("/api/messages/unread").json() == [state]
    read = reader.put("/api/messages/read", {"channelId": place.channel, "messageId": place.message})
    assert read.json() == {**state, "lastReadId": place.message, "unread": 0}
    assert [row["unread"] for row in reader.get(URL).json()] == [0]
    assert api_as(place.author).get("/api/messages/unread").json()[0]["unread"] == 0, "his own"


@pytest.mark.parametrize("place", ["group"], indirect=True)
def test_who_left_no_longer_counts_it_as_unread(place, api_as):
    assert api_as(place.former).get("/api/messages/unread").json() == []
    assert api_as(place.former).get(URL).json() == []


def test_the_door_grants_files_and_nothing_a_moderator_needs(place):
    assert enter(place.reader, place.channel, need=Permission.ATTACH_FILES, writing=True).access is None
    for permission in Permission:
        if not permission & IN_CONVERSATION:
            with pytest.raises(NobodyModerates):
                enter(place.author, place.channel, need=permission)


@pytest.mark.parametrize("path", ["/messages?channelId={}", "/messages/pins?channelId={}"])
def test_a_read_costs_the_same_for_one_message_and_for_many(place, api_as, path):
    message, api, costs = Message.objects.get(pk=place.message), api_as(place.reader), set()
    for written in (1, 5, 20):
        for each in make_messages(message.channel, written, place.author):
            message_pin(entry=enter(place.author, each.channel_id), message=each)
            reaction_add(entry=enter(place.author, each.channel_id), message=each, emoji="👍")
        with CaptureQueriesContext(connection) as found:
            assert api.get("/api" + path.format(place.channel)).status_code == 200
        costs.add(len(found))
    assert len(costs) == 1
    assert costs.pop() <= 7
