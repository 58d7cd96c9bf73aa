"""Slow mode: one message of a member in so many seconds."""

from datetime import timedelta

import pytest

from messaging.models import LastWord, Message
from servers.models import Channel, Overwrite
from servers.permissions import Permission
from tests.api.test_races import AT_ONCE, statuses
from tests.factories import make_channel, make_member, make_token

URL = "/api/messages"
P = Permission
SECONDS = 60


@pytest.fixture
def slow(channel):
    channel.slowmode = SECONDS
    channel.save()
    return channel


@pytest.fixture
def writer(slow, api_as):
    return api_as(make_member(slow.server).user)


def write(client, channel, **fields):
    return client.post(URL, {"channelId": channel.pk, "content": "x", **fields})


def is_told_to_wait(answer):
    body = answer.json()
    assert answer.status_code == body["code"] == 429, body
    assert body["error"] == "Slow mode: wait before you write here again"
    assert int(answer["Retry-After"]) == body["retryAfter"]
    return body["retryAfter"]


def pass_time(seconds):
    for last in LastWord.objects.all():
        last.at -= timedelta(seconds=seconds)
        last.save()


@pytest.mark.django_db
def test_the_next_message_waits(slow, writer):
    assert write(writer, slow).status_code == 201
    assert SECONDS - 30 <= is_told_to_wait(write(writer, slow)) <= SECONDS
    assert Message.objects.count() == 1
    pass_time(SECONDS - 1)
    assert is_told_to_wait(write(writer, slow)) == 1, "never nought, and asking again costs nothing"
    pass_time(1)
    assert write(writer, slow).status_code == 201
    is_told_to_wait(write(writer, slow))


@pytest.mark.django_db
def test_each_waits_for_himself_and_in_this_channel(slow, writer, api_as):
    other, elsewhere = api_as(make_member(slow.server).user), make_channel(slow.server, type="text")
    assert write(writer, slow).status_code == write(other, slow).status_code == 201
    assert [write(writer, elsewhere).status_code for _ in range(2)] == [201, 201]
    is_told_to_wait(write(writer, slow))
    assert LastWord.objects.count() == 2, "nothing is kept of channels without slow mode"


@pytest.mark.django_db
def test_the_time_is_the_channels_present_one(slow, writer):
    write(writer, slow)
    pass_time(25)
    for seconds, status in ((30, 429), (21_600, 429), (0, 201), (20, 201), (20, 429)):
        Channel.objects.filter(pk=slow.pk).update(slowmode=seconds)
        assert write(writer, slow).status_code == status, seconds


EXEMPT = [
    ({"permissions": P.MANAGE_MESSAGES}, True),
    ({"permissions": P.MANAGE_CHANNELS}, True),
    ({"permissions": P.ADMINISTRATOR}, True),
    ({"role": "moderator"}, True),
    ({"role": "admin"}, True),
    ({"permissions": P.MANAGE_ROLES | P.KICK_MEMBERS | P.MODERATE_MEMBERS}, False),
    ({}, False),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "exempt"), EXEMPT)
def test_who_keeps_order_does_not_wait(slow, api_as, who, exempt):
    client = api_as(make_member(slow.server, **who).user)
    assert [write(client, slow).status_code for _ in range(2)] == [201, 201 if exempt else 429]
    assert LastWord.objects.exists() is not exempt


@pytest.mark.django_db
def test_what_counts_is_the_permission_in_this_channel(slow, api_as):
    given, taken = make_member(slow.server), make_member(slow.server, permissions=P.MANAGE_MESSAGES)
    Overwrite.objects.create(channel=slow, member=given, allow=P.MANAGE_MESSAGES)
    Overwrite.objects.create(channel=slow, member=taken, deny=P.MANAGE_MESSAGES)
    for member, second in ((given, 201), (taken, 429)):
        client = api_as(member.user)
        assert [write(client, slow).status_code for _ in range(2)] == [201, second]


@pytest.mark.django_db
def test_deleting_the_message_gives_no_new_turn_and_edits_are_free(slow, writer, owner):
    pk = write(writer, slow).json()["id"]
    assert [writer.put(f"{URL}/{pk}", {"content": text}).status_code for text in "abc"] == [200] * 3
    assert writer.delete(f"{URL}/{pk}").status_code == 204
    is_told_to_wait(write(writer, slow))


@pytest.mark.django_db
def test_the_same_nonce_gets_its_message_at_any_time(slow, writer):
    first = write(writer, slow, nonce="n")
    again = write(writer, slow, nonce="n")
    assert (again.status_code, again.json()) == (200, first.json())
    is_told_to_wait(write(writer, slow, nonce="m"))
    pass_time(SECONDS)
    assert write(writer, slow, nonce="n").status_code == 200
    assert write(writer, slow, nonce="m").status_code == 201, "what was written before did not take this turn"


@pytest.mark.django_db
def test_a_message_that_is_refused_costs_no_turn(slow, writer):
    for wrong, status in (({"replyToId": 999}, 400), ({"content": ""}, 400), ({"content": "x" * 4001}, 400)):
        assert write(writer, slow, **wrong).status_code == status
    assert not LastWord.objects.exists()
    assert write(writer, slow).status_code == 201


@pytest.mark.django_db
def test_the_last_word_goes_with_its_channel_and_its_account(slow, writer, owner, api_as):
    gone = make_member(slow.server)
    assert write(api_as(gone.user), slow).status_code == write(writer, slow).status_code == 201
    assert api_as(gone.user).delete("/api/users").status_code == 200
    assert LastWord.objects.count() == 1
    assert owner.delete(f"/api/servers/{slow.server_id}/channels/{slow.pk}").status_code == 204
    assert not LastWord.objects.exists()


@pytest.fixture
def clients(slow, api_as):
    """One per thread: the same member, the same session."""
    token = make_token(make_member(slow.server).user)
    return [api_as(token=token) for _ in range(AT_ONCE)]


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_message(slow, clients):
    for turn in (1, 2):  # the first one makes the row, the second one finds it
        assert statuses([lambda c=c: write(c, slow) for c in clients]) == {201: 1, 429: AT_ONCE - 1}
        assert Message.objects.count() == turn
        pass_time(SECONDS)


@pytest.mark.django_db(transaction=True)
def test_twenty_with_one_nonce_are_one_message_that_all_of_them_get(slow, clients):
    assert statuses([lambda c=c: write(c, slow, nonce="n") for c in clients]) == {201: 1, 200: AT_ONCE - 1}
    assert Message.objects.count() == 1
