"""`manage.py verify_backup`: what a restore would bring is looked at, and what is missing from it is named."""

import secrets

import psycopg
import pytest
from django.core.management import CommandError
from django.db import connection

from launch.postgres_server import OWNER, SUPERUSER
from messaging.models import Attachment
from tests.selfhost.conftest import Town, run
from tests.selfhost.test_backup import repacked


def databases() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'projectvoice_verify_%'")
        return [name for (name,) in cursor.fetchall()]


def test_a_good_backup_is_said_to_be_good_and_nothing_is_touched(town: Town, here, folder, media):
    run("backup", output=folder / "good.tar")
    before = here.rows()
    told = run("verify_backup", folder / "good.tar")
    assert told.endswith("can be restored: 11 messages, 4 uploaded files, 8 entries of audit logs\n"), told
    assert here.rows() == before
    assert databases() == []


def test_each_thing_that_a_backup_lacks_is_named(town: Town, folder, media):
    file, other = Attachment.objects.order_by("pk")[:2]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_entry_stays")
        cursor.execute("UPDATE audit_auditentry SET reason = 'nothing' WHERE sequence = 1 AND log = 'instance'")
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_entry_stays")
        cursor.execute("UPDATE messaging_tally SET total = total + 1 WHERE channel_id = %s", [town.channel.pk])
    (media / file.key).unlink()
    (media / other.key).write_bytes(b"short")
    run("backup", output=folder / "poor.tar")
    with pytest.raises(CommandError) as complaint:
        run("verify_backup", folder / "poor.tar")
    assert str(complaint.value).splitlines() == [
        "audit log instance: entry 1 was changed",
        f"attachment {file.pk}: its file {file.key} is missing",
        f"attachment {other.pk}: its file {other.key} has 5 bytes, not {other.size}",
        f"channel {town.channel.pk}: 10 messages are counted, 9 are there",
    ]
    assert databases() == []


def test_what_cannot_be_restored_at_all_leaves_nothing(backup, folder):
    repacked(backup, lambda parts: parts | {"database.dump": b"PGDMP"})
    with pytest.raises(CommandError, match="is not what was put in"):
        run("verify_backup", backup)
    backup.write_bytes(b"nothing")
    with pytest.raises(CommandError, match="is damaged, or no backup"):
        run("verify_backup", backup)
    assert databases() == []


def test_a_role_that_may_make_no_database_is_told_what_it_needs(backup, here):
    """Only the embedded server has a superuser whom we may ask to make such a role."""
    url, weak = here.env["DATABASE_URL"], f"weak_{secrets.token_hex(4)}"
    if not url.startswith(f"postgresql://{OWNER}@"):
        pytest.skip("DATABASE_URL names another server")
    with psycopg.connect(url.replace(f"//{OWNER}@", f"//{SUPERUSER}@"), autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {weak} LOGIN")
        try:
            here.env["DATABASE_URL"] = url.replace(f"//{OWNER}@", f"//{weak}@")
            refused = here.manage("verify_backup", str(backup))
            assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
            assert f"ALTER ROLE {weak} CREATEDB" in refused.stderr
        finally:
            superuser.execute(f"DROP ROLE {weak}")
