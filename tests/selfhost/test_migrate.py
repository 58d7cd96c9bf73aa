"""`manage.py migrate` on a database that is in use, and the role that the application has in it."""

import pytest
from django.core.management import CommandError
from django.db import ProgrammingError, connection
from django.db.migrations.recorder import MigrationRecorder
from psycopg.errors import InsufficientPrivilege

from launch.postgres_server import OWNER
from projectvoice.database import schema
from selfhost.management.commands import migrate
from tests.selfhost.conftest import run


def test_who_cannot_get_hold_of_a_table_gives_up_with_nothing_half_done(here, monkeypatch, capsys):
    monkeypatch.setattr(schema, "LOCK_TIMEOUT", "10ms")
    monkeypatch.setattr(migrate, "ATTEMPTS", 2)
    monkeypatch.setattr(migrate, "PAUSE", 0)
    with here.connect() as reader, reader.transaction():
        reader.execute("SELECT count(*) FROM moderation_report")
        with pytest.raises(CommandError, match="Somebody keeps a table for too long; nothing is half done"):
            run("migrate", "moderation", "zero")
    assert capsys.readouterr().err == "A table is in use; trying again (1 of 2) ...\n"
    assert ("moderation", "0001_reports") in MigrationRecorder(connection).applied_migrations()
    assert "moderation_report" in here.rows()


def test_the_database_of_a_newer_release_is_refused_unless_asked_for(here, settings):
    recorder = MigrationRecorder(connection)
    recorder.record_applied("servers", "0900_galaxies")
    try:
        with pytest.raises(CommandError, match=r"newer release has added servers\.0900_galaxies\.\n.*NEWER_DATABASE=accept"):
            run("migrate")
        settings.NEWER_DATABASE = True
        run("migrate")
    finally:
        recorder.record_unapplied("servers", "0900_galaxies")


@pytest.mark.django_db
def test_the_application_owns_its_tables_and_may_not_reach_beyond_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone() != (OWNER,):
            pytest.skip("DATABASE_URL names another server")
        cursor.execute("ALTER TABLE moderation_report ADD COLUMN planted int")
        with pytest.raises(ProgrammingError) as refusal:
            cursor.execute("COPY (SELECT 1) TO PROGRAM 'true'")
    assert isinstance(refusal.value.__cause__, InsufficientPrivilege)
