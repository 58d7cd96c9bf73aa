"""Pinned messages."""

import pytest

from messaging.models import PINS_PER_CHANNEL, Message
from servers.permissions import Permission
from tests.factories import make_channel, make_member, make_messages, make_user

pytestmark = pytest.mark.django_db
URL = "/api/messages"


def write(channel, count):
    return [message.pk for message in make_messages(channel, count)]


def pins(client, channel):
    answer = client.get(f"{URL}/pins", {"channelId": channel.pk})
    assert answer.status_code == 200, answer.json()
    return [message["id"] for message in answer.json()]


def test_pins_are_listed_the_newest_pin_first_and_marked_everywhere(channel, owner):
    first, second, third = write(channel, 3)
    before = owner.get(f"{URL}/{first}").json()
    for pk in (third, first):
        answer = owner.put(f"{URL}/{pk}/pin")
        assert (answer.status_code, answer.json()["id"], answer.json()["isPinned"]) == (200, pk, True)
    assert owner.get(f"{URL}/{first}").json() == {**before, "isPinned": True}, "nothing else of it changes"
    assert owner.get(f"{URL}/pins", {"channelId": channel.pk}).json()[0] == {**before, "isPinned": True}
    assert pins(owner, channel) == [first, third]
    page = owner.get(URL, {"channelId": channel.pk}).json()["messages"]
    assert [(row["id"], row["isPinned"]) for row in page] == [(first, True), (second, False), (third, True)]


def test_pinning_and_unpinning_twice_is_once(channel, owner):
    first, second = write(channel, 2)
    for pk in (first, second, first):
        assert owner.put(f"{URL}/{pk}/pin").status_code == 200
    assert pins(owner, channel) == [second, first], "a second pin does not move it up"
    assert [owner.delete(f"{URL}/{first}/pin").status_code for _ in range(2)] == [204, 204]
    assert pins(owner, channel) == [second]
    owner.put(f"{URL}/{first}/pin")
    assert pins(owner, channel) == [first, second]


def test_a_channel_has_fifty_pins_and_its_neighbour_fifty_more(channel, owner):
    *ids, last = write(channel, PINS_PER_CHANNEL + 1)
    (elsewhere,) = write(make_channel(channel.server, type="text"), 1)
    for pk in ids:
        assert owner.put(f"{URL}/{pk}/pin").status_code == 200
    refused = owner.put(f"{URL}/{last}/pin")
    assert (refused.status_code, str(PINS_PER_CHANNEL) in refused.json()["error"]) == (400, True)
    assert owner.put(f"{URL}/{ids[0]}/pin").status_code == 200, "it is pinned already"
    assert owner.put(f"{URL}/{elsewhere}/pin").status_code == 200
    owner.delete(f"{URL}/{ids[0]}")
    assert owner.put(f"{URL}/{last}/pin").status_code == 200, "a deleted message leaves its place"
    assert len(pins(owner, channel)) == PINS_PER_CHANNEL


def test_members_read_pins_and_moderators_set_them(channel, api_as):
    (pk,) = write(channel, 1)
    url = f"{URL}/{pk}/pin"
    member = api_as(make_member(channel.server).user)
    for client, status in ((api_as(), 401), (api_as(make_user()), 403), (member, 403)):
        assert (client.put(url).status_code, client.delete(url).status_code) == (status, status)
    for maker in ({"role": "moderator"}, {"permissions": Permission.MANAGE_MESSAGES}):
        client = api_as(make_member(channel.server, **maker).user)
        assert client.put(url).status_code == 200
        assert pins(member, channel) == [pk]
        assert client.delete(url).status_code == 204
        assert pins(member, channel) == []


def test_the_author_alone_may_not_pin(channel, api_as):
    member = api_as(make_member(channel.server).user)
    mine = member.post(URL, {"channelId": channel.pk, "content": "mine"}).json()["id"]
    assert member.put(f"{URL}/{mine}/pin").status_code == 403
    assert not Message.objects.get(pk=mine).pinned_at


def test_refusals(channel, owner, api_as):
    (pk,) = write(channel, 1)
    assert owner.put(f"{URL}/999999/pin").status_code == owner.delete(f"{URL}/999999/pin").status_code == 404
    assert owner.get(f"{URL}/pins", {"channelId": 999999}).status_code == 404
    assert api_as().get(f"{URL}/pins", {"channelId": channel.pk}).status_code == 401
    assert api_as(make_user()).get(f"{URL}/pins", {"channelId": channel.pk}).status_code == 403
    for odd in ({}, {"channelId": "x"}, {"channelId": "-1"}, {"channelId": "9" * 30}):
        assert owner.get(f"{URL}/pins", odd).status_code == 400
    channel.server.is_blocked = True
    channel.server.save()
    assert owner.put(f"{URL}/{pk}/pin").status_code == 403
    assert owner.get(f"{URL}/pins", {"channelId": channel.pk}).status_code == 403


def test_the_list_costs_the_same_whatever_its_length(channel, owner, django_assert_num_queries):
    ids = write(channel, 12)
    for count in (1, 12):
        for pk in ids[:count]:
            owner.put(f"{URL}/{pk}/pin")
        with django_assert_num_queries(3):
            assert len(pins(owner, channel)) == count
