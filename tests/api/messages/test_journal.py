"""What moderators do to the messages of others stands in the server's audit log; what anybody does to his own does not."""

import pytest

from audit.models import AuditEntry
from audit.selectors import audit_fault
from messaging.models import Message, Reaction
from servers.permissions import Permission
from tests.api.test_races import AT_ONCE, statuses
from tests.factories import make_member, make_messages, make_token

URL = "/api/messages"
WORDS = "the words themselves"


@pytest.fixture
def author(channel):
    return make_member(channel.server).user


@pytest.fixture
def moderator(channel):
    return make_member(channel.server, permissions=Permission.MANAGE_MESSAGES).user


def write(channel, user, content=WORDS):
    (message,) = make_messages(channel, 1, user)
    Message.objects.filter(pk=message.pk).update(content=content)
    return message.pk


def entries(channel):
    """Those about messages; none of them says what was said."""
    log = f"server:{channel.server_id}"
    assert audit_fault(log) is None
    found = list(AuditEntry.objects.filter(log=log).exclude(action="channel.create").order_by("sequence"))
    assert not [entry for entry in found if WORDS in f"{entry.before} {entry.after} {entry.target_name}"]
    return found


def pinned(pk, user):
    Message.objects.filter(pk=pk).update(pinned_at="2030-01-01T00:00:00Z")


def reacted(pk, user):
    Reaction.objects.create(message_id=pk, user=user, emoji="👎")


# name → method, path, body, what went before, action, before, after
ACTS = {
    "delete": ("delete", "/{pk}", {}, None, "message.delete", {"length": len(WORDS)}, None),
    "edit": ("put", "/{pk}", {"content": "tidy"}, None, "message.edit", {"length": len(WORDS)}, {"length": 4}),
    "pin": ("put", "/{pk}/pin", {}, None, "message.pin", {}, None),
    "unpin": ("delete", "/{pk}/pin", {}, pinned, "message.unpin", {}, None),
    "reaction": ("delete", "/{pk}/reactions/👎/{user}", {}, reacted, "reaction.remove", {"emoji": "👎"}, None),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ACTS)
def test_an_act_on_anothers_message_leaves_one_entry(channel, author, moderator, api_as, name):
    method, path, body, prepare, action, before, after = ACTS[name]
    pk = write(channel, author)
    if prepare:
        prepare(pk, author)
    url = URL + path.format(pk=pk, user=author.pk)
    refused = getattr(api_as(make_member(channel.server).user), method)(url, body)
    assert (refused.status_code, entries(channel)) == (403, [])
    assert getattr(api_as(moderator), method)(f"{url}?reason=manners", body).status_code in {200, 204}
    (entry,) = entries(channel)
    assert (entry.actor_number, entry.action, entry.reason) == (moderator.pk, action, "manners")
    assert (entry.target_type, entry.target_id, entry.target_name) == ("message", pk, channel.name)
    about = {"channel_id": channel.pk, "author_id": author.pk}
    if name == "reaction":
        about["user_id"] = author.pk
    assert (entry.before, entry.after) == ({**about, **before}, after)
    again = getattr(api_as(moderator), method)(url, body)
    assert again.status_code in {200, 204, 404}
    assert entries(channel) == [entry], "a second time changes nothing"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ACTS)
def test_an_act_on_ones_own_leaves_none(channel, moderator, api_as, name):
    method, path, body, prepare, *_ = ACTS[name]
    pk = write(channel, moderator)
    if prepare:
        prepare(pk, moderator)
    assert getattr(api_as(moderator), method)(URL + path.format(pk=pk, user=moderator.pk), body).status_code in {200, 204}
    assert entries(channel) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ACTS)
def test_a_reason_that_is_too_long_is_refused_and_nothing_is_done(channel, author, moderator, api_as, name):
    method, path, body, prepare, *_ = ACTS[name]
    pk = write(channel, author)
    if prepare:
        prepare(pk, author)
    before = list(Message.objects.values())
    url = URL + path.format(pk=pk, user=author.pk)
    for refused in (
        getattr(api_as(moderator), method)(url, {**body, "reason": "a" * 501}),
        getattr(api_as(moderator), method)(f"{url}?reason={'a' * 501}", body),
    ):
        assert refused.status_code == 400
        assert refused.json()["error"].startswith("reason:")
    assert (list(Message.objects.values()), entries(channel)) == (before, [])


@pytest.mark.django_db
def test_a_bulk_deletion_is_one_entry_about_those_of_others(channel, author, moderator, api_as):
    other = make_member(channel.server).user
    ids = [write(channel, user) for user in (author, other, author, moderator)]
    body = {"channelId": channel.pk, "messageIds": [*ids, 999_999], "reason": "spam"}
    assert api_as(moderator).post(f"{URL}/bulk-delete", body).json()["deleted"] == 4
    (entry,) = entries(channel)
    assert (entry.action, entry.reason, entry.actor_number) == ("message.bulk_delete", "spam", moderator.pk)
    assert (entry.target_type, entry.target_id, entry.target_name) == ("channel", channel.pk, channel.name)
    assert entry.before == {"messages": 3, "author_ids": f"{author.pk}, {other.pk}", "length": 3 * len(WORDS)}
    assert api_as(moderator).post(f"{URL}/bulk-delete", body).json()["deleted"] == 0
    own = {"channelId": channel.pk, "messageIds": [write(channel, moderator)]}
    assert api_as(moderator).post(f"{URL}/bulk-delete", own).json()["deleted"] == 1
    assert entries(channel) == [entry]


@pytest.mark.django_db
def test_a_message_without_an_author_is_somebody_elses(channel, author, moderator, api_as):
    pk = write(channel, author)
    author.delete()
    assert api_as(moderator).delete(f"{URL}/{pk}").status_code == 204
    (entry,) = entries(channel)
    assert entry.before == {"channel_id": channel.pk, "author_id": None, "length": len(WORDS)}


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_act(channel, author, moderator, api_as):
    token, pk = make_token(moderator), write(channel, author)
    clients = [api_as(token=token) for _ in range(AT_ONCE)]
    assert statuses([lambda c=c: c.put(f"{URL}/{pk}/pin") for c in clients]) == {200: AT_ONCE}
    assert statuses([lambda c=c: c.delete(f"{URL}/{pk}/pin") for c in clients]) == {204: AT_ONCE}
    assert statuses([lambda c=c: c.delete(f"{URL}/{pk}") for c in clients]) == {204: 1, 404: AT_ONCE - 1}
    assert [entry.action for entry in entries(channel)] == ["message.pin", "message.unpin", "message.delete"]


@pytest.mark.django_db(transaction=True)
def test_moderating_against_the_end_of_the_moderators_account(channel, author, moderator, api_as):
    ids = [write(channel, user) for user in (author, moderator) * 4]
    token = make_token(moderator)
    clients = [api_as(token=token) for _ in range(10)]
    calls = [lambda c=c, pk=pk: c.delete(f"{URL}/{pk}") for c, pk in zip(clients, ids, strict=False)]
    body = {"channelId": channel.pk, "messageIds": ids}
    outcome = statuses([*calls, lambda: clients[8].post(f"{URL}/bulk-delete", body), lambda: clients[9].delete("/api/users")])
    assert outcome.keys() <= {200, 204, 401, 403, 404}, outcome
    entries(channel)
