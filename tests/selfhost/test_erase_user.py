"""`manage.py erase_user`: nothing of a person is left anywhere but where the documents say so."""

from io import StringIO

import pytest
from django.core.management import CommandError
from django.db import connection

from accounts.models import User
from audit.models import AuditEntry
from audit.selectors import audit_fault
from messaging import services
from messaging.models import Block, Message, Tally
from messaging.services import message_create
from selfhost import erasure
from tests.factories import make_member
from tests.selfhost.conftest import ADDRESS, MARKER, run

AUDIT = "audit_auditentry"  # the one documented place
WORDLESS = {
    "audit_auditlog",
    "friends_block",
    "friends_friendship",
    "messaging_block",
    "messaging_reaction",
    "messaging_readstate",
    "messaging_tally",
    "servers_invite",
    "servers_member_roles",
}


def traces(town):
    """Tables in which a text of his is left, whatever the column and the alphabet's case."""
    with connection.cursor() as cursor:
        tables = [table for table in connection.introspection.table_names(cursor) if table != AUDIT]
        found = set()
        for table in tables:
            for text in (MARKER, "zx9marker", ADDRESS, town.boris.password):
                cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", [f"%{text}%"])
                if cursor.fetchone()[0]:
                    found.add(table)
    return found


def test_there_is_a_text_of_his_wherever_there_can_be_one(town):
    """So that the tests below mean something: whoever adds a table puts a text of Boris's into it, or names it WORDLESS."""
    with connection.cursor() as cursor:
        ours = {table for table in connection.introspection.table_names(cursor) if not table.startswith(("django_", "auth_"))}
    assert traces(town) == ours - WORDLESS - {AUDIT}


def counts_are_true():
    for tally in Tally.objects.all():
        messages = Message.objects.filter(channel_id=tally.channel_id)
        assert tally.total == messages.count()
        assert tally.total == sum(Block.objects.filter(channel_id=tally.channel_id).values_list("left", flat=True))


@pytest.mark.parametrize("batch", [2, 1000])
def test_nothing_of_him_is_left(town, api_as, monkeypatch, batch):
    monkeypatch.setattr(services, "ERASED_AT_ONCE", batch)
    printed = run("erase_user", town.boris.email, yes=True)
    assert traces(town) == set()
    assert "7 messages written" in printed

    counts_are_true()
    page = api_as(town.anna).get("/api/messages", {"channelId": town.channel.pk}).json()
    assert [message["content"] for message in page["messages"]] == ["text 0", "text 1", "text 2", "I agree"]
    assert page["messages"][3]["replyToId"] is None
    assert page["messages"][0]["reactions"] == [{"emoji": "👎", "count": 1, "me": True}]

    receipt = AuditEntry.objects.order_by("-sequence")[0]
    assert f"entry {receipt.sequence}, hash {receipt.hash}" in printed
    assert (receipt.action, receipt.target_id, receipt.target_name) == ("user.erase", town.boris.pk, "")
    assert (receipt.before, receipt.after, receipt.actor_name) == (None, {"messages": "erased"}, "shell")
    assert audit_fault("instance") is None


def test_messages_can_stay_without_an_author(town, api_as):
    run("erase_user", str(town.boris.pk), yes=True, keep_messages=True)
    assert traces(town) == {"messaging_message", "messaging_messagerevision"}
    page = api_as(town.anna).get("/api/messages", {"channelId": town.channel.pk}).json()
    his = [message for message in page["messages"] if MARKER in message["content"]]
    assert len(his) == 5
    assert {(message["userId"], message["user"]) for message in his} == {(None, None)}
    assert AuditEntry.objects.order_by("-sequence")[0].after == {"messages": "kept"}
    counts_are_true()


@pytest.mark.parametrize("typed", ["", "yes\n", "boris\n"])
def test_it_asks_for_the_name(town, monkeypatch, typed):
    monkeypatch.setattr("sys.stdin", StringIO(typed))
    with pytest.raises(CommandError, match="Nothing was changed"):
        run("erase_user", town.boris.username)
    assert User.objects.get(pk=town.boris.pk).is_active
    monkeypatch.setattr("sys.stdin", StringIO(f"{town.boris.username}\n"))
    run("erase_user", town.boris.username)
    assert not User.objects.filter(pk=town.boris.pk).exists()


def test_who_owns_a_server_with_others_in_it_stays_untouched(town):
    make_member(town.boris.owned_servers.get())
    with pytest.raises(CommandError, match=f"Transfer or delete your servers first: {MARKER}'s own"):
        run("erase_user", town.boris.username, yes=True)
    assert User.objects.get(pk=town.boris.pk).is_active
    assert Message.objects.filter(user=town.boris).count() == 7


def test_the_last_administrator_stays_untouched(town):
    with pytest.raises(CommandError, match="The last administrator stays"):
        run("erase_user", "admin", yes=True)
    assert User.objects.get(pk=town.admin.pk).is_active


def test_interrupted_it_leaves_a_closed_account_and_goes_on_when_called_again(town, monkeypatch):
    monkeypatch.setattr(services, "ERASED_AT_ONCE", 3)
    erase = erasure.messages_erase
    calls = iter([erase])

    def interrupted(**who):
        for call in calls:
            return call(**who)
        raise KeyboardInterrupt

    monkeypatch.setattr(erasure, "messages_erase", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("erase_user", town.boris.username, yes=True)
    assert Message.objects.filter(user=town.boris).count() == 4
    assert not User.objects.get(pk=town.boris.pk).is_active
    counts_are_true()
    monkeypatch.setattr(erasure, "messages_erase", erase)
    run("erase_user", town.boris.username, yes=True)
    assert traces(town) == set()
    assert AuditEntry.objects.filter(action="user.erase").count() == 1


def test_a_message_that_was_under_way_goes_too(town, monkeypatch):
    """A request that passed its doors before the account was closed writes after the last batch."""
    erase = erasure.messages_erase
    late = iter([True])

    def then_one_more(**who):
        erased = erase(**who)
        if not erased and next(late, False):
            message_create(channel=town.channel, user=town.boris, content=MARKER)
        return erased

    monkeypatch.setattr(erasure, "messages_erase", then_one_more)
    run("erase_user", town.boris.username, yes=True)
    assert traces(town) == set()
    counts_are_true()
