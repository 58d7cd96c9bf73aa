"""Django's migrate, for databases that are in use: by one process at a time, and without holding up those who work."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import LockNotAvailable

from selfhost.versions import refuse_newer

LOCK = 0x70766D69  # among advisory locks: of who migrates
ATTEMPTS = 20
PAUSE = 1.0  # seconds between two


class Command(migrate.Command):
    help = f"{migrate.Command.help} Refuses the database of a newer release, unless NEWER_DATABASE=accept."

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if not settings.NEWER_DATABASE:
            refuse_newer(connection)
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        with self._alone(connection):
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    super().handle(*args, **options)
                    return
                except OperationalError as error:
                    if not isinstance(error.__cause__, LockNotAvailable):
                        raise
                    if attempt == ATTEMPTS:
                        raise CommandError(f"Somebody keeps a table for too long; nothing is half done. {error}") from error
                self.stderr.write(f"A table is in use; trying again ({attempt} of {ATTEMPTS}) ...")
                time.sleep(PAUSE)

    @contextmanager
    def _alone(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        """Several machines may start at once. The lock is a transaction's, on a connection of its own: a pooler respects that."""
        holder = connection.copy()
        holder.set_autocommit(False)
        try:
            with holder.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
                if not cursor.fetchone()[0]:
                    self.stderr.write("Another process migrates this database; waiting for it ...")
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            yield
        finally:
            holder.close()
