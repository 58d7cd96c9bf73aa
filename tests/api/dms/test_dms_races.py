"""Conversations under simultaneous requests: real transactions in threads, each outcome a serial one."""

from collections import Counter
from functools import partial
from threading import Event

import pytest
from django.db import transaction

from accounts.services import user_delete
from friends.models import Conversation, Participant
from friends.services import block_lift
from messaging.models import Message
from servers.models import Channel
from tests.api.dms.conftest import URL
from tests.api.test_races import at_once, statuses, waiters
from tests.factories import make_direct, make_friends, make_group, make_messages, make_user

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 20
ROUNDS = 10


def seat(group, user):
    return f"{URL}/{group.pk}/participants/{user.pk}"


def write(api, conversation, content="x"):
    return partial(api.post, "/api/messages", {"channelId": conversation.pk, "content": content})


def test_opening_from_both_sides_opens_one(api_as):
    for _ in range(3):
        a, b = make_user(), make_user()
        make_friends(a, b)
        sides = [partial(api_as(a).post, URL, {"userId": b.pk}), partial(api_as(b).post, URL, {"userId": a.pk})]
        assert statuses(sides * (AT_ONCE // 2)) == {201: 1, 200: AT_ONCE - 1}
        direct = Conversation.objects.get(participants__user=a)
        assert set(direct.participants.values_list("user_id", flat=True)) == {a.pk, b.pk}
    assert Channel.objects.count() == Conversation.objects.count() == 3


def test_the_tenth_place_is_given_out_once(api_as):
    """Everybody in the group brings friends of his own, so the callers have no row in common but the group's."""
    people = [make_user() for _ in range(9)]
    group = make_group(*people)
    calls = []
    for number in range(AT_ONCE):
        adder, friend = people[number % 9], make_user()
        make_friends(adder, friend)
        calls.append(partial(api_as(adder).put, seat(group, friend)))
    assert statuses(calls) == {200: 1, 400: AT_ONCE - 1}
    assert group.participants.count() == 10


def test_one_friend_of_many_joins_once(api_as):
    people, friend = [make_user() for _ in range(5)], make_user()
    group = make_group(*people)
    make_friends(friend, *people)
    calls = [partial(api_as(people[number % 5]).put, seat(group, friend)) for number in range(AT_ONCE)]
    assert statuses(calls) == {200: 1, 400: AT_ONCE - 1}
    assert group.participants.filter(user=friend).count() == 1


@pytest.mark.parametrize("blocker", ["writer", "reader"])
def test_a_block_wins_over_writing(api_as, blocker):
    """Whatever was answered 201 is there when the block is; nothing comes after it."""
    writer, reader = make_user(), make_user()
    direct = make_direct(writer, reader)
    one, other = (writer, reader) if blocker == "writer" else (reader, writer)
    as_reader = api_as(reader)
    for _ in range(3):
        seen = []

        def block(seen=seen):
            answer = api_as(one).post(f"/api/friends/block/{other.pk}")
            page = as_reader.get("/api/messages", {"channelId": direct.pk, "limit": 100}).json()
            seen.extend(row["content"] for row in page["messages"])
            return answer

        before = set(Message.objects.values_list("content", flat=True))
        texts = [f"{len(before)}-{number}" for number in range(AT_ONCE - 1)]
        blocked, *answers = at_once(block, *[write(api_as(writer), direct, text) for text in texts])
        assert blocked == 200
        assert set(answers) <= {201, 403}
        written = {text for text, status in zip(texts, answers, strict=True) if status == 201}
        assert set(seen) - before == set(Message.objects.values_list("content", flat=True)) - before == written
        block_lift(user=one, target_id=other.pk)


def test_a_block_waits_for_a_message_that_is_being_written(api_as):
    """The worst moment, made certain: the message is stored and not yet committed."""
    writer, reader = make_user(), make_user()
    direct = make_direct(writer, reader)
    stored, blocked, seen = Event(), Event(), []

    def write_slowly():
        with transaction.atomic():
            make_messages(direct.channel, 1, writer)
            stored.set()
            while not (waiters() or blocked.wait(0.01)):
                pass

    def block():
        stored.wait()
        try:
            assert api_as(reader).post(f"/api/friends/block/{writer.pk}").status_code == 200
            seen.append(Message.objects.count())
        finally:
            blocked.set()

    at_once(write_slowly, block)
    assert seen == [1]


def test_a_block_wins_over_edits_reactions_and_pins(api_as):
    for _ in range(ROUNDS):
        writer, reader = make_user(), make_user()
        direct = make_direct(writer, reader)
        message = make_messages(direct.channel, 1, writer)[0]
        seen, url = [], f"/api/messages/{message.pk}"
        api = api_as(reader)

        def block(seen=seen, url=url, api=api, writer=writer):
            answer = api.post(f"/api/friends/block/{writer.pk}")
            seen.append(api.get(url).json())
            return answer

        at_once(
            block,
            partial(api_as(writer).put, url, {"content": "edited"}),
            partial(api_as(writer).put, f"{url}/reactions/👍"),
            partial(api_as(writer).put, f"{url}/pin"),
        )
        assert api.get(url).json() == seen[0]


def test_who_is_removed_writes_nothing_afterwards(api_as):
    owner, target = make_user(), make_user()
    group = make_group(owner, target)
    seen = []

    def remove():
        answer = api_as(owner).delete(seat(group, target))
        seen.append(Message.objects.count())
        return answer

    removed, *answers = at_once(remove, *[write(api_as(target), group) for _ in range(AT_ONCE - 1)])
    assert removed == 204
    assert set(answers) <= {201, 403}
    assert seen == [Message.objects.count()] == [answers.count(201)]


def test_leaving_against_adding_agrees(api_as):
    """The last one leaves while he brings in a friend: either nobody is left and nothing, or the friend is the owner."""
    for _ in range(ROUNDS):
        owner, friend, partner = make_user(), make_user(), make_user()
        group = make_group(owner, partner)
        api_as(partner).delete(seat(group, partner))
        make_friends(owner, friend)
        left, added = at_once(
            partial(api_as(owner).delete, seat(group, owner)), partial(api_as(owner).put, seat(group, friend))
        )
        assert left == 204
        if Channel.objects.filter(pk=group.pk).exists():
            assert added in (200, 404)  # 404: he had left again before the answer was read
            assert list(group.participants.values_list("user_id", flat=True)) == [friend.pk]
            assert api_as(friend).get(f"{URL}/{group.pk}").json()["ownerId"] == friend.pk
        else:
            assert added in (403, 404)
            assert not Participant.objects.filter(conversation=group.pk).exists()


def test_everybody_leaving_at_once_leaves_nothing(api_as):
    people = [make_user() for _ in range(10)]
    group = make_group(*people)
    make_messages(group.channel, 3, people[0])
    assert statuses([partial(api_as(user).delete, seat(group, user)) for user in people]) == {204: 10}
    assert not any(model.objects.exists() for model in (Conversation, Participant, Channel, Message))


def test_both_accounts_going_at_once_leave_nothing(api_as):
    for _ in range(ROUNDS):
        a, b = make_user(), make_user()
        make_messages(make_direct(a, b).channel, 1, a)
        make_messages(make_group(b, a).channel, 1, b)
        at_once(partial(user_delete, user=a), partial(user_delete, user=b))
        assert not any(model.objects.exists() for model in (Conversation, Participant, Channel, Message))


def test_an_account_that_goes_against_everything_in_its_conversations(api_as):
    """No deadlock, which would be a 503, and nothing half done."""
    for _ in range(5):
        going, friend, other = make_user(), make_user(), make_user()
        direct, group = make_direct(going, friend), make_group(friend, going)
        make_friends(friend, other)
        g, f = api_as(going), api_as(friend)
        calls = [write(g, direct), write(g, group), write(f, direct), write(f, group), partial(f.put, seat(group, other))]
        calls += [partial(f.delete, seat(group, going)), partial(f.post, f"/api/friends/block/{going.pk}")]
        calls += [partial(g.delete, seat(group, going)), partial(g.post, URL, {"userId": friend.pk})]
        gone, *answers = at_once(partial(g.delete, "/api/users"), *calls)
        assert gone == 200
        assert set(answers) <= {200, 201, 204, 401, 403, 404}
        assert not Participant.objects.filter(user=going).exists()
        assert Counter(Participant.objects.filter(conversation=direct.pk).values_list("user_id", flat=True)) == {friend.pk: 1}
