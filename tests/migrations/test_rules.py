"""The rules find what they forbid: migrations that would have kept people from working, and the same done as it should be."""

from pathlib import Path
from textwrap import dedent

import pytest
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint
from django.db import models, transaction
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now

from tests.migrations import rules
from tests.migrations.rules import findings

FILE = Path("messaging/migrations/0900_planted.py")
INDEX = models.Index(fields=["content"], name="planted")
CHECK = models.CheckConstraint(condition=models.Q(position__gte=0), name="planted")
UNIQUE = models.UniqueConstraint(fields=["channel", "nonce"], name="planted")
TABLE = operations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())])
Separate = operations.SeparateDatabaseAndState


def at_once(apps, schema_editor):
    apps.get_model("messaging", "Message").objects.update(is_edited=True)


def in_batches(apps, schema_editor):
    messages = apps.get_model("messaging", "Message").objects.using(schema_editor.connection.alias)
    last = 0
    while ids := list(messages.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:1000]):
        with transaction.atomic(schema_editor.connection.alias):
            messages.filter(pk__in=ids).update(is_edited=True)
        last = ids[-1]


def added(field, name="planted"):
    return operations.AddField("message", name, field)


def altered(name, field):
    return operations.AlterField("message", name, field)


def found(*done, source="", **attributes):
    migration = type("Migration", (Migration,), {"operations": list(done), **attributes})("0900_planted", "messaging")
    state = MigrationLoader(None).project_state()
    return [(finding.operation, finding.rule) for finding in findings(migration, state, FILE, dedent(source))]


def sql(statement):
    return operations.RunSQL(statement, operations.RunSQL.noop)


@pytest.mark.parametrize(
    ("operation", "rule"),
    [
        (added(models.IntegerField(default=0)), "not-null"),
        (added(models.BooleanField()), "not-null"),
        (added(models.UUIDField(db_default=RandomUUID())), "rewrite"),
        (added(models.IntegerField(null=True, db_index=True)), "index"),
        (added(models.CharField(max_length=9, null=True, unique=True)), "index"),
        (added(models.ForeignKey("servers.Server", models.CASCADE, null=True)), "index"),
        (operations.AddIndex("message", INDEX), "index"),
        (operations.RemoveIndex("message", "message_pins"), "index"),
        (operations.AddConstraint("message", CHECK), "constraint"),
        (operations.AddConstraint("message", UNIQUE), "constraint"),
        (operations.RenameField("message", "content", "text"), "rename"),
        (operations.RenameModel("Message", "Post"), "rename"),
        (operations.AlterModelTable("Message", "posts"), "rename"),
        (operations.RemoveField("message", "nonce"), "remove"),
        (operations.DeleteModel("LastWord"), "remove"),
        (altered("nonce", models.CharField(max_length=64)), "rewrite"),
        (altered("nonce", models.CharField(max_length=8, null=True)), "rewrite"),
        (altered("position", models.CharField(max_length=64)), "rewrite"),
        (altered("user", models.ForeignKey("servers.Server", models.CASCADE, null=True, db_constraint=False)), "rewrite"),
        (altered("user", models.ForeignKey("accounts.User", models.CASCADE, null=True)), "constraint"),
        (altered("content", models.TextField(db_index=True)), "index"),
        (altered("has_mentions", models.BooleanField(default=False)), "not-null"),
        (operations.AlterUniqueTogether("message", {("channel", "nonce")}), "unknown"),
        (Separate([operations.RemoveField("message", "nonce")], []), "remove"),
        (Separate([], [operations.RemoveField("message", "content")]), "forget"),
        (sql("CREATE INDEX planted ON messaging_message (content)"), "index"),
        (sql("SELECT 1; create unique index planted ON messaging_message (nonce)"), "index"),
        (sql("DROP INDEX planted"), "index"),
        (sql("ALTER TABLE messaging_message ADD CONSTRAINT planted CHECK (position > 0)"), "constraint"),
        (sql("ALTER TABLE messaging_message ADD CONSTRAINT planted UNIQUE (nonce)"), "constraint"),
        (sql("ALTER TABLE messaging_message RENAME TO posts"), "rename"),
        (sql("ALTER TABLE messaging_message DROP COLUMN nonce"), "remove"),
        (sql("ALTER TABLE messaging_message ADD COLUMN planted int NOT NULL"), "not-null"),
        (sql("ALTER TABLE messaging_message ALTER COLUMN nonce SET NOT NULL"), "rewrite"),
        (sql("ALTER TABLE messaging_message ALTER position TYPE text"), "rewrite"),
        (sql("LOCK TABLE messaging_message"), "rewrite"),
        (sql([("UPDATE messaging_message SET nonce = %s", ["x"])]), "data"),
        (operations.RunPython(at_once, operations.RunPython.noop), "data"),
        (operations.RunPython(in_batches, operations.RunPython.noop), "data"),  # within one transaction after all
    ],
    ids=lambda value: rules._name(value) if isinstance(value, operations.base.Operation) else value,
)
def test_what_would_harm_is_found(operation, rule):
    assert [told for _, told in found(operation)] == [rule]


def test_the_file_the_operation_and_the_rule_are_named():
    migration = type("Migration", (Migration,), {"operations": [operations.RemoveField("message", "nonce")]})("0900", "messaging")
    (finding,) = findings(migration, MigrationLoader(None).project_state(), FILE, "")
    assert str(finding).startswith("messaging/migrations/0900_planted.py: RemoveField message.nonce: remove: what the former ")


def test_what_cannot_be_undone_is_found():
    assert found(operations.RunSQL("SELECT 1")) == [("RunSQL SELECT 1", "reverse")]
    assert found(operations.RunPython(in_batches), atomic=False) == [("RunPython in_batches", "reverse")]


def test_a_migration_that_is_no_transaction_does_one_thing():
    done = (AddIndexConcurrently("message", INDEX), added(models.IntegerField(null=True)))
    assert found(*done, atomic=False) == [("atomic = False", "one-step")]


def test_our_own_code_is_not_imported():
    source = """
        import uuid
        from django.db import migrations
        from messaging.models import Message
        import servers.permissions
    """
    assert found(source=source) == [("import messaging.models", "imports"), ("import servers.permissions", "imports")]


@pytest.mark.parametrize(
    "done",
    [
        [added(models.IntegerField(null=True))],
        [added(models.IntegerField(db_default=0))],
        [added(models.DateTimeField(db_default=Now()))],
        [added(models.ForeignKey("servers.Server", models.CASCADE, null=True, db_index=False))],
        [added(models.ManyToManyField("servers.Role"))],
        [altered("shown_name", models.CharField(max_length=100, null=True))],
        [altered("shown_name", models.TextField(null=True))],
        [altered("position", models.BigIntegerField(null=True))],
        [AddConstraintNotValid("message", CHECK)],
        [TABLE, operations.AddIndex("note", models.Index(fields=["text"], name="n")), operations.RemoveField("note", "text")],
        [TABLE, sql("ALTER TABLE messaging_note ADD CONSTRAINT planted UNIQUE (text)")],
        [sql("CREATE FUNCTION planted() RETURNS void LANGUAGE sql AS $$ UPDATE messaging_message SET nonce = '' $$")],
        [Separate([], [operations.RemoveField("message", "nonce")])],
        [Separate([], [operations.RemoveField("message", "has_mentions")])],
    ],
    ids=lambda done: rules._name(done[-1]),
)
def test_what_leaves_room_is_let_through(done):
    assert found(*done) == []


@pytest.mark.parametrize(
    "done",
    [
        AddIndexConcurrently("message", INDEX),
        RemoveIndexConcurrently("message", "message_pins"),
        operations.RunPython(in_batches, operations.RunPython.noop),
        Separate([sql("CREATE UNIQUE INDEX CONCURRENTLY planted ON messaging_message (nonce)")], []),
    ],
    ids=rules._name,
)
def test_what_takes_time_is_let_through_outside_of_a_transaction(done):
    assert found(done, atomic=False) == []


def test_a_check_is_validated_by_a_later_migration():
    state = MigrationLoader(None).project_state()
    AddConstraintNotValid("message", CHECK).state_forwards("messaging", state)
    migration = type("Migration", (Migration,), {"operations": [ValidateConstraint("message", "planted")]})("0900", "messaging")
    assert findings(migration, state, FILE, "") == []


def test_the_database_forgets_a_release_after_the_state(monkeypatch):
    drop = sql("ALTER TABLE messaging_message DROP COLUMN nonce")
    monkeypatch.setattr(rules, "__version__", "0.2.0")
    assert found(drop, unused_since="0.2.0") == [(rules._name(drop), "remove")]
    assert found(drop, unused_since="0.1.0") == []
    monkeypatch.setattr(rules, "__version__", "0.10.0")
    assert found(drop, unused_since="0.9.3") == []
