"""The total of a search is exact whatever happened since it was counted last, and only what is new is counted."""

import random
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.models import Message, Tally
from tests.factories import make_messages

pytestmark = pytest.mark.django_db
URL = "/api/messages"


@pytest.fixture
def search(channel, owner):
    def total(query: str = "text") -> int:
        return owner.get(f"{URL}/search", {"channelId": channel.pk, "query": query, "limit": 1}).json()["total"]

    return total


def counted_from(search) -> tuple[int, list[int]]:
    """The total, and the positions above which this search counted."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        total = search()
    counts = [query["sql"] for query in queries if "WITH hits" in query["sql"]]
    return total, [int(sql.rpartition("position > ")[2].partition(")")[0]) for sql in counts]


def test_only_what_was_written_since_is_counted(channel, search):
    make_messages(channel, 3)
    assert counted_from(search) == (3, [0])
    assert counted_from(search) == (3, [3])
    make_messages(channel, 2)
    assert counted_from(search) == (5, [3])
    assert counted_from(search) == (5, [5])


@pytest.mark.parametrize("change", ["edit", "delete", "bulk"])
def test_an_edit_or_a_deletion_voids_the_count(channel, owner, search, change):
    messages = make_messages(channel, 3)
    search()
    if change == "edit":
        owner.put(f"{URL}/{messages[0].pk}", {"content": "other"})
    elif change == "delete":
        owner.delete(f"{URL}/{messages[2].pk}")
    else:
        owner.post(f"{URL}/bulk-delete", {"channelId": channel.pk, "messageIds": [messages[1].pk]})
    assert counted_from(search) == (2, [3, 0])
    assert counted_from(search) == (2, [3])


def test_a_restored_backup_is_another_state(channel, search):
    """The same positions, other messages: what was counted before the restoration does not hold."""
    make_messages(channel, 3)
    assert search() == 3
    Message.objects.filter(channel=channel).delete()
    Tally.objects.filter(channel=channel).update(last_position=0, total=0)
    others = make_messages(channel, 3)
    Message.objects.filter(pk=others[0].pk).update(content="other")
    assert search() == 2


def test_few_matches_are_remembered_and_many_are_looked_for(channel, owner, search, monkeypatch):
    monkeypatch.setattr("messaging.counts.FEW", 2)
    make_messages(channel, 5)

    def pages() -> list[list[str]]:
        found = [
            owner.get(f"{URL}/search", {"channelId": channel.pk, "query": "text", "limit": 2, "page": page}).json()
            for page in (1, 2, 3, 4)
        ]
        assert {answer["total"] for answer in found} == {Message.objects.filter(channel=channel).count()}
        return [[message["content"] for message in answer["messages"]] for answer in found]

    for _ in range(2):
        assert pages() == [["text 4", "text 3"], ["text 2", "text 1"], ["text 0"], []]
    for message in Message.objects.filter(content__in=("text 0", "text 1", "text 2")):
        owner.delete(f"{URL}/{message.pk}")
    for _ in range(2):
        assert pages() == [["text 4", "text 3"], [], [], []]
    make_messages(channel, 1)
    for _ in range(2):
        assert pages() == [["text 0", "text 4"], ["text 3"], [], []]


def test_without_valkey_the_total_is_as_exact(channel, search, monkeypatch):
    def gone(*_args, **_kwargs):
        raise ConnectionRefusedError

    make_messages(channel, 3)
    monkeypatch.setattr("messaging.counts.cache", SimpleNamespace(get=gone, set=gone))
    assert counted_from(search) == (3, [0])
    assert counted_from(search) == (3, [0])


def test_channels_and_texts_have_counts_of_their_own(channel, search):
    make_messages(channel, 3)
    assert (search("text"), search("text 1"), search("TEXT"), search("xt 2"), search("none")) == (3, 1, 3, 1, 0)


def test_totals_agree_with_a_plain_count_after_any_walk(channel, owner, search):
    dice, words = random.Random(5), ("text", "Text and more", "else")
    for _ in range(60):
        messages = list(Message.objects.filter(channel=channel).values_list("pk", flat=True))
        act = dice.choice(("write", "write", "edit", "delete", "search"))
        if act == "write" or not messages:
            owner.post(URL, {"channelId": channel.pk, "content": dice.choice(words)})
        elif act == "edit":
            owner.put(f"{URL}/{dice.choice(messages)}", {"content": dice.choice(words)})
        elif act == "delete":
            owner.delete(f"{URL}/{dice.choice(messages)}")
        assert search() == Message.objects.filter(channel=channel, content__icontains="text").count()


def test_a_remembered_count_survives_the_way_through_valkey(channel, search):
    make_messages(channel, 1)
    search()
    assert [key for key in cache._cache.get_client().keys("*matches*") if f":{channel.pk}:".encode() in key]
