"""The outbox and the log on a real database."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from events import log, sequencer
from events.models import Announcement, Event, Log
from events.services import access_changed, announce, announce_to, forget_user

pytestmark = pytest.mark.django_db


def deleted(channel: int, message: int, *, server: int | None = 1) -> None:
    announce("message-deleted", server_id=server, channel_id=channel, subject_id=message, payload={"messageId": message})


def reacted(channel: int, message: int, by: int = 7) -> None:
    payload = {"messageId": message, "userId": by, "emoji": "👍", "count": 1}
    announce("reaction-added", server_id=1, channel_id=channel, subject_id=message, actor_id=by, payload=payload)


def kinds(entries: list[log.Entry]) -> list[str]:
    return [entry.kind for entry in entries]


def test_events_come_in_the_order_of_their_announcement() -> None:
    start = log.span().head
    for number in range(5):
        announce("channel-deleted", server_id=1, payload={"channelId": number})
    assert sequencer.drain(3) == 3
    assert sequencer.drain(3) == 2
    assert sequencer.drain(3) == 0
    entries = log.tail(start, 100)
    assert [entry.payload for entry in entries] == [f'{{"channelId":{number}}}' for number in range(5)]
    assert log.span().head == entries[-1].seq
    assert not Announcement.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_write_that_is_rolled_back_is_never_announced() -> None:
    with transaction.atomic():
        announce("role-deleted", server_id=1, payload={"roleId": 1})
        transaction.set_rollback(True)
    assert sequencer.drain() == 0


@pytest.mark.django_db(transaction=True)
def test_many_sequencers_lose_and_double_nothing() -> None:
    for number in range(200):
        announce("role-deleted", server_id=1, payload={"roleId": number})

    def work() -> None:
        while sequencer.drain(7):
            pass
        connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(Event.objects.order_by("id").values_list("payload", flat=True)) == [f'{{"roleId":{n}}}' for n in range(200)]


def test_a_deleted_message_is_not_told_again() -> None:
    start = log.span().head
    reacted(5, 11)
    reacted(5, 12)
    sequencer.drain()
    deleted(5, 11)
    sequencer.drain()
    assert [(entry.kind, '"messageId":12' in entry.payload) for entry in log.tail(start, 10)] == [
        ("reaction-added", True),
        ("message-deleted", False),
    ]


def test_what_was_said_in_a_channel_that_is_gone_leaves_the_log() -> None:
    start = log.span().head
    reacted(5, 11)
    reacted(6, 12)
    sequencer.drain()
    announce("gone", channel_id=5, payload={})
    announce("channel-deleted", server_id=1, payload={"channelId": 5})
    sequencer.drain()
    left = log.missed(after=start, upto=log.span().head, servers=[1], conversations=[], user_id=0, most=10)
    assert [(entry.kind, entry.channel_id) for entry in left] == [("reaction-added", 6), ("channel-deleted", None)]


def test_who_missed_what_gets_only_what_may_concern_him() -> None:
    start = log.span().head
    reacted(5, 11)
    deleted(9, 90, server=None)
    announce_to([7, 8], "friend-removed", payload={"userId": 3})
    access_changed(user_id=7, server_id=1)
    announce("role-deleted", server_id=2, payload={"roleId": 2})
    sequencer.drain()
    head = log.span().head

    def missed(most: int = 10, after: int = start, **who: object) -> list[str]:
        query = {"servers": [], "conversations": [], "user_id": 0, **who}
        return kinds(log.missed(after=after, upto=head, most=most, **query))  # type: ignore[arg-type]  # keywords by name

    assert missed(servers=[1]) == ["reaction-added"]
    assert missed(servers=[1, 2], conversations=[9], user_id=7) == [
        "reaction-added",
        "message-deleted",
        "friend-removed",
        "role-deleted",
    ]
    assert missed(servers=[1, 2], conversations=[9], user_id=7, most=2) == ["reaction-added", "message-deleted"]
    assert missed(after=head, servers=[1, 2]) == []


@pytest.mark.parametrize("emptied", [False, True], ids=["", "after flush"])
def test_who_comes_too_late_can_tell_by_the_floor(emptied: bool) -> None:
    if emptied:
        Log.objects.all().delete()
    announce("role-deleted", server_id=1, payload={"roleId": 1})
    sequencer.drain()
    old = log.span().head
    Event.objects.update(at=timezone.now() - timedelta(days=8))
    announce("role-deleted", server_id=1, payload={"roleId": 2})
    sequencer.drain()
    assert log.span().floor < old
    assert log.prune(timezone.now() - timedelta(days=7)) == 1
    assert log.prune(timezone.now() - timedelta(days=7)) == 0
    assert log.span() == (old, old + 1)


def test_after_a_restore_nobody_resumes() -> None:
    announce("role-deleted", server_id=1, payload={"roleId": 1})
    sequencer.drain()
    head = log.span().head
    log.restart()
    announce("role-deleted", server_id=1, payload={"roleId": 2})
    sequencer.drain()
    floor, new = log.span()
    assert head < floor < new


def test_an_erased_user_leaves_the_log() -> None:
    start = log.span().head
    reacted(5, 11, by=7)
    reacted(5, 11, by=8)
    announce_to([7], "friend-removed", payload={"userId": 3})
    sequencer.drain()
    forget_user(7)
    assert [entry.payload.count('"userId":8') for entry in log.tail(start, 10)] == [1]


def test_an_announcement_says_what_the_catalogue_wants() -> None:
    with pytest.raises(ValueError, match="messageId"):
        announce("message-deleted", server_id=1, channel_id=5, payload={"id": 1})
    with pytest.raises(ValueError, match="rendered"):
        announce("message-created", server_id=1, channel_id=5, payload={"message": {}})
    with pytest.raises(KeyError):
        announce("unknown", payload={})
