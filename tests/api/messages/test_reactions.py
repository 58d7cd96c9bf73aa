"""Reactions to messages."""

from urllib.parse import quote

import pytest

from messaging.models import EMOJI_PER_MESSAGE, Reaction
from messaging.services import message_create
from servers.models import Role
from servers.permissions import Permission
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db
URL = "/api/messages"


@pytest.fixture
def message(channel):
    return message_create(channel=channel, user=channel.server.owner, content="text")[0]


def url(message, emoji, user=None):
    return f"{URL}/{message.pk}/reactions/{quote(emoji, safe='')}" + (f"/{user.pk}" if user else "")


def reactions(client, message):
    return client.get(f"{URL}/{message.pk}").json()["reactions"]


def test_reactions_are_counted_and_marked_for_each_reader(channel, message, owner, api_as):
    member = api_as(make_member(channel.server).user)
    silent = api_as(make_member(channel.server).user)
    before = owner.get(f"{URL}/{message.pk}").json()
    answer = owner.put(url(message, "👍"))
    assert answer.status_code == 200
    assert answer.json() == {**before, "reactions": [{"emoji": "👍", "count": 1, "me": True}]}
    member.put(url(message, "❤️"))
    assert member.put(url(message, "👍")).json()["reactions"] == [
        {"emoji": "👍", "count": 2, "me": True},
        {"emoji": "❤️", "count": 1, "me": True},
    ]
    assert [(r["count"], r["me"]) for r in reactions(owner, message)] == [(2, True), (1, False)]
    assert [(r["count"], r["me"]) for r in reactions(silent, message)] == [(2, False), (1, False)]


def test_every_answer_with_messages_carries_them(channel, owner, message):
    owner.put(url(message, "🎉"))
    owner.put(f"{URL}/{message.pk}/pin")
    other = message_create(channel=channel, user=channel.server.owner, content="text two")[0]
    expected = [{"emoji": "🎉", "count": 1, "me": True}]
    page = {"channelId": channel.pk}
    for path, query in (("", {}), ("", {"before": other.pk}), ("", {"after": 1}), ("/search", {"query": "text"})):
        rows = {row["id"]: row for row in owner.get(f"{URL}{path}", {**page, **query}).json()["messages"]}
        assert rows[message.pk]["reactions"] == expected, (path, query)
        assert other.pk not in rows or rows[other.pk]["reactions"] == []
    assert owner.get(f"{URL}/pins", page).json()[0]["reactions"] == expected
    assert owner.put(f"{URL}/{message.pk}", {"content": "edited"}).json()["reactions"] == expected


def test_the_same_twice_is_once_and_taken_back_twice_too(message, owner):
    for _ in range(2):
        assert owner.put(url(message, "👍")).json()["reactions"] == [{"emoji": "👍", "count": 1, "me": True}]
    assert [owner.delete(url(message, "👍")).status_code for _ in range(2)] == [204, 204]
    assert reactions(owner, message) == []


def test_what_looks_alike_counts_together(message, owner):
    owner.put(url(message, "e\u0301"))
    assert owner.put(url(message, "\u00e9")).json()["reactions"] == [{"emoji": "\u00e9", "count": 1, "me": True}]
    assert owner.delete(url(message, "e\u0301")).status_code == 204
    assert reactions(owner, message) == []


def test_one_takes_back_only_ones_own(channel, message, owner, api_as):
    member = api_as(make_member(channel.server).user)
    owner.put(url(message, "👍"))
    assert member.delete(url(message, "👍")).status_code == 204
    assert [r["count"] for r in reactions(owner, message)] == [1]


def test_anothers_reaction_is_removed_by_moderators_only(channel, message, owner, api_as):
    author = make_member(channel.server).user
    owner.put(url(message, "👍"))
    for maker in ({"role": "moderator"}, {"permissions": Permission.MANAGE_MESSAGES}):
        api_as(author).put(url(message, "👍"))
        theirs = url(message, "👍", author)
        for client, status in ((api_as(), 401), (api_as(make_user()), 403), (api_as(make_member(channel.server).user), 403)):
            assert client.delete(theirs).status_code == status
        assert [r["count"] for r in reactions(owner, message)] == [2]
        moderator = api_as(make_member(channel.server, **maker).user)
        assert moderator.delete(theirs).status_code == 204
        assert reactions(owner, message) == [{"emoji": "👍", "count": 1, "me": True}]
    assert owner.delete(f"{URL}/999999/reactions/x/{author.pk}").status_code == 404
    assert owner.delete(url(message, "x" * 33, author)).status_code == 400


def test_reacting_needs_its_permission_and_membership(channel, message, api_as):
    client = api_as(make_member(channel.server).user)
    for stranger, status in ((api_as(), 401), (api_as(make_user()), 403)):
        assert stranger.put(url(message, "👍")).status_code == stranger.delete(url(message, "👍")).status_code == status
    assert client.put(url(message, "👍")).status_code == 200
    for bit in (Permission.ADD_REACTIONS, Permission.VIEW_CHANNEL, Permission.READ_MESSAGE_HISTORY):
        kept = {role.pk: role.permissions for role in Role.objects.filter(server=channel.server)}
        for pk, permissions in kept.items():
            Role.objects.filter(pk=pk).update(permissions=permissions & ~int(bit))
        assert client.put(url(message, "🎉")).status_code == client.delete(url(message, "👍")).status_code == 403, bit
        for pk, permissions in kept.items():
            Role.objects.filter(pk=pk).update(permissions=permissions)
    assert Reaction.objects.count() == 1
    assert client.put(f"{URL}/999999/reactions/x").status_code == 404
    channel.server.is_blocked = True
    channel.server.save()
    assert client.put(url(message, "🎉")).status_code == 403


ODD = [" ", "\u2003", "a\nb", "a\0b", "\x7f", "\x85", "x" * 33, "👍" * 33]


@pytest.mark.parametrize("emoji", ODD, ids=ascii)
def test_odd_emoji_are_refused_and_stored_nowhere(message, owner, emoji):
    assert owner.put(url(message, emoji)).status_code == owner.delete(url(message, emoji)).status_code == 400
    assert not Reaction.objects.exists()


GOOD = ["👍", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", ":smile:", "ё", "%", "?", "#", "5", "x" * 32, "👍" * 32, "'"]


@pytest.mark.parametrize("emoji", GOOD, ids=ascii)
def test_all_else_is_kept_as_it_was_sent(message, owner, emoji):
    assert owner.put(url(message, emoji)).json()["reactions"] == [{"emoji": emoji, "count": 1, "me": True}]
    assert owner.delete(url(message, emoji)).status_code == 204
    assert not Reaction.objects.exists()


def test_a_slash_is_no_part_of_an_emoji(message, owner):
    assert [owner.put(url(message, emoji)).status_code for emoji in ("a/b", "/")] == [404, 404]
    assert not Reaction.objects.exists()


def test_a_message_carries_twenty_different_emoji(channel, message, owner, api_as):
    emoji = [chr(ord("a") + number) for number in range(EMOJI_PER_MESSAGE)]
    for one in emoji:
        assert owner.put(url(message, one)).status_code == 200
    member = api_as(make_member(channel.server).user)
    refused = member.put(url(message, "z"))
    assert (refused.status_code, str(EMOJI_PER_MESSAGE) in refused.json()["error"]) == (400, True)
    assert member.put(url(message, "a")).status_code == 200, "that one is there already"
    assert [r["emoji"] for r in reactions(owner, message)] == emoji, "in the order they came"
    owner.delete(url(message, "b"))
    assert member.put(url(message, "z")).status_code == 200


def test_a_page_reads_the_reactions_of_all_its_messages_in_one_query(channel, owner, api_as, django_assert_num_queries):
    written = [message_create(channel=channel, user=channel.server.owner, content="x")[0] for _ in range(30)]
    member = api_as(make_member(channel.server).user)
    for number, message in enumerate(written):
        for emoji in "abcde"[: number % 6]:
            owner.put(url(message, emoji))
            member.put(url(message, emoji))
    for limit, page, queries in ((1, 1, 4), (30, 1, 4), (10, 2, 6)):
        with django_assert_num_queries(queries):
            rows = owner.get(URL, {"channelId": channel.pk, "limit": limit, "page": page}).json()["messages"]
        assert len(rows) == limit
    assert [len(row["reactions"]) for row in rows] == [number % 6 for number in range(10, 20)]


def test_reactions_go_with_their_author_and_with_their_channel(channel, message, owner, api_as):
    member = make_member(channel.server).user
    api_as(member).put(url(message, "👍"))
    owner.put(url(message, "👍"))
    assert api_as(member).delete("/api/users").status_code == 200
    assert reactions(owner, message) == [{"emoji": "👍", "count": 1, "me": True}]
    assert owner.delete(f"/api/servers/{channel.server_id}").status_code == 204
    assert not Reaction.objects.exists()
