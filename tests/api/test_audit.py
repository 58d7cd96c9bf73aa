"""The audit log: one chain however many write at once, and each way of touching it is found."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from audit import selectors
from audit.models import AuditEntry, AuditLog
from audit.services import Target, audit_record
from moderation.services import acts
from tests.factories import make_user

USERS = "/api/admin/users"


def write(count: int = 5, log: str = "instance") -> None:
    for number in range(count):
        with transaction.atomic():
            target = Target("user", number, f"имя {number}")
            audit_record(
                log=log, actor=None, action="user.block", target=target, before={"n": 2**53 + 1}, after={"b": True, "a": None}
            )


def verdict(capsys, *args: str) -> str:
    try:
        call_command("verify_audit", *args)
    except CommandError as error:  # the command line's exit 1
        return str(error)
    return capsys.readouterr().out


def tamper(statement: str) -> None:
    """As somebody would who owns the database and switches our guard off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_entry_stays")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_entry_stays")


ENTRIES = "audit_auditentry"
TAMPERED = {
    f"UPDATE {ENTRIES} SET reason = 'none' WHERE sequence = 3": "entry 3 was changed",
    f"UPDATE {ENTRIES} SET at = at - interval '1 ms' WHERE sequence = 1": "entry 1 was changed",
    f"UPDATE {ENTRIES} SET actor_name = 'boris' WHERE sequence = 5": "entry 5 was changed",
    f"UPDATE {ENTRIES} SET after = '{{}}' WHERE sequence = 2": "entry 2 was changed",
    f"UPDATE {ENTRIES} SET hash = repeat('1', 64) WHERE sequence = 2": "entry 2 was changed",
    f"UPDATE {ENTRIES} SET sequence = CASE sequence WHEN 2 THEN -3 ELSE -2 END WHERE sequence IN (2, 3);"
    f"UPDATE {ENTRIES} SET sequence = -sequence WHERE sequence < 0": "entry 2 was changed",
    f"DELETE FROM {ENTRIES} WHERE sequence = 1": "entry 1 was removed",
    f"DELETE FROM {ENTRIES} WHERE sequence = 3": "entry 3 was removed",
    f"DELETE FROM {ENTRIES} WHERE sequence >= 4": "entry 4 was removed",
    f"DELETE FROM {ENTRIES}": "entry 1 was removed",
    "UPDATE audit_auditlog SET length = 4": "entry 4 is not the one",
    "UPDATE audit_auditlog SET last_hash = repeat('1', 64)": "entry 5 is not the one",
    "DELETE FROM audit_auditlog": "entry 1 is not counted",
}


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [2, 1000])
@pytest.mark.parametrize("statement", TAMPERED)
def test_whatever_was_touched_is_named(capsys, monkeypatch, statement, batch):
    monkeypatch.setattr(selectors, "BATCH", batch)
    write()
    last = AuditLog.objects.get().last_hash
    assert verdict(capsys) == f"instance: 5 entries, 0 checkpoints, unbroken; last hash {last}\n"
    tamper(statement)
    assert f"instance: {TAMPERED[statement]}" in verdict(capsys)


@pytest.mark.django_db
def test_an_entry_put_in_the_place_of_another_does_not_follow(capsys):
    """Even with a hash of its own that is right."""
    write()
    with transaction.atomic():
        write(3, log="forged")
    tamper(f"DELETE FROM {ENTRIES} WHERE log = 'instance' AND sequence = 3")
    entry = AuditEntry.objects.get(log="forged", sequence=3)
    entry.pk, entry.log = None, "instance"
    entry.hash = selectors.hash_of(entry)
    entry.save()
    assert "entry 3 does not follow" in verdict(capsys, "--log", "instance")
    assert verdict(capsys, "--log", "forged").startswith("forged: 3 entries, 0 checkpoints, unbroken")
    assert "no audit log other" in verdict(capsys, "--log", "other")


@pytest.mark.django_db
def test_an_instance_without_entries_is_in_order(capsys):
    assert verdict(capsys) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("statement", [f"UPDATE {ENTRIES} SET reason = 'x'", f"DELETE FROM {ENTRIES}"])
def test_the_database_itself_keeps_entries(statement):
    write()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert selectors.audit_fault("instance") is None


@pytest.mark.django_db
def test_an_act_that_fails_leaves_no_entry(api_as, monkeypatch):
    admin, user = make_user(role="admin"), make_user()
    record = acts.act_record

    def record_and_fail(*args):
        record(*args)
        assert AuditEntry.objects.count() == 1
        raise acts.UserNotBlocked

    monkeypatch.setattr(acts, "act_record", record_and_fail)
    for method, path, body in (("put", "", {"role": "admin"}), ("post", "/block", {"reason": "spam"}), ("delete", "", None)):
        assert getattr(api_as(admin), method)(f"{USERS}/{user.pk}{path}", body).status_code == 400
        assert User.objects.filter(pk=user.pk, role="user", is_active=True).exists()
        assert AuditEntry.objects.count() == 0
    monkeypatch.setattr(acts, "act_record", record)
    assert api_as(admin).delete(f"{USERS}/{user.pk}").status_code == 200
    assert AuditEntry.objects.get().sequence == 1


def at_once(*calls):
    start = Barrier(len(calls))

    def run(call):
        try:
            start.wait(10)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result(60) for future in [threads.submit(run, call) for call in calls]]


@pytest.mark.django_db(transaction=True)
def test_twenty_acts_at_once_give_one_chain(api_as):
    apis, users = [api_as(make_user(role="admin")) for _ in range(4)], [make_user() for _ in range(20)]

    def block(api, user):
        return lambda: api.post(f"{USERS}/{user.pk}/block", {"reason": "spam"}).status_code

    assert at_once(*(block(apis[number % 4], user) for number, user in enumerate(users))) == [200] * 20
    assert list(AuditEntry.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, 21))
    assert {*AuditEntry.objects.values_list("target_id", flat=True)} == {user.pk for user in users}
    assert selectors.audit_fault("instance") is None


@pytest.mark.django_db(transaction=True)
def test_entries_from_any_room_queue_at_the_head_of_their_log():
    def append():
        with transaction.atomic():
            audit_record(log="instance", actor=None, action="test", target=Target("user", 1, "x"))

    at_once(*[append] * 20)
    assert AuditLog.objects.get().length == 20
    assert selectors.audit_fault("instance") is None


@pytest.mark.django_db(transaction=True)
def test_administrators_who_demote_each_other_at_once_leave_one(api_as):
    for _ in range(5):
        User.objects.all().delete()
        admins = [make_user(role="admin") for _ in range(2)]
        apis = [api_as(user) for user in admins]

        def demote(api, user):
            return lambda: api.put(f"{USERS}/{user.pk}", {"role": "user"}).status_code

        assert sorted(at_once(demote(apis[0], admins[1]), demote(apis[1], admins[0]))) == [200, 403]
        assert User.objects.filter(role="admin").count() == 1
    assert selectors.audit_fault("instance") is None
    assert AuditEntry.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_administrators_who_all_delete_their_accounts_at_once_leave_one(api_as):
    apis = [api_as(make_user(role="admin")) for _ in range(3)]
    statuses = at_once(*(lambda api=api: api.delete("/api/users").status_code for api in apis))
    assert sorted(statuses) == [200, 200, 400]
    assert User.objects.filter(role="admin").count() == 1
