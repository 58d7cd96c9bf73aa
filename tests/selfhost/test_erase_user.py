"""`manage.py erase_user`: nothing of a person is left anywhere but where the documents say so."""

from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEntry
from audit.selectors import audit_fault
from messaging import services
from messaging.attachments import services as attachments
from messaging.models import Block, Message, Orphan, Tally
from messaging.services import message_create
from selfhost import erasure
from tests.factories import make_member
from tests.selfhost.conftest import ADDRESS, MARKER, run

AUDIT = "audit_auditentry"  # the one documented place
WORDLESS = {
    "accounts_recoverycode",
    "accounts_twofactor",
    "audit_auditcheckpoint",
    "audit_auditlog",
    "events_log",
    "figures_figure",
    "friends_block",
    "friends_conversation",
    "friends_friendship",
    "friends_participant",
    "integrations_bot",
    "integrations_delivery",
    "integrations_webhook",
    "messaging_block",
    "messaging_lastword",
    "messaging_mention",
    "messaging_orphan",
    "messaging_reaction",
    "messaging_readstate",
    "messaging_tally",
    "servers_invite",
    "servers_member_roles",
    "servers_overwrite",
    "turn_relayusage",
    "timelines_recorder",
    "timelines_voicemoment",
    "timelines_voicesession",
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


def contents(media):
    return sorted(path.read_bytes() for path in media.rglob("*") if path.is_file())


def counts_are_true():
    for tally in Tally.objects.all():
        messages = Message.objects.filter(channel_id=tally.channel_id)
        assert tally.total == messages.count()
        assert tally.total == sum(Block.objects.filter(channel_id=tally.channel_id).values_list("left", flat=True))


@pytest.mark.parametrize("batch", [2, 1000])
def test_nothing_of_him_is_left(town, api_as, media, monkeypatch, batch):
    monkeypatch.setattr(services, "ERASED_AT_ONCE", batch)
    monkeypatch.setattr(attachments, "BATCH", 1)
    printed = run("erase_user", town.boris.email, yes=True)
    assert traces(town) == set()
    assert "7 messages written" in printed
    assert "3 files uploaded" in printed
    assert contents(media) == [b"hers"]
    assert Orphan.objects.count() == 0

    counts_are_true()
    page = api_as(town.anna).get("/api/messages", {"channelId": town.channel.pk}).json()
    assert [message["content"] for message in page["messages"]] == ["text 0", "text 1", "text 2", "I agree"]
    assert page["messages"][3]["replyToId"] is None
    assert page["messages"][0]["reactions"] == [{"emoji": "👎", "count": 1, "me": True}]

    receipt = AuditEntry.objects.filter(log="instance").order_by("-sequence")[0]
    assert f"entry {receipt.sequence}, hash {receipt.hash}" in printed
    assert (receipt.action, receipt.target_id, receipt.target_name) == ("user.erase", town.boris.pk, "")
    assert (receipt.before, receipt.after, receipt.actor_name) == (None, {"messages": "erased"}, "shell")
    assert audit_fault("instance") is None


def test_messages_can_stay_without_an_author_and_without_their_files(town, api_as, media):
    run("erase_user", str(town.boris.pk), yes=True, keep_messages=True)
    assert traces(town) == {"messaging_message", "messaging_messagerevision"}
    page = api_as(town.anna).get("/api/messages", {"channelId": town.channel.pk}).json()
    his = [message for message in page["messages"] if MARKER in message["content"]]
    assert len(his) == 5
    assert his[4]["attachments"] == []
    assert contents(media) == [b"hers"]
    assert {(message["userId"], message["user"]) for message in his} == {(None, None)}
    assert AuditEntry.objects.filter(log="instance").order_by("-sequence")[0].after == {"messages": "kept"}
    counts_are_true()


def test_reports_stay_without_his_words(town, api_as):
    run("erase_user", town.boris.username, yes=True)
    staff = api_as(town.admin)
    queue = staff.get("/api/admin/reports").json()["reports"]
    details = [staff.get(f"/api/admin/reports/{report['id']}").json() for report in sorted(queue, key=lambda row: row["id"])]
    profile, of_hers, of_his, by_him = details
    assert profile["evidence"]["user"] == {"id": town.boris.pk, "username": "", "tag": "", "bio": None, "profilePicture": None}
    assert (profile["reporter"]["username"], profile["reason"], profile["accused"]) == ("anna", "his picture", None)

    assert (of_hers["reporter"], of_hers["reason"], of_hers["accused"]["username"]) == (None, "", "anna")
    assert (of_hers["evidence"]["message"]["content"], of_hers["evidence"]["message"]["author"]["username"]) == (
        "I agree",
        "anna",
    )
    assert [(said["content"], said["author"]) for said in of_hers["evidence"]["message"]["context"]] == [("", None)] * 5

    message = of_his["evidence"]["message"]
    assert (of_his["status"], of_his["decisionReason"], of_his["appeal"]) == ("appealed", "be kind", "")
    assert (message["content"], message["author"]) == ("", None)
    assert [(before["content"], before["editedBy"]) for before in message["revisions"]] == [("", None)]
    assert [said["content"] for said in message["context"]] == ["text 0", "text 1", "text 2"]
    assert (by_him["decidedBy"], by_him["decisionReason"], by_him["reason"]) == (None, "on topic", "off topic")


def test_files_that_the_storage_keeps_are_told_and_go_later(town, media, monkeypatch):
    def refuse(name):
        raise PermissionError(name)

    with monkeypatch.context() as broken:
        broken.setattr(default_storage, "delete", refuse)
        assert "3 deleted files are still in the storage" in run("erase_user", town.boris.username, yes=True)
    assert traces(town) == set()
    Orphan.objects.update(due_at=timezone.now())
    run("sweep_attachments")
    assert contents(media) == [b"hers"]


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
